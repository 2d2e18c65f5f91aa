"""Patients, sites and what the command line adds: findings with their values, checked against the vocabulary."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from expert.errors import PatientError
from expert.model import KnowledgeBase, Value
from expert.read.premise import PremiseReader
from expert.read.source import Mapping, Names, Node, Problems, Scalar, Source, decode, parse
from expert.results import Patient

SITE = "site"
_UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Said:
    """A value that was said of a finding: ``None`` for *unknown*; ``panel`` names the panel that it came with."""

    value: Value | None
    written: str
    node: Scalar
    panel: str = ""


class PatientReader:
    """Reads findings over one knowledge base; problems of all sources are reported together."""

    def __init__(self, kb: KnowledgeBase) -> None:
        self.kb = kb
        self.problems = Problems()
        self.names = [*kb.inputs, *kb.panels]
        self.values = PremiseReader(kb.findings, Names(kb.findings), self.problems)

    def patient(self, path: str | None, assignments: Iterable[str] = (), site: str | None = None) -> Patient:
        """A patient from a file (``-`` is standard input), assignments ``finding=value`` that override it, and a site file.

        Raises:
            PatientError: with everything that is wrong with any of them.
        """
        file = self.file(path) if path else {}
        site_names = [name for name in self.names if name in self.kb.inputs and self.kb.findings[name].group == SITE]
        of_site = self.file(site, site_names, "a finding of the site") if site else {}
        line = self._assignments(assignments)
        return self.combined(of_site, file, line)

    def mapping(self, node: Node) -> dict[str, Said]:
        """The findings of one mapping, problems recorded; panels are spread over their members."""
        return self._spread(self._pairs(node), self.names, "a finding")

    def combined(self, *sources: dict[str, Said]) -> Patient:
        """One patient from several sources: later ones override, but for a panel, which never overrides what was said of a member.

        Raises:
            PatientError: with every problem recorded so far.
        """
        said: dict[str, Said] = {}
        overridden: dict[str, str] = {}
        for source in sources:
            for name, new in source.items():
                old = said.get(name)
                if old is not None and new.panel and not old.panel and old.value != new.value:
                    self._contradiction(name, old, new)
                elif old is not None and old.value != new.value:
                    overridden[name] = old.written
                said[name] = new
        if self.problems.found:
            raise PatientError(self.problems.found)
        facts = {name: said[name].value for name in self.kb.inputs if name in said}
        known = {name: value for name, value in facts.items() if value is not None}
        return Patient(known, {name: said[name].written for name in known}, overridden)

    def file(self, path: str, names: list[str] | None = None, what: str = "a finding") -> dict[str, Said]:
        """What a file says; an empty one says nothing. Problems are recorded."""
        source = self._source(path)
        node = parse(source, self.problems) if source else None
        return self._spread(self._pairs(node), names or self.names, what) if node else {}

    def _source(self, path: str) -> Source | None:
        shown = "standard input" if path == "-" else path
        try:
            data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
        except IsADirectoryError:
            self.problems.add_plain(f"{shown} is a folder", expected="a patient file, or finding=value")
            return None
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else str(error)
            self.problems.add_plain(f"{shown} cannot be read: {why}", expected="a patient file, or finding=value")
            return None
        return decode(shown, data, self.problems)

    def _pairs(self, node: Node) -> list[tuple[Scalar, Scalar]]:
        if not isinstance(node, Mapping):
            self.problems.add(node, "a patient is a mapping of findings to values", expected="FINDING: VALUE")
            return []
        found = []
        for name, value in node.entries.items():
            if isinstance(value, Scalar):
                found.append((node.keys[name], value))
            else:
                self.problems.add(value, f"{name[:60]} has one value", expected="FINDING: VALUE")
        return found

    def _assignments(self, assignments: Iterable[str]) -> dict[str, Said]:
        pairs = []
        first: dict[str, str] = {}
        for text in assignments:
            name, _, value = text.partition("=")
            source = Source("command line", text)
            key = Scalar(source, 1, 1, name.strip())
            if first.setdefault(key.text, value.strip()) != value.strip():
                self.problems.add(
                    key, f"{key.text!r} is given twice, with different values", expected="each finding once"
                )
            pairs.append((key, Scalar(source, 1, len(name) + 2, value.strip())))
        return self._spread(pairs, self.names, "a finding")

    def _spread(self, pairs: list[tuple[Scalar, Scalar]], names: list[str], what: str) -> dict[str, Said]:
        said: dict[str, Said] = {}
        for key, node in pairs:
            if key.text in names:
                spread = (
                    self._panel(key, node) if key.text in self.kb.panels else {key.text: self._said(key.text, node)}
                )
                for name, new in spread.items():
                    old = said.get(name)
                    if old is not None and old.value != new.value and bool(old.panel) != bool(new.panel):
                        self._contradiction(name, *((old, new) if new.panel else (new, old)))
                    if old is None or not new.panel:
                        said[name] = new
            else:
                self._not_a_name(key, names, what)
        return said

    def _not_a_name(self, key: Scalar, names: list[str], what: str) -> None:
        if key.text in self.kb.concluded:
            self.problems.add(
                key, f"{key.text!r} is concluded by rules; it cannot be given", expected="findings that people give"
            )
        elif key.text in self.names:
            self.problems.add(key, f"{key.text!r} is not {what}", expected="findings of the group 'site'")
        else:
            self.problems.add(key, f"{key.text[:60]!r} is not {what}", word=key.text, among=names)

    def _panel(self, key: Scalar, node: Scalar) -> dict[str, Said]:
        panel = self.kb.panels[key.text]
        if node.text == _UNKNOWN:
            return {name: Said(None, _UNKNOWN, node, panel.name) for name in panel.members}
        if node.text != "none":
            members = ", ".join(panel.members)
            self.problems.add(
                node,
                f"{node.text[:60]!r} is not an answer to the panel {panel.name}",
                expected=f"none; or one of {members}",
            )
            return {}
        written = {
            name: "yes" if value is True else "no" if value is False else str(value)
            for name, value in panel.members.items()
        }
        return {name: Said(value, _number(written[name]), node, panel.name) for name, value in panel.members.items()}

    def _said(self, name: str, node: Scalar) -> Said:
        text = node.text.strip()
        if text == _UNKNOWN:
            return Said(None, text, node)
        finding = self.kb.findings[name]
        value = self.values.value(node, finding, text)
        if isinstance(value, bool):
            return Said(value, "yes" if value else "no", node)
        bare = finding.unit is not None and finding.unit.name and text[-1:].isdigit()
        return Said(value, f"{text} {finding.unit.name}" if bare and finding.unit else text, node)

    def _contradiction(self, name: str, single: Said, panel: Said) -> None:
        self.problems.add(
            single.node,
            f"{name} is {single.written}, yet {panel.panel} is {panel.node.text}",
            expected=f"{name} {panel.written}, or the panel left out",
        )


def _number(text: str) -> str:
    return text.removesuffix(".0")


def worked_patient(kb: KnowledgeBase, name: str) -> str:
    """The path of a worked patient of the knowledge base."""
    return str(Path(kb.directory) / "patients" / f"{name}.yaml")
