"""The command that runs the cases."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING

import click

from expert.cli.knowledge import knowledge_for, knowledge_option
from expert.cli.output import check_different, check_output, confirm, force_option, quiet_option, write_output
from expert.cli.patients import format_option
from expert.lang.definitions import Definitions
from expert.lang.errors import ExpertError, InputError
from expert.logic.domain import Domain
from expert.read.knowledge import read_knowledge

if TYPE_CHECKING:
    from expert.cases.coverage import Coverage
    from expert.cases.missing import MissingCase
    from expert.cases.outcome import Outcomes
    from expert.cases.results import CaseResult
    from expert.cases.watch import Round
    from expert.lang.model import KnowledgeBase
    from expert.read.cases import Case


@click.command(
    help="""Run the test cases of the knowledge, or those of PATH: a file, or a folder. Exit status 1 if one fails.

    -k selects cases by words of their names or of their files' names, joined by and, or, not and parentheses. --missing
    needs no case to start from; without FILE it prints each patient as it is found, and the results go to standard
    error.

    \b
    Example:
      expert test
      expert test knowledge/rules/fusion.test.yaml -k "slip and not refuses"
      expert test -k fusion --accept
      expert test --coverage --missing=to-sign.yaml --junit cases.xml
      expert test --watch
    """
)
@click.argument("path", required=False)
@click.option("-k", "words", metavar="WORDS", help="Run only the cases whose names match.")
@click.option(
    "--coverage", "shows_coverage", is_flag=True, help="Show what the cases cover, and every gap with its line."
)
@click.option(
    "--fail-under", type=click.IntRange(0, 100), metavar="PERCENT", help="Exit with status 1 if less is covered."
)
@click.option(
    "--missing",
    is_flag=False,
    flag_value="-",
    metavar="[FILE]",
    help="Find patients that would close the gaps, and write them to FILE.",
)
@click.option("--limit", type=click.IntRange(1), metavar="N", help="With --missing: find at most N patients.")
@click.option("--junit", metavar="FILE", help="Also write the results to FILE as JUnit XML.")
@force_option
@click.option(
    "--accept", is_flag=True, help="Rewrite what failed cases expect as what was found, after showing each change."
)
@click.option("--yes", is_flag=True, help="With --accept: rewrite without asking, as a script must.")
@format_option
@quiet_option
@click.option("--drafts", is_flag=True, help="Run as if every draft were active; this includes the cases of drafts.")
@click.option("--watch", is_flag=True, help="Run again whenever a file is saved; Ctrl-C stops.")
@knowledge_option
def test(
    path: str | None,
    words: str | None,
    shows_coverage: bool,
    fail_under: int | None,
    missing: str | None,
    limit: int | None,
    junit: str | None,
    force: bool,
    accept: bool,
    yes: bool,
    form: str,
    quiet: bool,
    drafts: bool,
    watch: bool,
    knowledge: str | None,
) -> None:
    from expert.cases.results import outcomes_of, run_cases
    from expert.render.cases import CaseTerminal, results_to_json
    from expert.render.json import json_text
    from expert.render.junit import BEGINS, render_junit
    from expert.render.progress import working

    wants_coverage = shows_coverage or fail_under is not None or missing is not None
    others = wants_coverage or junit is not None or drafts or form == "json"
    if (watch and (others or accept)) or (accept and others):
        raise click.UsageError(f"--{'watch' if watch else 'accept'} goes with PATH, -k and --knowledge only.")
    if yes and not accept:
        raise click.UsageError("--yes goes with --accept.")
    if limit is not None and missing is None:
        raise click.UsageError("--limit goes with --missing.")
    folder = knowledge_for(knowledge, path)
    if watch:
        _watch(folder, path, words)
        return
    for output, mark in ((missing, b""), (junit, BEGINS)):
        if output is not None and (output != "-" or mark):
            check_output(output, force=force, mark=mark, reads=[path] if path else [], knowledge=folder)
    check_different(it for it in (missing, junit) if it is not None and it != "-")
    kb = read_knowledge(folder)
    domain = Domain(Definitions(kb.with_drafts() if drafts else kb))
    cases = _read(domain.kb, path, words, needed=missing is None)
    outcomes = outcomes_of(domain, cases)
    with working("running the cases"):
        results = run_cases(outcomes, cases)
    if accept:
        _accept(domain, results, yes=yes)
        return
    covered = _cover(domain, outcomes) if wants_coverage else None
    if junit is not None:
        write_output(junit, render_junit(results), force=force, mark=BEGINS)
    if missing is not None and covered:
        _write_missing(domain, covered, missing, limit, force=force)
    out = sys.stderr if missing == "-" else sys.stdout
    failed = any(result.failures for result in results)
    if quiet and not failed:
        pass
    elif form == "json":
        click.echo(json_text(results_to_json(results, covered)), file=out)
    else:
        CaseTerminal(out, domain).results(results)
    if shows_coverage and covered and form == "text":
        from expert.render.coverage import CoverageTerminal

        CoverageTerminal(out).coverage(covered)
    if form == "text" and not (quiet or drafts) and (left := _of_drafts(kb, path, words, cases)):
        click.echo(f"{left} not run: expert test --drafts", file=out)
    below = covered is not None and _is_below(covered, fail_under)
    sys.exit(1 if below or failed else 0)


def _accept(domain: Domain, results: Sequence[CaseResult], *, yes: bool) -> None:
    """Show what the failed cases would expect; write it if a person at a terminal, or ``yes``, says so."""
    from expert.edit.accept import rewritten, write
    from expert.render.cases import write_rewritten
    from expert.render.plain import counted, visible
    from expert.render.terminal import Terminal

    files = rewritten(domain, results)
    for it in files:
        write_rewritten(Terminal(sys.stdout), it.before, it.after, it.file)
    failed = [it for it in results if it.failures]
    changes = counted(sum(len(it.failures) for it in failed), "expectation")
    if not files:
        click.echo("every case passes: nothing to accept")
        return
    confirm(f"Rewrite {changes}?", yes=yes)
    write(files)
    click.echo(f"{changes} of {counted(len(failed), 'case')} rewritten in {counted(len(files), 'file')}")
    click.echo("Are these names still true?")
    for result in failed:
        click.echo(f"  {result.case.at.place}  {visible(result.case.name)}")


def _is_below(coverage: Coverage, percent: int | None) -> bool:
    """Whether too little is covered; if so, that is printed."""
    met, possible, _ = coverage.total
    below = percent is not None and 100 * met < percent * possible
    if below:
        click.echo(f"{met} of {possible} covered: less than {percent} %", err=True)
    return below


def _read(kb: KnowledgeBase, path: str | None, words: str | None, *, needed: bool) -> list[Case]:
    from expert.cases.selection import selected
    from expert.read.cases import case_files, read_cases

    cases = read_cases(kb, case_files(kb, path, needed=needed))
    return cases if words is None else selected(cases, words)


def _of_drafts(kb: KnowledgeBase, path: str | None, words: str | None, cases: Sequence[Case]) -> str:
    """How many cases of drafts were left out, in words; empty if there are none."""
    from expert.render.plain import counted

    number = len(_read(kb.with_drafts(), path, words, needed=False)) - len(cases) if kb.drafts else 0
    return f"{counted(number, 'case')} of drafts" if number else ""


def _cover(domain: Domain, outcomes: Outcomes) -> Coverage:
    from expert.cases.coverage import coverage_of

    return coverage_of(domain, outcomes.truths)


def _write_missing(domain: Domain, coverage: Coverage, target: str, limit: int | None, *, force: bool) -> None:
    """Write the missing cases to standard output as they are found, or to a file when all of them are."""
    from expert.render.cases import render_missing

    if not coverage.gaps:
        click.echo("no case is missing", err=target == "-")
        return
    with _found_missing(domain, coverage, limit, shown=target != "-" or not sys.stdout.isatty()) as found:
        parts = render_missing(domain, found)
        if target == "-":
            for part in parts:
                click.echo(part, nl=False)
        else:
            write_output(target, "".join(parts).encode("utf-8"), force=force)


@contextmanager
def _found_missing(
    domain: Domain, coverage: Coverage, limit: int | None, *, shown: bool
) -> Iterator[Iterator[MissingCase]]:
    """The missing cases, up to a number; a terminal shows how far the search is."""
    from expert.cases.missing import missing_cases
    from expert.render.progress import Progress

    whole = sum(len(gap.situations) for gap in coverage.gaps)
    with Progress(sys.stderr, "gaps closed", whole, shown=shown) as progress:

        def counted() -> Iterator[MissingCase]:
            left = whole
            for missing in islice(missing_cases(domain, coverage.gaps), limit):
                progress.advance(len(missing.closes))
                left -= len(missing.closes)
                yield missing
            if left:
                click.echo(f"{left} gaps are left open by --limit {limit}", err=True)

        yield counted()


def _watch(knowledge: str | None, path: str | None, words: str | None) -> None:
    """Show every round until Ctrl-C: first the results, then why the first case failed."""
    from expert.cases.watch import Watch

    try:
        for it in Watch(knowledge, path, words).rounds():
            click.echo(f"-- {time.strftime('%H:%M:%S')}")
            _show_round(it)
    except KeyboardInterrupt:
        click.echo()


def _show_round(it: Round | ExpertError) -> None:
    from expert.render.cases import CaseTerminal
    from expert.render.problems import render_problems

    if isinstance(it, ExpertError):
        click.echo(render_problems(it.problems) if isinstance(it, InputError) else str(it))
        return
    terminal = CaseTerminal(sys.stdout, it.domain)
    terminal.results(it.results, explained=False)
    click.echo(f"run again in {it.seconds:.2f} s")
    failed = next((result for result in it.results if result.failures), None)
    if failed:
        terminal.say(failed.case.name, style="bold")
        terminal.what_happened(failed)
