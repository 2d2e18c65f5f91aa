"""A rule-based expert system that chooses the step of a treatment ladder, and can always say why.

::

    knowledge/*.yaml, patient.yaml
          │  read/         text, with positions, becomes a model
          ▼
    model.KnowledgeBase
          │  definitions   every conclusion as a name with a premise: the meaning, once
          ▼
    Definitions ──────────► compile/   one form for each executor
          │                     │
          ▼                     ▼
    logic.Evaluation       infer/      running them: facts in, a Record with reasons out
          └──────────┬──────────┘
                     ▼
      results: Assessment; explanations: Explanation, Comparison, Question ...
                     │  render/        values become text
                     ▼
         terminal, JSON, HTML, Markdown

``cli/`` is the way in for people, and `load` for programs (``system``); ``record/`` is what lasts (sessions, the
journal); ``workbench/`` is for those who edit the knowledge.

Why more than one executor? They run the same definitions, and tests hold each equal to the first, unknowns included:

- **logic** *defines*: Kleene's three values in a page of Python, which anyone can check by reading;
- **experta** *derives with reasons*: one patient, forward chaining, every conclusion with its justifications;
- **columns** (Polars) *scale*: a whole cohort at once, the same conclusions; as SQL where the data may not leave;
- **the solver** (z3) *proves*: all patients at once, for what still matters, what is enough, and what the knowledge
  promises.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from expert.api.answers import Answer, Change, Enough, WhatIf, Why
    from expert.api.consultation import Consultation
    from expert.api.system import ExpertSystem, load
    from expert.lang.errors import (
        ExpertError,
        InputError,
        KnowledgeError,
        Location,
        MissingExtraError,
        PatientError,
        Problem,
        UnprovedError,
    )
    from expert.lang.explanations import Question
    from expert.lang.model import KnowledgeBase
    from expert.read.knowledge import read_knowledge

__version__ = "0.1.0"

_PUBLIC = {
    "expert.api.answers": ("Answer", "Change", "Enough", "WhatIf", "Why"),
    "expert.api.consultation": ("Consultation",),
    "expert.lang.errors": (
        "ExpertError",
        "InputError",
        "KnowledgeError",
        "Location",
        "MissingExtraError",
        "PatientError",
        "Problem",
        "UnprovedError",
    ),
    "expert.lang.explanations": ("Question",),
    "expert.lang.model": ("KnowledgeBase",),
    "expert.read.knowledge": ("read_knowledge",),
    "expert.api.system": ("ExpertSystem", "load"),
}

__all__ = [
    "Answer",
    "Change",
    "Consultation",
    "Enough",
    "ExpertError",
    "ExpertSystem",
    "InputError",
    "KnowledgeBase",
    "KnowledgeError",
    "Location",
    "MissingExtraError",
    "PatientError",
    "Problem",
    "Question",
    "UnprovedError",
    "WhatIf",
    "Why",
    "__version__",
    "load",
    "read_knowledge",
]


def __dir__() -> list[str]:
    return __all__


if not TYPE_CHECKING:  # a type checker knows the names, and tells one that is not there

    def __getattr__(name: str) -> object:
        """Import a public name when it is first used, so that importing the package costs nothing."""
        for module, names in _PUBLIC.items():
            if name in names:
                from importlib import import_module

                return getattr(import_module(module), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
