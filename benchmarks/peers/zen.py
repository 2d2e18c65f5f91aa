"""zen-engine: a decision graph of an expression node for everything, and one that keeps what is asked for.

One expression node took less time than a node for each stratum, and content compiled beforehand less than JSON text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import zen

from benchmarks.patients import Settled
from benchmarks.peers import Truths
from benchmarks.peers.pairs import Pairs
from expert.lang.definitions import Definitions
from expert.lang.premises import Name
from expert.lang.values import Facts


class Zen:
    """One decision, evaluated twice for each patient."""

    def __init__(self, definitions: Definitions, goals: Sequence[Name]) -> None:
        content = zen.ZenDecisionContent(json.dumps(graph(definitions, goals)))
        self.decision = zen.ZenEngine().create_decision(content)
        self.goals = [(f"g{index}t", f"g{index}f") for index in range(len(goals))]

    def conclude(self, patient: Settled) -> tuple[Truths, Truths]:
        return self._truths(patient.known), self._truths(patient.all)

    def _truths(self, facts: Facts) -> Truths:
        found = self.decision.evaluate(dict(facts))["result"]
        return tuple(True if found[yes] else False if found[no] else None for yes, no in self.goals)


def graph(definitions: Definitions, goals: Sequence[Name]) -> dict[str, object]:
    """The decision graph (JDM) that has two results for each goal: that it holds, and that it fails."""
    text = _Text(definitions)
    everything = {
        f"{text.names[name]}{end}": text.condition(premise, truth)
        for name, premise in definitions.premises.items()
        for end, truth in (("t", True), ("f", False))
    }
    asked = {f"g{index}{end}": f"{text.names[name]}{end}" for index, name in enumerate(goals) for end in ("t", "f")}
    nodes = [_node("input", "inputNode"), _expressions("all", everything), _expressions("goals", asked)]
    nodes.append(_node("output", "outputNode"))
    return {"nodes": nodes, "edges": list(_edges(str(node["id"]) for node in nodes))}


class _Text(Pairs):
    def name(self, name: Name, truth: bool) -> str:
        return f"$.{super().name(name, truth)}"  # what the same node has worked out before

    def number(self, number: float) -> str:
        return f"{number:.15g}"  # zen rounds the numbers that Python gives it to so many digits


def _node(name: str, kind: str) -> dict[str, object]:
    return {"id": name, "name": name, "type": kind, "position": {"x": 0, "y": 0}}


def _expressions(name: str, expressions: Mapping[str, str]) -> dict[str, object]:
    written = [{"id": key, "key": key, "value": value} for key, value in expressions.items()]
    return {**_node(name, "expressionNode"), "content": {"expressions": written}}


def _edges(names: Iterable[str]) -> Iterable[dict[str, str]]:
    for source, target in pairwise(names):
        yield {"id": f"{source}-{target}", "type": "edge", "sourceId": source, "targetId": target}
