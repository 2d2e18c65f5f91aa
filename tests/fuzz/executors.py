"""Compares every executor with the expected answers to the patients of one draft."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

from expert import read_knowledge
from expert.answer.assess import Reasoner
from expert.answer.assessment import Assessment
from expert.columns.cohort_reasoner import CohortReasoner
from expert.edit.edited_file import edit
from expert.edit.format import misformatted
from expert.engine.engine import MATCHERS
from expert.lang.errors import ContradictionError, PatientError
from expert.lang.premises import Concluded, Not
from expert.lang.values import Facts
from expert.lang.vocabulary import Kind
from expert.logic.kleene import Evaluation
from expert.solve.case_split import contradictions
from expert.solve.formulas import formulas_of
from expert.sql.to_sql import query
from tests.answers_of_each import as_columns, concluded
from tests.fuzz.answers import Answer, status
from tests.fuzz.language import BETWEEN, place_of, value_of
from tests.fuzz.random_patients import Patient, plain_number
from tests.fuzz.trial import Differences, Executor, Trial, differing
from tests.sql_tables import agrees, on_duckdb


def reading(trial: Trial) -> Differences:
    """Check that patients are read as the values that they mean."""
    for patient, facts in zip(trial.patients, trial.facts, strict=True):
        given = trial.meaning.given(patient)
        wanted = {name: value_of(trial.draft["findings"][name], text) for name, text in given.items()}
        if facts != wanted and not (facts.keys() == wanted.keys() and _all_between(trial, given, facts, wanted)):
            yield f"{patient} is read as {facts}, and should be {wanted}"


def _all_between(trial: Trial, given: Patient, facts: Facts, wanted: Facts) -> bool:
    """Whether all values that differ were given by bounds, and no premise distinguishes them."""
    differing = [name for name in facts if facts[name] != wanted[name]]
    cells = trial.meaning.cells
    places = ([place_of(cells[name], it[name]) for it in (facts, wanted)] for name in differing)
    return all(given[name].startswith(BETWEEN) for name in differing) and all(one == other for one, other in places)


def background(trial: Trial) -> Differences:
    """Check whether a patient is possible, and what is forced and presumed."""
    for number, (wanted, facts) in enumerate(zip(trial.wanted, trial.facts, strict=True)):
        found = trial.domain.possible_background(facts)
        if (found is None) is not wanted.impossible:
            yield f"of {trial.patients[number]}: impossible should be {wanted.impossible}"
        elif found:
            cells = trial.meaning.cells
            forced = {name: cells[name][place].value for name, place in wanted.forced.items()}
            findings = trial.draft["findings"]
            filled = {name: value_of(findings[name], findings[name]["usual"]) for name in wanted.filled}
            yield from differing(number, trial, {"forced": dict(found.forced), "presumed": dict(found.presumed)},
                              {"forced": forced, "presumed": filled})  # fmt: skip


def reference(trial: Trial) -> Differences:
    """Check the reference evaluator, with certainty by case split."""
    for number, wanted in trial.each():
        yield from differing(number, trial, concluded(trial.domain, trial.facts[number]), wanted.conclusions)
    for number, wanted in trial.each(sure=False):
        it = trial.domain.background(trial.facts[number])
        for facts, truths in ((it.known, wanted.known), (it.all, wanted.presumed)):
            evaluation = Evaluation(trial.domain.definitions, facts)
            found = {" ".join(name): evaluation.concluded(name) for name in truths}
            yield from differing(number, trial, found, {" ".join(name): truth for name, truth in truths.items()})


def formatter(trial: Trial) -> Differences:
    """Check that the formatted folder is read as the same knowledge."""
    edit(misformatted(str(trial.folder)))
    if again := misformatted(str(trial.folder)):
        yield f"formatted twice, these change again: {[it.name for it in again]}"
    formatted = Trial(trial.draft, trial.patients, trial.folder, read_knowledge(trial.folder))
    yield from reference(formatted)


def solver(trial: Trial) -> Differences:
    """Check z3 on questions that the case split answers."""
    for number, wanted in trial.each():
        known = trial.domain.background(trial.facts[number]).known
        for step in trial.meaning.steps:
            goal = Concluded(("recommended", step))
            found = {"can be": formulas_of(trial.domain).satisfiable(known, goal),
                     "can fail to be": formulas_of(trial.domain).satisfiable(known, Not(goal))}  # fmt: skip
            certain = wanted.conclusions["answer"] == "certain" and wanted.conclusions["recommended"] == step
            yield from differing(
                number, trial, found, {"can be": step in wanted.possible, "can fail to be": not certain}
            )


def _engine(matcher: str) -> Callable[[Trial], Differences]:
    def engine(trial: Trial) -> Differences:
        reasoner = Reasoner(trial.kb, matcher)
        for number, wanted in enumerate(trial.wanted):
            problem = ""
            try:
                found = reasoner.assess(trial.read[number])
            except PatientError:
                problem = "impossible"
            except ContradictionError:
                problem = "contradicted"
            expected = "impossible" if wanted.impossible else "contradicted" if wanted.contradicted else ""
            if problem != expected:
                yield f"of {trial.patients[number]}: {problem or 'an answer'}, and should be {expected or 'an answer'}"
            elif not problem:
                records = (("", found.record, wanted.known), ("presumed ", found.presumed_record, wanted.presumed))
                for before, record, truths in records:
                    found_truths = {f"{before}{' '.join(name)}": record.truth(name) for name in truths}
                    truth_of = {f"{before}{' '.join(name)}": truth for name, truth in truths.items()}
                    yield from differing(number, trial, found_truths, truth_of)
                if not wanted.doubtful:
                    yield from differing(number, trial, _shown(found), _all_shown(wanted))

    return engine


def _shown(found: Assessment) -> dict[str, Any]:
    columns: dict[str, Any] = {"answer": found.answer, "recommended": found.recommended, "meanwhile": found.meanwhile}
    columns["possible"] = tuple(it.step for it in found.possible)
    for it in found.ladder:
        columns |= {f"status.{it.step}": it.status, f"presumed_status.{it.step}": it.presumed_status}
    for option in found.options:
        shown = option.status, option.presumed_status, option.preferred
        kinds = ("option", "presumed_option", "preferred")
        columns |= {f"{kind}.{option.option}": it for kind, it in zip(kinds, shown, strict=True)}
    for name in found.findings:
        columns |= {f"finding.{name}": found.findings[name], f"presumed_finding.{name}": found.presumed_findings[name]}
    return columns


_OF_OPTIONS = ("option.", "presumed_option.", "preferred.")


def _all_shown(wanted: Answer) -> dict[str, Any]:
    kinds = ("answer", "recommended", "meanwhile", "status", "presumed_status", "option", "presumed_option",
             "preferred", "finding", "presumed_finding")  # fmt: skip
    its = {name: it for name, it in wanted.conclusions.items() if name.split(".")[0] in kinds}
    shown = {name: it for name, it in its.items() if it is not None or not name.startswith(_OF_OPTIONS)}
    return {**shown, "possible": wanted.possible}


def columns(trial: Trial) -> Differences:
    """Check a cohort, which is evaluated by columns."""
    cohort = CohortReasoner(trial.kb)
    its = [(number, it) for number, it in enumerate(trial.wanted) if not it.contradicted and not it.doubtful]
    found = cohort.answers(as_columns(trial.kb, [trial.facts[number] for number, _ in its]))
    for (number, wanted), row in zip(its, found.iter_rows(named=True), strict=True):
        nothing = {name: None for name in row if name != "impossible"} | {"impossible": True}
        yield from differing(number, trial, row, nothing if wanted.impossible else wanted.conclusions)
    contradicted = [number for number, it in enumerate(trial.wanted) if it.contradicted]
    for number in contradicted[:2]:
        try:
            cohort.answers(as_columns(trial.kb, [trial.facts[number]]))
        except ContradictionError:
            continue
        yield f"of {trial.patients[number]}: an answer, and the rules contradict each other"


def columns_with_the_solver(trial: Trial) -> Differences:
    """Check a cohort whose certain steps the solver finds, as it does beyond the bound of the case split."""
    with (
        patch("expert.columns.certainty.MAX_EVALUATIONS", 0),
        patch("expert.columns.natural_witnesses.Natural.witnesses", tuple),
    ):
        yield from columns(trial)


def sql(trial: Trial) -> Differences:
    """Check a query on DuckDB."""
    if found := contradictions(trial.domain):
        if trial.sound:
            yield f"the rules contradict each other in {list(found)}, and should not"
        return
    if not trial.sound:
        yield "the rules contradict each other, and nothing is found of it"
        return
    rows = {number: row for number, it in enumerate(trial.patients) if (row := _row(trial, it)) is not None}
    answers = on_duckdb(trial.kb, list(rows.values()), query(trial.kb, "duckdb", keys=["id"]))
    for number, answered in zip(rows, answers, strict=True):
        wanted = _of_sql(trial, trial.wanted[number])
        if not agrees(answered, wanted):
            yield from differing(number, trial, answered, wanted)


def _row(trial: Trial, patient: Patient) -> dict[str, Any] | None:
    """A patient as a row of a table, in the units of the findings; ``None`` if a value is written in another unit."""
    row: dict[str, Any] = dict.fromkeys(trial.kb.inputs)
    given = trial.meaning.given(patient)
    for name, text in ((name, given[name]) for name in row if name in given):
        finding = trial.draft["findings"][name]
        quantity = trial.kb.inputs[name].kind is Kind.QUANTITY
        row[name] = plain_number(finding, text) if quantity else value_of(finding, text)
        if row[name] is None:
            return None
    return row


def _of_sql(trial: Trial, wanted: Answer) -> dict[str, Any]:
    views = (("", wanted.known, 0), ("presumed_", wanted.presumed, 1))
    meaning, conclusions = trial.meaning, wanted.conclusions
    names = ["recommended"]
    found: dict[str, Any] = {"answer": "invalid"}
    for before, truths, place in views:
        for step in meaning.steps:
            names.append(f"{before}status_{step}")
            if not wanted.impossible:
                found[names[-1]] = status(meaning, truths, step, wanted.by_truths[place])
        for alert in meaning.draft.get("alerts", ()):
            names.append(f"{before}alert_{alert}")
            if not wanted.impossible:
                found[names[-1]] = truths["alert", alert]
    if wanted.impossible:
        return dict.fromkeys(names) | found
    return found | {"recommended": conclusions["recommended"], "answer": conclusions["answer"]}


EXECUTORS = [
    Executor("reading", reading),
    Executor("background", background),
    Executor("reference", reference),
    Executor("formatter", formatter),
    Executor("solver", solver),
    *(Executor(f"engine with {matcher}", _engine(matcher)) for matcher in MATCHERS),
    Executor("columns", columns),
    Executor("columns with the solver", columns_with_the_solver),
    Executor("sql", sql),
]
