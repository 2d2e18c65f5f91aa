"""Where two knowledge bases answer differently, by enumeration of partial patients: the specification of `expert diff`.

A partial patient has values for some findings of either side, and *none of these* for some panels. A side ignores the
findings and panels that it does not have.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import product
from typing import NamedTuple

from expert import KnowledgeBase
from expert.cases.outcome import outcome_of
from expert.diff.difference import NO_STEP
from expert.lang.definitions import Definitions
from expert.lang.values import Facts, Value
from expert.lang.vocabulary import Kind
from expert.logic.cells import cells_of
from expert.logic.domain import Domain
from expert.logic.kleene import Evaluation, Truth
from expert.logic.step_status import step_status

Key = tuple[str, str]
"""A kind of observable of an answer, and its name."""

Answer = dict[Key, object]
"""The observables of an answer; empty if the patient is not accepted."""

WHOLE = ("accepted", "answer", "possible", "meanwhile")


class PartialPatient(NamedTuple):
    """Findings with values, and panels to which the answer is *none of these*."""

    facts: Facts
    panels: frozenset[str]


class Side:
    """One knowledge base, evaluated by the reference semantics."""

    def __init__(self, kb: KnowledgeBase, other: KnowledgeBase) -> None:
        self.kb, self.other = kb, other
        self.domain = Domain(Definitions(kb))

    def read(self, patient: PartialPatient) -> dict[str, Value] | None:
        """The facts that this side reads; ``None`` if it cannot."""
        facts: dict[str, Value] = {}
        for name, value in patient.facts.items():
            finding = self.kb.inputs.get(name)
            if finding is None:
                continue
            if isinstance(value, float):
                if not finding.low <= value <= finding.high:
                    return None
            elif isinstance(value, str) and value not in finding.values:
                return None
            facts[name] = value
        for panel in patient.panels:
            for name, value in self.kb.panels[panel].members.items() if panel in self.kb.panels else ():
                if facts.setdefault(name, value) != value:
                    return None
        return facts

    def answer(self, patient: PartialPatient) -> Answer:
        facts = self.read(patient)
        background = None if facts is None else self.domain.possible_background(facts)
        if facts is None or background is None:
            return {}
        outcome = outcome_of(self.domain, facts)
        recommended = outcome.recommended
        found: Answer = {
            ("accepted", ""): True,
            ("answer", ""): (recommended or NO_STEP, outcome.answer),
            ("possible", ""): outcome.possible,
            ("meanwhile", ""): outcome.meanwhile,
        }
        certain = recommended if outcome.answer == "certain" else None
        for evaluation, step in ((outcome.over_known, certain), (outcome.over_presumed, recommended)):
            for key, word in self._observables(evaluation, step):
                found[key] = (*found.get(key, ()), word)  # type: ignore[misc]
        for name in self.kb.inputs:
            if name in self.other.inputs:
                found["background", name] = next(
                    (
                        (why, its[name])
                        for why, its in (
                            ("given", background.given),
                            ("by default", background.defaults),
                            ("forced", background.forced),
                            ("presumed", background.presumed),
                        )
                        if name in its
                    ),
                    None,
                )
        return found

    def _observables(self, evaluation: Evaluation, step: str | None) -> Iterator[tuple[Key, object]]:
        kb, other = self.kb, self.other

        def truth(*name: str) -> Truth:
            return evaluation.concluded(name) if name in evaluation.definitions.premises else False

        for name in dict.fromkeys([*kb.steps, *other.steps]):
            if name not in kb.steps:
                yield ("step", name), "not on the ladder"
                continue
            status = step_status(evaluation, name, step)
            by_cases = status in ("recommended", "available", "waiting") and truth("available", name) is None
            yield ("step", name), (status, by_cases)
        shared = [name for name in {**kb.options, **other.options} if name.partition(".")[0] in kb.steps]
        for name in shared:
            if name.partition(".")[0] in other.steps:
                offered = truth("offered", name)
                excluded = offered is False and truth("excludes", name) is True
                yield ("option", name), (name in kb.options, offered, excluded)
                yield ("preference", name), truth("prefers", name)
                yield ("caution", name), truth("cautions", name)
        for name in kb.steps:
            if name in other.steps:
                yield ("caution", name), truth("cautions", name)
        yield from ((("alert", name), truth("alert", name)) for name in {**kb.alerts, **other.alerts})
        yield from ((("advice", name), truth("given", name)) for name in {**kb.advice, **other.advice})
        for name, finding in kb.concluded.items():
            if name in other.concluded:
                value: object = truth("finding", name)
                if finding.values:
                    value = next((it for it in finding.values if truth("finding", name, it)), None)
                yield ("finding", name), value


class Brute:
    """Two knowledge bases and every partial patient over the findings of both."""

    def __init__(self, old: KnowledgeBase, new: KnowledgeBase) -> None:
        self.old, self.new = Side(old, new), Side(new, old)
        self.values = {name: list(self._values(name)) for name in {**old.inputs, **new.inputs}}
        self.panels = [
            name
            for name in {**old.panels, **new.panels}
            if not (name in old.panels and name in new.panels and old.panels[name].members == new.panels[name].members)
        ]

    def _values(self, name: str) -> Iterator[Value]:
        its = [side.kb.inputs[name] for side in (self.old, self.new) if name in side.kb.inputs]
        if its[0].kind is not Kind.QUANTITY:
            yield from dict.fromkeys(cell.value for finding in its for cell in cells_of(finding))
            return
        numbers = {it for side in (self.old, self.new) for it in side.domain.thresholds.get(name, {})}
        for side in (self.old, self.new):
            numbers |= {float(panel.members[name]) for panel in side.kb.panels.values() if name in panel.members}
        numbers |= {bound for finding in its for bound in (finding.low, finding.high)}
        whole = its[0]._replace(low=min(it.low for it in its), high=max(it.high for it in its))
        yield from (cell.value for cell in cells_of(whole, numbers))

    def patients(self) -> Iterator[PartialPatient]:
        """All partial patients."""
        values: list[list[Value | None]] = [[None, *its] for its in self.values.values()]
        for chosen in product(*values, *([False, True] for _ in self.panels)):
            facts = {name: it for name, it in zip(self.values, chosen, strict=False) if it is not None}
            said = zip(self.panels, chosen[len(self.values) :], strict=True)
            yield PartialPatient(facts, frozenset(name for name, it in said if it))

    def answers(self, patient: PartialPatient) -> tuple[Answer, Answer]:
        return self.old.answer(patient), self.new.answer(patient)

    def differing(self, patient: PartialPatient) -> dict[Key, tuple[object, object]]:
        """The observables that differ; only the acceptance if one side does not accept the patient."""
        old, new = self.answers(patient)
        if bool(old) is not bool(new):
            return {("accepted", ""): (bool(old), bool(new))}
        return {key: (old.get(key), new.get(key)) for key in {**old, **new} if old.get(key) != new.get(key)}

    @cached_property
    def differences(self) -> list[tuple[PartialPatient, dict[Key, tuple[object, object]]]]:
        """All patients with a different observable."""
        return [(patient, found) for patient in self.patients() if (found := self.differing(patient))]

    def has_one_sided_facts(self, patient: PartialPatient) -> bool:
        """Whether a patient has a fact that only one side has."""
        return self.without_one_sided_facts(patient) != patient

    def without_one_sided_facts(self, patient: PartialPatient) -> PartialPatient:
        """The same patient without the facts that only one side has."""
        facts = {
            name: value
            for name, value in patient.facts.items()
            if all(
                name in side.kb.inputs and side.read(PartialPatient({name: value}, frozenset())) is not None
                for side in (self.old, self.new)
            )
        }
        return PartialPatient(facts, frozenset())
