"""The summary of a cohort as one self-contained page: each drawing with a table of the same numbers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from markupsafe import Markup

from expert.columns.summary import AlertCount, Sampled, StepCount, Summary
from expert.render.cohort import FEW, REMEDY, column_named, count, read, share, shortened, speed, warned
from expert.render.page import render_page
from expert.render.phrases import Phrases, within
from expert.render.plots import Bar, bars
from expert.render.report import colophon

MOST = 15
"""The number of missing findings that are drawn; the table has them all."""

MOST_GROUPS, MOST_PATIENTS = 40, 100
"""The number of groups of patients with the same questions that are listed, and of patients in each."""

NEUTRAL = 3
"""The series of bars that are not divided by how sure an answer is."""

SURENESS = ("certain", "provisional", "open")


def render_cohort(it: Summary, today: date) -> bytes:
    """The page."""
    page = render_page(
        "cohort.html",
        ("page.css", "cohort.css"),
        it=it,
        read=read(it),
        passed_columns=[shortened(name) for name in it.columns.passed],
        read_columns=[column_named(*one) for one in it.columns.read],
        warning=warned(it.columns.near),
        remedy=REMEDY,
        speed=speed(it),
        share=share,
        count=count,
        sureness=SURENESS,
        steps=_steps(it.steps, it.answered),
        alerts=_alerts(it.alerts, it.answered),
        missing=_missing(it.sampled) if it.sampled else "",
        to_ask=_to_ask(it)[:MOST_GROUPS],
        most=MOST_PATIENTS,
        few=it.answered < FEW,
        title_of=lambda step: _title(it, step),
        colophon_of=colophon(it.kb, today),
    )
    return page.encode()


class ToAskOf(NamedTuple):
    """Patients with the same questions."""

    asked: tuple[str, ...]
    patients: tuple[str, ...]


def _to_ask(it: Summary) -> list[ToAskOf]:
    """The questions of each patient of the sample in words, the most patients first."""
    phrases, groups = Phrases(it.kb, {}), dict[tuple[str, ...], list[str]]()
    for one in it.sampled.to_ask if it.sampled else ():
        groups.setdefault(one.asked, []).append(one.patient)
    panels = it.kb.panels
    found = [
        ToAskOf(
            tuple(within(panels[name].title) if name in panels else phrases.short(name) for name in asked), (*some,)
        )
        for asked, some in groups.items()
    ]
    return sorted(found, key=lambda one: -len(one.patients))


def _title(it: Summary, step: str) -> str:
    """The title of a step that one of the two sides has; other words as they are."""
    sides = [it.kb, *([it.against.old] if it.against else [])]
    return next((kb.steps[step].title for kb in sides if step in kb.steps), step)


def _steps(steps: Sequence[StepCount], answered: int) -> Markup | str:
    rows = [
        Bar(it.title, (it.certain, it.provisional, it.open), _shown(it.patients, answered))
        for it in steps
        if it.patients
    ]
    return Markup(bars("steps-plot", "Patients by recommended step and how sure the answer is", rows)) if rows else ""


def _alerts(alerts: Sequence[AlertCount], answered: int) -> Markup | str:
    rows = [Bar(it.title, (it.holds, it.presumed - it.holds), _shown(it.presumed, answered)) for it in alerts]
    return Markup(bars("alerts-plot", "Patients by alert", rows)) if rows else ""


def _missing(it: Sampled) -> Markup | str:
    rows = [Bar(one.title, (one.patients,), _shown(one.patients, it.patients)) for one in it.missing[:MOST]]
    return Markup(bars("missing-plot", "Patients by decisive unknown finding", rows, NEUTRAL)) if rows else ""


def _shown(patients: int, of: int) -> str:
    percent = share(patients, of)
    return f"{patients:,} ({percent})" if percent else f"{patients:,}"
