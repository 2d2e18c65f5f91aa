"""Receipts: an old answer once more, from the journal alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from expert import __version__
from expert.answer.assess import Reasoner
from expert.answer.assessment import Assessment
from expert.journal.store import Journal, JournaledCase
from expert.lang.errors import InputError, Problem
from expert.lang.facts import Patient
from expert.lang.model import KnowledgeBase
from expert.read.knowledge import read_stored

Render = Callable[[KnowledgeBase, Assessment, date], str]
"""Writes an answer of a day as the text that is journaled."""

_MOST = 20
_CELLS = 60


def unlike(journal: Journal, case: JournaledCase, render: Render) -> list[str]:
    """What is missing or differs when a case is answered again from the journal alone; nothing if all is the same.

    The knowledge is read from its stored text, the facts and the day of the answer are the stored ones.
    """
    found = [] if case.intact else ["the stored answer is not the recorded one: its hash differs"]
    text = journal.knowledge(case.knowledge)
    if text is None:
        return [*found, f"the text of the knowledge {case.knowledge} is missing or is not the recorded one"]
    try:
        reasoner = Reasoner(read_stored(text, case.folder))
        again = render(reasoner.kb, answered(reasoner, case.patient), case.day)
    except InputError as error:
        return [*found, *(f"expert {__version__} cannot answer from it: {problem}" for problem in error.problems)]
    return found if again == case.answer else [*found, *_differences(case.answer, again)]


def about(case: JournaledCase) -> Iterator[str]:
    """What the journal holds of a case besides its answer: when it was kept, and what was decided, if given."""
    yield f"kept at {case.time}"
    decided, reason = case.decision
    if decided:
        yield f"decided: {decided}{f', because: {reason}' if reason else ''}"


def answered(reasoner: Reasoner, patient: Patient) -> Assessment:
    """The answer for a stored patient.

    Raises:
        InputError: the knowledge has not these findings or values, or no patient can have them.
    """
    if wrong := reasoner.domain.wrong(patient.facts):
        stored = "the stored findings are not the recorded ones"
        raise InputError(Problem(f"{stored}: {problem.message}") for problem in wrong)
    return reasoner.assess(patient)


def _differences(stored: str, again: str) -> list[str]:
    try:
        found = list(_unequal(json.loads(stored), json.loads(again), ""))
    except (ValueError, RecursionError):
        return ["the stored answer is not JSON"]
    more = [f"and {len(found) - _MOST} more"] if len(found) > _MOST else []
    return [*found[:_MOST], *more] or ["the same values have another layout"]


def _unequal(stored: Any, again: Any, at: str) -> Iterator[str]:
    """Where two JSON values differ, each place as a path."""
    if isinstance(stored, dict) and isinstance(again, dict):
        for key in dict.fromkeys([*stored, *again]):
            place = f"{at}.{key}" if at else key
            if key in stored and key in again:
                yield from _unequal(stored[key], again[key], place)
            else:
                yield f"{place}: {'no longer there' if key in stored else 'not there then'}"
    elif isinstance(stored, list) and isinstance(again, list) and len(stored) == len(again):
        for index, (old, new) in enumerate(zip(stored, again, strict=True)):
            yield from _unequal(old, new, f"{at}[{index}]")
    elif stored != again:
        yield f"{at or 'the answer'}: {_short(stored)} then, {_short(again)} now"


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= _CELLS else f"{text[: _CELLS - 3]}..."
