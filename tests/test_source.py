"""YAML as a tree: scalars are text, every node has its place, and what the language excludes is an error."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expert.lang.errors import InputError, Location, Problem, nearest, quoted
from expert.read.parse import MAX_BYTES, decode, parse
from expert.read.source import Listing, Mapping, Names, Node, Problems, Scalar, Source, argument, location


def tree(text: str) -> tuple[Node | None, Problems]:
    problems = Problems()
    return parse(Source("file", text), problems), problems


def values(text: str) -> dict[str, str]:
    node, problems = tree(text)
    assert not problems.found
    assert isinstance(node, Mapping)
    return {key: value.text for key, value in node.entries.items() if isinstance(value, Scalar)}


def problems_of(text: str) -> list[tuple[int, int, str]]:
    problems = tree(text)[1].found
    return [(problem.at.line, problem.at.column, problem.message) for problem in problems if problem.at]


def test_scalars_are_the_written_text() -> None:
    text = "a: on\nb: no\nc: 010\nd: 12:30\ne: 1e3\nf: ~\ng: 2026-01-31\nh: 0x1F\ni: .5\nj: +1\n"
    assert values(text) == {
        "a": "on",
        "b": "no",
        "c": "010",
        "d": "12:30",
        "e": "1e3",
        "f": "~",
        "g": "2026-01-31",
        "h": "0x1F",
        "i": ".5",
        "j": "+1",
    }


def test_json_is_read_with_tabs_and_escapes() -> None:
    assert values('{\n\t"a": true,\n\t"\\u0062": 45.0, "c":"x\\/y"\n}') == {"a": "true", "b": "45.0", "c": "x/y"}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x85", "\u2028"])
def test_every_line_end_counts(end: str) -> None:
    node, _ = tree(f"a: b{end}c: d{end}")
    assert isinstance(node, Mapping)
    assert location(node.entries["c"]) == Location("file", 2, 4)
    assert node.source.line(2) == "c: d"
    assert node.source.line(9) == ""


def test_a_byte_order_mark_is_not_part_of_the_text() -> None:
    source = decode("file", "\ufeffa: b".encode(), Problems())
    assert source is not None
    assert source.text == "a: b"


def test_a_file_of_the_greatest_permitted_size_is_read() -> None:
    problems = Problems()
    assert decode("file", b" " * MAX_BYTES, problems) is not None
    assert decode("file", b" " * (MAX_BYTES + 1), problems) is None
    assert [problem.message for problem in problems.found] == ["file: the file is too large"]


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("a: soil is drry", 12),
        ("a: 'soil is drry'", 13),
        ('a: "soil is drry"', 13),
        ('a: "  soil is drry  "', 15),
        ('日本: "soil is drry"', 14),
        ("😀: soil is drry", 12),
        ('a: "soil\\x20is drry"', 4),
        ("a: soil is\n  drry", 4),
        ("a: >-\n  soil is drry", 4),
        ("a: |\n  soil is drry", 4),
    ],
)
def test_a_place_within_a_text_is_exact_if_the_line_shows_the_text(line: str, column: int) -> None:
    node, problems = tree(line)
    assert isinstance(node, Mapping)
    (value,) = node.entries.values()
    problems.add(value, "here", offset=8)
    assert [problem.at and problem.at[:3] for problem in problems.found] == [("file", 1, column)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a: &x b", [(1, 4, "anchors (&x) are not part of this language")]),
        ("&x a: b", [(1, 1, "anchors (&x) are not part of this language")]),
        ("a: *x", [(1, 4, "aliases (*x) are not part of this language")]),
        ("a: !!int 4", [(1, 4, "tags (!!int) are not part of this language")]),
        ("a: ! 4", [(1, 4, "tags (!) are not part of this language")]),
        ("a: !x [b]", [(1, 4, "tags (!x) are not part of this language")]),
        ("<<: {a: b}", [(1, 1, "merge keys (<<) are not part of this language")]),
        ("<<: *x", [(1, 1, "merge keys (<<) are not part of this language")]),
        ("[a]: b", [(1, 1, "a key must be a single text")]),
        ("{a: b}: c", [(1, 1, "a key must be a single text")]),
        ("a: 1\nb: 2\na: 3", [(3, 1, "'a' appears twice; first on line 1")]),
        ("a: 1\n'a': 3", [(2, 2, "'a' appears twice; first on line 1")]),
        ("a: b\n---\nc: d", [(2, 1, "a second document begins here")]),
        ("a: &x b\nc: *x\nd: !y e", [(1, 4, "anchors (&x) are not part of this language")]),
    ],
)
def test_yaml_that_the_language_excludes_is_an_error_at_its_place(text: str, found: list[tuple[int, int, str]]) -> None:
    assert problems_of(text)[: len(found)] == found


def test_reading_goes_on_after_anchors_aliases_and_tags() -> None:
    assert [line for line, _, _ in problems_of("a: &x b\nc: *x\nd: !y e\nf: 1\nf: 2")] == [1, 2, 3, 5]


def test_a_quoted_merge_sign_is_an_ordinary_key() -> None:
    assert values("'<<': a") == {"<<": "a"}


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ("{a: ", "}"), ("- ", "")])
def test_at_most_twenty_levels_are_read(opening: str, closing: str) -> None:
    assert problems_of(opening * 20 + "x" + closing * 20) == []
    assert problems_of(opening * 21 + "x" + closing * 21) == [(1, 20 * len(opening) + 1, "nested more than 20 deep")]
    assert [message for *_, message in problems_of(opening * 100_000)] == ["nested more than 20 deep"]


def test_mappings_at_a_repeated_key_are_read_as_one() -> None:
    node, problems = tree("a:\n  b: 1\na:\n  c: 2\n  b: 3\n")
    assert isinstance(node, Mapping)
    inner = node.entries["a"]
    assert isinstance(inner, Mapping)
    assert [(key, value.text) for key, value in inner.entries.items() if isinstance(value, Scalar)] == [
        ("b", "1"),
        ("c", "2"),
    ]
    assert len(problems.found) == 1


def test_an_empty_text_is_no_document_and_an_empty_quoted_text_is_one() -> None:
    assert [tree(text)[0] for text in ("", "# comment\n", "---\n", "\n\n")] == [None] * 4
    assert isinstance(tree("''")[0], Scalar)
    assert isinstance(tree("[]")[0], Listing)


@given(st.text(st.characters(codec="utf-8"), max_size=60) | st.text("[]{}:-?&*!|>'\"%@`#, \n\tab<", max_size=60))
def test_any_text_is_a_tree_or_a_located_problem(text: str) -> None:
    problems = Problems()
    source = decode("file", text.encode(), problems)
    if source is None or parse(source, problems) is None:
        assert all(problem.at for problem in problems.found)
    for problem in problems.found:
        assert problem.at
        assert 1 <= problem.at.line <= text.count("\n") + 2 + sum(text.count(end) for end in "\r\x85\u2028\u2029")


@given(st.binary(max_size=60))
def test_any_bytes_are_text_or_one_problem(data: bytes) -> None:
    problems = Problems()
    assert (decode("file", data, problems) is None) == (len(problems.found) == 1)


def test_an_argument_is_always_one_line() -> None:
    assert argument("command line", "a=b\r\nc").lines == ["a=b  c"]


def test_a_reported_node_or_a_name_that_may_exist_is_not_reported() -> None:
    problems = Problems()
    source = Source("file", "x")
    problems.add(Scalar(source, 1, 1, "x", reported=True), "echo")
    problems.add(Scalar(source, 1, 1, "x"), "unknown", word="x", among=Names(["y"], whole=False))
    assert problems.found == []
    problems.add(Scalar(source, 1, 1, "x"), "unknown", word="x", among=Names(["y"]))
    assert len(problems.found) == 1


def test_problems_are_ordered_by_place_and_reported_once() -> None:
    late, early = Problem("late", Location("b", 10, 1)), Problem("early", Location("b", 9, 5))
    other, nowhere = Problem("other", Location("a", 99)), Problem("nowhere")
    assert InputError([late, early, other, nowhere, late]).problems == (nowhere, other, early, late)


@pytest.mark.parametrize(
    ("word", "right"),
    [
        ("sevre", "severe"),
        ("SEVERE", "severe"),
        ("true-slip", "true_slip"),
        ("S1", "S01"),
        ("nothing like it", ""),
        ("x" * 100_000, ""),
    ],
)
def test_the_nearest_spelling_is_found_if_one_is_near(word: str, right: str) -> None:
    assert nearest(word, ["mild", "severe", "true_slip", "S01"]) == right


def test_long_words_are_shortened_in_quotes() -> None:
    assert quoted("x" * 61) == f"'{'x' * 57}...'"
    assert quoted("\x1b") == r"'\x1b'"
