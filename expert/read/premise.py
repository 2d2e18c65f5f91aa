"""Premises: one line of text, or nested ``any``, ``all`` and ``not``, as `expert.lang.premises.Premise`."""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingType
from math import isfinite

from expert.lang.dimensions import NUMBER
from expert.lang.errors import NotAValueError, quoted
from expert.lang.premises import ALWAYS, All, Any, Compare, Count, In, Is, Not, Premise, written
from expert.lang.units import read_in_range, read_quantity
from expert.lang.values import Value
from expert.lang.vocabulary import Finding, Kind
from expert.read.fields import YES
from expert.read.source import Listing, Mapping, Names, Node, Problems, Scalar, location

MAX_NESTING = 2

MOST_PARTS = 200
"""A count has at most so many premises: it compiles to as many clauses as its parts times its number."""

_LINE = re.compile(r"(?P<no>not\s+)?(?P<name>[^\s<>=!\[\]]+)\s*(?P<rest>.*)", re.DOTALL)
_REST = re.compile(
    r"is(?P<isnot>\s+not)?\s+(?P<value>[^\s\[\],]+)|in\s*\[(?P<list>[^\[\]]*)\]|(?P<op><=|>=|<|>)\s*(?P<amount>\S.*)",
    re.DOTALL,
)
_BOUNDS = ("at least", "at most", "exactly")
COUNT = rf"(?:{'|'.join(_BOUNDS)}) [0-9]{{1,4}} of"
"""The pattern of the key of a count, such as ``at least 2 of``."""
_NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_COMBINATIONS = "any:, all:, not:, 'at least 2 of:', 'at most 2 of:' or 'exactly 2 of:'"
_FORMS = "FINDING, not FINDING, FINDING is VALUE, FINDING is not VALUE, FINDING in [VALUE, ...] or FINDING < QUANTITY"
_FORMS_OF = {
    Kind.YES_NO: "{0} or not {0}",
    Kind.CHOICE: "{0} is VALUE, {0} is not VALUE or {0} in [VALUE, ...]",
    Kind.QUANTITY: "{0} < QUANTITY, or with <=, > or >=",
}
KINDS = {Kind.YES_NO: "a yes/no finding", Kind.CHOICE: "a choice", Kind.QUANTITY: "a quantity"}


class PremiseReader:
    """Reads premises over one vocabulary. Mistakes are recorded, and an invalid premise becomes ``always``.

    ``names`` also has the findings whose entries are wrong, which have been reported and are not in ``findings``.
    """

    def __init__(self, findings: MappingType[str, Finding], names: Names, problems: Problems) -> None:
        self.findings, self.names, self.problems = findings, names, problems

    def called_now(self, name: str) -> str:
        """The name now of a finding that had another before; any other word as it is."""
        return next((now for now, finding in self.findings.items() if name in finding.former), name)

    def condition(self, node: Node | None) -> tuple[Premise, ...]:
        """The premises of a ``when:``; ``always`` and an absent node are the empty conjunction."""
        if isinstance(node, Scalar) and node.text == "always":
            return ()
        return self.conjunction(node)

    def conjunction(self, node: Node | None) -> tuple[Premise, ...]:
        """The premises of a list, or the single premise, of another key; an absent node is the empty conjunction."""
        return () if node is None else self._items(node, 0)

    def _items(self, node: Node, depth: int) -> tuple[Premise, ...]:
        if isinstance(node, Listing):
            if not node.items:
                self.problems.add(node, "this list of premises is empty", expected="at least one premise")
            return tuple(self._item(item, depth) for item in node.items)
        return (self._item(node, depth),)

    def _item(self, node: Node, depth: int) -> Premise:
        if isinstance(node, Scalar):
            return self.line(node)
        if isinstance(node, Listing):
            self.problems.add(node, "a list within a list of premises", expected="any:, all: or not: before it")
            return ALWAYS
        return self._nested(node, depth + 1)

    def _nested(self, node: Mapping, depth: int) -> Premise:
        if len(node.entries) != 1:
            self.problems.add(node, "one of any:, all:, not: or a count at a time", expected="a list item for each")
            return ALWAYS
        ((word, inner),) = node.entries.items()
        key = node.keys[word]
        if not combines(word):
            self._not_a_combination(key)
            return ALWAYS
        if depth > MAX_NESTING:
            self.problems.add(
                key,
                f"any, all, not and counts are nested more than {MAX_NESTING} deep",
                expected="a concluded finding with a clinical name for the inner part",
            )
            return ALWAYS
        parts = self._items(inner, depth)
        if word == "any":
            return Any(parts)
        if word == "not":
            return Not(parts[0] if len(parts) == 1 else All(parts))
        return All(parts) if word == "all" else self._count(key, parts)

    def _count(self, key: Scalar, parts: tuple[Premise, ...]) -> Premise:
        """A count of premises; that it holds for all patients, or for none, is a problem."""
        bound, number, _ = key.text.rsplit(maxsplit=2)
        least, most = 0 if bound == "at most" else int(number), None if bound == "at least" else int(number)
        count = Count(least, most, parts, at=location(key))
        truth = count.truth(0, count.total)
        if truth is not None:
            message = f"{bound} {int(number)} of {len(parts)} premises holds for {'every' if truth else 'no'} patient"
            self.problems.add(key, message, expected="a number that only some patients reach")
        elif len(parts) > MOST_PARTS:
            self.problems.add(key, f"this counts more than {MOST_PARTS} premises", expected="fewer premises")
        elif again := next((it for place, it in enumerate(parts) if it != ALWAYS and it in parts[:place]), None):
            self.problems.add(key, f"{written(again)} is counted twice", expected="each premise once")
        else:
            return count
        return ALWAYS

    def _not_a_combination(self, key: Scalar) -> None:
        """Report a key that combines no premises, with the nearest that does, its number kept."""
        words = key.text.casefold().replace("-", " ").split()
        numbers = [str(_NUMBERS.index(it)) if it in _NUMBERS else it for it in words]
        number = next((it for it in numbers if it.isdigit()), "2")
        known = ["any", "all", "not", *(f"{bound} {number} of" for bound in _BOUNDS)]
        message = f"{quoted(key.text)} does not combine premises"
        self.problems.add(key, message, word=" ".join(numbers), among=known, expected=_COMBINATIONS, part=key.text)

    def line(self, node: Scalar) -> Premise:
        """A premise of one line."""
        if node.text == "always":
            self.problems.add(node, "'always' is used alone, and only in when:", expected=_FORMS)
            return ALWAYS
        found = _LINE.fullmatch(node.text)
        if not found:
            message = f"{quoted(node.text)} is not a premise" if node.text else "there is no premise here"
            self.problems.add(node, message, expected=_FORMS)
            return ALWAYS
        name = found["name"]
        finding = self.findings.get(name)
        if finding is None:
            if name not in self.names:
                message = f"{quoted(name)} is not a finding"
                self.problems.add(
                    node, message, word=self.called_now(name), among=self.names, offset=found.start("name")
                )
            return ALWAYS
        if finding.for_record:
            self._wrong(node, for_the_record(name), "a finding that rules read", found.start("name"))
            return ALWAYS
        premise = self._about(node, finding, found["rest"], found.start("rest"), bool(found["no"]))
        return Not(premise) if found["no"] else premise

    def _about(self, node: Scalar, finding: Finding, rest: str, offset: int, negated: bool) -> Premise:
        forms = _FORMS_OF[finding.kind].format(finding.name)
        found = _REST.fullmatch(rest)
        if rest and not found:
            self._wrong(node, f"{quoted(rest)} cannot follow a finding", forms, offset)
        elif _kind(found) is not finding.kind and not (finding.kind is Kind.YES_NO and found and found["value"]):
            what = f"{finding.name} is {KINDS[finding.kind]}, not {KINDS[_kind(found)]}"
            self._wrong(node, what, forms, offset if rest else 0)
        elif found and negated and (found["op"] or found["isnot"]):
            self._wrong(node, "this negates twice, or negates a comparison", "'is not' or the opposite comparison", 0)
        elif not found:
            return Is(finding.name, True, location(node))
        elif found["op"]:
            return self._compare(node, finding, found, offset)
        elif found["value"]:
            value = self.value(node, finding, found["value"], offset + found.start("value"))
            premise: Premise = Is(finding.name, value, location(node)) if isinstance(value, bool | str) else ALWAYS
            return Not(premise) if found["isnot"] else premise
        else:
            return self._among(node, finding, found["list"], offset + found.start("list"))
        return ALWAYS

    def _among(self, node: Scalar, finding: Finding, written: str, offset: int) -> Premise:
        values = []
        for part in written.split(","):
            value = self.value(node, finding, part.strip(), offset + len(part) - len(part.lstrip()))
            if isinstance(value, str):
                values.append(value)
            offset += len(part) + 1
        return In(finding.name, tuple(dict.fromkeys(values)), location(node))

    def _compare(self, node: Scalar, finding: Finding, found: re.Match[str], offset: int) -> Premise:
        amount = found["amount"]
        number = self.quantity(node, finding, amount, offset + found.start("amount"), unit_may_be_omitted=False)
        if number is not None and finding.concluded and number % 1:
            self._wrong(node, f"{finding.name} is a score, of whole points", finding.written_range, offset)
            return ALWAYS
        return ALWAYS if number is None else Compare(finding.name, found["op"], number, amount, location(node))

    def value(self, node: Scalar, finding: Finding, word: str, offset: int = 0) -> Value | None:
        """The value of a finding that a word names; ``None``, with a problem, if it names none."""
        if finding.kind is Kind.QUANTITY:
            return self.quantity(node, finding, word, offset, unit_may_be_omitted=finding.unit_may_be_omitted)
        if finding.kind is Kind.YES_NO and word in YES:
            return YES[word]
        if finding.kind is Kind.CHOICE and word in finding.values:
            return word
        known = ["yes", "no"] if finding.kind is Kind.YES_NO else finding.values
        message = f"{quoted(word)} is not a value of {finding.name}" if word else f"{finding.name} has no value here"
        meant = finding.also.get(word, word)  # rules name values, not further words for them
        self.problems.add(node, message, word=str(meant), among=known, offset=offset, part=word)
        return None

    def quantity(
        self, node: Scalar, finding: Finding, text: str, offset: int, *, unit_may_be_omitted: bool
    ) -> float | None:
        """The number in a text, within the finding's range; ``None``, with a problem, if it is invalid."""
        try:
            return read_in_range(finding, text, unit_may_be_omitted=unit_may_be_omitted)
        except NotAValueError as error:
            self.problems.add_fault(node, error, offset)
            return None

    def _wrong(self, node: Scalar, message: str, expected: str, offset: int) -> None:
        self.problems.add(node, message, expected=expected, offset=offset)


def for_the_record(name: str) -> str:
    """Why a finding cannot stand where rules read it."""
    return f"{name} is only for the record: it is shown, but no rule reads it"


def combines(word: str) -> bool:
    """Whether a key combines premises: ``any``, ``all``, ``not``, or a count such as ``at least 2 of``."""
    return word in ("any", "all", "not") or re.fullmatch(COUNT, word) is not None


def number_of(node: Scalar, text: str, finding: Finding, problems: Problems, offset: int = 0) -> float | None:
    """A number of a finding in a node's text, ``offset`` characters in; ``None``, with a problem, if it is invalid."""
    try:
        number = read_quantity(text, finding.unit or NUMBER, finding.units)
        if not isfinite(number):
            raise NotAValueError(f"{quoted(text.strip())} is too large a number")
        return number
    except NotAValueError as error:
        problems.add_fault(node, error, offset)
        return None


def _kind(found: re.Match[str] | None) -> Kind:
    """The kind of finding that a premise of this form is about."""
    if found is None:
        return Kind.YES_NO
    return Kind.QUANTITY if found["op"] else Kind.CHOICE
