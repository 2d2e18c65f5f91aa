"""A file cannot be read as what it should be."""

from expert.check.lints.knowledge import Knowledge
from expert.check.lints.lint import Found, lint


@lint(
    "error",
    "A file cannot be read as what it should be",
    remedy="follow the message: it says what was expected, and the nearest right spelling",
)
def check(_: Knowledge) -> tuple[Found, ...]:
    """Nothing: the problems of reading are faults of this lint, and where there are some no lint runs."""
    return ()
