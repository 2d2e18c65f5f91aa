"""The reason of a rule says only what its title says."""

import re
from collections.abc import Iterator

from expert.check.lints.lint import Found, Knowledge, lint

_WITHOUT_MEANING = re.compile("that|this|these|those|they|them|what|which|with|from|when|have|been|were")


@lint("warning")
def check(knowledge: Knowledge) -> Iterator[Found]:
    """Reasons in which every meaningful word is also in the title."""
    titles = {text.path[:2]: text.text for text in knowledge.texts if text.path[2:] == ("title",)}
    for text in knowledge.texts:
        title = titles.get(text.path[:2], "") if text.path[-1] == "because" else ""
        reason = _stems(text.text) if title else set()
        if reason and reason <= _stems(title):
            yield Found("the reason says only what the title says", text.at, text.subject)


def _stems(text: str) -> set[str]:
    """The beginnings of the meaningful words of a text."""
    words = re.findall(r"\w+", text.casefold())
    return {word[:5] for word in words if (len(word) > 3 and not _WITHOUT_MEANING.fullmatch(word)) or word.isdigit()}
