"""Lints of the texts that people are shown."""

from __future__ import annotations

import re
from collections.abc import Iterator

from expert.check.lints.lint import Found, Knowledge, Lint, Text
from expert.lang.errors import Location, quoted
from expert.read.source import location

_SHORTEST = 3  # no sentence has fewer words ...
_LONGEST = 120  # ... and no title more letters
_SAME = {"concluded": "findings"}

_UNITS = r"mg|mcg|µg|μg|ug|ml|cc|IU|mmol|mEq|(?:milli|micro)(?:gram|litre|liter)s?|tablets?|capsules?|ampoules?|puffs?"
_DOSE = re.compile(
    rf"(?<![\d.,])\d[\d.,]*\s*(?:{_UNITS})\b"
    r"|\b(?:mg|mcg|µg|μg|ug|g|ml|IU)\s*/\s*(?:kg|m2|m²|day|d|h|hour|dose)\b"
    r"|(?<![\d.,])\d[\d.,]*\s*(?:g|grams?)\s+(?:daily|(?:a|per) (?:day|dose))\b"
    r"|\b(?:(?:once|twice) daily|\w+ times (?:daily|(?:a|per) day))\b",
    re.IGNORECASE,
)
_MARKUP = re.compile(
    r"</?[A-Za-z][^<>]*>"  # a tag
    r"|&(?:[A-Za-z]{2,8}|#\d+|#x[0-9A-Fa-f]+);"  # a character by its name
    r"|\*\*[^*]+\*\*|__[^_]+__|`[^`]+`|\[[^\[\]]+\]\([^()]+\)"  # bold, code, a link
)
_TWO_WORDS = re.compile(r"(?=\b([^\W\d_]{4,}\s+[^\W\d_]{4,})\b)")  # one word in capitals may be an abbreviation


def _titles_that_are_no_sentence(knowledge: Knowledge) -> Iterator[Found]:
    for text in knowledge.texts:
        if text.path[0] == "rules" and text.path[2:] == ("title",):
            title = text.node.text
            if wrong := _wrong_with(title):
                yield Found(f"the title {wrong}", location(text.node), text.subject)


def _wrong_with(title: str) -> str:
    """Why a title is certainly no sentence as titles are; most that pass are."""
    words = title.split()
    first = words[0] if words else ""
    if title and title[-1] in ".,;:!?":
        return f"ends with {title[-1]!r}"
    if first[:1].islower() and first.islower():
        return "begins in lower case"
    if "_" in title:
        return "has a name of the language in it, not words"
    if len(words) < _SHORTEST:
        return f"has {len(words)} word{'s' if len(words) != 1 else ''}, too few for a sentence"
    return f"is longer than {_LONGEST} letters" if len(title) > _LONGEST else ""


def _duplicate_titles(knowledge: Knowledge) -> Iterator[Found]:
    first: dict[tuple[tuple[str, ...], str], Text] = {}
    for text in knowledge.texts:
        of_a_case = text.path == ("name",)
        if not of_a_case and (text.path[-1] != "title" or len(text.path) < 3):
            continue
        kind = tuple(_SAME.get(part, part) for part in text.path[:-2])
        before = first.setdefault((kind, " ".join(text.node.text.casefold().split())), text)
        if before is not text:
            message = f"{'another case' if of_a_case else before.subject} has this title too"
            yield Found(message, location(text.node), text.subject, ((location(before.node), "the same title"),))


def _unasked_questions(knowledge: Knowledge) -> Iterator[Found]:
    for text in knowledge.texts:
        if text.path[-1] == "ask" and not text.node.text.endswith("?"):
            yield Found("the question does not end with a question mark", location(text.node), text.subject)


def _doses(knowledge: Knowledge) -> Iterator[Found]:
    for text in knowledge.texts:
        if found := _DOSE.search(text.node.text):
            yield Found(f"{quoted(found[0])} reads as a dose", text.at(found[0]), text.subject)


def _shouts(knowledge: Knowledge) -> Iterator[Found]:
    for text in knowledge.texts:
        loud = (two[1] for two in _TWO_WORDS.finditer(text.node.text) if two[1].isupper())
        if shout := "!" if "!" in text.node.text else next(loud, ""):
            yield Found(f"{quoted(shout)} shouts", text.at(shout), text.subject)


def _markup(knowledge: Knowledge) -> Iterator[Found]:
    for text in knowledge.texts:
        if found := _MARKUP.search(text.node.text):
            yield Found(f"{quoted(found[0])} is markup, which is shown as it stands", text.at(found[0]), text.subject)
        unseen = next((char for char in text.node.text if not char.isprintable() and char != "\n"), "")
        if unseen:
            message = f"the character U+{ord(unseen):04X} cannot be seen"
            yield Found(message, _of_char(text, unseen), text.subject)


def _of_char(text: Text, char: str) -> Location:
    """Where a character stands in a text; where the text begins, if the file has it as an escape."""
    at = text.at(char)
    return at if char in text.node.source.line(at.line) else location(text.node)


LINTS = (
    Lint(
        "title-not-a-sentence",
        "warning",
        "The title of a rule does not read as a sentence",
        "write a short sentence with a verb, beginning with a capital, without a full stop",
        """\
# rules/light.yaml
rules:
  scorched-leaves-want-shade:
    title: Scorched leaves.
    when: scorched
    then: supports shading
    because: The sun has burnt them.
    cite: [S01]
""",
        """\
# rules/light.yaml
rules:
  scorched-leaves-want-shade:
    title: Scorched leaves want shade
    when: scorched
    then: supports shading
    because: The sun has burnt them.
    cite: [S01]
""",
        "The title is the argument that is read: one that claims nothing cannot be agreed with or signed.",
        _titles_that_are_no_sentence,
    ),
    Lint(
        "duplicate-title",
        "warning",
        "Two things of one kind have the same title",
        "say in each title what tells the two apart",
        """\
# ladder.yaml
alerts:
  frost:
    title: Protect the plant
    text: Bring it in tonight.
  hail:
    title: Protect the plant
    text: Cover it.
""",
        """\
# ladder.yaml
alerts:
  frost:
    title: Protect the plant from frost
    text: Bring it in tonight.
  hail:
    title: Protect the plant from hail
    text: Cover it.
""",
        "People see titles and not ids, and cannot tell which of the two is meant.",
        _duplicate_titles,
    ),
    Lint(
        "ask-without-question-mark",
        "warning",
        "A question does not end with a question mark",
        "write a whole question, with a question mark at its end",
        """\
# vocabulary.yaml
findings:
  in_flower:
    title: Flowers
    ask: Flowers present
    type: yes_no
    usual: no
    group: plant
---
# rules/light.yaml
rules:
  flowers-want-light:
    title: A plant in flower wants light
    when: in_flower
    then: excludes shading
    because: Flowers close in the shade.
    cite: [S01]
""",
        """\
# vocabulary.yaml
findings:
  in_flower:
    title: Flowers
    ask: Is the plant in flower?
    type: yes_no
    usual: no
    group: plant
---
# rules/light.yaml
rules:
  flowers-want-light:
    title: A plant in flower wants light
    when: in_flower
    then: excludes shading
    because: Flowers close in the shade.
    cite: [S01]
""",
        "A heading in place of a question leaves it to the reader what a yes would mean.",
        _unasked_questions,
    ),
    Lint(
        "dose-in-text",
        "error",
        "A text names a dose",
        "name the class of the substance and leave the amount to those who prescribe it",
        """\
# ladder.yaml
alerts:
  pests:
    title: Pests are spreading
    text: Spray 20 ml twice a day.
""",
        """\
# ladder.yaml
alerts:
  pests:
    title: Pests are spreading
    text: Ask a gardener which spray suits the plant.
""",
        "A rule knows neither weight nor kidneys nor what else is taken, and a dose on a screen is followed.",
        _doses,
    ),
    Lint(
        "markup-in-text",
        "warning",
        "A text has markup or characters that cannot be seen",
        "write plain words; how they look is decided where they are shown",
        """\
# ladder.yaml
alerts:
  frost:
    title: Frost is coming
    text: Bring the plant in <b>tonight</b>.
""",
        """\
# ladder.yaml
alerts:
  frost:
    title: Frost is coming
    text: Bring the plant in tonight.
""",
        "Texts are shown as they stand, on terminals, on pages and in records: tags appear as tags, and what cannot be "
        "seen can mislead.",
        _markup,
    ),
    Lint(
        "shouting-in-text",
        "warning",
        "A text shouts, in capitals or with an exclamation mark",
        "say calmly what is so, and let the kind of notice carry its weight",
        """\
# ladder.yaml
alerts:
  frost:
    title: Frost is coming
    text: BRING THIS PLANT INSIDE tonight!
""",
        """\
# ladder.yaml
alerts:
  frost:
    title: Frost is coming
    text: Bring this plant inside tonight.
""",
        "Where every notice shouts, none is heard.",
        _shouts,
    ),
)
