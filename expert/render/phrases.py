"""Findings, values and premises as sentences name them: by the titles of the vocabulary, panels as one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from expert.answer.assessment import NearThreshold
from expert.lang.model import KnowledgeBase
from expert.lang.units import write_value
from expert.lang.values import Facts, Value

_PREMISE = re.compile(
    r"(?P<no>not )?\(?(?P<name>\w+)"
    r"(?: (?P<isnt>is not )(?P<other>\S+?)| is (?P<value>\S+?)| in \[(?P<values>[^\]]*)\]"
    r"| (?P<sign>[<>]=?) (?P<bound>.+?))?\)?"
)
_SIGNS = {"<": "less than", "<=": "at most", ">": "more than", ">=": "at least"}
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}


class Stated(NamedTuple):
    """A finding with its value, or a panel with all those members of it that have the value of *none of these*."""

    title: str
    value: str
    note: str = ""
    members: tuple[str, ...] = ()


class Phrases:
    """Words for the findings of one knowledge base; ``written`` has quantities as somebody wrote them."""

    def __init__(self, kb: KnowledgeBase, written: Mapping[str, str]) -> None:
        self.kb, self.written = kb, written

    def title(self, finding: str) -> str:
        """The title of a finding; any other word stays as it is."""
        return self.kb.findings[finding].title if finding in self.kb.findings else finding

    def value(self, finding: str, value: Value | None) -> str:
        """A value in words; of a quantity, as it was written."""
        if isinstance(value, float) and finding in self.written:
            return self.written[finding]
        return write_value(self.kb.findings[finding], value).replace("_", " ")

    def premise(self, text: str) -> str:
        """A premise about one finding in words, such as ``Duration: more than 3 months``."""
        return " and ".join(f"{title}: {said}" for title, said in map(self._parts, text.split(" and ")))

    def answer(self, premise: str) -> str:
        """What a premise about one finding says of it, such as ``more than 3 months``."""
        return " and ".join(said for _, said in map(self._parts, premise.split(" and ")))

    def claim(self, text: str) -> str:
        """A conclusion in words: ``FINDING is yes`` with the finding's title, a step's as it is."""
        name, _, rest = text.partition(" is ")
        return f"{self.title(name)}: {rest.replace('_', ' ')}" if name in self.kb.concluded else text

    def _parts(self, text: str) -> tuple[str, str]:
        """The title of the finding that a premise is about, and what it says of it."""
        found = _PREMISE.fullmatch(text)
        if not found or found["name"] not in self.kb.findings:
            return text, "yes"
        title, negated = self.title(found["name"]), bool(found["no"])
        if found["sign"]:
            sign = _OPPOSITE[found["sign"]] if negated else found["sign"]
            return title, f"{_SIGNS[sign]} {found['bound']}"
        if found["values"] is not None:
            values = found["values"].replace("_", " ").split(", ")
            return title, f"{'neither ' if negated else ''}{(' nor ' if negated else ' or ').join(values)}"
        if found["isnt"] or found["value"]:
            word = (found["other"] or found["value"]).replace("_", " ")
            return title, f"not {word}" if negated or found["isnt"] else word
        return title, "no" if negated else "yes"

    def stated(self, findings: Iterable[str], values: Facts, note: str = "") -> tuple[Stated, ...]:
        """Findings with their values; members of a panel that are as *none of these* says are told together."""
        left = list(findings)
        told = []
        for panel in self.kb.panels.values():
            members = [name for name in left if name in panel.members and values.get(name) == panel.members[name]]
            if len(members) > 1:
                whole = "none" if len(members) == len(panel.members) else "none of these"
                told.append(Stated(panel.title, whole, note, tuple(map(self.title, members))))
                left = [name for name in left if name not in members]
        return (*told, *(Stated(self.title(name), self.value(name, values.get(name)), note) for name in left))


def nearness(value: str, near: NearThreshold) -> str:
    """How near a value, as it was written, is to a threshold."""
    if near.exact:
        return f"{value} is the threshold itself, to within {near.resolution}"
    return f"{value} is within {near.resolution} of the threshold {near.threshold}"


def together(titles: Sequence[str], word: str = "and") -> str:
    """Several titles as a list within a sentence."""
    return f" {word} ".join(filter(None, [", ".join(titles[:-1]), titles[-1] if titles else ""]))
