"""A text shouts, in capitals or with an exclamation mark."""

import re
from collections.abc import Iterator

from expert.check.lints.lint import Found, Knowledge, lint
from expert.lang.errors import quoted

_TWO_WORDS = re.compile(r"(?=\b([^\W\d_]{4,}\s+[^\W\d_]{4,})\b)")  # one word in capitals may be an abbreviation


@lint("warning")
def check(knowledge: Knowledge) -> Iterator[Found]:
    """An exclamation mark, or two long words in capitals."""
    for text in knowledge.texts:
        loud = (two[1] for two in _TWO_WORDS.finditer(text.text) if two[1].isupper())
        if shout := "!" if "!" in text.text else next(loud, ""):
            yield Found(f"{quoted(shout)} shouts", text.at_part(shout), text.subject)
