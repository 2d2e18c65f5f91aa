"""Rewrite the pages."""

from __future__ import annotations

import shutil

from tests.golden import COMMANDS, FOLDER, kept, page

shutil.rmtree(FOLDER, ignore_errors=True)
FOLDER.mkdir()
for name in COMMANDS:
    kept(name).write_text(page(name), "utf-8")
print(f"{len(COMMANDS)} pages written to {FOLDER}")
