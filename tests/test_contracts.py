"""Import contracts: an import of what belongs into few rooms fails wherever else it is planted."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

ROOMS = {
    "experta": ("expert.engine",),
    "z3": ("expert.solve",),
    "polars": ("expert.columns",),
    "pyspark": ("expert.columns.spark",),
    "pygls": ("expert.lsp",),
}
"""The modules, or packages with all in them, that may import each."""

PACKAGES = {"expert.engine", "expert.solve", "expert.columns", "expert.lsp"}
"""Packages that are rooms: their own ``__init__`` imports nothing."""


def modules(folder: Path) -> dict[str, Path]:
    """Every module of the package with its file."""
    found = {}
    for path in sorted((folder / "expert").rglob("*.py")):
        parts = path.relative_to(folder).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def may_import(module: str, imported: str) -> bool:
    """Whether a module is a room of what it imports, or in one."""
    if module in PACKAGES:
        return False
    return any(module == room or (room in PACKAGES and module.startswith(f"{room}.")) for room in ROOMS[imported])


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    shutil.copytree(REPOSITORY / "expert", tmp_path / "expert", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(REPOSITORY / "setup.cfg", tmp_path)
    return tmp_path


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--config", "setup.cfg"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_an_import_planted_in_any_module_outside_its_rooms_is_reported(copied: Path) -> None:
    """Every module gets an import of each within a function; all that must not have it are named."""
    everywhere = modules(copied)
    assert len(everywhere) > 200
    for path in everywhere.values():
        with path.open("a", encoding="utf-8") as file:
            file.write("\n\ndef _planted() -> None:\n" + "".join(f"    import {name}\n" for name in ROOMS))
    result = lint_imports(copied)
    assert result.returncode == 1, result.stdout
    shown = set(re.findall(r"(expert[\w.]*) -> (experta|z3|polars|pyspark|pygls) \(l\.", result.stdout))
    wanted = {(module, name) for module in everywhere for name in ROOMS if not may_import(module, name)}
    assert wanted - shown == set()
    assert shown - wanted == set()


@pytest.mark.parametrize("name", ROOMS)
def test_one_planted_import_fails(copied: Path, name: str) -> None:
    with modules(copied)["expert.journal.store"].open("a", encoding="utf-8") as file:
        file.write(f"\n\ndef _planted() -> None:\n    import {name}\n")
    result = lint_imports(copied)
    assert result.returncode == 1
    assert f"expert.journal.store -> {name} (l." in result.stdout


def test_a_module_that_no_layer_names_fails(copied: Path) -> None:
    (copied / "expert" / "attic.py").write_text('"""Nowhere."""\n', "utf-8")
    result = lint_imports(copied)
    assert result.returncode == 1
    assert "attic" in result.stdout
