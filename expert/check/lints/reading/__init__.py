"""A file cannot be read as what it should be."""

from expert.check.lints.lint import Found, Knowledge, lint


@lint("error")
def check(_: Knowledge) -> tuple[Found, ...]:
    """Nothing: the problems of reading are faults of this lint, and where there are some no lint runs."""
    return ()
