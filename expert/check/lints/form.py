"""Lints of form: names and the order of keys, and what is found while text and waivers are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import PurePosixPath

from expert.check.faults import READING
from expert.check.lints.lint import Found, Knowledge, Lint
from expert.lang.errors import Location, quoted
from expert.lang.format import kind_of, order_at
from expert.read.fields import KEBAB
from expert.read.source import Listing, Mapping, Node, Scalar, location


def _keys_out_of_order(knowledge: Knowledge) -> Iterator[Found]:
    for file, tree in knowledge.trees.items():
        kind = kind_of(file.removeprefix(f"{knowledge.folder}/"))
        for path, entry in _mappings(tree, ()) if kind else ():
            order = order_at(kind, path)
            known = [key for key in entry.keys.values() if key.text in order]
            late = _first_that_is_late(known, order)
            if late:
                before = next(key for key in known if order.index(key.text) > order.index(late.text))
                message = f"{late.text!r} stands after {before.text!r}, before which it belongs"
                yield Found(message, location(late), ".".join((*(path[1:] or path), late.text)))


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


def _first_that_is_late(keys: Sequence[Scalar], order: Sequence[str]) -> Scalar | None:
    """The first key that stands after one that it should precede."""
    return next((key for before, key in pairwise(keys) if order.index(key.text) < order.index(before.text)), None)


def _ids_not_kebab(knowledge: Knowledge) -> Iterator[Found]:
    about = knowledge.trees[f"{knowledge.folder}/knowledge.yaml"]
    name = about.entries["name"] if isinstance(about, Mapping) else None
    if isinstance(name, Scalar) and not KEBAB.fullmatch(name.text):
        yield Found(f"{quoted(name.text)} is not in kebab-case", location(name), "name")
    for file in knowledge.sources:
        path = PurePosixPath(file.removeprefix(f"{knowledge.folder}/"))
        stem = path.name.removesuffix(".yaml").removesuffix(".test")
        if len(path.parts) > 1 and not KEBAB.fullmatch(stem):
            tree = knowledge.trees.get(file)
            yield Found(f"{quoted(stem)} is not in kebab-case", Location(file, tree.line if tree else 1), str(path))


LINTS = (
    Lint(
        READING,
        "error",
        "A file cannot be read as what it should be",
        "follow the message: it says what was expected, and the nearest right spelling",
        """\
# rules/light.yaml
rules:
  scorched-leaves-want-shade:
    title: Scorched leaves want shade
    when: scorchd
    then: supports shading
    because: The sun has burnt them.
    cite: [S01]
""",
        """\
# rules/light.yaml
rules:
  scorched-leaves-want-shade:
    title: Scorched leaves want shade
    when: scorched
    then: supports shading
    because: The sun has burnt them.
    cite: [S01]
---
# rules/light.test.yaml
- name: Scorched leaves are shaded
  given: {scorched: yes}
  expect: {recommended: shading}
""",
        "Nothing else can be said of knowledge that means nothing yet.",
    ),
    Lint(
        "wrong-waiver",
        "warning",
        "A waiver has no reason, names no check, or waives nothing",
        "write '# waive NAME: reason' on the line of the fault or above it, or delete the waiver",
        """\
# references.yaml
claims:
  S03:  # waive unused-clam
    section: II
    role: rule
    text: Ferns want shade.
""",
        """\
# references.yaml
claims:
  S03:  # waive unused-claim: rules for ferns come with the next version
    section: II
    role: rule
    text: Ferns want shade.
""",
        "A waiver without effect hides the next real fault of its line, and one without a reason cannot be reviewed.",
    ),
    Lint(
        "key-order",
        "warning",
        "The keys of an entry are not in the order of the format",
        "put the keys in the order that the description of the format gives",
        """\
# ladder.yaml
alerts:
  frost:
    text: Bring the plant in tonight.
    title: Frost is coming
""",
        """\
# ladder.yaml
alerts:
  frost:
    title: Frost is coming
    text: Bring the plant in tonight.
""",
        "Where the title, the condition and the reason always stand in one place, a reader finds them, and a diff "
        "shows what changed and not what moved.",
        _keys_out_of_order,
    ),
    Lint(
        "id-not-kebab",
        "warning",
        "The name of the knowledge, of a rule file or of a worked patient is not in kebab-case",
        "use lower-case letters, digits and single hyphens, beginning with a letter",
        """\
# knowledge.yaml
name: Garden Ladder
""",
        """\
# knowledge.yaml
name: garden-ladder
""",
        "These names stand in records, on command lines and in file systems that mix up capitals.",
        _ids_not_kebab,
    ),
)
