"""Another rule has the same premises and concludes the same."""

from collections import Counter
from collections.abc import Hashable, Iterator

from expert.check.lints.lint import Found, Knowledge, lint
from expert.lang.model import Rule
from expert.lang.premises import All, Any, Count, In, Is, Not, Premise


@lint("warning")
def check(knowledge: Knowledge) -> Iterator[Found]:
    """Rules that another covers; of two that conclude the same, the later one."""
    same_premises: dict[Hashable, list[Rule]] = {}
    for rule in knowledge.kb.rules.values():
        same_premises.setdefault(_meaning(rule.premise), []).append(rule)
    for group in same_premises.values():
        for index, rule in enumerate(group):
            concludes = set(rule.then)
            for position, other in enumerate(group):
                if concludes < set(other.then) or (concludes == set(other.then) and position < index):
                    message = f"{other.id} has the same premises and concludes the same"
                    yield Found(message, rule.at, rule.id, ((other.at, "the other rule"),))
                    break


def _meaning(premise: Premise) -> Hashable:
    """A premise without the order and the grouping of its parts."""
    match premise:
        case All() | Any():
            same = type(premise)
            inner = [part.premises if isinstance(part, same) else (part,) for part in premise.premises]
            parts = frozenset(_meaning(part) for group in inner for part in group)
            return next(iter(parts)) if len(parts) == 1 else (same, parts)
        case Count():
            pairs = Counter((_meaning(part), its) for part, its in zip(premise.premises, premise.points, strict=True))
            return premise.least, premise.most, frozenset(pairs.items())
        case Not(premise=Not() as twice):
            return _meaning(twice.premise)
        case Not():
            return Not, _meaning(premise.premise)
        case In():
            found = frozenset(premise.values)
            return Is(premise.finding, premise.values[0]) if len(found) == 1 else (premise.finding, found)
    return premise
