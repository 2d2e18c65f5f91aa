"""What a query is asked for: the dialect, the table and its columns, checked and described."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from expert.lang.errors import InputError, Problem, nearest, quoted
from expert.lang.model import KnowledgeBase
from expert.sql.column_values import expected

DIALECTS = ("duckdb", "postgres", "spark")


class QueryRequest(NamedTuple):
    """What a query is asked for.

    Attributes:
        dialect: one of `DIALECTS`.
        table: its name, with dots between catalog, schema and table.
        keys: columns that are passed through.
        columns: the findings that the table has, with the names of their columns.
    """

    dialect: str
    table: str
    keys: tuple[str, ...]
    columns: Mapping[str, str]

    @property
    def parts(self) -> list[str]:
        """Catalog, schema and table, or the last of these."""
        return self.table.split(".")

    def check(self, kb: KnowledgeBase) -> None:
        """Refuse what no query can be written for.

        Raises:
            InputError: all that is wrong.
        """
        problems = [*self._wrong_dialect(), *self._wrong_findings(kb), *self._wrong_names()]
        if problems:
            raise InputError(problems)

    def check_keys(self, outputs: Sequence[str]) -> None:
        """Refuse keys that the answer would have twice; many databases ignore the case of letters.

        Raises:
            InputError: with every such key.
        """
        taken = {name.casefold() for name in outputs}
        problems = [
            Problem(f"the answer has a column {name} of its own", expected="another key")
            for name in self.keys
            if name.casefold() in taken
        ]
        problems += [
            Problem(f"the key {name} is named twice", expected="each key once")
            for place, name in enumerate(self.keys)
            if name.casefold() in map(str.casefold, self.keys[:place])
        ]
        if problems:
            raise InputError(problems)

    def _wrong_dialect(self) -> Iterator[Problem]:
        if self.dialect not in DIALECTS:
            yield Problem(
                f"{quoted(self.dialect)} is not a dialect that can be written",
                expected=f"one of {', '.join(DIALECTS)}",
                suggestion=nearest(self.dialect, DIALECTS),
            )

    def _wrong_findings(self, kb: KnowledgeBase) -> Iterator[Problem]:
        for name in self.columns:
            if name in kb.concluded:
                yield Problem(f"{name} is concluded by rules; no column can give it", expected="input findings")
            elif name not in kb.inputs:
                near = nearest(kb.former["finding"].get(name, name), list(kb.inputs))
                yield Problem(f"{quoted(name)} is not a finding", expected="input findings", suggestion=near)

    def _wrong_names(self) -> Iterator[Problem]:
        if len(self.parts) > 3 or not all(map(_is_name, self.parts)):
            message = f"{quoted(self.table)} cannot be the name of a table"
            yield Problem(message, expected="TABLE, SCHEMA.TABLE or CATALOG.SCHEMA.TABLE")
        for name in dict.fromkeys([*self.columns.values(), *self.keys]):
            if not _is_name(name):
                message = f"{quoted(name)} cannot be the name of a column"
                yield Problem(message, expected="a name of printable characters")


def _is_name(name: str) -> bool:
    return bool(name) and name.isprintable()


def described(kb: KnowledgeBase, asked: QueryRequest, outputs: Iterable[tuple[str, str]]) -> Iterator[str]:
    """What people read before the query, as paragraphs; those of lists begin with a blank."""
    yield f"{kb.name} {kb.version} (sha256 {kb.sha256})"
    yield kb.title
    yield kb.disclaimer
    yield ""
    yield f"Written for {asked.dialect}. It reads {asked.table}, a row for each patient, in which null means unknown:"
    for name in asked.keys:
        yield f" {name}: a key, passed through"
    for name, source in asked.columns.items():
        finding = kb.findings[name]
        called = "" if source == name else f"{name}, "
        yield f" {source}: {called}{expected(finding)}"
    missing = [name for name in kb.inputs if name not in asked.columns]
    if missing:
        yield f"Unknown for all patients: {', '.join(missing)}."
    yield ""
    yield "It answers with a row for each, of these columns:"
    for name in asked.keys:
        yield f" {name}"
    yield (
        " problem: a value that is none, the constraints that no patient meets, or what is not plausible; then nothing "
        "else is answered"
    )
    for name, meaning in outputs:
        yield f" {name}: {meaning}"
    yield ""
    yield (
        "certain: whatever is unknown, the recommended step is the same. provisional: it rests on usual values that "
        "are presumed, and others lead to another step. open: even with these no step follows. unsettled: not proved "
        "to be any of them; where a step is recommended, it is the right one. The command expert cohort settles these."
    )
    yield (
        "Names of columns within: a definition as it is known; with 'presumed' before it, over what is known and "
        "presumed; with 'toward N' or 'away from N', as far as what is unknown can argue for or against the N-th step"
        "; with 'open' before it, as far as what is not even presumed can."
    )
    yield f"The steps: {', '.join(f'{place} {step}' for place, step in enumerate(kb.steps, 1))}."
    yield ""
