"""The answers of `expert.api.system`, which can be written as JSON.

The JSON is that of the command of the same name, made by the same functions. An answer holds its knowledge base, so it
can be pickled, copied, and written as JSON anywhere.
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
    """A value that can be written as JSON.

    Attributes:
        knowledge: the knowledge base of the answer.
    """

    knowledge: KnowledgeBase

    def resting_on(self, knowledge: KnowledgeBase) -> Self:
        """Set the knowledge base, and return the answer."""
        self.knowledge = knowledge
        return self

    def to_dict(self) -> dict[str, Any]:
        """The answer as dictionaries, lists, texts, numbers, booleans and ``None``."""
        return self._document(date.today())  # it says whether a review of the knowledge is overdue

    def to_json(self) -> str:
        """The answer as JSON, as the command of the same name prints it with ``--format json``."""
        return json_text(self.to_dict())

    def _document(self, today: date) -> dict[str, Any]:
        raise NotImplementedError


class Answer(_AsJson, Assessment):
    """The answer for one patient; see `expert.answer.assessment.Assessment` for the attributes.

    Quantities are numbers in the base unit of their dimension (days, g, mm); `to_dict` gives texts with units.
    """

    def _document(self, today: date) -> dict[str, Any]:
        return to_json(self.knowledge, self, today)


class Why(_AsJson, Explanation):
    """Why a target holds, or what keeps it from holding; see `expert.answer.explanations.Explanation`."""

    def _document(self, today: date) -> dict[str, Any]:
        return explanation_to_json(self.knowledge, self, today)


class WhatIf(_AsJson, Comparison):
    """Two answers side by side; see `expert.answer.explanations.Comparison`."""

    def _document(self, today: date) -> dict[str, Any]:
        return comparison_to_json(self.knowledge, self, today)


class _Reasons(NamedTuple):
    answer: Answer
    reasons: SufficientReasons | None

    def __repr__(self) -> str:
        return one_line(self, self.answer.recommended, f"{len(self.reasons.sets) if self.reasons else 0} sets")


class Enough(_AsJson, _Reasons):
    """What is enough for the recommended step of an ``answer``.

    Its ``reasons`` are the least sufficient sets of facts (`expert.answer.explanations.SufficientReasons`), or ``None``
    for an open answer.
    """

    def _document(self, today: date) -> dict[str, Any]:
        return enough_to_json(self.knowledge, self.answer, self.reasons, today)


class Change(_AsJson, Counterfactuals):
    """What would lead to another step; see `expert.answer.explanations.Counterfactuals`.

    Attributes:
        patient: the patient of the answer.
    """

    patient: Patient

    def _document(self, today: date) -> dict[str, Any]:
        return changes_to_json(self.knowledge, self.patient, self, today)
