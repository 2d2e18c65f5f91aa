"""One patient: how long a first and a further answer take, and how that grows with the rules.

Run ``.venv/bin/python -m benchmarks.single`` from the repository; it takes some three minutes. Everything that is
compared is measured in the same run, turn by turn, so that what else the machine does falls on all alike. Each line
gives the least time and the median, and their ratios to those of one line.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import perf_counter

from expert import Assessment, KnowledgeBase, Patient, PatientReader, Reasoner, read_knowledge
from expert.model import All, Any, Compare, Concluded, Exclusive, Facts, Finding, In, Is, Not, Premise, Rule

REPOSITORY = Path(__file__).resolve().parent.parent
PATIENTS = REPOSITORY / "knowledge" / "patients"
COLD_RUNS = 15
WARM_RUNS = 7
GROWTH_RUNS = 5
SECONDS_FOR_RETE = 60

# experta 1.9.4 pins frozendict 1.2, which looks for collections.Mapping: gone since Python 3.10, so it is put back.
SHIM = "import collections, collections.abc; collections.Mapping = collections.abc.Mapping; "

Timed = Mapping[str, list[float]]


def main() -> None:
    """Print all measurements."""
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.2f}\n")
    cold()
    warm()
    growth()


def interleaved(actions: Mapping[str, Callable[[], object]], runs: int) -> Timed:
    """The seconds that each action takes, the actions taking turns."""
    found: dict[str, list[float]] = {name: [] for name in actions}
    for action in actions.values():
        action()
    for _ in range(runs):
        for name, action in actions.items():
            start = perf_counter()
            action()
            found[name].append(perf_counter() - start)
    return found


def show(title: str, timed: Timed, base: str) -> None:
    """Print a table; the ratios are to the line named ``base``."""
    print(title)
    for name, seconds in timed.items():
        ratios = f"{min(seconds) / min(timed[base]):8.2f} x{median(seconds) / median(timed[base]):8.2f} x"
        print(f"  {name:42}{1000 * min(seconds):10.2f} ms{1000 * median(seconds):10.2f} ms{ratios}")
    print()


# --- the first answer -------------------------------------------------------------------------------------------------


def cold() -> None:
    """A whole process, against one that only imports what the brief requires."""
    patient = str(PATIENTS / "fourteen-weeks.yaml")
    assess = [sys.executable, "-m", "expert", "assess", patient]
    commands = {
        "import experta, yaml, click": [sys.executable, "-c", f"{SHIM}import experta, yaml, click"],
        "expert assess": assess,
        "expert assess --format json": [*assess, "--format", "json"],
        "python -c pass": [sys.executable, "-c", "pass"],
    }
    actions = {name: _process(command) for name, command in commands.items()}
    show("A first answer: a new process (least, median, ratios)", interleaved(actions, COLD_RUNS), next(iter(commands)))


def _process(command: Sequence[str]) -> Callable[[], object]:
    return lambda: subprocess.run(command, cwd=REPOSITORY, stdout=subprocess.DEVNULL, check=True)


# --- further answers --------------------------------------------------------------------------------------------------


def warm() -> None:
    """One reasoner, used again: with the matcher that counts, and with experta's own."""
    kb = read_knowledge()
    reasoners = {matcher: Reasoner(kb, matcher) for matcher in ("counting", "rete")}
    for name in ("fourteen-weeks", "everything-known"):
        patient = PatientReader(kb).patient(str(PATIENTS / f"{name}.yaml"))
        ours, stock = (reasoner.assess(patient) for reasoner in reasoners.values())
        assert (ours.answer, ours.ladder) == (stock.answer, stock.ladder)
        facts = ours.background.all
        actions: dict[str, Callable[[], object]] = {}
        for matcher, reasoner in reasoners.items():
            actions[f"Inference.run, {matcher}"] = _run(reasoner, facts)
        for matcher, reasoner in reasoners.items():
            actions[f"Reasoner.assess, {matcher}"] = _assess(reasoner, patient)
        title = f"Further answers for {name}: {len(kb.rules)} rules (least, median, ratios)"
        show(title, interleaved(actions, WARM_RUNS), "Inference.run, counting")


def _run(reasoner: Reasoner, facts: Facts) -> Callable[[], object]:
    return lambda: reasoner.inference.run(facts)


def _assess(reasoner: Reasoner, patient: Patient) -> Callable[[], object]:
    return lambda: reasoner.assess(patient)


# --- growth -----------------------------------------------------------------------------------------------------------


def growth() -> None:
    """Warm times at 1, 10 and 100 times the rules, with the exponent that fits them."""
    kb = read_knowledge()
    patient = PatientReader(kb).patient(str(PATIENTS / "everything-known.yaml"))
    once = Reasoner(kb).assess(patient)
    runs: dict[str, Callable[[], object]] = {}
    answers: dict[str, Callable[[], object]] = {}
    for times in (1, 10, 100):
        many = Reasoner(multiplied(kb, times))
        everywhere = Patient(spread(patient.facts, times))
        it = many.assess(everywhere)
        assert (it.answer, it.recommended, _statuses(it)) == (once.answer, once.recommended, _statuses(once))
        runs[str(times)], answers[str(times)] = _run(many, it.background.all), _assess(many, everywhere)
    for name, actions in (("Inference.run, counting", runs), ("Reasoner.assess, counting", answers)):
        timed = interleaved(actions, GROWTH_RUNS)
        show_growth(name, {int(times): min(seconds) for times, seconds in timed.items()}, len(kb.rules))
    for times in (1, 10):
        print(f"  Inference.run, rete, {times * len(kb.rules)} rules: {_rete(times)}")


def _statuses(assessment: Assessment) -> list[tuple[str, str]]:
    return [(step.step, step.status) for step in assessment.ladder]


def show_growth(title: str, seconds: Mapping[int, float], rules: int) -> None:
    """Print times by the number of rules, and the slope of their logarithms."""
    print(f"Growth of {title} (everything-known, least)")
    for times, each in seconds.items():
        print(f"  {times * rules:8} rules{1000 * each:12.2f} ms{1e6 * each / (times * rules):10.2f} us a rule")
    print(f"  time grows as rules to the power of {exponent(seconds):.2f}\n")


def exponent(seconds: Mapping[int, float]) -> float:
    """The slope of the line that fits the logarithms best."""
    points = [(math.log(times), math.log(each)) for times, each in seconds.items()]
    x_mean, y_mean = (sum(values) / len(points) for values in zip(*points, strict=True))
    slope: float = sum((x - x_mean) * (y - y_mean) for x, y in points) / sum((x - x_mean) ** 2 for x, _ in points)
    return slope


def _rete(times: int) -> str:
    """The stock matcher in a process of its own, which is ended when it takes too long."""
    command = [sys.executable, "-m", "benchmarks.single", "rete", str(times)]
    try:
        told = subprocess.run(
            command, cwd=REPOSITORY, capture_output=True, text=True, timeout=SECONDS_FOR_RETE, check=True
        )
    except subprocess.TimeoutExpired:
        return f"not within {SECONDS_FOR_RETE} s, compilation included"
    return told.stdout.strip()


def rete(times: int) -> None:
    """Print what compiling and running the stock matcher takes."""
    kb = read_knowledge()
    patient = PatientReader(kb).patient(str(PATIENTS / "everything-known.yaml"))
    start = perf_counter()
    reasoner = Reasoner(multiplied(kb, times), "rete")
    facts = reasoner.domain.background(spread(patient.facts, times)).all
    reasoner.inference.run(facts)
    first = perf_counter() - start
    seconds = interleaved({"run": _run(reasoner, facts)}, 3)["run"]
    print(f"{1000 * min(seconds):.1f} ms warm, {first:.1f} s for compiling and the first run")


# --- the knowledge, many times over -----------------------------------------------------------------------------------


def multiplied(kb: KnowledgeBase, times: int) -> KnowledgeBase:
    """The knowledge with every rule and finding ``times`` over, all arguing about the same ladder.

    Constraints stay those of the first copy: what is measured is the rules.
    """
    findings: dict[str, Finding] = {}
    rules: dict[str, Rule] = {}
    for copy in range(times):
        names = {name: _name(name, copy) for name in kb.findings}
        findings |= {names[name]: _finding(finding, names) for name, finding in kb.findings.items()}
        copies = (_rule(rule, names, copy) for rule in kb.rules.values())
        rules |= {rule.id: rule for rule in copies}
    return replace(kb, findings=findings, rules=rules, panels={}, invariants={})


def spread(facts: Facts, times: int) -> Facts:
    """Facts said of every copy of a finding."""
    return {_name(name, copy): value for copy in range(times) for name, value in facts.items()}


def _name(name: str, copy: int) -> str:
    return f"{name}_{copy}" if copy else name


def _finding(finding: Finding, names: Mapping[str, str]) -> Finding:
    asked_if = finding.asked_if and _premise(finding.asked_if, names)
    return replace(finding, name=names[finding.name], asked_if=asked_if)


def _rule(rule: Rule, names: Mapping[str, str], copy: int) -> Rule:
    return rule._replace(
        id=f"{rule.id}-{copy}" if copy else rule.id,
        when=tuple(_premise(premise, names) for premise in rule.when),
        unless=tuple(_premise(premise, names) for premise in rule.unless),
        then=tuple(it._replace(target=names[it.target]) if it.role == "finding" else it for it in rule.then),
    )


def _premise(premise: Premise, names: Mapping[str, str]) -> Premise:
    match premise:
        case Is() | In() | Compare():
            return replace(premise, finding=names[premise.finding])
        case Not():
            return Not(_premise(premise.premise, names))
        case All():
            return All(tuple(_premise(part, names) for part in premise.premises))
        case Any():
            return Any(tuple(_premise(part, names) for part in premise.premises))
        case Concluded() | Exclusive():
            raise ValueError("a rule speaks of findings")


if __name__ == "__main__":
    if sys.argv[1:2] == ["rete"]:
        rete(int(sys.argv[2]))
    else:
        main()
