"""The knowledge as pages that people review: a site of several, or all in one. They hold no time, so that the same
knowledge gives the same pages.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from markupsafe import Markup

from expert import __version__
from expert.cases.coverage import KINDS as COVERED
from expert.lang.vocabulary import Finding, Kind
from expert.read.fields import is_named
from expert.render.check import witness_lines
from expert.render.docs_graph import graph_of, unfolded
from expert.render.handbook import Handbook
from expert.render.page import render_page
from expert.render.phrases import STANDING, Phrases, further_unit, further_words
from expert.render.plain import counted
from expert.render.prose import Prose
from expert.render.report import KINDS, VERDICT
from expert.render.uses import life_of, topic_of

BEGINS = b"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="generator" content="expert docs">
"""
"""What every page that is written here begins with."""

INDEX = "index.html"
_REFERENCES = {
    "claim": "Claims",
    "guideline": "Guidelines and studies",
    "safety": "Safety layer",
    "assumption": "Assumptions",
}
_CASES_SHOWN = 6
_HOMES = {
    **dict.fromkeys(("step", "option"), "ladder.html"),
    **dict.fromkeys(("finding", "panel", "constraint", "plausible", "group", "part"), "findings.html"),
    **dict.fromkeys(("alert", "advice"), "notices.html"),
    **dict.fromkeys(("ref", "note"), "references.html"),
    "promise": "promises.html",
}


class Chapter(NamedTuple):
    """A part of the book: a page of its own in a site. ``about`` is its content in a line."""

    file: str
    title: str
    about: str
    topic: str = ""

    @property
    def template(self) -> str:
        """What the chapter is made with."""
        return "docs_rules.html" if self.topic else f"docs_{self.file}"

    @property
    def anchor(self) -> str:
        """The id of the chapter's heading."""
        return f"chapter-{self.file.removesuffix('.html')}"

    @property
    def label(self) -> str:
        """The title in the navigation: that of a topic within *Rules*, of others its first words."""
        return self.title.removeprefix("Rules: ") if self.topic else self.title.partition(" and ")[0]


def render_site(book: Handbook, answers: str = "") -> dict[str, bytes]:
    """The pages by file name; ``answers`` is the page next to them that answers for a patient, if there is one."""
    chapters = _chapters(book)
    return {
        chapter.file: _page(book, chapters, [chapter], _to_page(book, chapters, chapter.file), answers)
        for chapter in chapters
    }


def render_single(book: Handbook) -> bytes:
    """Everything on one page."""
    chapters = _chapters(book)
    return _page(book, chapters, chapters, lambda kind, name: f"#{kind}-{name}")


def _chapters(book: Handbook) -> list[Chapter]:
    kb = book.kb
    notices = f"{counted(len(kb.alerts), 'alert')}, {counted(len(kb.advice), 'piece')} of advice"
    references = f"{counted(len(kb.references), 'reference')}, {counted(len(kb.notes), 'place')} where guidance differs"
    promises = f"{counted(len(kb.invariants) + len(kb.directions), 'promise')}, and what is proved of all patients"
    recorded = len(kb.given) - len(kb.inputs)
    findings = f"{len(kb.inputs)} asked, {f'{recorded} for the record, ' * bool(recorded)}{len(kb.concluded)} concluded"
    topics = (
        Chapter(_file(name, number), f"Rules: {_words(name)}", counted(len(rules), "rule"), name)
        for number, (name, rules) in enumerate(book.topics.items(), 1)
    )
    return [
        Chapter(INDEX, "Overview", "what this is, and how its parts work together"),
        Chapter("ladder.html", "The ladder", f"{counted(len(kb.steps), 'step')}, and what argues for and against"),
        Chapter("findings.html", "Findings", findings),
        *topics,
        Chapter("notices.html", "Alerts and advice", notices),
        Chapter("references.html", "References and guidance", references),
        Chapter("promises.html", "Promises and proofs", promises),
    ]


def _file(topic: str, number: int) -> str:
    """The page of a topic: by its name, if that goes into a link and a file name anywhere, or by its number."""
    plain = is_named(topic, "kebab-case") and len(topic) <= 80
    return f"rules-{topic if plain else number}.html"


def _to_page(book: Handbook, chapters: Sequence[Chapter], here: str) -> Callable[[str, str], str]:
    """Where an entry is, as a link from a page."""
    files = {chapter.topic: chapter.file for chapter in chapters}

    def to(kind: str, id: str) -> str:
        home = files[topic_of(book.kb.written_rules[id])] if kind == "rule" else _HOMES[kind]
        return f"{'' if home == here else home}#{kind}-{id}"

    return to


def _page(
    book: Handbook,
    chapters: Sequence[Chapter],
    shown: Sequence[Chapter],
    to: Callable[[str, str], str],
    answers: str = "",
) -> bytes:
    single = len(shown) > 1
    page = render_page(
        "docs.html",
        ("page.css", "docs.css"),
        book=book,
        kb=book.kb,
        chapters=[(it, f"#{it.anchor}" if it in shown else it.file) for it in chapters],
        shown=shown,
        single=single,
        answers=answers,
        to=to,
        prose=Prose(book.kb),
        phrases=Phrases(book.kb, {}),
        values=_values,
        further_words=further_words,
        further_unit=further_unit,
        draw=lambda kind, name: Markup(graph_of(book, kind, name)),
        unfolded=lambda: unfolded(book),
        most=_CASES_SHOWN,
        words=_words,
        standing=STANDING,
        kinds=KINDS,
        sorts=_REFERENCES,
        covered=COVERED,
        verdicts=VERDICT,
        witness_lines=witness_lines,
        life=life_of,
        expert=__version__,
    )
    return page.encode()


def _words(name: str) -> str:
    """A name of the knowledge language as words."""
    return name.replace("-", " ").replace("_", " ")


def _values(finding: Finding) -> str:
    """The values that a finding may have, in words."""
    if finding.kind is Kind.YES_NO:
        return "yes or no"
    if finding.kind is Kind.QUANTITY:
        return finding.written_range.replace("..", "to")
    return ", ".join(map(_words, finding.values))
