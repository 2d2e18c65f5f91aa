"""How the answers of two knowledge bases to one patient differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from expert.cases.outcome import Outcome, outcome_of
from expert.lang.errors import KnowledgeError
from expert.lang.observables import Difference, Key, State, differences, observables, status_of, step_word, word_of
from expert.lang.values import Facts
from expert.logic.domain import Domain


class Telling(NamedTuple):
    """A patient who distinguishes a mutant from the original.

    Attributes:
        given: what must be given of the patient, each finding as people write it.
        presumed: the answers differ with the presumptions; if not, only over what is known.
        apart: what differs.
    """

    given: Mapping[str, str]
    presumed: bool
    apart: tuple[Difference, ...]


def apart(original: Domain, changed: Domain, given: Facts, presumed: bool) -> tuple[Difference, ...]:
    """What differs for a patient between two knowledge bases of one vocabulary; nothing if the patient cannot occur."""
    if original.possible_background(given) is None:
        return ()
    before, after = (_answer(domain, given, presumed) for domain in (original, changed))
    return tuple(differences(before, after, before.keys() ^ after.keys()))


def _answer(domain: Domain, given: Facts, presumed: bool) -> dict[Key, State]:
    try:
        return {**_CONSISTENT, **dict(_states(outcome_of(domain, given), presumed))}
    except KnowledgeError as error:
        return {key: State(error.problems[0].message) for key in _CONSISTENT}


_CONSISTENT: Mapping[Key, State] = {("finding", ""): State("no contradiction")}


def _states(outcome: Outcome, presumed: bool) -> Iterator[tuple[Key, State]]:
    truth = outcome.presumed if presumed else outcome.known
    if presumed:
        yield ("recommended step", ""), State(word_of("recommended step", outcome.recommended or ""))
    else:
        yield ("kind of answer", ""), State(outcome.answer)
    for it in observables(outcome.kb):
        if it.kind == "step":
            status = outcome.presumed_status(it.name) if presumed else outcome.status(it.name)
            yield it.key, State(step_word(status, truth(("available", it.name))))
        else:
            yield it.key, State(word_of(it.kind, status_of(it, truth)))
