"""A text has markup or characters that cannot be seen."""

import re
from collections.abc import Iterator

from expert.check.lints.lint import Found, Knowledge, lint
from expert.lang.errors import quoted

_MARKUP = re.compile(
    r"</?[A-Za-z][^<>]*>"  # a tag
    r"|&(?:[A-Za-z]{2,8}|#\d+|#x[0-9A-Fa-f]+);"  # a character by its name
    r"|\*\*[^*]+\*\*|__[^_]+__|`[^`]+`|\[[^\[\]]+\]\([^()]+\)"  # bold, code, a link
)


@lint("warning")
def check(knowledge: Knowledge) -> Iterator[Found]:
    """The first markup, and the first character that is not printed."""
    for text in knowledge.texts:
        if found := _MARKUP.search(text.text):
            message = f"{quoted(found[0])} is markup, which is displayed literally"
            yield Found(message, text.at_part(found[0]), text.subject)
        unseen = next((char for char in text.text if not char.isprintable() and char != "\n"), "")
        if unseen:
            at = text.at_part(unseen)
            as_escape = unseen not in text.node.source.line(at.line)
            message = f"the character U+{ord(unseen):04X} cannot be seen"
            yield Found(message, text.at if as_escape else at, text.subject)
