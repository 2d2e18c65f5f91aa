"""The lints: small named checks of how knowledge is written. Each is a folder here; to add one is to add a folder.

::

    untested_rule/          the lint ``untested-rule``
        __init__.py         ``check``: what it is, and how it is found
        avoid.yaml          the garden of the tests with the fault, as ``expert show`` shows it
        prefer.yaml         the same without it
        page.md             why it matters, and what to do
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from expert.check.lints.knowledge import Knowledge
from expert.check.lints.lint import Lint

__all__ = ["LINTS", "Knowledge", "Lint"]

_FOLDERS = sorted(it.name for it in iter_modules(__path__) if it.ispkg)

LINTS: dict[str, Lint] = {
    lint.name: lint for lint in (import_module(f"{__name__}.{folder}").check for folder in _FOLDERS)
}
"""Every lint by its name, sorted."""
