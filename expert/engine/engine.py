"""The inference engine: forward chaining with experta, recording why."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from expert.engine.firing_order import OrderedAgenda, OrderStrategy
from expert.engine.matcher import CountingMatcher
from expert.engine.record import Justification, Record
from expert.engine.to_experta import (
    ConclusionFact,
    FindingFact,
    InitialFact,
    KnowledgeEngine,
    ReteMatcher,
    Rule,
    WorkingMemory,
    compile_clauses,
    compile_rules,
)
from expert.lang.definitions import Definitions
from expert.lang.errors import ContradictionError
from expert.lang.premises import Name
from expert.lang.values import Facts

MATCHERS = {"counting": CountingMatcher, "rete": ReteMatcher}


class LadderEngine(KnowledgeEngine):  # type: ignore[misc]
    """experta's engine over compiled definitions. Working memory only grows, and conclusions keep justifications."""

    __strategy__ = OrderStrategy
    always: Mapping[Name, Sequence[Justification]]
    rules: list[Rule]

    def __init__(self) -> None:
        super().__init__()
        self.justifications: dict[Name, list[Justification]] = {}

    def reset(self) -> None:
        """Start again with what follows for all patients."""
        self.agenda, self.facts = OrderedAgenda(), WorkingMemory()
        self.matcher.reset()
        self.facts.declare(InitialFact())
        self.justifications = _copied(self.always)

    def get_rules(self) -> list[Rule]:
        """The compiled rules, in their order."""
        return self.rules

    def know(self, facts: Facts) -> None:
        """Declare findings; `run` does the rest of what the inherited `declare` does."""
        for name, value in facts.items():
            self.facts.declare(FindingFact(name=name, value=value))

    def conclude(self, justification: Justification) -> None:
        """Record a justification, and declare its conclusion if that is new."""
        known = self.justifications.get(justification.conclusion)
        if known is None:
            self.justifications[justification.conclusion] = [justification]
            self.facts.declare(ConclusionFact(name=" ".join(justification.conclusion), truth=justification.truth))
        elif known[0].truth is justification.truth:
            known.append(justification)
        else:
            raise ContradictionError(" ".join(justification.conclusion[1:]), "this patient")


class Inference:
    """Runs one knowledge base on one patient after another, in any number of threads."""

    def __init__(self, definitions: Definitions, matcher: str = "counting") -> None:
        """Compile the definitions. ``matcher`` is ``counting`` (linear time) or ``rete`` (experta's own)."""
        always, waiting = compile_clauses(definitions)
        body = {"always": always, "rules": compile_rules(waiting), "__matcher__": MATCHERS[matcher]}
        self._engine_class: type[LadderEngine] = type("Ladder", (LadderEngine,), body)
        self._idle: list[LadderEngine] = []

    def run(self, facts: Facts) -> Record:
        """Everything that follows from facts, with justifications.

        Raises:
            ContradictionError: two values of one concluded choice both follow.
        """
        record, _ = self.run_presuming(facts, {})
        return record

    def run_presuming(self, facts: Facts, presumed: Facts) -> tuple[Record, Record]:
        """What follows from facts, and what follows when presumed facts are added to the same working memory.

        Raises:
            ContradictionError: two values of one concluded choice both follow.
        """
        engine = self._taken()
        with _nothing_collected():
            engine.reset()
            engine.know(facts)
            engine.run()
            known = Record(dict(facts), _copied(engine.justifications))
            if presumed:
                engine.know(presumed)
                engine.run()
        # An engine that has raised may keep activations of its last patient, so it is not used again.
        self._idle.append(engine)
        return known, Record({**facts, **presumed}, engine.justifications)

    def _taken(self) -> LadderEngine:
        """An engine that no other thread is using."""
        try:
            return self._idle.pop()
        except IndexError:
            return self._engine_class()


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Pause garbage collection while rules fire: everything they create is kept, and scanning it would be slow."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _copied(justifications: Mapping[Name, Sequence[Justification]]) -> dict[Name, list[Justification]]:
    return {name: list(found) for name, found in justifications.items()}
