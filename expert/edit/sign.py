"""Signing rules: who reviewed which text of a rule is written into the rule, under ``reviewed``.

A file counts only if all else reads as before. Comments and all other lines stay as they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from expert.edit.edited_file import edit, text_of
from expert.lang.errors import KnowledgeError, Problem
from expert.lang.model import KnowledgeBase, Review, Rule
from expert.lang.reviews import hash_of
from expert.read.folder import joined, read_files
from expert.read.knowledge import folder_name, read_stored
from expert.read.source import LINE_BREAK, Problems

_INDENT = "  "
_PLAIN = re.compile("[A-Za-z][A-Za-z -]*[A-Za-z]")
_WORDS = ("yes", "no", "true", "false", "null", "on", "off")


def sign(kb: KnowledgeBase, rules: Iterable[Rule], by: str, on: str) -> None:
    """Write that a person in a role reviewed rules on a day (YYYY-MM-DD); an earlier review in that role is replaced.

    Raises:
        KnowledgeError: a file cannot be signed so that all else stays, or cannot be written; nothing is written then.
    """
    folder, name = Path(kb.directory), folder_name(kb)
    by_file: dict[str, list[Rule]] = {}
    for rule in rules:
        by_file.setdefault(rule.at.file.removeprefix(f"{name}/"), []).append(rule)
    after = {file: _signed(text_of(folder / file), its, by, on) for file, its in by_file.items()}
    files = {**read_files(folder, name, Problems()), **{file: text.encode() for file, text in after.items()}}
    signed = {rule.id: _reviews(rule, by, on) for its in by_file.values() for rule in its}
    wanted = {it.id: (hash_of(it), it.status, signed.get(it.id, it.reviewed)) for it in kb.written_rules.values()}
    try:
        now = read_stored(joined(files), name).written_rules
        safe = {it.id: (hash_of(it), it.status, it.reviewed) for it in now.values()} == wanted
    except KnowledgeError:
        safe = False
    if not safe:
        raise KnowledgeError([Problem("the rules cannot be signed safely", expected="'reviewed' written by hand")])
    edit({folder / file: text for file, text in after.items()})


def _reviews(rule: Rule, by: str, on: str) -> tuple[Review, ...]:
    """The reviews of a rule after one more."""
    return (*(it for it in rule.reviewed if it.by != by), Review(by, on, hash_of(rule)))


def _signed(text: str, rules: Sequence[Rule], by: str, on: str) -> str:
    """The text of a file with a review in each of some rules."""
    ends = [it.end() for it in LINE_BREAK.finditer(text)]
    lines = [text[begin:end] for begin, end in zip([0, *ends], [*ends, len(text)], strict=True)]
    ending = (LINE_BREAK.search(text) or ["\n"])[0]
    for rule in sorted(rules, key=lambda it: it.at.line, reverse=True):
        begin = rule.at.line
        indent = len(lines[begin - 1]) - len(lines[begin - 1].lstrip())
        end = _end(lines, begin, indent)
        inner = indent + len(_INDENT)
        old = next((n for n in range(begin, end) if re.match(rf" {{{inner}}}reviewed\s*:", lines[n])), None)
        if old is not None:
            after = _end(lines, old + 1, inner)
            del lines[old:after]
            end -= after - old
        lines[end - 1] = lines[end - 1].rstrip("\r\n") + ending
        lines[end:end] = [line + ending for line in _written(_reviews(rule, by, on), " " * inner)]
    return "".join(lines)


def _end(lines: Sequence[str], begin: int, indent: int) -> int:
    """The line after the last one that is indented more, from a line on."""
    end = begin
    for number in range(begin, len(lines)):
        line = lines[number]
        if line.strip() and len(line) - len(line.lstrip()) <= indent:
            break
        if line.strip():
            end = number + 1
    return end


def _written(reviews: Iterable[Review], indent: str) -> Iterable[str]:
    yield f"{indent}reviewed:"
    for it in reviews:
        by = it.by if _PLAIN.fullmatch(it.by) and it.by.lower() not in _WORDS else json.dumps(it.by, ensure_ascii=False)
        yield f'{indent}{_INDENT}{by}: {{on: {it.on}, hash: "{it.hash}"}}'
