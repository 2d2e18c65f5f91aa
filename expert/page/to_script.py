"""The definitions of a knowledge base as data for the script that answers offline.

A fact is the number of a cell of its finding, so that the script compares small whole numbers only. Premises are arrays
that begin with what they are:

========================  ==========================================================================================
array                     premise
========================  ==========================================================================================
``0, F, A, B``            finding number ``F`` is in one of the cells ``A`` to ``B``
``1, F, CELLS``           finding ``F`` is in one of some cells
``2, D``                  definition number ``D``
``3, P``                  not ``P``
``4, P...``               all
``5, P...``               any
``6, OWN, OTHERS``        the value of a choice: ``OWN``, which ``OTHERS`` refute
``7, LEAST, MOST, POINTS, P...``  a count; ``MOST`` is -1 without an upper bound
========================  ==========================================================================================
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from importlib.resources import files
from typing import Any

from expert.answer.level import places_in
from expert.lang.definitions import Definitions, over_inputs
from expert.lang.dimensions import NUMBER
from expert.lang.model import KnowledgeBase, Note, Option, Step
from expert.lang.premises import All, Compare, Count, Literal, Name, Premise, fold
from expert.lang.units import write_value
from expert.lang.values import Facts, Value
from expert.lang.vocabulary import Constraint, Finding, Kind, Panel, Plausible
from expert.logic.cells import place_of
from expert.logic.constraints import Tied, question_of
from expert.logic.domain import Domain, step_of
from expert.logic.kleene import holds_of

Data = dict[str, Any]
"""What is written as JSON."""

Array = list[Any]
"""A premise."""

PARTS = ("variants.js", "answer.js")
"""The files of the script, in order."""


def script(kb: KnowledgeBase, site: Facts | None = None) -> str:
    """JavaScript that defines one constant, ``ladder``, whose functions answer as `expert.answer` does.

    It is the same text for the same knowledge and site, and safe within a ``script`` element whatever the texts are.

    Args:
        site: policies of a site that count as given.
    """
    code = "".join(lean((files("expert.page") / name).read_text(encoding="utf-8")) for name in PARTS)
    data = _json(data_of(kb, site or {}))
    return f'const ladder = Object.freeze((function (data) {{\n"use strict";\n{code}}})({data}));\n'


def lean(code: str) -> str:
    """Code or a style sheet without indents, and without lines that are empty or hold only a comment."""
    lines = (line.strip() for line in code.splitlines())
    return "".join(f"{line}\n" for line in lines if line and not line.startswith("//"))


def _json(data: Data) -> str:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for mark in "<>&\u2028\u2029":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return text


def data_of(kb: KnowledgeBase, site: Facts) -> Data:
    """Everything that the script knows of a knowledge base."""
    return _Writing(kb, site).data()


class _Writing:
    """One knowledge base on its way to data."""

    def __init__(self, kb: KnowledgeBase, site: Facts) -> None:
        self.kb, self.site = kb, site
        self.definitions = Definitions(kb)
        self.domain = Domain(self.definitions)
        self.findings = {name: place for place, name in enumerate([*kb.inputs, *self._recorded()])}
        self.rules = {name: place for place, name in enumerate(kb.rules)}
        self.names = {name: place for place, name in enumerate(self.definitions.premises)}
        self.arrays = _Arrays(self, in_numbers=False)
        self.arrays_in_numbers = _Arrays(self, in_numbers=True)

    def _recorded(self) -> list[str]:
        return [name for name, finding in self.kb.given.items() if finding.for_record]

    def data(self) -> Data:
        kb, sources = self.kb, {source for note in self.kb.notes.values() for source in note.sources}
        return {
            "about": {
                "name": kb.name,
                "title": kb.title,
                "version": kb.version,
                "sha256": kb.sha256,
                "reviewed": kb.reviewed,
                "review_due": kb.review_due,
                "statement": kb.statement,
                "disclaimer": kb.disclaimer,
            },
            "groups": dict(kb.groups),
            "findings": [self._finding(kb.given[name]) for name in self.findings],
            "order": [self.findings[name] for name in kb.given],
            "panels": {name: _panel(it, self._place) for name, it in kb.panels.items()},
            "follows": question_of(kb),
            "units": {
                spelling: [unit.name, unit.dimension, unit.factor]
                for spelling, unit in kb.units.known.items()
                if unit.dimension in {finding.unit.dimension for finding in kb.given.values() if finding.unit}
            },
            "site": {name: self._place(name, value) for name, value in self.site.items()},
            "definitions": [[self._named(name), self._premise(it)] for name, it in self.definitions.premises.items()],
            "constraints": [self._constraint(it) for it in kb.constraints],
            "tied": [self._group(group) for group in self.domain.groups],
            "plausible": [self._plausible(it) for it in kb.plausible],
            "steps": {name: _step(it) for name, it in kb.steps.items()},
            "rules": [
                {"id": it.id, "title": it.title, "because": it.because, "cite": list(it.cite)}
                for it in kb.rules.values()
            ],
            "rules_for": self._rules_for(),
            "alerts": {name: {"title": it.title, "text": it.text} for name, it in kb.alerts.items()},
            "advice": {name: {"title": it.title, "text": it.text} for name, it in kb.advice.items()},
            "notes": {name: _note(it) for name, it in kb.notes.items()},
            "references": {it.id: it.title or it.text for it in kb.references.values() if it.id in sources},
        }

    def _named(self, name: Name) -> list[str | int]:
        """The name of a definition; a rule is its number."""
        return ["rule", self.rules[name[1]]] if name[0] == "rule" else list(name)

    # --- findings

    def _finding(self, finding: Finding) -> Data:
        found: Data = {
            "name": finding.name,
            "title": finding.title,
            "short": finding.short,
            "said": dict(finding.said),
            "ask": finding.ask,
            "kind": finding.kind.value,
            "group": finding.group,
            "record": finding.for_record,
        }
        if finding.also:
            found["also"] = {word: write_value(finding, value) for word, value in finding.also.items()}
        if finding.kind is Kind.CHOICE:
            found["values"] = list(finding.values)
        if finding.kind is Kind.QUANTITY:
            found |= self._quantity(finding)
        if not finding.for_record:
            found |= self._presumed(finding)
        return found

    def _quantity(self, finding: Finding) -> Data:
        unit = finding.unit or NUMBER
        cells = self.domain.cells.get(finding.name, ())
        return {
            "unit": unit.name,
            "dimension": unit.dimension,
            "range": [finding.low, finding.high],
            "written_range": finding.written_range,
            "omit": finding.unit_may_be_omitted,
            "resolution": finding.resolution,
            "thresholds": self._thresholds(finding),
            "cells": [[cell.value, cell.lower, cell.upper] for cell in cells],
            "written": [write_value(finding, cell.value) for cell in cells],
            "ends": [None if cell.upper is None else self._end(finding, cell.upper) for cell in cells],
        }

    def _thresholds(self, finding: Finding) -> list[list[Any]]:
        """The thresholds, each as the rules write it, and whether it is a multiple of the resolution."""
        if not finding.resolution:
            return []
        found = self.domain.thresholds.get(finding.name, {}).items()
        step = step_of(finding)
        return [[number, written, (number / step).is_integer()] for number, written in found]

    def _end(self, finding: Finding, number: float) -> str:
        """A bound, as the rules write it."""
        return self.domain.thresholds[finding.name].get(number) or write_value(finding, number)

    def _presumed(self, finding: Finding) -> Data:
        found: Data = {}
        if finding.usual is not None:
            found |= {"usual": self._place(finding.name, finding.usual), "usual_written": finding.usual_written}
        if finding.default is not None:
            found["default"] = self._place(finding.name, finding.default)
        if finding.presumed_unless is not None:
            found["unless"] = self._premise(finding.presumed_unless)
        if finding.asked_if is not None:
            found["asked_if"] = self._premise(finding.asked_if)
        return found

    def _place(self, name: str, value: Value) -> int:
        return place_of(self.domain.cells[name], value)

    # --- the rest

    def _premise(self, premise: Premise) -> Array:
        return fold(over_inputs(premise, self.kb), self.arrays)

    def _constraint(self, it: Constraint) -> Data:
        return {"never": self._premise(All(it.never)), "because": it.because}

    def _group(self, group: Tied) -> Data:
        """The findings that constraints tie together, and what of them cannot occur."""
        return {
            "names": [self.findings[name] for name in group.names],
            "usual": [self.findings[name] for name in group.usual],
            "nogoods": [
                [[self.findings[name], [*places_in(bits)]] for name, bits in nogood.items()] for nogood in group.nogoods
            ],
        }

    def _plausible(self, it: Plausible) -> Data:
        """What given values are refused or warned of; its comparisons are of numbers, as it distinguishes no cells."""
        found: Data = {"id": it.id, "level": it.level, "because": it.because}
        found["findings"] = sorted(self.findings[name] for name in it.findings)
        if it.always:
            ends = (self.findings[it.always.finding], self.findings[it.always.other])
            return {**found, "always": [ends[0], it.always.operator, ends[1]]}
        return {**found, "never": fold(All(it.never), self.arrays_in_numbers)}

    def _rules_for(self) -> list[Any]:
        """The rules that conclude each name, where an argument is shown."""
        shown = {"supports", "excludes", "cautions", "prefers", "alert", "advise"}
        found = self.kb.rules_for.items()
        return [[list(name), [self.rules[it.id] for it in rules]] for name, rules in found if name[0] in shown]


class _Arrays:
    """Premises as arrays; with ``in_numbers``, comparisons of quantities are ``8, F, OPERATOR, NUMBER``."""

    def __init__(self, writing: _Writing, *, in_numbers: bool) -> None:
        self.cells, self.findings, self.names = writing.domain.cells, writing.findings, writing.names
        self.in_numbers = in_numbers

    def literal(self, literal: Literal) -> Array:
        """A premise about one finding."""
        place, cells = self.findings[literal.finding], self.cells[literal.finding]
        if self.in_numbers and isinstance(literal, Compare):
            return [8, place, literal.operator, literal.threshold]
        found = [number for number, cell in enumerate(cells) if holds_of(literal, cell.value)]
        if found and found == list(range(found[0], found[-1] + 1)):
            return [0, place, found[0], found[-1]]
        return [1, place, found]

    def concluded(self, name: Name) -> Array:
        """A definition."""
        return [2, self.names[name]]

    def negation(self, part: Array) -> Array:
        """Not."""
        return [3, part]

    def all(self, parts: Iterable[Array]) -> Array:
        """All."""
        return [4, *parts]

    def any(self, parts: Iterable[Array]) -> Array:
        """Any."""
        return [5, *parts]

    def exclusive(self, own: Array, others: Array) -> Array:
        """A value of a choice."""
        return [6, own, others]

    def count(self, count: Count, parts: Iterable[Array]) -> Array:
        """So many of some."""
        return [7, count.least, -1 if count.most is None else count.most, list(count.points), *parts]


def _panel(panel: Panel, place: Callable[[str, Value], int]) -> Data:
    members = {name: place(name, value) for name, value in panel.members.items()}
    return {"title": panel.title, "ask": panel.ask, "members": members}


def _step(step: Step) -> Data:
    return {
        "title": step.title,
        "short": step.short,
        "summary": step.summary,
        "gate": step.gate,
        "urgent": step.urgent,
        "meanwhile": step.meanwhile,
        "cite": list(step.cite),
        "options": [_option(option) for option in step.by_standing],
    }


def _option(option: Option) -> Data:
    found: Data = {"name": option.name, "title": option.title, "note": option.note, "standing": option.standing}
    return {**found, "cite": list(option.cite)}


def _note(note: Note) -> Data:
    return {
        "about": list(note.differs_from),
        "verdict": note.verdict,
        "short": note.short,
        "text": note.text,
        "sources": list(note.sources),
        "verified": note.verified,
    }
