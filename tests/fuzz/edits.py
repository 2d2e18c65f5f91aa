"""Compares ``expert mutate`` and ``expert diff`` with brute force over all partial patients of a draft."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np

from expert import KnowledgeBase
from expert.cases.mutant_verdicts import Bench
from expert.diff.diff import difference
from expert.lang.model import Rule
from expert.lang.premises import NEVER, All, Compare, In, Is, Not, Premise
from expert.lang.premises import Any as AnyOf
from tests.fuzz.language import Draft
from tests.fuzz.meaning import Meaning
from tests.fuzz.observables import all_observables, has_many_partial_patients, same_for_all
from tests.fuzz.random_patients import BASES
from tests.fuzz.trial import Differences, Trial


def mutate(trial: Trial) -> Differences:
    """Check which mutants are equivalent, the witnesses for the others, and the difference that a mutant makes."""
    if has_many_partial_patients(trial.meaning) or not trial.meaning.allowed.any():
        return
    bench = Bench(trial.kb, [])
    rng = Random(len(bench.mutants))
    for mutant in rng.sample(bench.mutants, min(4, len(bench.mutants))):
        assert isinstance(mutant.entry, Rule)  # drafts have no scores
        changed = _with(trial.draft, mutant.entry, trial.kb)
        if has_many_partial_patients(Meaning(changed, also=[trial.draft])):
            continue
        same = same_for_all(trial.draft, changed)
        found = bench.settle(mutant)
        if (found.verdict == "equivalent") is not same:
            yield f"{mutant.id}, {mutant.change}: is {found.verdict}, and an observable differs: {not same}"
        if found.witness and not same:
            given = dict(found.witness.given)
            if not _distinguishes(trial.draft, changed, given, presumed=found.witness.presumed):
                yield f"{mutant.id}, {mutant.change}: {found.witness.given} does not distinguish it"
        other = trial.kb.with_entry(mutant.entry)
        if trial.sound and not Meaning(changed).contradictory.any():
            compared = difference(trial.kb, other)
            if compared.equivalent is not (same or same_for_all(trial.draft, changed)):
                yield f"{mutant.id}, {mutant.change}: diff says equivalent {compared.equivalent}"


def _distinguishes(one: Draft, other: Draft, patient: dict[str, str], *, presumed: bool) -> bool:
    """Whether an observable of a patient differs, over what is known or as presumed."""
    meanings = Meaning(one, also=[other]), Meaning(other, also=[one])
    table = meanings[0].table([patient])
    if not meanings[0].background(table).possible[0]:
        return False
    views = [np.split(all_observables(it, table)[0], 2)[presumed] for it in meanings]
    return bool((views[0] != views[1]).any())


def _with(draft: Draft, rule: Rule, kb: KnowledgeBase) -> Draft:
    """A draft with a rule replaced; a rule that never holds is left out."""
    rules = {name: it for name, it in draft["rules"].items() if name != rule.id or rule.when != (NEVER,)}
    if rule.id in rules:
        then = [" ".join((it.role, it.target)) if it.role != "finding" else it.target if it.value is True
                else f"{it.target} is {it.value}" for it in rule.then]  # fmt: skip
        when = [_drafted(it, kb) for it in rule.when]
        rules[rule.id] = {"when": when, "unless": [_drafted(it, kb) for it in rule.unless], "then": then}
    return {**draft, "rules": rules}


def _drafted(premise: Premise, kb: KnowledgeBase) -> Any:
    """A premise as it is written in a draft."""
    match premise:
        case Is():
            word = ("no", "yes")[premise.value] if isinstance(premise.value, bool) else premise.value
            return f"{premise.finding} is {word}"
        case In():
            return f"{premise.finding} in [{', '.join(premise.values)}]"
        case Compare():
            unit = kb.findings[premise.finding].unit
            base = BASES.get(unit.name, unit.name) if unit else ""
            return f"{premise.finding} {premise.operator} {premise.threshold!r} {base}".strip()
        case Not():
            return {"not": [_drafted(premise.premise, kb)]}
        case All() | AnyOf():
            return {"all" if isinstance(premise, All) else "any": [_drafted(it, kb) for it in premise.premises]}
    raise ValueError("rules speak of findings")
