"""Commands of knowledge engineers: what the knowledge says."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from expert.check.faults import PROOFS
from expert.check.lint_names import lint_names
from expert.cli.candidates import parts, shown
from expert.cli.knowledge import knowledge_for, knowledge_option
from expert.cli.patients import named_now
from expert.lang.errors import InputError, KnowledgeError, Problem, nearest, quoted
from expert.read.knowledge import read_knowledge

if TYPE_CHECKING:
    from expert.render.catalogue import Catalogue

LINTS = "lints"
"""The list that needs no knowledge."""


@click.command(
    help="""Show a list, or one thing and what uses it. Without WHAT, show what there is.

    WHAT is a list (findings, rules, steps, options, alerts, advice, references, lints ...) or the id of a finding, a
    rule, a step, an option, an alert, a claim, a lint ... PART is a group of the findings, or a file of the rules.

    \b
    Example:
      expert show findings imaging
      expert show stenosis
      expert show untested-rule
    """
)
@click.argument("what", required=False, shell_complete=shown)
@click.argument("part", required=False, shell_complete=parts)
@knowledge_option
def show(what: str | None, part: str | None, knowledge: str | None) -> None:
    if part is not None and what not in ("findings", "rules"):
        raise click.UsageError("PART goes with findings (a group) or rules (a file).")
    if what == LINTS:
        _show_check(None)
        return
    lint = what is not None and what in _checks()
    try:
        catalogue = _catalogue(knowledge)
    except KnowledgeError:
        if not lint:
            raise
        _show_check(what)  # it may be just what is wrong with the knowledge
        return
    if what is None:
        catalogue.overview()
    elif what in catalogue.kinds:
        catalogue.entries(what, part)
    elif what in catalogue.ids or not lint:
        catalogue.show(named_now(catalogue.kb, what), [*catalogue.kinds, LINTS, *_checks()])
    if lint:
        _show_check(what)


def _catalogue(knowledge: str | None) -> Catalogue:
    from expert.render.catalogue import Catalogue

    return Catalogue(sys.stdout, read_knowledge(knowledge_for(knowledge)))


def _checks() -> list[str]:
    """The names of all lints and kinds of proofs."""
    return [*lint_names(), *PROOFS]


def _show_check(name: str | None) -> None:
    """Show one lint or kind of proof, or list all."""
    from expert.check.lints import LINTS
    from expert.render.lints import write_checks, write_lint, write_proof
    from expert.render.terminal import Terminal

    terminal = Terminal(sys.stdout)
    if name is None:
        write_checks(terminal)
    elif name in LINTS:
        write_lint(terminal, LINTS[name])
    else:
        write_proof(terminal, name)


# --- other names ------------------------------------------------------------------------------------------------------


@click.command(hidden=True, help="The same as expert show findings.")
@click.option("--group", metavar="GROUP", help="Show only the findings of this group.")
@knowledge_option
def findings(group: str | None, knowledge: str | None) -> None:
    _catalogue(knowledge).findings(group)


@click.command(hidden=True, help="The same as expert show rules.")
@click.option("--topic", metavar="TOPIC", help="Show only the rules of this file.")
@knowledge_option
def rules(topic: str | None, knowledge: str | None) -> None:
    _catalogue(knowledge).rules(topic)


@click.command(name="explain-lint", hidden=True, help="The same as expert show lints, or expert show NAME.")
@click.argument("name", required=False)
def explain_lint(name: str | None) -> None:
    if name is not None and name not in _checks():
        suggestion = nearest(name, _checks())
        listed = "a name that expert show lints lists"
        raise InputError([Problem(f"{quoted(name)} is not a lint", expected=listed, suggestion=suggestion)])
    _show_check(name)
