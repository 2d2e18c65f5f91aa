"""Two things of one kind have the same title."""

from collections.abc import Iterator

from expert.check.lints.lint import Found, Knowledge, ShownText, lint

_SAME_KIND = {"concluded": "findings"}


@lint("warning")
def check(knowledge: Knowledge) -> Iterator[Found]:
    """The later of two titles, or names of cases, that differ at most in capitals and spaces."""
    first: dict[tuple[tuple[str, ...], str], ShownText] = {}
    for text in knowledge.texts:
        of_a_case = text.path == ("name",)
        if not of_a_case and (text.path[-1] != "title" or len(text.path) < 3):
            continue
        kind = tuple(_SAME_KIND.get(part, part) for part in text.path[:-2])
        before = first.setdefault((kind, " ".join(text.text.casefold().split())), text)
        if before is not text:
            message = f"{'another case' if of_a_case else before.subject} has this title too"
            yield Found(message, text.at, text.subject, ((before.at, "the same title"),))
