"""The commands of ``expert``, by what they are about; each is imported when it is called."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

import click

from expert import __version__
from expert.cli.config import site_file
from expert.cli.knowledge import KNOWLEDGE, SITE
from expert.lang.errors import nearest, quoted

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

GROUPS: dict[str, dict[str, tuple[str, str]]] = {
    "One patient": {
        "assess": ("clinician", "Recommend a step for one patient, and say why."),
        "consult": ("consult", "Ask question by question until the answer is certain."),
        "why": ("clinician", "Explain why something is recommended, or why not."),
        "what-if": ("clinician", "Compare with other facts, or find what would change the step."),
        "report": ("report", "Write the answer as a page for the patient's record."),
    },
    "Many patients": {
        "cohort": ("cohort", "Answer for a whole table of patients."),
        "page": ("page", "Write a page that asks and answers offline, for any phone."),
        "sql": ("sql", "Write the knowledge as one query for a database."),
    },
    "The knowledge": {
        "show": ("engineer", "Show findings, rules, lints, or anything by its id."),
        "check": ("check", "Check the knowledge: format, style, and proofs over all patients."),
        "test": ("cases", "Run the test cases, and find what they miss."),
        "mutate": ("mutate", "Put small faults in the rules, and see whether a test case fails."),
        "diff": ("diff", "Compare two versions: which answers change, for whom, and why."),
        "docs": ("docs", "Write the knowledge as pages for clinical review."),
        "new": ("editing", "Start a new entry, or a knowledge base of your own."),
        "rename": ("editing", "Rename an entry wherever it is named."),
        "sign": ("editing", "Record who reviewed which rules."),
        "fmt": ("editing", "Format the knowledge files."),
        "schema": ("editing", "Write JSON Schemas for your editor."),
        "lsp": ("lsp", "Serve your editor, which starts it: mistakes, completion, meanings."),
    },
    "The record": {
        "journal": ("journal", "Answer kept cases again, or print one as it was answered."),
    },
}
"""The commands by group: the module of each and what it does."""

OTHER_NAMES = {
    "why-not": ("clinician", "why"),
    "enough": ("clinician", "why --enough"),
    "change": ("clinician", "what-if --to STEP"),
    "findings": ("engineer", "show findings"),
    "rules": ("engineer", "show rules"),
    "explain-lint": ("engineer", "show lints"),
    "replay": ("journal", "journal replay"),
    "receipt": ("journal", "journal receipt"),
}
"""Names that scripts may use and the help does not show: the module of each, and what is documented in its place."""

MODULES = {"completion": "completion"} | {
    name: entry[0] for it in (*GROUPS.values(), OTHER_NAMES) for name, entry in it.items()
}
"""The module of each command."""

EXAMPLE = """\b
Example:
  expert assess age=45 severity=severe conservative_result=ineffective \\
      conservative_systematic=yes conservative_duration="14 weeks"
"""

WELCOME = """\
expert recommends a treatment step for one patient, and can always say why.

  expert assess patient.yaml    answers from what is recorded of a patient
  expert consult                asks you question by question
  expert show findings          lists what can be recorded
  expert --help                 lists all commands"""


class CommandGroup(click.Group):
    """Commands of which a misspelt name is answered with the nearest one."""

    def names(self) -> Iterable[str]:
        """The names that can be called."""
        return self.commands

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        names = list(self.names())
        if args[0] not in names and not args[0].startswith("-") and not ctx.resilient_parsing:
            near = self.meant(args[0], names)
            ctx.fail(f"There is no command {quoted(args[0])}.{f' Did you mean {near!r}?' if near else ''}")
        return super().resolve_command(ctx, args)

    def meant(self, word: str, names: Sequence[str]) -> str:
        """What was probably meant by a word; empty if nothing is near."""
        return nearest(word, names)


class _Commands(CommandGroup):
    """The commands of the table, each imported when it is called."""

    def names(self) -> Iterable[str]:
        return MODULES

    def meant(self, word: str, names: Sequence[str]) -> str:
        if "=" in word or word.endswith((".yaml", ".yml", ".json")):
            return f"assess {word[:60]}"
        near = nearest(word, names)
        return OTHER_NAMES[near][1] if near in OTHER_NAMES else near

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for group in GROUPS.values() for name in group]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in MODULES:
            return None
        module = import_module(f"expert.cli.{MODULES[cmd_name]}")
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        if incomplete.startswith("-"):
            return click.Command.shell_complete(self, ctx, incomplete)
        commands = [(name, text) for group in GROUPS.values() for name, (_, text) in group.items()]
        return [CompletionItem(name, help=text) for name, text in commands if name.startswith(incomplete)]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self.format_commands(ctx, formatter)
        click.Command.format_options(self, ctx, formatter)
        with formatter.section("Settings"):
            formatter.write_dl(
                [
                    (KNOWLEDGE, "the knowledge folder to use instead of the built-in one"),
                    (SITE, f"the site file (equipment, skills, policies) to use instead of {site_file()}"),
                    ("Tab completion", "expert completion bash, zsh or fish prints the script for it"),
                ]
            )

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, commands in GROUPS.items():
            with formatter.section(title):
                formatter.write_dl([(f"{name:8}", text) for name, (_, text) in commands.items()])


@click.group(
    cls=_Commands,
    invoke_without_command=True,
    options_metavar="",
    subcommand_metavar="COMMAND ...",
    context_settings={"help_option_names": ["-h", "--help"]},
    help=f"Recommend a step of a treatment ladder for one patient, and say why.\n\n{EXAMPLE}",
)
@click.version_option(__version__, prog_name="expert")
@click.pass_context
def expert(context: click.Context) -> None:
    if context.invoked_subcommand is None:
        click.echo(WELCOME)
