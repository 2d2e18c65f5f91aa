"""The formulas of the solver (z3) and their connectives: what other rooms use of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

import z3  # type: ignore[import-untyped]

Formula: TypeAlias = z3.BoolRef
"""A formula about one patient, known or not, in the context of one `expert.solve.to_smt.Formulas`."""


def negation(formula: Formula) -> Formula:
    """That a formula does not hold."""
    return z3.Not(formula)


def conjunction(*formulas: Formula) -> Formula:
    """That all formulas hold; there is at least one."""
    return z3.And(*formulas)


def disjunction(*formulas: Formula) -> Formula:
    """That some formula holds; there is at least one."""
    return z3.Or(*formulas)


def implies(premise: Formula, conclusion: Formula) -> Formula:
    """That one formula holds if another does."""
    return z3.Implies(premise, conclusion)


def differ(one: Formula, other: Formula) -> Formula:
    """That just one of two formulas holds."""
    return z3.Xor(one, other)


def at_most(most: int, formulas: Iterable[Formula]) -> Formula:
    """That no more than so many formulas hold."""
    return z3.AtMost(*formulas, most)


def constant(truth: bool, context: z3.Context) -> Formula:
    """A formula that always holds, or never."""
    return z3.BoolVal(truth, context)


def variable(name: str, context: z3.Context) -> Formula:
    """The variable of this name."""
    return z3.Bool(name, context)


def fresh(context: z3.Context) -> Formula:
    """A variable that is not used anywhere else."""
    return z3.FreshBool(ctx=context)


def variable_of(literal: Formula) -> tuple[Formula, bool]:
    """The variable of a literal, and whether it is the variable itself or the negation of it."""
    negative = z3.is_not(literal)
    return (literal.arg(0), False) if negative else (literal, True)


def replaced(formula: Formula, values: Iterable[tuple[Formula, Formula]]) -> Formula:
    """A formula with other formulas in the place of variables."""
    return z3.substitute(formula, *values)


def is_true(formula: Formula) -> bool:
    """Whether a formula is the constant that always holds."""
    return bool(z3.is_true(formula))


def is_false(formula: Formula) -> bool:
    """Whether a formula is the constant that never holds."""
    return bool(z3.is_false(formula))
