"""A question does not end with a question mark."""

from collections.abc import Iterator

from expert.check.lints.knowledge import Knowledge
from expert.check.lints.lint import Found, lint


@lint(
    "warning",
    "A question does not end with a question mark",
    remedy="write a whole question, with a question mark at its end",
)
def check(knowledge: Knowledge) -> Iterator[Found]:
    """Texts that are asked."""
    for text in knowledge.texts:
        if text.path[-1] == "ask" and not text.text.endswith("?"):
            yield Found("the question does not end with a question mark", text.at, text.subject)
