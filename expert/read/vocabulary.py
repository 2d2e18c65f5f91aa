"""``vocabulary.yaml``: findings, panels, constraints and what is plausible."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from typing import NamedTuple

from expert.lang.dimensions import NUMBER, Units
from expert.lang.errors import Location, folded, quoted
from expert.lang.format import FORMS, OF_INPUTS, RESERVED
from expert.lang.premises import All, Premise, literals
from expert.lang.values import Value
from expert.lang.vocabulary import AMOUNT, Constraint, Finding, FurtherUnit, Kind, Panel, Plausible, Points
from expert.read.fields import Fields, FormerNames, is_named, names_of, text_of
from expert.read.plausible import check_given, read_plausible
from expert.read.premise import PremiseReader, for_the_record, number_of
from expert.read.source import Listing, Mapping, Names, Node, Problems, Scalar, location
from expert.read.units import read_units
from expert.read.value import meaning_of_word, tidy

MOST_POINTS = 200
"""A score has at most so many values above its lowest: each is a definition of its own."""


class Vocabulary(NamedTuple):
    """The words that rules and patients are written in; ``points`` has the node of the points of each score."""

    groups: dict[str, str]
    further_units: dict[str, FurtherUnit]
    units: Units
    findings: dict[str, Finding]
    panels: dict[str, Panel]
    constraints: tuple[Constraint, ...]
    plausible: tuple[Plausible, ...]
    premises: PremiseReader
    points: dict[str, Node]


def read_vocabulary(node: Node | None, problems: Problems) -> Vocabulary:
    """Read the vocabulary: problems are recorded, and the valid parts returned."""
    top = Fields(node, FORMS["vocabulary"], problems)
    groups = {key.text: text_of(value, "a group's title", problems) for key, value in top.named("groups")}
    group_names = names_of(top, "groups")
    further_units, units = read_units(top, problems)
    former = FormerNames(names_of(top, "findings", "concluded", "panels"), problems)
    findings: dict[str, Finding] = {}
    nodes: dict[str, Fields] = {}
    for key, value in top.named("findings"):
        _check_name(key, (), problems)
        fields = nodes[key.text] = Fields(value, FORMS["finding"], problems)
        if finding := _input(key, fields, group_names, units, problems):
            findings[key.text] = finding._replace(former=former.of(key.text, fields))
    scores: dict[str, Fields] = {}
    for key, value in top.named("concluded"):
        _check_name(key, nodes, problems)
        fields = Fields(value, FORMS["concluded"], problems)
        finding = _concluded(key, fields, problems)
        if finding and key.text not in nodes:
            findings[key.text] = finding._replace(former=former.of(key.text, fields))
            if finding.kind is Kind.QUANTITY:
                scores[key.text] = fields
    reader = PremiseReader(findings, names_of(top, "findings", "concluded"), problems)
    for name, fields in nodes.items():
        if name in findings:
            findings[name] = _with_values(findings[name], fields, reader)
    for name, fields in scores.items():
        findings[name] = findings[name]._replace(points=_entries_of_points(fields, reader))
    panels = {panel.name: panel for panel in _panels(top, former, reader)}
    constraints = tuple(_constraints(top, reader))
    plausible = tuple(read_plausible(top, reader))
    points = {name: node for name, fields in scores.items() if (node := fields.get("points"))}
    return Vocabulary(groups, further_units, units, findings, panels, constraints, plausible, reader, points)


def _check_name(key: Scalar, given: Container[str], problems: Problems) -> None:
    """Report a name of a finding or a panel that has another meaning already."""
    if key.text in RESERVED:
        problems.add(key, f"{key.text!r} is a reserved word", expected="another name")
    elif key.text in given:
        problems.add(key, f"{key.text!r} is already an input finding", expected="another name")


def _input(key: Scalar, fields: Fields, groups: Names, units: Units, problems: Problems) -> Finding | None:
    """A finding that people give, without what needs other findings; ``None`` if its type is not clear."""
    group = fields.one_of("group", groups)
    before = len(problems.found)
    kind = fields.choice("type")
    _check_keys(key, fields, kind, problems)
    if len(problems.found) > before or not kind:
        return None
    modifiable = "modifiable" not in fields.entries or fields.flag("modifiable")
    for_record = _for_record(fields, problems)
    title, ask = fields.text("title"), fields.text("ask")
    at = location(key)
    finding = Finding(key.text, title, Kind(kind), at, ask, group, modifiable=modifiable, for_record=for_record)
    finding = finding._replace(units=units, short=fields.text("short"))
    if kind == "choice":
        values = _values(fields, problems)
        return finding._replace(values=values, alike=_alike(fields, values, problems)) if values else None
    return _quantity(finding, fields, problems) if kind == "quantity" else finding


def _for_record(fields: Fields, problems: Problems) -> bool:
    """Whether a finding is only for the record; report what only a finding has that rules read."""
    for_record = fields.flag("for_record")
    for key in (key for key in OF_INPUTS if for_record and key in fields.entries):
        problems.add(fields.entries[key], f"a finding for the record has no {key!r}", expected=f"no {key!r} here")
    return for_record


def _concluded(key: Scalar, fields: Fields, problems: Problems) -> Finding | None:
    before = len(problems.found)
    unsaid = "yes_no" if fields.understood else ""
    kind = fields.choice("type") if "type" in fields.entries else unsaid
    _check_keys(key, fields, kind, problems)
    if len(problems.found) > before or not kind:
        return None
    if kind == "score":
        return _score(key, fields, problems)
    finding = Finding(
        key.text, fields.text("title"), Kind(kind), location(key), concluded=True, short=fields.text("short")
    )
    if kind == "yes_no":
        return finding
    values = _values(fields, problems)
    if not values:
        return None
    return finding._replace(values=values, otherwise=fields.one_of("otherwise", values) or None)


def _score(key: Scalar, fields: Fields, problems: Problems) -> Finding | None:
    """A score with its bounds; its points are read once all findings are known."""
    node = fields.get("points")
    if not isinstance(node, Listing) or not node.items:
        problems.add(node or key, "points are a list of entries", expected="- when: PREMISE, points: NUMBER")
        return None
    numbers = [_whole_number(item.entries.get("points")) for item in node.items if isinstance(item, Mapping)]
    low, high = (float(sum(bound(0, it) for it in numbers)) for bound in (min, max))
    if high - low > MOST_POINTS:
        problems.add(node, f"{key.text} has more than {MOST_POINTS} values", expected="fewer points")
        return None
    written = f"{low:g} .. {high:g}"
    title, at = fields.text("title"), location(key)
    return Finding(
        key.text, title, Kind.QUANTITY, at, unit=NUMBER, low=low, high=high, written_range=written, resolution=1.0,
        concluded=True, short=fields.text("short"),
    )  # fmt: skip


def _entries_of_points(fields: Fields, reader: PremiseReader) -> tuple[Points, ...]:
    """What adds to a score."""
    node = fields.get("points")
    found = []
    for item in node.items if isinstance(node, Listing) else ():
        entry = Fields(item, FORMS["points"], reader.problems)
        when, number = reader.conjunction(entry.get("when")), entry.get("points")
        points = _whole_number(number)
        if number is not None and not points:
            message = f"{quoted(number.text) if isinstance(number, Scalar) else 'this'} is not a number of points"
            reader.problems.add(number, message, expected="a whole number other than 0")
        found.append(Points(when, points, Location(item.source.name, item.line, item.column)))
    return tuple(found)


def _whole_number(node: Node | None) -> int:
    """The number of points in a text; 0 if it is none."""
    written = node.text if isinstance(node, Scalar) else ""
    return int(written) if re.fullmatch(r"[+-]?[0-9]{1,3}", written) else 0


def _check_keys(key: Scalar, fields: Fields, kind: str, problems: Problems) -> None:
    """Report a key that a finding of this type lacks or cannot have."""
    of_a_type = {name: it for name, it in fields.form.keys.items() if it.types}
    wrong = [name for name, it in of_a_type.items() if kind and name in fields.entries and kind not in it.types]
    if wrong:
        message = f"a finding of type {kind} has no {wrong[0]!r}"
        problems.add(fields.entries[wrong[0]], message, expected=f"type: {' or '.join(of_a_type[wrong[0]].types)}")
    needed = [name for name, it in of_a_type.items() if it.needed and kind in it.types and name not in fields.entries]
    if needed and fields.understood and not wrong:
        problems.add(key, f"{quoted(key.text)} is a {kind} and lacks {needed[0]!r}", expected=f"{needed[0]}: ...")


def _values(fields: Fields, problems: Problems) -> tuple[str, ...]:
    """The values of a choice; none if any of them is wrong."""
    before = len(problems.found)
    found: dict[str, None] = {}
    for scalar in fields.words("values"):
        if not is_named(scalar.text, "snake_case") or scalar.text == "unknown":
            message = f"{quoted(scalar.text)} is not the name of a value"
            problems.add(scalar, message, expected="snake_case, and not 'unknown'")
        elif scalar.text in found:
            problems.add(scalar, f"the value {quoted(scalar.text)} appears twice", expected="each value once")
        found[scalar.text] = None
    if len(found) == 1 and len(problems.found) == before:
        problems.add(fields.entries["values"], "a choice has at least two values", expected="[VALUE, VALUE, ...]")
    return tuple(found) if len(problems.found) == before else ()


def _alike(fields: Fields, values: tuple[str, ...], problems: Problems) -> tuple[str, ...]:
    """The values that are declared to be treated alike: two or more."""
    found = fields.names("alike", "a value", values)
    if "alike" in fields.entries and len(set(found)) < 2 and len(found) == len(fields.words("alike")):
        problems.add(fields.entries["alike"], "values are alike at least in pairs", expected="[VALUE, VALUE, ...]")
    return found


def _quantity(finding: Finding, fields: Fields, problems: Problems) -> Finding | None:
    before = len(problems.found)
    unit = NUMBER
    if "unit" in fields.entries:
        name = fields.text("unit")
        unit = finding.units.named(name) or NUMBER
        if name and unit == NUMBER:
            message = f"{quoted(name)} is not a unit"
            problems.add(fields.entries["unit"], message, word=name, among=finding.units.names())
    omitted = fields.flag("unit_may_be_omitted")
    if len(problems.found) > before:
        return None
    node = fields.get("range")
    finding = finding._replace(unit=unit, unit_may_be_omitted=omitted)
    ranged = _with_range(finding, node, problems) if node else None
    return _with_resolution(ranged, fields.get("resolution"), problems) if ranged else None


def _with_range(finding: Finding, node: Node, problems: Problems) -> Finding | None:
    written = text_of(node, "'range'", problems)
    if not written or not isinstance(node, Scalar):
        return None
    low, separator, high = written.partition("..")
    if not separator:
        problems.add(node, f"{quoted(written)} is not a range", expected="LOW .. HIGH")
        return None
    bottom = number_of(node, low, finding, problems)
    top = number_of(node, high, finding, problems, offset=len(low) + len(separator)) if bottom is not None else None
    if bottom is None or top is None:
        return None
    if bottom >= top:
        problems.add(node, f"the range {quoted(written)} is empty", expected="LOW below HIGH")
        return None
    return finding._replace(low=bottom, high=top, written_range=" ".join(written.split()))


def _with_resolution(finding: Finding, node: Node | None, problems: Problems) -> Finding | None:
    """Add the resolution of a quantity, if it has one."""
    written = text_of(node, "'resolution'", problems) if node else ""
    if not written or not isinstance(node, Scalar):
        return finding if node is None else None
    step = number_of(node, written, finding, problems)
    if step is None:
        return None
    if not 0 < step <= finding.high - finding.low:
        message = f"{quoted(written)} is not a step within the range of {finding.name}"
        problems.add(node, message, expected="more than 0, and no more than the range is wide")
        return None
    return finding._replace(resolution=step)


def _with_values(finding: Finding, fields: Fields, reader: PremiseReader) -> Finding:
    """Add usual, presumed_unless, default and asked_if, which need the other findings."""
    usual, default = (_value(finding, fields.get(key), reader) for key in ("usual", "default"))
    if "default" in fields.entries and finding.group not in ("site", ""):
        message = "only findings of the group 'site' have a default"
        reader.problems.add(fields.entries["default"], message, expected="usual")
    elif usual is not None and default is not None:
        message = "a finding has a usual value or a default, not both"
        reader.problems.add(fields.entries["default"], message, expected="one of them")
    asked_if, unless = (_condition(key, fields, reader) for key in ("asked_if", "presumed_unless"))
    if unless:
        _check_presumed_unless(finding, unless, fields, reader)
    if asked_if and _speaks_of(asked_if, finding):
        message = f"{finding.name} is asked for only while it is unknown"
        reader.problems.add(fields.entries["asked_if"], message, expected="premises over other findings")
    node = fields.get("usual")
    written = node.text if isinstance(node, Scalar) else ""
    return finding._replace(
        usual=usual,
        usual_written=written,
        presumed_unless=unless,
        default=default,
        asked_if=asked_if,
        also=dict(_words(finding, fields, reader)),
        said=dict(_said(finding, fields, reader.problems)),
    )


def _said(finding: Finding, fields: Fields, problems: Problems) -> Iterator[tuple[str, str]]:
    """The phrases for values of a finding, or for an amount of a quantity."""
    known = {Kind.YES_NO: ("yes", "no"), Kind.QUANTITY: (AMOUNT,)}.get(finding.kind, finding.values)
    for key, node in fields.named("said") if "said" in fields.form.keys else ():
        phrase = " ".join(text_of(node, f"the phrase for {quoted(key.text)}", problems).split())
        if key.text not in known:
            problems.add(key, f"{quoted(key.text)} is not a value of {finding.name}", word=key.text, among=known)
        elif key.text == AMOUNT and phrase.count("{}") != 1:
            problems.add(node, "the phrase has no one place for the amount", expected="a text with {} in it, once")
        elif phrase:
            yield key.text, phrase


def _words(finding: Finding, fields: Fields, reader: PremiseReader) -> Iterator[tuple[str, Value]]:
    """The further words for values of a finding; none may mean something already."""
    first: dict[str, str] = {}
    for key, node in fields.named("also"):
        value = _value(finding, node, reader)
        meaning = meaning_of_word(finding, key.text)
        other = first.setdefault(folded(tidy(key.text)), key.text)
        if meaning:
            message = f"{quoted(key.text)} is already read as {meaning}"
            reader.problems.add(key, message, expected="a word that is not in use")
        elif other != key.text:
            message = f"{quoted(key.text)} is the word {quoted(other)} in another spelling"
            reader.problems.add(key, message, expected="each word once")
        elif value is not None:
            yield key.text, value


def _condition(key: str, fields: Fields, reader: PremiseReader) -> Premise | None:
    premises = reader.conjunction(fields.get(key))
    return All(premises) if premises else None


def _check_presumed_unless(finding: Finding, unless: Premise, fields: Fields, reader: PremiseReader) -> None:
    """Report a condition without a usual value, or about what is concluded or the finding itself."""
    node = fields.entries["presumed_unless"]
    if "usual" not in fields.entries:
        message = f"{finding.name} has no usual value that could be presumed"
        reader.problems.add(node, message, expected="usual: VALUE before it")
    check_given((unless,), "presumed_unless", node, reader)
    if _speaks_of(unless, finding):
        message = f"{finding.name} is presumed only while it is unknown"
        reader.problems.add(node, message, expected="premises over other findings")


def _speaks_of(premise: Premise, finding: Finding) -> bool:
    return any(literal.finding == finding.name for literal in literals(premise))


def _value(finding: Finding, node: Node | None, reader: PremiseReader) -> Value | None:
    if node is None:
        return None
    if not isinstance(node, Scalar):
        reader.problems.add(node, f"a value of {finding.name} is one text", expected="one text")
        return None
    return reader.value(node, finding, node.text)


def _panels(top: Fields, former: FormerNames, reader: PremiseReader) -> Iterator[Panel]:
    problems, given = reader.problems, names_of(top, "findings")
    for key, value in top.named("panels"):
        if key.text in reader.names:
            problems.add(key, f"{key.text!r} is already a finding", expected="another name")
        _check_name(key, (), problems)
        fields = Fields(value, FORMS["panel"], problems)
        members: dict[str, Value] = {}
        for member, none in fields.named("members"):
            finding = reader.findings.get(member.text)
            if member.text not in given:
                message = f"{quoted(member.text)} is not an input finding"
                problems.add(member, message, word=member.text, among=given)
            elif finding and finding.for_record:
                problems.add(member, for_the_record(finding.name), expected="a finding that rules read")
            elif finding and (read := _value(finding, none, reader)) is not None:
                members[member.text] = read
        its = former.of(key.text, fields)
        yield Panel(key.text, fields.text("title"), fields.text("ask"), members, location(key), its)


def _constraints(top: Fields, reader: PremiseReader) -> Iterator[Constraint]:
    for key, value in top.named("constraints"):
        fields = Fields(value, FORMS["constraint"], reader.problems)
        never = reader.conjunction(fields.get("never"))
        check_given(never, "a constraint", key, reader)
        yield Constraint(key.text, never, fields.text("because"), location(key))
