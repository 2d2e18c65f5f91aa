"""What a rule can conclude: one table, used by readers, schemas, mutants, prose and columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

Role = Literal["finding", "supports", "excludes", "cautions", "prefers", "alert", "advise"]
Target = Literal["step", "step group", "option", "alert", "advice"]


class ConclusionRole(NamedTuple):
    """A way in which a rule can conclude something other than a finding.

    Attributes:
        targets: the kinds of entries that it applies to; ``a_target`` names them in messages.
        form: the syntax of the target, in messages.
        words: the verb for one target, and for several.
        by: the heading of a list of the rules in this role.
        sign: the mark of a rule for, against or with caution about a step, if it is one of these.
        mistaken_for: the roles that an author may confuse it with.
    """

    targets: tuple[Target, ...]
    a_target: str
    form: str
    words: tuple[str, str]
    by: str
    sign: str = ""
    mistaken_for: tuple[Role, ...] = ()


_PLACES: tuple[Target, ...] = ("step", "step group", "option")
_A_PLACE = "a step, a step group or an option"

ROLES: Mapping[Role, ConclusionRole] = {
    "supports": ConclusionRole(
        _PLACES, _A_PLACE, "STEP", ("is supported", "are supported"), "Supported by", "+", ("cautions", "excludes")
    ),
    "excludes": ConclusionRole(
        _PLACES, _A_PLACE, "STEP", ("is excluded", "are excluded"), "Excluded by", "-", ("cautions", "supports")
    ),
    "cautions": ConclusionRole(
        _PLACES,
        _A_PLACE,
        "STEP",
        ("calls for caution", "call for caution"),
        "Cautioned against by",
        "!",
        ("excludes", "supports"),
    ),
    "prefers": ConclusionRole(
        ("option",), "an option", "STEP.OPTION", ("is preferred", "are preferred"), "Preferred by", "", ("cautions",)
    ),
    "alert": ConclusionRole(("alert",), "an alert", "NAME", ("is raised", "are raised"), "Raised by"),
    "advise": ConclusionRole(("advice",), "an advice", "NAME", ("is given", "are given"), "Given by"),
}
"""Every role of a conclusion other than ``finding``, by its keyword."""


def roles_for(target: Target) -> tuple[Role, ...]:
    """The roles that apply to a kind of entry, in the order of the table."""
    return tuple(role for role, it in ROLES.items() if target in it.targets)


def role_forms() -> Iterator[tuple[tuple[Role, ...], ConclusionRole]]:
    """The roles grouped by their targets, each group with the entry of its first role."""
    for targets in dict.fromkeys(it.targets for it in ROLES.values()):
        alike = tuple(role for role, it in ROLES.items() if it.targets == targets)
        yield alike, ROLES[alike[0]]


def _forms() -> str:
    arguments = [f"{'/'.join(roles)} {it.form}" for roles, it in role_forms()]
    return f"FINDING, FINDING is VALUE, {', '.join(arguments[:-1])} or {arguments[-1]}"


CONCLUSION_FORMS = _forms()
"""Every form of a conclusion, for messages."""


class CaseList(NamedTuple):
    """A list that a case may expect: names of ``targets`` whose definition in ``role`` holds."""

    role: str
    targets: tuple[Target, ...]
    a_target: str
    meaning: str


LISTINGS: Mapping[str, CaseList] = {
    "cautions": CaseList(
        "cautions", ("step", "option"), "a step or an option", "steps or options that are cautioned against"
    ),
    "excluded": CaseList("excludes", ("step", "option"), "a step or an option", "steps or options that are excluded"),
    "options": CaseList("offered", ("option",), "an option", "options on offer"),
    "preferred": CaseList("prefers", ("option",), "an option", "options that are preferred"),
    "alerts": CaseList("alert", ("alert",), "an alert", "alerts that are raised"),
    "advice": CaseList("given", ("advice",), "an advice", "advice that is given"),
}
"""The lists that cases may expect, by key."""
