"""Lints of findings: whether they are used, named and presumed as they should be."""

from __future__ import annotations

import re
from collections.abc import Iterator

from expert.check.lints.lint import Found, Knowledge, Lint
from expert.lang.premises import All, Premise, literals
from expert.lang.units import NUMBER, unit_named
from expert.lang.vocabulary import Finding, Kind


def _unused_findings(knowledge: Knowledge) -> Iterator[Found]:
    kb = knowledge.kb
    used = {literal.finding for premise in _premises(knowledge) for literal in literals(premise)}
    used |= {direction.finding for direction in kb.directions.values()}
    concluded = {conclusion.target for rule in kb.rules.values() for conclusion in rule.then}
    for finding in kb.findings.values():
        if finding.concluded and finding.name not in concluded:
            yield Found(f"no rule concludes {finding.name}", finding.at, finding.name)
        elif not finding.concluded and finding.name not in used:
            yield Found(f"nothing depends on {finding.name}", finding.at, finding.name)


def _premises(knowledge: Knowledge) -> Iterator[Premise]:
    """Every premise of rules, constraints, invariants and follow-up questions."""
    kb = knowledge.kb
    yield from (rule.premise for rule in kb.rules.values())
    yield from (All(constraint.never) for constraint in kb.constraints)
    yield from (invariant.when for invariant in kb.invariants.values())
    yield from (finding.asked_if for finding in kb.inputs.values() if finding.asked_if is not None)


def _units_in_names(knowledge: Knowledge) -> Iterator[Found]:
    for finding in knowledge.kb.inputs.values():
        if word := _unit_in(finding):
            yield Found(f"{word!r} is a unit, and {finding.name} has one of its own", finding.at, finding.name)


def _unit_in(finding: Finding) -> str:
    """A unit in the name of a quantity, or at the end of its title; empty if there is none."""
    if finding.kind is not Kind.QUANTITY or finding.unit in (None, NUMBER):
        return ""
    ending = re.search(r"(?:\(|\bin )(\w+)\)?$", finding.title)
    words = [word for word in finding.name.split("_")[1:] if len(word) > 1] + ([ending[1]] if ending else [])
    assert finding.unit
    dimension = finding.unit.dimension
    units = ((word, unit_named(word)) for word in words)
    return next((word for word, unit in units if unit and unit.dimension == dimension), "")


def _missing_usual_values(knowledge: Knowledge) -> Iterator[Found]:
    kb, inputs = knowledge.kb, knowledge.definitions.inputs
    deciding = frozenset[str]().union(*(inputs["recommended", step] for step in kb.steps))
    for finding in kb.inputs.values():
        if finding.name in deciding and finding.usual is None and finding.default is None:
            yield Found(f"{finding.name} can decide a step and has no usual value", finding.at, finding.name)


LINTS = (
    Lint(
        "unused-finding",
        "warning",
        "Nothing depends on a finding that people give, or no rule concludes one that rules are to conclude",
        "write the rule that was meant, or delete the finding",
        """\
# vocabulary.yaml
findings:
  in_flower:
    title: Flowers
    ask: Is the plant in flower?
    type: yes_no
    usual: no
    group: plant
""",
        """\
# vocabulary.yaml
findings:
  in_flower:
    title: Flowers
    ask: Is the plant in flower?
    type: yes_no
    usual: no
    group: plant
---
# rules/light.yaml
rules:
  flowers-want-light:
    title: A plant in flower wants light
    when: in_flower
    then: excludes shading
    because: Flowers close in the shade.
    cite: [S01]
""",
        "People are asked for what changes nothing, and believe that it was taken into account.",
        _unused_findings,
    ),
    Lint(
        "unit-in-name",
        "warning",
        "The name or the title of a quantity holds a unit",
        "name what is measured; the unit stands in 'unit', and values carry theirs",
        """\
# vocabulary.yaml
findings:
  growth_cm:
    title: Growth this year
    ask: How much has the plant grown this year?
    type: quantity
    unit: cm
    range: 0 cm .. 9 m
    usual: 5 cm
    group: plant
""",
        """\
# vocabulary.yaml
findings:
  growth:
    title: Growth this year
    ask: How much has the plant grown this year?
    type: quantity
    unit: cm
    range: 0 cm .. 9 m
    usual: 5 cm
    group: plant
""",
        "Values may be given in any unit of the dimension, and 'growth_cm > 1 m' is read twice before it is believed.",
        _units_in_names,
    ),
    Lint(
        "usual-missing-on-deciding-input",
        "warning",
        "A finding that can decide a step has no usual value",
        "add usual: with the value to presume while nobody has said anything; or default: for a policy of a site",
        """\
# vocabulary.yaml
findings:
  in_flower:
    title: Flowers
    ask: Is the plant in flower?
    type: yes_no
    group: plant
---
# rules/light.yaml
rules:
  flowers-want-light:
    title: A plant in flower wants light
    when: in_flower
    then: excludes shading
    because: Flowers close in the shade.
    cite: [S01]
""",
        """\
# vocabulary.yaml
findings:
  in_flower:
    title: Flowers
    ask: Is the plant in flower?
    type: yes_no
    usual: no
    group: plant
---
# rules/light.yaml
rules:
  flowers-want-light:
    title: A plant in flower wants light
    when: in_flower
    then: excludes shading
    because: Flowers close in the shade.
    cite: [S01]
""",
        "A handful of facts then gets no answer, since nothing may be presumed about the rest.",
        _missing_usual_values,
    ),
)
