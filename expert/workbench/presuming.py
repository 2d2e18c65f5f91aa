"""What two sides presume otherwise, and whose answer rests on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

import z3  # type: ignore[import-untyped]

from expert.compile.to_kleene import Pairs, Seen, outcome
from expert.errors import UnprovedError
from expert.model import Name, Value
from expert.workbench.difference import Presumed, Witness
from expert.workbench.edits import Edit
from expert.workbench.side_by_side import NEW, OLD, SIDES
from expert.workbench.sides import Sides
from expert.workbench.witnesses import Witnesses, without
from expert.workbench.words import recommended_by, step_of, truths_of, word_of

Found = tuple[str, Witness | None]
"""Something in an answer that rests on what is presumed, and a patient who shows it; an empty text if nothing does."""


class Presuming:
    """What is presumed by two sides. ``decided`` is given each question, and keeps those that stay open."""

    def __init__(
        self, sides: Sides, witnesses: Witnesses, decided: Callable[[str, Callable[[], Found]], Found | None]
    ) -> None:
        self.sides, self.witnesses, self.decided = sides, witnesses, decided
        self.kbs, self.reasoners, self.definitions = sides.kbs, sides.reasoners, sides.definitions
        self.both, self.presumed = sides.both, sides.presumed

    def differences(self, edits: Sequence[Edit]) -> Iterator[Presumed]:
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
                edit = next(it for it in edits if (it.kind, it.id) == ("finding", name))
                who = self.decided(f"what is presumed of {name}", partial(self._who_rests_on, name, values, defaults))
                yield Presumed(name, words[0], words[1], edit, *(who or ("", None)), unproved=who is None)

    def _who_rests_on(
        self, name: str, values: Sequence[Value | None], defaults: Sequence[Value | None]
    ) -> tuple[str, Witness | None]:
        """Something in the answer of a patient that changes with what is presumed, or with whether it counts as given.

        Raises:
            UnprovedError: the solver could not decide, or constraints carry what is presumed on to other findings.
        """
        old, new = values
        same = old is not None and self.sides.compared.domain.cell_of(name, old).holds(new)
        if same and (defaults[0] is None) is (defaults[1] is None):
            return "", None
        found = None if same else self._who_presumes(name, values)
        found = found or (self._who_is_barred(name, values) if same else None)
        if not (found and found[1].confirmed):  # what is unknown need not be seen to be
            found = self._whose_known_rests_on(name, values, defaults)
        if not found and name in self.sides.compared.domain.tied:
            raise UnprovedError("constraints tie it to other findings")
        return found or ("", None)

    def _who_is_barred(self, name: str, values: Sequence[Value | None]) -> tuple[str, Witness] | None:
        """Somebody who cannot be with the default of one side, which the other only presumes."""
        formulas, value = self.sides.compared.formulas, values[0]
        assert value is not None
        with_it = formulas.of_neighbour(formulas.facts({name: value}), [name])
        barred = z3.Not(formulas.all(formulas.of_neighbour(formulas.permitted, [name])))
        facts = self.sides.compared.prover.complete_patient(*with_it, barred)
        if facts is None:
            return None
        given = self.witnesses.given(without(facts, name), self.sides.compared.domain.tied.get(name, ()))
        return "who is possible", self.witnesses.witness(given, step_of)

    def _whose_known_rests_on(
        self, name: str, values: Sequence[Value | None], defaults: Sequence[Value | None]
    ) -> tuple[str, Witness] | None:
        """The same of partial patients, in either view, who are known in all that constraints tie to the finding."""
        tied = self.sides.compared.domain.tied.get(name, frozenset())
        for view in self.sides.compared.partial.views:
            counting = [
                it if view.presumed or of is not None else None for it, of in zip(values, defaults, strict=True)
            ]
            if counting[0] == counting[1]:
                continue
            pairs, whom = self.sides.compared.counting(view, name, counting)
            for seen, was, is_now in self._resting_on(name, pairs):
                after = self.sides.compared.formulas.of_neighbour(is_now, [name])
                differ = self.sides.compared.formulas.any([z3.Xor(*pair) for pair in zip(was, after, strict=True)])
                facts = self.sides.compared.nearest(view, differ, *whom)
                if facts is not None:
                    given = self.witnesses.given(without(facts, name), tied, presuming=view.presumed)
                    words = partial(word_of, seen, known=not view.presumed)
                    return " ".join(seen), self.witnesses.witness(given, words, partly=True)
        return None

    def _who_presumes(self, name: str, values: Sequence[Value | None]) -> tuple[str, Witness] | None:
        """Something in the answer of a patient, the step if it can be, that changes with the value that is presumed."""
        formulas, never = self.sides.compared.formulas, z3.BoolVal(False, self.sides.compared.formulas.context)
        steps: Seen = ("the", "recommended step")
        names = dict.fromkeys([*self.sides.recommended[OLD], *self.sides.recommended[NEW]])
        was, is_now = ([self.sides.recommended[side].get(step, never) for step in names] for side in SIDES)
        pairs = {side: self.sides.compared.complete(side) for side in SIDES}
        old, new = ([] if it is None else formulas.facts({name: it}) for it in values)
        everybody = [
            *formulas.of_neighbour([self.sides.compared.prover.everybody], [name]),
            *old,
            *formulas.of_neighbour(new, [name]),
        ]
        prover = self.sides.compared.prover.under(*everybody)
        for seen, before, after in [(steps, was, is_now), *self._resting_on(name, pairs)]:
            neighbour = formulas.of_neighbour(after, [name])
            differ = (
                formulas.any([z3.Xor(*pair) for pair in zip(it, neighbour, strict=True)]) for it in (before, after)
            )
            facts = prover.complete_patient(*differ)
            if facts is not None:
                question = recommended_by if seen == steps else partial(truths_of, seen)
                given = self.witnesses.given(without(facts, name), self.sides.compared.domain.tied.get(name, ()))
                words = step_of if seen == steps else partial(word_of, seen, known=False)
                return " ".join(seen), self.witnesses.witness(self.witnesses.needed(given, question), words)
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
