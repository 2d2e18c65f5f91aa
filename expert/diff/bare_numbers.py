"""Numbers without a unit that two knowledge bases read otherwise, though they agree on every quantity with its unit."""

from __future__ import annotations

from collections.abc import Iterator

from expert.diff.comparison import Comparison
from expert.diff.difference import OtherChange, Witness
from expert.diff.union import NEW, OLD, SIDES
from expert.lang.errors import NotAValueError
from expert.lang.model import KnowledgeBase
from expert.lang.units import NUMBER, write_value
from expert.lang.values import Value
from expert.lang.vocabulary import Finding, Kind
from expert.read.value import ValueReader

BARE = "bare number"


def bare_numbers(comparison: Comparison) -> Iterator[OtherChange]:
    """For each finding of which a bare number is read otherwise, one such number."""
    sides = comparison.sides
    readers = {side: ValueReader(kb) for side, kb in sides.kbs.items()}
    for name in sides.union.shared:
        numbers = dict.fromkeys(number for kb in sides.kbs.values() for number in _numbers(kb.inputs[name]))
        readings = ((number, {side: _read(readers[side], name, number) for side in SIDES}) for number in numbers)
        differing = [it for it in readings if it[1][OLD] != it[1][NEW]]
        if differing:
            number, found = min(differing, key=lambda it: list(it[1].values()).count(None))  # best if both read it
            value = next(it for it in found.values() if it is not None)
            before, after = (_told(sides.kbs[side], name, found[side]) for side in SIDES)
            witness = Witness({name: value}, {name: number}, before, after, confirmed=True)
            yield OtherChange(BARE, name, witness, comparison.edits_of("finding", name))


def _numbers(finding: Finding) -> Iterator[str]:
    """A few values of a finding as bare numbers, if it may have one; those of a share or a count always may."""
    unit = finding.unit or NUMBER
    if finding.kind is Kind.QUANTITY and unit != NUMBER and finding.unit_may_be_omitted:
        for value in (finding.usual, finding.low, finding.high):
            if isinstance(value, float):
                yield f"{value / float(unit.factor):g}"


def _read(reader: ValueReader, name: str, number: str) -> Value | None:
    try:
        return reader.read(name, number).value
    except NotAValueError:
        return None


def _told(kb: KnowledgeBase, name: str, value: Value | None) -> str:
    return "not accepted" if value is None else write_value(kb.findings[name], value)
