"""What only one of two sides accepts of a patient, and texts that they read as different values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction

from expert.diff.compared_knowledge import Part
from expert.diff.difference import Admitted, OtherChange, OtherKind, Witness
from expert.diff.edits import Edit
from expert.diff.inquiry import Inquiry
from expert.diff.states import step_of
from expert.diff.union import NEW, OLD, SIDES, Side
from expert.lang.definitions import Definitions
from expert.lang.dimensions import NUMBER, STANDARD, Unit
from expert.lang.errors import NotAValueError
from expert.lang.model import KnowledgeBase
from expert.lang.units import write_value
from expert.lang.values import Bounds, Facts, Value
from expert.lang.vocabulary import Finding, Kind
from expert.logic.plausibility import Plausibility
from expert.read.value import ValueReader
from expert.solve.connectives import Formula, conjunction, constant, negation


class Acceptance:
    """The patients of a part whom one side accepts and the other does not."""

    def __init__(self, inquiry: Inquiry, part: Part) -> None:
        self.inquiry, self.part = inquiry, part
        self.sides, self.union, self.formulas = inquiry.sides, inquiry.sides.union, part.formulas

    def differences(self) -> Iterator[Admitted]:
        """One patient for each side and for each thing that only that side can read, and for its constraints."""
        for side, other in (SIDES, SIDES[::-1]):
            if self.part.own_given:
                for name in self.union.differing():
                    yield from self._admitted(side, name, *self._by_value(side, other, name))
                for none_of in self.sides.none_of:
                    yield from self._admitted(side, none_of, *self._by_panel(side, other, none_of))
            yield from self._admitted(side, "", *self._by_constraints(side, other))
            if not self.part.own_given:
                yield from self._by_order(side, other)

    def _by_order(self, side: Side, other: Side) -> Iterator[Admitted]:
        """For each comparison by which the other side alone refuses patients, one of them."""
        kbs = self.sides.kbs
        mine, theirs = (Plausibility(Definitions(kbs[it])) for it in (side, other))
        for entry in (it for it in kbs[other].plausible if it.level == "error"):
            ends = entry.always.ends if entry.always else ()
            if not ends or not self.union.shared.keys() >= {*ends}:
                continue
            for given in self._beyond(*ends):
                if theirs.breaks(entry, given) and not mine.refuses(given):
                    words = {side: "accepted", other: f"not plausible ({entry.id})"}
                    written = self.inquiry.witnesses.written(given)
                    witness = Witness(given, written, words[OLD], words[NEW], confirmed=True)
                    yield Admitted(side, witness, self.inquiry.edits_of("plausible", entry.id))
                    break

    def _beyond(self, lesser: str, greater: str) -> Iterator[Facts]:
        """Two values that no comparison allows of a finding that is no greater than another, and two equal ones."""
        ones, others = ([kb.inputs[name] for kb in self.sides.kbs.values()] for name in (lesser, greater))
        yield {lesser: min(it.high for it in ones), greater: max(it.low for it in others)}
        both = Bounds(max(it.low for it in (*ones, *others)), min(it.high for it in (*ones, *others)))
        if not both.is_empty:
            equal = both.number(it.usual for it in ones if isinstance(it.usual, float))
            yield {lesser: equal, greater: equal}

    def _by_value(self, side: Side, other: Side, name: str) -> tuple[Formula, ...]:
        read, unread = (self.union.accepted(it, name) for it in (side, other))
        return self.sides.given[name], read, negation(unread), self.sides.partial[side].accepted

    def _by_panel(self, side: Side, other: Side, none_of: str) -> tuple[Formula, ...]:
        agree = self.formulas.all(self.sides.partial[other].panels_agree)
        return self.sides.given[none_of], negation(agree), self.sides.partial[side].accepted, *self.sides.both_read

    def _by_constraints(self, side: Side, other: Side) -> tuple[Formula, ...]:
        one, another = self.sides.partial[side], self.sides.partial[other]
        if one.possible().eq(another.possible()):
            return (constant(False, self.formulas.context),)
        differs = conjunction(one.accepted, negation(another.possible()))
        before = [negation(self.part.without_own(differs))] if self.part.own_given else []
        return differs, *another.panels_agree, *self.sides.both_read, *before

    def _admitted(self, side: Side, what: str, *goals: Formula) -> Iterator[Admitted]:
        def question() -> Facts | None:
            return self.part.everyone.under(*goals).partial_patient(self.sides.given)

        facts = self.inquiry.decided(f"who is accepted by the {side} version only {what}".rstrip(), question)
        if facts is not None:
            witness = self.inquiry.witnesses.witness(facts, step_of)
            yield Admitted(side, witness, self._causes(what, facts), what)

    def _causes(self, what: str, facts: Facts) -> tuple[Edit, ...]:
        if what in self.sides.none_of:
            return self.inquiry.edits_of("panel")
        if what:
            return self.inquiry.edits_of("finding", what)
        behind = [edit for name in facts for edit in self.inquiry.edits_tied_to(name)]
        return tuple(dict.fromkeys(behind)) or self.inquiry.edits_of("constraint")


BARE: OtherKind = "bare number"
WORD: OtherKind = "word"
UNIT: OtherKind = "unit"


def read_otherwise(inquiry: Inquiry) -> Iterator[OtherChange]:
    """For each finding, one text of each kind that the sides read as different values.

    A further word or unit that only the new knowledge reads changes nothing for texts that were read before.
    """
    sides = inquiry.sides
    readers = {side: ValueReader(kb) for side, kb in sides.kbs.items()}
    for name in sides.union.shared:
        findings = [kb.inputs[name] for kb in sides.kbs.values()]
        for kind, texts_of in TEXTS.items():
            texts = dict.fromkeys(text for it in findings for text in texts_of(it))
            readings = ((text, {side: _read(readers[side], name, text) for side in SIDES}) for text in texts)
            differing = [it for it in readings if it[1][OLD] != it[1][NEW] and (kind == BARE or it[1][OLD] is not None)]
            if differing:
                text, found = min(differing, key=lambda it: list(it[1].values()).count(None))  # best if both read it
                value = next(it for it in found.values() if it is not None)
                before, after = (_written(sides.kbs[side], name, found[side]) for side in SIDES)
                witness = Witness({name: value}, {name: text}, before, after, confirmed=True)
                causes = inquiry.edits_of("further unit") if kind == UNIT else ()
                yield OtherChange(kind, name, witness, (*inquiry.edits_of("finding", name), *causes))


def _numbers(finding: Finding) -> Iterator[str]:
    """A few values of a finding as bare numbers, if it may have one; those of a share or a count always may."""
    unit = finding.unit or NUMBER
    if finding.kind is Kind.QUANTITY and unit != NUMBER and finding.unit_may_be_omitted:
        yield from _in(unit, finding)


def _in_further_units(finding: Finding) -> Iterator[str]:
    """A few values of a finding in the further spellings of units of its dimension."""
    for spelling, unit in finding.units.known.items():
        if finding.unit and unit.dimension == finding.unit.dimension and spelling not in STANDARD.known:
            yield from (f"{number} {spelling}" for number in _in(unit, finding))


def _in(unit: Unit, finding: Finding) -> Iterator[str]:
    for value in (finding.usual, finding.low, finding.high):
        if isinstance(value, float):
            yield f"{value / float(Fraction(unit.factor)):g}"


TEXTS: Mapping[OtherKind, Callable[[Finding], Iterable[str]]] = {
    BARE: _numbers,
    WORD: lambda it: it.also,
    UNIT: _in_further_units,
}
"""The texts of a finding that the sides may read as different values."""


def _read(reader: ValueReader, name: str, text: str) -> Value | None:
    try:
        return reader.read(name, text).value
    except NotAValueError:
        return None


def _written(kb: KnowledgeBase, name: str, value: Value | None) -> str:
    return "not accepted" if value is None else write_value(kb.findings[name], value)
