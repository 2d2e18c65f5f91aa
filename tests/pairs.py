"""Pairs of small knowledge bases with different vocabularies; a seed determines one, and the other is an edit of it."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import NamedTuple

from expert import KnowledgeBase
from expert.diff.vocabularies import renamed
from expert.lang.definitions import Definitions
from expert.lang.dimensions import NUMBER
from expert.lang.model import Advice, Alert, Conclusion, Option, Step
from expert.lang.premises import All, Any, Compare, In, Is, Not, Premise
from expert.lang.values import Value
from expert.lang.vocabulary import Constraint, Finding, Kind, Panel
from expert.logic.domain import Domain
from tests.strategies import AT, Enumeration, finding, knowledge, rule

SIZES = ("small", "large")
KINDS = ("round", "oval")


class Pair(NamedTuple):
    """Two knowledge bases, and findings of the old that have other names in the new."""

    old: KnowledgeBase
    new: KnowledgeBase
    names: dict[str, str]
    edits: tuple[str, ...]


def pair(seed: int) -> Pair:
    """A pair in which both sides have no contradiction and permit some patient."""
    rng = Random(seed)
    while True:
        old = _small(rng)
        new, names, edits = old, dict[str, str](), []
        for _ in range(rng.choice([1, 1, 2])):
            edit = rng.choice(EDITS)
            changed, more = edit(new, rng)
            if more and names:
                continue
            new, names = changed, {**names, **more}
            edits.append(edit.__name__.strip("_"))
        if rng.random() < 0.3:
            edit = rng.choice([it for it in EDITS if it not in (_a_renaming, _another_kind)])
            old, _ = edit(old, rng)
            edits.append(f"old {edit.__name__.strip('_')}")
        if rng.random() < 0.4:
            old, new, names = new, old, {after: before for before, after in names.items()}
        if all(map(_is_sound, (old, new))):
            return Pair(old, new, names, tuple(edits))


def _is_sound(kb: KnowledgeBase) -> bool:
    domain = Domain(Definitions(kb))
    return domain.possible_background({}) is not None and not Enumeration(domain).contradictory


def _small(rng: Random) -> KnowledgeBase:
    given = [
        _presuming(finding("ache"), rng),
        _presuming(finding("extent", Kind.CHOICE, values=SIZES), rng),
        _presuming(finding("dose", Kind.QUANTITY, unit=NUMBER, low=0.0, high=10.0), rng),
    ]
    given = [_presumed_unless(it, given, rng) for it in given]
    early = finding("early", concluded=True)
    shape = finding("shape", Kind.CHOICE, values=KINDS, otherwise=rng.choice([None, *KINDS]), concluded=True)
    options = tuple(Option(f"two.{it}", it, (), AT, if_supported=rng.random() < 0.5) for it in ("left", "right"))
    steps = [
        Step("one", "One", "", AT, gate=rng.random() < 0.5, meanwhile=rng.choice(["", "two"])),
        Step("two", "Two", "", AT, options=options),
    ]
    rules = [
        rule("e", [_premise(given, rng)], [Conclusion("finding", "early")]),
        rule("s", [_premise([*given, early], rng)], [Conclusion("finding", "shape", rng.choice(KINDS))]),
        *(
            rule(f"r{index}", [_premise([*given, early, shape], rng)], [rng.choice(ARGUMENTS)])
            for index in range(rng.randint(2, 5))
        ),
    ]
    constraints = [_constraint(f"c{index}", given, rng) for index in range(rng.choice([0, 0, 1, 2]))]
    kb = knowledge(
        [*given, early, shape],
        rules,
        steps,
        constraints,
        [Alert("bell", "Bell", "", AT)],
        [Advice("rest", "Rest", "", ("two",), AT)],
    )
    return kb._replace(panels={"signs": _panel(given[: rng.randint(1, 3)], rng)} if rng.random() < 0.5 else {})


ARGUMENTS = [
    *(Conclusion("supports", step) for step in ("one", "two", "two", "one")),
    *(Conclusion("excludes", step) for step in ("one", "two")),
    Conclusion("supports", "two.left"),
    Conclusion("excludes", "two.right"),
    Conclusion("prefers", "two.left"),
    Conclusion("cautions", "two"),
    Conclusion("alert", "bell"),
    Conclusion("advise", "rest"),
]


def _presuming(it: Finding, rng: Random) -> Finding:
    value = rng.choice(_values(it))
    return rng.choice([it, it._replace(usual=value), it._replace(usual=value), it._replace(default=value)])


def _presumed_unless(it: Finding, given: list[Finding], rng: Random) -> Finding:
    if it.usual is None or rng.random() < 0.7:
        return it
    others = [other for other in given if other.name != it.name]
    return it._replace(presumed_unless=All((_premise(others, rng, 1),)))


def _values(it: Finding) -> list[Value]:
    if it.kind is Kind.YES_NO:
        return [False, True]
    return list(it.values) if it.values else [it.low, it.high, 3.0]


def _literal(it: Finding, rng: Random) -> Premise:
    if it.kind is Kind.YES_NO:
        return _one_of(rng, Is(it.name, True), Not(Is(it.name, True)))
    if it.kind is Kind.CHOICE:
        value = rng.choice(it.values)
        return _one_of(rng, Is(it.name, value), Not(Is(it.name, value)), In(it.name, it.values))
    return Compare(it.name, rng.choice(["<", ">="]), 3.0, "3")


def _premise(over: list[Finding], rng: Random, depth: int = 2) -> Premise:
    if not depth or rng.random() < 0.4:
        return _literal(rng.choice(over), rng)
    parts = tuple(_premise(over, rng, depth - 1) for _ in range(rng.randint(1, 2)))
    return _one_of(rng, Any(parts), All(parts), Not(parts[0]))


def _one_of(rng: Random, *premises: Premise) -> Premise:
    return rng.choice(premises)


def _constraint(name: str, over: list[Finding], rng: Random) -> Constraint:
    return Constraint(name, tuple(_literal(it, rng) for it in rng.sample(over, min(len(over), 2))), "So.", AT)


def _panel(members: list[Finding], rng: Random) -> Panel:
    return Panel("signs", "Signs", "Any?", {it.name: rng.choice(_values(it)) for it in members}, AT)


# --- edits ------------------------------------------------------------------------------------------------------------

Edited = tuple[KnowledgeBase, dict[str, str]]


def _a_new_finding(kb: KnowledgeBase, rng: Random) -> Edited:
    name = "flag" if "flag" not in kb.findings else "mark"
    its: list[Finding] = [
        finding(name),
        finding(name, Kind.CHOICE, values=SIZES),
        finding(name, Kind.QUANTITY, unit=NUMBER, low=0.0, high=6.0),
    ]
    new = _presuming(rng.choice(its), rng)
    kb = kb._replace(findings={**kb.findings, name: new})
    given = [*kb.inputs.values()]
    if rng.random() < 0.8:
        read = rule(f"on-{name}", [_premise([new, rng.choice(given)], rng)], [rng.choice(ARGUMENTS)])
        kb = kb._replace(rules={**kb.rules, read.id: read})
    if rng.random() < 0.3:
        old = rng.choice([*kb.rules.values()])
        parts = (*old.when, _literal(new, rng))
        when = (_one_of(rng, All(parts), Any(parts)),)
        kb = kb._replace(rules={**kb.rules, old.id: old._replace(when=when)})
    if rng.random() < 0.3:
        never = (_literal(new, rng), _literal(rng.choice(given), rng))
        kb = kb._replace(constraints=(*kb.constraints, Constraint(f"x-{name}", never, "So.", AT)))
    if rng.random() < 0.3:
        members = {**(kb.panels["signs"].members if "signs" in kb.panels else {}), name: rng.choice(_values(new))}
        kb = kb._replace(panels={"signs": Panel("signs", "Signs", "Any?", members, AT)})
    return kb, {}


def _a_renaming(kb: KnowledgeBase, rng: Random) -> Edited:
    name = rng.choice([*kb.inputs])
    changed, _ = rng.choice([lambda it, _: (it, {}), _another_rule, _another_presumption])(kb, rng)
    names = {name: f"{name}_again"}
    return renamed(changed, names), rng.choice([names, {}])


def _another_kind(kb: KnowledgeBase, rng: Random) -> Edited:
    if "ache" not in kb.inputs or not _is_unread(kb, "ache"):
        return kb, {}
    return kb._replace(
        findings={**kb.findings, "ache": _presuming(finding("ache", Kind.CHOICE, values=SIZES), rng)}
    ), {}


def _is_unread(kb: KnowledgeBase, name: str) -> bool:
    definitions = Definitions(kb)
    tied = {it for constraint in kb.constraints for it in str(constraint.never).split("'")}
    return not definitions.above((), [name]) and name not in tied and not kb.panels


def _another_rule(kb: KnowledgeBase, rng: Random) -> Edited:
    old = rng.choice([*kb.rules.values()])
    if rng.random() < 0.3:
        return kb._replace(rules={name: it for name, it in kb.rules.items() if name != old.id}), {}
    when = (_premise([*kb.inputs.values()], rng),)
    return kb._replace(rules={**kb.rules, old.id: old._replace(when=when)}), {}


def _another_value(kb: KnowledgeBase, rng: Random) -> Edited:
    extent = kb.inputs.get("extent")
    if extent is None or "huge" in extent.values:
        return kb, {}
    kb = kb._replace(findings={**kb.findings, "extent": extent._replace(values=(*extent.values, "huge"))})
    if rng.random() < 0.6:
        read = rule("on-huge", [Is("extent", "huge")], [rng.choice(ARGUMENTS)])
        kb = kb._replace(rules={**kb.rules, read.id: read})
    return kb, {}


def _another_range(kb: KnowledgeBase, rng: Random) -> Edited:
    dose = kb.inputs.get("dose")
    if dose is None:
        return kb, {}
    dose = dose._replace(high=rng.choice([12.0, 15.0])) if rng.random() < 0.7 else dose._replace(low=-1.0)
    return kb._replace(findings={**kb.findings, "dose": dose}), {}


def _another_threshold(kb: KnowledgeBase, rng: Random) -> Edited:
    if "dose" not in kb.inputs:
        return kb, {}
    read = rule("on-dose", [Compare("dose", rng.choice([">", "<="]), 5.0, "5")], [rng.choice(ARGUMENTS)])
    return kb._replace(rules={**kb.rules, read.id: read}), {}


def _another_presumption(kb: KnowledgeBase, rng: Random) -> Edited:
    name = rng.choice([*kb.inputs])
    plain = kb.inputs[name]._replace(usual=None, default=None, presumed_unless=None)
    presumed = _presumed_unless(_presuming(plain, rng), [*kb.inputs.values()], rng)
    return kb._replace(findings={**kb.findings, name: presumed}), {}


def _another_constraint(kb: KnowledgeBase, rng: Random) -> Edited:
    if kb.constraints and rng.random() < 0.4:
        return kb._replace(constraints=kb.constraints[1:]), {}
    return kb._replace(constraints=(*kb.constraints, _constraint("y", [*kb.inputs.values()], rng))), {}


def _another_panel(kb: KnowledgeBase, rng: Random) -> Edited:
    if "signs" in kb.panels and rng.random() < 0.3:
        return kb._replace(panels={}), {}
    given = [*kb.inputs.values()]
    return kb._replace(panels={"signs": _panel(rng.sample(given, rng.randint(1, len(given))), rng)}), {}


def _another_ladder(kb: KnowledgeBase, rng: Random) -> Edited:
    one = kb.steps["one"]
    if rng.random() < 0.6:
        one = rng.choice([one._replace(gate=not one.gate), one._replace(meanwhile="" if one.meanwhile else "two")])
        return kb._replace(steps={**kb.steps, "one": one}), {}
    if rng.random() < 0.5:
        three = Step("three", "Three", "", AT)
        read = rule("on-three", [_premise([*kb.inputs.values()], rng)], [Conclusion("supports", "three")])
        return kb._replace(steps={**kb.steps, "three": three}, rules={**kb.rules, read.id: read}), {}
    read = rule("on-horn", [_premise([*kb.inputs.values()], rng)], [Conclusion("alert", "horn")])
    alerts = {**kb.alerts, "horn": Alert("horn", "Horn", "", AT)}
    return kb._replace(alerts=alerts, rules={**kb.rules, read.id: read}), {}


def _the_same_in_other_words(kb: KnowledgeBase, rng: Random) -> Edited:
    old = rng.choice([*kb.rules.values()])
    when = (Not(Any(tuple(map(Not, old.when)))),)
    return kb._replace(rules={**kb.rules, old.id: old._replace(when=when)}), {}


EDITS: list[Callable[[KnowledgeBase, Random], Edited]] = [
    _a_new_finding,
    _a_new_finding,
    _a_new_finding,
    _a_renaming,
    _a_renaming,
    _another_kind,
    _another_rule,
    _another_value,
    _another_range,
    _another_threshold,
    _another_presumption,
    _another_constraint,
    _another_panel,
    _another_ladder,
    _the_same_in_other_words,
]
