"""A waiver has no reason, names no check, or waives nothing."""

from expert.check.lints.lint import Found, Knowledge, lint


@lint("warning")
def check(_: Knowledge) -> tuple[Found, ...]:
    """Nothing: only when all else is found is it known what a waiver waives (`expert.check.waivers`)."""
    return ()
