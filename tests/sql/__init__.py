"""The query of a tiny ladder in each dialect, kept so that diffs show changes; ``python -m tests.sql`` rewrites it."""

from __future__ import annotations

from pathlib import Path

from expert import KnowledgeBase
from expert.sql.to_sql import query
from tests.small_ladder import choice, quantity, rule, small_ladder, yes_no

FOLDER = Path(__file__).resolve().parent


def tiny_ladder(folder: Path) -> KnowledgeBase:
    """A ladder with a little of everything, written to a folder and read."""
    return small_ladder(
        folder,
        findings={
            "fever": yes_no("no"),
            "pain": choice("none", "some", "much", usual="some"),
            "ill_for": quantity("0 weeks .. 1 year", "0 weeks", "weeks"),
        },
        concluded={"serious": {"type": "yes_no"}},
        constraints={"who-is-well-was-never-ill": ["pain is none", "ill_for > 0 weeks"]},
        rules={
            "fever-is-serious": rule(["fever", "pain is much"], "serious"),
            "who-is-serious-is-seen": rule(["serious"], ["supports see", "alert haste"]),
            "long-illness-is-seen": rule(["ill_for > 1 month"], "supports see"),
            "all-may-wait": rule("always", "supports wait"),
            "no-waiting-in-haste": rule(["serious"], "excludes wait"),
        },
        steps={"see": {"gate": "yes"}, "wait": {}},
        alerts=["haste"],
    )


def written(kb: KnowledgeBase, dialect: str) -> str:
    """The query in the form that is kept."""
    return query(kb, dialect, table="clinic.visits", keys=["visit"], columns={"fever": "fever", "ill_for": "weeks ill"})


def kept(dialect: str) -> Path:
    """The file of a dialect."""
    return FOLDER / f"{dialect}.sql"
