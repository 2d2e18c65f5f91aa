"""What else differs between the answers to a part's patients, with the same step if possible; and what else counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, partial
from itertools import product
from typing import NamedTuple

from expert.diff.answer_changes import UNKNOWN
from expert.diff.compared_knowledge import Formulas, Part
from expert.diff.difference import OtherChange
from expert.diff.formulas import SideFormulas
from expert.diff.inquiry import Inquiry, Parts
from expert.diff.states import background_of, recommended_by, standing_of, state_of, status_by
from expert.diff.step_changes import StepChanges
from expert.diff.union import NEW, OLD, SIDES, Side
from expert.lang.observables import Key
from expert.lang.values import Facts
from expert.solve.connectives import Formula, conjunction, negation

ASKED = "when asked for (why)"
WITH_STEP = "where the step changes"

OF_A_STEP = ("step", "meanwhile", "option", "preference", "advice")
"""What depends on the recommended step, so that where the step changes, its change needs no mention."""

_OF_OPTIONS = ("option", "preference", "caution")

PRESUMED, KNOWN = "presumed", "known"
VIEWS = (PRESUMED, KNOWN)

_Observed = Mapping[Side, Mapping[Key, Parts]]
"""For each side and observable, the formulas that decide its status."""


class _Changing(NamedTuple):
    """An observable that differs; with ``goals``, because of what one side alone knows."""

    differs: Formula
    goals: tuple[Formula, ...]


class OtherChanges:
    """What else is observable of the answers to a part's patients, and differs."""

    def __init__(self, inquiry: Inquiry, part: Part, steps: StepChanges) -> None:
        self.inquiry, self.part, self.steps = inquiry, part, steps
        self.sides, self.formulas = inquiry.sides, part.formulas

    def changes(self) -> Iterator[OtherChange]:
        """Each observable that differs for some patient, once; then the standings of options."""
        for key in dict.fromkeys([*self._whole, *(it for found in self._partly.values() for it in found)]):
            yield from self.inquiry.confirmed(" ".join(key), partial(self._change, key))
        for name, option in self.sides.kbs[NEW].options.items() if not self.part.own_given else ():
            before = self.sides.kbs[OLD].options.get(name, option)
            if before.standing != option.standing:
                yield from self.inquiry.confirmed(f"the standing of {name}", partial(self._standing, name))

    def _standing(self, name: str) -> OtherChange | None:
        """How the standing of an option changes; ``None`` if no answer shows the option."""
        facts = self.part.prover.under(self.steps.same, *self._shown(("option", name))).complete_patient()
        if facts is None:
            return None
        witnesses = self.inquiry.witnesses
        relevant = {name: value for name, value in facts.items() if name in self.part.names}
        witness = witnesses.witness(witnesses.needed(relevant, recommended_by), partial(standing_of, name))
        if not witness.confirmed:
            witness = witnesses.witness(relevant, partial(standing_of, name))
        causes = tuple(it for it in self.inquiry.edits if (it.kind, it.id) == ("option", name))
        return OtherChange("standing", name, witness, causes)

    def _change(self, key: Key) -> OtherChange | None:
        """How an observable changes; ``None`` if it does so only where the step changes, or not at all."""
        kind, _ = key
        facts: Facts | None
        comes_with_the_step = False
        if key in self._whole:
            goals = self._whole[key].goals
            for only, also in self._ways(key):
                facts = self.part.prover.under(*goals, *also).complete_patient()
                if facts is not None:
                    return self._of_whole(key, facts, only)
            comes_with_the_step = self.part.prover.possible(*goals)
        if comes_with_the_step and kind == "step":
            return None
        for alone, view in product((True,) if kind in OF_A_STEP else (True, False), VIEWS):
            facts = self._patient(key, view, alone=alone)
            if facts is not None:
                return self._of_partial(key, facts, view)
        return None

    def _ways(self, key: Key) -> Iterator[tuple[str, list[Formula]]]:
        """How an observable can differ where all is given, the most visible way first, with what holds then."""
        shown = self._shown(key)
        yield "", [self.steps.same, *shown]
        if shown:
            yield ASKED, [self.steps.same]
        if key[0] not in OF_A_STEP:
            yield WITH_STEP, []

    def _patient(self, key: Key, view: str, *, alone: bool) -> Facts | None:
        """A partial patient for whom an observable differs; if it differs ``alone``, no status of a step does."""
        found = self._partly[view]
        if key not in found:
            return None
        statuses = [it.differs for other, it in found.items() if other[0] == "step" != key[0]]
        goals = [*found[key].goals, *(map(negation, statuses) if alone else ())]
        return self.part.partly.under(*goals).partial_patient(self.sides.given)

    def _of_whole(self, key: Key, facts: Facts, only: str) -> OtherChange:
        witnesses, question = self.inquiry.witnesses, partial(status_by, key)
        relevant = {name: value for name, value in facts.items() if name in self.part.names}
        words = partial(state_of, key, known=False)
        witness = witnesses.witness(witnesses.needed(relevant, question), words)
        if not witness.confirmed:
            witness = witnesses.witness(relevant, words)
        causes = self.inquiry.blame.causes(witnesses.backgrounds(witness.given), question)
        return OtherChange(*key, witness, causes, only)

    def _of_partial(self, key: Key, facts: Facts, view: str) -> OtherChange:
        witnesses = self.inquiry.witnesses
        witness = witnesses.witness(facts, partial(state_of, key, known=view == KNOWN), partly=True)
        backgrounds = witnesses.backgrounds(facts, presuming=view == PRESUMED)
        return OtherChange(*key, witness, self.inquiry.blame.causes(backgrounds, partial(status_by, key)), UNKNOWN)

    # --- what differs

    @cached_property
    def _whole(self) -> dict[Key, _Changing]:
        """What differs where everything of this part is given."""
        found, without = self._observed(self.part.whole, self.steps), self.steps.without
        if not without:
            return self._differing(found)
        earlier = self._observed(self.sides.shared, without)
        refused = negation(without.part.accepted)
        return self._differing(found, lambda side, key: earlier[side].get(key, {}), lambda: refused)

    def _observed(self, formulas: Formulas, steps: StepChanges) -> _Observed:
        return {side: dict(self._with_steps(formulas[side], steps.recommended[side])) for side in SIDES}

    def _with_steps(self, side: SideFormulas, recommended: Mapping[str, Formula]) -> Iterator[tuple[Key, Parts]]:
        """The observables, also by what depends on the recommended step: what waits, what is done meanwhile."""
        for key, parts in side.observed(side.presumed):
            if key[0] == "step":
                gates = [recommended[it.name] for it in side.kb.steps.values() if it.gate and it.name != key[1]]
                parts = {**parts, "waiting": conjunction(parts["available"], self.formulas.any(gates))}
            yield key, parts
        for step in side.kb.steps.values():
            if step.meanwhile:
                done = conjunction(recommended[step.name], side.presumed.concluded(("excludes", step.meanwhile)).fails)
                yield ("meanwhile", step.name), {step.meanwhile: done}

    @cached_property
    def _partly(self) -> dict[str, dict[Key, _Changing]]:
        """What differs of partial patients, with the presumptions and without."""
        sides = self.sides.partial.items()
        return {
            view: self._partly_differing({side: dict(it.observed(getattr(it, view))) for side, it in sides})
            for view in VIEWS
        }

    def _partly_differing(self, found: _Observed) -> dict[Key, _Changing]:
        if not self.part.own_given:
            return self._differing(found)

        def without_own(side: Side, key: Key) -> Parts:
            return {name: self.part.without_own(it) for name, it in found[side].get(key, {}).items()}

        return self._differing(found, without_own, lambda: self.part.refused_without_own)

    def _differing(
        self,
        found: _Observed,
        without_own: Callable[[Side, Key], Parts] | None = None,
        refused: Callable[[], Formula] | None = None,
    ) -> dict[Key, _Changing]:
        """What can differ.

        With the formulas for the same patient ``without_own``, without what one side alone knows: because of that. Then
        some side has another status for that patient, or does not accept it (``refused``).
        """
        changes = {}
        for key in dict.fromkeys([*found[NEW], *found[OLD]]):
            differs = self.inquiry.differs(found[OLD].get(key, {}), found[NEW].get(key, {}))
            if differs is None or not self._comparable(key):
                continue
            goals = [differs]
            if without_own and refused:
                turned = (self.inquiry.differs(without_own(side, key), found[side].get(key, {})) for side in SIDES)
                goals.append(self.formulas.any([refused(), *(it for it in turned if it is not None)]))
            changes[key] = _Changing(differs, tuple(goals))
        return changes

    def _comparable(self, key: Key) -> bool:
        """Whether both sides have a finding; and of an option or a caution, its step."""
        kind, name = key
        kbs = self.sides.kbs.values()
        if kind == "finding":
            return all(name in kb.findings for kb in kbs)
        return kind not in _OF_OPTIONS or all(name.partition(".")[0] in kb.steps for kb in kbs)

    def _shown(self, key: Key) -> list[Formula]:
        """Whether an answer shows an option: it shows those of the recommended step, and of what is done meanwhile."""
        step, _, of_option = key[1].partition(".")
        if not of_option or key[0] not in _OF_OPTIONS:
            return []
        side: Side = NEW if step in self.sides.kbs[NEW].steps else OLD
        excluded = self.part.whole[side].presumed.concluded(("excludes", step)).holds
        recommended = self.steps.recommended[side]
        gates = [it.name for it in self.sides.kbs[side].steps.values() if it.meanwhile == step]
        meanwhile = [conjunction(recommended[gate], negation(excluded)) for gate in gates]
        return [self.formulas.any([recommended[step], *meanwhile])]

    # --- what counts of findings that are not given

    def background(self) -> Iterator[OtherChange]:
        """Findings of both sides for which another value is presumed, forced or counted by default."""
        for name in self.sides.union.shared:
            yield from self.inquiry.confirmed(f"what counts of {name}", partial(self._background, name))

    def _background(self, name: str) -> OtherChange | None:
        key: Key = ("background", name)
        found = self._partly_differing({side: {key: it.background(name)} for side, it in self.sides.partial.items()})
        if key not in found:
            return None
        facts = self.part.partly.under(*found[key].goals).partial_patient(self.sides.given)
        if facts is None:
            return None
        witness = self.inquiry.witnesses.witness(facts, partial(background_of, name), partly=True)
        of, tied = self.inquiry.edits_of, self.inquiry.edits_tied_to
        return OtherChange(*key, witness, of("finding", name) or tied(name) or of("panel"), UNKNOWN)
