"""Premises: one line of text, or nested ``any``, ``all`` and ``not``, as `expert.model.Premise`."""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingType

from expert.errors import Location
from expert.model import ALWAYS, All, Any, Compare, Finding, In, Is, Kind, Not, Premise, Value
from expert.read.fields import YES
from expert.read.quantity import NUMBER, QuantityError, read_quantity, unit_names
from expert.read.source import Listing, Mapping, Node, Problems, Scalar, location

MAX_NESTING = 2

_LINE = re.compile(r"(?P<no>not\s+)?(?P<name>[^\s<>=!\[\]]+)(?P<gap>\s*)(?P<rest>.*)", re.DOTALL)
_REST = re.compile(
    r"(?P<is>is(?P<isnot>\s+not)?\s+)(?P<value>[^\s\[\],]+)$|(?P<in>in\s*\[)(?P<list>[^\[\]]*)\]$|(?P<op><=|>=|<|>)(?P<space>\s*)(?P<amount>\S.*)$",
    re.DOTALL,
)
_FORMS = "FINDING, not FINDING, FINDING is VALUE, FINDING is not VALUE, FINDING in [VALUE, ...] or FINDING < QUANTITY"


class PremiseReader:
    """Reads premises over one vocabulary; mistakes are recorded, and a premise that cannot be read becomes ``always``."""

    def __init__(self, findings: MappingType[str, Finding], names: list[str], problems: Problems) -> None:
        self.findings, self.names, self.problems = findings, names, problems

    def conjunction(self, node: Node | None) -> tuple[Premise, ...]:
        """The premises of a ``when:`` or ``unless:``; ``always`` and an absent node are the empty conjunction."""
        if node is None or (isinstance(node, Scalar) and node.text.strip() == "always"):
            return ()
        if isinstance(node, Listing):
            return self._items(node, 0)
        return (self._item(node, 0),)

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
        words = ("any", "all", "not")
        if len(node.entries) != 1:
            self.problems.add(node, "one of any:, all: and not: at a time", expected="a list item for each")
            return ALWAYS
        ((word, inner),) = node.entries.items()
        if word not in words:
            self.problems.add(node.keys[word], f"{word[:60]!r} does not combine premises", word=word, among=words)
            return ALWAYS
        if depth > MAX_NESTING:
            self.problems.add(
                node.keys[word],
                f"any, all and not are nested more than {MAX_NESTING} deep",
                expected="a concluded finding with a clinical name for the inner part",
            )
            return ALWAYS
        parts = self._items(inner, depth)
        if word == "any":
            return Any(parts)
        return All(parts) if word == "all" else Not(parts[0] if len(parts) == 1 else All(parts))

    def line(self, node: Scalar) -> Premise:
        """A premise of one line."""
        text = node.text.strip()
        found = _LINE.fullmatch(text)
        if not found or text == "always":
            self.problems.add(node, f"{text[:60]!r} is not a premise", expected=_FORMS)
            return ALWAYS
        finding = self.findings.get(found["name"])
        at_name = found.start("name")
        if finding is None:
            if found["name"] not in self.names:  # a finding whose own entry is wrong has been reported there
                self._unknown_finding(node, found["name"], at_name)
            return ALWAYS
        premise = self._about(node, finding, found["rest"].rstrip(), found.start("rest"), bool(found["no"]))
        return Not(premise) if found["no"] else premise

    def _unknown_finding(self, node: Scalar, name: str, offset: int) -> None:
        self.problems.add(
            node, f"{name[:60]!r} is not a finding", word=name, among=self.names, offset=self._shift(node, offset)
        )

    def _about(self, node: Scalar, finding: Finding, rest: str, offset: int, negated: bool) -> Premise:
        at = self._at(node, 0)
        if not rest:
            if finding.kind is not Kind.YES_NO:
                needed = f"{finding.name} is VALUE" if finding.kind is Kind.CHOICE else f"{finding.name} < QUANTITY"
                self._wrong(node, f"{finding.name} is a {finding.kind.value}, not a yes/no finding", needed, 0)
                return ALWAYS
            return Is(finding.name, True, at)
        found = _REST.fullmatch(rest)
        if not found:
            self._wrong(node, f"{rest[:60]!r} does not follow a finding", _FORMS, offset)
            return ALWAYS
        if negated and (found["op"] or found["isnot"]):
            self._wrong(node, "this negates twice, or negates a comparison", "'is not' or the opposite comparison", 0)
        if found["op"]:
            return self._compare(node, finding, found, offset, at)
        if found["is"]:
            value = self.value(node, finding, found["value"], offset + found.start("value"))
            premise: Premise = Is(finding.name, value, at) if isinstance(value, bool | str) else ALWAYS
            return Not(premise) if found["isnot"] else premise
        return self._among(node, finding, found, offset, at)

    def _among(self, node: Scalar, finding: Finding, found: re.Match[str], offset: int, at: Location) -> Premise:
        values = []
        start = offset + found.start("list")
        for part in found["list"].split(","):
            here = start + len(part) - len(part.lstrip())
            value = self.value(node, finding, part.strip(), here)
            if isinstance(value, str):
                values.append(value)
            elif value is not None:
                self._wrong(node, f"{finding.name} is not a choice", f"{finding.name} or not {finding.name}", here)
            start += len(part) + 1
        return In(finding.name, tuple(dict.fromkeys(values)), at)

    def _compare(self, node: Scalar, finding: Finding, found: re.Match[str], offset: int, at: Location) -> Premise:
        if finding.kind is not Kind.QUANTITY:
            self._wrong(node, f"{finding.name} is not a quantity", f"{finding.name} is VALUE", offset)
            return ALWAYS
        amount = found["amount"]
        number = self.quantity(node, finding, amount, offset + found.start("amount"), unit_may_be_omitted=False)
        return ALWAYS if number is None else Compare(finding.name, found["op"], number, amount.strip(), at)

    def value(self, node: Scalar, finding: Finding, word: str, offset: int = 0) -> Value | None:
        """The value that a word means for a finding; ``None`` with a problem if it means none."""
        if finding.kind is Kind.QUANTITY:
            return self.quantity(node, finding, word, offset, unit_may_be_omitted=finding.unit_may_be_omitted)
        known = list(YES)[::2] if finding.kind is Kind.YES_NO else list(finding.values)
        if finding.kind is Kind.YES_NO and word in YES:
            return YES[word]
        if finding.kind is Kind.CHOICE and word in known:
            return word
        shown = word if len(word) <= 60 else word[:57] + "..."
        message = f"{shown!r} is not a value of {finding.name}" if word else f"{finding.name} has no value here"
        self.problems.add(node, message, word=word, among=known, offset=self._shift(node, offset))
        return None

    def quantity(
        self, node: Scalar, finding: Finding, text: str, offset: int, *, unit_may_be_omitted: bool
    ) -> float | None:
        """The number that a text means for a finding, within its range; ``None`` with a problem otherwise."""
        unit = finding.unit or NUMBER
        try:
            number = read_quantity(text, unit, unit_may_be_omitted=unit_may_be_omitted)
        except QuantityError as error:
            among = unit_names() if error.word else ()
            self.problems.add(
                node,
                f"{finding.name}: {error}",
                expected=error.expected,
                word=error.word,
                among=among,
                offset=self._shift(node, offset + error.offset),
            )
            return None
        if not finding.low <= number <= finding.high:
            message = f"{finding.name}: {text.strip()} is out of range"
            self._wrong(node, message, finding.written_range, offset)
            return None
        return number

    def _wrong(self, node: Scalar, message: str, expected: str, offset: int) -> None:
        self.problems.add(node, message, expected=expected, offset=self._shift(node, offset))

    def _at(self, node: Scalar, offset: int) -> Location:
        at = location(node)
        return Location(at.file, at.line, at.column + self._shift(node, offset))

    @staticmethod
    def _shift(node: Scalar, offset: int) -> int:
        """Columns from the node's start: a quoted text begins one after it, a text of several lines is pointed at as a whole."""
        return 0 if "\n" in node.text else offset + (0 if node.plain else 1)
