"""Lints of rules: what they ask, what they say, and whether another says it already."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator

from expert.check.lints.lint import Found, Knowledge, Lint
from expert.lang.model import Rule
from expert.lang.premises import All, Any, In, Is, Not, Premise
from expert.read.source import Listing, Mapping, Node, Scalar, location

_COMBINE = ("any", "all", "not")
_EMPTY = (
    "that",
    "this",
    "these",
    "those",
    "they",
    "them",
    "what",
    "which",
    "with",
    "from",
    "when",
    "have",
    "been",
    "were",
)
_PLAIN = 1  # a list within the condition is read at a glance, one within that is not


def _deep_nesting(knowledge: Knowledge) -> Iterator[Found]:
    for tree in knowledge.trees.values():
        rules = tree.entries.get("rules") if isinstance(tree, Mapping) else None
        for name, rule in rules.entries.items() if isinstance(rules, Mapping) else ():
            conditions = (rule.entries.get(key) for key in ("when", "unless")) if isinstance(rule, Mapping) else ()
            deep = [key for condition in conditions if condition for key in _too_deep(condition, 0)]
            if deep:
                message = f"{deep[0].text!r} is the second level of nesting in this condition"
                yield Found(message, location(deep[0]), name)


def _too_deep(node: Node, depth: int) -> Iterator[Scalar]:
    """The keys that combine premises below too many others."""
    if isinstance(node, Listing):
        for item in node.items:
            yield from _too_deep(item, depth)
    elif isinstance(node, Mapping):
        for word, inner in node.entries.items():
            if word in _COMBINE and depth >= _PLAIN:
                yield node.keys[word]
            yield from _too_deep(inner, depth + 1)


def _duplicate_rules(knowledge: Knowledge) -> Iterator[Found]:
    alike: dict[Hashable, list[Rule]] = {}
    for rule in knowledge.kb.rules.values():
        alike.setdefault(_meaning(rule.premise), []).append(rule)
    for group in alike.values():
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
        case Not(premise=Not() as twice):
            return _meaning(twice.premise)
        case Not():
            return Not, _meaning(premise.premise)
        case In():
            found = frozenset(premise.values)
            return Is(premise.finding, premise.values[0]) if len(found) == 1 else (premise.finding, found)
    return premise


def _reasons_that_repeat(knowledge: Knowledge) -> Iterator[Found]:
    titles = {text.path[:2]: text.node.text for text in knowledge.texts if text.path[2:] == ("title",)}
    for text in knowledge.texts:
        title = titles.get(text.path[:2], "") if text.path[-1] == "because" else ""
        told = _stems(text.node.text)
        if title and told and told <= _stems(title):
            message = "the reason says only what the title says"
            yield Found(message, location(text.node), text.subject)


def _stems(text: str) -> set[str]:
    """The beginnings of the words of a text that carry meaning."""
    words = re.findall(r"\w+", text.casefold())
    return {word[:5] for word in words if (len(word) > 3 and word not in _EMPTY) or word.isdigit()}


LINTS = (
    Lint(
        "deep-nesting",
        "note",
        "A condition has any, all or not within another of them",
        "give the inner part a name: a concluded finding with a rule of its own",
        """\
# rules/light.yaml
rules:
  shade-in-need:
    title: A plant in need is put into the shade
    when:
      - any:
          - scorched
          - all: [limp, not shaded]
    then: supports shading
    because: Less light is less work for the leaves.
    cite: [S01]
""",
        """\
# rules/light.yaml
rules:
  limp-in-the-sun:
    title: A limp plant in the sun is exhausted
    when: [limp, not shaded]
    then: exhausted
    because: It gives off more water than it takes up.
    cite: [S01]
  shade-in-need:
    title: A plant in need is put into the shade
    when:
      - any: [scorched, exhausted]
    then: supports shading
    because: Less light is less work for the leaves.
    cite: [S01]
""",
        "Nobody reads nested logic aright at the first try, and an explanation can only repeat it; a name can be asked "
        "about, tested and explained.",
        _deep_nesting,
    ),
    Lint(
        "duplicate-rule",
        "warning",
        "Another rule has the same premises and concludes the same",
        "keep one rule, with the citations of both",
        """\
# rules/light.yaml
rules:
  scorched-leaves-want-shade:
    title: Scorched leaves want shade
    when: scorched
    then: supports shading
    because: The sun has burnt them.
    cite: [S01]
  burnt-leaves-are-shaded:
    title: Burnt leaves are shaded
    when: [scorched]
    then: supports shading
    because: They do not grow again.
    cite: [S02]
""",
        """\
# rules/light.yaml
rules:
  scorched-leaves-want-shade:
    title: Scorched leaves want shade
    when: scorched
    then: supports shading
    because: The sun has burnt them, and they do not grow again.
    cite: [S01, S02]
""",
        "People read the same argument twice and count it twice, and the next edit changes one of the two.",
        _duplicate_rules,
    ),
    Lint(
        "because-repeats-title",
        "warning",
        "The reason of a rule says only what its title says",
        "say what makes it so: the mechanism, the evidence, or the harm that is avoided",
        """\
# rules/light.yaml
rules:
  scorched-leaves-want-shade:
    title: Scorched leaves want shade
    when: scorched
    then: supports shading
    because: Shade is what scorched leaves want.
    cite: [S01]
""",
        """\
# rules/light.yaml
rules:
  scorched-leaves-want-shade:
    title: Scorched leaves want shade
    when: scorched
    then: supports shading
    because: Every further hour of sun burns more of them.
    cite: [S01]
""",
        "The title and the reason are shown together: a reader who asks why is told the same again.",
        _reasons_that_repeat,
    ),
)
