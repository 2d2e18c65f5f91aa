"""A step cites nothing."""

from collections.abc import Iterator

from expert.check.lints.lint import Found, Knowledge, lint


@lint("warning")
def check(knowledge: Knowledge) -> Iterator[Found]:
    """Rules and options cannot be read without a citation; steps can."""
    for step in knowledge.kb.steps.values():
        if not step.cite:
            yield Found(f"the step {step.name} cites nothing", step.at, step.name)
