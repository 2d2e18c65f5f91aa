"""Commands of knowledge engineers: what the knowledge says."""

from __future__ import annotations

import sys

import click

from expert.cli.knowledge import knowledge_for, knowledge_option
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

    Catalogue(sys.stdout, read_knowledge(knowledge_for(knowledge))).findings(group)


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

    Catalogue(sys.stdout, read_knowledge(knowledge_for(knowledge))).rules(topic)


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

    Catalogue(sys.stdout, read_knowledge(knowledge_for(knowledge))).show(id)
