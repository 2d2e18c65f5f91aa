"""Waivers: comments in the knowledge that give the reason for accepting a fault."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

import yaml

from expert.check.faults import Fault
from expert.check.lints import LINTS
from expert.lang.errors import Location, nearest, quoted
from expert.read.source import Source

WRONG_WAIVER = "wrong-waiver"

_WAIVER = re.compile(r"(?P<before>^|.*\s)#\s*waive\b[ :]*(?P<check>[^\s:]*)[ \t]*:?(?P<reason>.*)$")


class Waiver(NamedTuple):
    """A comment ``# waive CHECK: reason``; it waives the faults of a check on one line, ``of_line``."""

    check: str
    reason: str
    at: Location
    of_line: int

    @property
    def waives(self) -> tuple[str, int, str] | None:
        """The file, line and check of the faults that it waives; none without a reason, and never a wrong waiver."""
        waives = self.reason and self.check != WRONG_WAIVER
        return (self.at.file, self.of_line, self.check) if waives else None


def waivers_in(source: Source) -> Iterator[Waiver]:
    """The waivers of a text: each for its own line or, where it is alone, for the next line that is no comment."""
    lines = ((number, line) for number, line in enumerate(source.lines, 1) if "waive" in line)
    written = [(number, found) for number, line in lines if (found := _WAIVER.match(line))]
    texts = list(_texts(source)) if written else []
    for number, found in written:
        column = found.end("before") + 1
        if not any(start <= (number, column) < end for start, end in texts):
            of_line = number if found["before"].strip() else _next_line(source, number)
            yield Waiver(found["check"], found["reason"].strip(), Location(source.name, number, column), of_line)


def _texts(source: Source) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Where texts begin and end: within them nothing is a comment."""
    for event in yaml.parse(source.text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.ScalarEvent) and event.start_mark and event.end_mark:
            start, end = ((mark.line + 1, mark.column + 1) for mark in (event.start_mark, event.end_mark))
            yield start, end


def _next_line(source: Source, number: int) -> int:
    """The next line that is neither blank nor a comment alone."""
    lines = enumerate(source.lines[number:], number + 1)
    return next((later for later, line in lines if line.strip() and not line.lstrip().startswith("#")), number)


def split_waived(
    faults: Iterable[Fault], waivers: Collection[Waiver]
) -> tuple[list[Fault], list[tuple[Fault, str]], list[Waiver]]:
    """The faults that are left, those that are waived with the reason, and the waivers that waived none."""
    left: list[Fault] = []
    waived: list[tuple[Fault, str]] = []
    idle = dict.fromkeys(waivers)
    first = {waiver.waives: waiver for waiver in reversed(list(waivers))}
    for fault in faults:
        waiver = first.get((fault.at.file, fault.at.line, fault.check))
        if waiver is None:
            left.append(fault)
        else:
            waived.append((fault, waiver.reason))
            idle.pop(waiver, None)
    return left, waived, list(idle)


def wrong_waivers(idle: Iterable[Waiver], known: Collection[str], ran: Collection[str]) -> Iterator[Fault]:
    """What is wrong with waivers that waived nothing; a waiver of a check that did not run is right."""
    lint = LINTS[WRONG_WAIVER]
    for waiver in idle:
        if waiver.check not in known:
            near = nearest(waiver.check, sorted(known)) if waiver.check else ""
            message = f"{quoted(waiver.check)} is not a check" if waiver.check else "the waiver names no check"
            remedy = f"did you mean {near}?" if near else "see expert show lints for the names"
            yield lint.fault(message, waiver.at, waiver.check, remedy=remedy)
        elif not waiver.reason:
            message = f"the waiver of {waiver.check} gives no reason"
            yield lint.fault(message, waiver.at, waiver.check, remedy=f"write '# waive {waiver.check}: reason'")
        elif waiver.check in ran:
            message = f"there is no {waiver.check} here to waive"
            yield lint.fault(message, waiver.at, waiver.check, remedy="delete the waiver")
