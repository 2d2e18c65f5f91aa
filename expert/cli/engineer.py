"""Commands of knowledge engineers: what the knowledge says, and whether its cases hold."""

from __future__ import annotations

import sys

import click

from expert.cli.patients import knowledge_option
from expert.read.knowledge import read_knowledge


@click.command(
    help="""List the findings that may be given, with their values, and those that rules conclude.

    \b
    Example:
      expert findings
      expert findings --group imaging
    """
)
@click.option("--group", help="Only the findings of one group.")
@knowledge_option
def findings(group: str | None, knowledge: str | None) -> None:
    from expert.render.catalogue import Catalogue

    Catalogue(sys.stdout, read_knowledge(knowledge)).findings(group)


@click.command(
    help="""List the rules, by file, with what they conclude.

    \b
    Example:
      expert rules
      expert rules --topic fusion
    """
)
@click.option("--topic", help="Only the rules of one file.")
@knowledge_option
def rules(topic: str | None, knowledge: str | None) -> None:
    from expert.render.catalogue import Catalogue

    Catalogue(sys.stdout, read_knowledge(knowledge)).rules(topic)


@click.command(
    help="""Show one thing by its id, and who uses it: a rule, finding, step, option, alert, advice or reference.

    \b
    Example:
      expert show complicated-stenosis-excludes-minimally-invasive
      expert show stenosis
      expert show S58
    """
)
@click.argument("id")
@knowledge_option
def show(id: str, knowledge: str | None) -> None:
    from expert.render.catalogue import Catalogue

    Catalogue(sys.stdout, read_knowledge(knowledge)).show(id)


@click.command(
    help="""Run the cases beside the rules (or those of PATH); exit status 1 if one fails.

    \b
    Example:
      expert test
      expert test knowledge/rules/fusion.test.yaml
    """
)
@click.argument("path", required=False)
@knowledge_option
def test(path: str | None, knowledge: str | None) -> None:
    from expert.infer.assess import Reasoner
    from expert.render.cases import CaseTerminal
    from expert.workbench.cases import case_files, read_cases, run_case

    kb = read_knowledge(knowledge)
    cases = read_cases(kb, case_files(kb, path))
    reasoner = Reasoner(kb)
    failed = [result for result in (run_case(reasoner, case) for case in cases) if result.differences]
    CaseTerminal(sys.stdout, reasoner).results(len(cases), failed)
    sys.exit(1 if failed else 0)
