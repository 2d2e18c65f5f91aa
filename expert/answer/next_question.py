"""One turn of a consultation: what is known, what still matters, and the question to ask.

Only *relevant* findings are asked (see `expert.answer.relevance`): first panels, in the vocabulary's order, each as one
question about its relevant members; then single findings. Those whose usual value is not presumed come before all
others, with their panel. A follow-up (``asked_if``) waits while its condition is
unknown and a finding of the condition is still to be asked; it is never asked if its condition is false. The single
findings are ranked by

1. the fewest possible outcomes in the worst of their permitted cells;
2. the fewest further questions to expect. Their number is the size of the smallest set of findings whose presumed
   values settle the outcome (see `expert.answer.certificate`), so only the members of that set save a question. A
   follow-up that waits is represented by the findings that it waits for;
3. the fewest outcomes on average over the cells other than that of the presumed value;
4. the order of the vocabulary.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from fractions import Fraction
from functools import cached_property

from expert.answer.certificate import certificate
from expert.answer.explanations import Bearing, Stakes
from expert.answer.relevance import Completions, completions
from expert.answer.relevant_domain import space_of
from expert.lang.definitions import over_inputs
from expert.lang.facts import Patient, Question
from expert.lang.model import Rule
from expert.lang.premises import Concluded, leaves, literals
from expert.logic.cells import Cell
from expert.logic.domain import Domain
from expert.logic.kleene import Evaluation, Truth
from expert.solve.to_cells import Bits, Outcome


class Turn:
    """What is known of a patient after some answers.

    Attributes:
        patient: the patient with all answers so far.
        asked: the findings that were answered *unknown*.
        known: what follows from what is known: given, by default or forced.
    """

    def __init__(self, domain: Domain, patient: Patient, asked: Iterable[str], before: Turn | None = None) -> None:
        """``before`` is the turn that this one follows.

        Raises:
            PatientError: the facts contradict each other.
        """
        self.domain, self.kb, self.space = domain, domain.kb, space_of(domain)
        self.patient, self.asked = patient, frozenset(asked) - patient.facts.keys()
        self.background = domain.background(patient.facts)
        self.known = Evaluation(domain.definitions, self.background.known)
        bits = self.space.bits(self.known.facts)
        grown = before is not None and bits & before.completions.known == before.completions.known
        self.completions: Completions = (
            before.completions.narrowed(bits) if before and grown else completions(domain, bits)
        )

    @cached_property
    def outcomes(self) -> list[Outcome]:
        """The steps that permitted completions lead to, in the ladder's order; last ``None``, if some lead to none."""
        return self.completions.outcomes()

    @property
    def unasked(self) -> tuple[str, ...]:
        """The unknown findings that were never asked, in the vocabulary's order."""
        return tuple(name for name in self.kb.inputs if name not in self.known.facts and name not in self.asked)

    @cached_property
    def question(self) -> Question | None:
        """The question to ask; ``None`` when the outcome is certain or nothing relevant is unasked."""
        if len(self.outcomes) < 2:
            return None
        for panel in self.kb.panels.values():
            members = tuple(name for name in self._relevant(panel.members) if not self._waits_for(name))
            if members and (not self._not_presumed or not self._not_presumed.isdisjoint(members)):
                return Question(panel.ask, members, panel.name)
        first = self._first()
        return None if first is None else Question(self.kb.findings[first].ask, (first,))

    # --- what may be asked

    @cached_property
    def _askable(self) -> list[str]:
        """The unasked findings that can affect the outcome, without follow-ups whose condition is false."""
        return [name for name in self.unasked if name in self.space.cells and self._condition(name) is not False]

    def _relevant(self, names: Iterable[str]) -> list[str]:
        """Those of the findings that may be asked and are relevant."""
        return self.completions.relevant(name for name in names if name in self._askable)

    @cached_property
    def _not_presumed(self) -> frozenset[str]:
        """The relevant findings whose usual value is not presumed: they are asked first."""
        names = self._relevant(self.background.not_presumed)
        return frozenset(name for name in names if not self._waits_for(name))

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

    def _first(self) -> str | None:
        """The finding to ask.

        A finding is relevant if its worst cell leaves fewer outcomes than there are, or if it is in a smallest
        certificate. In all other cases its relevance must be proved.
        """
        ready = [name for name in self._askable if not self._waits_for(name)]
        ready = [name for name in ready if name in self._not_presumed] or ready
        worst = {name: self.completions.most_left(name) for name in ready}
        fewest = min(worst.values(), default=0)
        tied = [name for name in ready if worst[name] == fewest]
        if len(tied) > 1 or fewest == len(self.outcomes):
            saving = self._saving()
            tied = [name for name in tied if name in saving] or self._relevant(tied)
        return min(tied or self._relevant(self._askable), key=self._left_elsewhere, default=None)

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
        """The findings whose presumed values save a question; waiting ones are replaced by what they wait for."""
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

    # --- what a question decides

    def stakes(self, question: Question) -> Stakes:
        """The steps that each answer leaves possible, and the open rules that depend on the question."""
        bearings = tuple(bearing for name in question.findings for bearing in self._bearings(name))
        return Stakes(
            bearings, tuple(rule for rule in self.kb.rules.values() if self._depends_on(rule, question.findings))
        )

    def _bearings(self, name: str) -> Iterator[Bearing]:
        left = self.completions.left(name)
        cells = [(cell, left.get(self.space.cell(name, cell.value), [])) for cell in self.domain.cells[name]]
        leaving = [(cell, tuple(step for step in outcomes if step)) for cell, outcomes in cells if outcomes]
        for group, steps in _grouped(leaving):
            yield Bearing(name, self.domain.premise(name, group), steps)

    def _depends_on(self, rule: Rule, findings: Collection[str]) -> bool:
        name = ("rule", rule.id)
        bears = name in self.space.definitions and self.known.concluded(name) is None
        return bears and any(literal.finding in findings for literal in literals(rule.premise))


def _grouped(leaving: Iterable[tuple[Cell, tuple[str, ...]]]) -> list[tuple[list[Cell], tuple[str, ...]]]:
    """Cells that leave the same steps, grouped as one premise can express them."""
    groups: list[tuple[list[Cell], tuple[str, ...]]] = []
    for cell, steps in leaving:
        choice = isinstance(cell.value, str)
        near = [cells for cells, left in (groups if choice else groups[-1:]) if left == steps]
        if near and not isinstance(cell.value, bool):
            near[0].append(cell)
        else:
            groups.append(([cell], steps))
    return groups
