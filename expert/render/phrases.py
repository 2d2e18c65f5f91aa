"""Findings, values and premises as sentences name them: by the titles of the vocabulary, panels as one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

from expert.answer.assessment import Assessment, NearThreshold, NotEnough
from expert.answer.unrecorded import Unrecorded
from expert.lang.facts import Background, Question
from expert.lang.model import KnowledgeBase
from expert.lang.premises import OPPOSITE, Compare, Concluded, In, Is, Literal, Premise, signed
from expert.lang.units import word_written, write_given, write_value
from expert.lang.values import Facts, Value
from expert.lang.vocabulary import AMOUNT, Finding, FurtherUnit, Kind, Panel
from expert.render.plain import counted

T = TypeVar("T")

STATUS = {"unsupported": "not supported", "offered": "on offer"}
"""Statuses in words, where they differ."""

STANDING = {
    "supported": "supported by current guidance",
    "optional": "",
    "not_recommended": "not recommended by current guidance",
}
"""What current guidance says of an option, in words."""

ORIGIN = {
    "given": "given",
    "default": "the site's default",
    "forced": "follows from the other facts",
    "presumed": "assumed",
    "case": "in this case",
    "idle": "not needed",
    "unknown": "not known",
}
"""Where a fact comes from, in words."""

_AMOUNTS = {"<": "less than {}", "<=": "{} or less", ">": "more than {}", ">=": "{} or more"}
_FROM = {">": "more than {}", ">=": "{}"}
_TO = {"<": "to less than {}", "<=": "to {}"}
_MOST_VALUES = 3  # alternatives are listed up to so many; of more, what is left out is named

_SIGNS = {"<": "less than", "<=": "at most", ">": "more than", ">=": "at least"}


class Stated(NamedTuple):
    """A finding with its value, or a panel with all those members of it that have the value of *none of these*."""

    title: str
    value: str
    note: str = ""
    members: tuple[str, ...] = ()


class Phrases:
    """Words for the findings of one knowledge base; ``written`` has quantities as they were written."""

    def __init__(self, kb: KnowledgeBase, written: Mapping[str, str]) -> None:
        self.kb, self.written = kb, written

    def title(self, finding: str) -> str:
        """The title of a finding; any other word stays as it is."""
        return self.kb.findings[finding].title if finding in self.kb.findings else finding

    def value(self, finding: str, value: Value | None) -> str:
        """A value in words; of a quantity, as it was written."""
        if isinstance(value, float):
            return write_given(self.kb.findings[finding], value, self.written.get(finding))
        return write_value(self.kb.findings[finding], value).replace("_", " ")

    def short(self, finding: str) -> str:
        """A finding in a few words, as within a list."""
        it = self.kb.findings[finding]
        return it.short or within(it.title)

    def fact(self, finding: str, value: Value) -> str:
        """A value of a finding as a fact in words, such as ``no fever`` or ``14 weeks of treatment``."""
        it, short = self.kb.findings[finding], self.short(finding)
        if it.kind is Kind.QUANTITY:
            return self._amount(finding, self.value(finding, value))
        word = write_value(it, value)
        default = f"{short}: {word.replace('_', ' ')}"
        return it.said.get(word) or {"yes": short, "no": f"no {short}"}.get(word, default)

    def circumstances(self, row: Unrecorded) -> list[str]:
        """What is not recorded, in words; of the yes/no findings of a panel, the findings."""
        return [
            self.short(it.finding) if row.panel and isinstance(it, Is) and it.value is True else self.circumstance(it)
            for it in row.premises
        ]

    def destination(self, row: Unrecorded) -> str:
        """The steps to which what is not recorded would lead."""
        return together([within(self.kb.steps[step].title) for step in row.steps], "or")

    def circumstance(self, premise: Premise) -> str:
        """A premise about findings as a fact in words, such as ``more than 3 months of treatment``."""
        found = list(_literals(premise))
        if len(found) == 2 and (between := self._between(*(it for it, holds in found if holds))):
            return between
        return " and ".join(self._circumstance(it, holds) for it, holds in found)

    def _between(self, *bounds: Literal) -> str:
        """Two bounds of one quantity as one amount: the only value between them, if there is one."""
        match bounds:
            case (
                Compare(finding=name, operator=">" | ">=" as above, threshold=low, written=least),
                Compare(finding=other, operator="<" | "<=" as below, threshold=high, written=most),
            ) if name == other:
                step = self.kb.findings[name].resolution
                if (above, below) == (">", "<") and step and high - low == 2 * step:
                    return self._amount(name, self.value(name, low + step))
                return self._amount(name, f"{_FROM[above].format(least)} {_TO[below].format(most)}")
        return ""

    def _circumstance(self, literal: Literal, holds: bool) -> str:
        finding = self.kb.findings[literal.finding]
        match literal:
            case Is(value=bool() as value):
                return self.fact(finding.name, value is holds)
            case Compare(operator=sign, written=bound):
                return self._amount(finding.name, _AMOUNTS[sign if holds else OPPOSITE[sign]].format(bound))
        named = (literal.value,) if isinstance(literal, Is) else literal.values
        values = [value for value in finding.values if (value in named) is holds]
        if len(values) > _MOST_VALUES:
            return f"not {together([self.fact(finding.name, value) for value in named], 'or')}"
        return together([self.fact(finding.name, value) for value in values], "or")

    def _amount(self, finding: str, amount: str) -> str:
        template = self.kb.findings[finding].said.get(AMOUNT, f"{self.short(finding)} {{}}")
        return template.replace("{}", amount)

    def premise(self, premise: Premise) -> str:
        """A premise about one finding in words, such as ``Duration: more than 3 months``."""
        return " and ".join(f"{self.title(it.finding)}: {said(it, holds)}" for it, holds in _literals(premise))

    def answer(self, premise: Premise) -> str:
        """A premise about one finding without its title, such as ``more than 3 months``."""
        return " and ".join(said(it, holds) for it, holds in _literals(premise))

    def stated(self, findings: Iterable[str], values: Facts, note: str = "") -> tuple[Stated, ...]:
        """Findings with their values; members of a panel with the values of *none of these* are one."""
        panels, left = by_panel(self.kb, findings, of_none(values))
        whole = (
            Stated(
                panel.title,
                "none" if len(members) == len(panel.members) else "none of these",
                note,
                tuple(map(self.title, members)),
            )
            for panel, members in panels
        )
        singles = (
            Stated(self.title(name), self.value(name, values.get(name)), note or self.word(name)) for name in left
        )
        return (*whole, *singles)

    def word(self, finding: str) -> str:
        """The remark that the value of a finding was written as a word of the vocabulary; empty if it was not."""
        return word_written(self.kb.findings[finding], self.written.get(finding))


def further_unit(unit: FurtherUnit) -> str:
    """What a vocabulary says of a unit: how much it is, and how else it is written."""
    also = f"also written {', '.join(unit.also)}" if unit.also else ""
    return "; ".join(filter(None, [unit.amount, also])) or "a unit that measures something of its own"


def further_words(finding: Finding) -> str:
    """The further words for values of a finding, each value with its own."""
    by_value: dict[Value, list[str]] = {}
    for word, value in finding.also.items():
        by_value.setdefault(value, []).append(word)
    return "; ".join(f"{', '.join(words)} as {write_value(finding, value)}" for value, words in by_value.items())


def said(literal: Literal, holds: bool = True) -> str:
    """The values of a finding with which a premise holds, or fails: ``moderate or severe``, ``at most 3 months``."""
    match literal:
        case Is(value=bool() as value):
            return "yes" if value is holds else "no"
        case Is(value=value):
            return f"{'' if holds else 'not '}{value}".replace("_", " ")
        case In(values=values):
            return f"{'' if holds else 'neither '}{(' or ' if holds else ' nor ').join(values)}".replace("_", " ")
        case Compare(operator=sign, written=bound):
            return f"{_SIGNS[sign if holds else OPPOSITE[sign]]} {bound}"


def _literals(premise: Premise) -> Iterator[tuple[Literal, bool]]:
    return ((leaf, holds) for leaf, holds in signed(premise) if not isinstance(leaf, Concluded))


def nearness(value: str, near: NearThreshold) -> str:
    """How near a value, as it was written, is to a threshold."""
    if near.exact:
        return f"{value} is the threshold itself, to within {near.resolution}"
    return f"{value} is within {near.resolution} of the threshold {near.threshold}"


def certainty(it: Assessment) -> str:
    """The kind of an answer in words: it speaks of the step alone where an alert is not ruled out."""
    return "step certain" if it.answer == "certain" and it.not_ruled_out else it.answer


def sureness(it: Assessment, rows: Sequence[Unrecorded]) -> str:
    """How sure an answer is, and how many of the questions about what is not recorded are open; a panel is one."""
    if it.answer == "certain":
        return certainty(it)
    single = {premise for row in rows if not row.panel for premise in row.premises}
    number = len({row.panel for row in rows if row.panel}) + len(single)
    asked = f"{counted(number, 'question')} unanswered" if number else ""
    return ": ".join(filter(None, ["" if it.not_enough and asked else it.answer, asked]))


def scores(kb: KnowledgeBase, it: Assessment) -> Iterator[str]:
    """The points of each score, with the presumptions where these add to what is known."""
    for name, points in it.scores.items():
        presumed = f" ({points.presumed} as assumed)" if points.presumed != points.known else ""
        yield f"{kb.findings[name].title} {points.known}{presumed}"


def deciding(it: Assessment) -> set[str]:
    """The known findings behind the arguments for the recommended step."""
    return {name for argument in (it.step.supports if it.step else ()) if argument.holds for name in argument.facts}


def behind_the_step(kb: KnowledgeBase, it: Assessment) -> tuple[list[str], list[str]]:
    """The given findings behind the recommended step that are not usual, and all others, the unusual ones first."""
    given = it.background.given
    unusual = {name for name, value in given.items() if value != kb.findings[name].usual}
    behind = [name for name in given if name in deciding(it) & unusual]
    others = sorted((name for name in given if name not in behind), key=lambda name: name not in unusual)
    return behind, others


def presumed_usual(it: NotEnough) -> str:
    """What a step rests on, where too little is recorded for an answer."""
    if it.said_unknown and not it.nothing_recorded:
        return "Assumed as usual, also in what is unknown"
    return f"Assumed as usual in {'everything' if it.nothing_recorded else 'all else'}"


def too_little(kb: KnowledgeBase, it: NotEnough) -> str:
    """Why too little is recorded for an answer."""
    nothing = "no finding about the patient is recorded" if it.nothing_recorded else ""
    named = ", ".join(panels_and_names(kb, it.said_unknown))
    unknown = f"said to be unknown, and could call for another step first: {named}" if named else ""
    others = ", ".join(panels_and_names(kb, it.not_presumed))
    without = f"not assumed, and could call for another step first: {others}" if others else ""
    words = "; ".join(filter(None, (nothing, unknown, without)))
    return f"{words[:1].upper()}{words[1:]}"


def panels_and_names(kb: KnowledgeBase, findings: Iterable[str]) -> list[str]:
    """Findings by their names, a panel whose members are all among them by its own."""
    left = list(findings)
    whole = [panel for panel in kb.panels.values() if panel.members.keys() <= {*left}]
    members = {name for panel in whole for name in panel.members}
    return [panel.name for panel in whole] + [name for name in left if name not in members]


def asked(kb: KnowledgeBase, question: Question) -> str:
    """A question, after the title of its panel; of some members of a panel, with their titles."""
    if not question.panel:
        return question.ask
    panel = kb.panels[question.panel]
    titles = (within(kb.findings[name].title) for name in question.findings)
    some = f" ({', '.join(titles)})" if len(question.findings) < len(panel.members) else ""
    return f"{panel.title}: {question.ask}{some}"


def within(title: str) -> str:
    """A title within a sentence; abbreviations keep their capitals."""
    return title[:1].lower() + title[1:] if title[1:2].islower() else title


def together(titles: Sequence[str], word: str = "and") -> str:
    """Several titles as a list within a sentence."""
    return f" {word} ".join(filter(None, [", ".join(titles[:-1]), titles[-1] if titles else ""]))


def by_panel(
    kb: KnowledgeBase, items: Iterable[T], belongs: Callable[[T, Panel], bool], least: int = 2
) -> tuple[list[tuple[Panel, list[T]]], list[T]]:
    """The panels with at least so many of the items, each with these, and the items that are left."""
    left, panels = list(items), []
    for panel in kb.panels.values():
        members = [it for it in left if belongs(it, panel)]
        if len(members) >= least:
            panels.append((panel, members))
            left = [it for it in left if it not in members]
    return panels, left


def not_presumed(background: Background) -> Iterator[tuple[list[str], Facts]]:
    """The findings whose usual value is not presumed on account of the same facts, with these facts."""
    left = dict(background.not_presumed)
    for facts in background.not_presumed.values():
        if names := [name for name, its in left.items() if its == facts]:
            yield names, facts
            left = {name: its for name, its in left.items() if name not in names}


def of_none(values: Mapping[str, Value]) -> Callable[[str, Panel], bool]:
    """Whether a finding is a member of a panel with the value of *none of these*."""
    return lambda name, panel: name in panel.members and values.get(name) == panel.members[name]
