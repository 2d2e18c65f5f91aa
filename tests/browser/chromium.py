"""A page in a headless Chromium: its tree after scripts have run, what it prints, what the console says.

Nothing is fetched: pages are files, and axe-core is a file too, which ``make browser`` has put into ``.browser``.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.conftest import REPOSITORY
from tests.pages import Page

OPENED = "document.querySelectorAll('details').forEach(it => it.open = true);"

WANTED = os.environ.get("EXPERT_BROWSER", "")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--virtual-time-budget=20000",
]
SECONDS = 120
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
RESULT = "the-result"


def program() -> str:
    """The browser; without one the test is skipped, or fails where browser tests are required."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    return found or _absent("Chromium is not installed")


def axe() -> str:
    """The source of axe-core; without it the test is skipped, or fails where browser tests are required."""
    found = sorted((REPOSITORY / ".browser").glob("axe-*.js"))
    return found[-1].read_text("utf-8") if found else _absent("axe-core is not in .browser (make browser fetches it)")


def _absent(why: str) -> str:
    if WANTED == "required":
        pytest.fail(why)
    pytest.skip(why)


def chromium(html: str, *flags: str) -> subprocess.CompletedProcess[str]:
    """Open a page in a browser of its own."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        file = Path(folder) / "page.html"
        file.write_text(html, "utf-8")
        command = [program(), *FLAGS, f"--user-data-dir={folder}/profile", *flags, file.as_uri()]
        return subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=True, errors="replace")


def reported_by(html: str, script: str, *, dark: bool = False) -> Any:
    """What a script reports of a page, which may not forbid scripts: the script calls ``tell`` with a value."""
    report = (
        "const tell = value => { const told = document.createElement('pre');"
        f" told.id = '{RESULT}'; told.textContent = JSON.stringify(value); document.body.append(told); }};"
    )
    with_script = html.replace("</body>", f"<script>{report}\n{script}</script></body>")
    scheme = ["--blink-settings=preferredColorScheme=0"] if dark else []
    tree = chromium(with_script, "--dump-dom", *scheme).stdout
    found = re.search(rf'<pre id="{RESULT}">(.*?)</pre>', tree, re.DOTALL)
    assert found, "the script has told nothing"
    return json.loads(Page(f"<pre>{found[1]}</pre>").text)


def without_policy(html: str) -> str:
    """A copy of a page that lets scripts run."""
    copy, count = POLICY.subn("", html)
    assert count == 1
    return copy


def framed(html: str, width: int) -> str:
    """A page with another page in a frame of a width, since no window is as narrow as a phone."""
    frame = f'<iframe id="frame" style="width:{width}px;height:800px;border:0" srcdoc="{escape(html)}"></iframe>'
    return f'<!DOCTYPE html><html lang="en"><head><title>Frame</title></head><body>{frame}</body></html>'


def printed(html: str) -> bytes:
    """The page as a PDF."""
    with TemporaryDirectory() as folder:
        target = Path(folder) / "page.pdf"
        chromium(html, "--no-pdf-header-footer", f"--print-to-pdf={target}")
        return target.read_bytes()


def assert_accessible(page: str, *, dark: bool) -> None:
    """axe-core, with everything folded away opened, has nothing to object to, and has looked at what matters most."""
    script = f"""
        {axe()}
        {OPENED}
        axe.run().then(found => tell({{
            violations: found.violations.map(it => [it.id, it.nodes.map(node => node.html + node.failureSummary)]),
            passes: found.passes.map(it => it.id),
            dark: matchMedia('(prefers-color-scheme: dark)').matches,
        }}));
    """
    shown = reported_by(without_policy(page), script, dark=dark)
    assert shown["dark"] is dark
    assert shown["violations"] == []
    assert {"color-contrast", "heading-order", "landmark-one-main", "html-has-lang"} <= set(shown["passes"])
