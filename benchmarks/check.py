"""Checking a knowledge folder: how long the command takes on the shipped one, and on ones with a thousand rules.

Run ``.venv/bin/python -m benchmarks.check`` from the repository; it takes some minute. Each line is one process: the
seconds that passed, those that a processor worked for it, and the times that the command itself prints. The shipped
knowledge is blown up in three ways:

- ``again``: every rule several times over, each copy with concluded findings of its own, so that none is needed;
- ``shifted``: the same with other thresholds in each copy;
- ``apart``: every finding several times over, those that people give as well, so that all copies are needed.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from shutil import copytree
from time import perf_counter

import yaml

from expert import read_knowledge

Node = str | list["Node"] | dict[str, "Node"]
"""What a file of the knowledge language holds; every scalar is text."""

KNOWLEDGE = Path(__file__).resolve().parent.parent / "knowledge"
RULES = 1000
WAYS = ("again", "shifted", "apart")
ARGUMENT = re.compile(r"(supports|excludes|cautions|prefers|alert|advise) ")
THRESHOLD = re.compile(r"([<>]=? )([\d.]+)(?!/)")


def main() -> None:
    """Print the time for each folder."""
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.2f}")
    show("shipped", KNOWLEDGE)
    times = -(-RULES // len(read_knowledge(KNOWLEDGE).rules))
    with tempfile.TemporaryDirectory() as folder:
        for way in WAYS:
            show(way, blown_up(Path(folder) / way, times, way))


def show(name: str, folder: Path) -> None:
    """Print how long the command takes on a folder."""
    started, before = perf_counter(), os.times()
    command = [sys.executable, "-m", "expert", "check", "--knowledge", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds, after = perf_counter() - started, os.times()
    worked = after.children_user + after.children_system - before.children_user - before.children_system
    if done.returncode == 2:
        raise SystemExit(done.stderr)
    rules, last = len(read_knowledge(folder).rules), done.stdout.splitlines()[-1]
    print(f"{name:8}{rules:6} rules{seconds:8.2f} s{worked:8.2f} s   {last}", flush=True)


# --- the knowledge, many times over -----------------------------------------------------------------------------------


def blown_up(folder: Path, times: int, way: str) -> Path:
    """A copy of the shipped knowledge with every rule so many times over."""
    copytree(KNOWLEDGE, folder)
    vocabulary = _read(folder / "vocabulary.yaml")
    findings, concluded, constraints = (_entries(vocabulary, it) for it in ("findings", "concluded", "constraints"))
    renamed = [*concluded, *(findings if way == "apart" else ())]
    files = {file: _read(file) for file in sorted((folder / "rules").glob("[!.]*.yaml")) if ".test." not in file.name}
    for copy in range(1, times):
        names = {name: f"{name}_{copy}" for name in renamed}
        concluded = concluded | dict(_named(_entries(vocabulary, "concluded"), names))
        if way == "apart":
            findings = findings | dict(_findings(_entries(vocabulary, "findings"), names))
            constraints = constraints | dict(_copies(_entries(vocabulary, "constraints"), names, copy, ("never",)))
        for file, text in files.items():
            rules = dict(_copies(_entries(text, "rules"), names, copy, ("when", "unless", "then")))
            shifted = {name: _shifted(rule, copy) for name, rule in rules.items()} if way == "shifted" else rules
            _write(file.with_name(f"{file.stem}-{copy}.yaml"), {"rules": shifted})
    blown: dict[str, Node] = {"findings": findings, "concluded": concluded, "constraints": constraints}
    _write(folder / "vocabulary.yaml", {**vocabulary, **blown})
    return folder


def _read(file: Path) -> dict[str, Node]:
    found: dict[str, Node] = yaml.load(file.read_text("utf-8"), yaml.BaseLoader)
    return found


def _write(file: Path, text: Mapping[str, Node]) -> None:
    file.write_text(json.dumps(text, indent=2, ensure_ascii=False), "utf-8")


def _entries(text: Mapping[str, Node], key: str) -> dict[str, Node]:
    found = text[key]
    assert isinstance(found, dict)
    return found


def _named(entries: Mapping[str, Node], names: Mapping[str, str]) -> Iterator[tuple[str, Node]]:
    return ((names[name], entry) for name, entry in entries.items())


def _findings(entries: Mapping[str, Node], names: Mapping[str, str]) -> Iterator[tuple[str, Node]]:
    """The findings under their new names, asked if those under new names are so, and presumed unless they are."""
    return ((names[name], _with(entry, names, ("asked_if", "presumed_unless"))) for name, entry in entries.items())


def _copies(
    entries: Mapping[str, Node], names: Mapping[str, str], copy: int, parts: Collection[str]
) -> Iterator[tuple[str, Node]]:
    return ((f"{name}-{copy}", _with(entry, names, parts)) for name, entry in entries.items())


def _with(entry: Node, names: Mapping[str, str], parts: Collection[str]) -> Node:
    """An entry, in some parts of which findings have other names."""
    assert isinstance(entry, dict)
    return {key: _renamed(value, names) if key in parts else value for key, value in entry.items()}


def _renamed(node: Node, names: Mapping[str, str]) -> Node:
    if isinstance(node, dict):
        return {key: _renamed(value, names) for key, value in node.items()}
    if isinstance(node, list):
        return [_renamed(value, names) for value in node]
    return node if ARGUMENT.match(node) else re.sub(r"\w+", lambda word: names.get(word[0], word[0]), node)


def _shifted(node: Node, copy: int) -> Node:
    """The same with every threshold a little lower."""
    if isinstance(node, dict):
        return {
            key: _shifted(value, copy) if key in ("when", "unless", "any", "all") else value
            for key, value in node.items()
        }
    if isinstance(node, list):
        return [_shifted(value, copy) for value in node]
    return THRESHOLD.sub(lambda found: f"{found[1]}{float(found[2]) * (1 - copy / 32):g}", node)


if __name__ == "__main__":
    main()
