"""A text names a dose."""

import re
from collections.abc import Iterator

from expert.check.lints.lint import Found, Knowledge, lint
from expert.lang.errors import quoted

_UNITS = r"mg|mcg|µg|μg|ug|ml|cc|IU|mmol|mEq|(?:milli|micro)(?:gram|litre|liter)s?|tablets?|capsules?|ampoules?|puffs?"
_MEASURED = r"(?:ml\s*/\s*min|\w+\s*/\s*d?l)\b"  # filtration, and what a laboratory reports
_DOSE = re.compile(
    rf"(?<![\d.,])\d[\d.,]*\s*(?!{_MEASURED})(?:{_UNITS})\b"
    r"|\b(?:mg|mcg|µg|μg|ug|g|ml|IU)\s*/\s*(?:kg|m2|m²|day|d|h|hour|dose)\b"
    r"|(?<![\d.,])\d[\d.,]*\s*(?:g|grams?)\s+(?:daily|(?:a|per) (?:day|dose))\b"
    r"|\b(?:(?:once|twice) daily|\w+ times (?:daily|(?:a|per) day))\b",
    re.IGNORECASE,
)


@lint("error")
def check(knowledge: Knowledge) -> Iterator[Found]:
    """An amount of a substance, an amount by weight or time, or how often it is taken."""
    for text in knowledge.texts:
        if found := _DOSE.search(text.text):
            yield Found(f"{quoted(found[0])} reads as a dose", text.at_part(found[0]), text.subject)
