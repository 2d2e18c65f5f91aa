"""Everything that is raised on purpose belongs to one tree, which its module draws."""

from __future__ import annotations

import ast
import builtins
import copy
import pickle
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from expert.lang import errors
from expert.lang.errors import (
    ContradictionError,
    ExpertError,
    InputError,
    KnowledgeError,
    Location,
    MissingExtraError,
    PatientError,
    Problem,
    UnprovedError,
)
from tests.conftest import REPOSITORY

PACKAGE = REPOSITORY / "expert"
ONE_OF_EACH = [
    InputError([Problem("a", Location("f", 3)), Problem("b")]),
    KnowledgeError([Problem("a", Location("f", 3, 4), "the line", "this", "that")]),
    PatientError([Problem("a")]),
    ContradictionError("needs_fusion", "this patient", 3),
    MissingExtraError("cohort", "cohort"),
    UnprovedError("timeout"),
]


def written_classes() -> Iterator[tuple[Path, ast.ClassDef]]:
    """The classes of the package whose names or bases say that they are raised."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            words = [node.name, *map(ast.unparse, node.bases)] if isinstance(node, ast.ClassDef) else []
            if isinstance(node, ast.ClassDef) and any(re.search("Error|Exception|Warning", word) for word in words):
                yield path, node


def raised_classes() -> dict[str, type[BaseException]]:
    """The exceptions of the package by their names."""
    found = {}
    for path, node in written_classes():
        module = import_module(".".join(path.relative_to(REPOSITORY).with_suffix("").parts))
        found[node.name] = getattr(module, node.name)
    return found


def drawn() -> dict[str, str]:
    """Each class in the drawing of `expert.lang.errors`, with the one that it is drawn below."""
    parents: dict[str, str] = {}
    above: dict[int, str] = {}
    for line in (errors.__doc__ or "").splitlines():
        if found := re.match(r"    ([ │├└─]*)(\w+Error)\b", line):
            depth = len(found[1]) // 4
            above[depth] = found[2]
            parents[found[2]] = above.get(depth - 1, "Exception")
    return parents


def test_every_exception_is_in_the_drawing_below_its_base() -> None:
    raised = raised_classes()
    assert len(raised) > 8
    assert drawn() == {name: kind.__bases__[0].__name__ for name, kind in raised.items()}


def test_all_belong_to_one_tree() -> None:
    assert all(issubclass(kind, ExpertError) for kind in raised_classes().values())


FAULTS_OF_THE_PROGRAM = {
    "certificate.py: ValueError",
    "typed_column.py: ValueError",
    "cells.py: ValueError",
    "nogoods.py: ValueError",
    "domain.py: ValueError",
    "matcher.py: ValueError",
    "network.py: AssertionError",
    "session.py: AssertionError",
    "to_cells.py: AssertionError",
    "to_columns.py: ValueError",
}
"""Raised where the program contradicts itself: no input leads there."""

OTHERS = {
    "__init__.py: AttributeError",  # of the module
    "answers.py: NotImplementedError",  # of a class that is only inherited from
    "files.py: FileExistsError",  # of the system's kind, which the command line reports
    "folder.py: ValueError",  # caught where a stored folder is read
}


def test_what_python_has_is_raised_only_for_faults_of_the_program_or_caught_nearby() -> None:
    found = set()
    for path in sorted(PACKAGE.rglob("*.py")):
        nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
        caught = " ".join(ast.unparse(it.type) for it in nodes if isinstance(it, ast.ExceptHandler) and it.type)
        raised = [ast.unparse(it.exc).partition("(")[0] for it in nodes if isinstance(it, ast.Raise) and it.exc]
        found |= {f"{path.name}: {name}" for name in raised if hasattr(builtins, name) and name not in caught}
    assert found <= FAULTS_OF_THE_PROGRAM | OTHERS


def test_only_one_class_says_that_the_solver_could_not_decide() -> None:
    shown = [path.name for path in PACKAGE.rglob("*.py") if 'f"the solver could not decide' in path.read_text("utf-8")]
    assert shown == ["errors.py"]


@pytest.mark.parametrize("error", ONE_OF_EACH, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("again", [lambda error: pickle.loads(pickle.dumps(error)), copy.copy, copy.deepcopy])
def test_an_error_survives_pickling_and_copying(error: ExpertError, again: object) -> None:
    assert callable(again)
    other = again(error)
    assert type(other) is type(error)
    assert str(other) == str(error)
    assert vars(other) == vars(error)
