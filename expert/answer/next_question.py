"""One turn of a consultation: what is known, what still matters, and the question to ask.

What is not presumed is asked first. Then the groups of findings are asked in the vocabulary's order. In each come first
the panels, each as one question about its relevant members, then single findings: those that `expert.answer.inquiry`
expects to be needed, the most decisive first; what matters for the step before what could raise an alert. So a question
goes back to an earlier group only where an answer made it relevant.

When step and alerts are certain, nothing more is asked. An emergency ends the questions as well: a certain gate that
names nothing to do meanwhile waits for no alert.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property

from expert.answer.explanations import Bearing, Stakes
from expert.answer.inquiry import Inquiry
from expert.answer.relevance import Completions, completions
from expert.answer.relevant_domain import space_of
from expert.lang.facts import Patient, Question
from expert.lang.premises import Name
from expert.lang.vocabulary import Panel
from expert.logic.cells import Cell
from expert.logic.domain import Domain
from expert.logic.kleene import Evaluation

Goals = tuple[Name, ...]


class Turn:
    """What is known of a patient after some answers.

    Attributes:
        patient: the patient with all answers so far.
        asked: the findings that were answered *unknown* or are not to be asked.
        known: what follows from what is known: given, by default or forced.
        step: the inquiry about the recommended step.
    """

    def __init__(self, domain: Domain, patient: Patient, asked: Iterable[str], before: Turn | None = None) -> None:
        """``before`` is the turn that this one follows.

        Raises:
            PatientError: the facts contradict each other.
        """
        self.domain, self.kb = domain, domain.kb
        self.patient, self.asked = patient, frozenset(asked) - patient.facts.keys()
        self.background = domain.background(patient.facts, patient)
        self.known = Evaluation(domain.definitions, self.background.known)
        self._before = before._completions if before else {}
        self._completions: dict[Goals, Completions] = {}
        self.step = self._inquiry(domain.definitions.steps)

    def _inquiry(self, goals: Goals) -> Inquiry:
        space = space_of(self.domain, goals)
        bits, wider = space.bits(self.known.facts), self._before.get(goals)
        grown = wider is not None and bits & wider.known == wider.known
        self._completions[goals] = wider.narrowed(bits) if wider and grown else completions(space, bits)
        return Inquiry(self.domain, self._completions[goals], self.known, self.background, self.unasked)

    @cached_property
    def alerts(self) -> list[Inquiry]:
        """The inquiries about alerts that are open: some completion raises them, and another does not."""
        names = (name for name in self.domain.definitions.alerts if self.known.concluded(name) is None)
        return [it for it in (self._inquiry((name,)) for name in names) if it.open]

    @cached_property
    def inquiries(self) -> list[Inquiry]:
        """The open inquiries that may be asked about, that of the step first."""
        return [] if self.emergency else [it for it in (self.step, *self.alerts) if it.open]

    @cached_property
    def unasked(self) -> tuple[str, ...]:
        """The unknown findings that were never asked, in the vocabulary's order."""
        return tuple(name for name in self.kb.inputs if name not in self.known.facts and name not in self.asked)

    @property
    def not_needed(self) -> tuple[str, ...]:
        """The unasked findings that can change neither the step nor an alert, in the vocabulary's order."""
        needed = {name for it in (self.step, *self.alerts) for name in it.relevant(self.unasked)}
        return tuple(name for name in self.unasked if name not in needed)

    @cached_property
    def emergency(self) -> bool:
        """Whether the step is a certain gate with nothing to do meanwhile."""
        step = None if self.step.open else self.step.outcomes[0]
        return step is not None and self.kb.steps[step].gate and not self.kb.steps[step].meanwhile

    # --- the question

    @cached_property
    def question(self) -> Question | None:
        """The question to ask; ``None`` when step and alerts are certain or nothing relevant is unasked."""
        return next(self._questions(), None)

    def _questions(self) -> Iterator[Question]:
        """The questions about what is not presumed, then the next one of each panel and each inquiry, by group."""
        for name in dict.fromkeys(name for it in self.inquiries for name in it.ready(it.background.not_presumed)):
            panels = [panel for panel in self.kb.panels.values() if name in panel.members]
            yield from self._of_panels(panels, self.unasked)
            yield Question(self.kb.findings[name].ask, (name,))
        for names in self.kb.by_group(self.unasked).values():
            yield from self._of_panels(self.kb.panels.values(), names)
            for it in self.inquiries:
                if among := it.expected.intersection(names):
                    name = it.most_decisive(among)
                    yield Question(self.kb.findings[name].ask, (name,))

    def _of_panels(self, panels: Iterable[Panel], names: Collection[str]) -> Iterator[Question]:
        """The question of each panel of which some of the findings matter."""
        for panel in panels:
            members = [name for name in panel.members if name in names]
            ready = {name for it in self.inquiries for name in it.ready(members)}
            if ready:
                yield Question(panel.ask, tuple(name for name in members if name in ready), panel.name)

    @property
    def most_questions(self) -> int:
        """How many questions may still come at most, if each is answered whole."""
        names = {name for it in self.inquiries for name in it.possible_questions}
        panels = [panel.members for panel in self.kb.panels.values() if not names.isdisjoint(panel.members)]
        return len(panels) + len(names.difference(*panels))

    # --- what a question decides

    def stakes(self, question: Question) -> Stakes:
        """What each answer leaves possible, and the open rules that depend on the question.

        If it does not matter for the step, these are alerts and the rules behind them.
        """
        alerts = [] if self.step.relevant(question.findings) else self.alerts
        alerts = [it for it in alerts if it.relevant(question.findings)]
        bearings = tuple(bearing for name in question.findings for bearing in self._bearings(name, alerts))
        asking, rules = alerts or [self.step], self.kb.rules.values()
        return Stakes(
            bearings, tuple(it for it in rules if any(each.depends_on(it, question.findings) for each in asking))
        )

    def _bearings(self, name: str, alerts: Sequence[Inquiry]) -> Iterator[Bearing]:
        steps, *raised = [it.left(name) if name in it.space.cells else None for it in (self.step, *alerts)]
        leaving = []
        for cell in self.domain.cells[name]:
            if all(cell in left for left in (steps, *raised) if left is not None):
                of_step = self.step.outcomes if steps is None else steps[cell]
                of_alerts = (it for left in raised if left is not None for it in left[cell])
                leaving.append((cell, (tuple(filter(None, of_step)), tuple(of_alerts))))
        for group, (possible, not_ruled_out) in _grouped(leaving):
            yield Bearing(name, self.domain.premise(name, group), possible, not_ruled_out)


Left = tuple[tuple[str, ...], tuple[str, ...]]
"""The steps and the alerts that stay possible."""


def _grouped(leaving: Iterable[tuple[Cell, Left]]) -> list[tuple[list[Cell], Left]]:
    """Cells that leave the same possible, grouped as one premise can express them."""
    groups: list[tuple[list[Cell], Left]] = []
    for cell, possible in leaving:
        choice = isinstance(cell.value, str)
        near = [cells for cells, left in (groups if choice else groups[-1:]) if left == possible]
        if near and not isinstance(cell.value, bool):
            near[0].append(cell)
        else:
            groups.append(([cell], possible))
    return groups
