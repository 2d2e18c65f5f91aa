"""A file that is not YAML is reported with the cause and its line, which a parser often gets wrong."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

import pytest

from expert.read.parse import parse
from expert.read.source import Problems, Source
from tests.malformed import run

KNOWLEDGE = Path(__file__).parent.parent / "knowledge"
RULES = sorted(file for file in (KNOWLEDGE / "rules").glob("*.yaml") if not file.name.endswith(".test.yaml"))


def problems_of(text: str) -> list[tuple[int, int, str, str]]:
    problems = Problems()
    parse(Source("a.yaml", text), problems)
    return [(it.at.line, it.at.column, it.message, it.expected) for it in problems.found if it.at]


COLON = "this is not YAML: mapping values are not allowed in this context"
TWO = "this key is not followed by a colon and a space"


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("a: b\nc:\N{NO-BREAK SPACE}d\n", 2, 3, "a no-break space is here, which YAML does not read as a space"),
        ("a:\N{NO-BREAK SPACE}b\n", 1, 3, "a no-break space is here, which YAML does not read as a space"),
        (
            "a:\n\N{NO-BREAK SPACE} b: c\n",
            2,
            1,
            "a no-break space indents this line, which YAML does not read as a space",
        ),
        (
            "a:\n\N{IDEOGRAPHIC SPACE}b: c\n",
            2,
            1,
            "an ideographic space indents this line, which YAML does not read as a space",
        ),
        (
            "a:\n  - b\n  -\N{NO-BREAK SPACE}c: d\n",
            3,
            4,
            "a no-break space is here, which YAML does not read as a space",
        ),
        ("a:\n\tb: c\n", 2, 1, "a tab indents this line"),
        ("a:\n  b: c\n  \td: e\n", 3, 3, "a tab indents this line"),
        ('a: "b\nc: d\n', 1, 4, "the quote that begins here is not closed"),
        ('x: y\na: "b\nc: "d"\n', 2, 4, "the quote that begins here is not closed"),
        ("a: 'b\nc: don't\n", 1, 4, "the quote that begins here is not closed"),
        ("a: [b, c\nd: e\n", 1, 4, "the bracket that begins here is not closed"),
        ("a: {b: c\nd: e\n", 1, 4, "the brace that begins here is not closed"),
        ("a: [", 1, 4, "the bracket that begins here is not closed"),
        ("a: [[b, c]\nd: [e]\n", 1, 5, "the bracket that begins here is not closed"),
        ("a b\nc: d\n", 1, 1, TWO),
        ("a:b\nc: d\n", 1, 1, TWO),
        ("x: y\na:b\nc: d\n", 2, 1, TWO),
        ("a: b\n  c: d\n", 2, 3, "this line continues the text of line 1"),
        ("a: \"b\n  c\"\nd: |\n  e\n  \te\n  un:\N{NO-BREAK SPACE}deux\nf: 'g\n\n  h'\ni: j: k\n", 10, 5, COLON),
        ("a: b: c\n", 1, 5, "this is not YAML: mapping values are not allowed in this context"),
        ("a: >3 months\n", 1, 4, "this is not YAML: did not find expected comment or line break"),
        (" a: b\nc: d\n", 2, 1, "this line does not belong to the entry above it"),
        ("a: b\n<<<<<<< HEAD\nc: d\n=======\nc: e\n>>>>>>> x\n", 2, 1, "a merge conflict was left here, to line 6"),
        ('a: "b\n<<<<<<< HEAD\n=======\n>>>>>>> x\n"\n', 2, 1, "a merge conflict was left here, to line 4"),
    ],
)
def test_the_cause_is_reported_with_its_line(text: str, line: int, column: int, message: str) -> None:
    assert [it[:3] for it in problems_of(text)] == [(line, column, message)]


@pytest.mark.parametrize(
    "text",
    [
        "a: '<<<<<<< HEAD'\n",
        "a: |\n  <<<<<<< HEAD\n  >>>>>>> x\n",
        "a: un\N{NO-BREAK SPACE}deux:\N{NO-BREAK SPACE}trois\n",
        "a:   \N{NO-BREAK SPACE}b\n",
        "# a\n#\tb\n---\na: b\n",
        "a:\tb\n",
        '{"a":\t"b"}\n',
        "=======\n",
    ],
)
def test_yaml_is_read(text: str) -> None:
    assert problems_of(text) == []


def in_conflict(lines: list[str], at: int) -> list[str]:
    return [*lines[:at], "<<<<<<< HEAD", lines[at], "=======", lines[at] + "x", ">>>>>>> topic", *lines[at + 1 :]]


def with_indent(char: str, lines: list[str], at: int) -> list[str]:
    return [*lines[:at], char + lines[at][1:], *lines[at + 1 :]]


@pytest.mark.parametrize("seed", range(60))
def test_a_damaged_line_of_the_knowledge_is_the_line_reported(seed: int) -> None:
    rng = Random(seed)
    lines = rng.choice(RULES).read_text("utf-8").splitlines()
    keys = [at for at, line in enumerate(lines) if re.match(r" +[\w-]+: ?", line) and not in_text(lines, at)]
    at = rng.choice(keys)
    damage = ("conflict", "\t", "\N{NO-BREAK SPACE}", '"', "[")[seed % 5]
    if damage == "conflict":
        text = in_conflict(lines, at)
    elif damage in "\t\N{NO-BREAK SPACE}":
        text = with_indent(damage, lines, at)
    else:
        at = rng.choice([at for at in keys if re.match(r" +(title|then): \w", lines[at])])
        text = [*lines[:at], lines[at].replace(": ", f": {damage}", 1), *lines[at + 1 :]]
    assert problems_of("\n".join(text) + "\n")[0][0] == at + 1


def in_text(lines: list[str], at: int) -> bool:
    """Whether a line belongs to a text that is folded over several lines."""
    indent = len(lines[at]) - len(lines[at].lstrip())
    above = next(line for line in reversed(lines[:at]) if len(line) - len(line.lstrip()) < indent and line.strip())
    return above.rstrip().endswith((">-", ">", "|"))


@pytest.mark.parametrize("door", ["patient", "site", "mapping", "case", "knowledge"])
def test_the_cause_is_reported_for_every_kind_of_file(tmp_path: Path, door: str) -> None:
    text = "<<<<<<< HEAD\nage: 4\n=======\nage: 5\n>>>>>>> x\n"
    file = tmp_path / ("x.test.yaml" if door == "case" else "x.yaml")
    file.write_text(text, "utf-8")
    words = {
        "patient": ["assess", str(file)],
        "site": ["assess", "--site", str(file)],
        "mapping": [
            "cohort",
            str(KNOWLEDGE / "patients" / "clinic.csv"),
            "--map",
            str(file),
            "-o",
            str(tmp_path / "o.csv"),
        ],
        "case": ["test", str(file)],
        "knowledge": ["rules", "--knowledge", str(tmp_path)],
    }
    if door == "knowledge":
        (tmp_path / "knowledge.yaml").write_text(text, "utf-8")
    found = run(*words[door])
    assert found.status == 2
    assert "a merge conflict was left here, to line 5" in found.err
