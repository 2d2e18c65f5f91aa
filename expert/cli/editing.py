"""Commands for editing knowledge: schemas for an editor, scaffolds, and the house style."""

from __future__ import annotations

import json
import os
import re
import shlex
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from expert.cli.knowledge import folder_argument, folder_for, knowledge_for, knowledge_option
from expert.cli.output import (
    check_folder,
    check_output,
    check_place,
    confirm,
    force_option,
    refused,
    reported,
    write_outputs,
)
from expert.lang.atomic_files import write_folder
from expert.lang.errors import KnowledgeError, Problem, nearest, quoted
from expert.read.knowledge import read_knowledge

if TYPE_CHECKING:
    from expert.edit.schema_texts import Schema

_BEGINS = b'{\n "$comment": "Written by expert schema, which rewrites this file.",'


@click.command(
    help="""Write JSON Schemas for your editor, which then completes findings, values, steps and claims, and underlines
    mistakes. With -o DIR, one file for each kind of knowledge file, and the settings to paste are printed; without it,
    all schemas as one JSON object.

    \b
    Example:
      expert schema -o .vscode/schemas
      expert schema | jq .rules
    """
)
@click.option("-o", "--output", "output", metavar="DIR", default="-", help="Write the schemas to this folder.")
@force_option
@folder_argument
@knowledge_option
def schema(output: str, force: bool, path: str | None, knowledge: str | None) -> None:
    from expert.edit.schema import associations, file_name, schemas

    own = folder_for(knowledge, path)
    kb = read_knowledge(own)
    found = schemas(kb)
    if output == "-":
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    folder = Path(output)
    check_folder(output, "a folder, or - for standard output")
    with reported(output):
        folder.mkdir(parents=True, exist_ok=True)
    texts = {str(folder / file_name(kind)): _as_file(it) for kind, it in found.items()}
    for name in texts:
        check_output(name, force=force, mark=_BEGINS, knowledge=own)
    write_outputs(texts, force=force, mark=_BEGINS)
    mapped = associations(_from_here(Path(kb.directory)), folder)
    settings = {"yaml.schemaStore.enable": False, "yaml.schemas": mapped}
    click.echo("Settings of an editor with yaml-language-server (.vscode/settings.json, from this folder):\n")
    click.echo(json.dumps(settings, ensure_ascii=False, indent=2))
    click.echo("\nOr in a single file, as its first line, with the path from that file:\n")
    click.echo(f"# yaml-language-server: $schema={(folder / file_name('rules')).as_posix()}")


def _as_file(schema: Schema) -> bytes:
    """A schema as a file holds it, after a comment by which this command knows its files."""
    return _BEGINS + json.dumps(schema, ensure_ascii=False, indent=1).removeprefix("{").encode() + b"\n"


def _from_here(path: Path) -> Path:
    """A path as seen from the folder in which people work, where it lies below it."""
    here = Path.cwd()
    return path.resolve().relative_to(here) if path.resolve().is_relative_to(here) else path


_ENTRIES = ("rule", "finding", "case", "step", "option", "step-group", "alert", "advice", "panel", "constraint")
_FURTHER = ("plausible", "invariant", "claim", "guideline", "safety", "assumption", "note")
_KINDS = (*_ENTRIES, *_FURTHER, "base")


@click.command(
    help="""Print a new entry to fill in, or add it to a file. `expert new base DIR` starts a knowledge base.

    WHAT is one of: """
    + ", ".join(_KINDS)
    + """.

    The name is checked; an option is STEP.OPTION. The knowledge cannot be read until the empty fields are filled in.

    \b
    Example:
      expert new base asthma
      expert new rule recent-fever-excludes-injections
      expert new finding recent_fever --type choice
      expert new option conservative.massage --to knowledge/ladder.yaml
      expert new case "Fever bars the injection" --to rules/youth.test.yaml
    """
)
@click.argument("what", metavar="WHAT", type=click.Choice(_KINDS))
@click.argument("name")
@click.option("--to", metavar="FILE", help="Add it to this file of the knowledge, at the end of its section.")
@click.option(
    "--type", "kind", type=click.Choice(["yes_no", "choice", "quantity", "score"]), help="Make a finding of this type."
)
@click.option("--concluded", is_flag=True, help="Make a finding that rules conclude.")
@click.option("--title", help="Of a base: its subject, as displayed (default: its name).")
@knowledge_option
def new(
    what: str,
    name: str,
    to: str | None,
    kind: str | None,
    concluded: bool,
    title: str | None,
    knowledge: str | None,
) -> None:
    if what != "finding" and (kind or concluded):
        raise click.UsageError("--type and --concluded belong to a finding")
    if what != "base":
        if title is not None:
            raise click.UsageError("--title belongs to a base")
        _new_entry("concluded" if concluded else what.replace("-", " "), name, kind or "", to, knowledge)
    elif to or knowledge:
        raise click.UsageError("a base is a folder of its own: expert new base DIR")
    else:
        _new_base(name, title)


def _new_entry(form: str, name: str, kind: str, to: str | None, knowledge: str | None) -> None:
    from expert.edit.scaffold import Scaffolds

    scaffolds = Scaffolds(knowledge_for(knowledge, to))
    entry = scaffolds.case(name) if form == "case" else scaffolds.entry(form, name, kind)
    if to is None:
        click.echo(entry, nl=False)
    else:
        scaffolds.append(entry, form, name, Path(to))


def _new_base(folder: str, title: str | None) -> None:
    from datetime import date

    from expert.edit.new_base import new_base
    from expert.render.plain import visible

    target = Path(folder)
    check_place(folder)
    if os.path.lexists(folder) and (not target.is_dir() or any(target.iterdir())):
        raise refused(folder, "exists already", "a new folder")
    contents = new_base(target, title, date.today())
    with reported(folder):
        write_folder(target, contents)
    for name in contents:
        click.echo(f"wrote {visible(str(target / name))}")
    click.echo(f"\nNext: cd {shlex.quote(folder)}, then expert check, expert test, and README.md")


@click.command(
    help="""Format knowledge files: keys in the documented order, standard indentation. Comments, quotes, texts and
    blank lines stay as they are. PATH is a knowledge folder or a file in one; without it, all files are formatted.

    \b
    Example:
      expert fmt
      expert fmt --check
      expert fmt knowledge/rules/fusion.yaml
    """
)
@click.argument("files", nargs=-1, metavar="[PATH]...")
@click.option("--check", is_flag=True, help="Change nothing; exit with status 1 if a file is not formatted.")
@knowledge_option
def fmt(files: tuple[str, ...], check: bool, knowledge: str | None) -> None:
    from expert.edit.edited_file import edit
    from expert.edit.format import misformatted
    from expert.render.plain import visible

    found: dict[Path, str] = {}
    for folder, some in _by_folder(knowledge, files).items():
        found |= misformatted(folder, some)
    if not check:
        edit(found)
    for path in found:
        click.echo(f"{'would change' if check else 'changed'} {visible(str(_from_here(path)))}")
    sys.exit(1 if check and found else 0)


def _by_folder(knowledge: str | None, files: Sequence[str]) -> dict[str | None, list[Path]]:
    """The files by the knowledge folders that they lie in; of no files, the one folder with all of its own.

    Raises:
        InputError: a file lies in another folder than ``knowledge``, or in none.
    """
    if not files:
        return {knowledge_for(knowledge): []}
    found: dict[str | None, list[Path]] = {}
    for file in files:
        found.setdefault(folder_for(knowledge, file), []).append(Path(file))
    return found


@click.command(
    help="""Record in rules, under `reviewed`, who reviewed them and which text: all rules, or those that are named.

    `expert check` reports each rule that has changed since, and `expert show RULE` says who reviewed it. What was
    reviewed in the same role before is replaced. It asks before it writes.

    \b
    Example:
      expert sign --by "clinical lead"
      expert sign --by "clinical lead" a-rule --yes
    """
)
@click.argument("rules", metavar="[RULE]...", nargs=-1)
@click.option("--by", metavar="ROLE", required=True, help="The role of the reviewer, such as: clinical lead.")
@click.option("--yes", is_flag=True, help="Write without asking, as a script must.")
@knowledge_option
def sign(rules: tuple[str, ...], by: str, yes: bool, knowledge: str | None) -> None:
    from expert.edit.sign import sign as write_reviews
    from expert.lang.format import LONGEST_NAME, NAMES
    from expert.lang.reviews import hash_of
    from expert.render.plain import counted, visible

    if len(by) > LONGEST_NAME or not re.fullmatch(NAMES["words"], by):
        raise click.UsageError(f"{quoted(by)} is not a role; it has words, such as: clinical lead.")
    kb = read_knowledge(knowledge_for(knowledge))
    names = list(kb.written_rules)
    wrong = [Problem(f"{quoted(it)} is not a rule", suggestion=nearest(it, names)) for it in rules if it not in names]
    if wrong:
        raise KnowledgeError(wrong)
    chosen = [kb.written_rules[it] for it in dict.fromkeys(rules)] or list(kb.written_rules.values())
    left = [it for it in chosen if (by, hash_of(it)) not in {(review.by, review.hash) for review in it.reviewed}]
    if not left:
        click.echo(f"nothing to sign: {by} has reviewed {counted(len(chosen), 'rule')} as written")
        return
    for rule in left:
        click.echo(f"{rule.id}: {visible(rule.title)}")
    confirm(f"Has the {by} reviewed {counted(len(left), 'rule')} as written?", yes=yes)
    write_reviews(kb, left, by, date.today().isoformat())
    click.echo(f"{counted(len(left), 'rule')} signed as reviewed by {by}")


@click.command(
    help="""Rename an entry of the knowledge wherever it is named: in rules, cases, patients, sites and guidance.

    OLD is a finding, rule, step, option (STEP.OPTION), alert, advice, reference or anything else with an id. Comments
    and texts stay. Nothing is written unless it is proved that the knowledge is the same but for the name. Where
    records can hold OLD, it is kept as a former name (former: [OLD]), by which they are still read.

    \b
    Example:
      expert rename scar_adhesions epidural_scar
      expert rename conservative.bed_rest rest_in_bed
      expert rename recurrence recurrent_herniation --kind finding --dry-run
    """
)
@click.argument("old")
@click.argument("new_name", metavar="NEW")
@click.option("--kind", metavar="KIND", default="", help="What OLD is, where several kinds of entries have that name.")
@click.option(
    "--former/--no-former",
    default=True,
    help="Keep OLD as a former name, if records can hold it (default), or not.",
)
@click.option("--dry-run", is_flag=True, help="Show the places, and write nothing.")
@knowledge_option
def rename(old: str, new_name: str, kind: str, former: bool, dry_run: bool, knowledge: str | None) -> None:
    from expert.edit.rename import renaming, write
    from expert.read.knowledge import shipped_knowledge
    from expert.render.plain import counted

    folder = knowledge_for(knowledge)
    path = Path(shipped_knowledge() if folder is None else folder)
    found = renaming(path, folder or "knowledge", old, new_name, kind, former=former)
    for it in found.places if dry_run else ():
        click.echo(f"{_from_here(path / it.file)}:{it.line}:{it.column} {it.role} {it.kind} {it.written}")
    if not dry_run:
        write(path, found)
    places, files = counted(len(found.places), "place"), counted(len(found.texts), "file")
    click.echo(f"{places} in {files} {'would be ' if dry_run else ''}renamed: the meaning is the same, which is proved")
    if found.former:
        click.echo(f"records that say {old} {'would' if dry_run else 'will'} still be read: it is kept under former")
