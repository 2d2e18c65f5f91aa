"""The inference engine: forward chaining with experta, recording why."""

from __future__ import annotations

from expert.compile.to_experta import (
    DefFacts,
    KnowledgeEngine,
    ReteMatcher,
    Rule,
    compile_rules,
    conclusion_fact,
    finding_facts,
)
from expert.definitions import Definitions
from expert.errors import KnowledgeError, Problem
from expert.infer.matcher import CountingMatcher, OrderStrategy
from expert.model import Facts, Name
from expert.results import Justification, Record

MATCHERS = {"counting": CountingMatcher, "rete": ReteMatcher}


class LadderEngine(KnowledgeEngine):  # type: ignore[misc]
    """experta's engine over compiled definitions: working memory only grows, conclusions keep their justifications."""

    __strategy__ = OrderStrategy
    rules: list[Rule]

    def __init__(self) -> None:
        super().__init__()
        self.justifications: dict[Name, list[Justification]] = {}

    def get_rules(self) -> list[Rule]:
        """The compiled rules, in their order."""
        return self.rules

    def get_deffacts(self) -> list[DefFacts]:
        """experta's initial fact; there are no others to look for."""
        return [self._declare_initial_fact]

    def conclude(self, justification: Justification) -> None:
        """Record a justification, and declare what it establishes if that is new."""
        known = self.justifications.setdefault(justification.conclusion, [])
        if known and known[0].truth is not justification.truth:
            raise _contradiction(known[0])
        known.append(justification)
        if len(known) == 1:
            self.facts.declare(conclusion_fact(justification))  # run() sees to the rest of what declare() does


class Inference:
    """Runs one knowledge base on one patient after another."""

    def __init__(self, definitions: Definitions, matcher: str = "counting") -> None:
        """Compile the definitions. ``matcher`` is ``counting`` (linear time) or ``rete`` (experta's own)."""
        body = {"rules": compile_rules(definitions), "__matcher__": MATCHERS[matcher]}
        self._engine_class = type("Ladder", (LadderEngine,), body)
        self._engine: LadderEngine | None = None

    def run(self, facts: Facts) -> Record:
        """Everything that follows from facts, with reasons.

        Raises:
            KnowledgeError: two values of one concluded choice both follow.
        """
        record, _ = self.run_presuming(facts, {})
        return record

    def run_presuming(self, facts: Facts, presumed: Facts) -> tuple[Record, Record]:
        """What follows from facts, and what follows when presumed ones are added to the same working memory.

        Raises:
            KnowledgeError: two values of one concluded choice both follow.
        """
        # An engine that has raised may keep activations of the patient it raised on: it is not used again.
        engine, self._engine = self._engine or self._engine_class(), None
        engine.reset()
        engine.justifications = {}
        engine.declare(*finding_facts(facts))
        engine.run()
        known = Record(dict(facts), {name: list(found) for name, found in engine.justifications.items()})
        if presumed:
            engine.declare(*finding_facts(presumed))
            engine.run()
        self._engine = engine
        return known, Record({**facts, **presumed}, engine.justifications)


def _contradiction(known: Justification) -> KnowledgeError:
    what = " ".join(known.conclusion[1:])
    return KnowledgeError(
        [
            Problem(
                f"the rules both prove and refute {what!r} for this patient", expected="values that exclude each other"
            )
        ]
    )
