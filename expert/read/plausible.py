"""``plausible:`` of the vocabulary: relations between given values; others are refused or warned about."""

from __future__ import annotations

import re
from collections.abc import Iterator

from expert.lang.dimensions import NUMBER, Unit
from expert.lang.errors import quoted
from expert.lang.format import FORMS
from expert.lang.premises import All, Premise, literals
from expert.lang.values import Bounds
from expert.lang.vocabulary import Finding, Kind, Order, Plausible
from expert.read.fields import Fields
from expert.read.premise import KINDS, PremiseReader, for_the_record
from expert.read.source import Names, Node, Scalar, location

_ORDER = re.compile(r"(?P<finding>[^\s<>=]+)\s*(?P<operator><=|>=|<|>)\s*(?P<other>[^\s<>=].*)", re.DOTALL)
_FORM = "QUANTITY <= QUANTITY, or with <, > or >="


def read_plausible(top: Fields, reader: PremiseReader) -> Iterator[Plausible]:
    """The entries; problems are recorded, and what is wrong is left out."""
    orders: list[Order] = []
    for key, value in top.named("plausible"):
        fields = Fields(value, FORMS["plausible"], reader.problems)
        words = [word for word in ("always", "never") if word in fields.entries]
        if len(words) != 1 and fields.understood:
            expected = "always: QUANTITY <= QUANTITY, or never: [PREMISE, ...]"
            reader.problems.add(value, "an entry of plausible has either always or never", expected=expected)
        never = reader.conjunction(fields.get("never"))
        check_given(never, "what is plausible", key, reader)
        order = _order(fields.get("always"), reader)
        level = fields.choice("level")
        if order and (circle := _circle(order, orders)):
            message = f"the comparisons lead back to {order.finding}: {', '.join(it.line for it in circle)}"
            reader.problems.add(fields.entries["always"], message, expected="comparisons without a cycle")
            order = None
        if order:
            orders.append(order)
        because = fields.text("because")
        if order or never:
            yield Plausible(key.text, order, never, "error" if level == "error" else "warning", because, location(key))


def check_given(premises: tuple[Premise, ...], what: str, key: Node, reader: PremiseReader) -> None:
    """Report premises over concluded findings in an entry that speaks of what people give."""
    for literal in literals(All(premises)):
        if reader.findings[literal.finding].concluded:
            at = literal.at or location(key)
            message = f"{literal.finding!r} is concluded, but {what} concerns input findings"
            reader.problems.add(Scalar(key.source, at.line, at.column, ""), message, expected="other findings")


def _order(node: Node | None, reader: PremiseReader) -> Order | None:
    """A comparison between two quantities; ``None``, with a problem, if it is none."""
    if node is None:
        return None
    found = _ORDER.fullmatch(node.text) if isinstance(node, Scalar) else None
    if not found or not isinstance(node, Scalar):
        what = quoted(node.text) if isinstance(node, Scalar) else "this"
        reader.problems.add(node, f"{what} is not a comparison of two findings", expected=_FORM)
        return None
    one, other = (_quantity(node, found[side], found.start(side), reader) for side in ("finding", "other"))
    if not one or not other:
        return None
    if one == other:
        reader.problems.add(node, f"{one.name} is compared with itself", expected=_FORM, offset=found.start("other"))
        return None
    first, second = (it.unit or NUMBER for it in (one, other))
    if first.dimension != second.dimension:
        message = f"{one.name} {_measures(first)}, and {other.name} {_measures(second)}"
        reader.problems.add(node, message, expected="two quantities of one dimension", offset=found.start("other"))
        return None
    settled = Bounds(one.low, one.high).compared(found["operator"], Bounds(other.low, other.high))
    if settled is not None:
        message = f"the ranges of {one.name} and {other.name} say already that this {'holds' if settled else 'fails'}"
        reader.problems.add(node, message, expected="quantities whose ranges overlap")
        return None
    return Order(one.name, found["operator"], other.name)


def _measures(unit: Unit) -> str:
    return "is a number" if unit.dimension == NUMBER.dimension else f"measures {unit.dimension}"


def _quantity(node: Scalar, name: str, offset: int, reader: PremiseReader) -> Finding | None:
    """A quantity that people give; ``None``, with a problem, if it is none."""
    finding = reader.findings.get(name)
    if finding and finding.for_record:
        reader.problems.add(node, for_the_record(name), expected=_FORM, offset=offset, part=name)
        return None
    if finding and finding.concluded:
        message = f"{name!r} is concluded, but plausible concerns input findings"
        reader.problems.add(node, message, expected=_FORM, offset=offset, part=name)
    elif finding and finding.kind is Kind.QUANTITY:
        return finding
    elif finding:
        message = f"{name} is {KINDS[finding.kind]}, not a quantity"
        reader.problems.add(node, message, expected=_FORM, offset=offset, part=name)
    elif name not in reader.names:
        inputs = (it for it in reader.findings.values() if not it.concluded)
        quantities = [it.name for it in inputs if it.kind is Kind.QUANTITY]
        known = Names(quantities, whole=reader.names.whole)
        message = f"{quoted(name)} is not a finding"
        reader.problems.add(node, message, expected=_FORM, word=name, among=known, offset=offset)
    return None


def _circle(order: Order, others: list[Order]) -> list[Order]:
    """The comparisons that lead from the greater end of one to its lesser end, and this one; empty if none do."""
    start, end = order.ends[1], order.ends[0]
    ways: dict[str, list[Order]] = {start: []}
    ahead = [start]
    while ahead:
        name = ahead.pop()
        for it in others:
            lesser, greater = it.ends
            if lesser == name and greater not in ways:
                ways[greater] = [*ways[name], it]
                ahead.append(greater)
    return [*ways[end], order] if end in ways else []
