"""What else of an answer changes, where the step stays if that can be; and what counts of findings not given."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, partial
from itertools import product
from typing import NamedTuple

from expert.diff.answer_changes import UNKNOWN
from expert.diff.compared_knowledge import Formulas, Part
from expert.diff.comparison import Comparison, Parts
from expert.diff.difference import OtherChange
from expert.diff.formulas import SideFormulas, View
from expert.diff.step_changes import StepChanges
from expert.diff.union import NEW, OLD, SIDES
from expert.diff.wording import background_of, state_of, status_by
from expert.lang.observables import Key
from expert.lang.values import Facts
from expert.solve.connectives import Formula, conjunction, negation

ASKED = "when asked for (why)"
WITH_STEP = "where the step changes"

OF_A_STEP = ("step", "meanwhile", "option", "preference", "advice")
"""What hangs on the recommended step, so that its change is told by that of the step alone."""

PRESUMED, KNOWN = "presumed", "known"
VIEWS = (PRESUMED, KNOWN)


class _Change(NamedTuple):
    """That something differs, and that it does so because of what is said."""

    differs: Formula
    goals: tuple[Formula, ...]


class OtherChanges:
    """What else a person can see of the answers to a part's patients."""

    def __init__(self, comparison: Comparison, part: Part, steps: StepChanges) -> None:
        self.comparison, self.part, self.steps = comparison, part, steps
        self.sides, self.formulas = comparison.sides, part.formulas

    def changes(self) -> Iterator[OtherChange]:
        """Each thing that differs for somebody, once."""
        for seen in dict.fromkeys([*self._whole, *(it for found in self._partly.values() for it in found)]):
            question = partial(self._confirmed, seen)
            found = self.comparison.decided(" ".join(seen), question)
            if found:
                yield found

    def _confirmed(self, seen: Key) -> OtherChange | None:
        return self.comparison.confirmed(self._change(seen))

    def _change(self, seen: Key) -> OtherChange | None:
        """How something changes; ``None`` if it does so only where the step changes, or not at all."""
        prover, comes_with_the_step = self.part.prover, False
        facts: Facts | None
        if seen in self._whole:
            change, shown = self._whole[seen], self._shown(seen)
            ways: list[tuple[str, list[Formula]]] = [("", [self.steps.same, *shown])]
            ways += [(ASKED, [self.steps.same])] if shown else []
            ways += [(WITH_STEP, [])] if seen[0] not in OF_A_STEP else []
            for only, goals in ways:
                facts = prover.under(*change.goals, *goals).complete_patient()
                if facts is not None:
                    return self._of_whole(seen, facts, only)
            comes_with_the_step = prover.possible(*change.goals)
        if comes_with_the_step and seen[0] == "step":
            return None
        for alone, name in product((True, False) if seen[0] not in OF_A_STEP else (True,), VIEWS):
            facts = self._who(seen, name, alone=alone)
            if facts is not None:
                return self._of_partial(seen, facts, name)
        return None

    def _who(self, seen: Key, view: str, *, alone: bool) -> Facts | None:
        """A partial patient of whom something differs; if it differs ``alone``, no status of a step does."""
        if seen not in self._partly[view]:
            return None
        statuses = [it.differs for other, it in self._partly[view].items() if other[0] == "step" != seen[0]]
        goals = [*self._partly[view][seen].goals, *(map(negation, statuses) if alone else ())]
        return self.part.partly.under(*goals).partial_patient(self.sides.given)

    def _of_whole(self, seen: Key, facts: Facts, only: str) -> OtherChange:
        witnesses, question = self.comparison.witnesses, partial(status_by, seen)
        spoken_of = {name: value for name, value in facts.items() if name in self.part.names}
        words = partial(state_of, seen, known=False)
        witness = witnesses.witness(witnesses.needed(spoken_of, question), words)
        if not witness.confirmed:
            witness = witnesses.witness(spoken_of, words)
        causes = self.comparison.blame.causes(witnesses.backgrounds(witness.given), question)
        return OtherChange(seen[0], seen[1], witness, causes, only)

    def _of_partial(self, seen: Key, facts: Facts, view: str) -> OtherChange:
        witnesses = self.comparison.witnesses
        witness = witnesses.witness(facts, partial(state_of, seen, known=view == KNOWN), partly=True)
        backgrounds = witnesses.backgrounds(facts, presuming=view == PRESUMED)
        return OtherChange(
            seen[0], seen[1], witness, self.comparison.blame.causes(backgrounds, partial(status_by, seen)), UNKNOWN
        )

    # --- what differs

    @cached_property
    def _whole(self) -> dict[Key, _Change]:
        """What differs where all is given that is spoken of."""
        before = self._seen_whole(self.sides.unsaid, self.steps.before) if self.steps.before else {}
        return self._differing(self._seen_whole(self.part.whole, self.steps), before, lambda it: it)

    def _seen_whole(self, formulas: Formulas, steps: StepChanges) -> dict[str, dict[Key, Parts]]:
        return {side: dict(self._with_steps(formulas[side], steps.recommended[side])) for side in SIDES}

    def _with_steps(self, side: SideFormulas, recommended: Mapping[str, Formula]) -> Iterator[tuple[Key, Parts]]:
        """What a person can see, with what hangs on the recommended step: what waits, what is done meanwhile."""
        view = side.presumed
        for seen, parts in side.observed(view):
            if seen[0] == "step":
                gates = [recommended[it.name] for it in side.kb.steps.values() if it.gate and it.name != seen[1]]
                parts = {**parts, "waiting": conjunction(parts["available"], self.formulas.any(gates))}
            yield seen, parts
        for step in side.kb.steps.values():
            if step.meanwhile:
                done = conjunction(recommended[step.name], view.concluded(("excludes", step.meanwhile)).fails)
                yield ("meanwhile", step.name), {step.meanwhile: done}

    @cached_property
    def _partly(self) -> dict[str, dict[Key, _Change]]:
        """What differs of partial patients, with the presumptions and without."""
        return {
            name: self._differing(
                {side: dict(its.observed(getattr(its, name))) for side, its in self.sides.partial.items()},
                {},
                self.part.unsaid if self.part.saying else None,
            )
            for name in VIEWS
        }

    def _differing(
        self,
        found: Mapping[str, Mapping[Key, Parts]],
        before: Mapping[str, Mapping[Key, Parts]],
        unsaid: Callable[[Formula], Formula] | None,
    ) -> dict[Key, _Change]:
        """For each thing that may differ, that it does; and if something is said, that it reads otherwise unsaid."""
        changes = {}
        for seen in dict.fromkeys([*found[NEW], *found[OLD]]):
            differs = self.comparison.differs(found[OLD].get(seen, {}), found[NEW].get(seen, {}))
            if differs is None or not self._comparable(seen):
                continue
            goals = [differs]
            if self.part.saying and unsaid:
                goals.append(self.formulas.any([self._refused(before), *self._turned(seen, found, before, unsaid)]))
            changes[seen] = _Change(differs, tuple(goals))
        return changes

    def _refused(self, before: Mapping[str, Mapping[Key, Parts]]) -> Formula:
        """That a side does not accept the patient without what is said."""
        return negation(self.steps.before.part.accepted) if before and self.steps.before else self.part.refused_unsaid

    def _turned(
        self,
        seen: Key,
        found: Mapping[str, Mapping[Key, Parts]],
        before: Mapping[str, Mapping[Key, Parts]],
        unsaid: Callable[[Formula], Formula],
    ) -> Iterator[Formula]:
        for side in SIDES:
            parts = found[side].get(seen, {})
            its = before[side].get(seen, {}) if before else {name: unsaid(it) for name, it in parts.items()}
            turned = self.comparison.differs(its, parts)
            if turned is not None:
                yield turned

    def _comparable(self, seen: Key) -> bool:
        """Whether both sides have a finding; and of an option or a caution, its step."""
        kbs = self.sides.kbs.values()
        if seen[0] == "finding":
            return all(seen[1] in kb.findings for kb in kbs)
        if seen[0] in ("option", "preference", "caution"):
            return all(seen[1].partition(".")[0] in kb.steps for kb in kbs)
        return True

    def _shown(self, seen: Key) -> list[Formula]:
        """That an answer shows something; it does so with options only of what is recommended, and meanwhile."""
        step, _, of_option = seen[1].partition(".")
        if not of_option or seen[0] not in ("option", "preference", "caution"):
            return []
        side = NEW if step in self.sides.kbs[NEW].steps else OLD
        view: View = self.part.whole[side].presumed
        excluded = view.concluded(("excludes", step)).holds
        recommended = self.steps.recommended[side]
        gates = [it.name for it in self.sides.kbs[side].steps.values() if it.meanwhile == step]
        meanwhile = [conjunction(recommended[gate], negation(excluded)) for gate in gates]
        return [self.formulas.any([recommended[step], *meanwhile])]

    # --- what counts of findings that are not given

    def background(self) -> Iterator[OtherChange]:
        """Findings of both sides of which something else is presumed, forced, or counted by default."""
        for name in self.sides.union.shared:
            found = self.comparison.decided(f"what counts of {name}", partial(self._background, name))
            if found:
                yield found

    def _background(self, name: str) -> OtherChange | None:
        old, new = (self._counted(self.sides.partial[side], name) for side in SIDES)
        differs = self.comparison.differs(old, new)
        if differs is None:
            return None
        goals = [differs]
        if self.part.saying:
            pairs = [({key: self.part.unsaid(it) for key, it in its.items()}, its) for its in (old, new)]
            turned = [it for it in (self.comparison.differs(*pair) for pair in pairs) if it is not None]
            goals.append(self.formulas.any([self.part.refused_unsaid, *turned]))
        facts = self.part.partly.under(*goals).partial_patient(self.sides.given)
        if facts is None:
            return None
        witness = self.comparison.witnesses.witness(facts, partial(background_of, name), partly=True)
        change = OtherChange("background", name, witness, self.comparison.edits_behind(name), UNKNOWN)
        return self.comparison.confirmed(change)

    @staticmethod
    def _counted(side: SideFormulas, name: str) -> Parts:
        return {f"{why} {value!r}": when for (why, value), when in side.background(name).items()}
