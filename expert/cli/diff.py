"""The command that compares two knowledge bases by what they conclude."""

from __future__ import annotations

import os
import sys

import click

from expert.cli.knowledge import holding, knowledge_for, knowledge_option


@click.command(
    help="""Compare two versions of the knowledge: which answers change, for whom, and because of which edit; or prove
    that none does.

    OLD and NEW are knowledge folders or git revisions. Without NEW, OLD is compared with the folder as it is now.

    Answers are compared: what is accepted, recommended, concluded, shown and presumed, and how certain it is.
    Explanations, wording and the order of questions are not.

    \b
    Example:
      expert diff HEAD
      expert diff HEAD --full
      expert diff main HEAD --format markdown > comment.md
      expert diff v1 v2 --cohort patients.ndjson
      expert diff v1 v2 --renamed scar_adhesions=epidural_scar
      expert diff knowledge edited --format json --fail-on-change
    """
)
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="[NEW]", required=False)
@knowledge_option
@click.option(
    "--cohort", metavar="FILE", help="Also count the patients of a table, a list or a folder whose answer changes."
)
@click.option(
    "--renamed",
    multiple=True,
    metavar="OLD=NEW",
    help="Treat a finding that NEW renames as the same finding. May be repeated.",
)
@click.option(
    "--brief/--full", "brief", default=True, help="One screen (the default), or every change with a case to copy."
)
@click.option("--format", "form", type=click.Choice(["text", "markdown", "json"]), default="text", show_default=True)
@click.option("--fail-on-change", is_flag=True, help="Exit with status 1 unless it is proved that no answer changes.")
def diff(
    old: str,
    new: str | None,
    knowledge: str | None,
    cohort: str | None,
    renamed: tuple[str, ...],
    brief: bool,
    form: str,
    fail_on_change: bool,
) -> None:
    from expert.columns.patient_changes import treated
    from expert.diff.diff import difference
    from expert.diff.vocabularies import renamed as under_names
    from expert.diff.vocabularies import renamings
    from expert.read.knowledge import read_knowledge
    from expert.read.revision import knowledge_of
    from expert.render.diff import write_difference
    from expert.render.diff_brief import write_brief
    from expert.render.diff_json import difference_to_json
    from expert.render.diff_markdown import render_markdown
    from expert.render.json import json_text
    from expert.render.progress import working
    from expert.render.terminal import Terminal

    old, new = _named(old), _named(new) if new is not None else None
    folder = _in_use(knowledge, old, new)
    before = knowledge_of(old, folder)
    after = knowledge_of(new, folder) if new is not None else read_knowledge(folder)
    names = renamings(renamed, before, after)
    with working("comparing the answers"):
        patients = treated(cohort, under_names(before, names), after) if cohort is not None else None
        found = difference(before, after, names)._replace(cohort=patients)
    if form == "json":
        click.echo(json_text(difference_to_json(found)))
    elif form == "markdown":
        click.echo(render_markdown(found))
    else:
        (write_brief if brief else write_difference)(Terminal(sys.stdout), found)
    different = bool(patients and patients.different)
    sys.exit(1 if fail_on_change and (different or not found.equivalent) else 0)


def _named(word: str) -> str:
    """The knowledge folder that a word names or lies in; a word that is no folder may be a revision."""
    return (holding(word) or word) if os.path.isdir(word) else word


def _in_use(knowledge: str | None, old: str, new: str | None) -> str | None:
    """The folder that a revision belongs to; it is compared itself where there is no second word."""
    folders = [word for word in (old, new) if word and os.path.isdir(word)]
    if len(folders) == 2:
        if knowledge is not None:
            raise click.UsageError("--knowledge says of which folder a word is a revision, and both are folders")
        return None
    return folders[0] if folders and new is not None and knowledge is None else knowledge_for(knowledge)
