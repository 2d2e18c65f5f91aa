"""Commands of clinicians: one patient, one question."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from expert.cli.candidates import steps, why_words
from expert.cli.patients import PatientRequest, about_patient, is_assignment, is_file, named_now
from expert.lang.errors import PatientError, Problem

if TYPE_CHECKING:
    from expert.answer.assessment import Assessment
    from expert.render.terminal import Terminal

ANY = "any"  # of what-if --to: each step but the recommended one


@click.command(
    help="""Recommend a step of the ladder for one patient, and say why.

    PATIENT is a YAML or JSON file of findings, or - for standard input. finding=value adds to it or overrides it.

    \b
    Example:
      expert assess patient.yaml stenosis=severe
      expert assess age=45 severity=severe --format json
    """
)
@about_patient()
@click.option(
    "--matcher",
    type=click.Choice(["counting", "rete"]),
    default="counting",
    hidden=True,
    help="Use this algorithm to match rules; the answer is the same.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print the name of the recommended step only, or undecided.")
@click.option("--journal", metavar="FILE", help="Keep the case in this journal; a new one is started if there is none.")
@click.option("--decided", metavar="STEP", shell_complete=steps, help="With --journal: the step that was decided on.")
@click.option("--reason", metavar="TEXT", help="With --decided: why. Required if it is not the recommended step.")
@click.option("--full", is_flag=True, help="Show everything: arguments, assumptions, options, advice, citations.")
def assess(
    request: PatientRequest,
    *,
    matcher: str,
    quiet: bool,
    journal: str | None,
    decided: str | None,
    reason: str | None,
    full: bool,
) -> None:
    if quiet and request.form == "json":
        raise click.UsageError("--quiet prints the step only: leave out --format json.")
    if (journal, decided, reason) != (None, None, None):
        from expert.cli.journal import check_journal_words

        check_journal_words(journal, decided, reason)
    reasoner, it = request.assessed(matcher)
    today = date.today()
    if journal is not None:  # kept before it is shown: no answer is shown that is not kept
        from expert.cli.journal import journaled

        journaled(reasoner, it, today, journal, decided, reason)

    if quiet:
        _show_step(it)
        return

    def as_json() -> dict[str, Any]:
        from expert.render.json import to_json

        return to_json(reasoner.kb, it, today)

    def as_text(terminal: Terminal) -> None:
        if full:
            from expert.render.full_answer import write_full_answer

            write_full_answer(terminal, reasoner.domain, it, today)
        else:
            from expert.render.first_screen import write_first_screen

            write_first_screen(terminal, reasoner.kb, it, today, request.described_as)

    request.show(as_json, as_text)


@click.command(
    help="""Explain why TARGET is recommended or not, holds or not: the rules, down to the facts.

    TARGET is a step, an option (STEP.OPTION), a finding, an alert or an advice; without it, the recommended step is
    explained. --enough shows the smallest sets of facts that lead to the recommended step, whatever else is true.

    \b
    Example:
      expert why patient.yaml
      expert why patient.yaml decompression_with_fusion
      expert why patient.yaml --enough
    """
)
@click.option("--enough", is_flag=True, help="Show which facts are enough for the recommended step.")
@click.option("--most", type=click.IntRange(1), metavar="N", help="With --enough: show up to N sets (default 10).")
@click.option("--full", is_flag=True, help="Show every rule, however long the explanation.")
@about_patient("[PATIENT] [finding=value ...] [TARGET]", required=True, complete=why_words)
def why(request: PatientRequest, *, enough: bool, most: int | None, full: bool) -> None:
    if most is not None and not enough:
        raise click.UsageError("--most goes with --enough.")
    if not enough:
        _explain(request, full=full)
    elif len([word for word in request.words if not is_assignment(word)]) > 1:
        raise click.UsageError("--enough explains the recommended step, and takes no TARGET.")
    else:
        _show_enough(request, most)


@click.command(
    name="what-if",
    help="""Compare two answers: for PATIENT, and with each finding=value. Without finding=value, or with --to STEP,
    find the smallest changes of findings that lead to another step, fewest first.

    With --to, finding=value describes the patient. Only what can still change is changed, never what is past.

    \b
    Example:
      expert what-if patient.yaml stenosis=severe spondylolisthesis=true_slip
      expert what-if patient.yaml
      expert what-if patient.yaml --to decompression_with_fusion --most 3
    """,
)
@click.option(
    "--to",
    metavar="STEP",
    shell_complete=steps,
    help="Find the smallest changes that lead to this step; any for each other step.",
)
@click.option("--most", type=click.IntRange(1), metavar="N", help="Change up to N findings together (default 2).")
@about_patient()
def what_if(request: PatientRequest, *, to: str | None, most: int | None) -> None:
    if to is not None or (request.words and not any(map(is_assignment, request.words))):
        _show_changes(request, None if to == ANY else to, most)
    elif not request.words:
        raise click.UsageError("Nothing is changed: add finding=value to compare, or --to STEP.")
    elif most is not None:
        raise click.UsageError("--most goes with --to STEP.")
    else:
        _show_comparison(request)


# --- other names ------------------------------------------------------------------------------------------------------


@click.command(name="why-not", hidden=True, help="The same as expert why.")
@about_patient("[PATIENT] [finding=value ...] TARGET", required=True)
def why_not(request: PatientRequest) -> None:
    _explain(request)


@click.command(hidden=True, help="The same as expert what-if --to STEP.")
@click.option("--to", metavar="STEP")
@click.option("--most", type=click.IntRange(1), metavar="N")
@about_patient()
def change(request: PatientRequest, *, to: str | None, most: int | None) -> None:
    _show_changes(request, to, most)


@click.command(hidden=True, help="The same as expert why --enough.")
@click.option("--most", type=click.IntRange(1), metavar="N")
@about_patient()
def enough(request: PatientRequest, *, most: int | None) -> None:
    _show_enough(request, most)


# --- answers ----------------------------------------------------------------------------------------------------------


def _show_step(it: Assessment) -> None:
    """Print the recommended step; if there is none, standard error says why."""
    if it.not_enough or it.recommended is None:
        why = "not enough is recorded for an answer" if it.not_enough else "no single step follows"
        click.echo(why, err=True)
        click.echo("undecided")
    else:
        click.echo(it.recommended)


def _explain(request: PatientRequest, *, full: bool = False) -> None:
    from expert.answer.why import Explainer
    from expert.render.explanation import explanation_to_json, write_explanation

    patient, target = _divided(request.words)
    reasoner, assessment = request._replace(words=patient).assessed()
    if not (target := target or assessment.recommended or ""):
        message = "no single step is recommended, so there is none to explain"
        raise PatientError([Problem(message, expected=f"a TARGET, such as one of {', '.join(reasoner.kb.steps)}")])
    it = Explainer(reasoner, assessment).why(named_now(reasoner.kb, target))
    today = date.today()
    request.show(
        lambda: explanation_to_json(reasoner.kb, it, today),
        lambda terminal: write_explanation(terminal, reasoner.kb, it, today, full=full),
    )


def _divided(words: Sequence[str]) -> tuple[Sequence[str], str]:
    """The words about the patient, and the TARGET; empty if there is none."""
    named = [it for it in words if not is_assignment(it)]
    *others, target = sorted(named, key=is_file, reverse=True) or [""]
    if not target or (not others and is_file(target)):
        return words, ""
    return [it for it in words if it != target], target


def _show_comparison(request: PatientRequest) -> None:
    from expert.answer.what_if import compare
    from expert.render.progress import working
    from expert.render.what_if import comparison_to_json, write_comparison

    reasoner, before, after = request.before_and_after()
    with working("comparing the answers"):
        it = compare(reasoner, reasoner.assess(before), reasoner.assess(after))
    today = date.today()
    request.show(
        lambda: comparison_to_json(reasoner.kb, it, today),
        lambda terminal: write_comparison(terminal, reasoner.domain, it, today),
    )


def _show_changes(request: PatientRequest, to: str | None, most: int | None) -> None:
    from expert.answer.change import MOST, changes
    from expert.render.change import changes_to_json, write_changes
    from expert.render.progress import working

    reasoner, patient = request.described()
    with working("looking for changes"):
        it = changes(reasoner, patient, to and named_now(reasoner.kb, to), most or MOST)
    today = date.today()
    request.show(
        lambda: changes_to_json(reasoner.kb, patient, it, today),
        lambda terminal: write_changes(terminal, reasoner.kb, patient, it, today),
    )


def _show_enough(request: PatientRequest, most: int | None) -> None:
    from expert.answer.enough import MOST, sufficient_reasons
    from expert.render.enough import enough_to_json, write_enough
    from expert.render.progress import working

    reasoner, assessment = request.assessed()
    with working("looking for sets of facts"):
        it = sufficient_reasons(reasoner, assessment, most or MOST)
    today = date.today()
    request.show(
        lambda: enough_to_json(reasoner.kb, assessment, it, today),
        lambda terminal: write_enough(terminal, reasoner.domain, assessment, it, today),
    )
