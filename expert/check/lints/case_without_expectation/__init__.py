"""A case expects an empty list, or a case file has no cases."""

from collections.abc import Iterator

from expert.check.lints.lint import Found, Knowledge, lint
from expert.lang.errors import Location
from expert.read.source import Listing, Mapping, Node, Scalar, location


@lint("warning")
def check(knowledge: Knowledge) -> Iterator[Found]:
    """Case files that are empty, and keys of ``expect`` that are."""
    for name in knowledge.sources:
        if name.endswith(".test.yaml") and name not in knowledge.trees:
            yield Found("the file has no cases", Location(name, 1), name.removeprefix(f"{knowledge.folder}/"))
    for case in _written_cases(knowledge):
        title = case.entries.get("name")
        for key in _empty(case.entries.get("expect")):
            message = f"{key.text!r} expects nothing here, not even that there is none"
            yield Found(message, location(key), f"{title.text if isinstance(title, Scalar) else ''} {key.text}".strip())


def _written_cases(knowledge: Knowledge) -> Iterator[Mapping]:
    for name, tree in knowledge.trees.items():
        if name.endswith(".test.yaml") and isinstance(tree, Listing):
            yield from (item for item in tree.items if isinstance(item, Mapping))


def _empty(node: Node | None) -> Iterator[Scalar]:
    """The keys below a node whose list or mapping is empty."""
    if not isinstance(node, Mapping):
        return
    for name, value in node.entries.items():
        if (isinstance(value, Listing) and not value.items) or (isinstance(value, Mapping) and not value.entries):
            yield node.keys[name]
        yield from _empty(value)
