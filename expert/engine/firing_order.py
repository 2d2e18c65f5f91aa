"""The order in which rules fire: total, so that every run has the same trace. It decides no conclusion."""

from __future__ import annotations

from heapq import heappop, heappush

from expert.engine.to_experta import Activation, Agenda, Strategy


class OrderedAgenda(Agenda):  # type: ignore[misc]
    """An agenda of activations whose saliences all differ, as a heap: the highest is next."""

    def __init__(self) -> None:
        self.heap: list[tuple[int, Activation]] = []

    @property
    def activations(self) -> list[Activation]:
        """All activations, the next one last, as experta has them."""
        return [activation for _, activation in sorted(self.heap, reverse=True)]

    def add(self, activation: Activation) -> None:
        """Put an activation where it belongs."""
        heappush(self.heap, (-activation.rule.salience, activation))

    def get_next(self) -> Activation | None:
        """Take out the next activation, if there is one."""
        return heappop(self.heap)[1] if self.heap else None


class OrderStrategy(Strategy):  # type: ignore[misc]
    """Fires activations in the order of their rules' saliences, which all differ: every run has the same trace."""

    def _update_agenda(self, agenda: OrderedAgenda, added: list[Activation], removed: list[Activation]) -> None:
        assert not removed, "facts are only ever added"
        for activation in added:
            agenda.add(activation)
