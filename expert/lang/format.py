"""The files of a knowledge folder: which keys stand where, in which order, and what each means.

`knowledge/README.md` says the same at length. The scaffolds, the formatter and the JSON Schemas are made from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from expert.lang.observables import LISTINGS

KEYS: Mapping[str, Mapping[str, str]] = {
    "knowledge": {
        "name": "the name of the knowledge, in kebab-case",
        "title": "what it is about, shown to people",
        "version": "changes whenever an answer may change",
        "reviewed": "the day of the last review, YYYY-MM-DD",
        "review_due": "the day by which it is to be reviewed again, YYYY-MM-DD",
        "statement": "what this knowledge rests on, and what it is not",
        "disclaimer": "the sentence under every answer",
    },
    "vocabulary": {
        "groups": "groups of findings, in the order in which they are listed and asked",
        "findings": "what may be known of a patient or a site",
        "concluded": "findings that rules conclude",
        "panels": "findings that are answered together",
        "constraints": "premises that cannot hold together",
    },
    "finding": {
        "title": "a noun phrase, shown to people",
        "ask": "the question put to the clinician",
        "type": "yes_no, choice or quantity",
        "values": "of a choice, in order of severity where there is one",
        "alike": "values of a choice that are treated alike, at least two; the workbench proves it",
        "unit": "of a quantity; without one it is a number, or a share where the range ends at 1 or below",
        "unit_may_be_omitted": "yes: a bare number is read in this unit; otherwise it is an error",
        "range": "of a quantity: LOW .. HIGH, both included",
        "resolution": "of a quantity: the least step in which people state it",
        "usual": "the value presumed, visibly, for a provisional answer while the finding is unknown",
        "default": "for policies of a site: counts as given until a site says otherwise",
        "asked_if": "a premise; the finding cannot matter unless it holds",
        "modifiable": "no for what nobody can change, such as what is past; yes unless said",
        "group": "one of the groups; findings of the group site come from a site file",
    },
    "concluded": {
        "title": "a noun phrase, shown to people",
        "type": "yes_no (unless said otherwise) or choice",
        "values": "of a choice",
        "otherwise": "of a choice: the value that holds when every rule for the finding fails",
    },
    "panel": {
        "title": "a noun phrase, shown to people",
        "ask": "the one question for all members",
        "members": "its findings, each with the value that 'none of these' means",
    },
    "constraint": {
        "never": "premises over findings that people give, which cannot hold together",
        "because": "why they cannot",
    },
    "ladder": {
        "steps": "the steps, in the ladder's order",
        "groups": "names that stand for several steps",
        "alerts": "what is shown whenever a rule raises it",
        "advice": "what is shown when a rule gives it and one of its steps is recommended",
    },
    "step": {
        "title": "a noun phrase, shown to people",
        "summary": "what the step is, in one sentence",
        "gate": "yes: while it is recommended, later available steps wait",
        "meanwhile": "of a gate: the step that is done while they wait",
        "never_recommended": "yes: declared, and proved by the workbench",
        "cite": "what the step rests on",
        "options": "what the step has to offer",
    },
    "option": {
        "title": "a noun phrase, shown to people",
        "offered": "if_supported: on offer only where a rule supports it; by_default unless said",
        "note": "a word shown beside the option",
        "cite": "what the option rests on",
    },
    "step group": {"title": "a noun phrase, shown to people", "steps": "the steps that it stands for"},
    "alert": {"title": "a noun phrase, shown to people", "text": "what to do, in one or two sentences"},
    "advice": {
        "title": "a noun phrase, shown to people",
        "text": "what to do, in one or two sentences",
        "steps": "shown only when one of these steps or step groups is recommended",
    },
    "references": {
        "claims": "what the source of the ladder says, in our words",
        "guidelines": "guidelines, reviews and trials",
        "safety": "what was added because a patient could come to harm; the source does not hold it",
        "assumptions": "decisions taken where the source is silent",
    },
    "claim": {
        "section": "where the source says it",
        "role": "rule, weak or informative",
        "text": "the claim in our words",
        "reading": "how an ambiguous text is read, where it is",
    },
    "guideline": {
        "title": "the name of the document",
        "year": "the year of the document",
        "text": "what it says that matters here",
        "verified": "no: recalled, not read",
    },
    "safety": {"text": "why it was added; the source does not hold it"},
    "assumption": {"text": "the decision, where the source is silent"},
    "guidance": {"notes": "where current guidance differs from a claim"},
    "note": {
        "differs_from": "the claims that it speaks of",
        "verdict": "disagrees, partly, silent or later",
        "text": "what current guidance says, in one or two sentences",
        "sources": "the guidelines that say it",
        "verified": "no: recalled, not read",
    },
    "rules": {"rules": "the rules, in the order in which a clinician thinks"},
    "rule": {
        "title": "a sentence that a clinician would sign, without a full stop",
        "when": "premises that must hold as a whole; always for an unconditional rule",
        "unless": "exceptions: the rule holds only if each of them is known to fail",
        "then": "one conclusion or a list of them",
        "because": "why, in one sentence, two at most",
        "cite": "what the rule rests on",
    },
    "invariants": {"invariants": "what must never, or always, be recommended to whom"},
    "invariant": {
        "title": "the promise as a sentence",
        "never": "recommended STEP, or a step group; available STEP where 'as' says a direction",
        "always": "recommended STEP, or a step group",
        "when": "premises: the patients for whom the promise is made",
        "as": "FINDING rises or FINDING falls: the step never becomes available again by it",
        "because": "why",
        "cite": "what the promise rests on",
    },
    "case": {
        "name": "what the case shows, as a sentence",
        "given": "a patient; like: NAME starts from a worked patient",
        "expect": "what must follow",
    },
    "expectation": {
        "answer": "certain, provisional or open",
        "recommended": "the step, or none",
        "because": "rules that hold, with the presumptions",
        "silent": "rules that do not hold, with the presumptions",
        "open": "rules that are open over what is given",
        "status": "what is certain of steps",
        "presumed_status": "what follows for steps with the presumptions",
        "possible": "all steps that a completion leads to: the whole set",
        **{key: it.meaning for key, it in LISTINGS.items()},
        "findings": "concluded findings with their values (unknown for none), with the presumptions",
        "forced": "findings with the values that constraints force",
        "without": "what must not appear",
    },
}
"""For each kind of mapping its keys, in the order in which they are written, with what they mean."""

FILES: Mapping[str, str] = {
    "knowledge": "knowledge.yaml",
    "vocabulary": "vocabulary.yaml",
    "ladder": "ladder.yaml",
    "references": "references.yaml",
    "guidance": "guidance.yaml",
    "invariants": "invariants.yaml",
    "cases": "rules/*.test.yaml",
    "rules": "rules/*.yaml",
    "patient": "patients/*.yaml",
    "site": "sites/*.yaml",
}
"""The kinds of files with where they lie in a knowledge folder; the first that fits a file is its kind."""

_PLACES: Mapping[str, Mapping[str, str]] = {
    "knowledge": {"": "knowledge"},
    "vocabulary": {
        "": "vocabulary",
        "findings/*": "finding",
        "concluded/*": "concluded",
        "panels/*": "panel",
        "constraints/*": "constraint",
    },
    "ladder": {
        "": "ladder",
        "steps/*": "step",
        "steps/*/options/*": "option",
        "groups/*": "step group",
        "alerts/*": "alert",
        "advice/*": "advice",
    },
    "references": {
        "": "references",
        "claims/*": "claim",
        "guidelines/*": "guideline",
        "safety/*": "safety",
        "assumptions/*": "assumption",
    },
    "guidance": {"": "guidance", "notes/*": "note"},
    "invariants": {"": "invariants", "invariants/*": "invariant"},
    "rules": {"": "rules", "rules/*": "rule"},
    "cases": {"*": "case"},
    "patient": {},
    "site": {},
}


def kind_of(name: str) -> str:
    """The kind of a file by its name within a knowledge folder; empty for a file that is none of it."""
    fitting = (kind for kind, form in FILES.items() if form.count("/") == name.count("/") and fnmatchcase(name, form))
    return next(fitting, "")


def name_within(folder: Path, file: Path) -> str:
    """The name of a file within a knowledge folder, whatever it links to; empty if it lies elsewhere."""
    path, root = file.parent.resolve() / file.name, folder.resolve()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else ""


def order_at(kind: str, path: Sequence[str]) -> tuple[str, ...]:
    """The keys, in order, of the mapping at a path of a file; none where any order is as good.

    The results that a case expects are listed as suits the case, and a patient's findings as they were learnt.
    """
    for form, mapping in _PLACES[kind].items():
        parts = form.split("/") if form else []
        if len(parts) == len(path) and all(part in ("*", step) for part, step in zip(parts, path, strict=True)):
            return tuple(KEYS[mapping])
    return ()
