"""Telling two answers to one patient apart: by everything that a person can see of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from expert.cases.outcome import Outcome
from expert.lang.errors import KnowledgeError
from expert.lang.facts import Patient
from expert.lang.premises import Name
from expert.lang.values import Facts
from expert.logic.domain import Domain


class Apart(NamedTuple):
    """Something that a person can see of the answer to a patient, as it follows and as it would with a mutant.

    ``what`` and ``name`` are in the words of cases: ``recommended``, ``status`` of a step, ``cautions`` and the like.
    """

    what: str
    name: str
    original: str
    mutant: str


class Telling(NamedTuple):
    """A patient who tells a mutant from the original.

    Attributes:
        given: what has to be said of the patient, each finding as people write it.
        presumed: the answers differ with the presumptions; if not, only over what is known.
        apart: what differs.
    """

    given: Mapping[str, str]
    presumed: bool
    apart: tuple[Apart, ...]


def apart(original: Domain, changed: Domain, given: Facts, presumed: bool) -> tuple[Apart, ...]:
    """What differs for a patient between two knowledge bases of one vocabulary.

    Nothing does if nobody can be so. A step that is available may become one that is so in each of several cases: that
    is told if nothing else is.
    """
    if original.possible_background(given) is None:
        return ()
    before, after = (_answer(domain, given, presumed) for domain in (original, changed))
    keys = [key for key in before if key in after and before[key] != after[key]]
    keys = [key for key in keys if key[0] != "excluded" or "yes" in (before[key], after[key])]  # else it stays unseen
    told = [key for key in keys if key[0] != "available"] or keys
    return tuple(Apart(*key, before[key], after[key]) for key in told)


def _answer(domain: Domain, given: Facts, presumed: bool) -> dict[tuple[str, str], str]:
    """What a person can see of the answer to a patient."""
    try:
        return {("findings", ""): "no contradiction", **_seen(Outcome(domain, Patient(given)), presumed)}
    except KnowledgeError as error:
        return {("findings", ""): error.problems[0].message}


def _seen(outcome: Outcome, presumed: bool) -> dict[tuple[str, str], str]:
    """The same, in the words of cases."""
    kb, truth = outcome.kb, outcome.presumed if presumed else outcome.known
    found = {("recommended", ""): outcome.recommended or "none"} if presumed else {("answer", ""): outcome.answer}
    for step in kb.steps:
        status = outcome.presumed_status(step) if presumed else outcome.status(step)
        found["presumed_status" if presumed else "status", step] = status
    names: list[tuple[str, Name]] = [
        (what, (role, place)) for what, role in _ROLES.items() for place in (*kb.steps, *kb.options)
    ]
    names += [("available", ("available", step)) for step in kb.steps]
    names += [("options", ("offered", option)) for option in kb.options]
    names += [("alerts", ("alert", alert)) for alert in kb.alerts]
    names += [("advice", ("given", advice)) for advice in kb.advice]
    for finding in kb.concluded.values():
        for value in finding.values or ("",):
            names.append(("findings", ("finding", finding.name, *([value] if value else []))))
    for what, name in names:
        if name in outcome.domain.definitions.premises:
            found[what, " is ".join(name[1:])] = _WORDS[truth(name)]
    return found


_ROLES = {"cautions": "cautions", "excluded": "excludes", "preferred": "prefers"}
_WORDS = {True: "yes", False: "no", None: "open"}
