"""The command that asks: a consultation at the keyboard."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from io import TextIOWrapper
from itertools import groupby

import click

from expert.answer.assess import Reasoner
from expert.answer.consult import ConsultationTurns
from expert.cli.candidates import patient_words
from expert.cli.knowledge import patients_knowledge_option, site_option
from expert.cli.output import check_output, force_option
from expert.cli.patients import PatientRequest, is_assignment
from expert.lang.errors import InputError, Problem
from expert.lang.facts import Patient
from expert.lang.model import KnowledgeBase
from expert.read.patient import PatientReader


@click.command(
    help="""Ask question by question until the step and the alerts are certain, or nothing relevant is left to ask.

    PATIENT is a YAML or JSON file of findings, and is not changed; finding=value adds to it or overrides it. Every
    answer is saved at once to a session file, which expert assess reads and --resume continues.

    \b
    Example:
      expert consult
      expert consult patient.yaml --session mrs-a.yaml
      expert consult --resume mrs-a.yaml
    """
)
@click.argument("patient", nargs=-1, metavar="[PATIENT] [finding=value ...]", shell_complete=patient_words)
@site_option
@patients_knowledge_option
@click.option(
    "--session", metavar="FILE", help="Save the answers to this new file (default: consultation-DATE-TIME.yaml)."
)
@force_option
@click.option("--resume", metavar="FILE", help="Continue the consultation in this file.")
def consult(
    patient: Sequence[str],
    site: str | None,
    knowledge: str | None,
    session: str | None,
    force: bool,
    resume: str | None,
) -> None:
    request = PatientRequest(patient, site, knowledge)
    _check(patient, session, resume)
    if session is not None and force:
        check_output(session, force=force, reads=request.files, knowledge=knowledge)
    from expert.cli.dialogue import Dialogue
    from expert.journal.session import new_session, resumed_session

    if resume is None:
        reasoner, begun = request.described()
        consultation = ConsultationTurns(reasoner, begun, begun.unknown, site_is_given=site is not None)
        file = new_session(session, datetime.now(), replace=force)
    else:
        file = resumed_session(resume)
        reasoner, whole = request._replace(words=[str(file.path), *patient]).described()
        consultation = _resumed(reasoner, str(file.path), whole, site_is_given=site is not None)
    dialogue = Dialogue(reasoner, consultation, file, sys.stdout)
    if resume is None or patient or site:
        file.begin(dialogue.said())
    else:
        file.go_on(dialogue.said())
    _prepare_keyboard()
    sys.exit(dialogue.run(knowledge))


def is_at_terminal() -> bool:
    """Whether questions can be asked: input and output are a terminal."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


def _check(words: Sequence[str], session: str | None, resume: str | None) -> None:
    """Refuse what cannot be asked about, before anything is read."""
    if not is_at_terminal():
        message = "expert consult asks at a terminal, and there is none here"
        raise InputError([Problem(message, expected="expert assess, which answers from what is given")])
    if "-" in words:
        raise InputError([Problem("a patient cannot come from standard input here", expected="a patient file")])
    if resume is None:
        return
    if session is not None:
        raise InputError([Problem("--session names a new file, --resume an old one", expected="one of them")])
    files = [word for word in words if not is_assignment(word)]
    if files:
        message = f"the patient is in the session file, and {files[0]} is another"
        raise InputError([Problem(message, expected="--resume FILE, and finding=value")])


def _resumed(reasoner: Reasoner, path: str, patient: Patient, *, site_is_given: bool) -> ConsultationTurns:
    """The consultation of a session file; what the file says can be taken back, what comes from elsewhere cannot."""
    saved = list(PatientReader(reasoner.kb).file(path))
    elsewhere = {name: value for name, value in patient.facts.items() if name not in saved}
    unknown = [name for name in patient.unknown if name not in saved]
    consultation = ConsultationTurns(reasoner, patient._replace(facts=elsewhere), unknown, site_is_given=site_is_given)
    for _, names in groupby(saved, lambda name: _panel(reasoner.kb, name) or name):
        consultation.answer({name: patient.facts.get(name) for name in names}, patient.written)
    return consultation


def _panel(kb: KnowledgeBase, finding: str) -> str:
    """The panel that a finding belongs to; empty if to none."""
    return next((panel.name for panel in kb.panels.values() if finding in panel.members), "")


def _prepare_keyboard() -> None:
    """Let lines be edited, take whatever bytes are typed, and leave the terminal and the folder tidy when stopped."""
    with suppress(ImportError):
        import readline  # noqa: F401  input() uses it once it is there
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(errors="backslashreplace")
    for name in ("SIGHUP", "SIGTERM"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda number, _: sys.exit(128 + number))
