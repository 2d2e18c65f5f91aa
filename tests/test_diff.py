"""`expert diff`: equivalence is proved; any change has true witnesses and names the edited line."""

from __future__ import annotations

import json
import shutil
import subprocess
from itertools import product
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest

from expert import KnowledgeBase, read_knowledge
from expert.answer.assess import Reasoner
from expert.diff.diff import ASKED, UNKNOWN, difference
from expert.diff.difference import NO_STEP, KnowledgeDifference, PartChanges, PatientClass, StepChange, Witness
from expert.lang.definitions import Definitions
from expert.lang.errors import PatientError, UnprovedError
from expert.lang.facts import Patient
from expert.lang.premises import All, literals
from expert.lang.values import Facts, Value
from expert.logic.domain import Domain
from expert.logic.kleene import Evaluation
from expert.read.cases import read_cases
from expert.read.premise import PremiseReader
from expert.read.source import Names, Problems, Scalar, Source
from expert.render.diff_summary import summary
from expert.solve.prove import Prover
from tests.command_line import run
from tests.conftest import REPOSITORY
from tests.running_cases import run_case
from tests.small_ladder import choice, quantity, rule, small_ladder, write_ladder, yes_no
from tests.strategies import Enumeration, small_knowledge

KNOWLEDGE, ROOFS = REPOSITORY / "knowledge", REPOSITORY / "tests" / "other_ladder"
MIS, FUSION, CONSERVATIVE = "rules/minimally-invasive.yaml", "rules/fusion.yaml", "rules/conservative.yaml"


class Copy(NamedTuple):
    """A copy of a knowledge folder in which one text replaces another."""

    file: str
    find: str
    put: str

    def of(self, folder: Path, where: Path) -> Path:
        """Make the copy, and return its folder."""
        shutil.copytree(folder, where / "edited")
        path = where / "edited" / self.file
        before = path.read_text("utf-8")
        assert before.count(self.find) == 1
        path.write_text(before.replace(self.find, self.put), "utf-8")
        return where / "edited"


COMPLICATED = """\
    when:
      - stenosis is severe
      - any:
          - spondylolisthesis is true_slip
          - ring_apophysis_separation
"""
FRAGILE = """\
    when: bone_fragility
    then: cautions decompression_with_fusion
    because: Screws loosen in weak bone.
    cite: [A26]
"""
INSTABILITY = """\
  instability-needs-fusion:
    title: An unstable segment is fused when it is operated on
    when: [surgically_indicated, instability]
    then: needs_fusion
    because: After discectomy alone, movement of the unstable segment expels the remaining nucleus.
    cite: [S41, S71, S78, A03, AANS-2014]
"""


def second(name: str, when: str, then: str, cite: str) -> str:
    head = f"  {name}:\n    title: The same of others\n    when: {when}\n"
    return f"{head}    then: {then}\n    because: So.\n    cite: {cite}\n"


EQUIVALENT = {
    "premises in another order": Copy(
        FUSION, "when: [surgically_indicated, instability]", "when: [instability, surgically_indicated]"
    ),
    "a rule split in two by its any": Copy(
        MIS,
        COMPLICATED
        + "    then: [mis_contraindicated, excludes minimally_invasive]\n"
        + "    because: A minimally invasive approach cannot decompress a canal that bone narrows from the front.\n"
        + "    cite: [S58, S59, S60, A04]\n",
        "    when: [stenosis is severe, spondylolisthesis is true_slip]\n"
        "    then: [mis_contraindicated, excludes minimally_invasive]\n"
        "    because: A minimally invasive approach cannot decompress a canal that bone narrows from the front.\n"
        "    cite: [S58, S59, S60, A04]\n"
        + second(
            "separated-rim",
            "[stenosis is severe, ring_apophysis_separation]",
            "[mis_contraindicated, excludes minimally_invasive]",
            "[S59]",
        ),
    ),
    "all values but one for not that one": Copy(
        FUSION,
        "when: [spondylolisthesis is not none, not dynamic_films_taken]\n    unless: pregnant\n    then: advise",
        "when:\n      - spondylolisthesis in [degenerative, true_slip, other]\n      - not dynamic_films_taken\n"
        "    unless: pregnant\n    then: advise",
    ),
}


class EditedCopy(NamedTuple):
    """A copy with the changes to report: pairs of steps, other changes by kind and name, and the edited line."""

    copy: Copy
    steps: set[tuple[str, str]]
    others: set[tuple[str, str]]
    line: str


CHANGED = {
    "a threshold moved": EditedCopy(
        Copy(FUSION, "      - facet_removed > 2/3\n", "      - facet_removed > 1/2\n"),
        {("open_decompression", "decompression_with_fusion"), ("open_decompression", "conservative")},
        {("finding", "needs_fusion")},
        "      - facet_removed > 1/2",
    ),
    "strictness flipped": EditedCopy(
        Copy(MIS, "symptom_duration > 12 months", "symptom_duration >= 12 months"),
        set(),
        {("caution", "minimally_invasive"), ("advice", "judge_duration")},
        "    when: symptom_duration >= 12 months",
    ),
    "a rule dropped": EditedCopy(
        Copy(FUSION, INSTABILITY, ""),
        {
            (before, after)
            for before in ("conservative", "decompression_with_fusion")
            for after in ("minimally_invasive", "open_decompression")
        },
        {("finding", "needs_fusion"), ("step", "decompression_with_fusion")},
        "  instability-needs-fusion:",
    ),
    "a premise added": EditedCopy(
        Copy(MIS, "when: scar_adhesions is severe\n", "when: [scar_adhesions is severe, prior_surgery]\n"),
        {("open_decompression", "minimally_invasive")},
        {("finding", "mis_contraindicated"), ("step", "minimally_invasive")},
        "    when: [scar_adhesions is severe, prior_surgery]",
    ),
    "another step argued for": EditedCopy(
        Copy(MIS, "when: surgically_indicated\n    then: supports minimally_invasive",
             "when: surgically_indicated\n    then: cautions minimally_invasive"),
        {("minimally_invasive", "open_decompression")},
        {("caution", "minimally_invasive"), ("step", "minimally_invasive")},
        "    then: cautions minimally_invasive",
    ),
    "another option preferred": EditedCopy(
        Copy(MIS, "prefers minimally_invasive.microendoscopic_discectomy", "prefers minimally_invasive.laser"),
        set(),
        {("preference", "minimally_invasive.microendoscopic_discectomy"), ("preference", "minimally_invasive.laser")},
        "    then: prefers minimally_invasive.laser",
    ),
    "another advice given": EditedCopy(
        Copy(MIS, "then: advise specialist_selects_technique", "then: advise bars_are_about_effect"),
        set(),
        {("advice", "specialist_selects_technique"), ("advice", "bars_are_about_effect")},
        "    then: advise bars_are_about_effect",
    ),
}  # fmt: skip


def compared(copy: Copy, where: Path, old: KnowledgeBase) -> KnowledgeDifference:
    return difference(old, read_knowledge(copy.of(Path(old.directory), where)))


# --- ten edited copies of the shipped knowledge -----------------------------------------------------------------------


@pytest.mark.parametrize("name", EQUIVALENT)
def test_an_equivalent_copy_is_proved_equivalent(name: str, tmp_path: Path, kb: KnowledgeBase) -> None:
    found = compared(EQUIVALENT[name], tmp_path, kb)
    assert found.equivalent
    assert (found.shared, found.own, found.unproved) == (PartChanges(), PartChanges(), ())
    assert found.edits_of("meaning")


@pytest.mark.parametrize("name", CHANGED)
def test_an_edited_copy_has_true_witnesses_and_names_the_edited_line(
    name: str, tmp_path: Path, kb: KnowledgeBase
) -> None:
    edit = CHANGED[name]
    found = compared(edit.copy, tmp_path, kb)
    assert not found.equivalent
    assert {(it.before, it.after) for it in found.shared.steps} == edit.steps
    assert edit.others <= {(it.kind, it.name) for it in found.shared.others}
    old, new = (Reasoner(it) for it in (found.old, found.new))
    for change in found.shared.steps:
        for its in change.classes:
            assert its.witness.confirmed
            patient = Patient(its.witness.given)
            assert (old.assess(patient).recommended, new.assess(patient).recommended) == (change.before, change.after)
            assert_true_of_all(old.domain, new.definitions, its, change)
    assert all(it.witness.confirmed and it.witness.before != it.witness.after for it in found.shared.others)
    causes = [its.causes for change in found.shared.steps for its in change.classes] + [
        it.causes for it in found.shared.others
    ]
    for its_causes in causes:
        (cause,) = its_causes
        lines = Path(cause.at.file if Path(cause.at.file).is_absolute() else REPOSITORY / cause.at.file)
        assert lines.read_text("utf-8").splitlines()[cause.at.line - 1] == edit.line


def test_a_rewording_is_equivalent_and_is_located(tmp_path: Path, kb: KnowledgeBase) -> None:
    found = compared(Copy(FUSION, "Screws loosen in weak bone.", "Screws come loose in weak bone."), tmp_path, kb)
    assert found.equivalent
    (edit,) = found.edits
    assert (edit.id, edit.parts, set(edit.bears)) == ("fragile-bone-cautions-fusion", ("because",), {"wording"})
    assert edit.added == ("because: Screws come loose in weak bone.",)
    assert edit in found.edits_of("wording")


def test_knowledge_that_agrees_only_on_complete_patients_is_not_equivalent(tmp_path: Path, kb: KnowledgeBase) -> None:
    by_cases = FRAGILE.replace("bone_fragility", "[bone_fragility, pregnant]") + second(
        "others", "[bone_fragility, not pregnant]", "cautions decompression_with_fusion", "[A26]"
    )
    found = compared(Copy(FUSION, FRAGILE, by_cases), tmp_path, kb)
    assert not found.equivalent
    assert found.shared.steps == ()
    (change,) = found.shared.others
    assert (change.kind, change.name, change.only) == ("caution", "decompression_with_fusion", UNKNOWN)
    assert change.witness.given == {"bone_fragility": True}
    assert (change.witness.before, change.witness.after) == ("cautioned against", "open")


def site(folder: Path, *, bound: bool = False, **policy: str) -> KnowledgeBase:
    """A ladder of two steps; a policy of the site decides between them, and may make some patients impossible."""
    return small_ladder(
        folder,
        findings={"strict": yes_no(group="site", **policy), "ill": yes_no("no"), "old": yes_no("no")},
        rules={
            "ill": rule(["ill"], "supports one"),
            "strict": rule(["strict", "old"], "excludes one"),
            "always": rule("always", "supports two"),
        },
        steps={"one": {}, "two": {}},
        constraints={"no-ill-patients": ["strict", "ill", "old"]} if bound else {},
    )


def test_a_status_that_becomes_certain_by_cases_is_reported(tmp_path: Path) -> None:
    old = site(tmp_path / "old", usual="no")
    by_cases = {"any": [{"all": ["ill", "old"]}, {"all": ["ill", "not old"]}]}
    edited = small_ladder(
        tmp_path / "new",
        findings={"strict": yes_no("no", group="site"), "ill": yes_no("no"), "old": yes_no("no")},
        rules={
            "ill": rule([by_cases], "supports one"),
            "strict": rule(["strict", "old"], "excludes one"),
            "always": rule("always", "supports two"),
        },
        steps={"one": {}, "two": {}},
    )
    (change,) = difference(old, edited).shared.others
    assert (change.kind, change.name, change.only) == ("step", "one", UNKNOWN)
    assert (change.witness.before, change.witness.after) == ("recommended", "recommended, case by case")
    assert change.witness.confirmed


TRIED = ["tried is not_tried", "weeks > 2 weeks"]


@pytest.mark.parametrize(
    "parts",
    [{"constraints": {"no": TRIED}}, {"plausible": {"no": {"never": TRIED, "level": "error"}}}],
    ids=["constraint", "plausible"],
)
def test_a_condition_names_no_values_that_no_plausible_patient_has(parts: dict[str, Any], tmp_path: Path) -> None:
    findings = {
        "weeks": quantity("0 weeks .. 50 weeks", "0 weeks", "weeks"),
        "tried": choice("helped", "in_vain", "not_tried", usual="not_tried"),
    }
    old, new = (
        small_ladder(
            tmp_path / limit,
            findings=findings,
            rules={
                "in-vain": rule([f"weeks > {limit} weeks", "tried is not helped"], "supports cut"),
                "always": rule("always", "supports wait"),
            },
            steps={"cut": {}, "wait": {}},
            **parts,
        )
        for limit in "62"
    )
    (change,) = difference(old, new).shared.steps
    (its,) = change.classes
    assert its.premises == ("weeks > 2 weeks and weeks <= 6 weeks", "tried is in_vain")


def old_and_new(witness: Witness, swapped: bool) -> tuple[str, str]:
    pair = witness.before, witness.after
    return pair[::-1] if swapped else pair


@pytest.mark.parametrize("swapped", [False, True])
def test_a_default_that_becomes_a_usual_value_makes_answers_provisional(tmp_path: Path, swapped: bool) -> None:
    sides = site(tmp_path / "by default", default="no"), site(tmp_path / "presumed", usual="no")
    found = difference(*(sides[::-1] if swapped else sides))
    assert not found.equivalent
    (presumed,) = found.shared.background
    assert old_and_new(presumed.witness, swapped) == ("no, by default", "no, presumed")
    assert (presumed.name, presumed.witness.given) == ("strict", {})
    (answer,) = found.shared.answers
    assert old_and_new(answer.witness, swapped) == ("one, certain", "one, provisional")
    assert answer.witness.given == {"ill": True}
    (step,) = (it for it in found.shared.others if it.name == "one")
    assert old_and_new(step.witness, swapped) == ("recommended", "open")
    assert step.witness.given == {"ill": True}


def test_a_default_that_becomes_a_usual_value_admits_patients(tmp_path: Path) -> None:
    old, new = site(tmp_path / "old", default="yes", bound=True), site(tmp_path / "new", usual="yes", bound=True)
    (admitted,) = difference(old, new).shared.admitted
    assert (admitted.side, [edit.id for edit in admitted.causes]) == ("new", ["strict"])
    assert admitted.witness.given == {"ill": True, "old": True}
    assert (admitted.witness.before, admitted.witness.after) == ("these facts contradict each other", "one")


def test_a_default_that_decides_nothing_changes_only_the_presumption(tmp_path: Path) -> None:
    parts: dict[str, Any] = {"rules": {"always": rule("always", "supports one")}, "steps": {"one": {}}}
    old = small_ladder(tmp_path / "old", findings={"strict": yes_no(default="no", group="site")}, **parts)
    new = small_ladder(tmp_path / "new", findings={"strict": yes_no("no", group="site")}, **parts)
    found = difference(old, new)
    assert [(it.name, it.witness.before, it.witness.after) for it in found.shared.background] == [
        ("strict", "no, by default", "no, presumed")
    ]
    assert found.shared._replace(background=()) == PartChanges()


def test_a_presumption_that_changes_another_through_a_constraint_is_reported(tmp_path: Path) -> None:
    parts: dict[str, Any] = {
        "rules": {"one": rule("always", "supports one"), "ill": rule(["ill"], "cautions one")},
        "steps": {"one": {}},
        "constraints": {"strict-sites-see-the-ill": ["strict", "not ill"]},
    }
    for folder, usual in (("old", "no"), ("new", "yes")):
        findings = {"strict": yes_no(usual), "ill": yes_no("yes")}
        write_ladder(tmp_path / folder, findings=findings, **parts)
    found = difference(read_knowledge(tmp_path / "old"), read_knowledge(tmp_path / "new"))
    assert not found.equivalent
    assert [(it.name, it.witness.given, it.witness.before, it.witness.after) for it in found.shared.background] == [
        ("strict", {}, "no, presumed", "yes, presumed")
    ]
    done = run("diff", str(tmp_path / "old"), str(tmp_path / "new"))
    assert "strict: no, presumed -> yes, presumed" in done.out


def presuming(rng: Random) -> dict[str, Any]:
    """A finding that is presumed, that counts by default, or neither."""
    value = rng.choice(["yes", "no"])
    return rng.choice([yes_no(value), yes_no(default=value, group="site"), yes_no()])


@pytest.mark.parametrize("seed", range(30))
def test_changes_of_presumptions_agree_with_enumeration(tmp_path: Path, seed: int) -> None:
    rng, names = Random(seed), ["a", "b", "c"]

    def premise() -> str:
        return rng.choice(["", "not "]) + rng.choice(names)

    findings = {name: presuming(rng) for name in names}
    parts: dict[str, Any] = {
        "rules": {
            "one": rule([{"any": [premise(), {"all": [premise(), premise()]}]}], "supports one"),
            "none": rule([premise(), premise()], rng.choice(["excludes one", "alert bell"])),
            "two": rule("always", "supports two"),
        },
        "steps": {"one": {}, "two": {}},
        "alerts": ["bell"],
        "constraints": {"tied": ["a", "not b"]} if seed % 3 == 0 else {},
    }
    edited = findings | {(name := rng.choice(names)): presuming(rng)}
    old = small_ladder(tmp_path / "old", findings=findings, **parts)
    new = small_ladder(tmp_path / "new", findings=edited, **parts)
    found = difference(old, new)
    patients = [
        {it: value for it, value in zip(names, values, strict=True) if value is not None}
        for values in product((None, False, True), repeat=3)
    ]
    changes = any(observed(old, given) != observed(new, given) for given in patients)
    assert found.equivalent is not changes, name
    assert all(it.witness.confirmed for it in (*found.shared.answers, *found.shared.background))


def observed(kb: KnowledgeBase, given: Facts) -> object:
    """The observables of an answer; ``None`` for an impossible patient."""
    try:
        it = Reasoner(kb).assess(Patient(given))
    except PatientError:
        return None
    records = (it.record, it.presumed_record)
    counts = it.background.defaults, it.background.forced, it.background.presumed
    return (
        it.recommended,
        counts,
        [
            (record.truth(("available", step)), record.truth(("alert", "bell")))
            for record in records
            for step in kb.steps
        ]
        + [(step.status, step.presumed_status) for step in it.ladder],
    )


def assert_true_of_all(domain: Domain, new: Definitions, its: PatientClass, change: StepChange) -> None:
    """Assert that patients who meet the condition of a class change from one step to the other."""
    random, condition = Random(4), cells_of(domain, its)
    for _ in range(10):
        facts = patient_with(domain, condition, random)
        assert recommended(Evaluation(domain.definitions, facts)) == change.before
        assert recommended(Evaluation(new, facts)) == change.after


def cells_of(domain: Domain, its: PatientClass) -> dict[str, list[Value]]:
    """The values that each finding in a condition may have."""
    reader = PremiseReader(domain.kb.findings, Names(domain.kb.findings), Problems())
    found = {}
    for premise in (*its.premises, *its.usual):
        parts = [reader.line(Scalar(Source("", part), 1, 1, part)) for part in premise.split(" and ")]
        (name,) = {literal.finding for part in parts for literal in literals(part)}
        cells = [cell.value for cell in domain.cells[name]]
        found[name] = [it for it in cells if Evaluation(domain.definitions, {name: it}).evaluate(All(tuple(parts)))]
    assert not reader.problems.found
    return found


def patient_with(domain: Domain, condition: dict[str, list[Value]], random: Random) -> dict[str, Value]:
    while True:
        facts = {name: random.choice(cells).value for name, cells in domain.cells.items()}
        facts |= {name: random.choice(values) for name, values in condition.items()}
        for name in domain.constrained:  # most random patients break some constraint
            if name not in condition and not domain.permitted(facts):
                facts[name] = domain.usual.get(name, domain.cells[name][0].value)
        if domain.permitted(facts):
            return facts


def recommended(evaluation: Evaluation) -> str | None:
    steps = evaluation.definitions.kb.steps
    return next((step for step in steps if evaluation.concluded(("recommended", step))), None)


# --- against enumeration ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(24))
def test_the_comparison_agrees_with_enumeration_on_small_knowledge_bases(seed: int) -> None:
    random = Random(seed)
    old, new = edited(random)
    domain = Domain(Definitions(old))
    definitions = [domain.definitions, Definitions(new)]
    found = difference(old, new)
    enumeration = Enumeration(domain)
    pairs = set()
    for cells, before in enumeration.patients:
        after = recommended(Evaluation(definitions[1], {name: cell.value for name, cell in cells.items()}))
        pairs.add((before or NO_STEP, after or NO_STEP))
    assert {(it.before, it.after) for it in found.shared.steps} == {
        (one, other) for one, other in pairs if one != other
    }
    differ = any(len({seen(Evaluation(it, facts)) for it in definitions}) > 1 for facts in partial_patients(domain))
    assert found.equivalent is not differ
    for step in found.shared.steps:
        covered = [cells_of(domain, its) for its in step.classes]
        patients = [{name: cell.value for name, cell in cells.items()} for cells, _ in enumeration.patients]
        matches = [facts for facts in patients if any(meets(facts, it) for it in covered)]
        assert matches
        for facts in matches:
            steps = [recommended(Evaluation(it, facts)) or NO_STEP for it in definitions]
            assert steps == [step.before, step.after]


def edited(random: Random) -> tuple[KnowledgeBase, KnowledgeBase]:
    """A small knowledge base, and the same without one of its rules; neither has contradictions."""
    while True:
        old = small_knowledge(random)
        gone = random.choice(list(old.rules))
        new = old._replace(rules={name: rule for name, rule in old.rules.items() if name != gone})
        if len(old.inputs) <= 5 and not any(Enumeration(Domain(Definitions(it))).contradictory for it in (old, new)):
            return old, new


def meets(facts: Facts, condition: dict[str, list[Value]]) -> bool:
    return all(facts[name] in values for name, values in condition.items())


def partial_patients(domain: Domain) -> list[dict[str, Value]]:
    cells: list[list[Value | None]] = [[None, *(cell.value for cell in found)] for found in domain.cells.values()]
    patients = (dict(zip(domain.cells, values, strict=True)) for values in product(*cells))
    return [{name: value for name, value in it.items() if value is not None} for it in patients]


def seen(evaluation: Evaluation) -> tuple[object, ...]:
    """All observables of the answer."""
    kb, truth = evaluation.definitions.kb, evaluation.concluded
    found: list[object] = []
    for step in kb.steps:
        excluded = truth(("excludes", step)) is True
        found += [excluded, not excluded and truth(("supports", step)) is False, truth(("available", step)) is True]
    for option in kb.options:
        found += [truth(("offered", option)), truth(("excludes", option)) is True, truth(("prefers", option))]
    found += [truth(("cautions", place)) for place in (*kb.steps, *kb.options)]
    found += [truth(("alert", name)) for name in kb.alerts] + [truth(("given", name)) for name in kb.advice]
    for name in sorted(evaluation.definitions.premises):
        if name[0] in ("finding", "score"):
            found.append(truth(name))
    return tuple(found)


# --- a second knowledge base, its vocabulary and its constraints ------------------------------------------------------


@pytest.fixture(scope="module")
def roofs() -> KnowledgeBase:
    return read_knowledge(ROOFS)


def test_on_another_ladder_a_flipped_threshold_is_shown_at_the_threshold(tmp_path: Path, roofs: KnowledgeBase) -> None:
    found = compared(Copy("rules/mending.yaml", "roof_age > 60 years", "roof_age >= 60 years"), tmp_path, roofs)
    assert {(it.before, it.after) for it in found.shared.steps} == {("patch", "recover"), ("patch", "catch_water")}
    for its in (its for change in found.shared.steps for its in change.classes):
        assert "roof_age >= 60 years and roof_age <= 60 years" in its.premises
        assert its.witness.written["roof_age"] == "60 years"
        assert [edit.id for edit in its.causes] == ["old-roof-is-worn"]


def test_on_another_ladder_an_edit_that_means_the_same_is_proved_equivalent(
    tmp_path: Path, roofs: KnowledgeBase
) -> None:
    copy = Copy("rules/mending.yaml", "when: leak in [none, drip]", "when: leak is not stream")
    assert compared(copy, tmp_path, roofs).equivalent


def test_a_removed_finding_changes_answers_given_or_not(tmp_path: Path, roofs: KnowledgeBase) -> None:
    folder = Copy("rules/mending.yaml", "          - rot\n", "").of(ROOFS, tmp_path)
    rules, vocabulary = folder / "rules" / "mending.yaml", folder / "vocabulary.yaml"
    text = rules.read_text("utf-8")
    start, end = text.index("  rotten-roof-is-worn:"), text.index("  patch-that-held-briefly-failed:")
    rules.write_text(text[:start] + text[end:], "utf-8")
    text = vocabulary.read_text("utf-8")
    start, end = text.index("  rot:\n"), text.index("  # The leak")
    vocabulary.write_text(text[:start] + text[end:], "utf-8")
    found = difference(roofs, read_knowledge(folder))
    assert found.named == ("the finding rot is gone",)
    assert not found.equivalent
    assert found.shared.steps == ()
    assert all(change.only == UNKNOWN for change in found.shared.others)
    (answer,) = found.shared.answers
    assert answer.witness.before.endswith("provisional")
    assert answer.witness.after.endswith("certain")
    assert found.own.steps
    assert all("rot" in its.witness.given for change in found.own.steps for its in change.classes)


def test_a_new_value_is_named_and_the_others_are_compared(tmp_path: Path, roofs: KnowledgeBase) -> None:
    copy = Copy("vocabulary.yaml", "values: [tile, slate, felt, metal]", "values: [tile, slate, felt, metal, reed]")
    found = compared(copy, tmp_path, roofs)
    assert found.named == ("covering: reed is new",)
    assert not found.equivalent
    (admitted,) = found.own.admitted
    assert (admitted.side, admitted.what, admitted.witness.given) == ("new", "covering", {"covering": "reed"})
    assert admitted.witness.before == "covering cannot be reed"
    assert [edit.id for edit in admitted.causes] == ["covering"]


def test_another_usual_value_changes_an_answer_that_depends_on_it(tmp_path: Path, roofs: KnowledgeBase) -> None:
    copy = Copy("vocabulary.yaml", "range: 0 .. 1\n    usual: 5 %", "range: 0 .. 1\n    usual: 50 %")
    found = compared(copy, tmp_path, roofs)
    assert (found.shared.steps, found.equivalent) == ((), False)
    (presumed,) = found.shared.background
    assert (presumed.name, presumed.witness.before) == ("damaged_share", "0.05, presumed")
    (answer,) = found.shared.answers
    assert answer.witness.before == "patch, provisional"
    assert answer.witness.after == "recover, provisional"


def test_a_usual_value_that_decides_nothing_changes_only_the_presumption(tmp_path: Path, roofs: KnowledgeBase) -> None:
    copy = Copy("vocabulary.yaml", "range: 0 years .. 400 years\n    usual: 20 years",
                "range: 0 years .. 400 years\n    usual: 30 years")  # fmt: skip
    found = compared(copy, tmp_path, roofs)
    assert [(it.name, it.witness.before, it.witness.after) for it in found.shared.background] == [
        ("roof_age", "20 years, presumed", "30 years, presumed")
    ]
    assert found.shared._replace(background=()) == PartChanges()


def test_patients_that_only_one_side_permits_are_reported(tmp_path: Path, roofs: KnowledgeBase) -> None:
    copy = Copy("vocabulary.yaml", "never: [leak is none, drops > 0]", "never: [leak is none, drops > 5]")
    found = compared(copy, tmp_path, roofs)
    (admitted,) = found.shared.admitted
    assert admitted.side == "new"
    assert set(admitted.witness.given) == {"leak", "drops"}
    assert admitted.witness.before == "these facts contradict each other"
    assert [edit.id for edit in admitted.causes] == ["no-drops-without-a-leak"]
    assert not found.equivalent


def test_two_edits_each_of_which_suffices_are_both_named(tmp_path: Path, roofs: KnowledgeBase) -> None:
    before = "  worn-roof-excludes-a-patch:"
    more = [second(name, "damaged_share > 1/8", "excludes patch", "[B04]") for name in ("one-more", "two-more")]
    found = compared(Copy("rules/mending.yaml", before, "".join(more) + before), tmp_path, roofs)
    causes = [[edit.id for edit in its.causes] for change in found.shared.steps for its in change.classes]
    assert causes
    assert all(its == ["one-more", "two-more"] for its in causes)


def test_what_to_do_meanwhile_at_a_gate_is_compared(tmp_path: Path, roofs: KnowledgeBase) -> None:
    copy = Copy("ladder.yaml", "    gate: yes\n    meanwhile: catch_water\n", "    meanwhile: patch\n    gate: yes\n")
    found = compared(copy, tmp_path, roofs)
    (change,) = found.shared.others
    assert (change.kind, change.name) == ("meanwhile", "inspect")
    assert (change.witness.before, change.witness.after) == ("meanwhile catch_water", "meanwhile patch")


def test_a_change_that_no_answer_shows_is_marked(tmp_path: Path, kb: KnowledgeBase) -> None:
    put = second("one-more", "pregnant", "excludes non_fusion_implant.disc_replacement", "[S43]")
    found = compared(Copy("rules/non-fusion.yaml", "rules:\n", "rules:\n" + put), tmp_path, kb)
    (change,) = found.shared.others
    assert (change.kind, change.name, change.only) == ("option", "non_fusion_implant.disc_replacement", ASKED)
    assert change.witness.given == {"pregnant": True}


def test_what_the_solver_cannot_decide_is_reported_as_unproved(
    tmp_path: Path, roofs: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    def undecided(*_: object) -> bool:
        raise UnprovedError("timeout")

    monkeypatch.setattr(Prover, "possible", undecided)
    found = compared(
        Copy("rules/mending.yaml", "when: leak in [none, drip]", "when: leak is not stream"), tmp_path, roofs
    )
    assert not found.equivalent
    assert "the recommended step: the solver could not decide: timeout" in found.unproved
    assert summary(found)[0].startswith("Whether a recommended step changes is not decided.")
    assert "the solver could not decide the recommended step" in summary(found)[0]


def test_the_first_line_names_what_is_proved_and_what_is_undecided(roofs: KnowledgeBase) -> None:
    same = difference(roofs, roofs)
    unsure = same._replace(unproved=("how certain an answer is: the solver could not decide: timeout",))
    assert summary(unsure)[0] == (
        "Proved: no recommended step changes when all findings are recorded. "
        "Not proved equivalent: the solver could not decide how certain an answer is."
    )


# --- the command ------------------------------------------------------------------------------------------------------

OLDER = Copy("rules/mending.yaml", "roof_age > 60 years", "roof_age > 50 years")


def test_the_whole_begins_with_three_lines_to_paste(tmp_path: Path) -> None:
    edited = OLDER.of(ROOFS, tmp_path)
    status, out, err = run("diff", "--full", str(ROOFS), str(edited))
    lines = out.splitlines()
    assert (status, err) == (0, "")
    assert lines[0].startswith(
        "The recommended step changes for some patients: patch -> catch_water, patch -> recover."
    )
    assert lines[1].startswith(f"Because of {edited}/rules/mending.yaml:")
    assert "old-roof-is-worn (edited)" in lines[1]
    assert lines[2].endswith("1 edit. Answers change: raise the version.")
    assert lines[3] == ""
    assert "+ when: [roof_age > 50 years, covering is not slate]" in out


def test_the_command_fails_on_a_change_only_on_request(tmp_path: Path) -> None:
    edited = str(OLDER.of(ROOFS, tmp_path))
    assert run("diff", str(ROOFS), edited, "--fail-on-change").status == 1
    same = run("diff", str(ROOFS), str(ROOFS), "--fail-on-change")
    assert same.status == 0
    assert same.out.startswith("Proved equivalent")


def test_the_cases_in_json_pass_on_the_new_knowledge(tmp_path: Path) -> None:
    edited = OLDER.of(ROOFS, tmp_path)
    status, out, _ = run("diff", str(ROOFS), str(edited), "--format", "json")
    answer = json.loads(out)
    assert (status, answer["equivalent"]) == (0, False)
    assert len(answer["summary"]) == 3
    file = tmp_path / "found.test.yaml"
    file.write_text("\n".join(its["case"] for step in answer["steps"] for its in step["classes"]), "utf-8")
    new = Reasoner(read_knowledge(edited))
    results = [run_case(new, case) for case in read_cases(new.kb, [file])]
    assert results
    assert all(not result.failures for result in results)


def test_a_cohort_is_counted_from_step_to_step(tmp_path: Path) -> None:
    edited, cohort = str(OLDER.of(ROOFS, tmp_path)), tmp_path / "roofs.ndjson"
    worn = {"roof_age": "55 years", "leak": "stream"}
    patients = [{"roof_age": "20 years"}, worn, {"leak": "drip"}, worn]
    cohort.write_text("\n".join(map(json.dumps, patients)), "utf-8")
    result = run("diff", str(ROOFS), edited, "--cohort", str(cohort))
    assert "2 of 4 patients treated differently" in result.out
    assert "patch -> recover: 2 (2, 4)" in result.out
    table, listed = tmp_path / "roofs.csv", tmp_path / "roofs.json"
    table.write_text("key,roof_age [years],leak\na,20,\nb,55,stream\nc,,drip\nd,55,stream\n", "utf-8")
    listed.write_text(json.dumps(patients), "utf-8")
    for other in (table, listed):
        assert run("diff", str(ROOFS), edited, "--cohort", str(other)).out == result.out
    folder = tmp_path / "roofs"
    folder.mkdir()
    (folder / "old.yaml").write_text("roof_age: 55 years\nleak: stream\n", "utf-8")
    (folder / "young.yaml").write_text("roof_age: 5 years\nleak: stream\n", "utf-8")
    assert "patch -> recover: 1 (old.yaml)" in run("diff", str(ROOFS), edited, "--cohort", str(folder)).out


def test_a_row_that_one_side_cannot_read_has_no_step_there(tmp_path: Path) -> None:
    older = tmp_path / "older"
    shutil.copytree(ROOFS, older)
    vocabulary = (older / "vocabulary.yaml").read_text("utf-8")
    (older / "vocabulary.yaml").write_text(vocabulary.replace("0 mm .. 2 m", "0 mm .. 1 m"), "utf-8")
    table = tmp_path / "roofs.csv"
    table.write_text("leak,sag [mm]\ndrip,0\ndrip,1500\n", "utf-8")
    counted = json.loads(run("diff", str(older), str(ROOFS), "--cohort", str(table), "--format", "json").out)["cohort"]
    assert counted["patients"] == 2
    assert [(it["patient"], it["before"]) for it in counted["different"]] == [("2", None)]
    table.write_text("leak,sag [mm]\ndrip,0\ndrip,2500\n", "utf-8")
    status, out, err = run("diff", str(older), str(ROOFS), "--cohort", str(table))
    assert (status, out) == (2, "")
    assert f"{table}:3" in err


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("cohort.yaml", ""),
        ("cohort.yaml", "leak: drip"),
        ("cohort.yaml", "- leak: drop"),
        ("cohort.yaml", "- {leak: drip"),
        ("cohort.ndjson", '{"leak": "drip"}\n{"leek": "drip"}'),
        ("cohort.csv", "leak\ndrop\n"),
        ("cohort.csv", "leak\n"),
        ("none.csv", None),
    ],
)
def test_a_wrong_cohort_ends_with_status_2(name: str, text: str | None, tmp_path: Path) -> None:
    file = tmp_path / name
    if text is not None:
        file.write_text(text, "utf-8")
    status, out, err = run("diff", str(ROOFS), str(ROOFS), "--cohort", str(file))
    assert (status, out) == (2, "")
    assert "expected" in err or "did you mean" in err


# --- git --------------------------------------------------------------------------------------------------------------


def git(folder: Path, *words: str) -> None:
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", str(folder), *who, *words], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with the roofs in its first commit, tagged first-cut; the folder was edited afterwards."""
    if not shutil.which("git"):
        pytest.skip("there is no git")
    git(tmp_path, "init", "-q")
    shutil.copytree(ROOFS, tmp_path / "edited")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "First")
    git(tmp_path, "tag", "first-cut")
    shutil.rmtree(tmp_path / "edited")
    return OLDER.of(ROOFS, tmp_path)


def test_a_revision_is_compared_with_the_folder_as_it_is(repository: Path) -> None:
    result = run("diff", "HEAD", "--knowledge", str(repository))
    assert (result.status, result.err) == (0, "")
    assert "patch  recover" in result.out


def test_a_revision_with_entrys_in_a_subfolder_is_refused_like_such_a_folder(repository: Path) -> None:
    lost = repository / "rules" / "sub"
    lost.mkdir()
    (lost / "more.yaml").write_text("rules: {}\n", "utf-8")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "Lost")
    shutil.rmtree(lost)
    result = run("diff", "HEAD", "--knowledge", str(repository))
    assert (result.status, result.out) == (2, "")
    assert "HEAD:edited/rules/sub is a folder, which is not read" in result.err


def test_two_revisions_are_compared(repository: Path) -> None:
    git(repository, "commit", "-q", "-a", "-m", "Second")
    result = run("diff", "first-cut", "HEAD", "--full", "--knowledge", str(repository))
    assert "patch -> recover" in result.out.splitlines()[0]
    assert "Because of HEAD:edited/rules/mending.yaml:" in result.out.splitlines()[1]
    assert run("diff", "HEAD", "--knowledge", str(repository)).out.startswith("Proved equivalent")


def test_wrong_revisions_end_with_status_2(repository: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(ROOFS, other)
    wrong = {
        "first-cat": "did you mean first-cut?",
        "": "does not name a knowledge folder",
        "HEAD:edited/vocabulary.yaml": "neither a folder nor a revision",
    }
    for word, says in wrong.items():
        status, out, err = run("diff", word, "--knowledge", str(repository))
        assert (status, out) == (2, "")
        assert says in err
    assert (
        "there is no folder other at the revision first-cut" in run("diff", "first-cut", "--knowledge", str(other)).err
    )


def test_a_revision_outside_a_repository_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "roofs"
    shutil.copytree(ROOFS, folder)
    status, _, err = run("diff", "HEAD", "--knowledge", str(folder), GIT_CEILING_DIRECTORIES=str(tmp_path))
    assert status == 2
    assert "is not in a git repository" in err


# --- scores and standings ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("swapped", [False, True])
def test_a_score_with_a_wider_range_is_compared(tmp_path: Path, swapped: bool) -> None:
    def scored(name: str, *points: str) -> KnowledgeBase:
        tally = {"type": "score", "points": [{"when": it, "points": 1} for it in points]}
        return small_ladder(
            tmp_path / name,
            findings={it: yes_no("no") for it in "abc"},
            concluded={"tally": tally},
            rules={"go": rule("tally >= 1", "supports go"), "stay": rule("c", "supports go")},
            steps={"go": {}},
        )

    sides = scored("old", "a", "b"), scored("new", "a", "b", "c")
    found = difference(*(sides[::-1] if swapped else sides))
    assert found.unproved == ()
    (change,) = (it for it in found.shared.others if it.kind == "finding")
    assert (change.name, change.witness.given, change.witness.confirmed) == ("tally", {"c": True}, True)
    assert old_and_new(change.witness, swapped) == ("0", "1")


def test_an_option_with_another_standing_is_another_answer(tmp_path: Path) -> None:
    def standing(name: str, word: str) -> KnowledgeBase:
        return small_ladder(
            tmp_path / name,
            findings={"ill": yes_no("no")},
            rules={"ill": rule("ill", "supports rest")},
            steps={
                "rest": {"options": {"bed": {"standing": word}}},
                "never": {"options": {"sofa": {"standing": word}}},
            },
        )

    found = difference(standing("old", "optional"), standing("new", "not_recommended"))
    assert not found.equivalent
    assert found.unproved == ()
    (change,) = found.shared.others
    assert (change.kind, change.name, change.witness.given) == ("standing", "rest.bed", {"ill": True})
    assert (change.witness.before, change.witness.after) == ("optional", "not recommended")
    assert [(it.id, it.parts) for it in change.causes] == [("rest.bed", ("standing",))]
