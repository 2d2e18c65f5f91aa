"""The name or the title of a quantity holds a unit."""

import re
from collections.abc import Iterator

from expert.check.lints.lint import Found, Knowledge, lint
from expert.lang.dimensions import NUMBER
from expert.lang.vocabulary import Finding


@lint("warning")
def check(knowledge: Knowledge) -> Iterator[Found]:
    """Names with a unit of the finding's own dimension."""
    for finding in knowledge.kb.given.values():
        if word := _unit_in(finding):
            yield Found(f"{word!r} is a unit, and {finding.name} has one of its own", finding.at, finding.name)


def _unit_in(finding: Finding) -> str:
    """A unit after the first word of the name of a quantity, or at the end of its title; empty if there is none."""
    if finding.unit is None or finding.unit == NUMBER:
        return ""
    ending = re.search(r"(?:\(|\bin )(\w+)\)?$", finding.title)
    words = [word for word in finding.name.split("_")[1:] if len(word) > 1] + ([ending[1]] if ending else [])
    units = ((word, finding.units.named(word)) for word in words)
    return next((word for word, unit in units if unit and unit.dimension == finding.unit.dimension), "")
