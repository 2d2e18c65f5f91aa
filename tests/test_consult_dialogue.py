"""A consultation line by line: what may be typed, what comes of it, and what is saved."""

from __future__ import annotations

import errno
import io
import os
import re
import shlex
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expert import KnowledgeBase, PatientError, read_knowledge
from expert.answer.assess import Reasoner
from expert.answer.consult import ConsultationTurns
from expert.cli import INTERRUPTED
from expert.cli.dialogue import PROMPT, Dialogue
from expert.journal.session import Session, new_session
from expert.lang.facts import Question
from expert.lang.values import Value
from expert.read.answer import WORDS, read_answer, read_word
from expert.read.patient import PatientReader
from expert.render.consultation import ConsultationTerminal
from expert.render.first_screen import write_first_screen
from expert.render.terminal import Terminal
from tests.consulting import reply
from tests.malformed import BASE
from tests.small_ladder import choice, quantity, rule, small_ladder, yes_no

NOON = datetime(2026, 3, 4, 12, 5, 6)
ROOF = Path(__file__).parent / "other_ladder"
GARDEN = read_knowledge(BASE)

Said = Mapping[str, Value | None]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    """A checklist of every kind of finding, and a choice with values that are called like words."""
    return small_ladder(
        tmp_path_factory.mktemp("small"),
        findings={
            "place": choice("back", "leg_left", "leg_right", "why", "so_far", "none", usual="none"),
            "fever": yes_no("no"),
            "chills": yes_no("no"),
            "vaccinated": yes_no("yes"),
            "sag": quantity("0 mm .. 2 m", "0 mm", "mm"),
            "colour": choice("grey", "green", "none", usual="none"),
            "age": quantity("0 years .. 120 years", "45 years", "years", unit_may_be_omitted="yes"),
        },
        panels={"signs": {"fever": "no", "chills": "no", "vaccinated": "yes", "sag": "0 mm", "colour": "none"}},
        steps={"wait": {}, "mend": {}},
        constraints={"hot": ["fever", "chills", "age < 10 years"]},
        rules={
            "wait": rule("always", "supports wait"),
            "mend": rule("always", "supports mend"),
            "in-place": rule("place in [back, why, so_far]", "excludes wait"),
            "warm": rule("fever", "excludes wait"),
            "cold": rule("chills", "excludes wait"),
            "open": rule("not vaccinated", "excludes wait"),
            "low": rule("sag > 100 mm", "excludes wait"),
            "green": rule("colour is green", "excludes wait"),
            "old": rule("age > 70 years", "excludes wait"),
        },
    )


PLACE = Question("Where?", ("place",))
AGE = Question("How old?", ("age",))
SICK = Question("Fever?", ("fever",))
SAG = Question("How far?", ("sag",))
LIST = Question("Any of these?", ("fever", "chills", "vaccinated", "sag", "colour"), "signs")
SOIL = Question("What soil?", ("soil",))
WARNINGS = Question("Any of these?", ("pests", "leaves_lost"), "warning_signs")
NOTHING: Said = {"fever": False, "chills": False, "vaccinated": True, "sag": 0.0, "colour": "none"}


def said(kb: KnowledgeBase, line: str, question: Question) -> Said:
    answer = read_answer(kb, line, question, {})
    assert answer.written.keys() == {name for name, value in answer.said.items() if value is not None}
    return answer.said


def wrong(kb: KnowledgeBase, line: str, question: Question, **facts: Value) -> list[str]:
    with pytest.raises(PatientError) as error:
        read_answer(kb, line, question, facts)
    return [str(problem) for problem in error.value.problems]


# --- answers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "line", "value"),
    [
        (SICK, "yes", True),
        (SICK, " Y ", True),
        (SICK, "NO", False),
        (SICK, "n", False),
        (SICK, "false", False),
        (SICK, "unknown", None),
        (PLACE, "leg_left", "leg_left"),
        (PLACE, "Leg left", "leg_left"),
        (PLACE, "leg-r", "leg_right"),
        (PLACE, "b", "back"),
        (PLACE, "none", "none"),
        (PLACE, "Unknown", None),
        (AGE, "45", 45 * 365.25),
        (AGE, "2 weeks", 14.0),
        (SAG, "2cm", 20.0),
    ],
)
def test_an_answer_may_be_shortened_and_is_typed_by_the_vocabulary(
    small: KnowledgeBase, question: Question, line: str, value: Value | None
) -> None:
    assert said(small, line, question) == {question.findings[0]: value}


def test_an_answer_is_kept_as_it_was_written_but_in_full(small: KnowledgeBase) -> None:
    assert read_answer(small, "45", AGE, {}).written == {"age": "45 years"}
    assert read_answer(small, "3  months", AGE, {}).written == {"age": "3 months"}
    assert read_answer(small, "b", PLACE, {}).written == {"place": "back"}


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("age=45", {"age": 45 * 365.25}),
        ("age = 45 fever=y", {"age": 45 * 365.25, "fever": True}),
        ("leg_l age=3 weeks, sag=2 cm", {"place": "leg_left", "age": 21.0, "sag": 20.0}),
        ("fever=unknown", {"fever": None}),
        ("signs=none", NOTHING),
        ("none signs=unknown", {"place": "none"} | dict.fromkeys(LIST.findings)),
        ("signs=none fever=no", NOTHING),
    ],
)
def test_anything_else_may_be_said_besides_an_answer_or_alone(small: KnowledgeBase, line: str, values: Said) -> None:
    assert said(small, line, PLACE) == values


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("none", NOTHING),
        ("NONE", NOTHING),
        ("no", NOTHING),
        ("N", NOTHING),
        ("unknown", dict.fromkeys(LIST.findings)),
        ("1", {"fever": True}),
        ("1 2", {"fever": True, "chills": True}),
        ("1,2", {"fever": True, "chills": True}),
        ("chills, 1 1", {"fever": True, "chills": True}),
        ("3", {"vaccinated": False}),
        ("2 none", {**NOTHING, "chills": True}),
        ("2 n", {**NOTHING, "chills": True}),
        ("fev, chill no", {**NOTHING, "fever": True, "chills": True}),
        ("2 unknown", {**dict.fromkeys(LIST.findings), "chills": True}),
        ("sag=20 mm 1 none", {**NOTHING, "fever": True, "sag": 20.0}),
        ("1 sag=2 cm colour=gree none", {**NOTHING, "fever": True, "sag": 20.0, "colour": "green"}),
        ("fever=no", {"fever": False}),
        ("1 age=3", {"fever": True, "age": 3 * 365.25}),
    ],
)
def test_of_a_checklist_what_is_not_named_stays_unknown_unless_it_is_none(
    small: KnowledgeBase, line: str, values: Said
) -> None:
    assert said(small, line, LIST) == values


@pytest.mark.parametrize(
    ("question", "line", "problems"),
    [
        (PLACE, "bakc", ["your answer:1:1: 'bakc' is not a value of place; expected one of back, leg_left, leg_right, "
                         "why, so_far, none; did you mean back?"]),
        (PLACE, "leg", ["your answer:1:1: 'leg' may be leg_left or leg_right; expected more of the word"]),
        (PLACE, "no", ["your answer:1:1: 'no' is not a value of place; expected one of back, leg_left, leg_right, "
                       "why, so_far, none; did you mean none?"]),
        (PLACE, "back place=none", ["your answer:1:6: 'place' is given twice; expected each finding once"]),
        (AGE, "121", ["your answer:1:1: age: '121' is out of range; expected 0 years .. 120 years"]),
        (AGE, "3 wekes", ["your answer:1:3: age: 'wekes' is not a unit; expected a number with a unit, such as 3 "
                          "years; did you mean weeks?"]),
        (SAG, "20", ["your answer:1:3: sag: '20' has no unit; expected a number with a unit, such as 20 mm"]),
        (SICK, "fever=maybe agee=3", ["your answer:1:7: 'maybe' is not a value of fever; expected one of yes, no",
                                    "your answer:1:13: 'agee' is not a finding; expected one of place, fever, chills, "
                                    "vaccinated, sag, colour, age, signs; did you mean age?"]),
        (SICK, "=", ["your answer:1:1: the name of a finding is missing here; expected one of place, fever, chills, "
                     "vaccinated, sag, colour, age, signs"]),
        (SICK, "age=", ["your answer:1:1: there is no answer here; expected an answer, or help"]),
        (LIST, "6", ["your answer:1:1: there is no number '6' here; expected one of 1, 2, 3, 4, 5"]),
        (LIST, "0 fevr", ["your answer:1:1: there is no number '0' here; expected one of 1, 2, 3, 4, 5",
                          "your answer:1:3: 'fevr' is not in this list; expected numbers or names of the list, none, "
                          "or finding=value; did you mean fever?"]),
        (LIST, "yes", ["your answer:1:1: which of them?; expected numbers or names of the list, or none"]),
        (LIST, "c", ["your answer:1:1: 'c' may be chills or colour; expected more of the word"]),
        (LIST, "none unknown", ["your answer:1:6: the others are none, or unknown: not both; expected one of them, at "
                                "the end"]),
        (LIST, "sag=3,5 mm", ["your answer:1:5: sag: '3,5 mm' has a comma; decimals have a point; expected a number "
                              "with a unit, such as 3 mm"]),
        (LIST, "1 fever=no", ["your answer:1:1: 'fever' is given twice; expected each finding once"]),
        (LIST, ",", ["your answer:1:1: there is no answer here; expected an answer, or help"]),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_answer_is_reported_where_it_is(
    small: KnowledgeBase, question: Question, line: str, problems: list[str]
) -> None:
    assert wrong(small, line, question) == problems


def test_a_panel_does_not_overrule_a_given_finding_in_it(small: KnowledgeBase) -> None:
    assert wrong(small, "signs=none", PLACE, fever=True) == [
        "your answer:1:7: fever is yes, yet signs is none; expected fever=no first, if it is so"
    ]
    assert read_answer(small, "signs=none", PLACE, {"fever": False}).said == NOTHING


def test_all_that_a_panel_would_overrule_is_one_problem(small: KnowledgeBase) -> None:
    members = small.panels["signs"].members
    known = dict.fromkeys((name for name, absent in members.items() if absent is False), True)
    reported = wrong(small, "signs=none", PLACE, **known)
    assert len(known) > 1
    assert len(reported) == 1
    assert all(f"{name} is yes" in reported[0] and f"{name}=no" in reported[0] for name in known)


def test_a_panel_that_is_unknown_takes_back_what_it_said(small: KnowledgeBase) -> None:
    members = small.panels["signs"].members
    assert read_answer(small, "signs=unknown", PLACE, members).said == dict.fromkeys(members)
    assert wrong(small, "signs=unknown", PLACE, **{**members, "fever": True}) == [
        "your answer:1:7: fever is yes, yet signs is unknown; expected fever=unknown first, if it is so"
    ]


@given(st.text(max_size=60), st.sampled_from([SOIL, WARNINGS]))
def test_whatever_is_typed_is_a_word_an_answer_or_a_problem_of_the_patient(line: str, question: Question) -> None:
    kb = read_knowledge(BASE)
    asked = (
        Question("?", ("soil",)) if question is not LIST else Question("?", ("pests", "leaves_lost"), "warning_signs")
    )
    if not read_word(kb, line, asked):
        try:
            answer = read_answer(kb, line, asked, {})
        except PatientError:
            return
        assert answer.said


# --- words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("why", "why"),
        (" Why? ", "why"),
        ("what do you have so far", "so far"),
        ("What do you have so far?", "so far"),
        ("so  far", "so far"),
        ("?", "help"),
        ("exit", "quit"),
        (":back", "back"),
        ("backs", ""),
        ("unknown", ""),
        ("", ""),
    ],
)
def test_a_word_is_known_whatever_its_case_and_marks(small: KnowledgeBase, line: str, word: str) -> None:
    assert read_word(small, line, SICK) == word


@pytest.mark.parametrize(("line", "value"), [("back", "back"), ("why", "why"), ("so far", "so_far")])
def test_no_word_hides_a_value_and_a_colon_makes_it_a_word_again(small: KnowledgeBase, line: str, value: str) -> None:
    assert read_word(small, line, PLACE) == ""
    assert said(small, line, PLACE) == {"place": value}
    assert read_word(small, f":{line}", PLACE) == line
    assert read_word(small, "quit", PLACE) == "quit"


# --- further words for values ----------------------------------------------------------------------------------------

SIDE, POWER = Question("Which side?", ("side",)), Question("What power?", ("power",))


@pytest.fixture(scope="module")
def worded(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    """Findings with further words for their values, one of them like a word of every prompt."""
    return small_ladder(
        tmp_path_factory.mktemp("worded"),
        findings={
            "side": choice("none", "one_side", "both", also={"left": "one_side", "uni": "one_side", "Help": "both"}),
            "power": quantity("0 .. 5", "5", also={"4/5": "4", "4+": "4", "no power": "0"}),
        },
        steps={"wait": {}, "mend": {}},
        rules={
            "mend": rule("always", "supports mend"),
            "wait": rule("always", "supports wait"),
            "sided": rule("side is both", "excludes wait"),
            "weak": rule("power < 3", "excludes wait"),
        },
    )


@pytest.mark.parametrize(
    ("question", "line", "value", "written"),
    [
        (SIDE, "LEFT", "one_side", "left"),
        (SIDE, "le", "one_side", "left"),
        (SIDE, "help", "both", "Help"),
        (SIDE, "uni", "one_side", "uni"),
        (SIDE, "o", "one_side", "one_side"),
        (SIDE, "non", "none", "none"),
        (POWER, "4/5", 4.0, "4/5"),
        (POWER, "4+", 4.0, "4+"),
        (POWER, "No power", 0.0, "no power"),
        (POWER, "left side=le", None, ""),
        (POWER, "4 side=left", 4.0, "4"),
    ],
)
def test_a_further_word_answers_a_question(
    worded: KnowledgeBase, question: Question, line: str, value: Value | None, written: str
) -> None:
    (name,) = question.findings
    if value is None:
        assert wrong(worded, line, question)
        return
    answer = read_answer(worded, line, question, {})
    assert (answer.said[name], answer.written[name]) == (value, written)


def test_a_word_that_is_shortened_to_the_beginning_of_unknown_is_not_taken_for_either(worded: KnowledgeBase) -> None:
    for line in ("u", "un"):
        problem = f"your answer:1:1: '{line}' may be uni or unknown; expected more of the word"
        assert wrong(worded, line, SIDE) == [problem]
    assert said(worded, "unknown", SIDE) == {"side": None}


def test_a_further_word_is_suggested_and_hides_no_command(worded: KnowledgeBase) -> None:
    assert wrong(worded, "lefft", SIDE)[0].endswith("did you mean left?")
    assert wrong(worded, "4++", POWER)[0].endswith("did you mean 4+?")
    assert read_word(worded, "help", SIDE) == ""
    assert read_word(worded, ":help", SIDE) == "help"


def test_an_answer_by_a_word_is_shown_as_read_and_saved_as_written(worded: KnowledgeBase, tmp_path: Path) -> None:
    talked = talk(Reasoner(worded), tmp_path, "left power=4/5", "so far")
    assert 'side: one side (written "left"); power 4 (written "4/5")' in " ".join(talked.screen.split())
    assert (tmp_path / "s.yaml").read_text("utf-8").splitlines()[-2:] == ["side: left", "power: 4/5"]


# --- the dialogue -----------------------------------------------------------------------------------------------------


class Keyboard:
    """Types lines, one at each prompt; what is callable happens instead. After the last, the input ends."""

    def __init__(self, *lines: str | Callable[[], None]) -> None:
        self.lines = iter(lines)

    def __call__(self, prompt: str) -> str:
        assert prompt == PROMPT
        for line in self.lines:
            if isinstance(line, str):
                return line
            line()
        raise EOFError


class Talk(NamedTuple):
    """A consultation that has ended: the exit status, what was on the screen, and where it was saved."""

    status: int
    screen: str
    session: Session
    consultation: ConsultationTurns

    @property
    def saved(self) -> list[str]:
        """The lines of the session but for its heading."""
        return self.session.path.read_text("utf-8").splitlines()[1:]


def talk(reasoner: Reasoner, folder: Path, *lines: str | Callable[[], None], given: str = "") -> Talk:
    """Converse at a keyboard with a reasoner; ``given`` are assignments that were made before."""
    patient = PatientReader(reasoner.kb).patient(None, given.split())
    consultation = ConsultationTurns(reasoner, patient)
    session = new_session(str(folder / "s.yaml"), NOON)
    screen = io.StringIO()
    dialogue = Dialogue(reasoner, consultation, session, screen, Keyboard(*lines))
    session.begin(dialogue.said())
    return Talk(dialogue.run(), screen.getvalue(), session, consultation)


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture(scope="module")
def mending(small: KnowledgeBase) -> Reasoner:
    return Reasoner(small)


@pytest.fixture(scope="module")
def roofer() -> Reasoner:
    return Reasoner(read_knowledge(ROOF))


def test_a_checklist_comes_first_with_everything_that_may_be_said(mending: Reasoner, tmp_path: Path) -> None:
    shown = flat(talk(mending, tmp_path).screen)
    assert "Any of these? 1 fever? 2 chills? 3 vaccinated? 4 sag? 5 colour? none; or the numbers" in shown


def test_a_question_comes_with_its_number_its_group_and_the_present_answer(mending: Reasoner, tmp_path: Path) -> None:
    shown = talk(mending, tmp_path, "none", "unknown", "3").screen
    assert "\n1 of at most 3. The patient. Now: not enough is recorded\nAny of these?\n" in shown
    assert re.search(r"\n2 of at most 3\. The patient\. Now: wait, provisional\n\w+\?\n", shown)
    assert re.search(r"\n3 of at most 3\. The patient\. Now: wait, provisional\n\w+\?\n", shown)


def test_help_takes_three_lines(reasoner: Reasoner, tmp_path: Path) -> None:
    begun, again, *_ = talk(reasoner, tmp_path, "help", "52").screen.split("How old is the patient?")
    helped = [line for line in again.splitlines()[2:] if line]
    assert len(helped) == 3
    assert "\n".join(helped) in begun
    assert all(word in " ".join(helped) for word in ("unknown", *WORDS[:-1], "finding=value"))


def test_a_member_with_several_values_that_is_present_is_asked_for_its_value(mending: Reasoner, tmp_path: Path) -> None:
    talked = talk(mending, tmp_path, "4 colour none", "2 cm", "green", given="age=40")
    shown = talked.screen
    assert 0 < shown.index("\nsag?\n  0 mm to 2 m, with the unit") < shown.index("\ncolour?\n  grey, green, none")
    assert talked.saved == [
        "age: 40 years", "fever: no", "chills: no", "vaccinated: yes", "sag: 2 cm", "colour: green"
    ]  # fmt: skip


def test_back_takes_back_what_was_asked_for_in_between(mending: Reasoner, tmp_path: Path) -> None:
    talked = talk(mending, tmp_path, "fever=no", "4", "back", "none", given="age=40")
    assert talked.saved[0] == "age: 40 years"
    assert "sag: 0 mm" in talked.saved


def test_none_does_not_deny_what_was_given_in_the_same_line_or_before(reasoner: Reasoner, tmp_path: Path) -> None:
    begun = ("age=45", "pregnant=no")
    for lines in (["motor_grade=3 none"], ["motor_grade=3", "none"], ["6 none", "3"]):
        talked = talk(reasoner, tmp_path, *begun, *lines)
        talked.session.path.unlink()
        facts = talked.consultation.patient.facts
        assert facts["motor_grade"] == 3
        assert facts.get("leg_weakness", "present") == "present"
        assert facts["fever"] is False


def test_none_records_no_power_that_was_not_examined(reasoner: Reasoner, tmp_path: Path) -> None:
    talked = talk(reasoner, tmp_path, "age=45", "pregnant=no", "none")
    assert "leg_weakness: none" in talked.saved
    assert "motor_grade" not in talked.consultation.patient.facts


def test_no_question_is_wider_than_the_terminal(reasoner: Reasoner, tmp_path: Path) -> None:
    shown = talk(reasoner, tmp_path, "why", "why", "none", "help", "so far", "unknown", "unknown").screen
    wide = [line for line in shown.splitlines() if len(line) > 80 and str(tmp_path) not in line]
    assert wide == []


def test_a_share_may_be_written_in_three_ways(roofer: Reasoner) -> None:
    screen = io.StringIO()
    ConsultationTerminal(screen, roofer.domain).question_again(Question("What share?", ("damaged_share",)))
    assert "What share?\n  0 to 1, or as 2/3 or 67 %; help\n" in screen.getvalue()
    for share in ("0.5", "1/2", "50 %"):
        assert said(roofer.kb, share, Question("What share?", ("damaged_share",))) == {"damaged_share": 0.5}


def test_a_question_shows_the_values_that_are_allowed(mending: Reasoner, tmp_path: Path) -> None:
    shown = talk(mending, tmp_path, "none", given="place=none").screen
    assert "\nage?\n  0 years to 120 years, in years if no unit is given; help\n" in shown


def test_a_word_that_is_also_a_value_is_shown_with_its_colon(mending: Reasoner, tmp_path: Path) -> None:
    shown = talk(mending, tmp_path, "none", "help", ":why", ":back", given="age=3").screen
    assert "\n  back, leg left, leg right, why, so far, none; help\n" in shown
    assert "\n:why: what it decides; :back: undo; :so far: the answer now; quit:" in shown
    assert "Steps still possible, by answer:" in shown
    assert "taken back: signs: none" in shown


def test_every_answer_is_saved_before_the_next_prompt(mending: Reasoner, tmp_path: Path) -> None:
    seen: list[list[str]] = []

    def look() -> None:
        seen.append((tmp_path / "s.yaml").read_text().splitlines()[1:])

    talk(mending, tmp_path, look, "sag=2 cm", look, "wrong", look, "fever=unknown", look, given="age=40")
    saved = ["age: 40 years", "sag: 2 cm"]
    assert seen == [saved[:1], saved, saved, [*saved, "fever: unknown"]]


def test_a_new_value_takes_the_place_of_the_old_one_and_back_restores_it(mending: Reasoner, tmp_path: Path) -> None:
    saved = ["age: 40 years", "sag: 2 cm"]
    first = talk(mending, tmp_path, "sag=2 cm", "age=41", given="age=40")
    assert first.saved == ["sag: 2 cm", "age: 41 years"]
    assert "age 41 years (was 40 years)" in first.screen
    first.session.path.unlink()
    again = talk(mending, tmp_path, "sag=2 cm", "age=41", "back", given="age=40")
    assert again.saved == saved
    assert "taken back: age 41 years" in again.screen


def test_back_before_any_answer_says_so_and_asks_on(mending: Reasoner, tmp_path: Path) -> None:
    talked = talk(mending, tmp_path, "back", "age=41", given="place=none")
    assert "there is no answer to take back" in talked.screen
    assert talked.saved == ["place: none", "age: 41 years"]


def test_what_is_unknown_is_saved_as_such_and_not_asked_again(mending: Reasoner, tmp_path: Path) -> None:
    talked = talk(mending, tmp_path, "unknown", "unknown", "unknown")
    order = [name for entry in talked.consultation.entries[1:] for name in entry]
    assert sorted(order) == ["age", "place"]
    assert talked.saved == [f"{name}: unknown" for name in (*LIST.findings, *order)]
    assert "There is nothing more to ask. What is unknown could still change the answer." in flat(talked.screen)


def test_what_a_checklist_leaves_open_is_asked_again(reasoner: Reasoner, tmp_path: Path) -> None:
    talked = talk(reasoner, tmp_path, "cancer_history", "none", given="age=45 pregnant=no")
    first, second = re.findall(r"(?s)Is any of these present\?\n(.*?)\n  none; or", talked.screen)
    asked, again = (len(re.findall(r"(?m)^ +\d+  ", text)) for text in (first, second))
    assert 0 < again < asked
    assert re.search(r"\d+ other red flags: none", talked.screen)
    facts = talked.consultation.patient.facts
    assert facts["cancer_history"] is True
    assert facts["saddle_numbness"] is False


def test_a_wrong_answer_is_shown_with_a_caret_and_asked_again(mending: Reasoner, tmp_path: Path) -> None:
    talked = talk(mending, tmp_path, "none", "1212", "12", given="place=none")
    assert "    1 | 1212\n      | ^^^^\n        expected 0 years .. 120 years\n" in talked.screen
    assert talked.saved[-1] == "age: 12 years"


def test_what_no_patient_can_be_is_refused_with_the_reason(mending: Reasoner, tmp_path: Path) -> None:
    talked = talk(mending, tmp_path, "1 2", given="age=9")
    assert "these facts contradict each other: fever yes, chills yes, age 9 years. hot is impossible." in flat(
        talked.screen
    )
    assert talked.saved == ["age: 9 years"]


def test_an_empty_line_changes_nothing(mending: Reasoner, tmp_path: Path) -> None:
    talked = talk(mending, tmp_path, "", "   ", "\t", given="age=40")
    assert talked.saved == ["age: 40 years"]
    assert "your answer" not in talked.screen


def test_why_says_which_steps_each_answer_leaves_and_which_rules_hang_on_it(reasoner: Reasoner, tmp_path: Path) -> None:
    talked = talk(reasoner, tmp_path, "why", "why", given="age=45 pregnant=no")
    first, second = talked.screen.split("Steps still possible, by answer:")[1:]
    assert re.search(r"saddle numbness; (.|\n)*Urgent referral", first)
    assert re.search(r"anything else +Urgent referral; Diagnostic work-up", first)
    assert len(re.findall("(?m)^    - ", first)) == 4
    more = re.search(r"and (\d+) more: why again lists them", first)
    assert more
    assert len(re.findall("(?m)^    - ", second)) == 4 + int(more[1])
    assert "more: why again" not in second


def test_why_says_so_where_no_answer_alone_rules_a_step_out(reasoner: Reasoner, tmp_path: Path) -> None:
    stable = "stenosis=none spondylolisthesis=none instability=no"
    shown = flat(talk(reasoner, tmp_path, "why", given=f"{stable} red_flags=none leg_pain=none").screen)
    assert "No answer rules out any of these: Diagnostic work-up; Conservative treatment" in shown


def test_so_far_shows_the_answer_and_the_facts_given(mending: Reasoner, tmp_path: Path) -> None:
    shown = talk(mending, tmp_path, "so far", "none", "what do you have so far?", given="age=40")
    assert re.findall(r"Wait \(provisional\)\n  still possible too: Mend\n  (.*)", shown.screen) == [
        "recorded: age 40 years",
        "recorded: age 40 years; signs: none",
    ]


def test_it_stops_when_the_answer_is_certain_and_ends_with_the_answer(mending: Reasoner, tmp_path: Path) -> None:
    talked = talk(mending, tmp_path, "1")
    end = talked.screen.index("No further information would change this answer.")
    saved = talked.screen.index(
        f"Saved in {talked.session.path}\n"
        f"  to change an answer:  expert consult --resume {talked.session.path} finding=value\n"
    )
    (headline,) = re.finditer(r"(?mi)^Mend +certain$", talked.screen)
    assert end < saved < headline.start()


def test_nothing_is_asked_of_a_patient_whose_answer_is_certain(mending: Reasoner, tmp_path: Path) -> None:
    talked = talk(mending, tmp_path, given="fever=yes")
    assert "Any of these?" not in talked.screen
    assert "No further information would change this answer." in talked.screen
    assert talked.status == 0


def interrupt() -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(("last", "status"), [(["quit"], 0), ([], 0), ([interrupt], INTERRUPTED)])
def test_quit_the_end_of_input_and_an_interruption_end_with_the_command_that_goes_on(
    mending: Reasoner, tmp_path: Path, last: list[str | Callable[[], None]], status: int
) -> None:
    talked = talk(mending, tmp_path, "sag=2 cm", *last)
    assert talked.status == status
    assert talked.screen.endswith(
        f"Saved in {talked.session.path}\n  to go on:  expert consult --resume {talked.session.path}\n"
    )
    assert talked.saved == ["sag: 2 cm"]


def test_the_commands_name_the_knowledge_and_are_quoted_for_a_shell(mending: Reasoner, tmp_path: Path) -> None:
    session = new_session(str(tmp_path / "mrs a's.yaml"), NOON)
    screen = io.StringIO()
    consultation = ConsultationTurns(mending, PatientReader(mending.kb).patient(None))
    Dialogue(mending, consultation, session, screen, Keyboard()).run("/my ladder")
    file, _, folder = shlex.split(screen.getvalue().splitlines()[-1])[-3:]
    assert (file, folder) == (str(session.path), "/my ladder")


def test_a_disk_that_fills_is_reported_and_the_next_answer_saves_everything(
    mending: Reasoner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = os.replace

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def fill() -> None:
        monkeypatch.setattr(os, "replace", full)

    def free() -> None:
        assert (tmp_path / "s.yaml").read_text().endswith("\nage: 40 years\n")
        monkeypatch.setattr(os, "replace", replace)

    talked = talk(mending, tmp_path, "age=40", fill, "sag=2 cm", free, "place=none")
    assert "! not saved: No space left on device. The next answer is saved together" in flat(talked.screen)
    assert f"\n    {tmp_path}/s.yaml\n" in talked.screen
    assert talked.saved == ["age: 40 years", "sag: 2 cm", "place: none"]
    assert "but not the last answer" not in talked.screen


def test_what_could_never_be_saved_is_reported_at_the_end(
    mending: Reasoner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    talked = talk(mending, tmp_path, "age=40", lambda: monkeypatch.setattr(os, "replace", full), "sag=2 cm")
    assert f"Saved in {talked.session.path}, but not the last answer\n" in talked.screen
    assert talked.saved == ["age: 40 years"]


def test_a_session_that_something_else_changed_is_left_alone(mending: Reasoner, tmp_path: Path) -> None:
    def edit() -> None:
        (tmp_path / "s.yaml").write_text("age: 60 years\n")

    talked = talk(mending, tmp_path, "age=40", edit, "sag=2 cm")
    assert (tmp_path / "s.yaml").read_text() == "age: 60 years\n"
    assert talked.session.path == tmp_path / "s-2.yaml"
    assert talked.saved == ["age: 40 years", "sag: 2 cm"]
    assert "something else has changed the file" in talked.screen
    assert f"\n    {tmp_path}/s-2.yaml\n" in talked.screen


HOSTILE = {
    "escapes": "\x1b[2J\x1b]0;x\x07",
    "right-to-left": "\u202eon",
    "nul": "\x00",
    "wide": "漢字" * 40,
    "long": "x" * 100_000,
    "digits": "1" * 5000,
    "equals": "=" * 3000,
    "markup": "[bold]yes[/bold] :smile:",
}


@pytest.mark.parametrize("line", HOSTILE.values(), ids=HOSTILE)
def test_whatever_is_typed_reaches_the_screen_as_plain_text(mending: Reasoner, tmp_path: Path, line: str) -> None:
    talked = talk(mending, tmp_path, line, f"age={line}", "none", line)
    assert all(char.isprintable() or char == "\n" for char in talked.screen)
    assert max(map(len, talked.screen.splitlines())) < 400
    assert talked.saved == ["fever: no", "chills: no", "vaccinated: yes", "sag: 0 mm", "colour: none"]


@pytest.mark.parametrize("patient", ["barn", "chapel", "cottage"])
def test_another_ladder_is_consulted_alike_and_ends_where_assess_does(
    roofer: Reasoner, tmp_path: Path, patient: str
) -> None:
    known = PatientReader(roofer.kb).patient(str(ROOF / "patients" / f"{patient}.yaml"))
    screen = io.StringIO()
    session = new_session(str(tmp_path / "s.yaml"), NOON)
    consultation = ConsultationTurns(roofer, PatientReader(roofer.kb).patient(None))

    def ask(_: str) -> str:
        return reply(roofer.kb, screen.getvalue(), known.written)

    Dialogue(roofer, consultation, session, screen, ask).run()
    again = roofer.assess(PatientReader(roofer.kb).patient(str(session.path)))
    answer = io.StringIO()
    write_first_screen(Terminal(answer), roofer.kb, again, date.today(), str(session.path))
    assert screen.getvalue().endswith(f"\n{answer.getvalue()}")
    assert again.recommended == roofer.assess(known).recommended
