"""The first part of a long explanation of why not: what is nearest to its target, as far as two screens hold it.

How something follows is never cut: it ends with the facts of the patient.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from expert.answer.explanations import BlockedRule, Blocker, Derivation, Explanation

MOST_LINES = 20
"""The number of lines up to which an explanation is shown, about: a rule takes three, anything else one."""

SPARE = 10
"""The number of further lines for which none is cut."""

Node = Derivation | BlockedRule


class Limited(NamedTuple):
    """An explanation without what is furthest from its target, and the number of rules left out."""

    explanation: Explanation
    left_out: int


def limited(it: Explanation) -> Limited:
    """An explanation that is not too long; one that is hardly too long stays whole."""
    kept: dict[int, Node] = {}
    left_out = lines = beyond = 0
    ahead = deque[tuple[Node, bool]]((root, True) for root in _roots(it))
    while ahead:
        node, wanted = ahead.popleft()
        lines += (cost := _lines(node))
        wanted = wanted and lines <= MOST_LINES
        if wanted:
            kept[id(node)] = node
        else:
            beyond += cost
            left_out += _is_rule(node) and not node.again
        ahead.extend((part, wanted) for part in _parts(node))
    if beyond <= SPARE:
        return Limited(it, 0)
    return Limited(_cut(it, kept), left_out)


def _lines(node: Node) -> int:
    """About how many lines a node takes; what is in the way of a rule is shown with it."""
    return 2 + len(node.blockers) if isinstance(node, BlockedRule) else 3 if _is_rule(node) else 1


def _is_rule(node: Node) -> bool:
    return isinstance(node, BlockedRule) or node.rule is not None


def _roots(it: Explanation) -> tuple[Node, ...]:
    return (*it.against, *it.undecided, *it.blocked)


def _parts(node: Node) -> tuple[Node, ...]:
    if isinstance(node, Derivation):
        return node.follows_from
    return tuple(rule for blocker in node.blockers for rule in blocker.rules)


def _cut(it: Explanation, kept: dict[int, Node]) -> Explanation:
    """An explanation with only the nodes that are kept; the parents of a kept node are kept."""

    def derivation(node: Derivation) -> Derivation:
        return node._replace(follows_from=tuple(derivation(part) for part in node.follows_from if id(part) in kept))

    def blocked(node: BlockedRule) -> BlockedRule:
        return node._replace(blockers=tuple(map(blocker, node.blockers)))

    def blocker(node: Blocker) -> Blocker:
        return node._replace(rules=tuple(blocked(part) for part in node.rules if id(part) in kept))

    return it._replace(
        against=tuple(derivation(node) for node in it.against if id(node) in kept),
        undecided=tuple(blocked(node) for node in it.undecided if id(node) in kept),
        blocked=tuple(blocked(node) for node in it.blocked if id(node) in kept),
    )
