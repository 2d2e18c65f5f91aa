"""A knowledge base with what its users look up for an entry: what uses it, and what was found out about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from graphlib import TopologicalSorter
from pathlib import Path
from typing import NamedTuple

from expert.answer.assess import Reasoner
from expert.cases.coverage import Coverage, coverage_of
from expert.cases.results import outcomes_of
from expert.check.faults import PROOFS, Proof, Verdict
from expert.lang.model import Invariant, KnowledgeBase
from expert.logic.domain import Domain
from expert.read.cases import Case, case_files, read_cases
from expert.render.uses import Promise, Uses, read_by


class ShownCase(NamedTuple):
    """A case in which a rule holds: its name, its file and the line."""

    name: str
    at: str


class ProofsOfKind(NamedTuple):
    """The proofs of one kind: what holds if all do, how many hold, and those that do not."""

    kind: str
    claim: str
    held: int
    tried: int
    others: tuple[Proof, ...]


class Handbook(Uses):
    """A knowledge base, its cases and its proofs; ``proofs`` is ``None`` where they were left out.

    Raises:
        PatientError: the patient of some case cannot occur.
        KnowledgeError: two values of one concluded choice both follow in some case.
    """

    def __init__(self, domain: Domain, cases: Sequence[Case], proofs: Sequence[Proof] | None) -> None:
        super().__init__(domain.kb)
        self.proofs = proofs
        self.number_of_cases = len(cases)
        outcomes = outcomes_of(domain, cases)
        self.cases: Mapping[str, tuple[ShownCase, ...]] = {
            rule: tuple(_shown(cases[number]) for number in outcomes.presumed(("rule", rule))) for rule in self.kb.rules
        }
        measured = cases and proofs is not None
        self.coverage: Coverage | None = coverage_of(domain, outcomes.truths) if measured else None

    @cached_property
    def strata(self) -> Mapping[str, int]:
        """Findings by how many conclusions in a row lead to them: 0 for those that are given."""
        found: dict[str, int] = dict.fromkeys(self.kb.given, 0)
        before = {
            name: [other for rule in self.rules_for("finding", name) for other in read_by(rule)]
            for name in self.kb.concluded
        }
        for name in TopologicalSorter(before).static_order():
            if name in before:
                found[name] = 1 + max((found[other] for other in before[name]), default=0)
        return found

    def verdict(self, promise: Promise) -> Verdict | None:
        """The verdict on a promise; ``None`` where proofs were left out."""
        check = "invariant" if isinstance(promise, Invariant) else "monotonic"
        tried = (it.verdict for it in self.proofs or () if (it.check, it.subject) == (check, promise.id))
        return next(tried, None)

    @cached_property
    def proofs_by_kind(self) -> tuple[ProofsOfKind, ...]:
        """The proofs by kind, in the order in which they were made."""
        found = []
        for kind in dict.fromkeys(it.check for it in self.proofs or ()):
            tried = [it for it in self.proofs or () if it.check == kind]
            others = tuple(it for it in tried if it.verdict != "proved")
            found.append(ProofsOfKind(kind, PROOFS.get(kind, kind), len(tried) - len(others), len(tried), others))
        return tuple(found)


def handbook(kb: KnowledgeBase, *, proofs: bool) -> Handbook:
    """The handbook of a knowledge base with the cases of its rules and, if wanted, all that can be proved of it.

    Raises:
        KnowledgeError: a case cannot be read.
        PatientError: the patient of some case cannot occur.
    """
    reasoner = Reasoner(kb)
    cases = read_cases(kb, case_files(kb, needed=False))
    if not proofs:
        return Handbook(reasoner.domain, cases, None)
    from expert.check.proofs import prove  # which imports the solver

    return Handbook(reasoner.domain, cases, tuple(prove(reasoner)))


def _shown(case: Case) -> ShownCase:
    return ShownCase(case.name, f"{Path(case.at.file).name}:{case.at.line}")
