"""Stock experta on the knowledge many times over, in a process of its own: ``python -m benchmarks.stock FACTOR``."""

from __future__ import annotations

import sys
from time import perf_counter

from benchmarks.answers import goals
from benchmarks.bench import SEED
from benchmarks.multiplied import multiplied, spread
from benchmarks.patients import Settled, some_patients
from benchmarks.peers import RETE, build
from benchmarks.report import figure
from expert import read_knowledge
from expert.answer.assess import Reasoner
from expert.lang.definitions import Definitions


def main() -> None:
    """Print what compiling and a first answer take, and a further one."""
    kb, factor = read_knowledge(), int(sys.argv[1])
    (patient,) = some_patients(Reasoner(kb), 1, SEED)
    definitions = Definitions(multiplied(kb, factor))
    everywhere = Settled(*(spread(facts, factor) for facts in patient))
    start = perf_counter()
    peer = build(RETE, definitions, goals(kb))
    peer.conclude(everywhere)
    first = perf_counter()
    peer.conclude(everywhere)
    print(f"{figure(1000 * (perf_counter() - first))} ms; compiled and first answer {figure(first - start)} s")


if __name__ == "__main__":
    main()
