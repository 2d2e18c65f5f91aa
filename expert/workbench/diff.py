"""The semantic difference between two knowledge bases: who gets another answer, and because of which edit.

Certainty and the recommended step of a partial patient follow from the steps of the complete patients that he or she
may be; so the steps are compared over complete patients. What else a person can see is compared over partial ones too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, partial
from itertools import product
from typing import TypeVar

import z3  # type: ignore[import-untyped]

from expert.compile.to_kleene import Pairs, Seen, outcome
from expert.errors import UnprovedError
from expert.infer.partial import View
from expert.model import All, Concluded, Facts, KnowledgeBase, literals
from expert.workbench.blame import Blame
from expert.workbench.condition import Generalization, told
from expert.workbench.difference import (
    Admitted,
    Difference,
    OtherChange,
    PatientClass,
    StepChange,
)
from expert.workbench.edits import edits_between
from expert.workbench.named import named_of
from expert.workbench.presuming import Presuming
from expert.workbench.side_by_side import NEW, OLD, SIDES, Compared, SideBySide
from expert.workbench.sides import Sides
from expert.workbench.witnesses import Witnesses, least
from expert.workbench.words import recommended_by, step_of, truths_of, word_of

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
        self.sides = Sides(old, new)
        self.kbs, self.definitions, self.both = self.sides.kbs, self.sides.definitions, self.sides.both
        self.witnesses = Witnesses(self.sides)
        self.edits = tuple(edits_between(old, new))
        self.blame = Blame(self.definitions[OLD], self.definitions[NEW], self.edits)
        self.unproved: list[str] = []

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
            tuple(Presuming(self.sides, self.witnesses, self._decided).differences(self.edits)),
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
            self.unproved.append(f"{what}: {error}")
            return None

    # --- the recommended step

    @cached_property
    def _another_step(self) -> z3.BoolRef:
        """That the recommended step is another."""
        formulas, never = self.sides.compared.formulas, z3.BoolVal(False, self.sides.compared.formulas.context)
        old, new = self.sides.recommended[OLD], self.sides.recommended[NEW]
        pairs = [(old.get(step, never), new.get(step, never)) for step in dict.fromkeys([*old, *new])]
        return formulas.any([z3.Xor(*pair) for pair in pairs if not pair[0].eq(pair[1])])

    def _steps(self) -> Iterator[StepChange]:
        differs = self.sides.compared.prover.under(self._another_step)
        if differs.possible():
            pairs = product(*(self.sides.recommended[side].items() for side in SIDES))
            going = [(old, new) for old, new in pairs if old[0] != new[0] and differs.possible(old[1], new[1])]
            most = max(1, min(MOST_CLASSES, MOST_IN_ALL // len(going)))
            for (before, was), (after, is_now) in going:
                yield StepChange(before, after, *self._classes(before, after, [was, is_now], most))

    def _classes(
        self, before: str, after: str, change: list[z3.BoolRef], most: int
    ) -> tuple[tuple[PatientClass, ...], bool]:
        """Classes of patients who go from one step to another, and whether there are others who do."""
        changing = self.sides.compared.prover.under(*change)
        general = Generalization(self.sides.compared.prover.under(z3.Not(z3.And(*change))), self.both.shared)
        found: list[PatientClass] = []
        beyond: list[z3.BoolRef] = []
        for _ in range(most):
            facts = changing.complete_patient(*beyond)
            if facts is None:
                return tuple(found), False
            condition = general.of(facts)
            beyond.append(z3.Not(changing.formulas.all(general.formulas(condition))))
            given = self.witnesses.needed(self.witnesses.given(facts), recommended_by)
            witness = self.witnesses.witness(given, step_of, (before, after))
            causes = self.blame.causes(self.witnesses.of_both(facts), recommended_by)
            found.append(PatientClass(*told(self.sides.compared.domain, condition), witness, causes))
        return tuple(found), changing.possible(*beyond)

    # --- what else a person can see

    def _others(self) -> Iterator[OtherChange]:
        for seen, differs in {**self._differing(self.sides.compared.complete), **self._gated()}.items():
            found = self._decided(" ".join(seen), partial(self._other, seen, differs))
            if found:
                yield found

    def _other(self, seen: Seen, differs: z3.BoolRef) -> OtherChange | None:
        """How something changes; ``None`` if it does so only where the step changes, or not at all."""
        shown = self._shown(seen)
        facts: Facts | None
        for only, goals in (("", [differs, *shown]), *([(ASKED, [differs])] if shown else [])):
            facts = self.sides.compared.prover.under(z3.Not(self._another_step), *goals).complete_patient()
            if facts is not None:
                return self._changed(seen, facts, only)
        if self.sides.compared.prover.possible(differs):
            return None
        for view in reversed(self.sides.compared.partial.views):
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
        return self.sides.compared.nearest(view, differing[seen], *map(z3.Not, statuses))

    @cached_property
    def _differing_of_partial(self) -> dict[bool, dict[Seen, z3.BoolRef]]:
        """What differs of partial patients, with the presumptions and without."""
        views = self.sides.compared.partial.views
        return {view.presumed: self._differing(partial(self.sides.compared.of_partial, view)) for view in views}

    def _changed(self, seen: Seen, facts: Facts, only: str, view: View | None = None) -> OtherChange:
        """What changes of a patient: of a complete one, or of a partial one in a view."""
        known = view is not None and not view.presumed
        question, words = partial(truths_of, seen), partial(word_of, seen, known=known)
        given = self.witnesses.given(facts, presuming=not known)
        witness = self.witnesses.witness(
            given if view else self.witnesses.needed(given, question), words, partly=view is not None
        )
        return OtherChange(*seen, witness, self.blame.causes(self.witnesses.of_both(facts), question), only)

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
                found[seen] = self.sides.compared.formulas.any([z3.Xor(*pair) for pair in pairs])
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
        return [z3.BoolVal(value, self.sides.compared.formulas.context) for value in values]

    def _gated(self) -> dict[Seen, z3.BoolRef]:
        """For each gate that another step goes with, or that is one only now or no longer, that it is recommended."""
        return {seen: self.sides.recommended[NEW][step] for seen, step in self._gates().items()}

    def _shown(self, seen: Seen) -> list[z3.BoolRef]:
        """That an answer shows something; it does so with options only of what is recommended, and meanwhile."""
        step, _, of_option = seen[1].partition(".")
        if not of_option or seen[0] not in ("option", "preference", "caution"):
            return []
        side = NEW if step in self.kbs[NEW].steps else OLD
        excluded = self.sides.compared.complete(side).name(("excludes", step)).holds
        gates = [it.name for it in self.kbs[side].steps.values() if it.meanwhile == step]
        meanwhile = [z3.And(self.sides.recommended[side][gate], z3.Not(excluded)) for gate in gates]
        return [self.sides.compared.formulas.any([self.sides.recommended[side][step], *meanwhile])]

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
                given = self.witnesses.given(facts, kept)
                yield Admitted(
                    side, self.witnesses.witness(least(given, list(given), self.witnesses.permitted), step_of), edits
                )
