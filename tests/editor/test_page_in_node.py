"""The script of the page in Node answers as Python does."""

from __future__ import annotations

import os
from collections.abc import Iterator
from random import Random

import pytest

from expert import KnowledgeBase
from expert.answer.assess import Reasoner
from expert.page.to_script import script
from tests.page_engines import Node
from tests.test_page_script import PATIENTS, disagreements, patient_of


@pytest.fixture(scope="module")
def page(kb: KnowledgeBase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    if not Node.is_here():
        if os.environ.get("EXPERT_EDITOR") == "required":
            pytest.fail("Node is not installed")
        pytest.skip("Node is not installed")
    with Node(script(kb), tmp_path_factory.mktemp("node")) as node:
        yield node


def test_the_answer_in_node_is_that_of_python(reasoner: Reasoner, page: Node) -> None:
    for number in range(PATIENTS):
        facts, unknown = patient_of(reasoner, Random(f"node {number}"))
        assert disagreements(reasoner, page, facts, unknown) == [], (facts, unknown)
