"""Making a draft that shows a difference as small as can be: whatever can be left out is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any, TypeVar

T = TypeVar("T", dict[str, Any], list[Any])


def shrunk(whole: T, still: Callable[[T], bool]) -> T:
    """The same mappings and lists without every part that can be left out while something is ``still`` so.

    Large parts are tried first, and all again until none can be left out.
    """
    before = None
    while before != whole:
        before = whole
        for path in sorted(_paths(whole), key=len):
            fewer = _without(whole, path)
            if fewer is not None and still(fewer):
                whole = fewer
    return whole


def _paths(part: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where the parts of mappings and lists stand; those of a list from its end."""
    if isinstance(part, dict):
        for key in part:
            yield (*path, key)
            yield from _paths(part[key], (*path, key))
    elif isinstance(part, list):
        for place in reversed(range(len(part))):
            yield (*path, place)
            yield from _paths(part[place], (*path, place))


def _without(whole: T, path: tuple[Any, ...]) -> T | None:
    """A copy without the part at a path; ``None`` if that is gone already."""
    copy = deepcopy(whole)
    inner: Any = copy
    try:
        for key in path[:-1]:
            inner = inner[key]
        del inner[path[-1]]
    except (KeyError, IndexError, TypeError):
        return None
    return copy
