"""The order in which rules fire: that of their saliences, which all differ, so that every run has the same trace."""

from __future__ import annotations

from heapq import heappop, heappush

from expert.engine.to_experta import Activation, Agenda, Strategy


class OrderedAgenda(Agenda):  # type: ignore[misc]
    """An agenda as a heap: the activation with the highest salience is next, and all saliences differ."""

    def __init__(self) -> None:
        self.heap: list[tuple[int, Activation]] = []

    @property
    def activations(self) -> list[Activation]:
        """All activations, the next one last, as experta expects them."""
        return [activation for _, activation in sorted(self.heap, reverse=True)]

    def get_next(self) -> Activation | None:
        """Remove the next activation, if there is one."""
        return heappop(self.heap)[1] if self.heap else None


class OrderStrategy(Strategy):  # type: ignore[misc]
    """Fires rules in the order of their saliences, so that every run has the same trace. It decides no conclusion."""

    def _update_agenda(self, agenda: OrderedAgenda, added: list[Activation], removed: list[Activation]) -> None:
        assert not removed, "facts are only ever added"
        for activation in added:
            heappush(agenda.heap, (-activation.rule.salience, activation))
