"""Baselines: files of faults that are known, so that only new ones count.

A fault is known by its check, its file and its subject, not by its line, so that a baseline outlives other edits.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from expert.check.faults import Fault
from expert.lang.errors import InputError
from expert.lang.format import form
from expert.read.fields import Fields
from expert.read.parse import parse, read_source
from expert.read.source import Listing, Node, Problems

_BASELINE = form("a baseline", "known", "known")
_FAULT = form("a known fault", "check file subject", "check file subject")
BEGINS = b"# Faults that are known; expert check --write-baseline rewrites this file.\n"
"""What every baseline that is written here begins with."""


class FaultKey(NamedTuple):
    """What a fault is known by; the file is named from the knowledge folder."""

    check: str
    file: str
    subject: str


def key_of(fault: Fault, folder: str) -> FaultKey:
    """What a fault of a knowledge folder is known by."""
    return FaultKey(fault.check, fault.at.file.removeprefix(f"{folder}/"), fault.subject)


def read_baseline(path: str) -> Counter[FaultKey]:
    """The faults of a baseline file, with how often each is listed.

    Raises:
        InputError: the file cannot be read, or is no baseline.
    """
    problems = Problems()
    source = read_source(path, problems, expected="a baseline file")
    tree = parse(source, problems) if source else None
    if source and tree is None and not problems.found:
        problems.add_plain(f"{path} is empty", expected="a file that expert check --write-baseline has written")
    fields = Fields(tree, _BASELINE, problems)
    found = Counter(_entries(fields.get("known"), problems))
    if problems.found:
        raise InputError(problems.found)
    return found


def _entries(node: Node | None, problems: Problems) -> Iterator[FaultKey]:
    if node is not None and not isinstance(node, Listing):
        problems.add(node, "'known' is a list", expected="- {check: NAME, file: FILE, subject: ID}")
    for item in node.items if isinstance(node, Listing) else ():
        fields = Fields(item, _FAULT, problems)
        subject = getattr(fields.get("subject"), "text", "")  # which may be empty
        yield FaultKey(fields.text("check"), fields.text("file"), subject)


def baseline_of(faults: Iterable[Fault], folder: str) -> bytes:
    """A baseline of these faults, sorted, as a file holds it."""
    keys = sorted(key_of(fault, folder) for fault in faults)
    lines = (f"  - {json.dumps(key._asdict(), ensure_ascii=False)}\n" for key in keys)
    return BEGINS + (f"known:\n{''.join(lines)}" if keys else "known: []\n").encode()


def split_known(
    faults: Iterable[Fault], baseline: Counter[FaultKey], folder: str
) -> tuple[list[Fault], list[Fault], Counter[FaultKey]]:
    """The faults that are new, those that are known, and the entries of the baseline that are left over."""
    left = baseline.copy()
    new: list[Fault] = []
    known: list[Fault] = []
    for fault in faults:
        key = key_of(fault, folder)
        (known if left[key] > 0 else new).append(fault)
        left[key] -= 1
    return new, known, +left
