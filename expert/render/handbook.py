"""A knowledge base with what people look up beside an entry: who uses it, and what was found out about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from graphlib import TopologicalSorter
from pathlib import Path
from typing import NamedTuple

from expert.answer.assess import Reasoner
from expert.cases.cases import Case, outcomes_of, read_cases
from expert.cases.coverage import Coverage, coverage_of
from expert.check.faults import PROOFS, Proof
from expert.lang.model import Advice, Direction, Invariant, KnowledgeBase, Note, Option, Rule, Step
from expert.lang.observables import roles_for
from expert.lang.premises import literals
from expert.lang.vocabulary import Constraint, Finding, Panel
from expert.logic.domain import Domain


class Told(NamedTuple):
    """Where a case stands that shows something: its name, its file and the line."""

    name: str
    at: str


class Settled(NamedTuple):
    """The proofs of one kind: what holds if all do, how many hold, and those that do not."""

    kind: str
    claim: str
    held: int
    tried: int
    others: tuple[Proof, ...]


class Citing(NamedTuple):
    """Who cites a reference."""

    rules: tuple[Rule, ...]
    steps: tuple[Step, ...]
    options: tuple[Option, ...]
    promises: tuple[Invariant | Direction, ...]
    differing: tuple[Note, ...]
    sources_of: tuple[Note, ...]

    @property
    def nobody(self) -> bool:
        """Whether it stands uncited."""
        return not any(self)


class Handbook:
    """A knowledge base, its cases and its proofs; ``proofs`` is ``None`` where they were left out.

    Raises:
        PatientError: no patient can be as some case says.
        KnowledgeError: two values of one concluded choice both follow in some case.
    """

    def __init__(self, domain: Domain, cases: Sequence[Case], proofs: Sequence[Proof] | None) -> None:
        self.kb: KnowledgeBase = domain.kb
        self.proofs = proofs
        self.number_of_cases = len(cases)
        outcomes = outcomes_of(domain, cases)
        self.cases: Mapping[str, tuple[Told, ...]] = {
            rule: tuple(_told(cases[number]) for number in outcomes.presumed(("rule", rule))) for rule in self.kb.rules
        }
        measured = cases and proofs is not None
        self.coverage: Coverage | None = coverage_of(domain, outcomes.truths) if measured else None

    # --- rules

    @cached_property
    def topics(self) -> Mapping[str, tuple[Rule, ...]]:
        """The rules by file, in the order of reading; a topic is the name of its file."""
        found: dict[str, list[Rule]] = {}
        for rule in self.kb.rules.values():
            found.setdefault(topic_of(rule), []).append(rule)
        return {name: tuple(rules) for name, rules in found.items()}

    def rules_for(self, role: str, target: str) -> tuple[Rule, ...]:
        """The rules that conclude something of a target in a role."""
        return tuple(rule for rule in self.kb.rules.values() if any(it[:2] == (role, target) for it in rule.then))

    def differing(self, claims: Iterable[str]) -> tuple[Note, ...]:
        """Where guidance differs from claims, each note once."""
        return tuple(dict.fromkeys(note for claim in claims for note in self.kb.notes_on.get(claim, ())))

    def touched(self, note: Note) -> tuple[Rule, ...]:
        """The rules that cite a claim from which guidance differs."""
        return tuple(rule for rule in self.kb.rules.values() if set(rule.cite) & set(note.differs_from))

    # --- steps

    def argues(self, step: str) -> bool:
        """Whether some rule argues about a step."""
        return any(self.rules_for(role, step) for role in roles_for("step"))

    def advice_with(self, step: str) -> tuple[Advice, ...]:
        """The advice that may be given with a step."""
        return tuple(it for it in self.kb.advice.values() if step in it.steps)

    def promises_of(self, step: str) -> tuple[Invariant | Direction, ...]:
        """The promises about a step."""
        return tuple(it for it in self._promises if step in it.steps)

    # --- findings

    def readers(self, finding: str) -> tuple[Rule, ...]:
        """The rules that read a finding."""
        return tuple(rule for rule in self.kb.rules.values() if finding in read_by(rule))

    def constraints_on(self, finding: str) -> tuple[Constraint, ...]:
        """The constraints that a finding is part of."""
        parts = {it.id: {part.finding for one in it.never for part in literals(one)} for it in self.kb.constraints}
        return tuple(it for it in self.kb.constraints if finding in parts[it.id])

    def promises_about(self, finding: str) -> tuple[Invariant | Direction, ...]:
        """The promises that speak of a finding."""
        about = (it for it in self.kb.invariants.values() if any(part.finding == finding for part in literals(it.when)))
        return (*about, *(it for it in self.kb.directions.values() if it.finding == finding))

    def panels_with(self, finding: str) -> tuple[Panel, ...]:
        """The panels that a finding belongs to."""
        return tuple(it for it in self.kb.panels.values() if finding in it.members)

    def follow_ups(self, finding: str) -> tuple[Finding, ...]:
        """The findings that are asked for only as this one says."""
        return tuple(
            it
            for it in self.kb.inputs.values()
            if it.asked_if and any(part.finding == finding for part in literals(it.asked_if))
        )

    @cached_property
    def strata(self) -> Mapping[str, int]:
        """Findings by how many conclusions in a row lead to them: 0 for those that people give."""
        found: dict[str, int] = dict.fromkeys(self.kb.inputs, 0)
        before = {
            name: [other for rule in self.rules_for("finding", name) for other in read_by(rule)]
            for name in self.kb.concluded
        }
        for name in TopologicalSorter(before).static_order():
            if name in before:
                found[name] = 1 + max((found[other] for other in before[name]), default=0)
        return found

    # --- references and promises

    def citing(self, reference: str) -> Citing:
        """Who cites a reference."""
        kb = self.kb
        return Citing(
            tuple(it for it in kb.rules.values() if reference in it.cite),
            tuple(it for it in kb.steps.values() if reference in it.cite),
            tuple(it for it in kb.options.values() if reference in it.cite),
            tuple(it for it in self._promises if reference in it.cite),
            tuple(it for it in kb.notes.values() if reference in it.differs_from),
            tuple(it for it in kb.notes.values() if reference in it.sources),
        )

    @property
    def _promises(self) -> tuple[Invariant | Direction, ...]:
        return (*self.kb.invariants.values(), *self.kb.directions.values())

    def verdict(self, promise: Invariant | Direction) -> str:
        """What became of the proof of a promise; empty where it was left out."""
        check = "invariant" if isinstance(promise, Invariant) else "monotonic"
        tried = (it.verdict for it in self.proofs or () if (it.check, it.subject) == (check, promise.id))
        return next(tried, "")

    @cached_property
    def settled(self) -> tuple[Settled, ...]:
        """The proofs by kind, in the order in which they were made."""
        proofs = self.proofs or ()
        by_kind = {kind: [it for it in proofs if it.check == kind] for kind in dict.fromkeys(it.check for it in proofs)}
        return tuple(
            Settled(kind, PROOFS.get(kind, kind), len(tried) - len(others), len(tried), others)
            for kind, tried in by_kind.items()
            for others in [tuple(it for it in tried if it.verdict != "proved")]
        )


def handbook(kb: KnowledgeBase, *, proofs: bool) -> Handbook:
    """The handbook of a knowledge base with the cases beside its rules and, if wanted, all that can be proved of it.

    Raises:
        KnowledgeError: a case cannot be read.
        PatientError: no patient can be as some case says.
    """
    reasoner = Reasoner(kb)
    cases = read_cases(kb, sorted((Path(kb.directory) / "rules").rglob("[!.]*.test.yaml")))
    if not proofs:
        return Handbook(reasoner.domain, cases, None)
    from expert.check.proofs import prove  # which imports the solver

    return Handbook(reasoner.domain, cases, tuple(prove(reasoner)))


def topic_of(rule: Rule) -> str:
    """The topic that a rule stands under: the name of its file."""
    return rule.at.file.rpartition("/")[2].removesuffix(".yaml")


def read_by(rule: Rule) -> tuple[str, ...]:
    """The findings that a rule reads, each once."""
    return tuple(dict.fromkeys(part.finding for part in literals(rule.premise)))


def _told(case: Case) -> Told:
    return Told(case.name, f"{Path(case.at.file).name}:{case.at.line}")
