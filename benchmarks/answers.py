"""What all peers must agree on, and the check that they do: the step and both statuses of every step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from benchmarks.patients import Settled
from benchmarks.peers import Peer, Truths
from expert.lang.definitions import Definitions
from expert.lang.model import KnowledgeBase
from expert.lang.premises import Name
from expert.logic.kleene import Evaluation, Truth
from expert.logic.step_status import step_status


class Answer(NamedTuple):
    """What Kleene's logic says of one patient; ``recommended`` is the step with the presumptions, if there is one."""

    recommended: str | None
    statuses: tuple[str, ...]
    presumed_statuses: tuple[str, ...]


def goals(kb: KnowledgeBase) -> tuple[Name, ...]:
    """The definitions that an answer is read from."""
    return tuple((role, step) for step in kb.steps for role in ("supports", "excludes", "available", "recommended"))


def reference(definitions: Definitions, patient: Settled) -> Answer:
    """The answer by the reference meaning."""
    return _answer(Evaluation(definitions, patient.known), Evaluation(definitions, patient.all))


def answer_of(definitions: Definitions, names: Sequence[Name], truths: tuple[Truths, Truths]) -> Answer:
    """The answer by the truths that a peer found for some names, `goals` among them."""
    known, presumed = (_Given(definitions, dict(zip(names, found, strict=True))) for found in truths)
    return _answer(known, presumed)


class _Given(Evaluation):
    """Truths that another program has worked out."""

    __slots__ = ()

    def __init__(self, definitions: Definitions, truths: Mapping[Name, Truth]) -> None:
        super().__init__(definitions, {})
        self._truths = dict(truths)


def _answer(known: Evaluation, presumed: Evaluation) -> Answer:
    return Answer(_recommended(presumed), _statuses(known), _statuses(presumed))


def _recommended(evaluation: Evaluation) -> str | None:
    return next((step for step in evaluation.definitions.kb.steps if evaluation.concluded(("recommended", step))), None)


def _statuses(evaluation: Evaluation) -> tuple[str, ...]:
    recommended = _recommended(evaluation)
    return tuple(step_status(evaluation, step, recommended) for step in evaluation.definitions.kb.steps)


class UnequalAnswersError(Exception):
    """A peer answers otherwise than the reference, so that its time would say nothing."""


def assert_equal_answers(
    title: str, peer: Peer, definitions: Definitions, names: Sequence[Name], patients: Iterable[Settled]
) -> None:
    """Make sure that a peer built for these names, `goals` among them, answers as the reference does.

    Raises:
        UnequalAnswersError: it does not.
    """
    for patient in patients:
        found = answer_of(definitions, names, peer.conclude(patient))
        wanted = reference(definitions, patient)
        if found != wanted:
            raise UnequalAnswersError(f"{title} finds {found} for {dict(patient.all)}; expected {wanted}")
