"""``vocabulary.yaml``: findings, panels and constraints."""

from __future__ import annotations

from dataclasses import dataclass, replace

from expert.model import All, Constraint, Finding, Kind, Panel, Unit, Value, literals
from expert.read.fields import KEBAB, SNAKE, Fields, entries, text_of
from expert.read.premise import PremiseReader
from expert.read.quantity import NUMBER, QuantityError, read_quantity, unit_named, unit_names
from expert.read.source import Node, Problems, Scalar, location

RESERVED = (
    "unknown",
    "always",
    "not",
    "any",
    "all",
    "is",
    "in",
    "like",
    "supports",
    "excludes",
    "cautions",
    "prefers",
    "alert",
    "advise",
)
_FINDING = "title ask type values unit unit_may_be_omitted range usual default asked_if group"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words that rules and patients are written in."""

    groups: dict[str, str]
    findings: dict[str, Finding]
    panels: dict[str, Panel]
    constraints: tuple[Constraint, ...]
    premises: PremiseReader


def read_vocabulary(node: Node | None, problems: Problems) -> Vocabulary:
    """Read the vocabulary; what is wrong is recorded, and what is right is returned."""
    top = Fields(node, "the vocabulary", "groups findings concluded panels constraints", "groups findings", problems)
    groups = {
        key.text: text_of(value, "a group's title", problems)
        for key, value in entries(top.get("groups"), "groups", SNAKE, problems)
    }
    findings: dict[str, Finding] = {}
    names: list[str] = []
    nodes: dict[str, Fields] = {}
    for concluded in (False, True):
        for key, value in entries(top.get("concluded" if concluded else "findings"), "findings", SNAKE, problems):
            if key.text in names or key.text in RESERVED:
                why = "is a word of the language" if key.text in RESERVED else "is both given and concluded"
                problems.add(key, f"{key.text!r} {why}", expected="another name")
                continue
            names.append(key.text)
            read = _concluded if concluded else _input
            finding, fields = read(key, value, groups, problems)
            if finding is not None:
                findings[key.text] = finding
                nodes[key.text] = fields
    reader = PremiseReader(findings, names, problems)
    for name, fields in nodes.items():
        findings[name] = _with_values(findings[name], fields, reader)
    panels = {key.text: panel for key, panel in _panels(top.get("panels"), names, reader, problems)}
    constraints = tuple(_constraints(top.get("constraints"), reader, problems))
    return Vocabulary(groups, findings, panels, constraints, reader)


def _input(key: Scalar, node: Node, groups: dict[str, str], problems: Problems) -> tuple[Finding | None, Fields]:
    fields = Fields(node, "a finding", _FINDING, "title ask type group", problems)
    kind = fields.one_of("type", [kind.value for kind in Kind])
    group = fields.one_of("group", groups)
    if not kind:
        return None, fields
    finding = Finding(key.text, fields.text("title"), Kind(kind), location(key), fields.text("ask"), group)
    wanted = {"yes_no": set(), "choice": {"values"}, "quantity": {"range"}}[kind]
    allowed = wanted | ({"unit", "unit_may_be_omitted"} if kind == "quantity" else set())
    for name in ("values", "unit", "unit_may_be_omitted", "range"):
        if name in fields.entries and name not in allowed:
            problems.add(fields.entries[name], f"a finding of type {kind} has no {name!r}")
        elif name in wanted and name not in fields.entries:
            problems.add(key, f"{key.text!r} is a {kind} and lacks {name!r}")
            return None, fields
    if kind == "choice":
        return replace(finding, values=_values(fields, problems)), fields
    return (_quantity(finding, fields, problems) if kind == "quantity" else finding), fields


def _concluded(key: Scalar, node: Node, groups: dict[str, str], problems: Problems) -> tuple[Finding | None, Fields]:
    fields = Fields(node, "a concluded finding", "title type values otherwise", "title", problems)
    kind = Kind(fields.one_of("type", ["yes_no", "choice"]) or "yes_no")
    finding = Finding(key.text, fields.text("title"), kind, location(key), concluded=True)
    for name in ("values", "otherwise"):
        if kind is Kind.YES_NO and name in fields.entries:
            problems.add(fields.entries[name], f"a yes/no finding has no {name!r}")
    if kind is Kind.YES_NO:
        return finding, fields
    values = _values(fields, problems)
    return replace(finding, values=values, otherwise=fields.one_of("otherwise", values) or None), fields


def _values(fields: Fields, problems: Problems) -> tuple[str, ...]:
    found: list[str] = []
    for scalar in fields.words("values"):
        if not SNAKE.fullmatch(scalar.text) or scalar.text == "unknown":
            problems.add(
                scalar, f"{scalar.text[:60]!r} is not the name of a value", expected="snake_case, and not 'unknown'"
            )
        elif scalar.text in found:
            problems.add(scalar, f"the value {scalar.text!r} appears twice")
        else:
            found.append(scalar.text)
    if "values" in fields.entries and len(found) < 2:
        problems.add(fields.entries["values"], "a choice has at least two values")
    return tuple(found)


def _quantity(finding: Finding, fields: Fields, problems: Problems) -> Finding | None:
    unit: Unit | None = NUMBER
    if "unit" in fields.entries:
        name = fields.text("unit")
        unit = unit_named(name)
        if unit is None:
            problems.add(fields.entries["unit"], f"{name[:60]!r} is not a unit", word=name, among=unit_names())
            return None
    node = fields.entries["range"]
    written = fields.text("range")
    low, separator, high = written.partition("..")
    if not separator:
        problems.add(node, f"{written[:60]!r} is not a range", expected="LOW .. HIGH")
        return None
    try:
        bounds = [read_quantity(part, unit, unit_may_be_omitted=False) for part in (low, high)]
    except QuantityError as error:
        problems.add(
            node, str(error), expected=error.expected, word=error.word, among=unit_names() if error.word else ()
        )
        return None
    if bounds[0] >= bounds[1]:
        problems.add(node, f"the range {written!r} is empty", expected="LOW below HIGH")
        return None
    omitted = fields.flag("unit_may_be_omitted")
    return replace(
        finding, unit=unit, low=bounds[0], high=bounds[1], written_range=written, unit_may_be_omitted=omitted
    )


def _with_values(finding: Finding, fields: Fields, reader: PremiseReader) -> Finding:
    """Add what is written in the vocabulary's own words: usual, default and asked_if."""
    usual, default = (_value(finding, fields.get(key), reader) for key in ("usual", "default"))
    for key in ("usual", "default"):
        if key in fields.entries and (finding.group == "site") < (key == "default"):
            reader.problems.add(
                fields.entries[key], "only findings of the group 'site' have a default", expected="usual"
            )
    if usual is not None and default is not None:
        reader.problems.add(fields.entries["default"], "a finding has a usual value or a default, not both")
    premises = reader.conjunction(fields.get("asked_if"))
    asked_if = All(premises) if premises else None
    return replace(finding, usual=usual, default=default, asked_if=asked_if, usual_written=fields.text("usual"))


def _value(finding: Finding, node: Node | None, reader: PremiseReader) -> Value | None:
    if node is None:
        return None
    if not isinstance(node, Scalar):
        reader.problems.add(node, f"a value of {finding.name} is one text")
        return None
    return reader.value(node, finding, node.text.strip())


def _panels(
    node: Node | None, names: list[str], reader: PremiseReader, problems: Problems
) -> list[tuple[Scalar, Panel]]:
    found = []
    for key, value in entries(node, "panels", SNAKE, problems):
        if key.text in names:
            problems.add(key, f"{key.text!r} is already a finding", expected="another name")
            continue
        fields = Fields(value, "a panel", "title ask members", "title ask members", problems)
        members: dict[str, Value] = {}
        for member, none in entries(fields.get("members"), "members", None, problems):
            finding = reader.findings.get(member.text)
            if finding is None or finding.concluded:
                problems.add(
                    member, f"{member.text[:60]!r} is not a finding that people give", word=member.text, among=names
                )
                continue
            read = _value(finding, none, reader)
            if read is not None:
                members[member.text] = read
        found.append((key, Panel(key.text, fields.text("title"), fields.text("ask"), members, location(key))))
    return found


def _constraints(node: Node | None, reader: PremiseReader, problems: Problems) -> list[Constraint]:
    found = []
    for key, value in entries(node, "constraints", KEBAB, problems):
        fields = Fields(value, "a constraint", "never because", "never because", problems)
        never = reader.conjunction(fields.get("never"))
        for premise in never:
            for literal in literals(premise):
                if reader.findings[literal.finding].concluded:
                    problems.add(
                        key, f"a constraint speaks of findings that people give, and {literal.finding!r} is concluded"
                    )
        found.append(Constraint(key.text, never, fields.text("because"), location(key)))
    return found
