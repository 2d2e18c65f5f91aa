"""Another case has the same patient and expects at least as much."""

from collections.abc import Iterator

from expert.check.lints.lint import Found, Knowledge, lint
from expert.lang.values import Value


@lint("warning")
def check(knowledge: Knowledge) -> Iterator[Found]:
    """Cases that another covers; of two that expect the same, the later one."""
    cases = knowledge.cases
    same_patient: dict[frozenset[tuple[str, Value]], list[int]] = {}
    for index, case in enumerate(cases):
        same_patient.setdefault(frozenset(case.patient.facts.items()), []).append(index)
    expected = [{(it.what, it.name, it.value) for it in case.expected} for case in cases]
    for group in same_patient.values():
        for index in group:
            mine = expected[index]
            covering = (it for it in group if mine < expected[it] or (mine == expected[it] and it < index))
            if (other := next(covering, None)) is not None:
                as_much = "the same" if mine == expected[other] else "all of this and more"
                message = f"another case has the same patient and expects {as_much}"
                yield Found(message, cases[index].at, cases[index].name, ((cases[other].at, cases[other].name),))
