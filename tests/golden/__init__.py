"""What the program prints, kept as files so that every change of it is seen in a diff.

``python -m tests.golden`` (or ``make golden``) rewrites the files; the diff is then read before it is kept. The hash of
the knowledge is written ``<hash>``, since every edit of a word changes it, and the day is always the same.

Of an answer in JSON an outline is kept, in which a rule is its name; `tests/test_json_contract.py` holds the whole to
its schema.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import wrap
from unittest.mock import patch

from tests.command_line import run

HASH = re.compile(r'(?<=[(" ])([0-9a-f]{64}|[0-9a-f]{8})(?=[)".])')
REPOSITORY = Path(__file__).resolve().parent.parent.parent
FOLDER = Path(__file__).resolve().parent / "pages"
WORKED = sorted(path.stem for path in (REPOSITORY / "knowledge" / "patients").glob("*.yaml"))
_SIX_FACTS = (
    "age=45 severity=severe conservative_systematic=yes conservative_duration='14 weeks' "
    "conservative_result=ineffective stenosis=severe spondylolisthesis=degenerative scar_adhesions=none"
)
COMMANDS = {
    **{f"assess {name}": f"assess knowledge/patients/{name}.yaml" for name in WORKED},
    "assess nothing": "assess",
    "assess six facts": f"assess {_SIX_FACTS}",
    "assess an override": "assess knowledge/patients/fourteen-weeks.yaml mis_equipment=no",
    "assess with panels": "assess red_flags=none age=17",
    "assess as json": "assess knowledge/patients/fourteen-weeks.yaml --format json",
    "assess an emergency as json": "assess knowledge/patients/saddle-numbness.yaml --format json",
    "why a step": "why knowledge/patients/fourteen-weeks.yaml minimally_invasive",
    "why an option": "why knowledge/patients/fourteen-weeks.yaml minimally_invasive.microendoscopic_discectomy",
    "why a conclusion": "why knowledge/patients/back-after-two-years.yaml recurrence",
    "why a fact": "why knowledge/patients/fourteen-weeks.yaml conservative_duration",
    "why an alert": "why knowledge/patients/saddle-numbness.yaml cauda_equina",
    "why-not a step": "why knowledge/patients/fourteen-weeks.yaml decompression_with_fusion",
    "why-not behind a gate": "why knowledge/patients/saddle-numbness.yaml conservative",
    "why-not advice": "why knowledge/patients/schoolboy.yaml specialist_selects_technique",
    "findings": "show findings",
    "findings of a group": "show findings imaging",
    "rules": "show rules",
    "rules of a topic": "show rules fusion",
    "no command": "",
    "help": "--help",
    "show": "show",
    "show a list": "show steps",
    "show a rule": "show complicated-stenosis-excludes-minimally-invasive",
    "show a finding": "show stenosis",
    "show a step": "show minimally_invasive",
    "show a claim": "show S32",
    "show a panel": "show red_flags",
    "wrong finding": "assess agee=45 stenosis=sever conservative_duration='14 weekss'",
    "wrong facts together": "assess conservative_result=not_tried conservative_duration='3 weeks'",
    "wrong file": "assess no-such-patient.yaml",
    "wrong target": "why minimaly_invasive",
    "diff of an edit": "diff roofs edited",
    "diff in full": "diff roofs edited --full",
    "diff as a comment": "diff roofs edited --format markdown",
    "diff of wording": "diff roofs reworded",
    "test with failures": "test edited",
    "test as json": "test edited -k 'at 60' --format json",
    "test accepted": "test edited --accept --yes",
    "mutate a file": "mutate roofs/rules/firm.yaml",
}

EDITED = {
    "edited": {
        "rules/mending.yaml": ("roof_age > 60 years", "roof_age > 50 years"),
        "rules/danger.yaml": ("supports make_safe, alert no_current", "supports make_safe"),
    },
    "reworded": {"rules/mending.yaml": ("Clay and felt turn to dust.", "Clay and felt crumble.")},
}
"""Copies of the other knowledge (``roofs``), by folder: in each of some files one text with what replaces it."""


@contextmanager
def _in_place(edits: bool) -> Iterator[None]:
    """Within, the working directory is the repository, or one with the copies of `EDITED`."""
    before = Path.cwd()
    with TemporaryDirectory() as folder:
        if edits:
            for name, files in {"roofs": {}, **EDITED}.items():
                shutil.copytree(REPOSITORY / "tests" / "other_ladder", Path(folder) / name)
                for file, (old, new) in files.items():
                    path = Path(folder) / name / file
                    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
        os.chdir(folder if edits else REPOSITORY)
        try:
            yield
        finally:
            os.chdir(before)


class _Day(date):
    @classmethod
    def today(cls) -> _Day:
        return cls(2026, 11, 22)


def page(name: str) -> str:
    """A command with what it prints, and its exit status if that is not 0."""
    words = shlex.split(COMMANDS[name])
    with (
        _in_place(any(word.partition("/")[0] in ("roofs", *EDITED) for word in words)),
        patch("expert.cli.clinician.date", _Day),
    ):
        done = run(*words)
    status = f"exit status {done.status}\n" if done.status else ""
    printed = "".join(f"{line}\n" for line in outline(json.loads(done.out))) if words[-1:] == ["json"] else done.out
    shown = f"$ expert {COMMANDS[name]}".rstrip()
    text = f"{shown}\n{printed}{done.err}{status}"
    return HASH.sub("<hash>", text)


def outline(answer: dict[str, object]) -> Iterator[str]:
    """An answer in JSON without its texts, an entry of a list in a line."""
    for key, value in answer.items():
        short = _outline(value)
        entries = [json.dumps(it) for it in short] if isinstance(short, list) else []
        lines = [f"{key}:", *entries] if entries else [f"{key}: {json.dumps(short)}"]
        for place, line in enumerate(lines):
            yield from wrap(
                line, 120, initial_indent="  " * (place > 0), subsequent_indent="    ", break_on_hyphens=False
            )


def _outline(value: object) -> object:
    if isinstance(value, list):
        return [_outline(it) for it in value]
    if not isinstance(value, dict):
        return value
    if "rule" in value:
        return value["rule"] if value["status"] == "holds" else f"{value['rule']} ({value['status']})"
    return {key: _outline(it) for key, it in value.items() if key not in _TEXTS and it != []}


_TEXTS = {"title", "text", "note", "ask", "because", "cite", "guidance"}


def kept(name: str) -> Path:
    """The file that holds a page."""
    return FOLDER / f"{name.replace(' ', '-')}.txt"
