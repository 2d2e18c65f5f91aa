"""The command that answers for a whole table of patients."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from expert.cli.knowledge import patients_knowledge_option, site_option
from expert.cli.output import check_different, check_output, force_option, refused
from expert.cli.patients import format_option, said_of, say_former
from expert.lang.errors import PatientError, require
from expert.read.knowledge import read_knowledge

if TYPE_CHECKING:
    from expert.columns.cohort_run import CohortRun
    from expert.columns.summary import Summary
    from expert.lang.model import KnowledgeBase
    from expert.lang.values import Facts

GROUPS = ("steps", "options", "alerts", "advice", "findings", "rules")
ON_REQUEST = ("decisive",)


@click.command(
    help="""Answer for every row of FILE, a table of patients in CSV, NDJSON or Parquet.

    Columns with the names of findings are read; the others are copied to OUT, which its suffix makes .parquet, .csv or
    .ndjson. A row that cannot be read goes to the rejects with every reason; the exit status is 1 only if all rows are
    rejected. Empty rows are counted and skipped. OUT appears only when it is complete.

    \b
    Example:
      expert cohort patients.csv -o answers.parquet
      expert cohort 'registry/*.parquet' -o answers.parquet --against HEAD
      expert cohort export.csv --map columns.yaml -o answers.csv --why-column
    """
)
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "-o", "--output", metavar="OUT", required=True, help="Write the answers to this table: .parquet, .csv or .ndjson."
)
@click.option(
    "--map", "mapping", metavar="MAP", help="Read in this YAML file what columns mean: findings, units, words."
)
@click.option(
    "--read-as", type=click.Choice(["csv", "ndjson", "parquet"]), help="Read FILE in this format, whatever its suffix."
)
@click.option(
    "--delimiter",
    default="",
    help="Separate the columns of a CSV at this character; by default it is found in the header.",
)
@click.option("--decimal", type=click.Choice([".", ","]), help="Read numbers with this decimal mark: , for 14,5.")
@click.option(
    "--rejects", metavar="CSV", help="Write rejected rows to this file (default: OUT with the suffix .rejects.csv)."
)
@click.option("--strict", is_flag=True, help="Stop at the first row that cannot be read, and write nothing.")
@click.option(
    "--tell",
    "groups",
    metavar="GROUP",
    multiple=True,
    type=click.Choice([*GROUPS, *ON_REQUEST, "all"]),
    help=f"Add columns for {', '.join((*GROUPS[1:], *ON_REQUEST))}, or all (all but decisive).",
)
@click.option("--given", is_flag=True, help="Also copy the findings, in base units; bounds as text.")
@click.option(
    "--why-column", "why", is_flag=True, help="Add a column with the rules for and against the recommended step."
)
@click.option(
    "--against", metavar="DIR|REV", help="Also answer with this other knowledge, and show which patients change."
)
@click.option("--changed-only", is_flag=True, help="With --against: write only patients whose step changes.")
@click.option("--report", metavar="HTML", help="Also write a page with the summary and plots.")
@force_option
@click.option(
    "--engine",
    type=click.Choice(["local", "spark"]),
    default="local",
    show_default=True,
    help="Answer on this machine, or on Spark, which reads and writes folders of Parquet.",
)
@click.option("--master", metavar="URL", help="With --engine spark: the cluster, such as spark://host:7077.")
@site_option
@patients_knowledge_option
@format_option
def cohort(
    files: Sequence[str],
    output: str,
    mapping: str | None,
    read_as: str | None,
    delimiter: str,
    decimal: str | None,
    rejects: str | None,
    strict: bool,
    groups: Sequence[str],
    given: bool,
    why: bool,
    against: str | None,
    changed_only: bool,
    report: str | None,
    force: bool,
    engine: str,
    master: str | None,
    site: str | None,
    knowledge: str | None,
    form: str,
) -> None:
    on_spark = engine == "spark"
    _check_files({"--map": mapping, "--rejects": rejects, "--report": report, "--site": site})
    _check_extra(report, on_spark=on_spark)
    _check_options(against, changed_only=changed_only, on_spark=on_spark, here=bool(report or given), master=master)
    if on_spark:
        _check_form(files, read_as)
    from expert.columns.cohort_run import CohortRun, OutputFiles
    from expert.columns.read.column_map import NO_MAP, read_map
    from expert.columns.read.input_files import files_of, is_stream, shown
    from expert.columns.row_answerer import InputFiles, names_of
    from expert.columns.table_writer import form_of
    from expert.read.revision import knowledge_of

    inputs = list(files) if on_spark else files_of(files)
    if against is not None and (once := [file for file in inputs if is_stream(file)]):
        raise refused(shown(once[0]), "can be read only once", "files, with --against")
    target, written_as = Path(output), form_of(output)
    rejected = Path(rejects) if rejects else target.with_suffix(".rejects.csv")
    writing = OutputFiles(target, written_as, rejected, _groups(groups, why=why), given, changed_only, force)
    outputs = [str(it) for it in (target, rejected, report) if it]
    for name in outputs:
        if not _is_text(name):
            raise refused(name, "has a name that is not UTF-8", "another name")
        reads = [*inputs, *filter(None, [mapping, site])]
        check_output(name, force=force, reads=reads, knowledge=knowledge, against=against, folder=on_spark)
    check_different(outputs)
    kb = read_knowledge(knowledge)
    other = knowledge_of(against, knowledge) if against is not None else None
    if other and not {*names_of(kb)} & {*names_of(other)}:
        raise refused(str(against), "has no finding of this knowledge", "knowledge for the same patients")
    columns = read_map(kb, mapping) if mapping else NO_MAP
    columns = columns._replace(decimal=decimal) if decimal else columns
    reading = InputFiles(tuple(files), read_as or "", delimiter, columns, strict)
    if on_spark:
        from expert.columns.spark import run, session

        _say(run(session(master), kb, reading, writing, _site(kb, site)), form)
        return
    from expert.render.progress import Progress

    with Progress(sys.stderr, "rows", _rows(inputs, read_as), speed=True) as progress:
        registry = CohortRun(kb, reading, writing, site=_site(kb, site), against=other, watch=progress.advance)
        summary = _run(registry, report)
    _say(summary, form)


def _run(registry: CohortRun, report: str | None) -> Summary:
    """Answer all rows on this machine."""
    if report is None:
        return registry.run()
    from expert.render.cohort_report import render_cohort

    return registry.run(lambda summary: render_cohort(summary, date.today()), Path(report))


def _say(summary: Summary, form: str) -> None:
    """Show the summary, and on standard error what must not be passed over; with status 1 if all rows are rejected."""
    from expert.render.cohort import REMEDY, summary_to_json, warned, write_summary
    from expert.render.json import json_text
    from expert.render.plain import visible
    from expert.render.terminal import Terminal

    say_former(summary.columns.former)
    if near := summary.columns.near:
        click.echo(f"warning: {visible(warned(near))}. {REMEDY}", err=True)
    none = summary.rejected and not summary.answered
    if summary.rejected:
        rows = "row was" if summary.rejected == 1 else "rows were"
        last = "; none was answered" if none else ""
        click.echo(f"{summary.rejected:,} {rows} rejected: see {summary.rejects}{last}", err=True)
    if form == "json":
        click.echo(json_text(summary_to_json(summary, date.today())))
    else:
        write_summary(Terminal(sys.stdout), summary, date.today())
    if none:
        sys.exit(1)


def _groups(groups: Sequence[str], *, why: bool) -> tuple[str, ...]:
    """The groups of conclusions that are wanted: the statuses of steps always are."""
    wanted = {"steps", *groups, *(GROUPS if "all" in groups else ()), *(["why"] if why else [])}
    return tuple(group for group in (*GROUPS, *ON_REQUEST, "why") if group in wanted)


def _site(kb: KnowledgeBase, path: str | None) -> Facts:
    """What holds at the site."""
    from expert.read.patient import PatientReader

    return said_of(PatientReader(kb).patient(None, (), path)).facts if path else {}


# --- before any work --------------------------------------------------------------------------------------------------


def _check_options(against: str | None, *, changed_only: bool, on_spark: bool, here: bool, master: str | None) -> None:
    """Refuse options that have nothing to do with each other."""
    if changed_only and against is None:
        raise click.UsageError("--changed-only needs --against: other knowledge, under which patients change")
    if on_spark and (here or against is not None):
        raise click.UsageError("--against, --report and --given are for --engine local")
    if master is not None and not on_spark:
        raise click.UsageError("--master is for --engine spark")


def _check_files(given: Mapping[str, str | None]) -> None:
    """Refuse an option with an empty file name, such as from an unset variable of a script."""
    for option, name in given.items():
        if name == "":
            raise click.UsageError(f"{option} names no file")


def _check_extra(report: str | None, *, on_spark: bool) -> None:
    """Refuse to begin without the packages that are needed.

    Raises:
        MissingExtraError: one is not installed.
    """
    if on_spark:
        require("cohort --engine spark", "spark", "pyspark")
    require("cohort", "cohort", "polars", *(["matplotlib"] if report is not None else []))
    if report is not None:
        require("cohort --report", "report", "jinja2")


def _check_form(files: Sequence[str], read_as: str | None) -> None:
    """Refuse files that Spark does not read.

    Raises:
        InputError: one is not Parquet.
    """
    from expert.columns.read.input_files import format_of

    for file in files:
        if format_of(file.rstrip("/"), read_as or "") != "parquet":
            expected = "--engine local, or Parquet, as by spark.read.csv(FILE, header=True).write.parquet(OUT)"
            raise refused(file, "is not Parquet, and Spark reads nothing else here", expected)


def _is_text(name: str) -> bool:
    """Whether a name is text, as Polars needs it."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


# --- meanwhile --------------------------------------------------------------------------------------------------------


def _rows(files: Sequence[str], read_as: str | None) -> int | None:
    """How many rows there are, where the files say so and a terminal shows it."""
    if not sys.stderr.isatty():
        return None
    if (read_as or "parquet") != "parquet" or not all(read_as or file.endswith(".parquet") for file in files):
        return None
    from expert.columns.read.parquet import rows_of

    try:
        return sum(map(rows_of, files))
    except PatientError:
        return None  # what is wrong is reported when they are read
