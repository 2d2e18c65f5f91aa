"""The day on which the knowledge was to be reviewed has passed."""

from collections.abc import Iterator

from expert.check.lints.lint import Found, Knowledge, lint
from expert.read.source import location


@lint("warning")
def check(knowledge: Knowledge) -> Iterator[Found]:
    """The day itself is not too late."""
    if knowledge.kb.review_overdue(knowledge.today):
        at = location(knowledge.about["review_due"])
        yield Found(f"the review was due on {knowledge.kb.review_due}", at, "review_due")
