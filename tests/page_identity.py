"""The script of the page and Python answer the same patients, and what differs is named."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import quickjs

from expert.answer.assess import Reasoner
from expert.answer.assessment import Argument, Assessment, Decisive, NoticeReport
from expert.lang.errors import PatientError
from expert.lang.facts import Patient
from expert.lang.premises import Name
from expert.lang.units import write_value
from expert.lang.values import Facts
from expert.logic.domain import Domain
from expert.logic.kleene import Evaluation

Answer = Mapping[str, Any]
TRUTHS = {False: 0, True: 1, None: 2}


class QuickJs:
    """A script of a page in QuickJS."""

    def __init__(self, script: str) -> None:
        self.context = quickjs.Context()
        self.context.eval(script)
        self.context.eval(
            "const ask = (text) => { const it = JSON.parse(text); return JSON.stringify(ladder[it[0]](...it[1])); }"
        )

    def call(self, function: str, *words: Any) -> Any:
        """What a function of the script answers."""
        return json.loads(self.context.eval(f"ask({json.dumps(json.dumps([function, words]))})"))


def texts(domain: Domain, facts: Facts) -> dict[str, str]:
    """Facts as people write them."""
    return {name: write_value(domain.kb.findings[name], value) for name, value in facts.items()}


def expected(reasoner: Reasoner, facts: Facts, unknown: Iterable[str] = ()) -> Answer | None:
    """What Python answers, as far as the script answers it; ``None`` if the facts are refused."""
    try:
        it = reasoner.assess(Patient(facts, unknown=tuple(unknown)))
    except PatientError:
        return None
    return _outline(reasoner.domain, it)


def found(answer: Answer) -> Answer | None:
    """What the script answers, in the same form."""
    if "problem" in answer:
        return None
    assert answer["settled"]
    return {
        **{key: answer[key] for key in ("answer", "recommended", "meanwhile", "possible", "forced", "presumed")},
        "not_ruled_out": answer["not_ruled_out"],
        "not_presumed": answer["not_presumed"],
        "checks": [it["id"] for it in answer["checks"]],
        "near": sorted((it["finding"], it["threshold"], it["exact"]) for it in answer["near"]),
        "policies": answer["policies"],
        "ladder": [_with_sorted(it, "for", "against", "cautions") for it in answer["ladder"]],
        "alerts": [_with_sorted(it, "because") for it in answer["alerts"]],
        "advice": [_with_sorted(it, "because") for it in answer["advice"]],
        "options": [_with_sorted(it, "for", "against", "cautions") for it in answer["options"]],
        "decisive": [
            (it["finding"], it["with"], *sorted((to["cell"], to["step"]) for to in it["leads_to"]))
            for it in (*answer["decisive"], *answer["together"])
        ],
        "not_enough": answer["not_enough"],
    }


def truths(domain: Domain, facts: Facts) -> list[list[int]] | None:
    """The truths of all definitions, over what is known and with the presumptions."""
    background = domain.possible_background(facts)
    if background is None:
        return None
    evaluations = (Evaluation(domain.definitions, its) for its in (background.known, background.all))
    return [[TRUTHS[it.concluded(name)] for name in _names(domain)] for it in evaluations]


def _names(domain: Domain) -> list[Name]:
    return list(domain.definitions.premises)


def _with_sorted(entry: Answer, *roles: str) -> Answer:
    """An entry whose arguments have their facts in alphabetical order."""
    return {**entry, **{role: [{**it, "facts": sorted(it["facts"])} for it in entry[role]] for role in roles}}


def differences(one: Any, other: Any, path: str = "") -> list[str]:
    """Where two answers differ; ``None`` among arguments of the first is whatever the other has.

    A step that follows only by cases has an argument for each case in Python, and its open rules in the script.
    """
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        return [found for key in one for found in differences(one[key], other[key], f"{path}.{key}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [found for place, pair in pairs for found in differences(*pair, f"{path}.{place}")]
    if one is None and path.endswith(".for"):
        return []
    same = tuple(one) == tuple(other) if isinstance(one, tuple) and other else one == other
    return [] if same else [f"{path}: {one!r} in Python, {other!r} in the script"]


def _of(arguments: Iterable[Argument]) -> list[Answer]:
    return [
        {
            "rule": it.rule,
            "status": it.status,
            "presumed_status": it.presumed_status,
            "facts": sorted(it.facts) if it.status == "holds" else [],
        }
        for it in arguments
    ]


def _notice(it: NoticeReport) -> Answer:
    return {"name": it.name, "status": it.status, "presumed_status": it.presumed_status, "because": _of(it.because)}


def _decisive(domain: Domain, entry: Decisive) -> tuple[Any, ...]:
    """A decisive finding and its partners, and which cells lead to which steps."""
    leads_to = (
        (place, step)
        for premise, steps in entry.leads_to.items()
        for place, cell in enumerate(domain.cells[entry.finding])
        if Evaluation(domain.definitions, {entry.finding: cell.value}).evaluate(premise)
        for step in steps
    )
    return entry.finding, list(entry.partners), *sorted(leads_to)


def _outline(domain: Domain, it: Assessment) -> Answer:
    kb, background = domain.kb, it.background
    return {
        "answer": it.answer,
        "recommended": it.recommended,
        "meanwhile": it.meanwhile,
        "possible": [entry.step for entry in it.possible],
        "forced": texts(domain, background.forced),
        "presumed": {name: kb.findings[name].usual_written for name in background.presumed},
        "not_ruled_out": [alert.alert for alert in it.not_ruled_out],
        "not_presumed": [name for name in kb.inputs if name in background.not_presumed],
        "checks": [check.entry.id for check in it.checks],
        "near": sorted((near.finding, near.threshold, near.exact) for near in it.near),
        "policies": list(it.policies),
        "ladder": [
            {
                "step": step.step,
                "status": step.status,
                "presumed_status": step.presumed_status,
                "for": None if any(argument.case for argument in step.supports) else _of(step.supports),
                "against": _of(step.against),
                "cautions": _of(step.cautions),
            }
            for step in it.ladder
        ],
        "alerts": [_notice(notice) for notice in it.alerts],
        "advice": [_notice(notice) for notice in it.advice],
        "options": [
            {
                "option": option.option,
                "status": option.status,
                "presumed_status": option.presumed_status,
                "preferred": option.preferred,
                "for": _of(option.supports),
                "against": _of(option.against),
                "cautions": _of(option.cautions),
            }
            for option in it.options
        ],
        "decisive": [_decisive(domain, its) for its in sorted(it.decisive, key=lambda entry: bool(entry.partners))],
        "not_enough": it.not_enough
        and {
            "nothing_recorded": it.not_enough.nothing_recorded,
            "said_unknown": list(it.not_enough.said_unknown),
            "not_presumed": list(it.not_enough.not_presumed),
        },
    }
