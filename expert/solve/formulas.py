"""The formulas of a domain, created on first use and shared by all threads."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from expert.logic.domain import Domain

if TYPE_CHECKING:
    from expert.solve.to_smt import Formulas

_FORMULAS: WeakKeyDictionary[Domain, Formulas] = WeakKeyDictionary()


def formulas_of(domain: Domain) -> Formulas:
    """The formulas of a domain. The solver is imported here, since most answers do not need it."""
    from expert.solve.to_smt import Formulas

    with domain.lock:
        if domain not in _FORMULAS:
            _FORMULAS[domain] = Formulas(domain.definitions, domain.thresholds)
        return _FORMULAS[domain]
