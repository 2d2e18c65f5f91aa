"""The lints: small named checks of how knowledge is written."""

from __future__ import annotations

from expert.check.lints import cases, citations, form, rules, texts, vocabulary
from expert.check.lints.lint import Knowledge, Lint

__all__ = ["LINTS", "Knowledge", "Lint"]

LINTS: dict[str, Lint] = {
    lint.name: lint
    for lint in sorted((*cases.LINTS, *citations.LINTS, *form.LINTS, *rules.LINTS, *texts.LINTS, *vocabulary.LINTS))
}
"""Every lint by its name, sorted."""
