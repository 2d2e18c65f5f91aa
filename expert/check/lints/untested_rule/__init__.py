"""A rule holds in no case."""

from collections.abc import Iterator

from expert.check.lints.lint import Found, Knowledge, lint


@lint("warning")
def check(knowledge: Knowledge) -> Iterator[Found]:
    """Presumptions count: a rule may hold in a case that does not give all that it reads."""
    left = dict(knowledge.kb.rules)
    for evaluation in knowledge.evaluations:
        for name in [name for name in left if evaluation.concluded(("rule", name))]:
            del left[name]
    for rule in left.values():
        yield Found(f"{rule.id} holds in no case", rule.at, rule.id)
