"""The names of the lints, found without importing them."""

from __future__ import annotations

from pathlib import Path


def lint_names() -> list[str]:
    """The name of every lint, sorted: each is a folder."""
    folder = Path(__file__).parent / "lints"
    return sorted(it.parent.name.replace("_", "-") for it in folder.glob("*/page.md"))
