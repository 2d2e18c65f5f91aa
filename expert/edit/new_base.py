"""A knowledge base from nothing: a small folder that is right from its first line, for a person to make their own."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from pathlib import Path
from string import Template

from expert.edit.schema import associations
from expert.lang.errors import InputError, Problem, quoted
from expert.lang.format import LONGEST_NAME
from expert.read.fields import is_named

_BASE = Path(__file__).parent / "base"
_NAMES = {
    "dot/gitignore": ".gitignore",
    "dot/pre-commit-config.yaml": ".pre-commit-config.yaml",
    "dot/settings.json": ".vscode/settings.json",
    "dot/workflow.yml": ".github/workflows/knowledge.yml",
}
"""The files that have another name here, since packages leave out what begins with a dot."""

_REVIEWED_FOR = timedelta(days=365)


def new_base(folder: Path, title: str | None, today: date) -> dict[str, bytes]:
    """The files of a new knowledge base by their names in its folder.

    Args:
        folder: where it will be; the last part of its name names the knowledge.
        title: its subject, as displayed; without one, the name.
        today: the day that counts as that of its first review.

    Raises:
        InputError: the folder has no name that a knowledge base can have, or the title is no line of text.
    """
    name = _name(folder.resolve().name)
    title = name.replace("-", " ").capitalize() if title is None else " ".join(title.split())
    if not title or not title.isprintable():
        raise InputError([Problem("a title is a line of text", expected="--title 'Treatment of asthma'")])
    schemas = associations(Path("knowledge"), Path(".vscode/schemas"))
    values = {
        "name": name,
        "heading": title,
        "title": json.dumps(title, ensure_ascii=False) if _needs_quotes(title) else title,
        "reviewed": today.isoformat(),
        "review_due": (today + _REVIEWED_FOR).isoformat(),
        "schemas": json.dumps(schemas, indent=2).replace("\n", "\n  "),
    }
    texts = {path.relative_to(_BASE).as_posix(): path for path in sorted(_BASE.rglob("*")) if path.is_file()}
    read = {_NAMES.get(name, name): path.read_text(encoding="utf-8") for name, path in texts.items()}
    return {name: Template(text).substitute(values).encode() for name, text in read.items()}


def _name(folder: str) -> str:
    """The name of the knowledge, after its folder."""
    name = "-".join(re.findall("[a-z0-9]+", folder.lower()))
    if not is_named(name, "kebab-case") or len(name) > LONGEST_NAME:
        message = f"{quoted(folder)} gives the knowledge no name"
        raise InputError([Problem(message, expected=f"a folder with a name of letters, at most {LONGEST_NAME}")])
    return name


def _needs_quotes(title: str) -> bool:
    return not re.fullmatch(r"[A-Za-z][\w ,.()/-]*", title) or title.lower() in ("yes", "no", "null", "true", "false")
