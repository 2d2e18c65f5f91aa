"""What in a knowledge base uses what: rules by what they read and conclude, and everything else that names an entry."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from functools import cached_property
from typing import NamedTuple, TypeVar

from expert.lang.model import Advice, Direction, Invariant, KnowledgeBase, Note, Option, Rule, Step
from expert.lang.premises import All, Premise, literals
from expert.lang.reviews import reviews_in_words
from expert.lang.roles import roles_for
from expert.lang.vocabulary import Constraint, Finding, Panel, Plausible

Promise = Invariant | Direction
K = TypeVar("K", bound=Hashable)


class Citing(NamedTuple):
    """The entries that cite a reference."""

    rules: tuple[Rule, ...]
    steps: tuple[Step, ...]
    options: tuple[Option, ...]
    promises: tuple[Promise, ...]
    differing: tuple[Note, ...]
    sources_of: tuple[Note, ...]

    @property
    def nothing(self) -> bool:
        """Whether no entry does."""
        return not any(self)


class Uses:
    """The entries of a knowledge base with those that use them."""

    def __init__(self, kb: KnowledgeBase) -> None:
        self.kb = kb
        self.promises: tuple[Promise, ...] = (*kb.invariants.values(), *kb.directions.values())

    # --- rules

    @cached_property
    def topics(self) -> Mapping[str, tuple[Rule, ...]]:
        """All rules by file, drafts and retired ones included; a topic is the name of its file."""
        return _grouped((topic_of(rule), rule) for rule in self.kb.written_rules.values())

    def rules_for(self, role: str, target: str) -> tuple[Rule, ...]:
        """The rules that conclude something of a target in a role."""
        return self._concluding.get((role, target), ())

    @cached_property
    def _concluding(self) -> Mapping[tuple[str, str], tuple[Rule, ...]]:
        return _grouped(((it.role, it.target), rule) for rule in self.kb.rules.values() for it in rule.then)

    def readers(self, finding: str) -> tuple[Rule, ...]:
        """The rules that read a finding."""
        return self._reading.get(finding, ())

    @cached_property
    def _reading(self) -> Mapping[str, tuple[Rule, ...]]:
        return _grouped((finding, rule) for rule in self.kb.rules.values() for finding in read_by(rule))

    def counting(self, finding: str) -> tuple[Finding, ...]:
        """The scores whose points read a finding."""
        scores = ((it, All(tuple(All(entry.when) for entry in it.points))) for it in self.kb.concluded.values())
        return tuple(score for score, premise in scores if finding in findings_in(premise))

    # --- guidance and references

    def differing(self, claims: Iterable[str]) -> tuple[Note, ...]:
        """Where guidance differs from claims, each note once."""
        return tuple(dict.fromkeys(note for claim in claims for note in self.kb.notes_on.get(claim, ())))

    def touched(self, note: Note) -> tuple[Rule, ...]:
        """The rules that cite a claim from which guidance differs."""
        return tuple(rule for rule in self.kb.rules.values() if set(rule.cite) & set(note.differs_from))

    def citing(self, reference: str) -> Citing:
        """The entries that cite a reference."""
        kb = self.kb
        return Citing(
            tuple(it for it in kb.rules.values() if reference in it.cite),
            tuple(it for it in kb.steps.values() if reference in it.cite),
            tuple(it for it in kb.options.values() if reference in it.cite),
            tuple(it for it in self.promises if reference in it.cite),
            tuple(it for it in kb.notes.values() if reference in it.differs_from),
            tuple(it for it in kb.notes.values() if reference in it.sources),
        )

    # --- steps

    def argues(self, step: str) -> bool:
        """Whether some rule argues about a step."""
        return any(self.rules_for(role, step) for role in roles_for("step"))

    def advice_with(self, step: str) -> tuple[Advice, ...]:
        """The advice that may be given with a step."""
        return tuple(it for it in self.kb.advice.values() if step in it.steps)

    def promises_of(self, step: str) -> tuple[Promise, ...]:
        """The promises about a step and its options."""
        return tuple(it for it in self.promises if any(step == target.partition(".")[0] for target in it.targets))

    # --- findings

    def constraints_on(self, finding: str) -> tuple[Constraint, ...]:
        """The constraints that a finding is part of."""
        return tuple(it for it in self.kb.constraints if finding in findings_in(All(it.never)))

    def plausible_of(self, finding: str) -> tuple[Plausible, ...]:
        """What is plausible of a finding."""
        return tuple(it for it in self.kb.plausible if finding in it.findings)

    def promises_about(self, finding: str) -> tuple[Promise, ...]:
        """The promises that depend on a finding."""
        read = (findings_in(it.when) if isinstance(it, Invariant) else (it.finding,) for it in self.promises)
        return tuple(it for it, findings in zip(self.promises, read, strict=True) if finding in findings)

    def panels_with(self, finding: str) -> tuple[Panel, ...]:
        """The panels that a finding belongs to."""
        return tuple(it for it in self.kb.panels.values() if finding in it.members)

    def follow_ups(self, finding: str) -> tuple[Finding, ...]:
        """The findings that are asked for only if a premise about this one holds."""
        return tuple(it for it in self.kb.inputs.values() if it.asked_if and finding in findings_in(it.asked_if))

    def presumptions_on(self, finding: str) -> tuple[Finding, ...]:
        """The findings whose usual value is not presumed where a premise about this one is known to hold."""
        conditions = self.kb.presumed_unless.items()
        return tuple(self.kb.inputs[name] for name, it in conditions if finding in findings_in(it))


def _grouped(pairs: Iterable[tuple[K, Rule]]) -> dict[K, tuple[Rule, ...]]:
    """Rules by what they are paired with, each once."""
    found: dict[K, dict[str, Rule]] = {}
    for key, rule in pairs:
        found.setdefault(key, {})[rule.id] = rule
    return {key: tuple(rules.values()) for key, rules in found.items()}


def life_of(rule: Rule) -> list[str]:
    """What is to be known of the life of a rule: its status and since when it has it, the evidence, and reviews."""
    since = f" since {rule.since}" if rule.since else ""
    said = {
        "active": f"active{since}" if since else "",
        "draft": f"draft{since}: it concludes nothing yet",
        "retired": f"retired{since}: it concludes nothing any more",
    }
    replaced = f"replaced by {rule.replaced_by}" if rule.replaced_by else ""
    graded = f"evidence: {rule.evidence.grade} [{rule.evidence.source}]" if rule.evidence else ""
    return [it for it in (said[rule.status], replaced, graded, *reviews_in_words(rule)) if it]


def topic_of(rule: Rule) -> str:
    """The topic that a rule belongs to: the name of its file."""
    return rule.at.file.rpartition("/")[2].removesuffix(".yaml")


def read_by(rule: Rule) -> tuple[str, ...]:
    """The findings that a rule reads, each once."""
    return findings_in(rule.premise)


def findings_in(premise: Premise) -> tuple[str, ...]:
    """The findings that a premise reads, each once."""
    return tuple(dict.fromkeys(part.finding for part in literals(premise)))
