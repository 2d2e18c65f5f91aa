"""Patients, sites and assignments on the command line: values of findings, checked against the vocabulary."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from collections.abc import Mapping as MappingType
from typing import NamedTuple

from expert.lang.errors import COMMAND_LINE, NotAValueError, PatientError, nearest, quoted
from expert.lang.facts import Patient
from expert.lang.model import KnowledgeBase
from expert.lang.units import write_value
from expert.lang.values import Value
from expert.read.parse import MAX_BYTES, decode, parse, read_bytes
from expert.read.source import Mapping, Node, Problems, Scalar, Source, argument, location, one_of
from expert.read.value import NONE, NOTHING, UNKNOWN, Reading, ValueReader, file_text, tidy

SITE = "site"
NO_FILE = ""
"""The source of facts from a program; problems with these have no location."""


class Said(NamedTuple):
    """A value given for a finding, ``None`` for *unknown*.

    ``panel`` is the panel that it came from; ``former`` the former name of either, if it was given under one.
    """

    value: Value | None
    written: str
    node: Scalar
    panel: str = ""
    former: str = ""


class PatientReader:
    """Reads values of findings from any source, and reports the problems of all sources together."""

    def __init__(self, kb: KnowledgeBase, *, by_former: bool = True) -> None:
        """``by_former``: former names of findings are read too, as in records."""
        self.kb = kb
        self.former = kb.former["finding"]
        self.by_former = by_former
        self.problems = Problems()
        self.names = [*kb.given, *kb.panels]
        self.values = ValueReader(kb)
        self._files: set[str] = set()

    def patient(self, path: str | None, assignments: Iterable[str] = (), site: str | None = None) -> Patient:
        """A patient from a file, assignments ``finding=value`` that override it, and a site file.

        A file may be ``-`` for standard input.

        Raises:
            PatientError: with everything that is wrong with any of them.
        """
        return self.before_and_after(path, assignments, site)[1]

    def before_and_after(
        self, path: str | None, assignments: Iterable[str], site: str | None = None
    ) -> tuple[Patient, Patient]:
        """The patient of a file and a site, and the same with assignments that override them.

        Raises:
            PatientError: with everything that is wrong with any of them.
        """
        if path == site == "-":
            self.problems.add_plain("standard input is both the patient and the site", expected="one of them as a file")
            site = None
        file = self.file(path) if path else {}
        of_site = self.site(site) if site else {}
        line = self._assignments(assignments, {**of_site, **file})
        return self.combined(of_site, file), self.combined(of_site, file, line)

    def site(self, said: str | MappingType[str, object]) -> dict[str, Said]:
        """The values in a site's file, or given by a program for a site; problems are recorded."""
        names = [name for name in self.names if name in self.kb.given and self.kb.findings[name].group == SITE]
        what = "a finding of the site"
        return self.file(said, names, what) if isinstance(said, str) else self.facts(said, names, what)

    def facts(
        self,
        facts: MappingType[str, object],
        names: list[str] | None = None,
        what: str = "a finding",
        over: MappingType[str, Said] | None = None,
    ) -> dict[str, Said]:
        """The values given by a program: texts as in a file, or typed values (see `expert.read.value.file_text`).

        ``None`` gives no value, as ``null`` in a file; for a finding in ``over``, which these facts override, it is a
        problem. Problems are recorded without a location.
        """
        pairs = []
        for line, (name, value) in enumerate(facts.items(), 1):
            try:
                text = file_text(value)
            except NotAValueError as error:
                self.problems.add_plain(f"{name}: {error}", expected=error.expected)
                text = ""
            source = argument(NO_FILE, text)
            node = Scalar(source, line, 1, tidy(text))
            self._check_says_something(str(name), node, over or {}, "before")
            pairs.append((Scalar(source, line, 1, str(name)), node))
        return self._spread(pairs, self.names if names is None else names, what)

    def again(self, patient: Patient) -> dict[str, Said]:
        """The values of a patient who was read before.

        If all findings of a panel are given, those with its values count as given by the panel.
        """
        nowhere = Scalar(argument(NO_FILE, ""), 1, 1, "")
        whole = [panel for panel in self.kb.panels.values() if panel.members.keys() <= patient.facts.keys()]
        panels = {(name, value): panel.name for panel in whole for name, value in panel.members.items()}
        said = {name: Said(None, UNKNOWN, nowhere) for name in patient.unknown}
        for name, value in patient.facts.items():
            written = patient.written.get(name) or write_value(self.kb.findings[name], value)
            said[name] = Said(value, written, nowhere, panels.get((name, value), ""))
        return said

    def mapping(self, node: Node) -> dict[str, Said]:
        """The values in one mapping, panels replaced by their members; problems are recorded."""
        return self._spread(self._pairs(node), self.names, "a finding")

    def combined(self, *sources: MappingType[str, Said]) -> Patient:
        """One patient from several sources; later sources override earlier ones.

        A panel never overrides a value given for a member by itself: that is a contradiction.

        Raises:
            PatientError: with every problem recorded so far.
        """
        said: dict[str, Said] = {}
        overridden: dict[str, str] = {}
        for source in sources:
            for name, new in source.items():
                old = said.get(name)
                if old is not None and old.value != new.value:
                    if new.panel and not old.panel and old.value is not None:
                        self._contradiction(name, old, new)
                    overridden[name] = old.written
                said[name] = new
        self.raise_problems()
        facts = {name: said[name].value for name in self.kb.given if name in said}
        known = {name: value for name, value in facts.items() if value is not None}
        unknown = tuple(name for name in facts if name not in known)
        written = {name: said[name].written for name in known}
        nodes = {name: said[name].node for name in known if said[name].node.source.name in self._files}
        places = {name: location(node).place for name, node in nodes.items()}
        return Patient(known, written, overridden, unknown, former_in(said), places)

    def raise_problems(self) -> None:
        """Raise one error with the problems recorded so far, if there are any.

        Raises:
            PatientError: with every problem.
        """
        if self.problems.found:
            places = ((it, it.at.file if it.at else "") for it in self.problems.found)
            found = [it if place != NO_FILE else it._replace(at=None, line="") for it, place in places]
            self.problems.found.clear()
            raise PatientError(found)

    def file(
        self,
        path: str,
        names: list[str] | None = None,
        what: str = "a finding",
        over: MappingType[str, Said] | None = None,
    ) -> dict[str, Said]:
        """The values in a file, which may be empty. ``over`` and problems are as in `facts`."""
        source = self._source(path, "a patient file, or finding=value" if names is None else "a site file")
        node = parse(source, self.problems) if source else None
        self._files |= {source.name} if source else set()
        pairs = self._pairs(node) if node else []
        for key, value in pairs:
            self._check_says_something(key.text, value, over or {}, "before")
        return self._spread(pairs, self.names if names is None else names, what)

    def _source(self, path: str, expected: str) -> Source | None:
        shown = "standard input" if path == "-" else path
        try:
            data = _standard_input() if path == "-" else read_bytes(path)
        except IsADirectoryError:
            self.problems.add_plain(f"{shown} is a folder", expected=expected)
            return None
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else str(error)
            self.problems.add_plain(f"{shown} cannot be read: {why}", expected=self._instead(path) or expected)
            return None
        return decode(shown, data, self.problems)

    def _instead(self, path: str) -> str:
        """What to write in place of the name of a finding; empty if it is none."""
        return f"{path}=VALUE" if path in self.names else ""

    def _pairs(self, node: Node) -> list[tuple[Scalar, Scalar]]:
        if not isinstance(node, Mapping):
            self.problems.add(node, "a patient is a mapping of findings to values", expected="FINDING: VALUE")
            return []
        found = []
        for name, value in node.entries.items():
            if isinstance(value, Scalar):
                found.append((node.keys[name], value))
            else:
                self.problems.add(value, f"{quoted(name)} has one value", expected="FINDING: VALUE")
        return found

    def _assignments(self, assignments: Iterable[str], before: dict[str, Said]) -> dict[str, Said]:
        pairs = []
        first: dict[str, str] = {}
        for text in assignments:
            name, _, value = text.partition("=")
            source = argument(COMMAND_LINE, text)
            key = Scalar(source, 1, 1, name.strip(), len(name) + 1)
            node = Scalar(source, 1, len(name) + 2, value.strip(), len(text) + 1)
            other = first.setdefault(key.text, node.text)
            if other != node.text and key.text in self.names:
                message = f"{key.text} is given twice: {quoted(other)} and {quoted(node.text)}"
                self.problems.add(key, message, expected="each finding once")
            self._check_says_something(key.text, node, before, "in the file")
            pairs.append((key, node))
        return self._spread(pairs, self.names, "a finding")

    def _check_says_something(self, name: str, node: Scalar, over: MappingType[str, Said], where: str) -> None:
        """Report an empty value that would override another: *unknown* may be meant."""
        name = self._now(name)
        panels = (NONE if it.value is not None else UNKNOWN for it in over.values() if it.panel == name != "")
        before = over[name].written if name in over else next(panels, "")
        if before and self.values.says_nothing(name, node.text):
            message = f"{name} has no value here, and is {before} {where}"
            self.problems.add(node, message, expected="a value, or unknown to withdraw it")

    def _now(self, name: str) -> str:
        """The name now of a finding or a panel that had another before; any other word as it is."""
        return self.former.get(name, name) if self.by_former else name

    def _spread(self, pairs: list[tuple[Scalar, Scalar]], names: list[str], what: str) -> dict[str, Said]:
        said: dict[str, Said] = {}
        by_former: dict[str, dict[str, Said]] = {}
        for key, node in pairs:
            now = self._now(key.text)
            if now in names:
                former = key.text if key.text != now else ""
                spread = self._panel(now, node, former) if now in self.kb.panels else self._single(now, node, former)
                self._check_one_value(key, now, spread, by_former.setdefault(now, spread))
                for name, new in spread.items():
                    old = said.get(name)
                    if old is not None and old.value != new.value and old.panel != new.panel:
                        self._contradiction(name, *((old, new) if new.panel else (new, old)))
                    if old is None or not new.panel:
                        said[name] = new
            else:
                self._not_a_name(key, names, what)
        return said

    def _check_one_value(self, key: Scalar, now: str, spread: dict[str, Said], before: dict[str, Said]) -> None:
        """Report a finding or a panel that has other values under its former name."""
        for name, it in spread.items():
            if (other := before.get(name)) and other.former != it.former and other.value != it.value:
                names = f"{other.former or now} is {quoted(other.node.text)}, but {key.text} is {quoted(it.node.text)}"
                message = f"{names}, and {it.former or other.former} is a former name of {now}"
                self.problems.add(key, message, expected="one of the two")
                return

    def _not_a_name(self, key: Scalar, names: list[str], what: str) -> None:
        if self._now(key.text) in self.kb.concluded:
            message = f"{key.text!r} is concluded by rules; it cannot be given"
            self.problems.add(key, message, expected="input findings")
        elif key.text in self.names:
            self.problems.add(key, f"{key.text!r} is not {what}", expected="findings of the group 'site'")
        else:
            message = f"{quoted(key.text)} is not {what}" if key.text else f"the name of {what} is missing here"
            word = self.former.get(key.text, key.text)
            listed = "" if nearest(word, names) else one_of(names) or "a name that expert show findings lists"
            self.problems.add(key, message, word=word, among=names, expected=listed)

    def _panel(self, name: str, node: Scalar, former: str) -> dict[str, Said]:
        """The values of a panel's members by an answer to it."""
        panel, reading = self.kb.panels[name], self._reading(name, node)
        if not reading.said:
            return {}
        if reading.value is None:
            return {name: Said(None, UNKNOWN, node, panel.name, former) for name in panel.members}
        written = {name: write_value(self.kb.findings[name], value) for name, value in panel.members.items()}
        return {name: Said(value, written[name], node, panel.name, former) for name, value in panel.members.items()}

    def _single(self, name: str, node: Scalar, former: str) -> dict[str, Said]:
        """The value of one finding; empty if there is none."""
        reading = self._reading(name, node)
        return {name: Said(reading.value, reading.written, node, "", former)} if reading.said else {}

    def _reading(self, name: str, node: Scalar) -> Reading:
        """The value of a finding or a panel in a node; `NOTHING`, with a problem, if it is invalid."""
        try:
            return self.values.read(name, node.text)
        except NotAValueError as error:
            self.problems.add_fault(node, error)
            return NOTHING

    def _contradiction(self, name: str, single: Said, panel: Said) -> None:
        self.problems.add(
            single.node,
            f"{name} is {single.written}, but {panel.panel} is {panel.node.text}",
            expected=f"{name} {panel.written}, or the other findings of the panel one by one instead of it",
        )


def former_in(said: MappingType[str, Said]) -> dict[str, str]:
    """The former names by which values were given, each with the name now."""
    return {it.former: it.panel or name for name, it in said.items() if it.former}


def _standard_input() -> bytes:
    """The bytes on standard input; one more than `MAX_BYTES` if they are too many."""
    if sys.stdin is None:
        raise ValueError("it is closed")
    return sys.stdin.buffer.read(MAX_BYTES + 1)


def worked_patient(kb: KnowledgeBase, name: str) -> str:
    """The path of a worked patient of the knowledge base."""
    return os.path.join(kb.directory, "patients", f"{name}.yaml")
