"""The patient who distinguishes a mutant from the original, with as few facts as do, and how the answers differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from expert.cases.outcome import Outcome, outcome_of
from expert.lang.errors import KnowledgeError
from expert.lang.observables import Difference, Key, State, differences, observables, status_of, step_word, word_of
from expert.lang.values import Facts, Value
from expert.logic.domain import Domain


class MutantWitness(NamedTuple):
    """A patient who distinguishes a mutant from the original.

    Attributes:
        given: what must be given of the patient, each finding as people write it.
        presumed: the answers differ with the presumptions; if not, only over what is known.
        differences: what differs between the two answers.
    """

    given: Mapping[str, str]
    presumed: bool
    differences: tuple[Difference, ...]


def mutant_witness(original: Domain, changed: Domain, facts: Facts, presumed: bool) -> MutantWitness:
    """A witness with as few facts of a patient as show a difference, whose quantities are such as people state."""

    def differs(given: Facts) -> bool:
        return bool(answer_differences(original, changed, given, presumed))

    given = {name: value for name, value in facts.items() if not _goes_without_saying(original, name, value, presumed)}
    if not differs(given):
        given = dict(facts)
    for name in reversed(list(given)):
        fewer = {other: value for other, value in given.items() if other != name}
        given = fewer if differs(fewer) else {**given, name: _stated(original, name, given, differs)}
    written = {name: original.write(name, value) for name, value in given.items()}
    return MutantWitness(written, presumed, answer_differences(original, changed, given, presumed))


def _goes_without_saying(domain: Domain, name: str, value: Value, presumed: bool) -> bool:
    """Whether a value would be presumed, or is that of a policy by default."""
    if value == domain.kb.inputs[name].default:
        return True
    usual = domain.usual.get(name)
    return presumed and usual is not None and domain.cell_of(name, usual).holds(value)


def _stated(domain: Domain, name: str, given: Facts, differs: Callable[[Facts], bool]) -> Value:
    """The value of a finding, or near it one that people state and with which there is a difference too."""
    value = given[name]
    near = [domain.nearest(name, [cell], value) for cell in domain.cells[name]]
    if value in near:
        return value
    return next((it for it in near if it is not None and differs({**given, name: it})), value)


def answer_differences(original: Domain, changed: Domain, given: Facts, presumed: bool) -> tuple[Difference, ...]:
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
