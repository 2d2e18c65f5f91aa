"""What differs between two stored answers, and the definitions behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from expert.lang.observables import (
    KINDS,
    Difference,
    Key,
    Kind,
    Observable,
    State,
    differences,
    state,
    value_status,
    word_of,
)
from expert.lang.premises import Name


def answer_differences(old: dict[str, Any], new: dict[str, Any]) -> Iterator[Difference]:
    """What differs between two answers, without findings that only one has and options that only one lists."""
    before, after = (dict(_states(it)) for it in (old, new))
    shown = _shown(old) & _shown(new)
    one_sided = old["presumed_findings"].keys() ^ new["presumed_findings"].keys()
    for it in differences(before, after):
        step, of_option, _ = it.name.partition(".")
        if it.name not in one_sided if it.kind == "finding" else step in shown or not of_option:
            yield it


def named_now(answer: dict[str, Any], former: Mapping[str, Mapping[str, str]], used: dict[str, str]) -> dict[str, Any]:
    """A stored answer with the names that its entries have now; those that they had are added to ``used``."""

    def now(kind: str, name: Any) -> Any:
        if name in former[kind]:
            used[name] = former[kind][name]
        return former[kind].get(name, name)

    listings = {"possible": "step", "ladder": "step", "options": "option", "alerts": "alert", "advice": "advice"}
    return {
        **answer,
        **{key: now("step", answer[key]) for key in ("recommended", "meanwhile")},
        **{key: [{**it, kind: now(kind, it[kind])} for it in answer[key]] for key, kind in listings.items()},
        "presumed_findings": {now("finding", name): value for name, value in answer["presumed_findings"].items()},
    }


def _states(answer: dict[str, Any]) -> Iterator[tuple[Key, State]]:
    """What is observable of a stored answer."""
    yield ("recommended step", ""), State(word_of("recommended step", answer["recommended"] or ""))
    yield ("kind of answer", ""), State(answer["answer"])
    yield ("meanwhile", ""), State(word_of("meanwhile", answer["meanwhile"] or ""))
    for name, step in _named(answer, "ladder", "step"):
        yield ("step", name), state("step", step["status"], step["presumed_status"])
    for name, option in _named(answer, "options", "option"):
        yield ("option", name), state("option", option["status"], option["presumed_status"])
        preferred = "holds" if option["preferred"] else "fails"
        yield ("preference", name), state("preference", preferred, preferred)
    for kind in _NOTICES:
        for name, notice in _named(answer, KINDS[kind].listing, kind):
            if notice["presumed_status"] != "fails":
                yield (kind, name), state(kind, notice["status"], notice["presumed_status"])
    for name, place in (*_named(answer, "ladder", "step"), *_named(answer, "options", "option")):
        rules = tuple(it["rule"] for it in place["cautions"] if it["presumed_status"] == "holds")
        if rules:
            yield ("caution", name), state("caution", "holds", "holds", rules)
    for name, value in answer["presumed_findings"].items():
        yield ("finding", name), state("finding", value_status(value), value_status(value))


_NOTICES: tuple[Kind, ...] = ("alert", "advice")


def _named(answer: dict[str, Any], listing: str, kind: str) -> list[tuple[str, dict[str, Any]]]:
    return [(it[kind], it) for it in answer[listing]]


def _shown(answer: dict[str, Any]) -> set[str]:
    """The steps for which an answer lists options."""
    return {answer["recommended"], answer["meanwhile"]}


def names_behind(
    it: Difference, answers: Sequence[dict[str, Any]], observed: Mapping[Key, Observable]
) -> Iterator[Name]:
    """The definitions that can make a difference."""
    words = (it.before.word, it.after.word)
    if it.kind in ("recommended step", "kind of answer"):
        possible = [one["step"] for answer in answers for one in answer["possible"]]
        yield from (("recommended", step) for step in dict.fromkeys([*words, *possible]))
    elif it.kind == "meanwhile":
        yield from (("excludes", step) for step in words)
    elif it.kind == "step":
        yield ("recommended", it.name)
    if it.key in observed:
        yield from (name for name in observed[it.key].definitions if len(name) == 2 or name[2] in words)
