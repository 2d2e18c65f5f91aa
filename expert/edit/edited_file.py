"""Files that are edited in place: read first, and written completely or not at all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from expert.lang.atomic_files import why, write_all
from expert.lang.errors import KnowledgeError, Problem
from expert.read.parse import parse, read_source
from expert.read.source import Problems


def text_of(file: Path) -> str:
    """The text of a file, which has to be YAML.

    Raises:
        KnowledgeError: it cannot be read, or is not YAML.
    """
    problems = Problems()
    source = read_source(file, problems)
    if source is not None:
        parse(source, problems)
    if source is None or problems.found:
        raise KnowledgeError(problems.found)
    return source.text


def edit(texts: Mapping[Path, str]) -> None:
    """Write files that are edited in place: all of them, or as far as can be known before, none.

    Raises:
        KnowledgeError: a file cannot be written.
    """
    try:
        write_all({path: text.encode() for path, text in texts.items()}, overwrite=True)
    except OSError as error:
        named = next((path for path in texts if os.path.realpath(path) == error.filename), next(iter(texts)))
        raise KnowledgeError([Problem(f"{named} cannot be written: {why(error)}")]) from None
