"""What may be asked about one outcome: the recommended step, or whether an alert is raised.

Only *relevant* findings are asked (see `expert.answer.relevance`). A follow-up (``asked_if``) waits while its condition
is unknown and a finding of the condition is still to be asked; it is never asked if its condition is false.

Of these, the *expected* findings are asked: the smallest set whose presumed values settle the outcome (see
`expert.answer.certificate`). A follow-up that waits is represented by the findings that it waits for. If the presumed
values settle nothing more, every relevant finding is expected.

The most decisive of several findings is the first one by

1. whether its usual value is presumed: those of which it is not come first;
2. the fewest possible outcomes in the worst of their permitted cells;
3. the fewest outcomes on average over the cells other than that of the presumed value;
4. the order of the vocabulary.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from fractions import Fraction
from functools import cached_property

from expert.answer.certificate import certificate
from expert.answer.relevance import Completions
from expert.lang.definitions import over_inputs
from expert.lang.facts import Background
from expert.lang.model import Rule
from expert.lang.premises import Concluded, leaves, literals
from expert.logic.cells import Cell
from expert.logic.domain import Domain
from expert.logic.kleene import Evaluation, Truth
from expert.solve.to_cells import Bits, Outcome


class Inquiry:
    """What is known of an outcome, and what may be asked about it.

    Attributes:
        completions: the completions of what is known.
        known: what follows from what is known.
        background: what is given, forced and presumed.
        unasked: the unknown findings that were never asked.
    """

    def __init__(
        self,
        domain: Domain,
        completions: Completions,
        known: Evaluation,
        background: Background,
        unasked: Sequence[str],
    ) -> None:
        self.domain, self.kb, self.space = domain, domain.kb, completions.space
        self.completions, self.known, self.background, self.unasked = completions, known, background, unasked

    @cached_property
    def outcomes(self) -> list[Outcome]:
        """The outcomes that permitted completions lead to; last ``None``, if some lead to none."""
        return self.completions.outcomes()

    @property
    def open(self) -> bool:
        """Whether several outcomes are possible."""
        return len(self.outcomes) > 1

    def relevant(self, names: Iterable[str]) -> list[str]:
        """Those of some unknown findings that are relevant, whether or not they may be asked."""
        return self.completions.relevant(names) if self.open else []

    def ready(self, names: Iterable[str]) -> list[str]:
        """Those of some findings that may be asked now and are relevant."""
        return [name for name in self._relevant(names) if not self._waits_for(name)] if self.open else []

    def left(self, name: str) -> dict[Cell, list[str]]:
        """The steps or alerts that each permitted cell of a finding leaves possible."""
        cells = {cell: self.space.cell(name, cell.value) for cell in self.domain.cells[name]}
        left = self.completions.left(name)
        return {cell: [it for it in left[bit] if it] for cell, bit in cells.items() if bit in left}

    def depends_on(self, rule: Rule, findings: Collection[str]) -> bool:
        """Whether a rule that is open here depends on some findings."""
        name = ("rule", rule.id)
        bears = name in self.space.definitions and self.known.concluded(name) is None
        return bears and any(literal.finding in findings for literal in literals(rule.premise))

    # --- what may be asked

    @cached_property
    def _askable(self) -> list[str]:
        """The unasked findings that can affect the outcome, without follow-ups whose condition is false."""
        return [name for name in self.unasked if name in self.space.cells and self._condition(name) is not False]

    def _relevant(self, names: Iterable[str]) -> list[str]:
        """Those of the findings that may be asked and are relevant."""
        return self.completions.relevant(name for name in names if name in self._askable)

    def _condition(self, name: str) -> Truth:
        condition = self.kb.findings[name].asked_if
        return True if condition is None else self.known.evaluate(over_inputs(condition, self.kb))

    def _waits_for(self, name: str) -> list[str]:
        """The unasked findings that decide whether a follow-up is asked."""
        condition = self.kb.findings[name].asked_if
        if condition is None or self._condition(name) is not None:
            return []
        named = leaves(over_inputs(condition, self.kb))
        inputs = self.domain.definitions.inputs
        wanted = {it for part in named for it in (inputs[part.name] if isinstance(part, Concluded) else [part.finding])}
        return self._relevant(other for other in self._askable if other in wanted and other != name)

    # --- which comes first

    @cached_property
    def expected(self) -> frozenset[str]:
        """The findings to ask now if all answers are the presumed ones: none if the outcome is certain."""
        if not self.open:
            return frozenset()
        return frozenset(self._saving() or self.ready(self._askable) or self._relevant(self._askable))

    @property
    def possible_questions(self) -> list[str]:
        """The relevant findings that may have to be asked, now or later."""
        return self._relevant(self._askable)

    def most_decisive(self, names: Iterable[str]) -> str:
        """The most decisive of some findings that may be asked now."""
        return min(self.domain.in_order(names), key=self._rank)

    def _rank(self, name: str) -> tuple[bool, int, Fraction]:
        return name not in self.background.not_presumed, self.completions.most_left(name), self._left_elsewhere(name)

    @cached_property
    def _presumed(self) -> Bits:
        """A cell of each finding that may be asked: that of the presumed value, else the first permitted one."""
        names = self._askable
        presumed = {name: value for name, value in self.background.presumed.items() if name in names}
        facts = {**self.known.facts, **presumed}
        for name in names:
            if name not in facts:
                values = self.space.values[name]
                facts[name] = next(value for value in values if self.domain.permitted({**facts, name: value}))
        return self.space.bits({name: facts[name] for name in names})

    def _saving(self) -> set[str]:
        """The smallest set that settles the outcome; waiting findings are replaced by what they wait for."""
        found: set[str] = set()
        ahead = self.space.names(certificate(self.completions, self._presumed))
        seen: set[str] = set()
        while ahead:
            name = ahead.pop()
            if name not in seen:
                seen.add(name)
                ahead += (waits_for := self._waits_for(name))
                found |= set() if waits_for else {name}
        return found

    def _left_elsewhere(self, name: str) -> Fraction:
        """The average number of outcomes over the cells of a finding other than that of its presumed value."""
        left = [len(outcomes) for bit, outcomes in self.completions.left(name).items() if not bit & self._presumed]
        return Fraction(sum(left), len(left)) if left else Fraction(0)
