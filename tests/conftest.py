"""What the tests share: the shipped knowledge, read and compiled once in each process."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from expert import KnowledgeBase, read_knowledge
from expert.answer.assess import Reasoner
from expert.lang.facts import Patient
from expert.read.patient import PatientReader

REPOSITORY = Path(__file__).resolve().parent.parent

settings.register_profile(
    "default",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("default")


@pytest.fixture(scope="session")
def kb() -> KnowledgeBase:
    """The shipped knowledge."""
    return read_knowledge()


@pytest.fixture(scope="session")
def reasoner(kb: KnowledgeBase) -> Reasoner:
    """A reasoner over the shipped knowledge."""
    return Reasoner(kb)


def patient(kb: KnowledgeBase, *assignments: str) -> Patient:
    """A patient from assignments as on the command line."""
    return PatientReader(kb).patient(None, assignments)
