"""Files that are edited: read for it, and written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from expert.errors import KnowledgeError, Problem
from expert.files import beside
from expert.read.source import Problems, decode, parse, read_bytes


def text_of(file: Path) -> str:
    """The text of a file, which has to be YAML.

    Raises:
        KnowledgeError: it cannot be read, or is not YAML.
    """
    problems = Problems()
    try:
        source = decode(str(file), read_bytes(file), problems)
    except OSError as error:
        raise KnowledgeError([Problem(f"{file} cannot be read: {error.strerror}")]) from None
    if source is not None:
        parse(source, problems)
    if source is None or problems.found:
        raise KnowledgeError(problems.found)
    return source.text


def write_whole(texts: Mapping[Path, str]) -> None:
    """Write files so that each is at every moment the old one or the new one.

    All are written beside their places before the first takes its place, so a full disk or a folder that cannot be
    written leaves every file as it was. A file that exists keeps its permissions, and a link what it points to.

    Raises:
        KnowledgeError: a file cannot be written.
    """
    written: dict[Path, Path] = {}
    path = Path()
    try:
        for path, text in texts.items():
            target = Path(os.path.realpath(path))
            written[target] = beside(target, text.encode())
        for target, new in written.items():
            path = target
            os.replace(new, target)
    except OSError as error:
        raise KnowledgeError([Problem(f"{path} cannot be written: {error.strerror}")]) from None
    finally:
        for new in written.values():
            new.unlink(missing_ok=True)
