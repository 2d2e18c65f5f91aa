"""What leads to what: drawn from the target back to the findings, and as a tree that unfolds from each step.

Nothing in a drawing can be followed: all that it shows is next to it in words, with links.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from expert.lang.roles import ROLES
from expert.render.graph_svg import Edge, Node, NodeId, draw
from expert.render.handbook import Handbook
from expert.render.uses import read_by

SIGNS = {role: it.sign.replace("-", "\N{MULTIPLICATION SIGN}") for role, it in ROLES.items() if it.sign}


def graph_of(book: Handbook, kind: str, target: str) -> str:
    """What leads to a concluded finding or a step: the findings, the rules that read them, the target."""
    title = _title(book, (kind, target))
    roles = tuple(SIGNS) if kind == "step" else ("finding",)
    rules = [(role, rule) for role in roles for rule in book.rules_for(role, target)]
    findings = dict.fromkeys(name for _, rule in rules for name in read_by(rule))
    reads: list[Node] = []
    for name in findings:
        own = "concluded" if name in book.kb.concluded else "input"
        reads.append(Node(("finding", name), book.kb.findings[name].title, own))
    columns = [
        [Node(("target",), title, kind if kind == "step" else "concluded")],
        [Node(("rule", rule.id), rule.title, f"rule {role}", SIGNS.get(role, "")) for role, rule in rules],
        reads,
    ]
    edges = [Edge(("target",), ("rule", rule.id), role) for role, rule in rules]
    edges += [Edge(("rule", rule.id), ("finding", name)) for _, rule in rules for name in read_by(rule)]
    arguments = "; ".join(f"{rule.title} ({_read(book, read_by(rule))})" for _, rule in rules)
    desc = f"{arguments}. The text around the drawing has the rules in words."
    return draw(f"graph-{kind}-{target}", f"What leads to: {title}", desc, columns, edges)


class Branch(NamedTuple):
    """A step or a concluded finding with those that lead to it; ``again`` if these are unfolded further up.

    ``role`` is what a rule with this finding does to the step before it; empty for a finding that leads to a finding.
    """

    kind: str
    id: str
    title: str
    role: str
    parts: tuple[Branch, ...] = ()
    again: bool = False


def unfolded(book: Handbook) -> list[Branch]:
    """The steps, with the concluded findings that lead to each of them."""
    before: dict[NodeId, dict[tuple[str, str], None]] = {}
    for edge in _links(book):
        before.setdefault(edge.end, {})[edge.start[1], "" if edge.kind == "reads" else edge.kind] = None
    seen: set[str] = set()

    def finding(name: str, role: str) -> Branch:
        leading = before.get(("finding", name), {})
        again = bool(leading) and name in seen
        seen.add(name)
        parts = () if again else tuple(finding(*it) for it in leading)
        return Branch("finding", name, book.kb.findings[name].title, role, parts, again)

    return [
        Branch("step", step.name, step.title, "", tuple(finding(*it) for it in before.get(("step", step.name), ())))
        for step in book.kb.steps.values()
    ]


def _links(book: Handbook) -> list[Edge]:
    """The lines between concluded findings, and from them to steps, in the order of rules."""
    found: list[Edge] = []
    for rule in book.kb.rules.values():
        for start in (("finding", name) for name in read_by(rule) if name in book.kb.concluded):
            found += (Edge(start, ("finding", it.target)) for it in rule.then if it.role == "finding")
            steps = (it for it in rule.then if it.role in SIGNS and it.target in book.kb.steps)
            found += (Edge(start, ("step", it.target), it.role) for it in steps)
    return list(dict.fromkeys(found))


def _title(book: Handbook, node: NodeId) -> str:
    kind, name = node
    return book.kb.steps[name].title if kind == "step" else book.kb.findings[name].title


def _read(book: Handbook, findings: Sequence[str]) -> str:
    titles = (book.kb.findings[name].title for name in findings)
    return f"reads {', '.join(titles)}" if findings else "for every patient"
