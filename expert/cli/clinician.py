"""Commands of clinicians: one patient, one question."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import click

from expert.cli.patients import PatientRequest, about_patient, is_assignment

if TYPE_CHECKING:
    from expert.render.terminal import Terminal


@click.command(
    help="""Answer for one patient: the recommended step of the ladder, with reasons.

    PATIENT is a YAML or JSON file of findings, or - for standard input; finding=value adds or overrides.

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
    help="How the engine matches; the answer is the same.",
)
@click.option("--journal", metavar="FILE", help="Keep the case in this journal; it is made if there is none.")
@click.option("--decided", metavar="STEP", help="What was decided, for the journal.")
@click.option("--reason", metavar="TEXT", help="Why that was decided; needed if it is not the recommended step.")
def assess(
    request: PatientRequest, *, matcher: str, journal: str | None, decided: str | None, reason: str | None
) -> None:
    if (journal, decided, reason) != (None, None, None):
        from expert.cli.journal import check_journal_words

        check_journal_words(journal, decided, reason)
    reasoner, it = request.assessed(matcher)
    today = date.today()
    if journal is not None:  # kept before it is shown: no answer is shown that is not kept
        from expert.cli.journal import journaled

        journaled(reasoner, it, today, journal, decided, reason)

    def as_json() -> dict[str, Any]:
        from expert.render.json import to_json

        return to_json(reasoner.kb, it, today)

    def as_text(terminal: Terminal) -> None:
        from expert.render.answer import write_answer

        write_answer(terminal, reasoner.domain, it, today)

    request.show(as_json, as_text)


@click.command(
    help="""Why TARGET is as it is: its derivation, down to the facts.

    TARGET is a step, an option (STEP.OPTION), a finding, an alert or an advice.

    \b
    Example:
      expert why patient.yaml minimally_invasive
    """
)
@about_patient("[PATIENT] [finding=value ...] TARGET", required=True)
def why(request: PatientRequest) -> None:
    _explain(request)


@click.command(
    name="why-not",
    help="""What keeps TARGET from holding: for each rule, the premises that failed or are unknown.

    \b
    Example:
      expert why-not patient.yaml decompression_with_fusion
    """,
)
@about_patient("[PATIENT] [finding=value ...] TARGET", required=True)
def why_not(request: PatientRequest) -> None:
    _explain(request)


@click.command(
    name="what-if",
    help="""Two answers side by side: for PATIENT as described, and with each finding=value.

    \b
    Example:
      expert what-if patient.yaml stenosis=severe spondylolisthesis=true_slip
    """,
)
@about_patient("[PATIENT] finding=value ...", required=True)
def what_if(request: PatientRequest) -> None:
    from expert.answer.what_if import compare
    from expert.render.what_if import comparison_to_json, write_comparison

    if not any(map(is_assignment, request.words)):
        raise click.UsageError("nothing is changed: say what if, as finding=value")
    reasoner, before, after = request.before_and_after()
    it = compare(reasoner, reasoner.assess(before), reasoner.assess(after))
    today = date.today()
    request.show(
        lambda: comparison_to_json(reasoner.kb, it, today),
        lambda terminal: write_comparison(terminal, reasoner.domain, it, today),
    )


@click.command(
    help="""The least sets of changed findings that would lead to another step, or to STEP; cheapest first.

    Only what can still change or could have been misread is changed, never what is past.

    \b
    Example:
      expert change patient.yaml
      expert change patient.yaml --to decompression_with_fusion --most 3
    """
)
@click.option("--to", metavar="STEP", help="Only what leads to this step.")
@click.option("--most", type=click.IntRange(1), metavar="N", help="Sets of up to N findings (2 if not said).")
@about_patient()
def change(request: PatientRequest, *, to: str | None, most: int | None) -> None:
    from expert.answer.change import MOST, changes
    from expert.render.change import changes_to_json, write_changes

    reasoner, patient = request.described()
    it = changes(reasoner, patient, to, most or MOST)
    today = date.today()
    request.show(
        lambda: changes_to_json(reasoner.kb, patient, it, today),
        lambda terminal: write_changes(terminal, reasoner.kb, patient, it, today),
    )


@click.command(
    help="""Every least set of facts that forces the recommended step, whatever the others had been.

    The sets that need the fewest presumptions come first. A given fact that is in none of them plays no part.

    \b
    Example:
      expert enough patient.yaml
      expert enough patient.yaml --most 30
    """
)
@click.option("--most", type=click.IntRange(1), metavar="N", help="Show up to N sets (10 if not said).")
@about_patient()
def enough(request: PatientRequest, *, most: int | None) -> None:
    from expert.answer.enough import MOST, sufficient_reasons
    from expert.render.enough import enough_to_json, write_enough

    reasoner, assessment = request.assessed()
    it = sufficient_reasons(reasoner, assessment, most or MOST)
    today = date.today()
    request.show(
        lambda: enough_to_json(reasoner.kb, assessment, it, today),
        lambda terminal: write_enough(terminal, reasoner.domain, assessment, it, today),
    )


def _explain(request: PatientRequest) -> None:
    from expert.answer.why import Explainer
    from expert.render.explanation import explanation_to_json, write_explanation

    *patient, target = request.words
    if is_assignment(target) or (not patient and target.endswith((".yaml", ".yml", ".json"))):
        raise click.UsageError("the last word is the TARGET: a step, an option, a finding, an alert or an advice")
    reasoner, assessment = request._replace(words=patient).assessed()
    it = Explainer(reasoner, assessment).why(target)
    today = date.today()
    request.show(
        lambda: explanation_to_json(reasoner.kb, it, today),
        lambda terminal: write_explanation(terminal, reasoner.kb, it, today),
    )
