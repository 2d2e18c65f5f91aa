"""The semantic difference between two knowledge bases: who gets another answer, and because of which edit.

Certainty and the recommended step of a partial patient follow from the steps of the complete patients that he or she
may be; so the steps are compared over complete patients. What else a person can see is compared over partial ones too.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import product
from typing import TypeVar

import z3  # type: ignore[import-untyped]

from expert.compile.to_kleene import Pairs, Seen, outcome
from expert.errors import InputError
from expert.infer.assess import Reasoner
from expert.infer.partial import View
from expert.infer.prove import UnprovedError
from expert.logic import Evaluation
from expert.model import All, Concluded, Facts, KnowledgeBase, Name, Value, literals
from expert.results import Patient
from expert.workbench.blame import Blame, Question
from expert.workbench.condition import Generalization, told
from expert.workbench.difference import (
    NO_STEP,
    Admitted,
    Difference,
    OtherChange,
    PatientClass,
    Presumed,
    StepChange,
    Witness,
)
from expert.workbench.edits import edits_between
from expert.workbench.named import named_of
from expert.workbench.side_by_side import NEW, OLD, SIDES, Compared, SideBySide, presumed
from expert.workbench.words import IMPOSSIBLE, Words, names_of, step_of, word_of

Found = TypeVar("Found")

MOST_CLASSES = 3
"""So many classes of patients are described for each pair of steps; fewer where there are many pairs."""

MOST_IN_ALL = 12

UNKNOWN = "while findings are unknown"
ASKED = "when asked for (why)"


def difference(old: KnowledgeBase, new: KnowledgeBase) -> Difference:
    """How two knowledge bases differ."""
    return _Comparison(old, new).difference()


class _Comparison:
    """Two knowledge bases being compared."""

    def __init__(self, old: KnowledgeBase, new: KnowledgeBase) -> None:
        self.kbs = {OLD: old, NEW: new}
        self.edits = tuple(edits_between(old, new))
        self.reasoners = {side: Reasoner(kb) for side, kb in self.kbs.items()}
        self.definitions = {side: reasoner.definitions for side, reasoner in self.reasoners.items()}
        self.both = SideBySide(self.definitions[OLD], self.definitions[NEW])
        self.blame = Blame(self.definitions[OLD], self.definitions[NEW], self.edits)
        self.presumed = {side: presumed(kb.inputs) for side, kb in self.kbs.items()}
        self.unproved: list[str] = []

    @cached_property
    def compared(self) -> Compared:
        """The patients whom both sides know how to treat; the solver is asked only where something differs."""
        return Compared(self.both)

    def difference(self) -> Difference:
        steps: tuple[StepChange, ...] = ()
        others: tuple[OtherChange, ...] = ()
        if self._meaning_differs():
            steps = self._decided("the recommended step", lambda: tuple(self._steps())) or ()
            others = tuple(self._others())
        return Difference(
            self.kbs[OLD],
            self.kbs[NEW],
            steps,
            others,
            tuple(self._admitted()),
            tuple(self._presumed()),
            self.edits,
            tuple(named_of(self.kbs[OLD], self.kbs[NEW], self.both.shared)),
            tuple(self.unproved),
        )

    def _meaning_differs(self) -> bool:
        its = [self.definitions[side].premises for side in SIDES]
        return any(len(self.both.same) < len(it) for it in its) or bool(self._gates())

    def _gates(self) -> dict[Seen, str]:
        """What of a gate differs, with its step."""
        edits = (it for it in self.edits if it.kind == "step" and it.change == "edited")
        return {(part, it.id): it.id for it in edits for part in it.parts if part in ("gate", "meanwhile")}

    def _decided(self, what: str, question: Callable[[], Found | None]) -> Found | None:
        """The answer to a question; what the solver could not decide is kept, so that nothing is taken for proved."""
        try:
            return question()
        except UnprovedError as error:
            self.unproved.append(f"{what}: the solver could not decide ({error})")
            return None

    # --- the recommended step

    @cached_property
    def recommended(self) -> dict[str, dict[str, z3.BoolRef]]:
        """For each side and step, that it is recommended to a complete patient; and that none is."""
        found = {}
        for side in SIDES:
            pairs = self.compared.complete(side)
            its = {step: pairs.name(("recommended", step)).holds for step in self.kbs[side].steps}
            found[side] = {**its, NO_STEP: z3.Not(self.compared.formulas.any(list(its.values())))}
        return found

    @cached_property
    def _another_step(self) -> z3.BoolRef:
        """That the recommended step is another."""
        formulas, never = self.compared.formulas, z3.BoolVal(False, self.compared.formulas.context)
        old, new = self.recommended[OLD], self.recommended[NEW]
        pairs = [(old.get(step, never), new.get(step, never)) for step in dict.fromkeys([*old, *new])]
        return formulas.any([z3.Xor(*pair) for pair in pairs if not pair[0].eq(pair[1])])

    def _steps(self) -> Iterator[StepChange]:
        differs = self.compared.prover.under(self._another_step)
        if differs.possible():
            pairs = product(*(self.recommended[side].items() for side in SIDES))
            going = [(old, new) for old, new in pairs if old[0] != new[0] and differs.possible(old[1], new[1])]
            most = max(1, min(MOST_CLASSES, MOST_IN_ALL // len(going)))
            for (before, was), (after, is_now) in going:
                yield StepChange(before, after, *self._classes(before, after, [was, is_now], most))

    def _classes(
        self, before: str, after: str, change: list[z3.BoolRef], most: int
    ) -> tuple[tuple[PatientClass, ...], bool]:
        """Classes of patients who go from one step to another, and whether there are others who do."""
        changing = self.compared.prover.under(*change)
        general = Generalization(self.compared.prover.under(z3.Not(z3.And(*change))), self.both.shared)
        found: list[PatientClass] = []
        beyond: list[z3.BoolRef] = []
        for _ in range(most):
            facts = changing.complete_patient(*beyond)
            if facts is None:
                return tuple(found), False
            condition = general.of(facts)
            beyond.append(z3.Not(changing.formulas.all(general.formulas(condition))))
            given = self._needed(self._given(facts), _recommended)
            witness = self._witness(given, step_of, (before, after))
            causes = self.blame.causes(self._of_both(facts), _recommended)
            found.append(PatientClass(*told(self.compared.domain, condition), witness, causes))
        return tuple(found), changing.possible(*beyond)

    # --- what else a person can see

    def _others(self) -> Iterator[OtherChange]:
        for seen, differs in {**self._differing(self.compared.complete), **self._gated()}.items():
            found = self._decided(" ".join(seen), partial(self._other, seen, differs))
            if found:
                yield found

    def _other(self, seen: Seen, differs: z3.BoolRef) -> OtherChange | None:
        """How something changes; ``None`` if it does so only where the step changes, or not at all."""
        shown = self._shown(seen)
        facts: Facts | None
        for only, goals in (("", [differs, *shown]), *([(ASKED, [differs])] if shown else [])):
            facts = self.compared.prover.under(z3.Not(self._another_step), *goals).complete_patient()
            if facts is not None:
                return self._changed(seen, facts, only)
        if self.compared.prover.possible(differs):
            return None
        for view in reversed(self.compared.partial.views):
            facts = self._partly(seen, view)
            if facts is not None:
                return self._changed(seen, facts, UNKNOWN, view)
        return None

    def _partly(self, seen: Seen, view: View) -> Facts | None:
        """A partial patient of whom something differs; and if it is no step itself, no status of a step does."""
        differing = self._differing_of_partial[view.presumed]
        if seen not in differing:
            return None
        statuses = [it for other, it in differing.items() if other[0] == "step" != seen[0]]
        return self.compared.nearest(view, differing[seen], *map(z3.Not, statuses))

    @cached_property
    def _differing_of_partial(self) -> dict[bool, dict[Seen, z3.BoolRef]]:
        """What differs of partial patients, with the presumptions and without."""
        views = self.compared.partial.views
        return {view.presumed: self._differing(partial(self.compared.of_partial, view)) for view in views}

    def _changed(self, seen: Seen, facts: Facts, only: str, view: View | None = None) -> OtherChange:
        """What changes of a patient: of a complete one, or of a partial one in a view."""
        known = view is not None and not view.presumed
        question, words = partial(_truths, seen), partial(word_of, seen, known=known)
        given = self._given(facts, presuming=not known)
        witness = self._witness(given if view else self._needed(given, question), words, partly=view is not None)
        return OtherChange(*seen, witness, self.blame.causes(self._of_both(facts), question), only)

    def _differing(self, view: Callable[[str], Pairs]) -> dict[Seen, z3.BoolRef]:
        """For each thing that a person can see and that may differ, that it does."""
        old, new = (self._seen(view(side), side) for side in SIDES)
        found = {}
        for seen in dict.fromkeys([*new, *old]):
            if seen[0] == "finding" and not (seen in old and seen in new):
                continue  # it is named; nothing is known of it on the other side
            was, is_now = old.get(seen), new.get(seen)
            was, is_now = was or self._absent(is_now or []), is_now or self._absent(was or [])
            pairs = [pair for pair in zip(was, is_now, strict=True) if not pair[0].eq(pair[1])]
            if pairs:
                found[seen] = self.compared.formulas.any([z3.Xor(*pair) for pair in pairs])
        return found

    def _seen(self, pairs: Pairs, side: str) -> dict[Seen, list[z3.BoolRef]]:
        """What a person can see of one side's answer where it may differ, each with what its words hang on."""
        kb = self.kbs[side]
        touched = {name for name in self.definitions[side].premises if name not in self.both.same}
        found: dict[Seen, list[z3.BoolRef]] = {}
        for seen, formulas in outcome(pairs, kb, touched):
            found.setdefault(seen, []).extend(formulas)
        for kind, name in list(found):
            if kind == "finding" and kb.findings[name].values:
                other = self.kbs[OLD if side == NEW else NEW].findings.get(name)
                common = (
                    [it for it in self.kbs[OLD].findings[name].values if it in kb.findings[name].values]
                    if other
                    else []
                )
                found[kind, name] = [part for it in common for part in pairs.name(("finding", name, it))]
        return found

    def _absent(self, present: Sequence[z3.BoolRef]) -> list[z3.BoolRef]:
        """The words for what is not there: known not to hold."""
        values = (False, True, False)[: len(present)]
        return [z3.BoolVal(value, self.compared.formulas.context) for value in values]

    def _gated(self) -> dict[Seen, z3.BoolRef]:
        """For each gate that another step goes with, or that is one only now or no longer, that it is recommended."""
        return {seen: self.recommended[NEW][step] for seen, step in self._gates().items()}

    def _shown(self, seen: Seen) -> list[z3.BoolRef]:
        """That an answer shows something; it does so with options only of what is recommended, and meanwhile."""
        step, _, of_option = seen[1].partition(".")
        if not of_option or seen[0] not in ("option", "preference", "caution"):
            return []
        side = NEW if step in self.kbs[NEW].steps else OLD
        excluded = self.compared.complete(side).name(("excludes", step)).holds
        gates = [it.name for it in self.kbs[side].steps.values() if it.meanwhile == step]
        meanwhile = [z3.And(self.recommended[side][gate], z3.Not(excluded)) for gate in gates]
        return [self.compared.formulas.any([self.recommended[side][step], *meanwhile])]

    # --- who is permitted, and what is presumed

    def _admitted(self) -> Iterator[Admitted]:
        """A patient whom only the old knowledge permits, and one whom only the new does."""
        edits = tuple(edit for edit in self.edits if edit.kind == "constraint" and edit.parts != ("because",))
        if not edits:
            return
        free = SideBySide(self.definitions[OLD], self.definitions[NEW], constrained_by=())
        compared = Compared(free)
        kept = {
            literal.finding for kb in self.kbs.values() for it in kb.constraints for literal in literals(All(it.never))
        }
        for side, other in (SIDES, SIDES[::-1]):
            permitted, barred = (compared.formulas.of(Concluded(free.permitted[it])) for it in (side, other))
            only_one = partial(compared.prover.complete_patient, permitted, z3.Not(barred))
            facts = self._decided("who is permitted", only_one)
            if facts is not None:
                given = self._given(facts, kept)
                yield Admitted(side, self._witness(_least(given, list(given), self._permitted), step_of), edits)

    def _presumed(self) -> Iterator[Presumed]:
        """The shared findings of which each side presumes something else."""
        for name in self.both.shared:
            values = [self.presumed[side].get(name) for side in SIDES]
            defaults = [self.kbs[side].inputs[name].default for side in SIDES]
            if values[0] != values[1] or defaults[0] != defaults[1]:
                words = [self.reasoners[side].domain.write(name, it) for side, it in zip(SIDES, values, strict=True)]
                if values[0] == values[1]:
                    words = [
                        f"{it}, {'presumed' if of is None else 'by default'}"
                        for it, of in zip(words, defaults, strict=True)
                    ]
                edit = next(it for it in self.edits if (it.kind, it.id) == ("finding", name))
                who = self._decided(f"what is presumed of {name}", partial(self._who_rests_on, name, values, defaults))
                yield Presumed(name, words[0], words[1], edit, *(who or ("", None)), unproved=who is None)

    def _who_rests_on(
        self, name: str, values: Sequence[Value | None], defaults: Sequence[Value | None]
    ) -> tuple[str, Witness | None]:
        """Something in the answer of a patient that changes with what is presumed, or with whether it counts as given.

        Raises:
            UnprovedError: the solver could not decide, or constraints carry what is presumed on to other findings.
        """
        old, new = values
        same = old is not None and self.compared.domain.cell_of(name, old).holds(new)
        if same and (defaults[0] is None) is (defaults[1] is None):
            return "", None
        found = None if same else self._who_presumes(name, values)
        found = found or (self._who_is_barred(name, values) if same else None)
        if not (found and found[1].confirmed):  # what is unknown need not be seen to be
            found = self._whose_known_rests_on(name, values, defaults)
        if not found and name in self.compared.domain.tied:
            raise UnprovedError("constraints tie it to other findings")
        return found or ("", None)

    def _who_is_barred(self, name: str, values: Sequence[Value | None]) -> tuple[str, Witness] | None:
        """Somebody who cannot be with the default of one side, which the other only presumes."""
        formulas, value = self.compared.formulas, values[0]
        assert value is not None
        with_it = formulas.of_neighbour(formulas.facts({name: value}), [name])
        barred = z3.Not(formulas.all(formulas.of_neighbour(formulas.permitted, [name])))
        facts = self.compared.prover.complete_patient(*with_it, barred)
        if facts is None:
            return None
        given = self._given(_without(facts, name), self.compared.domain.tied.get(name, ()))
        return "who is possible", self._witness(given, step_of)

    def _whose_known_rests_on(
        self, name: str, values: Sequence[Value | None], defaults: Sequence[Value | None]
    ) -> tuple[str, Witness] | None:
        """The same of partial patients, in either view, who are known in all that constraints tie to the finding."""
        tied = self.compared.domain.tied.get(name, frozenset())
        for view in self.compared.partial.views:
            counting = [
                it if view.presumed or of is not None else None for it, of in zip(values, defaults, strict=True)
            ]
            if counting[0] == counting[1]:
                continue
            pairs, whom = self.compared.counting(view, name, counting)
            for seen, was, is_now in self._resting_on(name, pairs):
                after = self.compared.formulas.of_neighbour(is_now, [name])
                differ = self.compared.formulas.any([z3.Xor(*pair) for pair in zip(was, after, strict=True)])
                facts = self.compared.nearest(view, differ, *whom)
                if facts is not None:
                    given = self._given(_without(facts, name), tied, presuming=view.presumed)
                    words = partial(word_of, seen, known=not view.presumed)
                    return " ".join(seen), self._witness(given, words, partly=True)
        return None

    def _who_presumes(self, name: str, values: Sequence[Value | None]) -> tuple[str, Witness] | None:
        """Something in the answer of a patient, the step if it can be, that changes with the value that is presumed."""
        formulas, never = self.compared.formulas, z3.BoolVal(False, self.compared.formulas.context)
        steps: Seen = ("the", "recommended step")
        names = dict.fromkeys([*self.recommended[OLD], *self.recommended[NEW]])
        was, is_now = ([self.recommended[side].get(step, never) for step in names] for side in SIDES)
        pairs = {side: self.compared.complete(side) for side in SIDES}
        old, new = ([] if it is None else formulas.facts({name: it}) for it in values)
        everybody = [
            *formulas.of_neighbour([self.compared.prover.everybody], [name]),
            *old,
            *formulas.of_neighbour(new, [name]),
        ]
        prover = self.compared.prover.under(*everybody)
        for seen, before, after in [(steps, was, is_now), *self._resting_on(name, pairs)]:
            neighbour = formulas.of_neighbour(after, [name])
            differ = (
                formulas.any([z3.Xor(*pair) for pair in zip(it, neighbour, strict=True)]) for it in (before, after)
            )
            facts = prover.complete_patient(*differ)
            if facts is not None:
                question = _recommended if seen == steps else partial(_truths, seen)
                given = self._given(_without(facts, name), self.compared.domain.tied.get(name, ()))
                words = step_of if seen == steps else partial(word_of, seen, known=False)
                return " ".join(seen), self._witness(self._needed(given, question), words)
        return None

    def _resting_on(
        self, name: str, pairs: Mapping[str, Pairs]
    ) -> Iterator[tuple[Seen, list[z3.BoolRef], list[z3.BoolRef]]]:
        """What a person can see on both sides of what rests on a finding, each with what its words hang on there."""
        touched = frozenset[Name]().union(*(self.definitions[side].dependents[name] for side in SIDES))
        found: dict[str, dict[Seen, list[z3.BoolRef]]] = {side: {} for side in SIDES}
        for side in SIDES:
            for seen, parts in outcome(pairs[side], self.kbs[side], touched):
                found[side].setdefault(seen, []).extend(parts)
        for seen, was in found[OLD].items():
            is_now = found[NEW].get(seen, [])
            if len(was) == len(is_now):
                yield seen, was, is_now

    # --- witnesses

    def _of_both(self, facts: Facts) -> dict[str, Value]:
        """Facts by the names that each side has for them; nothing of what cannot be compared."""
        unlike = {
            name for name in self.kbs[OLD].inputs if name in self.kbs[NEW].inputs and name not in self.both.shared
        }
        told_of = {self.both.finding(OLD, name): name for name in self.kbs[OLD].inputs if name not in self.both.shared}
        blind = self.compared.blind
        named = {told_of.get(name, name): value for name, value in facts.items() if name not in blind}
        return {name: value for name, value in named.items() if name not in unlike}

    def _given(self, facts: Facts, kept: Container[str] = (), *, presuming: bool = True) -> dict[str, Value]:
        """What must be said of a patient: not what both sides presume, or take by default, if that is so."""
        found = {}
        for name, value in facts.items():
            if name in self.both.shared:
                defaults = {self.kbs[side].inputs[name].default for side in SIDES}
                counts = {self.presumed[side].get(name) for side in SIDES} if presuming else defaults
                cell = self.compared.domain.cell_of(name, value)
                if name in kept or not all(cell.holds(it) for it in counts):
                    found[name] = value
        return found

    def _needed(self, given: dict[str, Value], question: Question) -> dict[str, Value]:
        """The facts without those of which nothing is presumed, and which make no difference to the answers."""
        names = [name for name in given if not any(name in its for its in self.presumed.values())]
        return _least(given, names, lambda fewer: self._asked(fewer, question))

    def _asked(self, given: Facts, question: Question) -> list[object]:
        """What both sides answer, as presumed."""
        backgrounds = [self.reasoners[side].domain.background(given).all for side in SIDES]
        evaluations = (Evaluation(self.definitions[side], it) for side, it in zip(SIDES, backgrounds, strict=True))
        return [question(evaluation) for evaluation in evaluations]

    def _permitted(self, given: Facts) -> list[bool]:
        """Which sides take facts for possible."""
        return [self.reasoners[side].domain.permitted(given) for side in SIDES]

    def _witness(
        self, given: Facts, words: Words, expected: tuple[str, str] | None = None, *, partly: bool = False
    ) -> Witness:
        """A patient, with what both engines answer: of a complete patient, with all that is presumed."""
        before, after = (self._answered(side, given, words, partly=partly) for side in SIDES)
        confirmed = before != after if expected is None else (before, after) == expected
        written = {name: self.reasoners[NEW].domain.write(name, value) for name, value in given.items()}
        return Witness(given, written, before, after, confirmed)

    def _answered(self, side: str, given: Facts, words: Words, *, partly: bool) -> str:
        reasoner = self.reasoners[side]
        try:
            # What is presumed is given, which the same step follows from: then nothing is left to be looked for.
            facts = given if partly else reasoner.domain.background(given).all
            return words(self.kbs[side], reasoner.assess(Patient(facts)))
        except InputError:
            return IMPOSSIBLE


def _least(given: dict[str, Value], names: Sequence[str], answers: Callable[[Facts], object]) -> dict[str, Value]:
    """Facts without those of some names that can be left out, the last first, while the answers stay."""
    wanted = answers(given)
    for name in reversed(names):
        fewer = {other: value for other, value in given.items() if other != name}
        if answers(fewer) == wanted:
            given = fewer
    return given


def _without(facts: Facts, name: str) -> dict[str, Value]:
    return {other: value for other, value in facts.items() if other != name}


def _recommended(evaluation: Evaluation) -> object:
    """The step that is recommended for sure."""
    return next((it for it in evaluation.definitions.kb.steps if evaluation.concluded(("recommended", it))), None)


def _truths(seen: Seen, evaluation: Evaluation) -> object:
    """The truths behind something that a person can see."""
    kind, name = seen
    if kind in ("gate", "meanwhile"):
        step = evaluation.definitions.kb.steps.get(name)
        return step and (step.gate, step.meanwhile)
    finding = evaluation.definitions.kb.findings.get(name) if kind == "finding" else None
    names = [("finding", name, value) for value in finding.values] if finding and finding.values else names_of(seen)
    return [it in evaluation.definitions.premises and evaluation.concluded(it) for it in names]
