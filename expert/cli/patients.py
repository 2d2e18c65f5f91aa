"""What the commands about one patient share: how they are asked, and in which form they answer."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from expert.cli.candidates import patient_words
from expert.cli.knowledge import patients_knowledge_option, site_option
from expert.lang.errors import PatientError, Problem, quoted
from expert.lang.model import KnowledgeBase, titles_of

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from expert.answer.assess import Reasoner
    from expert.answer.assessment import Assessment
    from expert.lang.facts import Patient
    from expert.render.terminal import Terminal

LONGEST_TO_REPEAT = 40  # cells, in a line that says what to try next

format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Print text for people, or JSON for programs.",
)


class PatientRequest(NamedTuple):
    """What a command line asks about: words (a patient file and assignments), a site and a knowledge folder."""

    words: Sequence[str]
    site: str | None
    knowledge: str | None
    form: str = "text"

    @property
    def files(self) -> list[str]:
        """The files that are named, that of the site last."""
        return [*(word for word in self.words if not is_assignment(word)), *filter(None, [self.site])]

    @property
    def described_as(self) -> str:
        """The words in which another command would name this patient; empty if they are too long to repeat."""
        said = [word for word in self.words if not (is_assignment(word) and word.endswith("="))]
        words = shlex.join(said)
        return words if "-" not in said and (len(said) == 1 or len(words) <= LONGEST_TO_REPEAT) else ""

    def before_and_after(self, matcher: str = "counting") -> tuple[Reasoner, Patient, Patient]:
        """A reasoner over the knowledge, the patient of the file and the site, and the same with the assignments."""
        from expert.answer.assess import Reasoner
        from expert.read.knowledge import read_knowledge
        from expert.read.patient import PatientReader

        if "" in self.words:
            raise PatientError([Problem("an empty word names no patient", expected="a patient file, or finding=value")])
        kb = read_knowledge(self.knowledge)
        files = [word for word in self.words if not is_assignment(word)]
        if tables := [it for it in files if it.endswith((".csv", ".ndjson", ".parquet"))]:
            expected = f"expert cohort {tables[0]} -o answers.csv, which answers for each row"
            raise PatientError([Problem(f"{tables[0]} is a table of patients", expected=expected)])
        if len(files) > 1:
            strange = [quoted(it) for it in files if not is_file(it)]
            message = f"{strange[-1]} is no file" if strange else f"two patient files: {files[0]} and {files[1]}"
            raise PatientError([Problem(message, expected="one patient file, and finding=value")])
        assignments = [word for word in self.words if is_assignment(word)]
        before, after = PatientReader(kb).before_and_after(files[0] if files else None, assignments, self.site)
        say_former({**before.former, **after.former})
        return Reasoner(kb, matcher), before, after

    def described(self, matcher: str = "counting") -> tuple[Reasoner, Patient]:
        """A reasoner over the knowledge, and the patient that the words and the site describe."""
        reasoner, _, patient = self.before_and_after(matcher)
        return reasoner, patient

    def assessed(self, matcher: str = "counting") -> tuple[Reasoner, Assessment]:
        """The same with the answer."""
        from expert.render.progress import working

        with working("finding the answer"):
            reasoner, patient = self.described(matcher)
            return reasoner, reasoner.assess(patient)

    def show(self, as_json: Callable[[], dict[str, Any]], as_text: Callable[[Terminal], None]) -> None:
        """Print an answer in the form that is asked for."""
        if self.form == "json":
            from expert.render.json import json_text

            click.echo(json_text(as_json()))
        else:
            from expert.render.terminal import Terminal

            as_text(Terminal(sys.stdout))


def about_patient(
    metavar: str = "[PATIENT] [finding=value ...]",
    *,
    required: bool = False,
    complete: Callable[[click.Context, click.Parameter, str], list[CompletionItem]] = patient_words,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """A decorator: the command takes words, a site, a knowledge folder and a format, as one `PatientRequest`."""

    def decorated(command: Callable[..., None]) -> Callable[..., None]:
        @click.argument("words", nargs=-1, required=required, metavar=metavar, shell_complete=complete)
        @site_option
        @patients_knowledge_option
        @format_option
        @wraps(command)
        def with_request(
            words: Sequence[str], site: str | None, knowledge: str | None, form: str, **others: object
        ) -> None:
            command(PatientRequest(words, site, knowledge, form), **others)

        return with_request

    return decorated


def is_assignment(word: str) -> bool:
    """Whether a word of the command line is ``finding=value`` rather than the name of a file."""
    name, equals, _ = word.partition("=")
    return bool(equals) and "/" not in name and "\\" not in name


def say_former(former: Mapping[str, str]) -> None:
    """Say on standard error which former names were read, each with the name now."""
    from expert.render.plain import visible

    for old, now in former.items():
        click.echo(f"note: {visible(old)} is now {now}", err=True)


def said_of(patient: Patient) -> Patient:
    """The same patient, after a note on the former names by which it was read."""
    say_former(patient.former)
    return patient


def named_now(kb: KnowledgeBase, word: str) -> str:
    """The name now of an entry that had this one before, with a note; any other word as it is."""
    if word in kb.findings or word in titles_of(kb, "step", "option", "alert", "advice"):
        return word
    now = next((names[word] for names in kb.former.values() if word in names), word)
    say_former({word: now} if now != word else {})
    return now


def is_file(word: str) -> bool:
    """Whether a word of the command line names a patient's file, by its form or because there is such a file."""
    return word == "-" or word.endswith((".yaml", ".yml", ".json")) or os.path.isfile(word)
