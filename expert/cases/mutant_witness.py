"""The patient who distinguishes a mutant from the original, with as few facts as do, and how the answers differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from expert.cases.outcome import Outcome, Outcomes
from expert.lang.errors import KnowledgeError
from expert.lang.observables import Difference, Key, State, differences, observables, status_of, step_word, word_of
from expert.lang.premises import Name, Premise
from expert.lang.values import Facts, Value
from expert.logic.domain import Domain


class MutantWitness(NamedTuple):
    """A patient who distinguishes a mutant from the original.

    Attributes:
        given: what must be given of the patient, each finding as in a patient file.
        presumed: the answers differ with the presumptions; if not, only over what is known.
        differences: what differs between the two answers.
    """

    given: Mapping[str, str]
    presumed: bool
    differences: tuple[Difference, ...]


class Mutated(NamedTuple):
    """A knowledge base with one mutant: the patients by its rules, and the definitions that it changes."""

    domain: Domain
    premises: Mapping[Name, Premise]

    def outcomes(self, original: Outcomes) -> Outcomes:
        """What follows with the mutant for patients for whom it is known what follows without."""
        return original.with_premises(self.domain, self.premises)

    def witness(self, original: Outcomes, facts: Facts, presumed: bool) -> MutantWitness:
        """A witness with as few facts as show a difference, and with quantities as people state them."""
        domain = original.domain

        def differing(given: Facts) -> tuple[Difference, ...]:
            background = domain.possible_background(given)
            if background is None:
                return ()
            before = original.of_others([background])
            return tuple(answer_differences(before.of(0), self.outcomes(before).of(0), presumed))

        given = {name: value for name, value in facts.items() if not _need_not_be_given(domain, name, value, presumed)}
        if not differing(given):
            given = dict(facts)
        for name in reversed(list(given)):
            fewer = {other: value for other, value in given.items() if other != name}
            given = fewer if differing(fewer) else {**given, name: _stated(domain, name, given, differing)}
        plausible = domain.plausible(given)
        if plausible and differing(plausible):
            given = dict(plausible)
        written = {name: domain.write(name, value) for name, value in given.items()}
        return MutantWitness(written, presumed, differing(given))


def _need_not_be_given(domain: Domain, name: str, value: Value, presumed: bool) -> bool:
    """Whether a value would be presumed, or is that of a policy by default."""
    if value == domain.kb.inputs[name].default:
        return True
    usual = domain.usual.get(name)
    return presumed and usual is not None and domain.cell_of(name, usual).holds(value)


def _stated(domain: Domain, name: str, given: Facts, differing: Callable[[Facts], object]) -> Value:
    """The value of a finding, or near it one that people state and with which there is a difference too."""
    value = given[name]
    near = [domain.nearest(name, [cell], value) for cell in domain.cells[name]]
    if value in near:
        return value
    return next((it for it in near if it is not None and differing({**given, name: it})), value)


def answer_differences(before: Outcome, after: Outcome, presumed: bool) -> Iterator[Difference]:
    """What differs between the answers of two knowledge bases of one vocabulary to one patient."""
    old, new = _answer(before, presumed), _answer(after, presumed)
    return differences(old, new, old.keys() ^ new.keys())


def _answer(outcome: Outcome, presumed: bool) -> dict[Key, State]:
    try:
        return {**_CONSISTENT, **dict(_states(outcome.check(), presumed))}
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
