"""The keys of an entry are not in the order of the format."""

from collections.abc import Iterator
from itertools import pairwise

from expert.check.lints.lint import Found, Knowledge, lint
from expert.lang.folder_layout import kind_of, order_at
from expert.read.source import Listing, Mapping, Node, Scalar, location


@lint("warning")
def check(knowledge: Knowledge) -> Iterator[Found]:
    """The first key of each entry that comes after one which it should precede."""
    for file, tree in knowledge.trees.items():
        kind = kind_of(file.removeprefix(f"{knowledge.folder}/"))
        for path, entry in _mappings(tree, ()) if kind else ():
            order = order_at(kind, path)
            keys = [(order.index(key.text), key) for key in entry.keys.values() if key.text in order]
            late = next((after for before, after in pairwise(keys) if after[0] < before[0]), None)
            if late:
                before = next(key for place, key in keys if place > late[0])
                message = f"{late[1].text!r} belongs before {before.text!r}"
                yield Found(message, location(late[1]), ".".join((*(path[1:] or path), late[1].text)))


def _mappings(node: Node, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Mapping]]:
    """Every mapping below a node, with the keys that lead to it; an item of a list has its name, or its number."""
    if isinstance(node, Mapping):
        yield path, node
        for key, value in node.entries.items():
            yield from _mappings(value, (*path, key))
    elif isinstance(node, Listing):
        for number, item in enumerate(node.items):
            name = item.entries.get("name") if isinstance(item, Mapping) else None
            yield from _mappings(item, (*path, name.text if isinstance(name, Scalar) else str(number)))
