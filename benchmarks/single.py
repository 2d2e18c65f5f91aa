"""One patient: the first answer, further answers, and how they grow with the findings given and with the rules."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.answers import UnequalAnswersError, assert_equal_answers
from benchmarks.bench import SEED, Bench
from benchmarks.measure import REPOSITORY, Timed, Work, each, exponent, process, ratio, take_turns
from benchmarks.multiplied import multiplied, spread
from benchmarks.patients import Settled, patients_knowing, settled, some_patients
from benchmarks.peers import CLIPS, OURS, PYTHON, RETE, ZEN, Peer, build
from benchmarks.report import Lines, Ratio, Section, Table, figure, times
from expert.answer.assess import Reasoner
from expert.lang.facts import Patient
from expert.lang.model import KnowledgeBase
from expert.read.patient import PatientReader

PATIENTS = REPOSITORY / "knowledge" / "patients"
WORKED = ("fourteen-weeks", "everything-known")

# experta 1.9.4 pins frozendict 1.2, which looks for collections.Mapping: gone since Python 3.10, so it is put back.
SHIM = "import collections, collections.abc; collections.Mapping = collections.abc.Mapping; "

IMPORTS = "import experta, yaml, click"
ASSESS, ASSESS_RETE = "ours, a whole assessment", "a whole assessment on stock RETE"
GROWN = 3
"""Random patients who are answered by many rules: few, as each takes long."""

STOCK = {ASSESS: ASSESS_RETE, OURS: RETE}


def cold(bench: Bench) -> Section:
    """A whole process, against one that only imports what the project cannot do without."""
    assess = [str(Path(sys.executable).with_name("expert")), "assess", str(PATIENTS / "fourteen-weeks.yaml")]
    commands = {
        IMPORTS: [sys.executable, "-c", f"{SHIM}{IMPORTS}"],
        "expert assess": assess,
        "expert assess --format json": [*assess, "--format", "json"],
        "python -c pass": [sys.executable, "-c", "pass"],
    }
    with TemporaryDirectory() as bytecode:
        works = {name: process(command, bytecode) for name, command in commands.items()}
        timed = take_turns(works, bench.sizes.processes)
    return Section(
        "A first answer",
        "A new process each time, from its start to its end, for `fourteen-weeks.yaml`; everything is compiled to "
        "bytecode, as it is once installed.",
        [Ratio(f"cold `{name}` / `{IMPORTS}`", ratio(timed, name, IMPORTS), most=2) for name in list(commands)[1:3]],
        [times("process", timed)],
    )


def warm(bench: Bench) -> Section:
    """Further answers for the worked patients and some random ones; stock experta answers only the worked ones."""
    given = [settled(bench.domain.background(worked(bench.kb, name).facts)) for name in WORKED]
    patients = [*given, *some_patients(bench.reasoner, bench.sizes.patients, SEED + 1)]
    quick = {name: peer for name, peer in bench.peers.items() if name != RETE}
    works = {ASSESS: each(_assess(bench.reasoner), patients), **_conclude(bench, quick, patients)}
    timed = take_turns(works, bench.sizes.turns)
    pairs = [(OURS, CLIPS, 5.0), (ASSESS, CLIPS, None), (OURS, ZEN, None), (OURS, PYTHON, None)]
    ratios = [
        Ratio(f"{one} / {other}", ratio(timed, one, other), most=most) for one, other, most in pairs if other in timed
    ]
    stock = _stock(bench, given)
    text = (
        f"{len(bench.kb.rules)} rules; the {len(given)} worked patients {' and '.join(WORKED)}, and in the first table "
        f"{bench.sizes.patients} random ones. Each peer concludes everything twice: from what is known, and with the "
        "presumptions. Only ours and stock experta keep justifications; only a whole assessment settles constraints, "
        "says what is certain and what would change it."
    )
    against = [Ratio(f"{theirs} / {ours}", ratio(stock, theirs, ours), least=15) for ours, theirs in STOCK.items()]
    return Section(
        "Further answers", text, [*against, *ratios], [times("answered by", timed), times("answered by", stock)]
    )


def _stock(bench: Bench, patients: Sequence[Settled]) -> Timed:
    """Ours and stock experta on the same patients."""
    stock = Reasoner(bench.kb, "rete")
    for patient in patients:
        ours, theirs = (reasoner.assess(Patient(patient.known)) for reasoner in (bench.reasoner, stock))
        if (ours.answer, ours.ladder) != (theirs.answer, theirs.ladder):
            raise UnequalAnswersError(f"{ASSESS_RETE} answers {dict(patient.known)} otherwise than ours")
    works = {name: each(bench.peers[name].conclude, patients) for name in (OURS, RETE)}
    assessed = {ASSESS: each(_assess(bench.reasoner), patients), ASSESS_RETE: each(_assess(stock), patients)}
    return take_turns({**works, **assessed}, max(2, bench.sizes.turns // 2))


def given(bench: Bench) -> Section:
    """How an answer grows with the findings given."""
    found: dict[str, dict[float, float]] = {}
    for share in bench.sizes.shares:
        facts = patients_knowing(bench.domain, share, bench.sizes.patients, SEED + 2)
        patients = [settled(bench.domain.background(it)) for it in facts]
        works = {ASSESS: each(_assess(bench.reasoner), patients), **_conclude(bench, bench.peers, patients)}
        for name, took in take_turns(works, max(2, bench.sizes.turns // 2)).items():
            found.setdefault(name, {})[100 * share] = 1000 * median(took)
    heads = ("ms a patient", *(f"{100 * share:.0f} % given" for share in bench.sizes.shares))
    rows = [(name, *map(figure, row.values())) for name, row in found.items()]
    plot = Lines("given", "Time by findings given", "findings given, %", "ms a patient", found, shares=True)
    text = f"{bench.sizes.patients} random patients for each share (stock experta answers the first)."
    return Section("Findings given", text, (), [Table(heads, rows)], [plot])


def worked(kb: KnowledgeBase, name: str) -> Patient:
    """A patient of the shipped knowledge."""
    return PatientReader(kb).patient(str(PATIENTS / f"{name}.yaml"))


def _assess(reasoner: Reasoner) -> Callable[[Settled], object]:
    return lambda patient: reasoner.assess(Patient(patient.known))


def _conclude(bench: Bench, peers: Mapping[str, Peer], patients: Sequence[Settled]) -> dict[str, Work]:
    return {name: each(peer.conclude, bench.of_a_turn(name, list(patients))) for name, peer in peers.items()}


# --- growth with the rules --------------------------------------------------------------------------------------------


def rules(bench: Bench) -> Section:
    """How an answer grows with the rules, and what compiling them takes."""
    found: dict[str, dict[float, float]] = {}
    compiled: dict[str, dict[float, float]] = {}
    for factor in bench.sizes.rules:
        for name, (building, answering) in _grown(bench, factor).items():
            compiled.setdefault(name, {})[factor * len(bench.kb.rules)] = building
            found.setdefault(name, {})[factor * len(bench.kb.rules)] = 1000 * answering
    heads = [f"{factor * len(bench.kb.rules):,} rules" for factor in bench.sizes.rules]
    powers = {name: exponent(row) for name, row in found.items()}
    rows = [(name, *map(figure, row.values()), figure(powers[name])) for name, row in found.items()]
    built = [(name, *map(figure, row.values())) for name, row in compiled.items()]
    tables = [Table(("ms a patient", *heads, "exponent"), rows), Table(("s to compile", *heads), built)]
    if bench.sizes.rete_seconds:
        stock = (RETE, *(_rete(bench, factor) for factor in bench.sizes.rules[:2]))
        tables.append(Table(("the engine as it comes", *heads[:2]), [stock]))
    return Section(
        "Growth with the rules",
        "The shipped rules and findings many times over, all arguing about the same ladder; every copy is given the "
        "same facts. A whole assessment is that of `everything-known.yaml`; the others answer random patients. What "
        "is compiled are the definitions; making them is told with a whole assessment. Stock experta runs in a process "
        "of its own, which is ended when it takes too long.",
        [
            Ratio(
                f"exponent of growth with the rules, {name}", powers[name], most=1.1 if name in (OURS, ASSESS) else None
            )
            for name in powers
        ],
        tables,
        [Lines("rules", "Time by rules", "rules", "ms a patient", found)],
    )


def _grown(bench: Bench, factor: int) -> dict[str, tuple[float, float]]:
    """The seconds for compiling and for an answer of each peer, the rules being there so many times."""
    start = perf_counter()
    reasoner = Reasoner(multiplied(bench.kb, factor))
    building = {ASSESS: perf_counter() - start}
    patients = [_spread(it, factor) for it in some_patients(bench.reasoner, GROWN, SEED + 3)]
    peers: dict[str, Peer] = {}
    for name in bench.peers:
        if name != RETE:
            start = perf_counter()
            peers[name] = build(name, reasoner.definitions, bench.goals)
            building[name] = perf_counter() - start
            assert_equal_answers(name, peers[name], reasoner.definitions, bench.goals, patients[:1])
    works = {ASSESS: each(_assess(reasoner), [_everything_known(bench, factor)]), **_conclude(bench, peers, patients)}
    timed = take_turns(works, max(2, bench.sizes.turns // 2))
    return {name: (building[name], median(took)) for name, took in timed.items()}


def _everything_known(bench: Bench, factor: int) -> Settled:
    """A patient for whom a whole assessment has nothing to search for."""
    return _spread(settled(bench.domain.background(worked(bench.kb, "everything-known").facts)), factor)


def _spread(patient: Settled, factor: int) -> Settled:
    return Settled(*(spread(facts, factor) for facts in patient))


def _rete(bench: Bench, factor: int) -> str:
    """Stock experta in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.stock", str(factor)]
    limit = bench.sizes.rete_seconds
    try:
        return subprocess.run(
            command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, timeout=limit, check=True
        ).stdout.strip()
    except subprocess.TimeoutExpired:
        return f"not within {limit} s"
