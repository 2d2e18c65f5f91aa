"""One server for all tests of a module, and folders to edit."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.lsp.client import Client


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    client = Client(REPOSITORY)
    yield client
    assert client.stop() == 0


@pytest.fixture
def garden(tmp_path: Path) -> Path:
    """A small knowledge folder without faults of reading."""
    return Path(shutil.copytree(REPOSITORY / "tests" / "garden", tmp_path / "garden"))


@pytest.fixture
def rules(garden: Path) -> Path:
    """The rules of the garden."""
    return next(it for it in sorted((garden / "rules").glob("*.yaml")) if not it.name.endswith(".test.yaml"))
