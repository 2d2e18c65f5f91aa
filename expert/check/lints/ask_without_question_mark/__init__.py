"""A question does not end with a question mark."""

from collections.abc import Iterator

from expert.check.lints.lint import Found, Knowledge, lint


@lint("warning")
def check(knowledge: Knowledge) -> Iterator[Found]:
    """Texts that are asked."""
    for text in knowledge.texts:
        if text.path[-1] == "ask" and not text.text.endswith("?"):
            yield Found("the question does not end with a question mark", text.at, text.subject)
