"""A threshold has no case below it, at it or above it."""

from collections.abc import Iterator, Set

from expert.check.lints.lint import Found, Knowledge, lint
from expert.lang.premises import Compare, literals
from expert.lang.vocabulary import Finding


@lint("warning")
def check(knowledge: Knowledge) -> Iterator[Found]:
    """Thresholds of rules and scores, each where it is first read."""
    first: dict[tuple[str, float], Compare] = {}
    kb = knowledge.kb
    for premise in (*(rule.premise for rule in kb.rules.values()), *kb.scored):
        for literal in literals(premise):
            if isinstance(literal, Compare) and literal.finding in kb.inputs:
                first.setdefault((literal.finding, literal.threshold), literal)
    numbers = {name: _numbers(knowledge, name) for name, _ in first}
    for (name, threshold), literal in first.items():
        missing = _missing_sides(kb.findings[name], threshold, numbers[name])
        if missing and literal.at:
            where = " or ".join(filter(None, [", ".join(missing[:-1]), missing[-1]]))
            message = f"no case has {name} {where} {literal.written}"
            yield Found(message, literal.at, f"{name} {literal.written}")


def _numbers(knowledge: Knowledge, finding: str) -> set[float]:
    values = (background.known.get(finding) for background in knowledge.backgrounds)
    return {value for value in values if isinstance(value, float)}


def _missing_sides(finding: Finding, threshold: float, numbers: Set[float]) -> list[str]:
    """The sides of a threshold, within the range of the finding, on which there is no value."""
    sides = {
        "below": threshold <= finding.low or any(number < threshold for number in numbers),
        "at": threshold in numbers,
        "above": threshold >= finding.high or any(number > threshold for number in numbers),
    }
    return [side for side, there in sides.items() if not there]
