"""What is compared: each peer runs the same definitions in its own way.

The knowledge of every peer is generated from `expert.lang.definitions.Definitions`; no rule is written by hand. All
get a patient as `benchmarks.patients.Settled`: the presumptions, which constraints have a say in, are made for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Protocol, cast

from benchmarks.patients import Settled
from expert.lang.definitions import Definitions
from expert.lang.premises import Name
from expert.logic.kleene import Truth

Truths = tuple[Truth, ...]

OURS = "ours, all conclusions with justifications"
RETE, CLIPS, ZEN, PYTHON = "stock experta", "CLIPS", "zen-engine", "Python function"
ENGINES = (RETE, CLIPS, ZEN)
"""The peers that are rule engines; the Python function is what one would write instead of using one."""

_CLASSES = {
    OURS: ("benchmarks.peers.ours", "Ours", "experta"),
    RETE: ("benchmarks.peers.ours", "Rete", "experta"),
    CLIPS: ("benchmarks.peers.clips", "Clips", "clips"),
    ZEN: ("benchmarks.peers.zen", "Zen", "zen"),
    PYTHON: ("benchmarks.peers.python", "Python", "expert"),
}


class Peer(Protocol):
    """Something that concludes everything about one patient after another."""

    def conclude(self, patient: Settled) -> tuple[Truths, Truths]:
        """The truths of the goals over what is known, and over the presumptions as well."""


class _PeerClass(Protocol):
    def __call__(self, definitions: Definitions, goals: Sequence[Name]) -> Peer: ...


def installed() -> tuple[str, ...]:
    """The peers whose packages are here, ours first."""
    return tuple(name for name, (_, _, package) in _CLASSES.items() if find_spec(package))


def build(name: str, definitions: Definitions, goals: Sequence[Name]) -> Peer:
    """A peer with the knowledge compiled into it; it concludes everything, and returns the truths of the goals."""
    module, peer, _ = _CLASSES[name]
    return cast(_PeerClass, getattr(import_module(module), peer))(definitions, goals)
