"""A finding that can decide a step has no usual value."""

from collections.abc import Iterator

from expert.check.lints.lint import Found, Knowledge, lint


@lint("warning")
def check(knowledge: Knowledge) -> Iterator[Found]:
    """Inputs below the recommendation of some step."""
    kb, inputs = knowledge.kb, knowledge.definitions.inputs
    deciding = frozenset[str]().union(*(inputs["recommended", step] for step in kb.steps))
    for finding in kb.inputs.values():
        if finding.name in deciding and finding.usual is None and finding.default is None:
            yield Found(f"{finding.name} can decide a step and has no usual value", finding.at, finding.name)
