"""The pages of lints and of kinds of proofs: what each finds, why it matters, what to do."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

_PAGE = re.compile(r"# (.*?)\n\n(?:Remedy: (.*?)\n\n)?## Why\n\n(.*)\n\n## What to do\n\n(.*)\n", re.DOTALL)


class Page(NamedTuple):
    """A page, without the line breaks of its file.

    Attributes:
        title: of a lint, what it finds, as a sentence without a full stop; of a proof, the name of its kind.
        remedy: what every fault of a lint recommends, likewise.
        why: what is lost where the check fails.
        to_do: how to mend it.
    """

    title: str
    remedy: str
    why: str
    to_do: str


def read_page(path: Path) -> Page:
    """The page that a Markdown file of this package holds."""
    found = _PAGE.fullmatch(path.read_text("utf-8"))
    assert found, path
    return Page(*(" ".join((part or "").split()) for part in found.groups()))


def proof_page(kind: str) -> Page:
    """The page of a kind of proof; it is read without the solver."""
    return read_page(Path(__file__).with_name("proofs") / "pages" / f"{kind}.md")
