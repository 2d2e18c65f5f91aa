"""Which knowledge folder a command uses, and which site. Only this module decides that.

::

    commands of the knowledge                  commands about a patient

    --knowledge, or a path inside a folder     --knowledge; --site
    EXPERT_KNOWLEDGE                           EXPERT_KNOWLEDGE; EXPERT_SITE, which is empty for no site
    the folder that holds the working          the folder that comes with the program; the site file of the
      directory, or is ./knowledge in it         configuration (`expert.cli.config`), if there is one
    the folder that comes with the program

The first lines on standard error say which folder and site were used, the folder with its hash, unless the command line
named them. Commands about a patient show the hash with every answer, so they do not name the shipped folder.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import click

from expert.cli.config import own_site
from expert.lang.errors import InputError, Problem

KNOWLEDGE, SITE = "EXPERT_KNOWLEDGE", "EXPERT_SITE"
HERE = "knowledge"  # the name of the folder in the working directory

_FILES = ("knowledge.yaml", "vocabulary.yaml", "ladder.yaml")


def knowledge_for(option: str | None, *paths: str | None) -> str | None:
    """The folder for a command of the knowledge; ``None`` for the one that comes with the program.

    Args:
        option: what ``--knowledge`` says.
        paths: what else the command line names; a path inside a knowledge folder means that folder.

    Raises:
        InputError: two folders are meant, or EXPERT_KNOWLEDGE names none.
    """
    meant: dict[str, str] = {}
    for it in (option, *(holding(path) for path in paths if path)):
        if it is not None:
            meant.setdefault(_real(it), it)
    if len(meant) > 1:
        raise _two(*meant.values())
    if meant:
        return next(iter(meant.values()))
    if folder := _of_environment():
        return folder
    if folder := _around():
        return folder
    _say(None, "which comes with the program")
    return None


def folder_for(option: str | None, path: str | None) -> str | None:
    """The same, where a path can only be that of a knowledge folder or of something in it.

    Raises:
        InputError: besides, the path lies in none.
    """
    if path is not None and holding(path) is None:
        message = f"{path or 'an empty word'} is in no knowledge folder"
        raise InputError([Problem(message, expected="a folder with a knowledge.yaml, or a path in one")])
    return knowledge_for(option, path)


def holding(path: str | os.PathLike[str]) -> str | None:
    """The knowledge folder that a path names or lies in, the nearest one; ``None`` if there is none."""
    return next((str(it) for it in _upwards(Path(path)) if is_knowledge(it)), None)


def is_knowledge(folder: str | os.PathLike[str]) -> bool:
    """Whether this is a knowledge folder, if perhaps a broken one: another must not be used in its place."""
    named, *meant = (os.path.lexists(os.path.join(folder, it)) for it in _FILES)
    return named or all(meant)


def _upwards(path: Path) -> Iterator[Path]:
    """A path and the folders above it: as it is spelled, as far as that goes, and then as they really are."""
    spelled = path
    while spelled.name not in ("", ".."):
        yield spelled
        spelled = spelled.parent
    yield spelled
    real = Path(_real(path))
    here = Path.cwd()
    for it in (real, *real.parents):
        near = it.is_relative_to(here) or here.is_relative_to(it)
        yield Path(os.path.relpath(it)) if near and not path.is_absolute() else it


def _real(path: str | os.PathLike[str]) -> str:
    try:
        return os.path.realpath(path)
    except ValueError:  # no path has a null byte: what reads it says so
        return os.fspath(path)


def _of_environment() -> str | None:
    """The folder that the environment names; a line on standard error says so."""
    name = os.environ.get(KNOWLEDGE, "")
    if not name:
        return None
    if not os.path.isdir(name):
        raise InputError([Problem(f"{KNOWLEDGE} names {name}, which is not a folder", expected="a knowledge folder")])
    _say(name, f"as {KNOWLEDGE} says")
    return str(Path(name))


def _around() -> str | None:
    """The folder that the working directory lies in or holds; a line on standard error says so."""
    try:
        above = holding(".")
    except FileNotFoundError:  # the working directory has been removed
        return None
    below = HERE if is_knowledge(HERE) else None
    if above and below:
        raise _two(os.path.abspath(above), os.path.abspath(below))
    if above:
        _say(above, "which holds the working directory")
    elif below:
        _say(below, "in the working directory")
    return above or below


def _two(one: str, other: str, *_: str) -> InputError:
    message = f"two knowledge folders are meant: {one} and {other}"
    return InputError([Problem(message, expected="one of them, with --knowledge or by a path")])


def _say(folder: str | None, why: str) -> None:
    """Say on standard error which folder is used, and why that one."""
    from expert.read.knowledge import hash_of, shipped_knowledge
    from expert.render.plain import visible

    path = shipped_knowledge() if folder is None else folder
    shown = f"./{path}" if path == HERE else os.path.abspath(path)
    click.echo(visible(f"using {shown} ({hash_of(path)[:8]}), {why}"), err=True)


# --- options ----------------------------------------------------------------------------------------------------------


def _folder(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    if value == "":  # a variable of a script that is not set, say
        raise click.UsageError("--knowledge names no folder")
    return None if value is None else str(Path(value))


def _path(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    if value and not os.path.lexists(value) and holding(value) is not None:  # misspelt, or of another folder
        message = f"{value} cannot be read: {os.strerror(errno.ENOENT)}"
        raise InputError([Problem(message, expected="a knowledge folder, or a file in one")])
    return value


def _folder_or_environment(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    named = _folder(context, parameter, value)
    return named if named is not None or context.resilient_parsing else _of_environment()


def _site(context: click.Context, _: click.Parameter, value: str | None) -> str | None:
    if value == "":
        raise click.UsageError("--site names no file")
    if value is not None or context.resilient_parsing:
        return value
    if (named := os.environ.get(SITE)) is not None:
        why = f"as {SITE} says"
    elif own := own_site():
        named, why = own, "of your configuration"
    if not named:
        return None
    from expert.render.plain import visible

    click.echo(visible(f"using the site {named}, {why}"), err=True)
    return named


knowledge_option = click.option(
    "--knowledge",
    metavar="DIR",
    callback=_folder,
    help=f"Use this knowledge folder instead of {KNOWLEDGE}, the one around or in this folder, or the built-in one.",
)
patients_knowledge_option = click.option(
    "--knowledge",
    metavar="DIR",
    callback=_folder_or_environment,
    help=f"Use this knowledge folder instead of {KNOWLEDGE} or the built-in one.",
)
site_option = click.option(
    "--site",
    metavar="FILE",
    callback=_site,
    help=f"Use this site file instead of {SITE} or the one of your configuration.",
)
folder_argument = click.argument("path", required=False, metavar="[PATH]", callback=_path)
