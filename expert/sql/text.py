"""The text of a query: a chain of common table expressions that people can read, with comments before it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from textwrap import indent, wrap

from sqlglot import exp

WIDTH = 120

LONGEST = 63
"""PostgreSQL truncates longer names, so that two could become the same."""

ColumnValues = Mapping[str, exp.Expr]
"""The values of columns by name."""

Selection = tuple[list[str], ColumnValues]
"""The columns that are carried on as they are, and new ones."""


def column(name: str) -> exp.Column:
    """A column of the stratum before, or of the table."""
    return exp.column(exp.to_identifier(name, quoted=True))


class Chain:
    """Columns in strata: each depends on columns of lower strata, and those of the lowest on the table."""

    def __init__(self) -> None:
        self.strata: list[dict[str, exp.Expr]] = [{}]
        self._stratum: dict[str, int] = {}
        self._folded: set[str] = set()

    def read(self, name: str, value: exp.Expr) -> exp.Column:
        """A new column over columns of the table."""
        return self._put(name, value, 0)

    def add(self, name: str, value: exp.Expr) -> exp.Column:
        """A new column in the lowest stratum above all that it depends on."""
        return self._put(name, value, 1 + max((self._stratum[it] for it in _columns_in(value)), default=0))

    def _put(self, name: str, value: exp.Expr, stratum: int) -> exp.Column:
        short = self._short(name)
        self._stratum[short] = stratum
        self.strata += [{} for _ in range(stratum + 1 - len(self.strata))]
        self.strata[stratum][short] = value
        return column(short)

    def _short(self, name: str) -> str:
        """A name that is new and not too long; many databases ignore the case of letters."""
        short, count = name[:LONGEST], 1
        while short.casefold() in self._folded or (len(name) > LONGEST and count == 1):
            count += 1
            short = f"{name[: LONGEST - 6]}~{count}"
        self._folded.add(short.casefold())
        return short

    def selections(self, answer: ColumnValues) -> list[Selection]:
        """The strata and last the answer: of each what it carries on of earlier ones, and what is new.

        A column is carried on no further than it is needed, and left out where it is not.
        """
        needed: dict[str, None] = {}
        found: list[Selection] = []
        for stratum in reversed([*self.strata, answer]):
            new = {name: value for name, value in stratum.items() if stratum is answer or name in needed}
            carried = [name for name in self._stratum if name in needed and name not in new]
            found.append((carried, new))
            needed = dict.fromkeys([*carried, *(it for value in new.values() for it in _columns_in(value))])
        return found[::-1]


def _columns_in(value: exp.Expr) -> Iterator[str]:
    return (it.name for it in value.find_all(exp.Column))


def laid_out(table: Sequence[str], selections: Sequence[Selection], dialect: str) -> str:
    """The query that the last selection is, the others before it as common table expressions.

    Without ``MATERIALIZED``, PostgreSQL would copy each definition to every place that uses it, and the query would
    grow without bound.
    """
    kept = "AS MATERIALIZED" if dialect == "postgres" else "AS"
    names = ["patient", *(f"stratum {place}" for place in range(1, len(selections) - 1))]
    shown = [_identifiers(dialect, name) for name in names]
    sources = [_identifiers(dialect, *table), *shown]
    selected = [_select(source, *it, dialect) for source, it in zip(sources, selections, strict=True)]
    ctes = [f"{name} {kept} (\n{indent(it, '  ')}\n)" for name, it in zip(shown, selected[:-1], strict=True)]
    return f"WITH {', '.join(ctes)}\n{selected[-1]}\n"


def _select(source: str, carried: Sequence[str], new: ColumnValues, dialect: str) -> str:
    lines = wrap_names([_identifiers(dialect, name) for name in carried], WIDTH - 6)
    lines += (_projection(name, value, dialect) for name, value in new.items())
    projections = ",\n".join(lines)
    return f"SELECT\n{indent(projections, '  ')}\nFROM {source}"


def _projection(name: str, value: exp.Expr, dialect: str) -> str:
    if isinstance(value, exp.Column) and value.name == name:
        return value.sql(dialect)
    return f"{_sql(value, dialect)} AS {_identifiers(dialect, name)}"


def _sql(value: exp.Expr, dialect: str) -> str:
    """An expression on one line, or on several if it is long."""
    flat = value.sql(dialect)
    if len(flat) < WIDTH - 20:
        return flat
    match value:
        case exp.Case():
            cases = [f"WHEN {_sql(it.this, dialect)} THEN {_sql(it.args['true'], dialect)}" for it in value.args["ifs"]]
            default = value.args.get("default")
            cases += [f"ELSE {_sql(default, dialect)}"] if default else []
            return _block("CASE", "\n".join(cases), "END")
        case exp.And() | exp.Or():
            sign = "AND" if isinstance(value, exp.And) else "OR"
            return f"\n{sign} ".join(_sql(it, dialect) for it in value.flatten(unnest=False))
        case exp.Paren():
            return _block("(", _sql(value.this, dialect), ")")
        case exp.Is(expression=exp.Boolean()):
            return f"{_sql(value.this, dialect)} IS {value.expression.sql(dialect)}"
        case exp.Not():
            return f"NOT {_sql(value.this, dialect)}"
        case exp.Coalesce() | exp.Nullif() | exp.Anonymous():
            name = value.name if isinstance(value, exp.Anonymous) else value.sql_name()
            return _block(f"{name}(", ",\n".join(_sql(it, dialect) for it in value.iter_expressions()), ")")
    return value.sql(dialect, pretty=True)


def _block(begin: str, inner: str, end: str) -> str:
    return f"{begin}\n{indent(inner, '  ')}\n{end}"


def _identifiers(dialect: str, *names: str) -> str:
    return ".".join(exp.to_identifier(name, quoted=True).sql(dialect) for name in names)


def wrap_names(names: Iterable[str], width: int) -> list[str]:
    """Names as lines, with commas between them; no name is broken."""
    lines: list[str] = []
    for name in names:
        if lines and len(lines[-1]) + len(name) + 2 < width:
            lines[-1] += f", {name}"
        else:
            lines.append(name)
    return lines


def comment(paragraphs: Iterable[str]) -> str:
    """Paragraphs as a comment, those that begin with a blank hanging; nothing in them can end it."""
    return "".join(f"{line}\n" for paragraph in paragraphs for line in _commented(paragraph))


def _commented(paragraph: str) -> list[str]:
    words = " ".join(paragraph.split())
    shown = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in words)
    first, rest = ("--   ", "--     ") if paragraph.startswith(" ") else ("-- ", "-- ")
    return wrap(shown, WIDTH, initial_indent=first, subsequent_indent=rest) or ["--"]
