"""The command that asks whether the cases notice small faults in the rules."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from expert.cli.candidates import rules
from expert.cli.knowledge import knowledge_for, knowledge_option
from expert.cli.patients import format_option
from expert.lang.errors import InputError, Location, Problem, nearest, quoted
from expert.lang.model import KnowledgeBase
from expert.read.knowledge import read_knowledge

if TYPE_CHECKING:
    from expert.cases.mutant_verdicts import Score

T = TypeVar("T")


@click.command(
    help="""Put small faults in the rules, one at a time, and see whether a test case fails: in all rules, in one RULE,
    or in those of a PATH.

    A changed rule (mutant) that no case notices survives, and is shown with a patient for whom the answer changes. A
    mutant that is proved to change nothing is not counted.

    --cases shows which mutants only one case kills. A case without any may be a duplicate: it is shown which others
    kill the same, and whether coverage depends on it. This takes three times as long.

    \b
    Example:
      expert mutate
      expert mutate knowledge/rules/fusion.yaml --fail-under 100
      expert mutate --cases three-months-without-effect
    """
)
@click.argument("words", metavar="[RULE|PATH]...", nargs=-1, shell_complete=rules)
@click.option(
    "--fail-under",
    type=click.FloatRange(0, 100),
    metavar="PERCENT",
    help="Exit with status 1 if fewer mutants are killed.",
)
@click.option(
    "--cases", "shows_cases", is_flag=True, help="Also show which mutants only one case kills, and duplicate cases."
)
@click.option("--workers", type=click.IntRange(1, 64), hidden=True, expose_value=False, help="Has no effect any more.")
@format_option
@knowledge_option
def mutate(
    words: tuple[str, ...],
    fail_under: float | None,
    shows_cases: bool,
    form: str,
    knowledge: str | None,
) -> None:
    from expert.cases.kill_matrix import worth
    from expert.cases.mutant_verdicts import Bench, score
    from expert.read.cases import case_files, read_cases
    from expert.render.mutate import MutationTerminal, render_json

    kb = read_knowledge(knowledge_for(knowledge, *filter(os.path.lexists, words)))
    rules = _rules(kb, words)
    bench = Bench(kb, read_cases(kb, case_files(kb)))
    chosen = [mutant for mutant in bench.mutants if mutant.id in rules]
    results = _with_bar(len(chosen), map(bench.settle, chosen))
    cases = None
    if shows_cases:
        killed = [it.mutant for it in results if it.verdict == "killed"]
        cases = worth(bench, killed, _with_bar(len(killed), map(bench.killers, killed)))
        if words:
            cases = [it for it in cases if it.alone]  # the others may be needed for other rules
    if form == "json":
        click.echo(render_json(results, cases))
    else:
        MutationTerminal(sys.stdout).results(results, cases)
    sys.exit(1 if _is_below(score(results), fail_under) else 0)


def _with_bar(count: int, coming: Iterable[T]) -> list[T]:
    """All items that come; a bar shows how many have."""
    from expert.render.progress import Progress

    found = []
    with Progress(sys.stderr, "mutants", count) as progress:
        for it in coming:
            found.append(it)
            progress.advance()
    return found


def _rules(kb: KnowledgeBase, words: Sequence[str]) -> frozenset[str]:
    """The rules that words name, or those in the files and folders that they name; of no words, all.

    Raises:
        InputError: a word names none.
    """
    chosen = {rule for word in words for rule in _named(kb, word)}
    return frozenset(chosen if words else _entries(kb))


def _entries(kb: KnowledgeBase) -> dict[str, Location]:
    """The rules and scores, by id or name, with their places."""
    scores = {it.name: it.at for it in kb.concluded.values() if it.points}
    return {**{it.id: it.at for it in kb.rules.values()}, **scores}


def _named(kb: KnowledgeBase, word: str) -> list[str]:
    from expert.cases.mutants import file_of

    if word in _entries(kb):
        return [word]
    path = Path(word).resolve()
    if word and path.exists():
        found = [name for name, at in _entries(kb).items() if file_of(kb, at.file).is_relative_to(path)]
        if found:
            return found
        raise InputError([Problem(f"{word} holds no rules of this knowledge", expected="a file rules/TOPIC.yaml")])
    message = f"{quoted(word)} is neither a rule nor a file of rules"
    raise InputError(
        [Problem(message, expected="an id that expert show rules lists", suggestion=nearest(word, [*kb.rules]))]
    )


def _is_below(total: Score, percent: float | None) -> bool:
    """Whether too few are killed; if so, that is printed."""
    below = percent is not None and 100 * total.killed < percent * total.counted
    if below:
        click.echo(f"{total.killed} of {total.counted} mutants killed: less than {percent:g} %", err=True)
    return below
