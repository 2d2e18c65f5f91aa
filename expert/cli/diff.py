"""The command that compares two knowledge bases by what they conclude."""

from __future__ import annotations

import sys

import click

from expert.cli.patients import format_option, knowledge_option


@click.command(
    help="""What NEW concludes otherwise than OLD, for whom, and because of which edit; or that they are equivalent.

    OLD and NEW are knowledge folders or git revisions of the knowledge folder. Without NEW, that folder as it is.

    \b
    Example:
      expert diff HEAD
      expert diff v1 v2 --cohort patients.ndjson
      expert diff knowledge edited --format json --fail-on-change
    """
)
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="[NEW]", required=False)
@knowledge_option
@click.option(
    "--cohort", metavar="FILE", help="Patients (a table, a list, or a folder): how many are treated differently."
)
@format_option
@click.option("--fail-on-change", is_flag=True, help="Exit with status 1 unless it is proved that no answer changes.")
def diff(old: str, new: str | None, knowledge: str | None, cohort: str | None, form: str, fail_on_change: bool) -> None:
    from expert.read.knowledge import read_knowledge
    from expert.render.diff import render_difference, write_difference
    from expert.render.terminal import Terminal
    from expert.workbench.cohort import treated
    from expert.workbench.diff import difference
    from expert.workbench.revision import knowledge_of

    before = knowledge_of(old, knowledge)
    after = knowledge_of(new, knowledge) if new is not None else read_knowledge(knowledge)
    patients = treated(cohort, before, after) if cohort is not None else None
    found = difference(before, after)._replace(cohort=patients)
    if form == "json":
        click.echo(render_difference(found))
    else:
        write_difference(Terminal(sys.stdout), found)
    different = bool(patients and patients.different)
    sys.exit(1 if fail_on_change and (different or not found.equivalent) else 0)
