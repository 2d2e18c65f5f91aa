"""Why and why not: trees that rest on known facts, and premises that are in the way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from expert import KnowledgeBase, PatientError
from expert.answer.assess import Reasoner
from expert.answer.assessment import Assessment
from expert.answer.explanations import BlockedRule, Derivation, Explanation, Fact, Origin, SplitCase
from expert.answer.why import Explainer
from expert.lang.definitions import over_inputs
from expert.lang.facts import Patient
from expert.lang.premises import Is, Name, Not, literals, written
from expert.lang.values import Facts, Value
from expert.lang.vocabulary import Constraint
from expert.logic.kleene import Evaluation
from expert.read.patient import PatientReader
from expert.render.claims import claim_text, needed
from tests.command_line import run
from tests.conftest import REPOSITORY, patient
from tests.random_patients import assessments
from tests.small_ladder import choice, quantity, rule, small_ladder, yes_no

WORKED = sorted(path.stem for path in (REPOSITORY / "knowledge" / "patients").glob("*.yaml"))[::2]
FACTS = ("given", "default", "forced", "presumed", "case", "idle")


def explainer(reasoner: Reasoner, *assignments: str) -> Explainer:
    return Explainer(reasoner, reasoner.assess(patient(reasoner.kb, *assignments)))


def targets(kb: KnowledgeBase) -> list[str]:
    return [*kb.steps, *kb.options, *kb.findings, *kb.alerts, *kb.advice]


def nodes(tree: Derivation) -> Iterator[Derivation]:
    yield tree
    for part in tree.follows_from:
        yield from nodes(part)


def trees(it: Explanation) -> tuple[Derivation, ...]:
    return (*it.against, *((it.derivation,) if it.derivation else ()))


def facts_in(tree: Derivation) -> set[Fact]:
    return {fact for node in nodes(tree) for fact in node.facts}


def blocked_rules(blocked: tuple[BlockedRule, ...]) -> Iterator[BlockedRule]:
    for rule_ in blocked:
        yield rule_
        for blocker in rule_.blockers:
            yield from blocked_rules(blocker.rules)


def settled_facts(it: Assessment, *, provisional: bool) -> dict[str, Value]:
    return it.background.all if provisional else it.background.known


def origins(it: Assessment) -> dict[str, Facts]:
    background = it.background
    return {
        "given": background.given,
        "default": background.defaults,
        "forced": background.forced,
        "presumed": background.presumed,
    }


# --- over worked patients ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=WORKED)
def worked(request: pytest.FixtureRequest, reasoner: Reasoner) -> Explainer:
    path = REPOSITORY / "knowledge" / "patients" / f"{request.param}.yaml"
    return Explainer(reasoner, reasoner.assess(PatientReader(reasoner.kb).patient(str(path))))


def test_everything_about_a_worked_patient_can_be_explained(worked: Explainer) -> None:
    for target in targets(worked.kb):
        why = worked.why(target)
        assert why.target == target
        assert why.title
        assert why.verdict


def test_an_explanation_has_a_derivation_or_says_what_is_in_the_way(worked: Explainer) -> None:
    for target in targets(worked.kb):
        it = worked.why(target)
        concluding = [r for r in worked.kb.rules.values() for then in r.then if then.target == target]
        earlier = (*it.earlier, *it.earlier_presumed, *it.earlier_open)
        assert it.derivation or it.blocked or it.against or it.undecided or earlier or it.goes_with or not concluding


def test_what_is_recommended_and_raised_as_presumed_has_a_derivation(worked: Explainer) -> None:
    it = worked.assessment
    holding = [notice.name for notice in (*it.alerts, *it.advice) if notice.presumed_status == "holds"]
    holding += [option.option for option in it.options if option.presumed_status == "offered"]
    for target in [*holding, *([it.recommended] if it.recommended else [])]:
        assert worked.why(target).derivation is not None


def test_steps_that_are_not_recommended_have_no_derivation(worked: Explainer) -> None:
    for step in worked.kb.steps:
        if step != worked.assessment.recommended:
            assert worked.why(step).derivation is None


# --- over random patients ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def explained(reasoner: Reasoner) -> list[tuple[Assessment, list[Explanation]]]:
    """Random patients, each with everything explained."""
    found = []
    for it in assessments(reasoner, count=20):
        asked = Explainer(reasoner, it)
        found.append((it, [asked.why(target) for target in targets(reasoner.kb)]))
    return found


def test_the_leaves_of_a_why_tree_are_facts_with_their_origin(
    explained: list[tuple[Assessment, list[Explanation]]],
) -> None:
    for it, explanations in explained:
        sources = {**origins(it), "idle": it.background.all}
        for explanation in explanations:
            for node in (node for tree in trees(explanation) for node in nodes(tree)):
                assert node.origin in ("rule", "definition", *FACTS)
                assert (node.origin == "rule") == (node.rule is not None)
                if node.origin in FACTS:
                    assert [fact.origin for fact in node.facts] == [node.origin]
                    assert not node.follows_from
                for fact in node.facts:
                    assert fact.origin == "case" or fact.finding in sources[fact.origin]


def test_the_values_in_a_why_tree_are_those_of_the_patient(
    reasoner: Reasoner, explained: list[tuple[Assessment, list[Explanation]]]
) -> None:
    for it, explanations in explained:
        reader, sources = PatientReader(reasoner.kb), {**origins(it), "idle": it.background.all}
        shown = {fact for explanation in explanations for tree in trees(explanation) for fact in facts_in(tree)}
        for fact in shown:
            if fact.origin != "case":
                read = reader.patient(None, [f"{fact.finding}={fact.value}"])
                assert read.facts == {fact.finding: sources[fact.origin][fact.finding]}


def test_only_a_provisional_explanation_rests_on_presumptions(
    explained: list[tuple[Assessment, list[Explanation]]],
) -> None:
    provisional = 0
    for _, explanations in explained:
        for explanation in explanations:
            presumed = any(fact.origin == "presumed" for tree in trees(explanation) for fact in facts_in(tree))
            assert explanation.provisional or not presumed
            provisional += explanation.provisional and presumed
    assert provisional > 0


def defined(reasoner: Reasoner, target: str, it: Assessment) -> Name:
    """The definition that says whether a target holds."""
    kb = reasoner.kb
    if target in kb.concluded and kb.findings[target].values:
        known, presumed = it.findings[target], it.presumed_findings[target]
        return ("finding", target, str(known if known is not None else presumed))
    kinds = {"recommended": kb.steps, "offered": kb.options, "alert": kb.alerts, "given": kb.advice}
    return (next((role for role, names in kinds.items() if target in names), "finding"), target)


def test_the_facts_in_a_why_tree_suffice_for_its_conclusion(
    reasoner: Reasoner, explained: list[tuple[Assessment, list[Explanation]]]
) -> None:
    reported = 0
    for it, explanations in explained:
        for explanation in explanations:
            if explanation.derivation is None or explanation.target in reasoner.kb.given:
                continue
            branches = [part for part in explanation.derivation.follows_from if part.origin == "case"]
            for tree in branches or [explanation.derivation]:
                named = {fact.finding for fact in facts_in(tree)}
                given = {**settled_facts(it, provisional=explanation.provisional), **case_values(reasoner, tree)}
                facts = {name: value for name, value in given.items() if name in named}
                logic = Evaluation(reasoner.definitions, facts)
                assert logic.concluded(defined(reasoner, explanation.target, it)) is True
                reported += 1
    assert reported > 200


def case_values(reasoner: Reasoner, tree: Derivation) -> Facts:
    """The values that a branch of a split adds."""
    case = [f"{fact.finding}={fact.value}" for fact in facts_in(tree) if fact.origin == "case"]
    return PatientReader(reasoner.kb).patient(None, case).facts


def test_what_excludes_a_step_follows_from_facts_that_suffice_for_it(
    reasoner: Reasoner, explained: list[tuple[Assessment, list[Explanation]]]
) -> None:
    reported = 0
    for it, explanations in explained:
        for explanation in explanations:
            for tree in explanation.against:
                assert tree.rule is not None
                named = {fact.finding for fact in facts_in(tree)}
                known = settled_facts(it, provisional=explanation.provisional)
                facts = {name: value for name, value in known.items() if name in named}
                assert Evaluation(reasoner.definitions, facts).concluded(("rule", tree.rule.id)) is True
                reported += 1
    assert reported > 10


def test_why_not_names_every_premise_that_fails_or_is_unknown_and_no_other(
    reasoner: Reasoner, explained: list[tuple[Assessment, list[Explanation]]]
) -> None:
    reported = 0
    for it, explanations in explained:
        for explanation in explanations:
            logic = Evaluation(reasoner.definitions, settled_facts(it, provisional=explanation.provisional))
            seen = set()
            for blocked in blocked_rules((*explanation.undecided, *explanation.blocked)):
                assert blocked.again is (blocked.rule.id in seen)  # what it lacks is shown where it appears first
                if blocked.again:
                    continue
                seen.add(blocked.rule.id)
                premises = [*blocked.rule.when, *map(Not, blocked.rule.unless)]
                in_the_way = [p for p in premises if logic.evaluate(over_inputs(p, reasoner.kb)) is not True]
                assert [blocker.premise for blocker in blocked.blockers] == in_the_way
                assert in_the_way
                for blocker, premise in zip(blocked.blockers, in_the_way, strict=True):
                    named = dict.fromkeys(literal.finding for literal in literals(premise))
                    assert [fact.finding for fact in blocker.read] == list(named)
                    assert needed(blocker.premise)
                reported += 1
    assert reported > 200


def test_why_not_reads_the_values_that_the_patient_has(
    reasoner: Reasoner, explained: list[tuple[Assessment, list[Explanation]]]
) -> None:
    for it, explanations in explained:
        for explanation in explanations:
            facts = settled_facts(it, provisional=explanation.provisional)
            for blocked in blocked_rules((*explanation.blocked, *explanation.undecided)):
                for fact in (fact for blocker in blocked.blockers for fact in blocker.read):
                    if fact.finding in reasoner.kb.concluded:
                        concluded = it.presumed_findings if explanation.provisional else it.findings
                        known = it.findings[fact.finding]
                        value = concluded[fact.finding] if known is None else known
                        assert fact.value == reasoner.domain.write(fact.finding, value)
                    elif fact.origin == "unknown":
                        assert fact.finding not in it.background.all
                    else:
                        assert fact.finding in origins(it)[fact.origin]
                        assert explanation.provisional or fact.origin == "presumed" or fact.finding in facts


# --- one small ladder, in full ----------------------------------------------------------------------------------------


@pytest.fixture
def shop(tmp_path: Path) -> Reasoner:
    """Ways to get a chair."""
    return Reasoner(
        small_ladder(
            tmp_path,
            findings={
                "broken": yes_no("no"),
                "wood": choice("oak", "pine", "none", usual="pine"),
                "money": quantity("0 .. 100", "10"),
                "tools": yes_no("no"),
                "closed": yes_no(),
                "season": choice("summer", "winter", group="site", default="summer"),
            },
            concluded={
                "can_glue": {"title": "It can be glued"},
                "kind": {"title": "Kind", "type": "choice", "values": ["good", "cheap"]},
            },
            rules={
                "tools-and-wood-glue": rule(["tools", "wood is not none"], "can_glue"),
                "oak-is-good": rule("wood is oak", "kind is good"),
                "pine-is-cheap": rule("wood is pine", "kind is cheap"),
                "glue-supports-mend": rule(["broken", "can_glue"], "supports mend"),
                "rich-supports-buy": rule({"any": ["money > 50", "kind is good"]}, "supports buy"),
                "closed-excludes-buy": rule("closed", "excludes buy"),
                "all-may-stand": rule("always", "supports stand"),
                "poor-alert": rule("money < 5", "alert poor"),
                "winter-advice": rule("season is winter", "advise warm"),
                "some-wood": rule(
                    ["wood in [oak, pine]"], "supports stand.lean", unless=["money >= 90", "season is winter"]
                ),
            },
            steps={"mend": {}, "buy": {}, "stand": {"options": {"lean": {"offered": "if_supported"}}}, "sit": {}},
            alerts=["poor"],
            advice={"warm": ["stand"]},
        )
    )


def tree_text(kb: KnowledgeBase, tree: Derivation, indent: int = 0) -> list[str]:
    reported = ", ".join(f"{fact.finding} {fact.value} ({fact.origin})" for fact in tree.facts)
    head = (
        f"{' ' * indent}{tree.rule.id if tree.rule else claim_text(kb, tree.claim)}{': ' if reported else ''}{reported}"
    )
    return [head, *(line for part in tree.follows_from for line in tree_text(kb, part, indent + 1))]


def test_a_why_tree_goes_from_the_step_through_rules_to_facts(shop: Reasoner) -> None:
    it = explainer(shop, "broken=yes", "tools=yes", "wood=oak").why("mend")
    assert it.derivation is not None
    assert (it.verdict, it.provisional) == ("is recommended", False)
    assert tree_text(shop.kb, it.derivation) == [
        "Mend is recommended",
        " Mend is available",
        "  glue-supports-mend",
        "   broken: broken yes (given)",
        "   can_glue is yes",
        "    tools-and-wood-glue",
        "     tools: tools yes (given)",
        "     wood is not none: wood oak (given)",
        "  Mend is not excluded",
    ]


def test_a_why_tree_shows_a_negative_conclusion_by_the_facts_that_rule_it_out(shop: Reasoner) -> None:
    it = explainer(shop, "broken=no", "money=60", "closed=no").why("buy")
    assert it.derivation is not None
    lines = tree_text(shop.kb, it.derivation)
    assert "  Buy is not excluded: closed no (given)" in lines
    assert " Mend is not available: broken no (given)" in lines


def test_a_step_that_rests_on_a_presumption_says_so_at_the_leaf(shop: Reasoner) -> None:
    it = explainer(shop, "broken=yes", "tools=yes").why("mend")
    assert it.provisional
    assert it.derivation is not None
    assert Fact("wood", "pine", "presumed") in facts_in(it.derivation)


def blockers(it: Explanation) -> list[tuple[str, str, list[Fact], str]]:
    return [
        (blocked.rule.id, written(blocker.premise), list(blocker.read), needed(blocker.premise))
        for blocked in blocked_rules(it.blocked)
        for blocker in blocked.blockers
    ]


def test_why_not_says_what_was_read_and_what_was_needed_down_to_the_rules_of_a_conclusion(shop: Reasoner) -> None:
    it = explainer(shop, "broken=no", "tools=no", "money=10", "closed=no").why("mend")
    assert (it.verdict, it.provisional, it.earlier) == ("is not recommended", False, ())
    assert blockers(it) == [
        ("glue-supports-mend", "broken", [("broken", "no", "given")], "yes"),
        ("glue-supports-mend", "can_glue", [("can_glue", "no", "concluded")], "yes"),
        ("tools-and-wood-glue", "tools", [("tools", "no", "given")], "yes"),
        ("tools-and-wood-glue", "wood is not none", [("wood", "pine", "presumed")], "not none"),
    ]


def test_why_not_says_of_several_ways_that_one_would_do(shop: Reasoner) -> None:
    it = explainer(shop, "broken=no", "money=10", "wood=pine", "closed=no").why("buy")
    assert blockers(it) == [
        (
            "rich-supports-buy",
            "money > 50 or kind is good",
            [("money", "10", "given"), ("kind", "cheap", "concluded")],
            "one of: money > 50; kind is good",
        ),
        ("oak-is-good", "wood is oak", [("wood", "pine", "given")], "oak"),
    ]


def test_why_not_names_exceptions_that_hold(shop: Reasoner) -> None:
    it = explainer(shop, "money=95", "wood=oak").why("stand.lean")
    assert blockers(it) == [("some-wood", "not (money >= 90)", [("money", "95", "given")], "not >= 90")]


def test_why_not_names_what_excludes_a_step_and_what_comes_before_it(shop: Reasoner) -> None:
    it = explainer(shop, "money=60", "closed=yes", "broken=yes", "tools=yes", "wood=pine").why("buy")
    assert [tree_text(shop.kb, tree) for tree in it.against] == [["closed-excludes-buy", " closed: closed yes (given)"]]
    assert it.earlier == ("mend",)
    assert it.blocked == ()


def test_a_step_that_no_rule_supports_has_nothing_in_its_way(shop: Reasoner) -> None:
    it = explainer(shop, "closed=no").why("sit")
    assert (it.verdict, it.derivation, it.blocked, it.against) == ("is not recommended", None, (), ())


def test_a_step_that_even_the_presumptions_leave_open_is_called_open(shop: Reasoner) -> None:
    it = explainer(shop, "broken=no", "money=60").why("buy")
    assert (it.verdict, it.provisional) == ("is open: not enough is known", True)
    assert [rule_.rule.id for rule_ in it.undecided] == ["closed-excludes-buy"]
    assert [tuple(blocker.read) for rule_ in it.undecided for blocker in rule_.blockers] == [
        (Fact("closed", "unknown", "unknown"),)
    ]


def test_a_step_behind_one_that_is_available_as_presumed_names_it(shop: Reasoner) -> None:
    it = explainer(shop, "broken=yes", "tools=yes", "closed=no").why("stand")
    assert (it.earlier, it.earlier_presumed, it.earlier_open) == ((), ("mend",), ())


def test_a_step_behind_an_open_one_names_it(shop: Reasoner) -> None:
    it = explainer(shop, "broken=no", "money=60").why("stand")
    assert (it.earlier, it.earlier_open) == ((), ("buy",))


def test_advice_that_goes_with_other_steps_names_them(shop: Reasoner) -> None:
    it = explainer(shop, "season=winter", "broken=yes", "tools=yes").why("warm")
    assert (it.verdict, it.blocked, it.goes_with) == ("is not given", (), ("stand",))


@pytest.mark.parametrize(
    ("target", "verdict"),
    [
        ("poor", "is raised"),
        ("can_glue", "is yes"),
        ("kind", "is cheap"),
        ("stand.lean", "is on offer with its step"),
        ("warm", "is not given"),
    ],
)
def test_every_kind_of_target_has_its_verdict(shop: Reasoner, target: str, verdict: str) -> None:
    assert explainer(shop, "money=3", "tools=yes", "wood=pine", "broken=no").why(target).verdict == verdict


@pytest.mark.parametrize(
    ("target", "verdict"),
    [
        ("money", "is 3, as given"),
        ("wood", "is not known; pine is assumed"),
        ("season", "is summer, the site's default"),
        ("closed", "is not known"),
    ],
)
def test_a_finding_that_people_give_says_where_its_value_comes_from(shop: Reasoner, target: str, verdict: str) -> None:
    it = explainer(shop, "money=3")
    assert it.why(target).verdict == verdict


def test_a_forced_value_names_the_constraint(tmp_path: Path) -> None:
    reasoner = Reasoner(
        small_ladder(
            tmp_path,
            findings={"saw": yes_no("yes"), "sawn": yes_no("no")},
            rules={
                "sawn-supports-sand": rule("sawn", "supports sand"),
                "all-may-paint": rule("always", "supports paint"),
            },
            steps={"sand": {}, "paint": {}},
            constraints={"no-saw-no-sawing": ["not saw", "sawn"]},
        )
    )
    it = explainer(reasoner, "saw=no")
    assert it.why("sawn").verdict.startswith("is no:")
    derivation = it.why("sawn").derivation
    assert derivation is not None
    forced_by = derivation.follows_from[0].claim
    assert isinstance(forced_by, Constraint)
    assert forced_by.id == "no-saw-no-sawing"
    paint = it.why("paint").derivation
    assert paint is not None
    assert Fact("sawn", "no", "forced") in facts_in(paint)


@pytest.mark.parametrize(
    ("written_as", "meant"),
    [
        ("mendd", "mend"),
        ("stand.leen", "stand.lean"),
        ("can_glu", "can_glue"),
        ("por", "poor"),
        ("CAN-GLUE", "can_glue"),
    ],
)
def test_an_unknown_target_is_an_error_that_names_the_nearest(shop: Reasoner, written_as: str, meant: str) -> None:
    with pytest.raises(PatientError, match="is not a step, an option, a finding, an alert or an advice") as error:
        explainer(shop).why(written_as)
    assert error.value.problems[0].suggestion == meant


# --- recommended in every case ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("wind", "provisional"), [("wind=yes", False), ("wind=unknown", True)])
def test_a_step_that_every_case_leads_to_has_one_branch_for_each_case(
    tmp_path: Path, wind: str, provisional: bool
) -> None:
    reasoner = Reasoner(
        small_ladder(
            tmp_path,
            findings={"pole": choice("north", "south"), "wind": yes_no("yes")},
            rules={
                "north-supports-sail": rule(["pole is north", "wind"], "supports sail"),
                "south-supports-sail": rule(["pole is south", "wind"], "supports sail"),
            },
            steps={"sail": {}},
        )
    )
    it = explainer(reasoner, wind).why("sail")
    assert (it.verdict, it.provisional) == ("is recommended in every case", provisional)
    assert explainer(reasoner, wind).why("sail") == it
    assert it.derivation is not None
    cases = [SplitCase((Is("pole", value),)) for value in ("north", "south")]
    assert [branch.claim for branch in it.derivation.follows_from] == cases
    origin: Origin = "presumed" if provisional else "given"
    for branch, pole in zip(it.derivation.follows_from, ("north", "south"), strict=True):
        assert facts_in(branch) == {Fact("wind", "yes", origin), Fact("pole", pole, "case")}


def test_explaining_changes_nothing(reasoner: Reasoner, kb: KnowledgeBase) -> None:
    someone: Patient = patient(kb, "age=45 years", "severity=severe")
    before = reasoner.assess(someone)
    asked = Explainer(reasoner, before)
    first = [asked.why(target) for target in targets(kb)]
    assert [asked.why(target) for target in reversed(targets(kb))] == first[::-1]
    assert reasoner.assess(someone) == before


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("endoscopic", "full_endoscopic_discectomy"),
        ("microendoscopic", "did you mean minimally_invasive.microendoscopic_discectomy?"),
        ("fusion", "did you mean decompression_with_fusion, non_fusion_implant"),
        ("stenosiss", "did you mean stenosis?"),
    ],
)
def test_a_word_of_a_title_leads_to_the_target(word: str, hint: str, reasoner: Reasoner) -> None:
    with pytest.raises(PatientError, match=re.escape(hint)):
        explainer(reasoner).why(word)


def test_an_option_is_explained_with_the_preferred_one(reasoner: Reasoner, kb: KnowledgeBase) -> None:
    it = explainer(reasoner, "severity=severe", "conservative_duration=14 weeks", "conservative_result=ineffective")
    other = it.why("minimally_invasive.tubular_discectomy")
    title = kb.options["minimally_invasive.microendoscopic_discectomy"].title
    assert other.verdict == f"is on offer with its step; preferred: {title}"
    assert it.why("minimally_invasive.microendoscopic_discectomy").verdict == "is on offer with its step, and preferred"


@pytest.mark.parametrize(
    "words", [("why",), ("why", "--enough"), ("what-if", "--to", "any"), ("what-if", "stenosis=severe")]
)
@pytest.mark.parametrize("name", ["fourteen-weeks", "foot-drop", "back-without-mri"])
def test_explanations_for_clinicians_name_no_finding_by_its_identifier(words: tuple[str, ...], name: str) -> None:
    command, *others = words
    out = run(command, str(REPOSITORY / "knowledge" / "patients" / f"{name}.yaml"), *others).out
    assert re.findall(r"\b[a-z0-9]+_[a-z0-9_]+", out.replace(str(REPOSITORY), "")) == []
