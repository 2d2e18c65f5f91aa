"""The command that writes the knowledge as a query."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from expert.cli.knowledge import patients_knowledge_option
from expert.cli.output import check_output, force_option, write_output
from expert.lang.errors import ContradictionError, InputError, Problem, quoted, require
from expert.read.knowledge import read_knowledge

if TYPE_CHECKING:
    from expert.lang.model import KnowledgeBase


@click.command(
    help="""Write the knowledge as one SQL query, so that data need not leave a database.

    The query reads a table with one row for each patient and one column for each finding, in the finding's unit; null
    means unknown. It returns the recommended step, how certain it is, the statuses of every step, and the alerts; for a
    row that cannot be used, the problem. A comment at its start describes all columns.

    \b
    Example:
      expert sql --dialect duckdb --key id | duckdb registry.db
      expert sql --dialect postgres --table clinic.visits --key visit \\
          --columns age,stenosis --column pregnant=is_pregnant -o ladder.sql
    """
)
@click.option("--dialect", metavar="NAME", required=True, help="Write for this database: duckdb, postgres or spark.")
@click.option(
    "--table", metavar="NAME", default="patients", show_default=True, help="Read this table: TABLE or SCHEMA.TABLE."
)
@click.option("--key", "keys", metavar="COLUMN", multiple=True, help="Copy this column to the result. May be repeated.")
@click.option(
    "--columns", "present", metavar="FINDINGS", help="Read only these findings, separated by commas (default: all)."
)
@click.option(
    "--column",
    "renamed",
    metavar="FINDING=COLUMN",
    multiple=True,
    help="Read a finding from a column with another name. May be repeated.",
)
@click.option("-o", "--output", metavar="FILE", default="-", help="Write the query to this file.")
@force_option
@patients_knowledge_option
def sql(
    dialect: str,
    table: str,
    keys: tuple[str, ...],
    present: str | None,
    renamed: tuple[str, ...],
    output: str,
    force: bool,
    knowledge: str | None,
) -> None:
    require("sql", "sql", "sqlglot")
    from expert.sql.to_sql import query

    if output != "-":
        check_output(output, force=force, knowledge=knowledge)
    kb = read_knowledge(knowledge)
    _check_choices(kb)
    findings = list(kb.inputs) if present is None else [name.strip() for name in present.split(",")]
    columns = {name: name for name in findings} | _renamed(renamed)
    text = query(kb, dialect, table=table, keys=keys, columns=columns)
    if output == "-":
        click.echo(text, nl=False)
    else:
        write_output(output, text.encode(), force=force)
        click.echo(output)


def _check_choices(kb: KnowledgeBase) -> None:
    """Refuse knowledge by which some patient is two things at once: a query could not refuse that patient.

    Raises:
        ContradictionError: there is such a patient.
    """
    from expert.lang.definitions import Definitions
    from expert.logic.domain import Domain
    from expert.solve.case_split import contradictions

    for name in contradictions(Domain(Definitions(kb))):
        raise ContradictionError(" ".join(name[1:]), "some patients")


def _renamed(words: Iterable[str]) -> dict[str, str]:
    """The names of columns by those of findings.

    Raises:
        InputError: a word says no such thing, or two say it of one finding.
    """
    found: dict[str, str] = {}
    problems = []
    for word in words:
        name, equals, column = word.partition("=")
        if not equals:
            problems.append(Problem(f"{quoted(word)} names no column", expected="FINDING=COLUMN"))
        elif name in found:
            problems.append(Problem(f"{quoted(name)} is given two columns", expected="one column of each finding"))
        found[name] = column
    if problems:
        raise InputError(problems)
    return found
