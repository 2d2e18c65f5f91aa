"""The title of a rule does not read as a sentence."""

from collections.abc import Iterator

from expert.check.lints.lint import Found, Knowledge, lint

_SHORTEST = 3  # no sentence has fewer words ...
_LONGEST = 120  # ... and no title more letters


@lint("warning")
def check(knowledge: Knowledge) -> Iterator[Found]:
    """Titles of rules that are certainly no sentence; most that pass are."""
    for text in knowledge.texts:
        if text.path[0] == "rules" and text.path[2:] == ("title",) and (wrong := _wrong_with(text.text)):
            yield Found(f"the title {wrong}", text.at, text.subject)


def _wrong_with(title: str) -> str:
    words = title.split()
    first = words[0] if words else ""
    if title and title[-1] in ".,;:!?":
        return f"ends with {title[-1]!r}"
    if first[:1].islower() and first.islower():
        return "begins in lower case"
    if "_" in title:
        return "contains an identifier instead of words"
    if len(words) < _SHORTEST:
        return f"has {len(words)} word{'s' if len(words) != 1 else ''}, too few for a sentence"
    return f"is longer than {_LONGEST} letters" if len(title) > _LONGEST else ""
