"""Lints of cases: what no case shows, and cases that show nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from expert.check.lints.lint import Found, Knowledge, Lint
from expert.lang.errors import Location
from expert.lang.premises import Compare, literals
from expert.lang.values import Value
from expert.read.source import Listing, Mapping, Node, Scalar, location


def _untested_rules(knowledge: Knowledge) -> Iterator[Found]:
    left = dict(knowledge.kb.rules)
    for evaluation in knowledge.evaluations:
        for name in [name for name in left if evaluation.concluded(("rule", name))]:
            del left[name]
    for rule in left.values():
        yield Found(f"{rule.id} holds in no case", rule.at, rule.id)


def _thresholds_without_boundary_case(knowledge: Knowledge) -> Iterator[Found]:
    first: dict[tuple[str, float], Compare] = {}
    for rule in knowledge.kb.rules.values():
        for literal in literals(rule.premise):
            if isinstance(literal, Compare):
                first.setdefault((literal.finding, literal.threshold), literal)
    for (name, threshold), literal in first.items():
        values = [background.known[name] for background in knowledge.backgrounds if name in background.known]
        missing = _missing_sides(knowledge, name, threshold, values)
        if missing and literal.at:
            where = " or ".join(filter(None, [", ".join(missing[:-1]), missing[-1]]))
            message = f"no case has {name} {where} {literal.written}"
            yield Found(message, literal.at, f"{name} {literal.written}")


def _missing_sides(knowledge: Knowledge, name: str, threshold: float, values: Sequence[Value]) -> list[str]:
    """The sides of a threshold, within the range of the finding, on which there is no value."""
    finding = knowledge.kb.findings[name]
    numbers = [value for value in values if isinstance(value, float)]
    shown = {
        "below": threshold <= finding.low or any(number < threshold for number in numbers),
        "at": threshold in numbers,
        "above": threshold >= finding.high or any(number > threshold for number in numbers),
    }
    return [side for side, there in shown.items() if not there]


def _cases_without_expectation(knowledge: Knowledge) -> Iterator[Found]:
    for name in knowledge.sources:
        if name.endswith(".test.yaml") and name not in knowledge.trees:
            yield Found("the file has no cases", Location(name, 1), name.removeprefix(f"{knowledge.folder}/"))
    for case in _written_cases(knowledge):
        expect = case.entries.get("expect")
        title = case.entries.get("name")
        for key in _empty(expect) if expect else ():
            message = f"{key.text!r} expects nothing here, not even that there is none"
            yield Found(message, location(key), f"{title.text if isinstance(title, Scalar) else ''} {key.text}".strip())


def _empty(node: Node) -> Iterator[Scalar]:
    """The keys below a node whose list or mapping is empty."""
    if not isinstance(node, Mapping):
        return
    for name, value in node.entries.items():
        if (isinstance(value, Listing) and not value.items) or (isinstance(value, Mapping) and not value.entries):
            yield node.keys[name]
        yield from _empty(value)


def _written_cases(knowledge: Knowledge) -> Iterator[Mapping]:
    """Every case as it is written."""
    for name, tree in knowledge.trees.items():
        if name.endswith(".test.yaml") and isinstance(tree, Listing):
            yield from (item for item in tree.items if isinstance(item, Mapping))


def _duplicated_cases(knowledge: Knowledge) -> Iterator[Found]:
    alike: dict[frozenset[tuple[str, Value]], list[int]] = {}
    for index, case in enumerate(knowledge.cases):
        alike.setdefault(frozenset(case.patient.facts.items()), []).append(index)
    expected = [{(it.what, it.name, it.value) for it in case.expected} for case in knowledge.cases]
    for group in alike.values():
        for index in group:
            covering = (
                other
                for other in group
                if expected[index] < expected[other] or (expected[index] == expected[other] and other < index)
            )
            if (other := next(covering, None)) is not None:
                case, first = knowledge.cases[index], knowledge.cases[other]
                message = f"another case has the same patient and expects {_as_much(expected[index], expected[other])}"
                yield Found(message, case.at, case.name, ((first.at, first.name),))


def _as_much(these: set[tuple[str, str, str]], those: set[tuple[str, str, str]]) -> str:
    return "the same" if these == those else "all of this and more"


LINTS = (
    Lint(
        "untested-rule",
        "warning",
        "A rule holds in no case",
        "write a case in which it holds, and what must follow then",
        """\
# rules/soil.yaml
rules:
  limp-in-the-shade-wants-fresh-soil:
    title: A plant that hangs in the shade wants fresh soil
    when: [limp, shaded]
    then: supports repotting
    because: It cannot be the sun that troubles it.
    cite: [S02]
""",
        """\
# rules/soil.yaml
rules:
  limp-in-the-shade-wants-fresh-soil:
    title: A plant that hangs in the shade wants fresh soil
    when: [limp, shaded]
    then: supports repotting
    because: It cannot be the sun that troubles it.
    cite: [S02]
---
# rules/soil.test.yaml
- name: A plant that hangs in the shade gets fresh soil
  given: {limp: yes, shaded: yes}
  expect: {recommended: repotting, because: [limp-in-the-shade-wants-fresh-soil]}
""",
        "A rule that no case has seen at work can be turned into its opposite, and every case still passes.",
        _untested_rules,
    ),
    Lint(
        "threshold-without-boundary-case",
        "warning",
        "A threshold has no case below it, at it or above it",
        "write cases with a value on each side of the threshold and one exactly at it",
        """\
# rules/soil.yaml
rules:
  old-soil-is-changed:
    title: Soil of three years and more is changed
    when: same_soil_for >= 3 years
    then: supports repotting
    because: It feeds nothing any more.
    cite: [S02]
---
# rules/soil.test.yaml
- name: Old soil is changed
  given: {same_soil_for: 5 years}
  expect: {recommended: repotting}
""",
        """\
# rules/soil.yaml
rules:
  old-soil-is-changed:
    title: Soil of three years and more is changed
    when: same_soil_for >= 3 years
    then: supports repotting
    because: It feeds nothing any more.
    cite: [S02]
---
# rules/soil.test.yaml
- name: Old soil is changed
  given: {same_soil_for: 5 years}
  expect: {recommended: repotting}
- name: At three years it is changed
  given: {same_soil_for: 3 years}
  expect: {recommended: repotting}
- name: At two years it is left
  given: {same_soil_for: 2 years}
  expect: {silent: [old-soil-is-changed]}
""",
        "Whether a limit itself is in or out is where a rule is most often wrong, and only a case at it shows that.",
        _thresholds_without_boundary_case,
    ),
    Lint(
        "case-without-expectation",
        "warning",
        "A case expects an empty list, or a case file has no cases",
        "leave the key out, or say under 'without' what must not appear",
        """\
# rules/light.test.yaml
- name: A plant that is not scorched needs nothing
  given: {scorched: no}
  expect: {recommended: none, alerts: []}
""",
        """\
# rules/light.test.yaml
- name: A plant that is not scorched needs nothing
  given: {scorched: no}
  expect: {recommended: none, without: {alerts: [scorching]}}
""",
        "Lists say what must be among the results, so an empty one is met by anything, though it reads like 'none'.",
        _cases_without_expectation,
    ),
    Lint(
        "case-duplicated",
        "warning",
        "Another case has the same patient and expects at least as much",
        "delete the case, or change the patient to what it was meant to show",
        """\
# rules/light.test.yaml
- name: Scorched leaves are shaded
  given: {scorched: yes}
  expect: {recommended: shading, alerts: [scorching]}
- name: Burnt leaves are shaded
  given: {scorched: yes}
  expect: {recommended: shading}
""",
        """\
# rules/light.test.yaml
- name: Scorched leaves are shaded
  given: {scorched: yes}
  expect: {recommended: shading, alerts: [scorching]}
- name: Other leaves are left in the sun
  given: {scorched: no}
  expect: {recommended: none}
""",
        "A case that cannot fail alone tells nobody anything, and has to be edited together with the other for ever.",
        _duplicated_cases,
    ),
)
