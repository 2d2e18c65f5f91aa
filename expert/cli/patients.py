"""What the commands about one patient share: their words, and the options that go with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from expert.lang.errors import PatientError, Problem
from expert.read.knowledge import read_knowledge
from expert.read.patient import PatientReader

if TYPE_CHECKING:
    from expert.answer.assess import Reasoner
    from expert.answer.assessment import Assessment
    from expert.lang.facts import Patient

format_option = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)


def before_and_after(
    words: Sequence[str], site: str | None, knowledge: str | None, matcher: str = "counting"
) -> tuple[Reasoner, Patient, Patient]:
    """A reasoner over the knowledge, the patient of the file and the site, and the same with the assignments."""
    from expert.answer.assess import Reasoner

    if "" in words:
        raise PatientError([Problem("an empty word names no patient", expected="a patient file, or finding=value")])
    kb = read_knowledge(knowledge)
    files = [word for word in words if not is_assignment(word)]
    if len(files) > 1:
        message = f"two patient files: {files[0]} and {files[1]}"
        raise PatientError([Problem(message, expected="one patient file, and finding=value")])
    assignments = [word for word in words if is_assignment(word)]
    before, after = PatientReader(kb).before_and_after(files[0] if files else None, assignments, site)
    return Reasoner(kb, matcher), before, after


def described(
    words: Sequence[str], site: str | None, knowledge: str | None, matcher: str = "counting"
) -> tuple[Reasoner, Patient]:
    """A reasoner over the knowledge, and the patient that the words and the site describe."""
    reasoner, _, patient = before_and_after(words, site, knowledge, matcher)
    return reasoner, patient


def assessed(
    words: Sequence[str], site: str | None, knowledge: str | None, matcher: str = "counting"
) -> tuple[Reasoner, Assessment]:
    """The same with the answer."""
    from expert.render.progress import told_soon

    with told_soon("the answer is being worked out"):
        reasoner, patient = described(words, site, knowledge, matcher)
        return reasoner, reasoner.assess(patient)


def is_assignment(word: str) -> bool:
    """Whether a word of the command line says ``finding=value``, rather than naming a file."""
    name, equals, _ = word.partition("=")
    return bool(equals) and "/" not in name and "\\" not in name
