"""What the nodes of an explanation are about, in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from expert.answer.explanations import Claim, Counted, SplitCase, TooManyCases
from expert.lang.model import KnowledgeBase, Option, Rule, titles_of
from expert.lang.premises import All, Any, Compare, Concluded, Count, In, Is, Name, Not, Premise, bound_of, written
from expert.lang.roles import ROLES
from expert.lang.vocabulary import Constraint, Finding
from expert.render.phrases import Phrases, said

_CONCLUSIONS: dict[str, str] = {
    **{role: it.words[0] for role, it in ROLES.items()},
    "recommended": "is recommended",
    "available": "is available",
    "offered": "is on offer",
    "advise": "is called for",
    "given": "is given",
}


_TOO_MANY = " in every case, too many to list"


def titled_claim(phrases: Phrases, claim: Claim) -> str:
    """What a node of a why-tree is about, findings by their titles."""
    match claim:
        case Concluded(name=("finding", name, *value)):
            return f"{phrases.title(name)}: {_concluded(value, True).replace('_', ' ')}"
        case Not(premise=Concluded(name=("finding", name, *value))):
            return f"{phrases.title(name)}: {_concluded(value, False).replace('_', ' ')}"
        case Concluded(name=("score", name, number)):
            return f"{phrases.title(name)}: {number} or more"
        case Concluded(name=("points", name, place)):
            entry = phrases.kb.findings[name].points[int(place)]
            return _with_points(in_words(phrases, All(entry.when)), entry.points)
        case Not(premise=Concluded(name=("points", name, place))):
            entry = phrases.kb.findings[name].points[int(place)]
            return _with_points(f"not ({in_words(phrases, All(entry.when))})", entry.points)
        case Not(premise=Concluded(name=("score", name, number))):
            return f"{phrases.title(name)}: less than {number}"
        case Counted():
            return _counted(claim, lambda part: titled_claim(phrases, part))
        case SplitCase(premises):
            return f"If {' and '.join(map(phrases.premise, premises))}"
        case TooManyCases(conclusion):
            return f"{titled_claim(phrases, conclusion)}{_TOO_MANY}"
        case Is() | In() | Compare() | Not(premise=Is() | In() | Compare()):
            return phrases.premise(claim)
    return claim_text(phrases.kb, claim)


def claim_text(kb: KnowledgeBase, claim: Claim) -> str:
    """What a node of a why-tree is about, findings by their names."""
    match claim:
        case Rule():
            return claim.title
        case Option():
            return f"the ladder lists it, citing {' '.join(claim.cite)}"
        case Constraint():
            return f"{claim.because} (constraint {claim.id})"
        case Finding():
            return claim.ask or claim.title
        case Counted():
            return _counted(claim, lambda part: claim_text(kb, part))
        case SplitCase():
            return f"if {' and '.join(map(written, claim.premises))}"
        case TooManyCases():
            return f"{claim_text(kb, claim.conclusion)}{_TOO_MANY}"
        case "all" | "any":
            return f"{claim} of these"
        case Concluded():
            return _conclusion(kb, claim.name, True)
        case Not(premise=Concluded() as conclusion):
            return _conclusion(kb, conclusion.name, False)
    return written(claim)


def _takes_points_off(part: Premise) -> bool:
    """Whether a part of a count is an entry of a score with negative points, which counts by failing."""
    return isinstance(part, Not) and isinstance(part.premise, Concluded) and part.premise.name[0] == "points"


def _counted(it: Counted, words: Callable[[Premise], str]) -> str:
    """How many of how many hold, and which: ``2 of 3: night_pain, weight_loss``; of a score, its points."""
    if any(map(_takes_points_off, it.of.premises)):
        holding: list[Premise] = [part for part in it.holding if not isinstance(part, Not)]
        holding += [part.premise for part in it.failing if isinstance(part, Not)]
        return f"these count: {', '.join(map(words, holding)) or 'none'}"
    listed = ", ".join(map(words, it.holding))
    if it.truth and it.of.most is not None:
        number = f"{bound_of(it.of)} of {it.of.total}"
    elif not it.truth and it.points < it.of.least:
        number = f"fewer than {it.of.least} of {it.of.total}"
    else:
        number = f"{it.points} of {it.of.total}"
    return f"{number}: {listed}" if listed else number


def _conclusion(kb: KnowledgeBase, name: Name, holds: bool) -> str:
    role, target, *value = name
    if role == "score":
        return f"{target} is {'at least' if holds else 'less than'} {value[0]}"
    if role == "points":
        entry = kb.findings[target].points[int(value[0])]
        words = written(All(entry.when)) if holds else f"not ({written(All(entry.when))})"
        return _with_points(words, entry.points)
    if role == "finding":
        return f"{target} is {_concluded(value, holds)}"
    if role == "rule":
        return f"{'applies' if holds else 'does not apply'}: {kb.rules[target].title}"
    title = titles_of(kb, "advice", "alert", "option", "step").get(target, target)
    words = _CONCLUSIONS[role]
    return f"{title} {words if holds else words.replace('is ', 'is not ', 1)}"


def _with_points(words: str, points: int) -> str:
    return words if points == 1 else f"{words} ({points} points)"


def _concluded(value: Sequence[str], holds: bool) -> str:
    """The value that a conclusion gives its finding: that of a choice, or yes or no."""
    return f"{'' if holds else 'not '}{value[0]}" if value else "yes" if holds else "no"


def needed(premise: Premise) -> str:
    """What would have to hold instead of a premise; if it is about one finding, the value that this would need."""
    negated = isinstance(premise, Not)
    inner = premise.premise if isinstance(premise, Not) else premise
    match inner:
        case Is(value=bool() as value):
            return "yes" if value is not negated else "no"
        case Is(value=value):
            return f"{'not ' if negated else ''}{value}"
        case In(values=values):
            return f"{'none' if negated else 'one'} of {', '.join(values)}"
        case Compare(operator=sign, written=bound):
            return f"{'not ' if negated else ''}{sign} {bound}"
        case Any(premises=alternatives) if not negated:
            return f"one of: {'; '.join(map(written, alternatives))}"
    return written(premise)


def needed_in_words(phrases: Phrases, premise: Premise) -> str:
    """The same in words: comparisons spelt out, findings by their titles."""
    inner = premise.premise if isinstance(premise, Not) else premise
    if isinstance(inner, Compare):
        return said(inner, not isinstance(premise, Not))
    if isinstance(inner, Is | In):
        return needed(premise).replace("_", " ")
    if isinstance(premise, Any):
        return f"one of: {'; '.join(in_words(phrases, part) for part in premise.premises)}"
    return in_words(phrases, premise)


def in_words(phrases: Phrases, premise: Premise) -> str:
    """A premise of any form, with findings by their titles."""
    match premise:
        case Is() | In() | Compare() | Not(premise=Is() | In() | Compare()):
            return phrases.premise(premise)
        case Not():
            return f"not ({in_words(phrases, premise.premise)})"
        case All():
            return " and ".join(in_words(phrases, part) for part in premise.premises)
        case Any():
            return " or ".join(f"({in_words(phrases, part)})" for part in premise.premises)
        case Count():
            return f"{bound_of(premise)} of [{', '.join(in_words(phrases, part) for part in premise.premises)}]"
    return claim_text(phrases.kb, premise) if isinstance(premise, Concluded) else written(premise)
