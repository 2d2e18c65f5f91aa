"""Patients and sites from YAML, JSON, standard input and the command line, with the knowledge of a garden."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expert import PatientError, read_knowledge
from expert.lang.errors import Problem
from expert.lang.facts import Patient
from expert.lang.values import Facts
from expert.read.patient import PatientReader
from tests.malformed import BASE

KB = read_knowledge(BASE)


def read(*assignments: str, file: Path | None = None, site: Path | None = None) -> Patient:
    return PatientReader(KB).patient(str(file) if file else None, assignments, str(site) if site else None)


def written(where: Path, text: str, name: str = "p.yaml") -> Path:
    file = where / name
    file.write_text(text, encoding="utf-8")
    return file


def messages(*assignments: str, file: Path | None = None, site: Path | None = None) -> list[str]:
    with pytest.raises(PatientError) as error:
        read(*assignments, file=file, site=site)
    return [problem.message for problem in error.value.problems]


# --- values -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("assignment", "facts", "shown"),
    [
        ("wilting=yes", {"wilting": True}, "yes"),
        ("wilting=true", {"wilting": True}, "yes"),
        ("wilting=TRUE", {"wilting": True}, "yes"),
        ("wilting=Yes", {"wilting": True}, "yes"),
        ("wilting=y", {"wilting": True}, "yes"),
        ("wilting=N", {"wilting": False}, "no"),
        ("soil=Dry", {"soil": "dry"}, "dry"),
        ("time_since_watering=14\N{NO-BREAK SPACE}days", {"time_since_watering": 14.0}, "14 days"),
        ("time_since_watering=1.4e1 days", {"time_since_watering": 14.0}, "1.4e1 days"),
        ("wilting=false", {"wilting": False}, "no"),
        ("soil=dry", {"soil": "dry"}, "dry"),
        (" soil = dry ", {"soil": "dry"}, "dry"),
        ("time_since_watering=14 days", {"time_since_watering": 14.0}, "14 days"),
        ("time_since_watering=2 weeks", {"time_since_watering": 14.0}, "2 weeks"),
        ("age=2", {"age": 730.5}, "2 years"),
        ("age=2 years", {"age": 730.5}, "2 years"),
        ("age=45 weeks", {"age": 315.0}, "45 weeks"),
        ("age=1/2", {"age": 182.625}, "1/2 years"),
        ("leaves_lost=2/3", {"leaves_lost": 0.6666666666666666}, "2/3"),
        ("leaves_lost=67 %", {"leaves_lost": 0.67}, "67 %"),
        ("leaves_lost=1", {"leaves_lost": 1.0}, "1"),
        ("greenhouse=yes", {"greenhouse": True}, "yes"),
    ],
)
def test_a_value_is_typed_by_the_vocabulary_and_shown_as_written(assignment: str, facts: Facts, shown: str) -> None:
    patient = read(assignment)
    assert patient.facts == facts
    assert list(patient.written.values()) == [shown]


def test_the_range_includes_its_bounds_and_a_value_is_rounded_before_it_is_compared() -> None:
    assert read("leaves_lost=1.00000000000000000001").facts == {"leaves_lost": 1.0}
    assert read("time_since_watering=12 months").facts == {"time_since_watering": 365.25}
    assert messages("time_since_watering=366 days") == ["time_since_watering: '366 days' is out of range"]
    assert messages("time_since_watering=99999999999999999999 days") == [
        "time_since_watering: '99999999999999999999 days' is out of range"
    ]
    assert messages("leaves_lost=-1/10") == ["leaves_lost: '-1/10' is out of range"]


@pytest.mark.parametrize("value", ["yess", "on", "1", "t", "j", "maybe"])
def test_only_yes_true_y_no_false_and_n_are_yes_or_no(value: str) -> None:
    assert messages(f"wilting={value}") == [f"{value!r} is not a value of wilting"]


def test_a_patient_is_in_the_order_of_the_vocabulary() -> None:
    assert list(read("age=3", "soil=dry", "wilting=yes").facts) == ["wilting", "soil", "age"]


# --- files ------------------------------------------------------------------------------------------------------------


def test_json_with_any_indentation_is_a_patient(tmp_path: Path) -> None:
    said = {"wilting": True, "pests": False, "soil": "dry", "age": 3, "leaves_lost": 0.1 + 0.2}
    for indent in (None, 2, "\t"):
        patient = read(file=written(tmp_path, json.dumps(said, indent=indent)))
        assert patient.facts == {**said, "age": 3 * 365.25}


def test_json_may_escape_letters(tmp_path: Path) -> None:
    assert read(file=written(tmp_path, '{"\\u0073oil": "\\u0064ry"}')).facts == {"soil": "dry"}


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "{}"])
def test_an_empty_file_gives_no_facts(tmp_path: Path, text: str) -> None:
    assert read(file=written(tmp_path, text)).facts == {}


def test_standard_input_is_read_like_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"soil: dry\n")))
    assert PatientReader(KB).patient("-").facts == {"soil": "dry"}


def test_the_command_line_overrides_the_file_visibly(tmp_path: Path) -> None:
    patient = read("soil=moist", "age=3", file=written(tmp_path, "soil: dry\nage: 3 years\n"))
    assert patient.facts == {"soil": "moist", "age": 1095.75}
    assert patient.overridden == {"soil": "dry"}


def test_the_site_is_overridden_by_the_patient_and_the_command_line(tmp_path: Path) -> None:
    site = written(tmp_path, "greenhouse: yes\n", "site.yaml")
    assert read(site=site).facts == {"greenhouse": True}
    patient = read("greenhouse=no", site=site)
    assert (patient.facts, patient.overridden) == ({"greenhouse": False}, {"greenhouse": "yes"})


def test_a_site_holds_findings_of_the_site_only(tmp_path: Path) -> None:
    assert messages(site=written(tmp_path, "soil: dry\ngreenhuose: yes\nthirst: yes\nwarning_signs: none\n")) == [
        "'soil' is not a finding of the site",
        "'greenhuose' is not a finding of the site",
        "'thirst' is concluded by rules; it cannot be given",
        "'warning_signs' is not a finding of the site",
    ]


def test_unknown_takes_a_fact_back(tmp_path: Path) -> None:
    patient = read("soil=unknown", file=written(tmp_path, "soil: dry\nage: 3\n"))
    assert list(patient.facts) == ["age"]
    assert patient.overridden == {"soil": "dry"}


# --- panels -----------------------------------------------------------------------------------------------------------


def test_a_panel_sets_its_members() -> None:
    patient = read("warning_signs=none")
    assert patient.facts == {"pests": False, "leaves_lost": 0.0}
    assert patient.written == {"pests": "no", "leaves_lost": "0"}
    assert read("warning_signs=unknown").facts == {}


def test_a_member_may_repeat_the_value_of_its_panel() -> None:
    assert read("pests=no", "warning_signs=none").facts == read("warning_signs=none").facts


@pytest.mark.parametrize("order", [1, -1])
def test_a_panel_and_a_member_of_one_source_must_agree(order: int) -> None:
    assert messages(*["warning_signs=none", "pests=yes"][::order]) == ["pests is yes, but warning_signs is none"]
    assert messages(*["warning_signs=none", "pests=unknown"][::order]) == [
        "pests is unknown, but warning_signs is none"
    ]


def test_a_later_member_overrides_a_panel_but_a_later_panel_contradicts_a_member(tmp_path: Path) -> None:
    patient = read("pests=yes", file=written(tmp_path, "warning_signs: none\n"))
    assert (patient.facts["pests"], patient.overridden) == (True, {"pests": "no"})
    assert messages("warning_signs=none", file=written(tmp_path, "pests: yes\n")) == [
        "pests is yes, but warning_signs is none"
    ]


def test_a_later_panel_replaces_unknown(tmp_path: Path) -> None:
    patient = read("warning_signs=none", file=written(tmp_path, "pests: unknown\n"))
    assert patient.facts == {"pests": False, "leaves_lost": 0.0}


def test_a_wrong_value_of_a_member_is_not_also_a_contradiction() -> None:
    assert messages("pests=maybe", "warning_signs=none") == ["'maybe' is not a value of pests"]


# --- mistakes ---------------------------------------------------------------------------------------------------------


def test_the_same_value_may_be_given_twice_and_different_ones_may_not() -> None:
    assert read("soil=dry", "soil=dry").facts == {"soil": "dry"}
    assert messages("soil=dry", "soil=moist") == ["soil is given twice: 'dry' and 'moist'"]


def test_the_mistakes_of_all_sources_are_reported_together(tmp_path: Path) -> None:
    file, site = written(tmp_path, "soil: drry\n"), written(tmp_path, "greenhouse: maybe\n", "site.yaml")
    assert messages("age=old", "nothing=1", file=file, site=site) == [
        "'drry' is not a value of soil",
        "'maybe' is not a value of greenhouse",
        "'nothing' is not a finding",
        "age: 'old' is not a quantity",
    ]


@pytest.mark.parametrize("nothing", ["", "null", "~", "''", "' '"])
def test_a_finding_without_a_value_is_ignored(tmp_path: Path, nothing: str) -> None:
    for name in ("wilting", "soil", "age", "warning_signs"):
        patient = read("pests=no", file=written(tmp_path, f"{name}: {nothing}\n"))
        assert (patient.facts, patient.unknown) == ({"pests": False}, ())


def test_a_reader_that_found_a_mistake_can_read_the_next_patient() -> None:
    reader = PatientReader(KB)
    with pytest.raises(PatientError):
        reader.patient(None, ["soil=drry"])
    assert reader.patient(None, ["soil=dry"]).facts == {"soil": "dry"}


@pytest.mark.parametrize(
    ("assignment", "line", "column"),
    [
        ("soil=drry", "soil=drry", 6),
        ("soil =  drry", "soil =  drry", 9),
        ("  siol=dry", "  siol=dry", 3),
        ("soil=\ndrry", "soil= drry", 7),
        ("soil=dr\u202ery", "soil=dr\u202ery", 6),
        ("日本=dry", "日本=dry", 1),
    ],
)
def test_a_mistake_on_the_command_line_is_shown_in_the_argument(assignment: str, line: str, column: int) -> None:
    with pytest.raises(PatientError) as error:
        read(assignment)
    (problem,) = error.value.problems
    assert problem.at
    assert (problem.at.file, problem.at.line, problem.at.column) == ("command line", 1, column)
    assert problem.line == line


def outcome(*assignments: str, file: Path | None = None) -> Patient | tuple[Problem, ...]:
    try:
        return read(*assignments, file=file)
    except PatientError as error:
        return error.problems


@given(st.lists(st.text(max_size=12) | st.sampled_from(["soil", "age=", "=", "wilting=yes", "warning_signs=none"])))
def test_any_arguments_are_a_patient_or_located_problems(words: list[str]) -> None:
    found = outcome(*words)
    if isinstance(found, Patient):
        assert set(found.facts) <= {"wilting", "pests", "leaves_lost"}
    else:
        assert all(problem.at for problem in found)


@given(st.text(max_size=40))
def test_any_file_is_a_patient_without_facts_or_located_problems(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    file = tmp_path_factory.getbasetemp() / "any.yaml"
    file.write_bytes(text.encode())
    found = outcome(file=file)
    if isinstance(found, Patient):
        assert found.facts == {}
    else:
        assert all(problem.at for problem in found)


@pytest.mark.parametrize("nothing", ["", "null", "~"])
def test_an_empty_value_does_not_hide_a_contradiction_with_a_panel(tmp_path: Path, nothing: str) -> None:
    panel = next(iter(KB.panels))
    (tmp_path / "patient.yaml").write_text(f"{panel}: none\n", "utf-8")
    with pytest.raises(PatientError, match=f"{panel} has no value here, and is none in the file"):
        PatientReader(KB).patient(str(tmp_path / "patient.yaml"), [f"{panel}={nothing}"])
