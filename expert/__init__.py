"""A rule-based expert system that chooses the step of a treatment ladder, and can always say why.

::

    knowledge/*.yaml, patient.yaml
          │  read/      text, with positions, becomes a model
          ▼
    lang/               what a knowledge base is: the model, and every conclusion as a name with a premise (Definitions)
          │
          ▼
    logic/              what the definitions mean, and which patients the constraints permit
          │
          ├──────────► engine/   one patient, with reasons (experta)
          ├──────────► bits/     one patient and thousands of variants of it (whole numbers)
          ├──────────► columns/  a table of patients (Polars, Spark)      sql/  the same as one query
          └──────────► solve/    all patients at once (z3)
                          │
                          ▼
    answer/             assess, why, what if, consult: answers as values
          │
          ├── cases/  check/  diff/  edit/     for those who edit the knowledge
          ├── journal/                         what lasts: the journal, receipts, replay, sessions
          ▼
    render/             values become text, JSON, HTML, Markdown
          │
          ▼
    cli/  api/  lsp/    the way in for people, for programs (`load`) and for editors

Why more than one executor? Logic *defines*, experta *derives with reasons*, bits *vary*, columns *scale*, the solver
*proves*. All but the first are compiled from one system of definitions, and tests hold each equal to the first,
unknowns included.
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
    from expert.lang.facts import Question
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
    "expert.lang.facts": ("Question",),
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


if not TYPE_CHECKING:  # a type checker knows the names, and reports one that does not exist

    def __getattr__(name: str) -> object:
        """Import a public name when it is first used, so that importing the package costs nothing."""
        for module, names in _PUBLIC.items():
            if name in names:
                from importlib import import_module

                return getattr(import_module(module), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
