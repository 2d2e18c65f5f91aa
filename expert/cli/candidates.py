"""What a word of a command line may become: findings, values, steps, ids, for completion in a shell.

The functions have the form that click wants (``shell_complete``). After an item of type ``open``, such as ``age=``,
comes no space; one of type ``file`` means the names of files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from expert.lang.model import KnowledgeBase
    from expert.lang.vocabulary import Finding

OPEN, FILE, PLAIN = "open", "file", "plain"


def patient_words(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """A finding or a panel with its value, or a file."""
    kb = _of_patients(ctx)
    name, equals, value = incomplete.partition("=")
    if equals:
        finding = kb.given.get(name)
        values = _values(finding, value) if finding else ["none", "unknown"] if name in kb.panels else []
        return _starting(((f"{name}={it}", "") for it in values), incomplete)
    given = {word.partition("=")[0] for word in ctx.params.get(parameter.name or "") or ()}
    titles = {it.name: it.title for it in kb.given.values()} | {it.name: it.title for it in kb.panels.values()}
    names = ((f"{name}=", title) for name, title in titles.items() if name not in given)
    return [*_starting(names, incomplete, OPEN), *_file(incomplete)]


def why_words(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The same, or something to be explained."""
    found = patient_words(ctx, parameter, incomplete)
    if "=" in incomplete:
        return found
    kb = _of_patients(ctx)
    targets = [
        *((it.name, it.title) for it in kb.steps.values()),
        *((it.name, it.title) for it in kb.options.values() if "." in incomplete),
        *((it.name, it.title) for it in kb.concluded.values()),
        *((it.name, it.title) for it in kb.alerts.values()),
        *((it.name, it.title) for it in kb.advice.values()),
    ]
    return [*_starting(targets, incomplete), *found]


def steps(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """A step of the ladder."""
    return _starting(((it.name, it.title) for it in _of_patients(ctx).steps.values()), incomplete)


def shown(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """What can be shown: a list; once a word is begun, also an entry or a check of the knowledge."""
    import sys

    from expert.check.faults import PROOFS
    from expert.check.lint_names import lint_names
    from expert.render.catalogue import Catalogue

    catalogue = Catalogue(sys.stdout, _of_knowledge(ctx))
    lists = [*((it.name, it.about) for it in catalogue.shelves), ("lints", "what expert check looks for")]
    entries = [pair for it in catalogue.shelves for pair in it.titles.items()] if incomplete else []
    checks = [*((it, "") for it in lint_names()), *PROOFS.items()] if incomplete else []
    return _starting([*lists, *entries, *checks], incomplete)


def parts(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """A group of the findings, or a file of the rules."""
    from expert.render.uses import Uses

    kb, what = _of_knowledge(ctx), ctx.params.get("what")
    if what == "findings":
        return _starting([*kb.groups.items(), ("concluded", "Concluded by rules")], incomplete)
    return _starting(((it, "") for it in Uses(kb).topics), incomplete) if what == "rules" else []


def rules(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """A rule, or a file."""
    pairs = ((it.id, it.title) for it in _of_knowledge(ctx).rules.values())
    return [*_starting(pairs, incomplete), *_file(incomplete)]


def _values(finding: Finding, begun: str) -> Iterable[str]:
    """The values of a finding; of a quantity the units, once there is a number."""
    from expert.lang.vocabulary import Kind

    if finding.kind is Kind.QUANTITY:
        number = begun.rstrip("abcdefghijklmnopqrstuvwxyz")
        space = "" if number == number.rstrip() else " "
        dimension = finding.unit.dimension if finding.unit else ""
        units = [it.name for it in finding.units.of(dimension)] if number.strip() else []
        return [*(f"{number.rstrip()}{space}{it}" for it in units), "unknown"]
    return [*(finding.values if finding.kind is Kind.CHOICE else ("yes", "no")), "unknown"]


def _starting(pairs: Iterable[tuple[str, str]], incomplete: str, kind: str = PLAIN) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    return [CompletionItem(it, type=kind, help=text) for it, text in pairs if it.startswith(incomplete)]


def _file(incomplete: str) -> Iterator[CompletionItem]:
    from click.shell_completion import CompletionItem

    yield CompletionItem(incomplete, type=FILE)


def _of_patients(ctx: click.Context) -> KnowledgeBase:
    """The knowledge of a command about patients."""
    import os

    from expert.cli.knowledge import KNOWLEDGE
    from expert.read.knowledge import read_knowledge

    return read_knowledge(ctx.params.get("knowledge") or os.environ.get(KNOWLEDGE) or None)


def _of_knowledge(ctx: click.Context) -> KnowledgeBase:
    """The knowledge of a command of the knowledge."""
    from expert.cli.knowledge import knowledge_for
    from expert.read.knowledge import read_knowledge

    return read_knowledge(knowledge_for(ctx.params.get("knowledge")))
