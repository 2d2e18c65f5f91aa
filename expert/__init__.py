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

``cli/`` is the way in; ``record/`` is what lasts (sessions, the journal); ``workbench/`` is for those who edit the
knowledge.

Why more than one executor? They run the same definitions, and tests hold each equal to the first, unknowns included:

- **logic** *defines*: Kleene's three values in a page of Python, which anyone can check by reading;
- **experta** *derives with reasons*: one patient, forward chaining, every conclusion with its justifications;
- **columns** (Polars) *scale*: a whole cohort at once, the same conclusions; as SQL where the data may not leave;
- **the solver** (z3) *proves*: all patients at once, for what still matters, what is enough, and what the knowledge
  promises.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from expert.errors import ExpertError, InputError, KnowledgeError, PatientError
    from expert.explanations import Explanation
    from expert.infer.assess import Reasoner
    from expert.infer.change import changes
    from expert.infer.consult import Consultation
    from expert.infer.enough import sufficient_reason
    from expert.infer.explain import Explainer
    from expert.infer.what_if import compare
    from expert.model import KnowledgeBase
    from expert.read.knowledge import read_knowledge
    from expert.read.patient import PatientReader
    from expert.results import Assessment, Patient

__version__ = "0.1.0"

_PUBLIC = {
    "Assessment": "expert.results",
    "Consultation": "expert.infer.consult",
    "ExpertError": "expert.errors",
    "Explainer": "expert.infer.explain",
    "Explanation": "expert.explanations",
    "InputError": "expert.errors",
    "KnowledgeBase": "expert.model",
    "KnowledgeError": "expert.errors",
    "Patient": "expert.results",
    "PatientError": "expert.errors",
    "PatientReader": "expert.read.patient",
    "Reasoner": "expert.infer.assess",
    "changes": "expert.infer.change",
    "compare": "expert.infer.what_if",
    "read_knowledge": "expert.read.knowledge",
    "sufficient_reason": "expert.infer.enough",
}

__all__ = [
    "Assessment",
    "Consultation",
    "ExpertError",
    "Explainer",
    "Explanation",
    "InputError",
    "KnowledgeBase",
    "KnowledgeError",
    "Patient",
    "PatientError",
    "PatientReader",
    "Reasoner",
    "__version__",
    "changes",
    "compare",
    "read_knowledge",
    "sufficient_reason",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that importing the package costs nothing."""
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_PUBLIC[name]), name)
