"""The knowledge as one SQL query, for data that must stay in their database.

SQL's nulls are Kleene's unknowns, so definitions become Boolean columns unchanged. The query is a chain of common
table expressions: the table's columns read as findings, then stratum after stratum. Each definition is a column, once
over what is *known* and once over what is *presumed* as well.

SQL cannot search for completions. But what Kleene's logic proves certain is certain, and a counterexample proves that
an answer is not: *toward* each step, every unknown finding is supposed to have the value that argues most for it, as
far as the constraints permit, and *away from* each gate the value that argues least for it. If that suffices for
another step than the presumed one, the answer is provisional. Where presumptions leave something unknown, the same is
done for that: if it suffices for two steps, or for a gate and against it, the answer is open. Where nothing is proved,
the answer is called unsettled; its recommended step is the right one all the same.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from types import MappingProxyType
from typing import NamedTuple

from sqlglot import exp

from expert.lang.definitions import Definitions
from expert.lang.errors import InputError, Problem
from expert.lang.model import KnowledgeBase
from expert.lang.premises import NEVER, All, Name, Premise
from expert.lang.values import Facts, Value
from expert.lang.vocabulary import Level
from expert.logic.cells import cells_of, thresholds_of
from expert.logic.constraints import Tied, tied_groups
from expert.logic.polarity import favourable_values
from expert.sql.column_values import ColumnReader, case, expected, text
from expert.sql.expressions import SqlPremises, Values, conjunction, disjunction
from expert.sql.plausible_values import PlausibleValues
from expert.sql.request import QueryRequest, described
from expert.sql.text import LONGEST, Chain, Selection, column, comment, laid_out

MOST_COLUMNS = 1600
"""PostgreSQL's limit for a row."""

MOST_ARGUMENTS = 50
"""PostgreSQL's limit for a function is 100."""


class Output(NamedTuple):
    """A column of the answer, what it means, and its value for a patient who is possible."""

    name: str
    meaning: str
    value: exp.Expr


def query(
    kb: KnowledgeBase,
    dialect: str,
    *,
    table: str = "patients",
    keys: Sequence[str] = (),
    columns: Mapping[str, str] | None = None,
) -> str:
    """One query that answers for every row of a table.

    Args:
        table: its name, with dots between catalog, schema and table.
        keys: columns that are passed through.
        columns: the findings that the table has, with the names of their columns; the rest is unknown. By default every
            finding that rules may read is a column of its own name. One for the record is passed through like a key.

    Raises:
        InputError: an unknown dialect or finding, an unusable name, or too many columns for the dialect.
    """
    columns = {name: name for name in kb.inputs} if columns is None else columns
    recorded = [source for name, source in columns.items() if name in kb.given and name not in kb.inputs]
    read = {name: source for name, source in columns.items() if source not in recorded}
    asked = QueryRequest(dialect, table, (*keys, *(it for it in recorded if it not in keys)), read)
    asked.check(kb)
    compiled = _Query(kb, asked)
    outputs = compiled.outputs()
    asked.check_keys(["problem", *(it.name for it in outputs)])
    selections = compiled.selections(outputs)
    most = max(len(carried) + len(new) for carried, new in selections)
    if dialect == "postgres" and most > MOST_COLUMNS:
        message = f"the query would have {most} columns, and PostgreSQL has room for {MOST_COLUMNS}"
        raise InputError([Problem(message, expected="smaller knowledge, or another dialect")])
    about = comment(described(kb, asked, [(it.name, it.meaning) for it in outputs]))
    return about + laid_out(asked.parts, selections, dialect)


# --- the query --------------------------------------------------------------------------------------------------------


class _Query:
    """The columns of one query."""

    def __init__(self, kb: KnowledgeBase, asked: QueryRequest) -> None:
        self.kb, self.columns = kb, asked.columns
        self.definitions = Definitions(kb)
        thresholds = thresholds_of(self.definitions)
        self.cells = {name: cells_of(finding, thresholds.get(name, ())) for name, finding in kb.inputs.items()}
        self.readers = {
            name: ColumnReader(finding, self.cells[name], asked.dialect) for name, finding in kb.inputs.items()
        }
        self.tied = tied_groups(kb.constraints)
        self.chain = Chain()
        self.keys = {name: self.chain.read(f"key {place}", column(name)) for place, name in enumerate(asked.keys, 1)}
        self.bad = self.chain.read("bad value", self._bad())
        groups = [Tied(group, self.cells, {}) for group in self.tied]
        ties = [tie for group in groups for tie in group.forcing()]
        given = self._given({name for name, _, _ in ties})
        self.plausible = PlausibleValues(self.definitions, self.columns, asked.dialect, self.chain)
        self.problem = self.chain.add("problem", self._problem(groups, given))
        self.known = self._forced(ties, given)
        steps = [(role, step) for step in kb.steps for role in ("excludes", "supports", "available", "recommended")]
        seen = [*steps, *(("alert", alert) for alert in kb.alerts)]
        self.over_known = self._view("", self.known, seen)
        usual = {name: finding.usual for name, finding in kb.inputs.items() if finding.usual is not None}
        presumed = self._supposed("presumed ", self.known, usual, kb.presumed_unless)
        self.over_presumed = self._view("presumed ", presumed, seen)
        self.toward = self._toward("toward", self.known, self.kb.inputs)
        self.away = self._away("away from", self.known, self.kb.inputs)
        not_always = {*kb.presumed_unless, *(name for group in groups for name in group.names)}
        presumed_always = {*usual} - not_always | {name for name, it in kb.inputs.items() if it.default is not None}
        may_be_open = [name for name in kb.inputs if name not in presumed_always]
        self.open_toward = self._toward("open toward", presumed, may_be_open) if may_be_open else {}
        self.open_away = self._away("open away from", presumed, may_be_open) if may_be_open else {}

    def _view(self, label: str, values: Values, wanted: Iterable[Name]) -> SqlPremises:
        return SqlPremises(self.readers, values).define(self.definitions, wanted, self.chain, label)

    # --- the patient

    def _bad(self) -> exp.Expr:
        """The columns with a value that their finding cannot have, with what was expected."""
        texts = []
        for name, source in self.columns.items():
            finding = self.kb.findings[name]
            message = f"{source}: expected {expected(finding)}"
            texts.append(case([(self.readers[name].is_bad(column(source)), text(message))]))
        return _joined(texts)

    def _given(self, forced: Collection[str]) -> dict[str, exp.Expr]:
        """What the table gives for each finding, and the defaults."""
        found: dict[str, exp.Expr] = {}
        for name, finding in self.kb.inputs.items():
            reader, source = self.readers[name], self.columns.get(name)
            value = reader.unknown() if source is None else reader.typed(column(source))
            if finding.default is not None:
                value = exp.func("COALESCE", value, reader.stated(finding.default))
            found[name] = self.chain.read(f"given {name}" if name in forced else name, value)
        return found

    def _problem(self, groups: Iterable[Tied], given: Values) -> exp.Expr:
        """Bad values, constraints that are broken or together leave no such patient, and what is not plausible."""
        view = SqlPremises(self.readers, given)
        texts: list[exp.Expr] = [self.bad]
        for constraints, group in zip(self.tied, groups, strict=True):
            broken = [(view.truth(All(it.never)), text(_impossible([it.id]))) for it in constraints]
            together = (view.truth(group.impossible()), text(_impossible([it.id for it in constraints])))
            texts.append(case([*broken, together]))
        return _joined([*texts, *(self._ids("error", "facts contradict each other ({})"))])

    def _ids(self, level: Level, words: str) -> Iterator[exp.Expr]:
        """The entries of plausible that are broken, each as a text that names it."""
        for entry, broken in self.plausible.broken(level):
            yield case([(broken, text(words.format(entry.id)))])

    def _forced(self, ties: Iterable[tuple[str, Value, Premise]], given: Values) -> dict[str, exp.Expr]:
        """What is known: what is given, and the only values that constraints leave."""
        view = SqlPremises(self.readers, given)
        cases: dict[str, list[tuple[exp.Expr, exp.Expr]]] = {}
        for name, value, why in ties:
            cases.setdefault(name, []).append((view.truth(why), self.readers[name].stated(value)))
        known = dict(given)
        for name, some in cases.items():
            known[name] = self.chain.add(name, exp.func("COALESCE", given[name].copy(), case(some)))
        return known

    def _supposed(
        self, label: str, known: Values, values: Facts, unless: Mapping[str, Premise] = MappingProxyType({})
    ) -> dict[str, exp.Expr]:
        """What is known, with values for what is unknown, one after another, as far as the constraints permit.

        A value is not supposed where a premise of ``unless`` is known to hold.
        """
        found = dict(known)
        before, view = (SqlPremises(self.readers, some) for some in (known, found))
        whys = {name: why for group in self.tied for name, why in Tied(group, self.cells, values).excluding()}
        for name, value in values.items():
            supposed = self.readers[name].stated(value)
            excluding = [(view, whys.get(name, NEVER)), (before, unless.get(name, NEVER))]
            never = [(over.truth(why), exp.null()) for over, why in excluding if why != NEVER]
            if not never:
                found[name] = exp.func("COALESCE", known[name].copy(), supposed)
            else:
                permitted = case(never, supposed)
                found[name] = self.chain.add(label + name, exp.func("COALESCE", known[name].copy(), permitted))
        return found

    def _toward(self, label: str, known: Values, names: Container[str]) -> dict[str, exp.Expr]:
        """For each step, whether it is recommended when unknown findings have the values most in its favour."""
        return {step: self._extreme(label, step, known, names) for step in self.kb.steps}

    def _away(self, label: str, known: Values, names: Container[str]) -> dict[str, exp.Expr]:
        """For each gate, which most steps need to be away from, the same with the values least in its favour."""
        gates = [it.name for it in self.kb.steps.values() if it.gate]
        return {gate: self._extreme(label, gate, known, names, against=True) for gate in gates}

    def _extreme(
        self, label: str, step: str, known: Values, names: Container[str], *, against: bool = False
    ) -> exp.Expr:
        """Whether a step is recommended when unknown findings have the values that argue most for it, or against it."""
        label = f"{label} {list(self.kb.steps).index(step) + 1} "
        favourable = favourable_values(self.definitions, self.cells, step, against=against)
        values = {name: value for name, value in favourable.items() if name in names}
        goal = "recommended", step
        return self._view(label, self._supposed(label, known, values), [goal]).name(*goal)

    # --- the answer

    def outputs(self) -> list[Output]:
        """The columns of the answer without the keys and the problem; names that are too long are shortened."""
        return [self._kept(it) for it in self._outputs()]

    def _kept(self, it: Output) -> Output:
        """The output as a column of a stratum."""
        value = self.chain.add(it.name, it.value)
        if len(it.name) <= LONGEST:
            return it._replace(value=value)
        return Output(value.name, f"{it.name}, {it.meaning}", value)

    def _outputs(self) -> list[Output]:
        known, presumed, steps = self.over_known, self.over_presumed, list(self.kb.steps)
        recommended = [(presumed.name("recommended", step), text(step)) for step in steps]
        found = [
            Output("answer", "certain, provisional, open, unsettled (see below), or invalid", self._answer()),
            Output("recommended", "the recommended step", case(recommended)),
        ]
        if checks := list(self._ids("warning", "{}")):
            found.append(Output("checks", "the warnings about what is given, null if there are none", _joined(checks)))
        words = "recommended, available, waiting, excluded, unsupported or open"
        for step in steps:
            found.append(Output(f"status_{step}", f"{words}, from what is known", self._status(known, step)))
            meaning = "the same from what is known and presumed"
            found.append(Output(f"presumed_status_{step}", meaning, self._status(presumed, step)))
        for alert in self.kb.alerts:
            found.append(Output(f"alert_{alert}", "whether it holds, from what is known", known.name("alert", alert)))
            meaning = "the same from what is known and presumed"
            found.append(Output(f"presumed_alert_{alert}", meaning, presumed.name("alert", alert)))
        return found

    def _answer(self) -> exp.Expr:
        steps = self.kb.steps
        presumed = {step: self.over_presumed.name("recommended", step) for step in steps}
        certain = disjunction(self.over_known.name("recommended", step) for step in steps)
        no_step = conjunction(exp.not_(it) for it in presumed.values())
        some_step = disjunction(it.copy() for it in presumed.values())
        other = disjunction(exp.and_(self.toward[step], exp.not_(it)) for step, it in presumed.items())
        leaving = [exp.and_(presumed[gate].copy(), exp.not_(it)) for gate, it in self.away.items()]
        another_step = exp.and_(some_step, disjunction([other, *leaving]))
        cases = [(certain, "certain"), (no_step, "open"), (another_step, "provisional")]
        if self.open_toward:
            ways = list(self.open_toward.values())
            two = [exp.and_(one.copy(), another.copy()) for one, another in combinations(ways, 2)]
            both = [exp.and_(self.open_toward[gate].copy(), exp.not_(it)) for gate, it in self.open_away.items()]
            cases.append((disjunction([*two, *both]), "open"))
        return case([(condition, text(answer)) for condition, answer in cases], text("unsettled"))

    def _status(self, view: SqlPremises, step: str) -> exp.Expr:
        """See `expert.logic.step_status.step_status`."""
        names = list(self.kb.steps)
        gates = [view.name("recommended", it) for it in names[: names.index(step)] if self.kb.steps[it].gate]
        waiting = [conjunction([view.name("available", step), disjunction(gates)])] if gates else []
        cases = [
            (view.name("excludes", step), "excluded"),
            (view.name("recommended", step), "recommended"),
            (exp.not_(view.name("supports", step)), "unsupported"),
            *((it, "waiting") for it in waiting),
            (view.name("available", step), "available"),
        ]
        return case([(condition, text(status)) for condition, status in cases], text("open"))

    def selections(self, outputs: Iterable[Output]) -> list[Selection]:
        """The strata, and the answer last; where there is a problem, nothing else is answered."""
        answer: dict[str, exp.Expr] = {**self.keys, "problem": self.problem}
        for it in outputs:
            possible = exp.Is(this=self.problem.copy(), expression=exp.null())
            answer[it.name] = case([(possible, it.value)], text("invalid") if it.name == "answer" else None)
        return self.chain.selections(answer)


def _impossible(constraints: Sequence[str]) -> str:
    return f"these facts contradict each other ({', '.join(constraints)})"


def _joined(texts: Sequence[exp.Expr]) -> exp.Expr:
    """Texts that are not null, with semicolons between them; null if there are none."""
    if not texts:
        return exp.cast(exp.null(), "text")
    while len(texts) > 1:
        chunks = [texts[place : place + MOST_ARGUMENTS] for place in range(0, len(texts), MOST_ARGUMENTS)]
        texts = [exp.Anonymous(this="CONCAT_WS", expressions=[text("; "), *chunk]) for chunk in chunks]
        texts = [exp.func("NULLIF", it, text("")) for it in texts]
    return texts[0]
