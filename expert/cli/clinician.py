"""Commands of clinicians: one patient, one question."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import click

from expert.cli.knowledge import patients_knowledge_option, site_option
from expert.cli.patients import (
    assessed,
    before_and_after,
    described,
    format_option,
    is_assignment,
)

if TYPE_CHECKING:
    from expert.answer.explanations import Explanation


@click.command(
    help="""Answer for one patient: the recommended step of the ladder, with reasons.

    PATIENT is a YAML or JSON file of findings, or - for standard input; finding=value adds or overrides.

    \b
    Example:
      expert assess patient.yaml stenosis=severe
      expert assess age=45 severity=severe --format json
    """
)
@click.argument("patient", nargs=-1, metavar="[PATIENT] [finding=value ...]")
@site_option
@patients_knowledge_option
@format_option
@click.option(
    "--matcher",
    type=click.Choice(["counting", "rete"]),
    default="counting",
    help="How the engine matches; the answer is the same.",
)
@click.option("--journal", metavar="FILE", help="Keep the case in this journal; it is made if there is none.")
@click.option("--decided", metavar="STEP", help="What was decided, for the journal.")
@click.option("--reason", metavar="TEXT", help="Why that was decided; needed if it is not the recommended step.")
def assess(
    patient: Sequence[str],
    site: str | None,
    knowledge: str | None,
    form: str,
    matcher: str,
    journal: str | None,
    decided: str | None,
    reason: str | None,
) -> None:
    if (journal, decided, reason) != (None, None, None):
        from expert.cli.journal import check_journal_words

        check_journal_words(journal, decided, reason)
    reasoner, assessment = assessed(patient, site, knowledge, matcher)
    today = date.today()
    if journal is not None:  # before the answer: nothing is told that is not kept
        from expert.cli.journal import journaled

        journaled(reasoner, assessment, today, journal, decided, reason)
    if form == "json":
        from expert.render.json import render_json

        click.echo(render_json(reasoner.kb, assessment, today))
    else:
        from expert.render.answer import write_answer
        from expert.render.terminal import Terminal

        write_answer(Terminal(sys.stdout), reasoner.domain, assessment, today)


@click.command(
    help="""Why TARGET is as it is: its derivation, down to the facts.

    TARGET is a step, an option (STEP.OPTION), a finding, an alert or an advice.

    \b
    Example:
      expert why patient.yaml minimally_invasive
    """
)
@click.argument("words", nargs=-1, required=True, metavar="[PATIENT] [finding=value ...] TARGET")
@site_option
@patients_knowledge_option
@format_option
def why(words: Sequence[str], site: str | None, knowledge: str | None, form: str) -> None:
    _explain(words, site, knowledge, form, negative=False)


@click.command(
    name="why-not",
    help="""What keeps TARGET from holding: for each rule, the premises that failed or are unknown.

    \b
    Example:
      expert why-not patient.yaml decompression_with_fusion
    """,
)
@click.argument("words", nargs=-1, required=True, metavar="[PATIENT] [finding=value ...] TARGET")
@site_option
@patients_knowledge_option
@format_option
def why_not(words: Sequence[str], site: str | None, knowledge: str | None, form: str) -> None:
    _explain(words, site, knowledge, form, negative=True)


@click.command(
    name="what-if",
    help="""Two answers side by side: for PATIENT as described, and with each finding=value.

    \b
    Example:
      expert what-if patient.yaml stenosis=severe spondylolisthesis=true_slip
    """,
)
@click.argument("words", nargs=-1, required=True, metavar="[PATIENT] finding=value ...")
@site_option
@patients_knowledge_option
@format_option
def what_if(words: Sequence[str], site: str | None, knowledge: str | None, form: str) -> None:
    from expert.answer.what_if import compare
    from expert.render.what_if import comparison_to_json, write_comparison

    if not any(map(is_assignment, words)):
        raise click.UsageError("nothing is changed: say what if, as finding=value")
    reasoner, before, after = before_and_after(words, site, knowledge)
    comparison = compare(reasoner, reasoner.assess(before), reasoner.assess(after))
    if form == "json":
        from expert.render.json import json_text

        click.echo(json_text(comparison_to_json(reasoner.kb, comparison, date.today())))
    else:
        from expert.render.terminal import Terminal

        write_comparison(Terminal(sys.stdout), reasoner.domain, comparison, date.today())


@click.command(
    help="""The least sets of changed findings that would lead to another step, or to STEP; cheapest first.

    Only what can still change or could have been misread is changed, never what is past.

    \b
    Example:
      expert change patient.yaml
      expert change patient.yaml --to decompression_with_fusion --most 3
    """
)
@click.argument("patient", nargs=-1, metavar="[PATIENT] [finding=value ...]")
@click.option("--to", metavar="STEP", help="Only what leads to this step.")
@click.option("--most", type=click.IntRange(1), metavar="N", help="Sets of up to N findings (2 if not said).")
@site_option
@patients_knowledge_option
@format_option
def change(
    patient: Sequence[str], to: str | None, most: int | None, site: str | None, knowledge: str | None, form: str
) -> None:
    from expert.answer.change import MOST, changes
    from expert.render.change import changes_to_json, write_changes

    reasoner, who = described(patient, site, knowledge)
    found = changes(reasoner, who, to, most or MOST)
    if form == "json":
        from expert.render.json import json_text

        click.echo(json_text(changes_to_json(reasoner.kb, who, found, date.today())))
    else:
        from expert.render.terminal import Terminal

        write_changes(Terminal(sys.stdout), reasoner.kb, who, found, date.today())


@click.command(
    help="""Every least set of facts that forces the recommended step, whatever the others had been.

    The sets that need the fewest presumptions come first. A given fact that is in none of them plays no part.

    \b
    Example:
      expert enough patient.yaml
      expert enough patient.yaml --most 30
    """
)
@click.argument("patient", nargs=-1, metavar="[PATIENT] [finding=value ...]")
@click.option("--most", type=click.IntRange(1), metavar="N", help="Show up to N sets (10 if not said).")
@site_option
@patients_knowledge_option
@format_option
def enough(patient: Sequence[str], most: int | None, site: str | None, knowledge: str | None, form: str) -> None:
    from expert.answer.enough import MOST, sufficient_reasons
    from expert.render.enough import enough_to_json, write_enough

    reasoner, assessment = assessed(patient, site, knowledge)
    reasons = sufficient_reasons(reasoner, assessment, most or MOST)
    if form == "json":
        from expert.render.json import json_text

        click.echo(json_text(enough_to_json(reasoner.kb, assessment, reasons, date.today())))
    else:
        from expert.render.terminal import Terminal

        write_enough(Terminal(sys.stdout), reasoner.domain, assessment, reasons, date.today())


def _explain(words: Sequence[str], site: str | None, knowledge: str | None, form: str, *, negative: bool) -> None:
    from expert.answer.why import Explainer
    from expert.render.explanation import explanation_to_json, write_explanation
    from expert.render.footer import write_footer
    from expert.render.terminal import Terminal

    *patient, target = words
    if is_assignment(target) or (not patient and target.endswith((".yaml", ".yml", ".json"))):
        raise click.UsageError("the last word is the TARGET: a step, an option, a finding, an alert or an advice")
    reasoner, assessment = assessed(patient, site, knowledge)
    explainer = Explainer(reasoner, assessment)
    explanation: Explanation = explainer.why_not(target) if negative else explainer.why(target)
    if form == "json":
        from expert.render.json import json_text

        click.echo(json_text(explanation_to_json(reasoner.kb, explanation, date.today())))
        return
    terminal = Terminal(sys.stdout)
    write_explanation(terminal, reasoner.kb, explanation)
    write_footer(terminal, reasoner.kb, date.today())
