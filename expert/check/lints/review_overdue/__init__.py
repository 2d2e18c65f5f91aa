"""The day on which the knowledge was to be reviewed has passed."""

from collections.abc import Iterator

from expert.check.lints.knowledge import Knowledge
from expert.check.lints.lint import Found, lint
from expert.read.source import location


@lint(
    "warning",
    "The day on which the knowledge was to be reviewed has passed",
    remedy="review the knowledge against its sources, then set 'reviewed' and 'review_due' anew",
)
def check(knowledge: Knowledge) -> Iterator[Found]:
    """The day itself is not too late."""
    if knowledge.kb.review_overdue(knowledge.today):
        at = location(knowledge.about["review_due"])
        yield Found(f"the review was due on {knowledge.kb.review_due}", at, "review_due")
