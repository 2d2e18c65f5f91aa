"""The knowledge as pages: they say all that the knowledge says, in words, and every link on them leads somewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import unquote

import pytest

from expert import KnowledgeBase, __version__, read_knowledge
from expert.lang.vocabulary import Kind
from expert.page.page import render_page
from expert.render.docs import BEGINS, render_single, render_site
from expert.render.docs_graph import Branch, graph_of, unfolded
from expert.render.handbook import Handbook, handbook
from expert.render.plain import visible
from expert.render.prose import Prose, text
from expert.render.uses import read_by
from tests.command_line import Run, run
from tests.pages import Page
from tests.small_ladder import choice, quantity, rule, small_ladder, write_ladder, yes_no
from tests.test_report import HOSTILE, ROOFS, copied

POLICY = r"default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]{44}'; base-uri 'none'; form-action 'none'"


@cache
def shipped() -> Handbook:
    return handbook(read_knowledge(), proofs=False)


@cache
def roofs() -> Handbook:
    return handbook(read_knowledge(ROOFS), proofs=True)


@cache
def site(book: Handbook) -> Mapping[str, Page]:
    return {name: Page(page.decode()) for name, page in render_site(book).items()}


@cache
def single(book: Handbook) -> Page:
    return Page(render_single(book).decode())


def every_page() -> list[Page]:
    return [*site(shipped()).values(), *site(roofs()).values(), single(shipped()), single(roofs())]


def words(text: str) -> str:
    return " ".join(text.split())


# --- the content ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("book", [shipped, roofs], ids=["shipped", "roofs"])
def test_everything_that_the_knowledge_says_is_shown(book: Callable[[], Handbook]) -> None:
    kb: KnowledgeBase = book().kb
    said = [kb.title, kb.version, kb.sha256, kb.reviewed, kb.review_due, kb.statement, kb.disclaimer]
    for finding in kb.findings.values():
        said += [finding.title, finding.ask, finding.usual_written.replace("_", " "), *finding.values]
    for step in kb.steps.values():
        said += [step.title, step.summary, *(word for option in step.options for word in (option.title, option.note))]
    said += [word for alert in kb.alerts.values() for word in (alert.title, alert.text)]
    said += [word for advice in kb.advice.values() for word in (advice.title, advice.text)]
    for each in kb.rules.values():
        said += [each.title, each.because, f"{each.id}, {each.at.file}:{each.at.line}"]
    said += [word for it in kb.invariants.values() for word in (it.title, it.because, it.id)]
    said += [word for it in kb.directions.values() for word in (it.title, it.because, it.id)]
    for reference in kb.references.values():
        said += [reference.id, reference.text, reference.reading, reference.title, reference.year]
    said += [note.text for note in kb.notes.values()]
    said += (
        [it.because for it in kb.constraints]
        + [it.because for it in kb.plausible]
        + [panel.ask for panel in kb.panels.values()]
    )
    pages = " ".join(page.text for page in site(book()).values())
    for shown in (pages, single(book()).text):
        assert [it for it in said if words(it.replace("_", " ")) not in shown.replace("_", " ")] == []


def entry(page: bytes, anchor: str) -> Page:
    """The part of a page with an id, up to the next entry."""
    html = page.decode().partition(f'<section class="entry" id="{anchor}">')[2]
    assert html, anchor
    (part, *_) = re.split(r'<section class="entry|</section>', html)
    return Page(f"<section>{part}</section>")


def test_links_go_both_ways_between_rules_and_what_they_touch() -> None:
    book = shipped()
    pages = render_site(book)
    complicated = "complicated-stenosis-excludes-minimally-invasive"
    shown = entry(pages["rules-minimally-invasive.html"], f"rule-{complicated}")
    assert {
        "findings.html#finding-stenosis",
        "findings.html#finding-mis_contraindicated",
        "ladder.html#step-minimally_invasive",
        "references.html#ref-S58",
    } <= set(shown.values("href"))
    back = f"rules-minimally-invasive.html#rule-{complicated}"
    assert back in entry(pages["findings.html"], "finding-stenosis").values("href")
    assert back in entry(pages["findings.html"], "finding-mis_contraindicated").values("href")
    assert back in entry(pages["ladder.html"], "step-minimally_invasive").values("href")
    assert back in site(book)["references.html"].values("href")


def test_every_rule_is_linked_from_each_finding_that_it_reads_or_concludes() -> None:
    book = shipped()
    page = render_single(book)
    for finding in book.kb.findings:
        links = set(entry(page, f"finding-{finding}").values("href"))
        using = [it.id for it in book.kb.rules.values() if finding in read_by(it)]
        using += [it.id for it in book.rules_for("finding", finding)]
        assert {f"#rule-{name}" for name in using} <= links


def test_where_guidance_differs_is_shown_with_each_rule_that_cites_the_claim() -> None:
    book = shipped()
    page = render_single(book)
    notes = 0
    for it in book.kb.rules.values():
        shown = entry(page, f"rule-{it.id}")
        for note in book.kb.notes.values():
            if set(note.differs_from) & set(it.cite):
                assert words(note.text) in shown.text
                assert f"#note-{note.id}" in shown.values("href")
                notes += 1
    assert notes > 20


def test_a_rule_names_the_cases_in_which_it_holds(tmp_path: Path) -> None:
    kb = small_ladder(
        tmp_path,
        findings={"pain": yes_no("no"), "rain": yes_no("no")},
        rules={"pain-needs-rest": rule("pain", "supports rest"), "rain-cautions": rule("rain", "cautions rest")},
        steps={"rest": {}},
        cases=[{"name": "It hurts", "given": {"pain": "yes"}, "expect": {"recommended": "rest"}}],
    )
    page = render_single(handbook(kb, proofs=False))
    assert "One case in which it holds It hurts all.test.yaml:1" in entry(page, "rule-pain-needs-rest").text
    assert "It holds in no case." in entry(page, "rule-rain-cautions").text


def test_a_proof_that_fails_is_shown_with_the_patient_who_shows_it(tmp_path: Path) -> None:
    kb = small_ladder(
        tmp_path,
        findings={"pain": yes_no("yes")},
        rules={"pain-needs-rest": rule("pain", "supports rest")},
        steps={"rest": {}},
    )
    (page,) = [Page(page.decode()) for name, page in render_site(handbook(kb, proofs=True)).items() if "prom" in name]
    assert "refuted" in page.text
    assert "For this patient pain: no" in page.text


def test_proofs_that_hold_are_counted_by_kind() -> None:
    book = roofs()
    assert book.proofs
    page = site(book)["promises.html"]
    for kind in {proof.check for proof in book.proofs}:
        held = [proof for proof in book.proofs if (proof.check, proof.verdict) == (kind, "proved")]
        assert re.search(rf" {kind} ?{len(held)} of \d+", page.text)
    badges = [it for it in page.elements if it.attributes.get("class") == "badge recommended"]
    assert len(badges) == len(book.kb.invariants) + len(book.kb.directions)


def test_pages_without_proofs_say_so_and_claim_none() -> None:
    page = site(shipped())["promises.html"]
    assert "The proofs were left out" in page.text
    assert [it for it in page.elements if it.attributes.get("class", "").startswith("badge")] == []


def test_the_same_knowledge_gives_the_same_pages() -> None:
    fresh = handbook(read_knowledge(ROOFS), proofs=True)
    assert render_site(fresh) == render_site(roofs())
    assert render_single(fresh) == render_single(roofs())


# --- rules in words ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "then", "unless", "said"),
    [
        ("always", "supports rest", [], "For every patient, Rest is supported."),
        ("pain", "excludes rest", [], "If Pain is yes, then Rest is excluded."),
        ("not pain", ["hurt", "alert fire"], [], "If Pain is no, then Hurt is yes and the alert Fire is raised."),
        (
            ["pain", "days > 3 weeks", "kind is not dull"],
            "cautions rest",
            [],
            "If Pain is yes, Days is more than 3 weeks, and Kind is not dull, then Rest calls for caution.",
        ),
        (
            "pain",
            "supports rest",
            ["wet", "cold"],
            "If Pain is yes, unless Wet is yes or Cold is yes, then Rest is supported.",
        ),
        (
            [{"any": ["pain", "wet", "cold"]}],
            "advise sleep",
            [],
            "If Pain, Wet or Cold is yes, then the advice Sleep is given.",
        ),
        (
            ["pain", {"any": ["wet", {"all": ["cold", "days <= 1 weeks"]}]}],
            ["prefers rest.bed", "cautions rest.sofa", "cautions rest.floor"],
            [],
            "If Pain is yes and either (Cold is yes and Days is at most 1 weeks) or Wet is yes, "
            "then Bed is preferred, and Sofa and Floor call for caution.",
        ),
        (
            [{"not": {"any": ["pain", "wet"]}}],
            "kinds is sharp",
            [],
            "If it is not so that (Pain or Wet is yes), then Kinds is sharp.",
        ),
        (["kind in [dull, very_sharp]"], "supports rest", [], "If Kind is dull or very sharp, then Rest is supported."),
    ],
)  # fmt: skip
def test_a_rule_is_a_sentence(tmp_path: Path, when: Any, then: Any, unless: Sequence[str], said: str) -> None:
    kb = small_ladder(
        tmp_path,
        findings={
            **{name: yes_no("no") for name in ("pain", "wet", "cold")},
            "days": quantity("0 weeks .. 9 weeks", unit="weeks"),
            "kind": choice("dull", "very_sharp"),
        },
        concluded={"hurt": {"type": "yes_no"}, "kinds": {"type": "choice", "values": ["none", "sharp"]}},
        rules={
            "one": rule(when, then, **({"unless": list(unless)} if unless else {})),
            "two": rule("pain", ["hurt", "kinds is sharp", "alert fire", "advise sleep"]),
            "three": rule("hurt", "supports rest"),
            "four": rule("kinds is sharp", "supports rest"),
        },
        steps={"rest": {"options": {"bed": {}, "sofa": {}, "floor": {}}}},
        alerts=["fire"],
        advice={"sleep": ["rest"]},
    )
    assert text(Prose(kb).rule(kb.rules["one"])) == said


def test_no_sentence_has_a_name_of_the_knowledge_language_in_it() -> None:
    kb = shipped().kb
    prose = Prose(kb)
    shown = [*map(prose.rule, kb.rules.values()), *map(prose.invariant, kb.invariants.values())]
    assert [text(it) for it in shown if re.search(r"\w_\w", text(it))] == []


def test_promises_are_sentences() -> None:
    kb = shipped().kb
    prose = Prose(kb)
    refused = text(prose.invariant(kb.invariants["no-surgery-for-those-who-refuse"]))
    assert refused == (
        "Whenever Patient's preference on surgery is refuses, Minimally invasive surgery, Open decompression and "
        "Decompression and fusion are never recommended."
    )
    injected = text(prose.invariant(kb.invariants["no-epidural-steroid-without-a-painful-leg-and-fitting-images"]))
    assert injected.endswith(", Epidural steroid injection is never offered.")
    worse = next(iter(kb.directions.values()))
    assert text(prose.direction(worse)).endswith("never becomes available again.")


# --- the drawings -----------------------------------------------------------------------------------------------------


def boxes(drawing: str) -> list[tuple[str, int, int, int, str]]:
    """The boxes of a drawing: class, left, top, width, and the lines in them as one text."""
    found = re.findall(r'<g class="node ([^"]*)"><rect x="(\d+)" y="(\d+)" width="(\d+)"[^>]*/>(.*?)</g>', drawing)
    return [(kind, int(x), int(y), int(width), _lines(rest)) for kind, x, y, width, rest in found]


def _lines(texts: str) -> str:
    return Page(f"<p>{' '.join(re.findall(r'<text x[^>]*>([^<]*)', texts))}</p>").text


def test_a_drawing_starts_at_the_step_and_leads_by_rules_to_findings() -> None:
    book = shipped()
    for step in book.kb.steps:
        drawn = boxes(graph_of(book, "step", step))
        rules = [it for role in ("supports", "excludes", "cautions") for it in book.rules_for(role, step)]
        read = {name for it in rules for name in read_by(it)}
        right = {it[4] for it in drawn if it[0] in ("input", "concluded")}
        assert right == {book.kb.findings[name].title for name in read}
        assert sorted(it[4] for it in drawn if it[0].startswith("rule")) == sorted(it.title for it in rules)
        assert [it[4] for it in drawn if it[0] == "step"] == [book.kb.steps[step].title]
        columns = {"step": 0, "rule": 1, "input": 2, "concluded": 2}
        places = sorted((it[1], columns[it[0].split()[0]]) for it in drawn)
        assert [column for _, column in places] == sorted(column for _, column in places)


def test_each_step_unfolds_to_all_conclusions_that_lead_to_it_and_none_is_unfolded_twice() -> None:
    for book in (shipped(), roofs()):
        tree = unfolded(book)
        assert [it.title for it in tree] == [it.title for it in book.kb.steps.values()]
        for step in tree:
            rules = [
                (role, it) for role in ("supports", "excludes", "cautions") for it in book.rules_for(role, step.id)
            ]
            read = {(name, role) for role, it in rules for name in read_by(it) if name in book.kb.concluded}
            assert {(it.id, it.role) for it in step.parts} == read
        opened = [it.id for it in _branches(tree) if it.kind == "finding" and it.parts]
        assert len(opened) == len(set(opened))
        assert {it.id for it in _branches(tree) if it.again} <= set(opened)


def _branches(tree: Iterable[Branch]) -> Iterator[Branch]:
    for it in tree:
        yield it
        yield from _branches(it.parts)


def test_the_navigation_has_the_topics_of_rules_in_one_entry() -> None:
    book = shipped()
    for page in site(book).values():
        (nav,) = [it.path for it in page.elements if it.attributes.get("class") == "chapters"]
        entries = [it for it in page.elements if it.path == f"{nav}/ul/li"]
        topics = [it for it in page.elements if it.path == f"{nav}/ul/li/details/ul/li"]
        assert (len(entries), len(topics)) == (7, len(book.topics))


def test_boxes_of_a_column_do_not_overlap() -> None:
    drawing = graph_of(shipped(), "step", "conservative")
    found = re.findall(r'<rect x="(\d+)" y="(\d+)" width="\d+" height="(\d+)"', drawing)
    columns: dict[str, list[tuple[int, int]]] = {}
    for x, y, height in found:
        columns.setdefault(x, []).append((int(y), int(height)))
    assert len(columns) == 3
    for column in columns.values():
        assert all(y + height < below for (y, height), (below, _) in pairwise(sorted(column)))


def test_each_drawing_has_a_title_and_says_the_same_in_words() -> None:
    book = shipped()
    html = render_single(book).decode()
    page = Page(html)
    drawings = page.named("svg")
    assert len(drawings) == len(book.kb.steps) + len(book.kb.concluded)
    ids = set(page.values("id"))
    for drawing in drawings:
        assert drawing.attributes["role"] == "img"
        assert set(drawing.attributes["aria-labelledby"].split()) <= ids
    shown = html.partition('id="graph-step-minimally_invasive-desc">')[2].partition("</desc>")[0]
    for it in book.rules_for("excludes", "minimally_invasive"):
        assert f"{it.title} (" in shown


def test_nothing_to_draw_is_no_fault(tmp_path: Path) -> None:
    kb = small_ladder(
        tmp_path,
        findings={"pain": yes_no("no")},
        rules={"all-may-rest": rule("always", "supports rest")},
        steps={"rest": {}, "walk": {"title": "字" * 200}},
    )
    page = single(handbook(kb, proofs=True))
    assert "No rule argues about it." in page.text
    assert "No rule reads it." in page.text
    assert "There are no cases." in page.text


# --- the pages --------------------------------------------------------------------------------------------------------


def test_every_link_leads_to_an_entry_and_every_id_is_unique() -> None:
    for book in (shipped(), roofs()):
        for pages in (site(book), {"": single(book)}):
            ids = {name: page.values("id") for name, page in pages.items()}
            for name, page in pages.items():
                assert len(ids[name]) == len(set(ids[name]))
                assert {it for value in page.values("aria-labelledby") for it in value.split()} <= set(ids[name])
                for link in page.values("href"):
                    file, mark, anchor = unquote(link).partition("#")
                    assert (file or name) in pages, link
                    assert not mark or anchor in ids[file or name], link


def test_every_page_is_reached_from_every_other() -> None:
    pages = site(shipped())
    for page in pages.values():
        assert set(pages) <= {link.partition("#")[0] for link in page.values("href")} | {_here(page)}


def _here(page: Page) -> str:
    (current,) = (it.attributes["href"] for it in page.elements if "aria-current" in it.attributes)
    return next(name for name, it in site(shipped()).items() if current.removeprefix("#") in it.values("id"))


def test_a_page_needs_nothing_but_itself() -> None:
    for page in every_page():
        assert page.named("script", "link", "img", "iframe", "object", "embed", "form", "base", "audio", "video") == []
        assert page.values("src") == page.values("style") == []
        assert not any(":" in link for link in page.values("href"))
        (policy,) = (it.attributes["content"] for it in page.named("meta") if "http-equiv" in it.attributes)
        assert re.fullmatch(POLICY, policy)
    assert not re.search(r"@import|@font-face|url\(|https?:", render_single(roofs()).decode())


def test_pages_are_well_formed_with_landmarks_and_headings_that_descend_one_level_at_a_time() -> None:
    for page in every_page():
        assert page.unclosed == []
        top = [it.tag for it in page.elements if re.fullmatch("html/body/[^/]*", it.path)]
        assert top == ["a", "header", "nav", "main", "footer"]
        levels = [int(it.tag[1]) for it in page.named("h1", "h2", "h3", "h4", "h5", "h6")]
        assert levels.count(1) == 1
        assert levels[0] == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))


def test_each_kind_of_finding_says_what_values_it_may_have() -> None:
    page = render_single(shipped())
    for finding in shipped().kb.findings.values():
        said = "yes or no" if finding.kind is Kind.YES_NO else finding.written_range.replace("..", "to")
        assert (said or ", ".join(finding.values).replace("_", " ")) in entry(page, f"finding-{finding.name}").text


# --- hostile text -----------------------------------------------------------------------------------------------------


def structure(page: Page) -> list[tuple[str, tuple[str, ...]]]:
    """The elements outside the drawings, whose lines depend on the length of the titles."""
    return [(it.path, tuple(it.attributes)) for it in page.elements if "/svg/" not in it.path]


def test_hostile_text_changes_nothing_of_a_page_but_its_text(tmp_path: Path) -> None:
    tame, hostile = (
        single(handbook(read_knowledge(copied(tmp_path / name, said)), proofs=False))
        for name, said in (("tame", "text"), ("hostile", HOSTILE))
    )
    assert structure(tame) == structure(hostile)
    assert {it.path for it in tame.elements} == {it.path for it in hostile.elements}
    assert hostile.others == hostile.unclosed == []
    assert words(visible(HOSTILE)) in hostile.text
    assert hostile.named("script", "img") == []


def test_nothing_that_does_not_print_is_on_a_page(tmp_path: Path) -> None:
    for page in render_site(handbook(read_knowledge(copied(tmp_path, HOSTILE)), proofs=True)).values():
        assert [char for char in page.decode() if not char.isprintable() and char != "\n"] == []


def test_a_topic_of_any_name_has_its_page(tmp_path: Path) -> None:
    folder = copied(tmp_path / "<b>roofs", "text")
    for number, file in enumerate(sorted((folder / "rules").glob("*.yaml"))):
        file.rename(file.with_name(f"<i>#?%41 {number}.yaml"))
    pages = {
        name: Page(page.decode()) for name, page in render_site(handbook(read_knowledge(folder), proofs=False)).items()
    }
    topics = sorted(name for name in pages if name.startswith("rules-"))
    assert topics == [f"rules-{number}.html" for number in range(1, len(topics) + 1)]
    assert "Rules: <i>#?%41 0" in pages["rules-1.html"].text
    assert [name for name, page in pages.items() if page.named("i")] == []


# --- what is written --------------------------------------------------------------------------------------------------


def written(target: Path, *more: str) -> Run:
    return run("docs", "--knowledge", str(ROOFS), "--no-proofs", "-o", str(target), *more)


def test_a_site_is_written_whole_and_again(tmp_path: Path) -> None:
    target = tmp_path / "site"
    shown = written(target)
    assert (shown.status, shown.err) == (0, "")
    pages = {path.name: path.read_bytes() for path in target.iterdir()}
    assert shown.out == f"{len(pages)} pages in {target}; proofs left out\n"
    answers = pages["answer.html"].decode()
    assert answers == render_page(roofs().kb, __version__)
    assert "answer.html" in Page(pages["index.html"].decode()).values("href")
    assert all(page.startswith(BEGINS) for name, page in pages.items() if name != "answer.html")
    (target / "index.html").write_bytes(BEGINS + b"stale")
    (target / "gone.html").write_bytes(BEGINS)
    assert written(target).status == 0
    assert {path.name: path.read_bytes() for path in target.iterdir()} == pages
    assert os.listdir(tmp_path) == ["site"]


def test_the_times_of_proofs_are_reported_and_not_written(tmp_path: Path) -> None:
    shown = run("docs", "--knowledge", str(ROOFS), "-o", str(tmp_path / "site"))
    assert re.fullmatch(r"\d+ pages in \S+; \d+ proofs hold \(\d+\.\d\d s\)(; \d+ do not)?\n", shown.out)


def test_an_empty_folder_will_do(tmp_path: Path) -> None:
    assert written(tmp_path).status == 0
    assert (tmp_path / "index.html").exists()


@pytest.mark.parametrize("name", ["notes.txt", "index.html", "sub"])
def test_a_folder_with_something_else_in_it_is_kept(tmp_path: Path, name: str) -> None:
    target = tmp_path / "site"
    written(target)
    if name == "sub":
        (target / name).mkdir()
    else:
        (target / name).write_text("precious", "utf-8")
    before = sorted(os.listdir(target))
    shown = written(target)
    assert shown.status == 2
    assert "holds something else" in shown.err
    assert "--force" in shown.err
    assert sorted(os.listdir(target)) == before
    assert written(target, "--force").status == 0
    assert (target / "index.html").read_bytes().startswith(BEGINS)
    assert not (target / "notes.txt").exists()
    assert os.listdir(tmp_path) == ["site"]


def test_the_knowledge_is_never_replaced(tmp_path: Path) -> None:
    folder = write_ladder(
        tmp_path / "all" / "knowledge",
        findings={"pain": yes_no("no")},
        rules={"all-may-rest": rule("always", "supports rest")},
        steps={"rest": {}},
    )
    for target in (folder, folder.parent):
        shown = run("docs", "--knowledge", str(folder), "-o", str(target), "--force")
        assert shown.status == 2
        assert "holds the knowledge" in shown.err
    assert read_knowledge(folder).name == "small"


def test_where_the_command_runs_is_never_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shown = run("docs", "--knowledge", str(ROOFS), "-o", ".", "--force")
    assert shown.status == 2
    assert "holds where this command runs" in shown.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-o", ""], "an empty word names no folder"),
        (["-o", "-"], "- names no folder"),
        (["-o", "nowhere/site"], "is in a folder that does not exist"),
        (["-o", "file"], "is not a folder"),
        (["-o", "file", "--single"], "holds something else"),
        (["-o", "sub", "--single"], "is a folder"),
        (["-o", "site", "--knowledge", "nowhere"], "nowhere is not a folder"),
    ],
)
def test_what_cannot_be_written_is_reported_plainly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    (tmp_path / "file").write_text("precious", "utf-8")
    shown = run("docs", "--knowledge", str(ROOFS), *words)
    assert (shown.status, shown.out) == (2, "")
    assert said in shown.err
    assert sorted(os.listdir(tmp_path)) == ["file", "sub"]
    assert (tmp_path / "file").read_text("utf-8") == "precious"


def test_a_full_disk_leaves_the_site_that_was_there(tmp_path: Path) -> None:
    target = tmp_path / "site"
    written(target)
    before = {path.name: path.read_bytes() for path in target.iterdir()}
    with patch("pathlib.Path.write_bytes", side_effect=OSError(28, "No space left on device")):
        shown = written(target)
    assert shown.status == 2
    assert "No space left on device" in shown.err
    assert {path.name: path.read_bytes() for path in target.iterdir()} == before
    assert os.listdir(tmp_path) == ["site"]


def test_a_site_that_cannot_take_its_place_leaves_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "site"
    written(target)
    rename = os.rename

    def hindered(source: Any, to: Any) -> None:
        if Path(source).name == "new":
            raise OSError(13, "Permission denied")
        rename(source, to)

    with patch("os.rename", hindered):
        assert written(target).status == 2
    assert (target / "index.html").read_bytes().startswith(BEGINS)
    assert os.listdir(tmp_path) == ["site"]


def test_one_page_is_written_to_a_file_or_to_standard_output(tmp_path: Path) -> None:
    target = tmp_path / "all.html"
    assert written(target, "--single").out == f"{target}; proofs left out\n"
    assert written(target, "--single").status == 0
    shown = run("docs", "--knowledge", str(ROOFS), "--no-proofs", "--single", "-o", "-")
    assert shown.out.encode() == target.read_bytes()
    target.write_text("precious", "utf-8")
    assert written(target, "--single").status == 2
    assert written(target, "--single", "--force").status == 0
    assert os.listdir(tmp_path) == ["all.html"]


def test_without_its_extra_the_command_says_how_to_get_it(tmp_path: Path) -> None:
    with patch.dict(sys.modules, {"jinja2": None}):
        shown = written(tmp_path / "site")
    assert shown.status == 2
    assert "expert docs needs more packages: pip install 'expert-ladder[report]'" in shown.err
    assert os.listdir(tmp_path) == []


def test_the_solver_is_loaded_only_for_proofs(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom expert.cli import main\n"
        f"try: main(['docs', '--no-proofs', '--knowledge', {str(ROOFS)!r}, '-o', {str(tmp_path / 'site')!r}])\n"
        "except SystemExit: pass\nprint('z3' in sys.modules, file=sys.stderr)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stderr.strip() == "False"
