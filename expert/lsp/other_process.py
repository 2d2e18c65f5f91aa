"""Commands of ``expert`` in another process, which ends with the task that waits for it."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any


async def printed(*words: str, cwd: Path) -> str:
    """What a command prints, what is wrong included; ``cwd`` is the folder in which it runs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "expert",
        *words,
        cwd=cwd,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, wrong = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return (out or wrong).decode("utf-8", "replace")


async def faults(folder: Path, *, proofs: bool) -> list[dict[str, Any]]:
    """The faults of a folder, as ``expert check --format json`` prints them; none if it could not be checked."""
    words = ["check", str(folder), "--format", "json", *([] if proofs else ["--no-proofs"])]
    said = await printed(*words, cwd=folder.parent)
    return _listed(said, "faults")


async def cases(folder: Path) -> list[dict[str, Any]]:
    """How the cases of a folder went, as ``expert test --format json`` prints it; none if they could not be run."""
    said = await printed("test", "--knowledge", str(folder), "--format", "json", cwd=folder.parent)
    return _listed(said, "cases")


async def mutants(folder: Path, rule: str) -> tuple[list[dict[str, Any]], list[str]]:
    """The mutants of a rule, as ``expert mutate --format json`` prints them, and why they could not be tried."""
    said = await printed("mutate", rule, "--knowledge", str(folder), "--format", "json", cwd=folder.parent)
    return _listed(said, "mutants"), [it["message"] for it in _listed(said, "problems")]


def _listed(said: str, key: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(said).get(key, []) if said.startswith("{") else []
    return found
