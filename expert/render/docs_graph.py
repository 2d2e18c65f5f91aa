"""What leads to what, drawn from left to right.

Nothing in a drawing can be followed: all that it shows is next to it in words, with links.
"""

from __future__ import annotations

from collections.abc import Sequence

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
        reads,
        [Node(("rule", rule.id), rule.title, f"rule {role}", SIGNS.get(role, "")) for role, rule in rules],
        [Node(("target",), title, kind if kind == "step" else "concluded")],
    ]
    edges = [Edge(("finding", name), ("rule", rule.id)) for _, rule in rules for name in read_by(rule)]
    edges += [Edge(("rule", rule.id), ("target",), role) for role, rule in rules]
    arguments = "; ".join(f"{rule.title} ({_read(book, read_by(rule))})" for _, rule in rules)
    desc = f"{arguments}. The rules are told in words beside."
    return draw(f"graph-{kind}-{target}", f"What leads to: {title}", desc, columns, edges)


def overview(book: Handbook) -> str:
    """The concluded findings in layers and the steps, with which leads to which through some rule."""
    edges = links(book)
    layers = _layers(nodes(book), edges)
    columns: list[list[Node]] = [[] for _ in range(max(layers.values(), default=0) + 1)]
    for node, layer in layers.items():
        columns[-1 - layer].append(Node(node, _title(book, node), "step" if node[0] == "step" else "concluded"))
    lines = "; ".join(f"{_title(book, edge.start)} to {_title(book, edge.end)}" for edge in edges)
    desc = f"{lines or 'Nothing leads to anything'}. The table below says the same."
    return draw("graph-overview", "Concluded findings and steps", desc, columns, edges, even=True)


def nodes(book: Handbook) -> list[NodeId]:
    """What the overview shows: the concluded findings, then the steps."""
    return [*(("finding", name) for name in book.kb.concluded), *(("step", name) for name in book.kb.steps)]


def links(book: Handbook) -> list[Edge]:
    """The lines between concluded findings, and from them to steps, in the order of rules."""
    found: list[Edge] = []
    for rule in book.kb.rules.values():
        for start in (("finding", name) for name in read_by(rule) if name in book.kb.concluded):
            found += (Edge(start, ("finding", it.target)) for it in rule.then if it.role == "finding")
            steps = (it for it in rule.then if it.role in SIGNS and it.target in book.kb.steps)
            found += (Edge(start, ("step", it.target), it.role) for it in steps)
    return list(dict.fromkeys(found))


def _layers(names: Sequence[NodeId], edges: Sequence[Edge]) -> dict[NodeId, int]:
    """The layer of each name: 0 for a step, and for a finding one more than the highest that it leads to."""
    after: dict[NodeId, list[NodeId]] = {}
    for edge in edges:
        after.setdefault(edge.start, []).append(edge.end)
    found: dict[NodeId, int] = {}

    def layer(name: NodeId) -> int:
        if name not in found:
            found[name] = 0 if name[0] == "step" else 1 + max(map(layer, after.get(name, ())), default=0)
        return found[name]

    return {name: layer(name) for name in names}


def _title(book: Handbook, node: NodeId) -> str:
    kind, name = node
    return book.kb.steps[name].title if kind == "step" else book.kb.findings[name].title


def _read(book: Handbook, findings: Sequence[str]) -> str:
    titles = (book.kb.findings[name].title for name in findings)
    return f"reads {', '.join(titles)}" if findings else "for every patient"
