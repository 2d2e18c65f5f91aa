"""Commands about journaled cases, and how `assess` adds one."""

from __future__ import annotations

import sys
from datetime import date

import click

from expert.answer.assess import Reasoner
from expert.answer.assessment import Assessment
from expert.cli.commands import CommandGroup
from expert.cli.knowledge import patients_knowledge_option
from expert.cli.patients import format_option, named_now, say_former
from expert.lang.errors import PatientError, Problem
from expert.lang.model import KnowledgeBase, not_a_step


def journaled(
    reasoner: Reasoner, assessment: Assessment, today: date, path: str, decided: str | None, reason: str | None
) -> None:
    """Add a case to the journal at ``path``, and say its number on standard error.

    Raises:
        InputError: it could not be added; or the decision is no step, or differs without a reason.
    """
    from expert.journal.store import Decision, Journal
    from expert.render.json import render_json
    from expert.render.plain import visible

    decided = decided and named_now(reasoner.kb, decided)
    _check_decision(reasoner.kb, assessment.recommended, decided, reason)
    answer = render_json(reasoner.kb, assessment, today)
    with Journal(path, append=True) as journal:
        number = journal.append(reasoner.kb, assessment.patient, answer, today, Decision(decided, reason))
    click.echo(f"case {number} of the journal {visible(path)}", err=True)


def check_journal_words(journal: str | None, decided: str | None, reason: str | None) -> None:
    """Raise if the words about a decision do not go together."""
    if journal is None and (decided is not None or reason is not None):
        raise click.UsageError("--decided and --reason go with --journal FILE, which keeps them")
    if reason is not None and decided is None:
        raise click.UsageError("--reason goes with --decided STEP")


def _check_decision(kb: KnowledgeBase, recommended: str | None, decided: str | None, reason: str | None) -> None:
    if decided is None:
        return
    if decided not in kb.steps:
        raise PatientError([not_a_step(kb, decided, "--decided: ")])
    if decided != recommended and not (reason or "").strip():
        message = f"--decided: {decided} is not the recommended step ({recommended or 'there is none'})"
        raise PatientError([Problem(message, expected="--reason TEXT, which says why")])
    if reason is not None and any("\ud800" <= char <= "\udfff" for char in reason):
        raise PatientError([Problem("--reason is not UTF-8", expected="text in UTF-8")])


@click.group(
    cls=CommandGroup,
    invoke_without_command=True,
    help="""Read a journal, in which assess --journal keeps cases: what was given, the answer, and what was decided.

    \b
    Example:
      expert assess patient.yaml --journal cases.journal
      expert journal replay cases.journal
      expert journal receipt cases.journal 12
    """,
)
@click.pass_context
def journal(context: click.Context) -> None:
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@click.command(
    short_help="Answer every case again, and list what differs.",
    help="""Answer every case of a journal again with the knowledge of today, and list each answer that differs.

    Each comes with the rules that make the difference.

    \b
    Example:
      expert journal replay cases.journal
      expert journal replay cases.journal --knowledge edited --format json
    """,
)
@click.argument("file", metavar="FILE")
@patients_knowledge_option
@format_option
@click.option("--fail-on-change", is_flag=True, help="Exit with status 1 unless every answer is the same.")
def replay(file: str, knowledge: str | None, form: str, fail_on_change: bool) -> None:
    from expert.journal.replay import replay as replayed
    from expert.journal.store import Journal
    from expert.read.knowledge import read_knowledge
    from expert.render.journal import replay_to_json, write_replay
    from expert.render.json import json_text, render_json
    from expert.render.progress import working
    from expert.render.terminal import Terminal

    with Journal(file) as journal, working("answering the cases again"):
        found = replayed(journal, Reasoner(read_knowledge(knowledge)), render_json)
    say_former(found.former)
    if form == "json":
        click.echo(json_text(replay_to_json(found)))
    else:
        write_replay(Terminal(sys.stdout), found)
    sys.exit(1 if fail_on_change and found.same < found.cases else 0)


@click.command(
    short_help="Print the answer of one case as it was given.",
    help="""Print the answer of one case of a journal, byte for byte as assess --format json printed it.

    When the case was kept and what was decided goes to standard error. The case is also answered again from the journal
    alone: if that gives anything else, standard error says exactly what, and the exit status is 1. A stored answer that
    was altered is not printed.

    \b
    Example:
      expert journal receipt cases.journal 12
    """,
)
@click.argument("file", metavar="FILE")
@click.argument("number", metavar="CASE", type=int)
def receipt(file: str, number: int) -> None:
    from expert.journal.receipt import about, unlike
    from expert.journal.store import Journal
    from expert.render.json import render_json
    from expert.render.plain import visible

    with Journal(file) as journal:
        case = journal.case(number)
        differences = unlike(journal, case, render_json)
    if case.intact:
        click.echo(case.answer)
    for line in [*about(case), *differences]:
        click.echo(visible(f"case {number}: {line}"), err=True)
    sys.exit(1 if differences else 0)


for command in (replay, receipt):
    journal.add_command(command)
