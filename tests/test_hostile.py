"""Text that means harm: whatever a file, a name or an argument holds, what is printed is plain."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.command_line import Run, run
from tests.small_ladder import choice, quantity, rule, write_ladder, yes_no

MARKUP = "[bold red]x[/] [link=https://example.org]y[/link] :smile:"
BELL = "ring\a"
ESCAPES = "\x1b[31mred\x1b[0m \x1b[2J\x1b]0;title\x07 \x9b31m"
LINK = "\x1b]8;;https://example.org\x1b\\here\x1b]8;;\x1b\\"
REVERSED = "\u202eevil\u202c \u2066isolated\u2069 \u200fmark"
INVISIBLE = "zero\u200bwidth\u200djoin\ufeffmark\u00adsoft \u2060word \U000e0041tag"
LONG = "long " * 18_000
UNBROKEN = "x" * 90_000

# Control characters cannot stand in YAML as they are; a double-quoted text may name them by escapes, as yaml.dump does.
SLOT = "THE-TEXT"
TEXTS = {
    "markup": MARKUP,
    "bell": BELL,
    "escapes": ESCAPES,
    "link": LINK,
    "reversed": REVERSED,
    "invisible": INVISIBLE,
    "long": LONG,
    "unbroken": UNBROKEN,
    "wide": "字" * 300 + " e\u0301" * 50,
    "line ends": "one\u2028two\u2029three\x85four\rfive\x0bsix\x0cseven",
}
PAGES = (
    ("assess", "pain=yes"),
    ("assess", "pain=yes", "--format", "json"),
    ("why", "pain=yes", "rest"),
    ("why-not", "pain=no", "rest"),
    ("findings",),
    ("rules",),
    ("show", "pain"),
    ("show", "pain-supports-rest"),
    ("show", "rest"),
    ("show", "rest.chair"),
    ("show", "loud"),
    ("show", "quiet"),
    ("show", "S01"),
    ("show", "flags"),
    ("show", "never-both"),
    ("show", "a-note"),
    ("test",),
)


SHORT_PAGES = (("assess", "pain=yes", "--format", "json"), ("show", "pain"), ("why-not", "pain=no", "rest"))


def unprintable(text: str) -> set[str]:
    """Characters of a text that may do something to a terminal or to the order of reading."""
    return {char for char in text if char != "\n" and (unicodedata.category(char)[0] == "C" or char in "\u2028\u2029")}


def check_plain(shown: Run) -> None:
    assert unprintable(shown.out) == set()
    assert unprintable(shown.err) == set()
    assert "Traceback" not in shown.err


def quoted(text: str) -> str:
    """A text as YAML within double quotes, with escapes for what cannot stand there."""
    written: str = yaml.dump(text, Dumper=yaml.CSafeDumper, default_style='"', width=10**6)
    return written.strip()


def titled(text: str) -> dict[str, str]:
    return {"title": text}


def hostile_folder(folder: Path, text: str) -> str:
    """A knowledge folder with a text wherever a text may stand."""
    write_ladder(
        folder,
        findings={
            "pain": yes_no("no", title=text, ask=text),
            "kind": choice("dull", "sharp", usual="dull", title=text, ask=text),
            "days": quantity("0 .. 10", "1", title=text, ask=text),
        },
        concluded={"bad": titled(text)},
        rules={
            "pain-supports-rest": rule(
                "pain",
                ["supports rest", "alert loud", "advise quiet", "cautions rest", "bad"],
                title=text,
                because=text,
            ),
            "sharp-excludes-chair": rule("kind is sharp", "excludes rest.chair", title=text, because=text),
            "all-may-walk": rule("always", "supports walk", title=text, because=text),
        },
        steps={
            "rest": {"title": text, "summary": text, "options": {"chair": {"title": text, "note": text}}},
            "walk": {"title": text, "summary": text},
        },
        alerts=["loud"],
        advice={"quiet": ["rest"]},
        panels={"flags": {"pain": "no", "kind": "dull"}},
        groups={"both": ["rest", "walk"]},
        notes={"a-note": "S01"},
        constraints={"never-both": ["days > 9", "kind is sharp"]},
        cases=[{"name": text, "given": {"pain": "no"}, "expect": {"recommended": "rest", "because": ["all-may-walk"]}}],
    )
    for name, old in (
        ("ladder.yaml", r"^(\s+)(title|text): (Loud|Quiet|Both|Mind loud\.|Do quiet\.)$"),
        ("vocabulary.yaml", r"^(\s+)(title|ask|because): (Flags|Any of these\?|never-both is impossible\.)$"),
        ("references.yaml", r"^(\s+)(text|title): (Claim 1\.|Guideline|Otherwise\.)$"),
        ("guidance.yaml", r"^(\s+)(text): (a-note\.)$"),
        ("knowledge.yaml", r"^()(title|statement|disclaimer): (.*)$"),
    ):
        file = folder / name
        lines = re.sub(old, rf"\1\2: {SLOT}", file.read_text("utf-8"), flags=re.MULTILINE)
        assert SLOT in lines
        file.write_text(lines.replace(SLOT, quoted(text)), "utf-8")
    return str(folder)


@pytest.mark.parametrize("kind", TEXTS)
def test_no_text_of_the_knowledge_does_anything_to_the_terminal(tmp_path: Path, kind: str) -> None:
    folder = hostile_folder(tmp_path, TEXTS[kind])
    for words in SHORT_PAGES if len(TEXTS[kind]) > 1000 else PAGES:
        shown = run(*words, "--knowledge", folder)
        check_plain(shown)
        assert shown.status == (1 if words == ("test",) else 0), words
        assert shown.err == ""


@pytest.mark.parametrize("kind", ["markup", "escapes", "link", "reversed"])
def test_no_text_of_the_knowledge_adds_colour_of_its_own(tmp_path: Path, kind: str) -> None:
    folder = hostile_folder(tmp_path, TEXTS[kind])
    shown = run("assess", "pain=yes", "--knowledge", folder, FORCE_COLOR="1", TERM="xterm-256color").out
    codes = set(re.findall(r"\x1b\[([0-9;]*)m", shown))
    assert unprintable(re.sub(r"\x1b\[[0-9;]*m", "", shown)) == set()
    assert codes <= {"", "0", "1", "2", "1;32", "1;31", "1;33", "31", "32", "33"}


def test_markup_is_shown_as_it_was_written(tmp_path: Path) -> None:
    shown = " ".join(run("assess", "pain=yes", "--knowledge", hostile_folder(tmp_path, MARKUP)).out.split())
    assert "[bold red]x[/]" in shown
    assert ":smile:" in shown


def test_characters_that_do_not_print_are_shown_as_escapes(tmp_path: Path) -> None:
    shown = "".join(run("show", "pain", "--knowledge", hostile_folder(tmp_path, ESCAPES + REVERSED)).out.split())
    for escape in ("\\x1b[31mred", "\\x07", "\\x9b", "\\u202eevil", "\\u2066"):
        assert escape in shown


def test_json_keeps_every_character_of_a_text(tmp_path: Path) -> None:
    folder = hostile_folder(tmp_path, ESCAPES + REVERSED + INVISIBLE)
    out = run("assess", "pain=yes", "--format", "json", "--knowledge", folder).out
    assert json.loads(out)["ladder"][0]["title"] == ESCAPES + REVERSED + INVISIBLE


# --- patients ---------------------------------------------------------------------------------------------------------

VALUES = {
    **TEXTS,
    "number": "1e999",
    "list": "[a, b]",
    "mapping": "{a: b}",
    "alias": "*x",
    "tag": "!!x y",
}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A knowledge folder that means no harm."""
    return hostile_folder(tmp_path_factory.mktemp("plain"), "text")


@pytest.mark.parametrize("kind", VALUES)
@pytest.mark.parametrize("finding", ["pain", "kind", "days", "flags"])
def test_a_hostile_value_is_reported_plainly(tmp_path: Path, plain: str, kind: str, finding: str) -> None:
    file = tmp_path / "somebody.yaml"
    file.write_text(f"{finding}: {quoted(VALUES[kind])}\n", "utf-8")
    for words in (("assess", str(file)), ("assess", f"{finding}={VALUES[kind]}")):
        shown = run(*words, "--knowledge", plain)
        check_plain(shown)
        assert (shown.status, shown.out) == (2, "")
        assert len(shown.err) < 2000


@pytest.mark.parametrize("kind", TEXTS)
def test_a_hostile_name_of_a_finding_is_reported_plainly(tmp_path: Path, plain: str, kind: str) -> None:
    file = tmp_path / "somebody.yaml"
    file.write_text(f"{quoted(TEXTS[kind])}: yes\n", "utf-8")
    shown = run("assess", str(file), "--knowledge", plain)
    check_plain(shown)
    assert (shown.status, shown.out) == (2, "")
    assert len(shown.err) < 2000


ARGUMENTS = (
    ("assess", "{}"),
    ("assess", "{}=yes"),
    ("assess", "--site", "{}"),
    ("assess", "--{}"),
    ("why", "{}"),
    ("why-not", "{}"),
    ("show", "{}"),
    ("findings", "--group", "{}"),
    ("rules", "--topic", "{}"),
    ("test", "{}"),
    ("assess", "--format", "{}"),
    ("assess", "--matcher", "{}"),
)


@pytest.mark.parametrize("kind", TEXTS)
@pytest.mark.parametrize("words", ARGUMENTS, ids=" ".join)
def test_a_hostile_argument_is_reported_plainly(plain: str, kind: str, words: tuple[str, ...]) -> None:
    shown = run(*(word.format(TEXTS[kind]) for word in words), "--knowledge", plain)
    check_plain(shown)
    assert (shown.status, shown.out) == (2, "")
    assert len(shown.err) < 2000 + len(TEXTS[kind])


@pytest.mark.parametrize("kind", TEXTS)
@pytest.mark.parametrize("words", [("{}",), ("rules", "--knowledge", "{}")], ids=" ".join)
def test_a_hostile_command_or_folder_is_reported_plainly(kind: str, words: tuple[str, ...]) -> None:
    shown = run(*(word.format(TEXTS[kind]) for word in words))
    check_plain(shown)
    assert (shown.status, shown.out) == (2, "")
    assert len(shown.err) < 2000 + len(TEXTS[kind])


@pytest.mark.parametrize("name", ["\x1b[31mred.yaml", "[bold]x[].yaml", "\u202eevil.yaml", "a\nb.yaml", ":smile:.yaml"])
def test_a_hostile_file_name_is_reported_plainly(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_text("agee: 4\n", "utf-8")
    shown = run("assess", str(file))
    check_plain(shown)
    assert shown.status == 2
    assert "did you mean age" in shown.err


@pytest.mark.parametrize("name", ["\x1b[31mred", "[bold]x[]", "\u202eevil", ":smile:"])
def test_a_hostile_folder_name_is_reported_plainly(tmp_path: Path, name: str) -> None:
    folder = hostile_folder(tmp_path / name, "text")
    for words in (("show", "pain-supports-rest"), ("why", "pain=yes", "rest"), ("test",)):
        shown = run(*words, "--knowledge", folder)
        check_plain(shown)
        assert shown.status == (1 if words == ("test",) else 0)


def test_a_file_name_that_is_not_utf_8_is_reported_plainly(tmp_path: Path) -> None:
    name = bytes(tmp_path) + b"/\xff\xfe.yaml"
    Path(name.decode("utf-8", "surrogateescape")).write_text("agee: 4\n", "utf-8")
    shown = run("assess", name.decode("utf-8", "surrogateescape"))
    check_plain(shown)
    assert shown.status == 2
    assert "did you mean age" in shown.err


# --- knowledge that is wrong ------------------------------------------------------------------------------------------


def broken_folder(folder: Path, **changes: Any) -> str:
    parts: dict[str, Any] = {
        "findings": {"pain": yes_no("no")},
        "rules": {"a-rule": rule("pain", "supports rest")},
        "steps": {"rest": {}},
    }
    return str(write_ladder(folder, **{**parts, **changes}))


@pytest.mark.parametrize("kind", TEXTS)
@pytest.mark.parametrize("place", ["finding", "rule", "step", "premise", "conclusion", "citation", "usual", "key"])
def test_a_hostile_id_in_the_knowledge_is_reported_plainly(tmp_path: Path, kind: str, place: str) -> None:
    text = TEXTS[kind]
    changes: dict[str, dict[str, Any]] = {
        "finding": {"findings": {"pain": yes_no("no"), text: yes_no("no")}},
        "rule": {"rules": {text: rule("pain", "supports rest")}},
        "step": {"steps": {"rest": {}, text: {}}},
        "premise": {"rules": {"a-rule": rule(text, "supports rest")}},
        "conclusion": {"rules": {"a-rule": rule("pain", text)}},
        "citation": {"rules": {"a-rule": rule("pain", "supports rest", cite=[text])}},
        "usual": {"findings": {"pain": yes_no(text)}},
        "key": {"rules": {"a-rule": rule("pain", "supports rest", **{text: "x"})}},
    }
    shown = run("rules", "--knowledge", broken_folder(tmp_path, **changes[place]))
    check_plain(shown)
    assert (shown.status, shown.out) == (2, "")
    assert len(shown.err) < 4000


@pytest.mark.parametrize(
    "name", ["knowledge.yaml", "vocabulary.yaml", "ladder.yaml", "references.yaml", "rules/all.yaml"]
)
@pytest.mark.parametrize(
    "content", [b"\x1b[31m", b"\xff\xfe", b"a: \x07", b"[" * 5000, b"\x00", b"{a: b", "\u202e: x".encode()]
)
def test_a_file_that_is_no_text_is_reported_plainly(tmp_path: Path, name: str, content: bytes) -> None:
    folder = broken_folder(tmp_path)
    (tmp_path / name).write_bytes(content)
    shown = run("rules", "--knowledge", folder)
    check_plain(shown)
    assert (shown.status, shown.out) == (2, "")
    assert len(shown.err) < 4000
