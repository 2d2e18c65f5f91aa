"""The answer for one patient: the recommended step, its certainty, and the arguments for and against every step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from expert.answer.assessment import (
    AnswerKind,
    Argument,
    Assessment,
    Decisive,
    NotEnough,
    NoticeReport,
    NotRuledOut,
    OptionReport,
    OptionStatus,
    Possible,
    Presumption,
    ScoreReport,
    StepReport,
    TruthWord,
)
from expert.answer.decisive import decisive_findings, explain_alert, explain_possible
from expert.answer.deviations import Deviations
from expert.answer.level import programs
from expert.answer.near_threshold import near_thresholds
from expert.answer.recorded import open_before_gates, questions, said_unknown_before_gates, towards_gates
from expert.bits.background import masks_of
from expert.bits.variant import Variant
from expert.engine.engine import Inference
from expert.engine.record import Record
from expert.lang.definitions import Definitions
from expert.lang.facts import Background, Patient
from expert.lang.model import KnowledgeBase, Option, Rule
from expert.lang.observables import interval_of, value_of
from expert.lang.premises import Concluded, Name, Premise
from expert.lang.values import Facts, Value
from expert.logic.domain import Domain
from expert.logic.kleene import Evaluation, Truth
from expert.logic.step_status import meanwhile, step_status
from expert.read.patient import SITE
from expert.solve.case_split import cases, certain_step, is_certain

WORDS: dict[Truth, TruthWord] = {True: "holds", False: "fails", None: "open"}


class Reasoner:
    """Answers for one knowledge base, which is compiled once, for any number of patients in any threads."""

    def __init__(self, kb: KnowledgeBase, matcher: str = "counting") -> None:
        self.kb = kb
        self.definitions = Definitions(kb)
        self.domain = Domain(self.definitions)
        self.inference = Inference(self.definitions, matcher)
        self._matcher = matcher

    def __reduce__(self) -> tuple[type[Reasoner], tuple[KnowledgeBase, str]]:
        return Reasoner, (self.kb, self._matcher)  # unpickling compiles again

    def assess(self, patient: Patient) -> Assessment:
        """The answer for a patient.

        Raises:
            PatientError: a fact is not a value of an input finding, or the facts contradict each other.
        """
        return _Case(self, patient).assessment()


class _Case:
    """The assessment of one patient."""

    def __init__(self, reasoner: Reasoner, patient: Patient) -> None:
        self.kb, self.domain, self.patient = reasoner.kb, reasoner.domain, patient
        self.background: Background = self.domain.background(patient.facts, patient)
        both = self.background.known, self.background.all
        truths = programs(self.domain)[0].run(masks_of(both), 0b11)
        self.known, self.presumed = (
            Variant(reasoner.definitions, facts, truths, place) for place, facts in enumerate(both)
        )
        known, presumed = self.background.known, self.background.presumed
        self.record, self.presumed_record = reasoner.inference.run_presuming(known, presumed)
        self.derived = next((it for it in self.kb.steps if self.known.concluded(("recommended", it))), None)

    @cached_property
    def deviations(self) -> Deviations:
        """The deviations from the presumed patient to the steps and alerts that are open."""
        definitions = self.domain.definitions
        alerts = (name for name in definitions.alerts if self.known.concluded(name) is None)
        goals = [*(() if self.derived else definitions.steps), *alerts]
        return Deviations(self.domain, self.background, self.presumed, goals)

    def assessment(self) -> Assessment:
        answer, step, possible, decisive = self._answer()
        after = meanwhile(self.presumed, step)
        options = tuple(
            self._option(option) for name in (step, after) if name for option in self.kb.steps[name].by_standing
        )
        not_ruled_out, alerts = self._alerts()
        advice = self._advice()
        ladder = tuple(self._step(name, step, certain=answer == "certain") for name in self.kb.steps)
        return Assessment(
            answer=answer,
            recommended=step,
            meanwhile=after,
            possible=possible,
            ladder=ladder,
            options=options,
            alerts=alerts,
            advice=advice,
            findings={name: self._finding(name, self.record) for name in self.kb.concluded},
            presumed_findings={name: self._finding(name, self.presumed_record) for name in self.kb.concluded},
            background=self.background,
            presumptions=self._presumptions(next(it.presumed_on for it in ladder if it.step == step)) if step else (),
            policies=self._policies(answer, step),
            decisive=decisive,
            guidance=self._guidance(step, ladder, options, [*alerts, *advice]),
            record=self.record,
            presumed_record=self.presumed_record,
            patient=self.patient,
            near=tuple(near_thresholds(self.domain, self.background.given)),
            checks=self.domain.plausibility.checks(self.background.given),
            not_ruled_out=not_ruled_out,
            not_enough=None if answer == "certain" else self._not_enough(step, decisive),
            scores=dict(self._scores()),
        )

    # --- the answer

    def _answer(self) -> tuple[AnswerKind, str | None, tuple[Possible, ...], tuple[Decisive, ...]]:
        step, deviations = self.derived, self.deviations
        if step is None and not (decisive := decisive_findings(deviations)):
            step = certain_step(self.domain, self.known)
        if step:
            return "certain", step, (Possible(step, ((),), True),), ()
        open_steps = [it for it in self.kb.steps if self.known.concluded(("recommended", it)) is not False]
        possible = tuple(filter(None, (explain_possible(it, deviations) for it in open_steps)))
        return ("provisional" if deviations.recommended else "open"), deviations.recommended, possible, decisive

    def _not_enough(self, step: str | None, decisive: Sequence[Decisive]) -> NotEnough | None:
        """Why too little is recorded, if it is."""
        given = (self.kb.findings[name] for name in self.background.given)
        nothing = all(it.group == SITE or it.for_record for it in given)
        unknown = said_unknown_before_gates(self.deviations, self.patient.unknown, step)
        without = open_before_gates(self.deviations)
        if not (nothing or unknown or without):
            return None
        first = towards_gates(self.kb, decisive) if nothing else ()
        return NotEnough(nothing, unknown, without, questions(self.kb, {*unknown, *without, *first}))

    def _policies(self, answer: str, step: str | None) -> tuple[str, ...]:
        """The site's defaults that the recommended step depends on."""
        settled = self.known if answer == "certain" else self.presumed
        goal = Concluded(("recommended", step or ""))
        if step is None:
            return ()
        whole = settled.evaluate(goal) is not None
        reasons = settled.reasons(goal) if whole else settled.definitions.inputs[goal.name]
        return tuple(name for name in self.background.defaults if name in reasons)

    def _presumptions(self, presumed: Sequence[str]) -> tuple[Presumption, ...]:
        """Presumed findings, first those behind a conclusion that needs no others (such as the diagnosis)."""
        left = list(presumed)
        found = []
        for name in self.kb.concluded:
            goal = ("finding", name)
            if self.presumed_record.truth(goal) and not self.record.truth(goal):
                reasons = self.presumed.reasons(Concluded(goal))
                if reasons <= set(left):
                    rules = self.kb.rules_for[goal]
                    rule = next(rule for rule in rules if self.presumed.concluded(("rule", rule.id)))
                    behind = tuple(finding for finding in left if finding in reasons)
                    found.append(Presumption(self.kb.findings[name].title, rule.cite, behind))
                    left = [finding for finding in left if finding not in reasons]
        return (*found, Presumption("", (), tuple(left))) if left else tuple(found)

    # --- the ladder

    def _step(self, name: str, step: str | None, *, certain: bool) -> StepReport:
        status = step_status(self.known, name, step if certain else None)
        presumed_status = step_status(self.presumed, name, step)
        settled = self.known if certain else self.presumed
        split = self._split(name, settled) if name == step else []
        return StepReport(
            name,
            self.kb.steps[name].title,
            status,
            presumed_status,
            self._presumed_on(name, presumed_status, split) if presumed_status != status else (),
            self._supports_by_cases(name, settled, split) if split else self._arguments(("supports", name)),
            self._arguments(("excludes", name)),
            self._arguments(("cautions", name)),
        )

    def _split(self, name: str, settled: Evaluation) -> list[dict[str, Value]]:
        """The cases of a step that is recommended in every case but by no single derivation."""
        goal = Concluded(("recommended", name))
        return cases(self.domain, settled, goal) if settled.evaluate(goal) is None else []

    def _presumed_on(self, name: str, status: str, split: Sequence[Facts]) -> tuple[str, ...]:
        """The presumed findings behind a status; after a split, those behind it in any case."""
        behind = {"excluded": "excludes", "unsupported": "supports", "recommended": "recommended"}
        goal = Concluded((behind.get(status, "available"), name))
        if self.presumed.evaluate(goal) is not None:
            reasons = self.presumed.reasons(goal)
        elif status == "recommended":
            by_case = [self.presumed.with_values(case).reasons(goal) for case in split]
            reasons = frozenset[str]().union(*by_case) if by_case else self.presumed.definitions.inputs[goal.name]
        else:
            return ()
        return tuple(finding for finding in self.background.presumed if finding in reasons)

    def _supports_by_cases(self, name: str, settled: Evaluation, split: Sequence[Facts]) -> tuple[Argument, ...]:
        """One argument for a step in each case."""
        found = []
        for case in split:
            narrowed = settled.with_values(case)
            cells = ((finding, self.domain.cell_of(finding, value)) for finding, value in case.items())
            premises = tuple(self.domain.premise(finding, [cell]) for finding, cell in cells)
            holding = (rule for rule in self.kb.rules_for[("supports", name)] if narrowed.concluded(("rule", rule.id)))
            found.append(self._argument(next(holding), self.known.with_values(case), narrowed, premises))
        return tuple(found)

    def _arguments(self, name: Name) -> tuple[Argument, ...]:
        """The rules that conclude a name, without those that are known to fail."""
        rules = self.kb.rules_for.get(name, ())
        return tuple(
            self._argument(rule, self.known, self.presumed)
            for rule in rules
            if self.known.concluded(("rule", rule.id)) is not False
        )

    def _argument(
        self, rule: Rule, known: Evaluation, presumed: Evaluation, case: tuple[Premise, ...] = ()
    ) -> Argument:
        name = ("rule", rule.id)
        holds = known.concluded(name)
        behind = known.reasons(Concluded(name)) if holds else known.definitions.inputs[name]
        facts = {finding: known.facts[finding] for finding in self.domain.in_order(behind & known.facts.keys())}
        return Argument(
            rule.id,
            rule.title,
            rule.because,
            rule.cite,
            facts,
            WORDS[holds],
            WORDS[presumed.concluded(name)],
            rule.at.place,
            case,
        )

    # --- what goes with a step

    def _option(self, option: Option) -> OptionReport:
        arguments = {
            role: self._arguments((role, option.name)) for role in ("supports", "excludes", "cautions", "prefers")
        }
        cited = {
            *option.cite,
            *(claim for found in arguments.values() for argument in found for claim in argument.cite),
        }
        return OptionReport(
            option.name,
            option.title,
            option.note,
            option.cite,
            self._option_status(option, self.known),
            self._option_status(option, self.presumed),
            bool(self.presumed.concluded(("prefers", option.name))),
            arguments["supports"] + arguments["prefers"],
            arguments["excludes"],
            arguments["cautions"],
            self._notes(cited),
            option.standing,
        )

    @staticmethod
    def _option_status(option: Option, evaluation: Evaluation) -> OptionStatus:
        offered = evaluation.concluded(("offered", option.name))
        if offered is None:
            return "open"
        if offered:
            return "offered"
        return "excluded" if evaluation.concluded(("excludes", option.name)) else "unsupported"

    def _alerts(self) -> tuple[tuple[NotRuledOut, ...], tuple[NoticeReport, ...]]:
        """The alerts that some completion raises without being certain, and all that are raised or open."""
        not_ruled_out, notices = [], []
        for name in self.kb.alerts:
            goal = ("alert", name)
            known, presumed = self.known.concluded(goal), self.presumed.concluded(goal)
            if known is None and (found := explain_alert(name, self.deviations)):
                presumed = found.as_presumed or presumed
                if found.as_presumed and is_certain(self.domain, self.known, goal):
                    known = True
                else:
                    not_ruled_out.append(found)
            notices.append(self._notice(goal, known, presumed))
        return tuple(not_ruled_out), tuple(filter(None, notices))

    def _advice(self) -> tuple[NoticeReport, ...]:
        names = [("given", name) for name in self.kb.advice]
        notices = (self._notice(it, self.known.concluded(it), self.presumed.concluded(it)) for it in names)
        return tuple(filter(None, notices))

    def _notice(self, name: Name, known: Truth, presumed: Truth) -> NoticeReport | None:
        """An alert or an advice; ``None`` if it is known to fail."""
        if known is False:
            return None
        role, entry = ("alert", self.kb.alerts[name[1]]) if name[0] == "alert" else ("advise", self.kb.advice[name[1]])
        because = self._arguments((role, name[1]))
        cited = {claim for argument in because for claim in argument.cite}
        return NoticeReport(
            name[1], entry.title, entry.text, WORDS[known], WORDS[presumed], because, self._notes(cited)
        )

    def _scores(self) -> Iterator[tuple[str, ScoreReport]]:
        for finding in self.kb.concluded.values():
            if finding.points:
                names = finding.names
                both = (interval_of(names, record.truth) for record in (self.record, self.presumed_record))
                yield finding.name, ScoreReport(*both)

    def _finding(self, name: str, record: Record) -> Value | None:
        return value_of(self.kb.findings[name], record.truth)

    def _notes(self, cited: Iterable[str]) -> tuple[str, ...]:
        wanted = {note.id for claim in cited for note in self.kb.notes_on.get(claim, ())}
        return tuple(name for name in self.kb.notes if name in wanted)

    def _guidance(
        self,
        step: str | None,
        ladder: Sequence[StepReport],
        options: Sequence[OptionReport],
        notices: Sequence[NoticeReport],
    ) -> tuple[str, ...]:
        """The notes of guidance on a step, its arguments, its options on offer, alerts and advice.

        Options whose standing says it already have their notes to themselves.
        """
        arguments = [argument for notice in notices for argument in notice.because]
        cited = set(self.kb.steps[step].cite) if step else set()
        for option in (it for it in options if not it.discouraged):
            if option.presumed_status == "offered":
                cited |= set(option.cite)
            arguments += [*option.supports, *option.against, *option.cautions]
        for report in ladder:
            arguments += [*report.supports, *report.cautions] if report.step == step else report.against
        holding = (argument for argument in arguments if argument.presumed_status == "holds")
        return self._notes(cited.union(*(argument.cite for argument in holding)))
