"""What programs get from `expert.api.system`: answers as values that can be written as JSON.

The JSON is that of the command of the same name, made by the same functions. An answer takes the knowledge that it
rests on along, so it can be pickled, copied, and written as JSON anywhere.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from expert.answer.assessment import Assessment
from expert.answer.explanations import Comparison, Counterfactuals, Explanation, SufficientReasons
from expert.lang.facts import Patient
from expert.lang.model import KnowledgeBase, one_line
from expert.render.change import changes_to_json
from expert.render.enough import enough_to_json
from expert.render.explanation import explanation_to_json
from expert.render.json import json_text, to_json
from expert.render.what_if import comparison_to_json

if TYPE_CHECKING:
    from typing_extensions import Self


class _AsJson:
    """What can be written as JSON.

    Attributes:
        knowledge: what it rests on.
    """

    knowledge: KnowledgeBase

    def resting_on(self, knowledge: KnowledgeBase) -> Self:
        """The same, with the knowledge that it rests on."""
        self.knowledge = knowledge
        return self

    def to_dict(self) -> dict[str, Any]:
        """The answer as dictionaries, lists, texts, numbers, booleans and ``None``."""
        return self._document(date.today())  # it says whether a review of the knowledge is overdue

    def to_json(self) -> str:
        """The answer as JSON: the text that the command of the same name prints with ``--format json``."""
        return json_text(self.to_dict())

    def _document(self, today: date) -> dict[str, Any]:
        raise NotImplementedError


class Answer(_AsJson, Assessment):
    """The answer for one patient: what `expert.answer.assessment.Assessment` says.

    Its facts are as the executors compare them, quantities as numbers in the base unit of their dimension (days, g,
    mm); `to_dict` has them as people write them, with their units.
    """

    def _document(self, today: date) -> dict[str, Any]:
        return to_json(self.knowledge, self, today)


class Why(_AsJson, Explanation):
    """Why a target is as it is, or what keeps it from holding: what `expert.answer.explanations.Explanation` says."""

    def _document(self, today: date) -> dict[str, Any]:
        return explanation_to_json(self.knowledge, self, today)


class WhatIf(_AsJson, Comparison):
    """Two answers side by side: what `expert.answer.explanations.Comparison` says."""

    def _document(self, today: date) -> dict[str, Any]:
        return comparison_to_json(self.knowledge, self, today)


class _Reasons(NamedTuple):
    answer: Answer
    reasons: SufficientReasons | None

    def __repr__(self) -> str:
        return one_line(self, self.answer.recommended, f"{len(self.reasons.sets) if self.reasons else 0} sets")


class Enough(_AsJson, _Reasons):
    """What is enough for the recommended step of an ``answer``.

    Its ``reasons`` are the least sufficient sets of facts (`expert.answer.explanations.SufficientReasons`); of an open
    answer, which nothing forces, ``None``.
    """

    def _document(self, today: date) -> dict[str, Any]:
        return enough_to_json(self.knowledge, self.answer, self.reasons, today)


class Change(_AsJson, Counterfactuals):
    """What would lead to another step: what `expert.answer.explanations.Counterfactuals` says.

    Attributes:
        patient: whose answer it is.
    """

    patient: Patient

    def _document(self, today: date) -> dict[str, Any]:
        return changes_to_json(self.knowledge, self.patient, self, today)
