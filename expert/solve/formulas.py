"""The formulas of a domain: one set and one solver for each, made when they are first asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from expert.logic.domain import Domain

if TYPE_CHECKING:
    from expert.solve.to_smt import Formulas

_FORMULAS: WeakKeyDictionary[Domain, Formulas] = WeakKeyDictionary()


def formulas_of(domain: Domain) -> Formulas:
    """The patients of a domain as formulas of a solver, which is imported only here: most answers need none.

    Whichever thread asks gets the same object.
    """
    from expert.solve.to_smt import Formulas

    with domain.lock:
        if domain not in _FORMULAS:
            _FORMULAS[domain] = Formulas(domain.definitions, domain.thresholds)
        return _FORMULAS[domain]
