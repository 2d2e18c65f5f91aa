"""Claims about a knowledge base, and what they are settled with."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from time import perf_counter
from typing import NamedTuple

from expert.answer.assess import Reasoner
from expert.check.faults import Fault, Given, Proof, Related, Severity
from expert.lang.errors import Location, UnprovedError
from expert.lang.premises import Concluded, Premise
from expert.lang.values import Facts, needed
from expert.logic.kleene import Evaluation
from expert.solve.connectives import Formula
from expert.solve.partial import PartialPatients
from expert.solve.prove import Prover


class Broken(NamedTuple):
    """How a claim fails; the claim adds the rest of a `Fault`.

    Attributes:
        at: another place than that of the claim.
        check: another check than that of the claim, where one claim is about several.
    """

    message: str
    remedy: str = ""
    witness: Given | None = None
    related: Related = ()
    at: Location | None = None
    severity: Severity = "error"
    check: str = ""


class Claim(NamedTuple):
    """Something that should be true of every patient; ``broken`` looks for a way in which it is not."""

    check: str
    subject: str
    at: Location
    broken: Callable[[], Broken | None]

    def settled(self) -> Proof:
        """The claim with what was found of it."""
        started = perf_counter()
        try:
            found = self.broken()
        except UnprovedError as error:
            fault = self._fault(Broken(f"not proved: {error}"))
            return Proof(self.check, self.subject, "unproved", perf_counter() - started, fault)
        seconds = perf_counter() - started
        if found is None:
            return Proof(self.check, self.subject, "proved", seconds)
        return Proof(self.check, self.subject, "refuted", seconds, self._fault(found))

    def _fault(self, it: Broken) -> Fault:
        check, at = it.check or self.check, it.at or self.at
        return Fault(check, it.severity, it.message, at, it.remedy, it.witness, it.related, self.subject)


class Ground:
    """A knowledge base with the means to prove something about it."""

    def __init__(self, reasoner: Reasoner) -> None:
        self.kb, self.definitions = reasoner.kb, reasoner.definitions
        self.domain = reasoner.domain
        self.prover = Prover(self.domain)

    @cached_property
    def top(self) -> Location:
        """A place for what concerns the ladder as a whole."""
        return next(iter(self.kb.steps.values())).at

    @cached_property
    def patients(self) -> PartialPatients:
        """The partial patients who can occur."""
        return PartialPatients(self.prover)

    def holds(self, *name: str) -> Formula:
        """Whether a definition holds of a complete patient."""
        return self.of(Concluded(name))

    def of(self, premise: Premise) -> Formula:
        """Whether a premise over inputs and names holds of a complete patient."""
        return self.prover.formulas.of(premise)

    def broken_if(
        self, premise: Premise, message: str, remedy: str, related: Related = (), at: Location | None = None
    ) -> Broken | None:
        """How the claim fails that a premise holds of no patient; ``None`` if it is true.

        Raises:
            UnprovedError: the solver could not decide.
        """
        witness = self.shown(premise)
        return None if witness is None else Broken(message, remedy, witness, related, at)

    def shown(self, premise: Premise) -> Given | None:
        """A witness that a premise can hold; ``None`` if it holds of no patient.

        Raises:
            UnprovedError: the solver could not decide.
        """
        facts = self.prover.complete_patient(self.of(premise))
        return None if facts is None else self.witness(facts, premise)

    def witness(self, facts: Facts, premise: Premise | None = None) -> Given:
        """A patient as a case gives it; values that are usual or a default are left out.

        With a premise, so is what it does not need in order to be known to hold.
        """

        def shows(given: Facts) -> bool:
            background = self.domain.possible_background(given)  # none where the default cannot occur with the rest
            return bool(premise and background and Evaluation(self.definitions, background.all).evaluate(premise))

        given = needed(self.domain.unusual(facts), shows)
        plausible = self.domain.plausible(given) or given
        return tuple((name, self.domain.write(name, value)) for name, value in plausible.items())
