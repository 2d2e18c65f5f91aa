"""The page that answers offline: one file, closed to everything else, whose words are those of the first screen."""

from __future__ import annotations

import gzip
import json
import re
from base64 import b64encode
from datetime import date
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from random import Random

import pytest

from expert import KnowledgeBase, read_knowledge
from expert.answer.assess import Reasoner
from expert.answer.unrecorded import unrecorded
from expert.lang.errors import PatientError
from expert.lang.facts import Patient
from expert.page.page import PARTS, render_page
from expert.page.to_script import script
from expert.read.patient import PatientReader
from expert.render.phrases import Phrases, sureness
from tests.command_line import run
from tests.conftest import REPOSITORY
from tests.page_identity import QuickJs, texts
from tests.pages import Page
from tests.test_page_script import patient_of
from tests.test_report import HOSTILE, copied

LADDERS = {
    "spine": REPOSITORY / "knowledge",
    "roofs": REPOSITORY / "tests/other_ladder",
    "garden": REPOSITORY / "tests/garden",
}
KB = 1000
WORDS = """
const spoken = (given, unknown) => {
    const answer = ladder.assess(given, unknown);
    if (answer.problem) return { problem: answer.problem };
    const rows = unrecorded(answer);
    return {
        sureness: sureness(answer, rows),
        rows: rows.map((row) => [row.panel, row.circumstances.map((it) => inWords(row, it)), row.steps, row.alerts]),
        record: recordText(answer, "2026-12-01"),
        file: patientFile({ ...answer.given, ...answer.recorded }),
    };
};
"""


@cache
def reasoner(ladder: str) -> Reasoner:
    return Reasoner(read_knowledge(LADDERS[ladder]))


@cache
def page(ladder: str) -> str:
    return render_page(reasoner(ladder).kb, "1.2.3")


class Speaking(QuickJs):
    """The script with its words, without a page around it."""

    def __init__(self, kb: KnowledgeBase) -> None:
        code = "".join(files("expert.page").joinpath(name).read_text("utf-8") for name in PARTS[:3])
        super().__init__(f"{script(kb)}{code}{WORDS}")
        self.context.eval("const say = (text) => JSON.stringify(spoken(...JSON.parse(text)));")

    def spoken(self, given: dict[str, str], unknown: list[str]) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.context.eval(f"say({json.dumps(json.dumps([given, unknown]))})"))
        return found


@pytest.mark.parametrize("ladder", LADDERS)
def test_the_words_of_an_answer_are_those_of_the_first_screen(ladder: str) -> None:
    it, speaking = reasoner(ladder), Speaking(reasoner(ladder).kb)
    compared = 0
    for seed in range(40):
        facts, unknown = patient_of(it, Random(seed))
        given = texts(it.domain, facts)
        said = speaking.spoken(given, unknown)
        try:
            answer = it.assess(Patient(facts, unknown=tuple(unknown)))
        except PatientError:
            assert said.keys() == {"problem"}
            continue
        rows = unrecorded(it.kb, answer)
        assert said["sureness"] == sureness(answer, rows), given
        phrases = Phrases(it.kb, {})
        expected = [[row.panel, phrases.circumstances(row), list(row.steps), list(row.alerts)] for row in rows]
        assert said["rows"] == expected, given
        compared += 1
    assert compared > 20


@pytest.mark.parametrize("ladder", LADDERS)
def test_the_file_that_is_copied_is_read_as_the_same_patient(ladder: str, tmp_path: Path) -> None:
    it, speaking = reasoner(ladder), Speaking(reasoner(ladder).kb)
    for seed in range(12):
        facts, _ = patient_of(it, Random(seed))
        said = speaking.spoken(texts(it.domain, facts), [])
        if "problem" in said:
            continue
        file = tmp_path / "patient.yaml"
        file.write_text(str(said["file"]), "utf-8")
        assert PatientReader(it.kb).patient(str(file)).facts == facts


def test_the_record_has_at_most_twelve_lines_and_names_what_it_rests_on() -> None:
    speaking = Speaking(reasoner("spine").kb)
    for given in (
        {},
        {"saddle_numbness": "yes", "fever": "yes", "age": "12"},
        {"severity": "severe", "pregnant": "yes"},
    ):
        lines = str(speaking.spoken(given, [])["record"]).split("\n")
        assert 3 <= len(lines) <= 12
        assert lines[0] == f"{reasoner('spine').kb.title}, 2026-12-01"
        assert reasoner("spine").kb.sha256[:8] in lines[-1]


@pytest.mark.parametrize("ladder", LADDERS)
def test_the_page_is_the_same_each_time_and_small(ladder: str) -> None:
    html = page(ladder)
    assert html == render_page(read_knowledge(LADDERS[ladder]), "1.2.3")
    assert len(html.encode()) < 250 * KB
    assert len(gzip.compress(html.encode(), mtime=0)) < 70 * KB


@pytest.mark.parametrize("ladder", LADDERS)
def test_its_policy_lets_only_its_own_script_and_style_run(ladder: str) -> None:
    html = page(ladder)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)
    assert policy
    own = {tag: re.search(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL) for tag in ("script", "style")}
    hashes = {tag: b64encode(sha256(found[1].encode()).digest()).decode() for tag, found in own.items() if found}
    assert policy[1] == (
        f"default-src 'none'; script-src 'sha256-{hashes['script']}'; style-src 'sha256-{hashes['style']}'; "
        "base-uri 'none'; form-action 'none'"
    )
    parsed = Page(html)
    assert not parsed.values("src")
    assert all(address.startswith("#") for address in parsed.values("href"))
    assert not [it for it in parsed.elements if any(name.startswith("on") or name == "style" for name in it.attributes)]


def test_its_code_neither_evaluates_nor_writes_markup_nor_keeps_anything() -> None:
    for name in (*PARTS, "answer.js"):
        code = files("expert.page").joinpath(name).read_text("utf-8")
        found = re.findall(
            r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|Function\(|fetch\(|XMLHttp|Storage|cookie", code
        )
        assert found == [], name


def test_a_hostile_knowledge_changes_nothing_but_text(tmp_path: Path) -> None:
    html = render_page(read_knowledge(copied(tmp_path, HOSTILE)), "1.2.3")
    hostile, plain = Page(html), Page(page("roofs"))
    assert [it.path for it in hostile.elements] == [it.path for it in plain.elements]
    assert html.count("</script") == 1


def test_nothing_in_its_code_knows_spines() -> None:
    kb = reasoner("spine").kb
    names = {it for it in (*kb.findings, *kb.steps, *kb.panels) if "_" in it} | {"spine", "lumbar", "herniation", "leg"}
    for name in (*PARTS, "answer.js", "page.html", "page.py", "form.css"):
        words = set(re.findall(r"\w+", files("expert.page").joinpath(name).read_text("utf-8")))
        assert not words & names, name


def test_the_command_writes_the_page_and_replaces_only_its_own(tmp_path: Path) -> None:
    target = tmp_path / "ladder.html"
    assert run("page", "-o", str(target)).status == 0
    first = target.read_bytes()
    assert run("page", "-o", str(target)).status == 0
    assert target.read_bytes() == first
    target.write_text("something else", "utf-8")
    refused = run("page", "-o", str(target))
    assert refused.status == 2
    assert "holds something else" in refused.err
    assert run("page", "-o", str(target), "--force").status == 0
    assert target.read_bytes() == first


def test_the_policies_of_a_site_are_part_of_the_page(tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    site.write_text("mis_equipment: no\n", "utf-8")
    with_site = run("page", "-o", "-", "--site", str(site)).out
    assert '"site":{"mis_equipment":0}' in with_site
    assert '"site":{}' in run("page", "-o", "-").out


def test_the_review_date_is_part_of_the_page(kb: KnowledgeBase) -> None:
    assert date.fromisoformat(kb.review_due)
    assert f'"review_due":"{kb.review_due}"' in page("spine")
