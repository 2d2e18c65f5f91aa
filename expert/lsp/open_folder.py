"""A knowledge folder in an editor: its texts as they are shown, what was last read of them, and what is wrong."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from expert.check.check import read_whole, sources_of
from expert.check.lints import Knowledge
from expert.edit.schema import schemas
from expert.edit.schema_texts import Schema
from expert.lang.errors import InputError, Location, Problem
from expert.lang.folder_layout import files_in
from expert.lsp.mirror import Mirror
from expert.lsp.text import Text
from expert.read.parse import decode, parse
from expert.read.source import Node, Problems
from expert.read.uses import Use
from expert.render.plain import counted
from expert.render.uses import Uses


class OpenFolder:
    """A knowledge folder with files open in an editor, which counts in units of an ``encoding``.

    Attributes:
        problems: what reading the texts found; while there are any, everything else goes by the last ``good`` reading.
        good: the last reading without a problem; ``None`` if there has been none.
        indexed: the uses of names in some texts, those of the last index.
        mutants: what came of the mutants of a rule, by the content of the folder and the name of the rule.
        uris: the addresses of files, as the editor spells them.
    """

    def __init__(self, path: Path, encoding: str = "utf-16") -> None:
        self.path, self.encoding = path, encoding
        self.mirror = Mirror(path)
        self.mirror.follow()
        self.problems: tuple[Problem, ...] = ()
        self.good: Good | None = None
        self._texts: dict[str, Text] = {}
        self.uris: dict[str, str] = {}
        self.mutants: dict[tuple[str, str], str] = {}
        self.indexed: tuple[dict[str, Text], list[Use]] = ({}, [])

    def read(self) -> None:
        """Read the texts as they are now."""
        self.mirror.follow()
        name = str(self.mirror.path)
        sources = sources_of(self.mirror.path, name)
        try:
            self.good = Good(read_whole(name, sources, date.today()))
            self.problems = ()
        except InputError as error:
            self.problems = error.problems

    def text(self, name: str) -> Text:
        """The text of a file by its name within the folder."""
        text = self.mirror.text(name)
        known = self._texts.get(name)
        if known is None or known.text != text:
            known = self._texts[name] = Text(text, self.encoding)
        return known

    def tree(self, name: str) -> Node | None:
        """The tree of a file as it is shown, or as it last could be read."""
        shown = str(self.mirror.path / name)
        source = decode(shown, self.text(name).data, Problems())
        tree = parse(source, Problems()) if source else None
        return self.good.knowledge.trees.get(shown) if tree is None and self.good else tree

    def parses(self, name: str) -> bool:
        """Whether a file, as it is shown, can be read as YAML."""
        source = decode(str(self.mirror.path / name), self.text(name).data, Problems())
        return source is not None and parse(source, Problems()) is not None

    def names(self) -> list[str]:
        """The names of its files, in order."""
        return [it.relative_to(self.mirror.path).as_posix() for it in files_in(self.mirror.path)]

    def name_at(self, at: Location | None) -> str:
        """The name within the folder of the file that a place is in; without one, that of the first file."""
        file = Path(at.file) if at else self.mirror.path
        inside = file.is_relative_to(self.mirror.path) and file != self.mirror.path
        return file.relative_to(self.mirror.path).as_posix() if inside else "knowledge.yaml"

    def uri(self, name: str) -> str:
        """The address of a file."""
        return self.uris.get(name) or (self.path / name).as_uri()

    @property
    def caution(self) -> str:
        """That what is shown goes by an earlier reading, where it does."""
        number = len(self.problems)
        return f"by the last good reading: {counted(number, 'problem')} since" if number else ""

    def said(self, text: str) -> str:
        """A message with the names of files as they are within the folder."""
        return text.replace(f"{self.mirror.path}/", "").replace(str(self.mirror.path), self.path.name)


class Good:
    """A folder that was read without a problem, and what is made of it when it is asked for."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge, self.kb = knowledge, knowledge.kb

    @cached_property
    def content(self) -> str:
        """A hash of its texts, those of its cases included."""
        texts = sorted((name, it.text) for name, it in self.knowledge.sources.items())
        return sha256(repr(texts).encode()).hexdigest()

    @cached_property
    def uses(self) -> Uses:
        """Its entries with those that use them."""
        return Uses(self.kb)

    @cached_property
    def schemas(self) -> dict[str, Schema]:
        """The schema of each kind of file."""
        return schemas(self.kb)
