"""Counterfactuals: every least set of changes is found, leads to its step, and has no proper subset that does."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import combinations, product
from pathlib import Path
from random import Random

import pytest

from expert import PatientError, read_knowledge
from expert.answer import change
from expert.answer.assess import Reasoner
from expert.answer.change import changes
from expert.answer.explanations import Counterfactual, Counterfactuals
from expert.engine.record import Record
from expert.lang.errors import ExpertError
from expert.lang.facts import Patient
from expert.lang.model import KnowledgeBase
from expert.lang.premises import Compare, In, Is, Premise, literals
from expert.lang.values import Facts, Value
from expert.logic.kleene import Evaluation, holds_of
from expert.read.patient import PatientReader
from expert.render.change import changes_to_json, write_changes
from expert.render.terminal import Terminal
from expert.solve.case_split import certain_step
from tests.command_line import run
from tests.conftest import REPOSITORY, patient
from tests.random_patients import random_patients
from tests.small_ladder import choice, quantity, rule, small_ladder, write_ladder, yes_no
from tests.strategies import Enumeration, random_facts, small_domain

WORKED = REPOSITORY / "knowledge" / "patients"
FOURTEEN_WEEKS = str(WORKED / "fourteen-weeks.yaml")
OTHER = Path(__file__).parent / "other_ladder"
CHUNKS, BASES = range(3), 6

Deviation = frozenset[tuple[str, Value]]


def holds(premise: Premise, value: Value) -> bool:
    """Whether a premise about one finding holds for a value."""
    return all(holds_of(part, value) for part in literals(premise))


def all_of(found: Counterfactuals) -> Iterator[Counterfactual]:
    return (it for ways in found.ways for it in ways.counterfactuals)


def certain(reasoner: Reasoner, facts: Facts) -> str | None:
    """The step that is certain as presumed; ``None`` if there is none, or the patient is impossible."""
    try:
        background = reasoner.domain.background(facts)
    except PatientError:
        return None
    return certain_step(reasoner.domain, Evaluation(reasoner.definitions, background.all))


# --- against enumeration ----------------------------------------------------------------------------------------------


def varied(kb: KnowledgeBase, rng: Random) -> KnowledgeBase:
    """The same knowledge with some findings that cannot change, and a resolution of the quantity."""
    step = rng.choice([0.0, 0.5, 1.0, 2.0])
    findings = {
        name: it if it.concluded else it._replace(modifiable=rng.random() < 0.8, resolution=step if it.unit else 0.0)
        for name, it in kb.findings.items()
    }
    return kb._replace(findings=findings)


def small_patients(rng: Random) -> Iterator[tuple[Reasoner, Enumeration, Patient]]:
    """Patients of small knowledge bases, with the enumeration of all patients."""
    left = BASES
    while left:
        domain = small_domain(rng, constrained=True)
        everyone = Enumeration(domain)
        facts = random_facts(domain, rng)
        if not everyone.contradictory and everyone.completions(facts) and len(everyone.outcomes({})) > 1:
            left -= 1
            yield Reasoner(varied(domain.kb, rng)), everyone, Patient(facts)


def leading(reasoner: Reasoner, everyone: Enumeration, facts: Facts, most: int) -> dict[str, list[Deviation]]:
    """Every set of at most ``most`` changes that leads to each step, by enumeration."""
    domain, inputs = reasoner.domain, reasoner.kb.inputs
    now = everyone.presumed(facts)
    kept = {name: value for name, value in now.items() if not inputs[name].modifiable}
    others = {
        name: [cell.value for cell in domain.cells[name] if not cell.holds(now.get(name))]
        for name, finding in inputs.items()
        if finding.modifiable
    }
    found: dict[str, list[Deviation]] = {}
    for size in range(most + 1):
        for names in combinations(others, size):
            for values in product(*(others[name] for name in names)):
                changed = {**facts, **dict(zip(names, values, strict=True))}
                if everyone.completions(changed):
                    after = everyone.presumed(changed)
                    step = everyone.certain(after)
                    if step and all(after.get(name) == value for name, value in kept.items()):
                        found.setdefault(step, []).append(frozenset(zip(names, values, strict=True)))
    return found


def least(sets: list[Deviation]) -> list[Deviation]:
    return [it for it in sets if not any(other < it for other in sets)]


def meant(way: Counterfactual, values: Facts) -> bool:
    """Whether values meet the premises of a counterfactual."""
    return way.values.keys() == values.keys() and all(
        holds(premise, values[name]) for premise, name in zip(way.premises, way.values, strict=True)
    )


def stated(reasoner: Reasoner, who: Patient, changed: Deviation) -> bool:
    """Whether each cell of these values contains a value that can be stated."""
    domain = reasoner.domain
    now = domain.background(who.facts).all
    return all(domain.nearest(name, [domain.cell_of(name, it)], now.get(name)) is not None for name, it in changed)


@pytest.mark.parametrize("most", [1, 2, 3])
@pytest.mark.parametrize("seed", CHUNKS)
def test_exactly_the_least_sets_of_changes_are_found(seed: int, most: int) -> None:
    count = 0
    for reasoner, everyone, who in small_patients(Random(f"{seed} {most}")):
        domain = reasoner.domain
        expected = leading(reasoner, everyone, who.facts, most)
        found = changes(reasoner, who, most=most)
        assert found.recommended == everyone.certain(everyone.presumed(who.facts))
        for ways in found.ways:
            sets = least(expected.get(ways.step, []))
            for it in sets:
                assert any(meant(way, dict(it)) for way in ways.counterfactuals) or not stated(reasoner, who, it)
            for way in ways.counterfactuals:
                changed = {name: domain.cell_of(name, value).value for name, value in way.values.items()}
                assert frozenset(changed.items()) in sets
                assert meant(way, way.values)
                count += 1
    assert count


@pytest.mark.parametrize("seed", CHUNKS)
def test_no_number_of_changes_leads_to_an_impossible_step(seed: int) -> None:
    impossible = 0
    for reasoner, everyone, who in small_patients(Random(seed)):
        expected = leading(reasoner, everyone, who.facts, len(reasoner.kb.inputs))
        for ways in changes(reasoner, who, most=1).ways:
            if ways.impossible:
                assert ways.step not in expected
                assert not ways.counterfactuals
                impossible += 1
    assert impossible


@pytest.mark.parametrize("seed", CHUNKS)
def test_a_query_for_one_step_agrees_with_a_query_for_all(seed: int) -> None:
    for reasoner, _, who in small_patients(Random(seed)):
        found = changes(reasoner, who)
        for ways in found.ways:
            assert changes(reasoner, who, to=ways.step).ways == (ways,)


# --- of the shipped knowledge -----------------------------------------------------------------------------------------


@cache
def shipped(reasoner: Reasoner, seed: int) -> tuple[tuple[Patient, Counterfactuals], ...]:
    """The counterfactuals of some random patients, computed once in each process."""
    return tuple((who, changes(reasoner, who)) for who in random_patients(reasoner, 15, seed))


@pytest.mark.parametrize("seed", range(3))
def test_a_counterfactual_leads_to_its_step_and_no_proper_subset_does(reasoner: Reasoner, seed: int) -> None:
    rng = Random(seed)
    for who, its_changes in shipped(reasoner, seed):
        found = list(all_of(its_changes))
        for it in rng.sample(found, min(len(found), 12)):
            assert certain(reasoner, {**who.facts, **it.values}) == it.step
            for size in range(len(it.values)):
                for some in combinations(it.values.items(), size):
                    assert certain(reasoner, {**who.facts, **dict(some)}) != it.step


@pytest.mark.parametrize("seed", range(3))
def test_a_changed_patient_is_assessed_with_the_promised_step(reasoner: Reasoner, seed: int) -> None:
    rng = Random(seed)
    for who, its_changes in shipped(reasoner, seed):
        found = list(all_of(its_changes))
        for it in rng.sample(found, min(len(found), 1)):
            assert reasoner.assess(Patient({**who.facts, **it.values})).recommended == it.step


@pytest.mark.parametrize("seed", range(3))
def test_findings_that_cannot_change_do_not_change_even_through_constraints(reasoner: Reasoner, seed: int) -> None:
    inputs = reasoner.kb.inputs
    for who, its_changes in shipped(reasoner, seed):
        now = reasoner.domain.background(who.facts).all
        for it in all_of(its_changes):
            assert all(inputs[name].modifiable for name in it.values)
            after = reasoner.domain.background({**who.facts, **it.values}).all
            assert all(after.get(name) == value for name, value in now.items() if not inputs[name].modifiable)


@pytest.mark.parametrize("seed", range(3))
def test_changes_are_ordered_from_the_cheapest(reasoner: Reasoner, seed: int) -> None:
    order = list(reasoner.kb.inputs)
    for who, its_changes in shipped(reasoner, seed):
        for ways in its_changes.ways:
            costs = [(len(it.values), len(it.given), list(map(order.index, it.values))) for it in ways.counterfactuals]
            assert costs == sorted(costs)
            assert all(it.given == tuple(filter(who.facts.__contains__, it.values)) for it in ways.counterfactuals)


@pytest.mark.parametrize("seed", range(3))
def test_a_changed_quantity_can_be_stated(reasoner: Reasoner, seed: int) -> None:
    for _, its_changes in shipped(reasoner, seed):
        for it in all_of(its_changes):
            for name, value in it.values.items():
                if isinstance(value, float):
                    steps = value / reasoner.kb.inputs[name].resolution
                    assert steps == pytest.approx(round(steps), abs=1e-9)


def test_conservative_treatment_fails_from_the_day_after_three_months(kb: KnowledgeBase) -> None:
    reasoner = Reasoner(kb)
    tried = ("severity=severe", "conservative_systematic=yes", "conservative_result=ineffective")
    given = (*tried, "continuous_relief=yes")  # otherwise the route of a week is met as well
    short = changes(reasoner, patient(kb, *given, "conservative_duration=12 weeks"), to="minimally_invasive")
    long = changes(reasoner, patient(kb, *given, "conservative_duration=14 weeks"), to="conservative")
    values = {it.premises: it.values for it in all_of(short)} | {it.premises: it.values for it in all_of(long)}
    assert values[(Compare("conservative_duration", ">", 3 * 30.4375, ""),)] == {"conservative_duration": 92.0}
    assert values[(Compare("conservative_duration", "<=", 3 * 30.4375, ""),)] == {"conservative_duration": 91.0}


def test_a_change_against_a_given_fact_changes_that_fact_too(tmp_path: Path) -> None:
    kb = small_ladder(
        tmp_path,
        findings={"tried": yes_no("yes"), "days": quantity("0 .. 50", "0", resolution="1")},
        constraints={"untried-takes-no-days": ["not tried", "days > 0"]},
        rules={"begin": rule("not tried", "supports begin"), "wait": rule("always", "supports wait")},
        steps={"begin": {}, "wait": {}},
    )
    (begin,) = changes(Reasoner(kb), Patient({"tried": True, "days": 9.0})).ways
    premises = (Is("tried", False), Compare("days", "<=", 0.0, "0"))
    expected = (("begin", premises, {"tried": False, "days": 0.0}, ("tried", "days")),)
    assert begin.counterfactuals == expected


def test_a_step_that_no_rule_supports_is_proved_impossible(kb: KnowledgeBase) -> None:
    (ways,) = changes(Reasoner(kb), patient(kb), to="non_fusion_implant").ways
    assert ways == ("non_fusion_implant", (), True)


def test_a_step_that_needs_another_past_is_impossible(tmp_path: Path) -> None:
    kb = small_ladder(
        tmp_path,
        findings={"burnt": yes_no("no", modifiable="no"), "hot": yes_no("no")},
        rules={"salve": rule("burnt", "supports salve"), "wait": rule("always", "supports wait")},
        steps={"salve": {}, "wait": {}},
    )
    assert changes(Reasoner(kb), Patient({}), to="salve").ways == (("salve", (), True),)


def test_what_is_not_varied_is_named_where_the_step_depends_on_it(tmp_path: Path) -> None:
    kb = small_ladder(
        tmp_path,
        findings={
            "burnt": yes_no("no", modifiable="no", title="A burn"),
            "born_early": yes_no("no", modifiable="no"),
            "hot": yes_no("no"),
        },
        rules={"salve": rule(["burnt", "hot"], "supports salve"), "wait": rule("always", "supports wait")},
        steps={"salve": {}, "wait": {}, "pray": {}},
    )
    found = changes(Reasoner(kb), Patient({}), to="salve")
    assert found.not_varied == ("burnt",)
    screen = io.StringIO()
    write_changes(Terminal(screen), kb, Patient({}), found, date(2026, 1, 1))
    assert "Not varied, because it cannot change: A burn.\n" in screen.getvalue()
    assert changes_to_json(kb, Patient({}), found, date(2026, 1, 1))["not_varied"] == ["burnt"]


def test_a_past_fact_does_not_change_through_a_constraint(tmp_path: Path) -> None:
    kb = small_ladder(
        tmp_path,
        findings={"burnt": yes_no("no", modifiable="no"), "scar": yes_no("no")},
        constraints={"scars-come-from-burns": ["scar", "not burnt"]},
        rules={"salve": rule("scar", "supports salve"), "wait": rule("always", "supports wait")},
        steps={"salve": {}, "wait": {}},
    )
    assert changes(Reasoner(kb), Patient({}), to="salve").ways == (("salve", (), True),)


def test_equivalent_values_are_one_premise_and_the_nearest_is_chosen(tmp_path: Path) -> None:
    kb = small_ladder(
        tmp_path,
        findings={
            "depth": choice("none", "slight", "deep", "through", usual="none"),
            "size": quantity("0 .. 100", "50", resolution="5"),
        },
        rules={
            "stitch": rule("depth in [deep, through]", "supports stitch"),
            "graft": rule("size > 63", "supports graft"),
            "large": rule("size > 80", "cautions graft"),
            "wait": rule("always", "supports wait"),
        },
        steps={"stitch": {}, "graft": {}, "wait": {}},
    )
    stitch, graft = changes(Reasoner(kb), Patient({})).ways
    assert stitch.counterfactuals == (("stitch", (In("depth", ("deep", "through")),), {"depth": "deep"}, ()),)
    assert graft.counterfactuals == (("graft", (Compare("size", ">", 63.0, "63"),), {"size": 65.0}, ()),)


def test_a_value_that_cannot_be_stated_is_not_a_change(tmp_path: Path) -> None:
    kb = small_ladder(
        tmp_path,
        findings={"grade": quantity("0 .. 5", "5", resolution="1")},
        rules={"odd": rule(["grade > 3", "grade < 4"], "supports odd"), "wait": rule("always", "supports wait")},
        steps={"odd": {}, "wait": {}},
    )
    assert changes(Reasoner(kb), Patient({})).ways == (("odd", (), False),)


def test_a_set_that_the_engine_does_not_confirm_is_a_fault(kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent:
        def run(self, facts: Facts) -> Record:
            return Record(facts, {("recommended", "conservative"): []})

    monkeypatch.setattr(change, "_engine", lambda _: Silent())
    with pytest.raises(ExpertError, match="the engine does not confirm"):
        changes(Reasoner(kb), patient(kb), to="urgent_referral")


# --- another ladder ---------------------------------------------------------------------------------------------------


def test_changes_are_found_on_another_ladder() -> None:
    reasoner = Reasoner(read_knowledge(OTHER))
    seen = set()
    for who in random_patients(reasoner, 25, 0):
        for it in all_of(changes(reasoner, who)):
            assert certain(reasoner, {**who.facts, **it.values}) == it.step
            assert all(
                certain(reasoner, {**who.facts, **{name: it.values[name] for name in it.values if name != left}})
                != it.step
                for left in it.values
            )
            seen.add(it.step)
    assert len(seen) > 3


# --- on the command line ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(path.stem for path in WORKED.glob("*.yaml"))[::3])
def test_changes_in_json_can_be_read_back(reasoner: Reasoner, name: str) -> None:
    path = str(WORKED / f"{name}.yaml")
    result = run("change", path, "--format", "json")
    assert result.status == 0, result.err
    answer = json.loads(result.out)
    facts = PatientReader(reasoner.kb).patient(path).facts
    found = [(steps["step"], change) for steps in answer["steps"] for change in steps["changes"]]
    assert found
    for step, it in found:
        spelt = {True: "yes", False: "no"}
        words = [f"{key}={spelt.get(value, value)}" for key, value in it["values"].items()]
        assert certain(reasoner, {**facts, **patient(reasoner.kb, *words).facts}) == step
    led_to = {steps["step"] for steps in answer["steps"]} | {answer["recommended"]}
    assert led_to - {None} == set(reasoner.kb.steps)
    assert answer["most"] == 2
    assert answer["knowledge"]["sha256"] == reasoner.kb.sha256


def test_the_text_groups_changes_by_step_and_names_the_given_values() -> None:
    out = run("change", FOURTEEN_WEEKS, "continuous_relief=yes").out
    assert out.startswith("Minimally invasive surgery is recommended with what is assumed.\n")
    assert "- 3 months or less of conservative treatment (such as 13 weeks; given: 14 weeks) -" in " ".join(out.split())
    assert "  - any of 6 under Red flags: saddle numbness;" in out
    assert "The smallest sets of changes, of up to 2 findings each, are listed" in out
    assert "No change of what can change leads there: that is proved." in out


def test_a_step_that_needs_a_larger_set_of_changes_is_reported() -> None:
    words = ("change", str(WORKED / "back-without-mri.yaml"), "--to", "minimally_invasive")
    assert "No change of up to 2 findings leads there." in run(*words).out
    assert "  - " in run(*words, "--most", "3").out


def test_a_step_that_is_already_recommended_is_reported() -> None:
    result = run("change", FOURTEEN_WEEKS, "--to", "minimally_invasive")
    assert result.status == 0
    assert "is recommended already" in result.out


def test_an_unknown_step_is_refused_with_the_nearest_spelling() -> None:
    result = run("change", FOURTEEN_WEEKS, "--to", "open_decompresion")
    assert (result.status, result.out) == (2, "")
    assert "'open_decompresion' is not a step" in result.err
    assert "did you mean open_decompression?" in result.err


@pytest.mark.parametrize("most", ["0", "-1", "two"])
def test_an_invalid_size_is_refused(most: str) -> None:
    assert run("change", "--most", most).status == 2


def test_impossible_facts_are_refused_before_the_search() -> None:
    result = run("change", "conservative_result=not_tried", "conservative_duration=3 weeks")
    assert result.status == 2
    assert "these facts contradict each other" in result.err


def test_facts_of_the_site_are_among_the_changes() -> None:
    out = run("change", FOURTEEN_WEEKS, "--to", "open_decompression").out
    missing = "any of 2 under Missing here: no minimally invasive equipment; no surgeon skilled in the technique"
    assert missing in " ".join(out.split())


def policies(folder: Path) -> str:
    """A ladder whose answer depends on a policy of the site, and on a length without a resolution."""
    return str(
        write_ladder(
            folder,
            findings={
                "access": choice("ladder", "scaffold", default="ladder", group="site"),
                "length": quantity("0 mm .. 2050 mm", "0 mm", "mm"),
            },
            rules={
                "scaffold-climbs": rule("access is scaffold", "supports climb"),
                "long-climbs": rule("length > 0 mm", "supports climb"),
                "wait": rule("always", "supports wait"),
            },
            steps={"climb": {}, "wait": {}},
        )
    )


def test_a_default_policy_is_reported_as_a_default(tmp_path: Path) -> None:
    words = ("change", "--knowledge", policies(tmp_path))
    assert "  - access: scaffold (by default: ladder)\n" in run(*words).out
    given = run(*words, "access=ladder").out
    assert "  - access: scaffold (given: ladder)\n" in given
    for facts, defaults in ((), {"access": "ladder"}), (("access=ladder",), {}):
        (step,) = json.loads(run(*words, *facts, "--format", "json").out)["steps"]
        (access,) = (it for it in step["changes"] if "access" in it["values"])
        assert access["defaults"] == defaults
        assert access["given"] == ({"access": "ladder"} if facts else {})


def test_no_value_is_suggested_for_a_quantity_without_a_resolution(tmp_path: Path) -> None:
    out = run("change", "--knowledge", policies(tmp_path)).out
    assert "  - length more than 0 mm\n" in out
    assert "such as" not in out.partition("The smallest sets")[0]
