"""README.md and docs/*.md: every command runs and prints what is shown, and every name and link exists."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from doctest import DocTestParser, DocTestRunner
from pathlib import Path

import click
import pytest

from expert.cli.commands import OTHER_NAMES, expert
from tests.conftest import REPOSITORY
from tests.golden import HASH
from tests.pictures import REPORT, TERMINAL, terminal, texts
from tests.readme import CONSOLE, DIALOGUE, DOCUMENTS, README, commands, played

MOST_LINES = 200
MOST_BYTES = 150_000
MOST_BYTES_OF_A_DRAWING = 60_000

of_each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda it: it.relative_to(REPOSITORY).as_posix())


@of_each_document
def test_the_consoles_print_what_a_document_shows(document: Path) -> None:
    text = document.read_text("utf-8")
    assert HASH.sub("", played(text)) == HASH.sub("", text)


def test_the_readme_is_short_and_has_commands_to_run() -> None:
    text = README.read_text("utf-8")
    assert len(text.splitlines()) <= MOST_LINES
    assert sum(len(commands(block)) for block in CONSOLE.findall(text)) >= 8
    assert len(DIALOGUE.findall(text)) == 1


def test_the_python_examples_print_what_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPOSITORY)
    text = (REPOSITORY / "docs" / "python.md").read_text("utf-8")
    blocks = re.findall(r"```pycon\n(.*?)```", text, re.DOTALL)
    example = DocTestParser().get_doctest("".join(blocks), {}, "python", "python.md", 0)
    assert len(example.examples) > 10
    shown: list[str] = []
    assert DocTestRunner(verbose=False).run(example, out=shown.append).failed == 0, "".join(shown)


def test_the_make_targets_exist() -> None:
    (block,) = re.findall(r"```sh\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    targets = re.findall(r"^make (\w+)", block, re.MULTILINE)
    assert targets == ["try", "check"]
    for target in targets:
        subprocess.run(["make", "--dry-run", target], cwd=REPOSITORY, check=True, capture_output=True)


@of_each_document
def test_links_lead_to_files(document: Path) -> None:
    text = document.read_text("utf-8")
    links = [*re.findall(r"\]\(([^)]+)\)", text), *re.findall(r'src="([^"]+)"', text)]
    missing = [link for link in links if "://" not in link and not (document.parent / link).is_file()]
    assert missing == []


# --- names ------------------------------------------------------------------------------------------------------------


@of_each_document
def test_commands_and_their_options_exist(document: Path) -> None:
    known = dict(_commands(expert, ()))
    lines = [line for line in _shell_lines(document.read_text("utf-8")) if line.startswith("expert ")]
    assert lines
    for line in lines:
        words = line.split()[1:]
        name = next((name for name in (tuple(words[:2]), tuple(words[:1])) if name in known), None)
        if not words[0].startswith("-"):
            assert name is not None, line
            options = {word.partition("=")[0] for word in words if re.match("--?[a-z]", word)}
            assert options <= known[name], line


@of_each_document
def test_options_named_alone_are_those_of_some_command(document: Path) -> None:
    known = set[str]().union(*(options for _, options in _commands(expert, ())))
    prose = re.sub(r"```.*?```", "", document.read_text("utf-8"), flags=re.DOTALL)
    named = {code.split()[0].partition("=")[0] for code in re.findall(r"`(-[^`]+)`", prose)}
    assert named - known - {"-"} == set()


def _commands(group: click.Command, before: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], set[str]]]:
    """The documented commands with their options."""
    options = {
        option for it in group.params if isinstance(it, click.Option) for option in (*it.opts, *it.secondary_opts)
    }
    yield before, {*options, "-h", "--help"}
    if isinstance(group, click.Group):
        context = click.Context(group)
        for name in {*group.list_commands(context), *(() if before else ("completion",))} - {*OTHER_NAMES}:
            command = group.get_command(context, name)
            assert command
            yield from _commands(command, (*before, name))


def _shell_lines(text: str) -> Iterator[str]:
    """What is typed at a shell, in blocks and in prose, up to what follows in a pipe."""
    for kind, block in re.findall(r"```(\w+)\n(.*?)```", text, re.DOTALL):
        typed = block.splitlines() if kind == "sh" else commands(block)
        yield from (_first(line) for line in typed)
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    yield from (_first(code) for code in re.findall(r"`([^`]+)`", prose))


def _first(line: str) -> str:
    try:
        words = shlex.split(line.replace('eval "$(', "").replace(')"', ""), comments=True)
    except ValueError:
        return line
    end = next((place for place, word in enumerate(words) if word in ("|", ">", "2>")), len(words))
    return " ".join(words[:end])


# --- pictures ---------------------------------------------------------------------------------------------------------


def test_the_picture_of_the_terminal_says_what_is_printed() -> None:
    assert texts(TERMINAL.read_text("utf-8")) == texts(terminal())


@pytest.mark.parametrize("name", ["mistake", "fix", "hover", "proof"])
def test_the_pictures_of_an_edit_are_small_and_shown(name: str) -> None:
    picture = TERMINAL.with_name(f"editor-{name}.svg")
    assert picture.stat().st_size < MOST_BYTES_OF_A_DRAWING
    assert f"](pictures/{picture.name})" in (REPOSITORY / "docs" / "editor.md").read_text("utf-8")


def test_the_picture_of_the_report_is_small() -> None:
    assert REPORT.stat().st_size < MOST_BYTES
