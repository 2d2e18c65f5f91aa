"""A waiver has no reason, names no check, or waives nothing."""

from expert.check.lints.knowledge import Knowledge
from expert.check.lints.lint import Found, lint


@lint(
    "warning",
    "A waiver has no reason, names no check, or waives nothing",
    remedy="write '# waive NAME: reason' on the line of the fault or above it, or delete the waiver",
)
def check(_: Knowledge) -> tuple[Found, ...]:
    """Nothing: only when all else is found is it known what a waiver waives (`expert.check.waivers`)."""
    return ()
