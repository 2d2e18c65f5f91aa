"""What the reference meaning concludes of one patient, by the names of a cohort's columns, and patients as columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from expert.columns.cohort_reasoner import CohortReasoner
from expert.columns.to_columns import column_type
from expert.lang.definitions import over_inputs
from expert.lang.errors import PatientError
from expert.lang.model import KnowledgeBase, Option
from expert.lang.premises import All
from expert.lang.values import Facts, Value
from expert.lang.vocabulary import Finding
from expert.logic.domain import Domain
from expert.logic.kleene import Evaluation, Truth
from expert.logic.step_status import meanwhile, step_status
from expert.solve.case_split import certain_step

WORDS: dict[Truth, str] = {True: "holds", False: "fails", None: "open"}
Conclusions = dict[str, object]


def as_columns(kb: KnowledgeBase, patients: Sequence[Facts], reported: Iterable[str] | None = None) -> pl.DataFrame:
    """Patients as a table with a column for every finding, or for some."""
    names = kb.given if reported is None else reported
    columns = {name: [facts.get(name) for facts in patients] for name in names}
    return pl.DataFrame(
        {name: pl.Series(values, dtype=column_type(kb.given[name])) for name, values in columns.items()}
    )


def concluded(domain: Domain, facts: Facts) -> Conclusions:
    """Everything that is concluded of a patient."""
    try:
        background = domain.background(facts)
    except PatientError:
        return {"impossible": True}
    known, presumed = (Evaluation(domain.definitions, it) for it in (background.known, background.all))
    certain = certain_step(domain, known)
    step = certain or certain_step(domain, presumed)
    answer = "certain" if certain else "provisional" if step else "open"
    after = meanwhile(presumed, step)
    found: Conclusions = {"impossible": False, "answer": answer, "recommended": step, "meanwhile": after}
    for before, evaluation, recommended in (("", known, certain), ("presumed_", presumed, step)):
        found |= {f"{before}status.{name}": step_status(evaluation, name, recommended) for name in domain.kb.steps}
        found |= _truths(evaluation, before)
    for name, option in domain.kb.options.items():
        found |= _option(option, known, presumed, shown=name.split(".")[0] in (step, after))
    return found


def _truths(evaluation: Evaluation, before: str) -> Conclusions:
    kb, truth = evaluation.definitions.kb, evaluation.concluded
    found: Conclusions = {f"{before}alert.{name}": WORDS[truth(("alert", name))] for name in kb.alerts}
    found |= {f"{before}advice.{name}": WORDS[truth(("given", name))] for name in kb.advice}
    found |= {f"{before}rule.{name}": truth(("rule", name)) for name in kb.rules}
    for name, finding in kb.concluded.items():
        found[f"{before}finding.{name}"] = _value(finding, evaluation)
    return found


def _value(finding: Finding, evaluation: Evaluation) -> Value | None:
    """The value of a concluded finding; of a score, by adding its points."""
    if not finding.points:
        values = (value for value in finding.values if evaluation.concluded(("finding", finding.name, value)))
        return next(values, None) if finding.values else evaluation.concluded(("finding", finding.name))
    kb = evaluation.definitions.kb
    truths = [evaluation.evaluate(over_inputs(All(it.when), kb)) for it in finding.points]
    return None if None in truths else sum(it.points for it, truth in zip(finding.points, truths, strict=True) if truth)


def _option(option: Option, known: Evaluation, presumed: Evaluation, *, shown: bool) -> Conclusions:
    preferred = bool(presumed.concluded(("prefers", option.name)))
    found = [_option_status(option, known), _option_status(option, presumed), preferred]
    prefixes = ("option", "presumed_option", "preferred")
    return {f"{it}.{option.name}": value if shown else None for it, value in zip(prefixes, found, strict=True)}


def _option_status(option: Option, evaluation: Evaluation) -> str:
    offered = evaluation.concluded(("offered", option.name))
    if offered is None:
        return "open"
    if offered:
        return "offered"
    return "excluded" if evaluation.concluded(("excludes", option.name)) else "unsupported"


def assert_equal(domain: Domain, patients: Sequence[Facts], answers: pl.DataFrame) -> None:
    """That a cohort's answers are what is concluded of each patient."""
    assert answers.height == len(patients)
    for facts, row in zip(patients, answers.iter_rows(named=True), strict=True):
        wanted = concluded(domain, facts)
        if wanted["impossible"]:
            wanted |= {name: None for name in row if name != "impossible"}
        different = {name: (reported, wanted[name]) for name, reported in row.items() if reported != wanted[name]}
        assert not different, f"{dict(facts)}: {different}"


def assert_cohort_equal(domain: Domain, patients: Sequence[Facts], cohort: CohortReasoner | None = None) -> None:
    """That the answers by columns are what is concluded of each patient."""
    whole = cohort or CohortReasoner(domain.kb)
    assert_equal(domain, patients, whole.answers(as_columns(domain.kb, patients)))
