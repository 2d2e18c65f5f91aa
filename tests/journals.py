"""Knowledge about a small house, and journals of it, for the tests of journals, replays and receipts."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

from expert import read_knowledge
from expert.answer.assess import Reasoner
from expert.journal.store import Decision, Journal
from expert.read.patient import PatientReader
from expert.render.json import render_json
from tests.small_ladder import choice, quantity, rule, write_ladder, yes_no

DAY = date(2026, 11, 22)

HOUSE: dict[str, Any] = {
    "findings": {
        "fire": yes_no("no"),
        "smoke": choice("none", "thin", "thick", usual="none"),
        "minutes": quantity("0 minutes .. 10 hours", "0 minutes", "minutes", unit_may_be_omitted="yes"),
        "ladder_ready": yes_no(group="site", default="yes"),
    },
    "concluded": {"danger": yes_no()},
    "rules": {
        "fire-is-danger": rule("fire", "danger"),
        "long-smoke-is-danger": rule(["smoke in [thin, thick]", "minutes > 30 minutes"], "danger"),
        "danger-excludes-stay": rule("danger", "excludes stay"),
        "danger-supports-leave": rule("danger", "supports leave"),
        "all-may-stay": rule("always", "supports stay"),
        "fire-rings": rule("fire", "alert ring"),
        "no-ladder-cautions-leave": rule("not ladder_ready", "cautions leave"),
    },
    "steps": {"stay": {"options": {"chair": {}}}, "leave": {"options": {"door": {}, "window": {}}}},
    "alerts": ["ring"],
}


def write_house(folder: Path, **changed: Any) -> str:
    """Write the knowledge of the house with some parts replaced."""
    return str(write_ladder(folder, **{**HOUSE, **changed}))


def house_rules(*without: str, **changed: Any) -> dict[str, Any]:
    """The rules of the house with some left out and others added or changed; ``a_b`` names ``a-b``."""
    rules = {name: entry for name, entry in HOUSE["rules"].items() if name not in without}
    return {**rules, **{name.replace("_", "-"): entry for name, entry in changed.items()}}


def journal_of(path: Path, folder: str, *patients: str, decision: Decision | None = None) -> str:
    """Journal patients, each as assignments with blanks between; returns the path."""
    reasoner = Reasoner(read_knowledge(folder))
    with Journal(str(path), append=True) as journal:
        for words in patients:
            assessment = reasoner.assess(PatientReader(reasoner.kb).patient(None, words.split()))
            answer = render_json(reasoner.kb, assessment, DAY)
            journal.append(reasoner.kb, assessment.patient, answer, DAY, decision)
    return str(path)


def tamper(path: str, *statements: str) -> None:
    """Change a journal as anyone with write access to the file can: drop the triggers first."""
    with closing(sqlite3.connect(path)) as database, database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            database.execute(statement)


def rows(path: str, query: str) -> list[tuple[Any, ...]]:
    """The rows that a query finds in a journal."""
    with closing(sqlite3.connect(path)) as database:
        return database.execute(query).fetchall()
