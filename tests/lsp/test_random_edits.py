"""After any edits of the texts, what reading finds in the editor is what `expert check` finds on the disk."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from expert.check.check import check
from expert.check.faults import READING
from expert.lang.folder_layout import kind_of
from expert.lsp.actions import actions
from expert.lsp.completion import completions
from expert.lsp.diagnostics import of_problems
from expert.lsp.formatting import formatting
from expert.lsp.hover import hover
from expert.lsp.lenses import hints, lenses
from expert.lsp.names import definitions, highlights, references, renamable
from expert.lsp.open_folder import OpenFolder
from expert.lsp.symbols import outline
from tests.conftest import REPOSITORY
from tests.lsp.client import Client

EDITS = int(os.environ.get("EXPERT_EDITS", "0"))
"""How many edits each test makes; 0 for a few."""
PIECES = [
    "",
    " ",
    "\n",
    "\r\n",
    "  ",
    ": ",
    "- ",
    "[",
    "]",
    "{",
    "}",
    "'",
    '"',
    "#",
    "&a",
    "é",
    "\U0001d530",
    "\x85",
    "\u2028",
]
PIECES += ["\ufeff", "\x00", "<<<<<<< a\n", "shaded", "limp", "not ", "S01", "rules:\n", "    cite: [S02]\n", "\ud800"]


def edited(text: str, chance: random.Random) -> str:
    """A text with a small edit: a part replaced by a piece, or by another part of it."""
    start = chance.randrange(len(text) + 1)
    end = min(len(text), start + chance.choice([0, 0, 1, 2, 5, 30]))
    other = chance.randrange(len(text) + 1)
    return text[:start] + chance.choice([*PIECES, text[other : other + 20]]) + text[end:]


def asks(folder: OpenFolder, name: str, chance: random.Random) -> None:
    """Ask everything about a place of a file."""
    text = folder.text(name)
    offset = chance.randrange(len(text.text) + 1)
    assert 0 <= offset - text.offset(text.position(offset)) <= 1  # 1 within CR LF
    hover(folder, name, text, offset)
    completions(folder, name, text, offset)
    definitions(folder, name, offset)
    references(folder, name, offset, definition=True)
    highlights(folder, name, offset)
    renamable(folder, name, offset)
    outline(folder, name, text)
    list(lenses(folder, name))
    formatting(name, text)
    list(hints(folder, name, text.whole))
    actions(folder, name, text.whole, of_problems(folder).get(name, ()))


def put(folder: OpenFolder, disk: Path, name: str, text: str) -> None:
    """Give a file a text, in the editor and on the disk."""
    folder.mirror.put(name, text)
    (disk / name).write_bytes(text.encode("utf-8", "surrogatepass"))


def of_the_editor(folder: OpenFolder) -> Iterator[tuple[str, str]]:
    for name, found in of_problems(folder).items():
        yield from ((name, it.message.partition("\n")[0]) for it in found)


def of_the_disk(path: Path, *, lints: bool = False) -> Iterator[tuple[str, str]]:
    for it in check(path, today=date.today(), proofs=False).faults:
        if it.check == READING or lints:
            inside = it.at.file != str(path)
            message = it.message.replace(f"{path}/", "").replace(str(path), path.name)
            yield (Path(it.at.file).relative_to(path).as_posix() if inside else "knowledge.yaml"), message


@pytest.mark.parametrize("seed", range(2))
def test_edits_in_the_editor_are_read_as_the_same_edits_on_the_disk(tmp_path: Path, seed: int) -> None:
    source = REPOSITORY / "tests" / "garden"
    shown, disk = (Path(shutil.copytree(source, tmp_path / it / "garden")) for it in ("shown", "disk"))
    folder = OpenFolder(shown)
    folder.read()
    chance = random.Random(seed)
    names = folder.names()
    assert all(kind_of(it) for it in names)
    for number in range((EDITS or 200) // 2):
        if chance.random() < 0.3:
            for name in names:
                put(folder, disk, name, (source / name).read_text("utf-8"))
        name = chance.choice(names)
        text = edited(folder.text(name).text, chance)
        put(folder, disk, name, text)
        folder.read()
        asks(folder, name, chance)
        assert sorted(of_the_editor(folder)) == sorted(of_the_disk(disk)), f"edit {number} of {name}: {text!r}"


def test_edits_in_a_server_come_to_what_is_checked_on_the_disk_lints_included(client: Client, tmp_path: Path) -> None:
    source = REPOSITORY / "tests" / "garden"
    shown, disk = (Path(shutil.copytree(source, tmp_path / it / "garden")) for it in ("shown", "disk"))
    chance = random.Random(0)
    names = sorted(it.relative_to(source).as_posix() for it in source.rglob("*.yaml"))
    texts = {name: (source / name).read_text("utf-8") for name in names}
    for name in names:
        client.opens(shown / name)
    for number in range(EDITS or 6):
        if chance.random() < 0.7:  # else one edit upon another
            for name in names:
                if texts[name] != (text := (source / name).read_text("utf-8")):
                    texts[name] = text
                    client.changes(shown / name, text)
                    (disk / name).write_text(text, "utf-8")
        name = chance.choice(names)
        texts[name] = edited(texts[name], chance).replace("\ud800", "")  # which JSON in UTF-8 cannot hold
        client.changes(shown / name, texts[name])
        (disk / name).write_bytes(texts[name].encode())
        right = sorted(of_the_disk(disk, lints=True))
        times = 1 if [*of_the_disk(disk)] else 2  # after reading, and after lints
        assert client.comes_to(shown, right, shown / name, times), f"edit {number} of {name}: {texts[name]!r}"
