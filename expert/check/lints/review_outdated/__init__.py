"""A rule has changed since it was reviewed."""

from collections.abc import Iterator

from expert.check.lints.lint import Found, Knowledge, lint
from expert.lang.reviews import outdated


@lint("warning")
def check(knowledge: Knowledge) -> Iterator[Found]:
    """Rules whose text is no longer the one that was reviewed."""
    for rule in knowledge.kb.written_rules.values():
        for review in outdated(rule):
            yield Found(f"{rule.id} has changed since {review.by} reviewed it on {review.on}", rule.at, rule.id)
