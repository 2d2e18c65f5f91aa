"""What if: both answers, what changes, and the chain of rules behind the change."""

from __future__ import annotations

import json
import re
from pathlib import Path
from random import Random

import pytest

from expert.answer.assess import Reasoner
from expert.answer.explanations import Comparison, Link
from expert.answer.what_if import compare
from expert.lang.facts import Patient
from expert.lang.observables import Difference, State
from expert.logic.kleene import Evaluation
from tests.command_line import run
from tests.conftest import patient
from tests.random_patients import random_patients
from tests.small_ladder import choice, rule, small_ladder, yes_no

FOURTEEN_WEEKS = "knowledge/patients/fourteen-weeks.yaml"


def what_if(reasoner: Reasoner, before: list[str], change: list[str]) -> Comparison:
    kb = reasoner.kb
    changed = {*(word.split("=")[0] for word in change)}
    after = [word for word in before if word.split("=")[0] not in changed] + change
    return compare(reasoner, reasoner.assess(patient(kb, *before)), reasoner.assess(patient(kb, *after)))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Reasoner:
    """Bread unless it is mouldy, else cake; there are two ways to mould, one of them longer."""
    return Reasoner(
        small_ladder(
            tmp_path_factory.mktemp("shop"),
            findings={
                "wet": yes_no("no"),
                "spots": yes_no("no"),
                "colour": choice("white", "green", usual="white"),
                "music": yes_no("no"),
            },
            concluded={"damp": {"title": "Damp"}, "mouldy": {"title": "Mouldy"}},
            rules={
                "wet-is-damp": rule(["wet"], "damp"),
                "damp-is-mouldy": rule(["damp"], "mouldy"),
                "spots-are-mould": rule(["spots"], "mouldy"),
                "bread-is-food": rule("always", "supports bread"),
                "mould-excludes-bread": rule(["mouldy"], "excludes bread"),
                "cake-is-food": rule("always", "supports cake"),
                "green-cake-is-bad": rule(["colour is green"], "excludes cake"),
                "wet-warns": rule(["wet"], "alert drips"),
            },
            steps={"bread": {}, "cake": {}},
            alerts=["drips"],
        )
    )


def test_the_chain_leads_from_the_changed_finding_through_rules_to_the_step(shop: Reasoner) -> None:
    it = what_if(shop, [], ["wet=yes"])
    assert (it.before.recommended, it.after.recommended) == ("bread", "cake")
    assert [(link.kind, link.claim, link.before, link.after) for link in it.chain] == [
        ("finding", "wet", "no (presumed)", "yes"),
        ("rule", "Wet is damp", "does not hold", "holds"),
        ("finding", "damp", "no", "yes"),
        ("rule", "Damp is mouldy", "does not hold", "holds"),
        ("finding", "mouldy", "no", "yes"),
        ("rule", "Mould excludes bread", "does not hold", "holds"),
        ("step", "Bread", "not excluded", "excluded"),
        ("step", "Bread", "available", "not available"),
        ("step", "Cake", "not recommended", "recommended"),
    ]


def test_of_two_sufficient_changes_one_is_reported(shop: Reasoner) -> None:
    it = what_if(shop, [], ["wet=yes", "spots=yes"])
    assert [link.rule.id for link in it.chain if link.rule] == ["spots-are-mould", "mould-excludes-bread"]


def test_changes_needed_together_are_all_reported(shop: Reasoner) -> None:
    it = what_if(shop, ["spots=yes", "colour=green"], ["spots=no", "colour=white", "music=yes"])
    assert (it.before.recommended, it.after.recommended) == (None, "bread")
    assert [link.claim for link in it.chain if link.kind == "finding"] == ["spots", "mouldy"]


def test_a_difference_that_depends_on_presumptions_says_so(shop: Reasoner) -> None:
    it = what_if(shop, ["wet=yes"], ["wet=unknown"])
    assert Difference("finding", "damp", State("yes"), State("no", presumed=True)) in it.turned
    assert Difference("alert", "drips", State("raised"), State("not raised", presumed=True)) in it.turned


def test_other_changed_observables_are_ordered_by_gravity(shop: Reasoner) -> None:
    it = what_if(shop, [], ["wet=yes"])
    assert [(one.subject, str(one.after)) for one in it.turned] == [
        ("alert drips", "raised"),
        ("finding damp", "yes"),
        ("finding mouldy", "yes"),
    ]


def test_a_change_that_changes_no_step_has_no_chain(shop: Reasoner) -> None:
    it = what_if(shop, [], ["music=yes"])
    assert (it.chain, it.turned) == ((), ())
    assert it.changed == (Link("finding", "music", "no (presumed)", "yes"),)


def test_a_finding_that_becomes_unknown_is_a_change(shop: Reasoner) -> None:
    it = what_if(shop, ["wet=yes"], ["wet=unknown"])
    assert it.changed == (Link("finding", "wet", "yes", "no (presumed)"),)
    assert (it.before.recommended, it.after.recommended) == ("cake", "bread")
    assert it.chain[0] == Link("finding", "wet", "yes", "no (presumed)")


def test_a_lost_step_has_a_chain(shop: Reasoner) -> None:
    it = what_if(shop, ["spots=yes"], ["colour=green"])
    assert (it.before.recommended, it.after.recommended) == ("cake", None)
    assert it.chain[0].claim == "colour"
    assert it.chain[-1] == Link("step", "Cake", "recommended", "not recommended")


def test_a_chain_starts_with_the_fewest_changes_that_lead_to_the_step(reasoner: Reasoner) -> None:
    someone = list(random_patients(reasoner, 120, seed=9))
    random = Random(9)
    chains = 0
    for given in someone:
        other = random.choice(someone)
        it = compare(reasoner, reasoner.assess(given), reasoner.assess(other))
        if it.before.recommended == it.after.recommended:
            assert it.chain == ()
        elif it.chain:
            _assert_chain(reasoner, it)
            chains += 1
    assert chains > 40


def _assert_chain(reasoner: Reasoner, it: Comparison) -> None:
    inputs = [link.claim for link in it.chain if link.claim in reasoner.kb.inputs]
    steps = [step for step in (it.after.recommended, it.before.recommended) if step]

    def recommended(names: list[str]) -> list[bool | None]:
        kept = {name: value for name, value in it.before.background.all.items() if name not in names}
        turned = {name: value for name, value in it.after.background.all.items() if name in names}
        mixed = Evaluation(reasoner.definitions, {**kept, **turned})
        return [mixed.concluded(("recommended", step)) for step in steps]

    before, after, whole = recommended([]), recommended(inputs), recommended(list(reasoner.kb.inputs))
    place = next(place for place in range(len(steps)) if before[place] is not whole[place])
    assert after[place] is whole[place]
    for left_out in inputs:
        assert recommended([name for name in inputs if name != left_out])[place] is not whole[place]
    assert it.chain[-1].kind == "step"
    last = it.chain[-1]
    assert "recommended" in (last.before, last.after) or (last.after == "open" and it.after.recommended)
    assert all(link.before != link.after for link in it.chain)


def test_two_equal_patients_differ_in_nothing(reasoner: Reasoner) -> None:
    for given in random_patients(reasoner, 20, seed=2):
        it = compare(reasoner, reasoner.assess(given), reasoner.assess(Patient(given.facts, given.written)))
        assert (it.changed, it.turned, it.chain) == ((), (), ())


# --- on the command line ----------------------------------------------------------------------------------------------


def test_the_command_shows_both_answers_side_by_side() -> None:
    it = run("what-if", FOURTEEN_WEEKS, "stenosis=severe", "spondylolisthesis=true_slip")
    assert (it.status, it.err) == (0, "")
    assert re.search(r"\n\* +Open decompression +available +recommended\n", it.out)
    assert "rule complicated-stenosis-excludes-minimally-invasive" in it.out
    assert "Decision aid" in it.out


def test_a_change_without_effect_is_not_in_the_chain() -> None:
    both = json.loads(run("what-if", FOURTEEN_WEEKS, "instability=yes", "mis_equipment=no", "--format", "json").out)
    assert both["after"]["recommended"] == "decompression_with_fusion"
    assert [link["claim"] for link in both["chain"] if link["kind"] == "finding"] == ["instability", "needs_fusion"]


def test_json_has_both_answers_in_full() -> None:
    it = run("what-if", FOURTEEN_WEEKS, "stenosis=severe", "spondylolisthesis=true_slip", "--format", "json")
    both = json.loads(it.out)
    assert both["before"] == json.loads(run("assess", FOURTEEN_WEEKS, "--format", "json").out)
    assert (both["before"]["recommended"], both["after"]["recommended"]) == ("minimally_invasive", "open_decompression")
    (rule_,) = [link["rule"]["id"] for link in both["chain"] if link["rule"]]
    assert rule_ == "complicated-stenosis-excludes-minimally-invasive"


def test_a_patient_on_standard_input_is_read_once_for_both_answers() -> None:
    given = Path(FOURTEEN_WEEKS).read_bytes()
    assert (
        run("what-if", "-", "instability=yes", stdin=given).out == run("what-if", FOURTEEN_WEEKS, "instability=yes").out
    )


def test_without_a_patient_and_a_change_the_command_shows_its_usage() -> None:
    it = run("what-if")
    assert (it.status, it.out) == (2, "")
    assert "finding=value" in it.err


def test_an_impossible_patient_is_an_error_with_the_reason() -> None:
    it = run("what-if", FOURTEEN_WEEKS, "conservative_result=not_tried")
    assert (it.status, it.out) == (2, "")
    assert "these facts contradict each other" in it.err
