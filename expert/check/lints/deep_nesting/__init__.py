"""A condition has any, all or not within another of them."""

from collections.abc import Iterator

from expert.check.lints.lint import Found, Knowledge, lint
from expert.read.premise import combines
from expert.read.source import Listing, Mapping, Node, Scalar, location

_PLAIN = 1  # a list within the condition is read at a glance, one within that is not


@lint("note")
def check(knowledge: Knowledge) -> Iterator[Found]:
    """Rules with nested conditions, each with the first place."""
    for tree in knowledge.trees.values():
        rules = tree.entries.get("rules") if isinstance(tree, Mapping) else None
        for name, rule in rules.entries.items() if isinstance(rules, Mapping) else ():
            conditions = (rule.entries.get(key) for key in ("when", "unless")) if isinstance(rule, Mapping) else ()
            deep = [key for condition in conditions if condition for key in _too_deep(condition, 0)]
            if deep:
                message = f"{deep[0].text!r} is the second level of nesting in this condition"
                yield Found(message, location(deep[0]), name)


def _too_deep(node: Node, depth: int) -> Iterator[Scalar]:
    """The keys that combine premises below too many others."""
    if isinstance(node, Listing):
        for item in node.items:
            yield from _too_deep(item, depth)
    elif isinstance(node, Mapping):
        for word, inner in node.entries.items():
            if combines(word) and depth >= _PLAIN:
                yield node.keys[word]
            yield from _too_deep(inner, depth + 1)
