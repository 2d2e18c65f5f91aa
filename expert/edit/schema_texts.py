"""Forms of single texts and of lists of them as JSON Schemas (draft 07): words, premises, conclusions, values.

A pattern describes what the reader accepts, white space included; what only the reader can check (units, ranges)
passes. Scalars reach a schema typed as YAML 1.2 types them, so ``5``, ``true`` and ``null`` are let in where the reader
takes them for texts. ``defaultSnippets`` (what is completed) and ``patternErrorMessage`` are no part of JSON Schema:
they are what the language servers of VS Code and of YAML read besides, and every validator passes over them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from expert.lang.dimensions import NUMBER
from expert.lang.format import NAMES
from expert.lang.model import KnowledgeBase, titles_of
from expert.lang.roles import CONCLUSION_FORMS, role_forms
from expert.lang.units import DECIMAL
from expert.lang.vocabulary import Finding, Kind
from expert.read.bound import SIGNS
from expert.read.fields import YES
from expert.read.value import NOTHING_WORDS, UNKNOWN, words_for

Schema = dict[str, Any]
Words = Mapping[str, str]
"""Right spellings with what each means."""

_WHITE = r"[\s\x1c-\x1f\x85]"
_B = f"{_WHITE}+"
BLANKS = f"{_WHITE}*"
_AMOUNT = rf"{DECIMAL}(?:{BLANKS}/{BLANKS}[0-9]{{1,999}})?"
ANY_AMOUNT = rf"{_AMOUNT}{BLANKS}(?:%|{NAMES['units']})?"
_BETWEEN = rf"[bB][eE][tT][wW][eE][eE][nN]{_B}{ANY_AMOUNT}{_B}[aA][nN][dD]{_B}{ANY_AMOUNT}"
_OPERATOR = "(?:<=|>=|<|>)"

TEXT: Schema = {"type": ["string", "number", "boolean", "null"], "pattern": r"[^ \t\r\n]"}
"""A text that is not empty."""


def exactly(pattern: str) -> str:
    """The pattern of a whole text with white space around it."""
    return f"^{BLANKS}(?:{pattern}){BLANKS}$"


def one_of(words: Iterable[str]) -> str:
    """The pattern of any of some words."""
    return "(?:" + "|".join(map(_literally, words)) + ")"


def _literally(word: str) -> str:
    """The pattern of a word and nothing else."""
    return re.sub(r"[.^$*+?()\[\]{}|\\/]", r"\\\g<0>", word)


def form(pattern: str, message: str, suggested: Words | None = None, types: Iterable[str] = ("string",)) -> Schema:
    """A text of a pattern, with the message for another and what is suggested."""
    schema: Schema = {"type": sorted({"string", *types}), "pattern": exactly(pattern), "patternErrorMessage": message}
    return {**schema, **suggestions(suggested or {})}


def suggestions(words: Words) -> Schema:
    """What an editor completes; nothing is forbidden by it."""
    if not words:
        return {}
    return {"defaultSnippets": [{"label": it, "body": it, "description": meaning} for it, meaning in words.items()]}


def word(words: Words, what: str) -> Schema:
    """One of some words, such as ``a step``."""
    return form(one_of(words), f"This is not {what}.", words, types_of(words)) if words else {"not": {}}


def choice(*words: str) -> Schema:
    """One of a few fixed words."""
    return word(dict.fromkeys(words, ""), f"one of {', '.join(words)}")


def types_of(words: Iterable[str]) -> Iterator[str]:
    """The types other than text that YAML gives to some of the words."""
    for text in words:
        if text.casefold() in ("true", "false"):
            yield "boolean"
        elif text.casefold() in ("null", "~"):
            yield "null"
        elif re.match(r"[+-]?\.?[0-9]|[+-]?\.(inf|nan)", text.casefold()):
            yield "number"


def several(item: Schema, *, least: int = 1, items: Schema | None = None) -> Schema:
    """A list of texts, or one text that counts as a list of one; ``items`` is the schema of a text within a list."""
    if "not" in item:
        return item
    return {**item, "type": [*item["type"], "array"], "items": items or item, "minItems": least}


# --- premises ---------------------------------------------------------------------------------------------------------


def premise(findings: Iterable[Finding]) -> Schema:
    """A premise of one line over these findings."""
    listed = sorted(findings, key=lambda it: (it.kind.value, it.values, _amount(it)))
    forms: list[str] = []
    for (kind, values, amount), group in groupby(listed, key=lambda it: (it.kind, it.values, _amount(it))):
        forms += _premise_forms(kind, one_of(it.name for it in group), values, amount)
    message = (
        "This is not a premise over the vocabulary: FINDING, not FINDING, FINDING is VALUE, FINDING is not VALUE, "
        "FINDING in [VALUE, ...] or FINDING < QUANTITY."
    )
    bare = types_of(it.name for it in listed if it.kind is Kind.YES_NO)
    return form("|".join(forms), message, premise_examples(listed), bare)


def premise_of_any_finding(suggested: Words) -> Schema:
    """A premise of one line, in the file that defines the findings: any name may be one."""
    rest = rf"{_B}is{_B}(?:not{_B})?[^\s\[\],]+|{BLANKS}in{BLANKS}\[[^\[\]]*\]|{BLANKS}{_OPERATOR}{BLANKS}\S[\s\S]*"
    pattern = rf"(?!always{BLANKS}$)(?:not{_B})?[a-z][a-z0-9_]*(?:{rest})?"
    return form(pattern, "This is not a premise.", suggested, ["boolean", "null"])


def order(suggested: Words) -> Schema:
    """A comparison between two findings, in the file that defines them."""
    name = "[a-z][a-z0-9_]*"
    message = "This is not a comparison of two findings: QUANTITY <= QUANTITY, or with <, > or >=."
    return form(f"{name}{BLANKS}{_OPERATOR}{BLANKS}{name}", message, suggested)


def premise_examples(findings: Iterable[Finding]) -> Words:
    """Premises of every form over these findings."""
    return {text: meaning for it in findings for text, meaning in _examples(it)}


def _premise_forms(kind: Kind, names: str, values: Sequence[str], amount: str) -> Iterator[str]:
    if kind is Kind.QUANTITY:
        yield f"{names}{BLANKS}{_OPERATOR}{BLANKS}{amount}"
        return
    value = one_of(YES if kind is Kind.YES_NO else values)
    stated = f"{_B}is{_B}{value}"
    listed = rf"{_B}in{BLANKS}\[{BLANKS}{value}{BLANKS}(?:,{BLANKS}{value}{BLANKS})*\]"
    yield f"(?:not{_B})?{names}" + (f"(?:{stated})?" if kind is Kind.YES_NO else f"(?:{stated}|{listed})")
    yield f"{names}{_B}is{_B}not{_B}{value}"


def _amount(finding: Finding) -> str:
    """The pattern of a quantity with its unit, where there is one."""
    if finding.kind is not Kind.QUANTITY:
        return ""
    if (finding.unit or NUMBER) != NUMBER:
        return f"{_AMOUNT}{BLANKS}{NAMES['units']}"
    return DECIMAL if finding.high > 1 else f"{_AMOUNT}{BLANKS}%?"


def _examples(finding: Finding) -> Iterator[tuple[str, str]]:
    meaning = meaning_of(finding)
    name = finding.name
    if finding.kind is Kind.YES_NO:
        yield from ((name, meaning), (f"not {name}", meaning))
    elif finding.kind is Kind.CHOICE:
        yield from ((f"{name} is {value}", meaning) for value in finding.values)
        yield f"{name} is not {finding.values[0]}", meaning
        yield f"{name} in [{', '.join(finding.values[-2:])}]", meaning
    else:
        amount = finding.usual_written or finding.written_range.partition("..")[0].strip()
        if finding.unit and finding.unit.name and finding.units.ends_without(amount):
            amount = f"{amount} {finding.unit.name}"
        yield from ((f"{name} {operator} {amount}", meaning) for operator in ("<", "<=", ">", ">="))


def meaning_of(finding: Finding) -> str:
    """What an editor shows of a finding: its title, its question and what it may be."""
    values = {Kind.YES_NO: "", Kind.CHOICE: ", ".join(finding.values), Kind.QUANTITY: finding.written_range}
    parts = (f"{finding.title}.", finding.ask, values[finding.kind])
    return " ".join(part for part in parts if part)


# --- conclusions ------------------------------------------------------------------------------------------------------


def conclusion(kb: KnowledgeBase) -> Schema:
    """What a rule may conclude."""
    forms: list[str] = []
    shown: dict[str, str] = {}
    for roles, entry in role_forms():
        targets = titles_of(kb, *entry.targets)
        if targets:
            forms.append(f"{one_of(roles)}{_B}{one_of(targets)}")
            shown |= {f"{role} {name}": title for role in roles for name, title in targets.items()}
    bare = []
    for it in kb.findings.values():
        if it.concluded and it.kind is Kind.CHOICE:
            forms.append(f"{it.name}{_B}is{_B}{one_of(it.values)}")
            shown |= {f"{it.name} is {value}": it.title for value in it.values}
        elif it.concluded:
            bare.append(it.name)
            shown[it.name] = it.title
    if bare:
        forms.append(one_of(bare))
    return form("|".join(forms), f"This is not a conclusion: {CONCLUSION_FORMS}.", shown, types_of(bare))


def places_of(kb: KnowledgeBase) -> Words:
    """Steps and step groups with their titles."""
    return titles_of(kb, "step", "step group")


def promise(kb: KnowledgeBase, *said: str) -> Schema:
    """What an invariant promises: that a step is ``recommended`` or ``available``, or an option ``offered``."""
    known = {it: titles_of(kb, "option") if it == "offered" else places_of(kb) for it in said}
    forms = [f"{status}{_B}{one_of(targets)}" for status, targets in known.items() if targets]
    shown = {f"{status} {name}": title for status, targets in known.items() for name, title in targets.items()}
    return form("|".join(forms), f"This is not {' or '.join(said)}, and a step or an option.", shown)


def direction(kb: KnowledgeBase) -> Schema:
    """As which finding rises or falls an invariant holds."""
    ordered = {it.name: meaning_of(it) for it in kb.inputs.values() if it.kind is not Kind.YES_NO}
    if not ordered:
        return {"not": {}}
    shown = {f"{name} {way}": meaning for name, meaning in ordered.items() for way in ("rises", "falls")}
    message = "This is not FINDING rises or FINDING falls, for an input finding of type choice or quantity."
    return form(f"{one_of(ordered)}{_B}(?:rises|falls)", message, shown)


# --- values -----------------------------------------------------------------------------------------------------------


def value_of(finding: Finding) -> Schema:
    """A value of a finding as patients and cases give it; ``unknown`` takes a fact back."""
    described = {"description": meaning_of(finding)}
    if finding.kind is not Kind.QUANTITY:
        words = dict.fromkeys((*(("yes", "no") if finding.kind is Kind.YES_NO else finding.values), UNKNOWN), "")
        known = (*words_for(finding), UNKNOWN)
        message = f"This is not a value of {finding.name}: {', '.join(words)}."
        return {**_said(any_case(known), message, words, types_of(known)), **described}
    bare = finding.unit_may_be_omitted or (finding.unit or NUMBER) == NUMBER
    amount = f"(?:{_amount(finding)}" + (f"|{_AMOUNT})" if finding.unit_may_be_omitted else ")")
    pattern = f"{amount}|{_bounds(amount)}|{any_case([*words_for(finding), UNKNOWN])}"
    usual = finding.usual_written or finding.written_range.partition("..")[0].strip()
    message = f"This is not a value of {finding.name}: {finding.written_range}, or unknown."
    schema = _said(pattern, message, {usual: "the usual value", UNKNOWN: ""}, ["number"] if bare else [])
    if finding.unit == NUMBER:
        schema |= {"minimum": finding.low, "maximum": finding.high}
    return {**schema, **described}


def any_case(words: Iterable[str]) -> str:
    """The pattern of any of some words in every spelling of a value."""
    letters = {"_": "[ _-]+"}
    spelt = (
        "".join(letters.get(it) or (f"[{it}{it.upper()}]" if it.isalpha() else _literally(it)) for it in word)
        for word in words
    )
    return f"(?:{'|'.join(spelt)})"


def _bounds(amount: str) -> str:
    """The pattern of bounds between or beyond quantities; what they hold and settle is left to the reader."""
    signs = "|".join(any_case([sign.replace(" ", "_")]) for sign in SIGNS)
    return f"(?:{signs}){BLANKS}{amount}|{ANY_AMOUNT}{BLANKS}(?:[-\u2013]|[tT][oO]){BLANKS}{amount}|{_BETWEEN}"


def _said(pattern: str, message: str, suggested: Words, types: Iterable[str]) -> Schema:
    """A value of this pattern, or an empty value."""
    return form(f"(?:{pattern}|{any_case(NOTHING_WORDS)})", message, suggested, {*types, "null"})


def panel_answer(meaning: str) -> Schema:
    """What may be given for a panel as a whole."""
    words = {"none": "none of its findings is present", "unknown": "none of its findings is known"}
    message = "This is not an answer to a panel: none or unknown."
    return {**_said(any_case(words), message, words, ()), "description": meaning}
