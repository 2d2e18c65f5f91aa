"""The formulas of the solver (z3) and their connectives, for rooms that may not import z3."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

import z3  # type: ignore[import-untyped]

Formula: TypeAlias = z3.BoolRef
"""A formula about one patient, complete or partial, in the context of one `expert.solve.to_smt.Formulas`."""

negation, conjunction, disjunction, implies, differ = z3.Not, z3.And, z3.Or, z3.Implies, z3.Xor
constant, variable = z3.BoolVal, z3.Bool


def at_most(most: int, formulas: Iterable[Formula]) -> Formula:
    """No more than ``most`` of the formulas hold."""
    return z3.AtMost(*formulas, most)


def fresh(context: z3.Context) -> Formula:
    """A variable that is not used anywhere else."""
    return z3.FreshBool(ctx=context)


def variable_of(literal: Formula) -> tuple[Formula, bool]:
    """The variable of a literal, and false if the literal is its negation."""
    negative = z3.is_not(literal)
    return (literal.arg(0), False) if negative else (literal, True)


def replaced(formula: Formula, values: Iterable[tuple[Formula, Formula]]) -> Formula:
    """The formula with variables replaced by other formulas."""
    return z3.substitute(formula, *values)


def is_true(formula: Formula) -> bool:
    """Whether a formula is the constant *true*."""
    return bool(z3.is_true(formula))


def is_false(formula: Formula) -> bool:
    """Whether a formula is the constant *false*."""
    return bool(z3.is_false(formula))
