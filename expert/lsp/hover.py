"""What an editor shows of the word under the pointer: what ``expert show`` says of it, or what a key means."""

from __future__ import annotations

from io import StringIO

from expert.check.faults import PROOFS
from expert.check.lints import LINTS
from expert.lang.folder_layout import kind_of
from expert.lsp.names import use_at
from expert.lsp.open_folder import OpenFolder
from expert.lsp.place import key_at
from expert.lsp.text import Text
from expert.render.catalogue import Catalogue
from expert.render.lints import write_lint, write_proof
from expert.render.terminal import Terminal


def hover(folder: OpenFolder, name: str, text: Text, offset: int) -> str:
    """Markdown about the word at a character of a file; empty if there is nothing to say."""
    word, start = text.word(offset)
    if not word:
        return ""
    if "waive" in text.line_before(start) and (word in LINTS or word in PROOFS):
        return _as_it_is(_check(word))
    key = key_at(kind_of(name), text, start, word)
    if key:
        return f"`{word}`: {key.meaning}"
    shown = _shown(folder, name, offset, word)
    if not shown:
        return ""
    return _as_it_is(shown) + (f"\n\n*{folder.caution}*" if folder.caution else "")


def _shown(folder: OpenFolder, name: str, offset: int, word: str) -> str:
    """What ``expert show`` says of the name at a character; of the word, in a text that is no YAML."""
    if folder.good is None:
        return ""
    catalogue = Catalogue(file := StringIO(), folder.good.kb)
    use = use_at(folder, name, offset)
    for it in catalogue.shelves:
        if use and it.name in (use.kind, f"{use.kind.replace(' ', '-')}s") and use.name in it.titles:
            it.write(use.name)
    if not use and word in catalogue.ids and not folder.parses(name):
        catalogue.show(word)
    return folder.said(file.getvalue())


def _check(name: str) -> str:
    terminal = Terminal(file := StringIO())
    if name in LINTS:
        write_lint(terminal, LINTS[name])
    else:
        write_proof(terminal, name)
    return file.getvalue()


def _as_it_is(text: str) -> str:
    """A text of a terminal in Markdown: lines stay lines."""
    return f"```text\n{text.rstrip().replace('```', chr(0x2032) * 3)}\n```"
