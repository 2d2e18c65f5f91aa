"""A small ladder and tables of patients for it, for the tests of ``expert cohort``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.small_ladder import choice, quantity, rule, write_ladder, yes_no

FINDINGS = {
    "pain": choice("slight", "severe", usual="slight"),
    "weeks": quantity("0 weeks .. 500 weeks", usual="0 weeks", unit="weeks", unit_may_be_omitted="yes"),
    "numb": yes_no("no"),
    "exercised": yes_no("no"),
    "theatre": yes_no("yes", group="site"),
}
RULES: dict[str, Mapping[str, Any]] = {
    "anybody-may-wait": rule("always", "supports wait"),
    "long-pain-ends-waiting": rule(["pain is severe", "weeks >= 6 weeks"], ["excludes wait", "supports operate"]),
    "numbness-cannot-wait": rule(["numb"], ["excludes wait", "supports operate", "alert numbness"]),
    "no-theatre-no-operation": rule(["not theatre"], "excludes operate"),
    "without-either-refer": rule("always", "supports refer"),
}
PATIENTS = """\
id,ward,pain,weeks,numb,exercised
a,north,severe,12,no,yes
b,north,slight,3,no,no
c,south,severe,,yes,
d,south,sever,12,no,yes
e,east,,,,
f,east,slight,0,no,yes
"""
"""Six patients: the fourth has a word that is none, the sixth has exercised for no time."""


def backs(
    folder: Path,
    *,
    rules: Mapping[str, Mapping[str, Any]] | None = None,
    panels: Mapping[str, Mapping[str, str]] | None = None,
    **findings: Any,
) -> str:
    """The knowledge folder, with other rules, with panels, and with findings added or changed."""
    steps: dict[str, dict[str, Any]] = {
        "wait": {"options": {"rest": {}, "walks": {}}},
        "operate": {},
        "refer": {},
    }
    write_ladder(
        folder,
        findings={**FINDINGS, **findings},
        rules={**RULES, **(rules or {})},
        steps=steps,
        constraints={"exercise-takes-time": ["exercised", "weeks <= 0 weeks"]},
        alerts=["numbness"],
        panels=panels,
    )
    return str(folder)
