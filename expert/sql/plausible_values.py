"""What is plausible of the values that a table gives, as columns of a query."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlglot import exp

from expert.lang.definitions import Definitions
from expert.lang.premises import OPPOSITE, All, literals
from expert.lang.vocabulary import Order, Plausible
from expert.logic.cells import cells_of, thresholds_of
from expert.sql.column_values import ColumnReader, number, per
from expert.sql.expressions import COMPARISONS, SqlPremises
from expert.sql.text import Chain, column

_NEAR = 1e-12
"""Two products of a number of a row with that of a unit are one number if they are so near to each other."""


class PlausibleValues:
    """For each entry of ``plausible``, whether what the table gives is known to break it.

    Premises have cells of their own, since they distinguish values that nothing else does.
    """

    def __init__(self, definitions: Definitions, columns: Mapping[str, str], dialect: str, chain: Chain) -> None:
        self.kb, self.columns, self.chain = definitions.kb, columns, chain
        self.entries = [it for it in self.kb.plausible if it.never or self._has_both(it.always)]
        never = [All(it.never) for it in self.kb.plausible]
        thresholds = thresholds_of(definitions, never)
        cells = {name: cells_of(it, thresholds.get(name, ())) for name, it in self.kb.inputs.items()}
        self.readers = {name: ColumnReader(it, cells[name], dialect) for name, it in self.kb.inputs.items()}
        names = dict.fromkeys(it.finding for premise in never for it in literals(premise))
        self.said = {name: chain.read(f"said {name}", self._typed(name)) for name in names}

    def broken(self, level: str) -> Iterator[tuple[Plausible, exp.Expr]]:
        """The entries of a level that the table can break, each with its truth."""
        view = SqlPremises(self.readers, self.said)
        for entry in self.entries:
            if entry.level == level:
                yield entry, self._order(entry, entry.always) if entry.always else view.truth(All(entry.never))

    def _has_both(self, order: Order | None) -> bool:
        return order is not None and {order.finding, order.other} <= self.columns.keys()

    def _typed(self, name: str) -> exp.Expr:
        source, reader = self.columns.get(name), self.readers[name]
        return reader.unknown() if source is None else reader.typed(column(source))

    def _order(self, entry: Plausible, order: Order) -> exp.Expr:
        """Whether two numbers of a row, each in the unit of its column, are the other way round."""
        ratio = per(self.kb.inputs[order.finding], self.kb.inputs[order.other])
        operator = OPPOSITE[order.operator]
        one, other = (self.readers[name].number_in(column(self.columns[name])) for name in (order.finding, order.other))
        if ratio != 1:
            near = 1 + (_NEAR if operator in (">", "<=") else -_NEAR)
            one = exp.Mul(this=exp.paren(one), expression=number(float(ratio.numerator)))
            other = exp.Mul(this=exp.paren(other), expression=number(ratio.denominator * near))
        return self.chain.read(f"order {entry.id}", COMPARISONS[operator](this=one, expression=other))
