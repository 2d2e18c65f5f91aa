"""What follows for a patient, each part computed when it is asked for.

Of one patient the truths come from the reference (`outcome_of`); of many, from bits (`Outcomes`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from functools import cached_property

from expert.bits.background import masks_of
from expert.bits.program import Mask, Program, Truths
from expert.bits.variant import Variant
from expert.lang.errors import ContradictionError
from expert.lang.facts import Background
from expert.lang.observables import observables
from expert.lang.premises import Name, Premise
from expert.lang.values import Facts, Value
from expert.logic.domain import Domain
from expert.logic.kleene import Evaluation, Truth
from expert.logic.step_status import meanwhile, step_status
from expert.solve.case_split import certain_step, possible_steps


class Outcome:
    """What follows for one patient; see `expert.answer.assessment.Assessment` for the words.

    Attributes:
        over_known: the truths over what is known.
        over_presumed: the same over the presumptions as well.
        searched: whether completions of what is known were searched for anything that was asked for so far.
    """

    def __init__(
        self, domain: Domain, background: Background, over_known: Evaluation, over_presumed: Evaluation
    ) -> None:
        self.domain, self.kb, self.background = domain, domain.kb, background
        self.over_known, self.over_presumed = over_known, over_presumed
        self.searched = False

    def check(self) -> Outcome:
        """Raises:
        ContradictionError: two values of one concluded choice both follow.
        """
        for finding in self.kb.concluded.values():
            values = [value for value in finding.values if self.presumed(("finding", finding.name, value))]
            if len(values) > 1:
                raise ContradictionError(f"{finding.name} {values[0]}", "this patient")
        return self

    @cached_property
    def _certain(self) -> str | None:
        self.searched |= any(self.known(("recommended", step)) is None for step in self.kb.steps)
        return certain_step(self.domain, self.over_known)

    @cached_property
    def recommended(self) -> str | None:
        """The recommended step.

        The presumed patient is one of the completions: a step that is known to be recommended to that one is the only
        one that can be certain.
        """
        known = (step for step in self.kb.steps if self.presumed(("recommended", step)))
        return next(known, None) or self._certain or certain_step(self.domain, self.over_presumed)

    @property
    def answer(self) -> str:
        """Certain, provisional or open."""
        if self._certain:
            return "certain"
        return "provisional" if self.recommended else "open"

    @property
    def meanwhile(self) -> str | None:
        """The step that is taken while the recommended one is waited for, unless it is excluded."""
        return meanwhile(self.over_presumed, self.recommended)

    @property
    def possible(self) -> tuple[str, ...]:
        """The steps that some permitted completion leads to."""
        return (self._certain,) if self._certain else possible_steps(self.domain, self.over_known)

    @property
    def forced(self) -> Mapping[str, Value]:
        """The only values that the constraints leave."""
        return self.background.forced

    @property
    def checks(self) -> list[str]:
        """The warnings about what is given."""
        return [it.entry.id for it in self.domain.plausibility.checks(self.background.given)]

    def known(self, name: Name) -> Truth:
        """The truth of a definition over what is known."""
        return self.over_known.concluded(name)

    def presumed(self, name: Name) -> Truth:
        """Like the one over what is known, with the presumptions as well."""
        return self.over_presumed.concluded(name)

    def status(self, step: str) -> str:
        """The status of a step over what is known."""
        return step_status(self.over_known, step, self._certain)

    def presumed_status(self, step: str) -> str:
        """Like the one over what is known, with the presumptions as well."""
        return step_status(self.over_presumed, step, self.recommended)


def outcome_of(domain: Domain, given: Facts) -> Outcome:
    """What follows for one patient.

    Raises:
        PatientError: no patient can have these facts together.
        ContradictionError: two values of one concluded choice both follow.
    """
    background = domain.background(given)
    known, presumed = (Evaluation(domain.definitions, facts) for facts in (background.known, background.all))
    return Outcome(domain, background, known, presumed).check()


class Outcomes:
    """What follows for many patients, with their truths computed together.

    Attributes:
        truths: of patient *i*, bit *2i* is over what is known and bit *2i + 1* over the presumptions as well.
    """

    def __init__(self, domain: Domain, backgrounds: Iterable[Background], program: Program | None = None) -> None:
        self.domain = domain
        self.backgrounds: Sequence[Background] = tuple(backgrounds)
        facts = [some for it in self.backgrounds for some in (it.known, it.all)]
        program = program or Program(domain.definitions, domain.definitions.premises)
        self.truths: Truths = program.run(masks_of(facts), (1 << len(facts)) - 1)

    def of_others(self, backgrounds: Iterable[Background]) -> Outcomes:
        """What follows for other patients."""
        return Outcomes(self.domain, backgrounds, self.truths.program)

    def with_premises(self, domain: Domain, premises: Mapping[Name, Premise]) -> Outcomes:
        """The outcomes in a domain in which only these definitions differ."""
        other = copy(self)
        vars(other).pop("contradictory", None)
        other.domain, other.truths = domain, self.truths.with_premises(premises)
        return other

    def of(self, number: int, kind: type[Variant] = Variant) -> Outcome:
        """What follows for one of the patients."""
        background, definitions = self.backgrounds[number], self.domain.definitions
        known = kind(definitions, background.known, self.truths, 2 * number)
        presumed = kind(definitions, background.all, self.truths, 2 * number + 1)
        return Outcome(self.domain, background, known, presumed)

    @cached_property
    def contradictory(self) -> Mask:
        """The patients for whom two values of one concluded choice both follow."""
        found = 0
        for finding in self.domain.kb.concluded.values():
            once = 0
            for value in finding.values:
                holds = self.truths.holds(("finding", finding.name, value))
                found |= once & holds
                once |= holds
        return found

    def view(self, presumed: bool) -> Mask:
        """The bits of all patients over what is known, or over the presumptions as well."""
        return self.truths.whole // 3 << presumed

    def differing(self, other: Outcomes) -> Mask:
        """The patients for whom an observable has another status than in other outcomes, over what is known or all.

        See `expert.solve.to_kleene.status_formulas`.
        """
        before, after = self.truths, other.truths
        found = 0
        for it in observables(self.domain.kb):
            first, *more = it.definitions
            if it.kind == "step":
                unsupported = [some.whole & ~some.holds(first) & ~some.may(more[0]) for some in (before, after)]
                found |= unsupported[0] ^ unsupported[1]
            elif first[0] == "score":
                for name in it.definitions:
                    found |= before.differs(after, name)
            elif it.kind != "finding" or len(first) == 2:
                found |= before.differs(after, first)
            for name in it.definitions if it.kind in ("step", "finding", "option") else ():
                if name[0] != "supports":
                    found |= before.holds(name) ^ after.holds(name)
        return found

    def presumed(self, name: Name) -> list[int]:
        """The numbers of the patients for whom a definition holds, over the presumptions as well."""
        return [number for number in range(len(self.backgrounds)) if self.truths.holds(name) >> 2 * number + 1 & 1]


def patients_in(mask: Mask) -> list[int]:
    """The numbers of the patients who have a bit in a mask, in order."""
    found = []
    while mask:
        bit = (mask & -mask).bit_length() - 1
        found.append(bit >> 1)
        mask &= -1 << (bit | 1) + 1
    return found
