"""``expert check`` of a folder in another process, which ends with the task that waits for it."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any


async def faults(folder: Path, *, proofs: bool) -> list[dict[str, Any]]:
    """The faults of a folder, as ``expert check --format json`` prints them; none if it could not be checked."""
    command = [sys.executable, "-m", "expert", "check", str(folder), "--format", "json"]
    process = await asyncio.create_subprocess_exec(
        *command,
        *([] if proofs else ["--no-proofs"]),
        cwd=folder.parent,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        printed, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    found: list[dict[str, Any]] = json.loads(printed)["faults"] if printed else []
    return found
