"""The results of checking a knowledge folder, as plain values."""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

from expert.lang.errors import Location

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""From the gravest to the slightest."""

Verdict = Literal["proved", "refuted", "unproved"]
"""The result of a proof: no patient breaks the claim, some patient does, or the solver could not decide."""

Related = tuple[tuple[Location, str], ...]
"""Other lines that are involved, each with a word on its part."""

Given = tuple[tuple[str, str], ...]
"""What is given of a patient: findings, each with its value as it is written."""

READING = "reading"
"""The check that a fault of the text itself belongs to."""

PROOFS = {
    "alike": "values declared alike are treated alike",
    "argument": "no rule is only a further argument for what other rules decide",
    "asked_if": "a follow-up cannot matter while it is not asked",
    "conflict": "no option is both preferred and excluded, and no premise argues both ways",
    "constraints": "some patient satisfies all constraints",
    "exclusive": "no two values of a concluded choice hold together",
    "invariant": "every invariant holds for every patient",
    "monotonic": "in every declared direction a worse value never makes a step available again",
    "never-recommended": "a step declared never_recommended is never recommended",
    "non-discriminating": "every finding, value and threshold can change an outcome",
    "presumed-patient": "the usual values can occur together",
    "presumed_unless": "a usual value is presumed for some patients, and not for others",
    "redundant": "no rule could be removed without changing an outcome",
    "subsumed": "no rule is covered by a more general one with the same conclusion",
    "total": "every complete patient gets exactly one recommended step",
    "unreachable": "every rule, value, step and option can hold",
}
"""The kinds of proofs, each with what holds when nothing is found."""


class Fault(NamedTuple):
    """One thing that a check found.

    Attributes:
        check: the kebab-case name of the lint or the proof.
        severity: how grave it is.
        message: what is wrong, as a sentence without a full stop.
        at: where; line 0 is a file or a folder as a whole.
        remedy: what would cure it.
        witness: the patient who shows it, if any.
        related: other lines that are involved.
        subject: the id that it is about, which stays when lines move.
        edit: what to write in place of the text at ``at``; empty if that is not known.
    """

    check: str
    severity: Severity
    message: str
    at: Location
    remedy: str = ""
    witness: Given | None = None
    related: Related = ()
    subject: str = ""
    edit: str = ""


class Proof(NamedTuple):
    """The result of a proof.

    Attributes:
        check: the kind of proof, one of `PROOFS`.
        subject: the id that it is about, or an empty string for the whole.
        verdict: whether the claim holds.
        seconds: how long it took.
        fault: what was found, unless it is proved.
    """

    check: str
    subject: str
    verdict: Verdict
    seconds: float
    fault: Fault | None = None
