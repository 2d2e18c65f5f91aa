"""Random drafts of knowledge folders: every form of the language, small enough to enumerate all patients.

A seed gives the same draft in every process and under every version of Python.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from tests.fuzz.language import Draft, cells_of, inputs_of, line, lines_of, number, premises_of, value_of
from tests.fuzz.meaning import Meaning

MOST_PATIENTS = 400
"""The greatest number of complete patients of a draft, constraints aside."""

EMPTY_SHARE = 0.15
"""The share that is kept of the drafts whose constraints leave no patient."""

NAMES = ("ache", "blush", "cough", "drowsy", "itch")
VALUES = ("none", "mild", "severe", "other")

QUANTITIES: Sequence[tuple[Mapping[str, str], Sequence[str], Sequence[str]]] = (
    ({"unit": "kg", "range": "0 kg .. 50 kg"}, ["0 kg", "10 kg", "12500 g", "50 kg"], ["0 kg", "50 kg", "11 kg"]),
    (
        {"unit": "weeks", "range": "1 week .. 2 years"},
        ["1 week", "3 months", "6 weeks", "42 days", "2 years"],
        ["1 week", "2 years", "60 days"],
    ),
    ({"range": "0 .. 1"}, ["0", "1/3", "2/3", "67 %", "0.67", "1"], ["0", "1", "2/3"]),
    ({"range": "-10 .. 10", "resolution": "0.5"}, ["-10", "-2.5", "0", "10"], ["-10", "0", "10"]),
    ({"unit": "cm", "range": "5 mm .. 2 m"}, ["5 mm", "1 cm", "0.5 m", "50 cm", "2 m"], ["5 mm", "2 m", "40 cm"]),
    (
        {"unit": "years", "range": "18 years .. 120 years", "unit_may_be_omitted": "yes"},
        ["18 years", "65 years", "780 months", "120 years"],
        ["18 years", "120", "40"],
    ),
    ({"unit": "hours", "range": "0 minutes .. 3 days"}, ["0 hours", "90 minutes", "1 day", "3 days"], ["0 hours"]),
)
"""Keys of a quantity, thresholds for it (at the ends, and the same one in two spellings), and usual values."""


def random_draft(seed: int | str) -> Draft:
    """The draft of a seed."""
    rng = Random(f"draft {seed}")
    while True:
        draft = _Drawing(rng).draft()
        if patients_of(draft) <= MOST_PATIENTS and (Meaning(draft).allowed.any() or rng.random() < EMPTY_SHARE):
            return draft


def patients_of(draft: Draft) -> int:
    """The number of complete patients of a draft, including those that constraints forbid."""
    thresholds: dict[str, list[float]] = {}
    for it in (it for premise in premises_of(draft) for it in lines_of(premise)):
        thresholds.setdefault(it.finding, []).extend([] if it.threshold is None else [it.threshold])
    count = 1
    for name, finding in inputs_of(draft).items():
        count *= len(cells_of(finding, thresholds.get(name, [])))
    return count


class _Drawing:
    """A draft in the making."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.inputs: dict[str, dict[str, Any]] = {}
        self.thresholds: dict[str, Sequence[str]] = {}
        self.concluded: dict[str, dict[str, Any]] = {}
        self.rules: dict[str, dict[str, Any]] = {}

    def draft(self) -> Draft:
        self._findings()
        constraints = self._constraints()
        self._conclusions()
        ladder = self._ladder()
        self._arguments(ladder)
        self._follow_ups()
        return {
            "findings": {**self.inputs, **self._recorded()},
            "concluded": self.concluded,
            "constraints": constraints,
            "panels": self._panels(),
            "rules": self.rules,
            **ladder,
            "invariants": self._invariants(ladder),
        }

    # --- chances

    def _chance(self, share: float) -> bool:
        return self.rng.random() < share

    def _one(self, some: Sequence[Any]) -> Any:
        return self.rng.choice(some)

    def _few(self, *counts: int) -> int:
        return self.rng.choice(counts)

    # --- the vocabulary

    def _findings(self) -> None:
        for name in NAMES[: self._few(2, 3, 4, 5, 5)]:
            kind = self._one(["yes_no", "yes_no", "choice", "quantity", "quantity"])
            it: dict[str, Any] = {"type": kind}
            values: Sequence[str] = ["yes", "no"]
            if kind == "choice":
                it["values"] = values = self.rng.sample(VALUES, self._few(2, 3, 3, 4))
                if self._chance(0.3):
                    it["alike"] = self.rng.sample(list(values), 2)
            elif kind == "quantity":
                keys, thresholds, values = self._one(QUANTITIES)
                it |= keys
                self.thresholds[name] = self.rng.sample(list(thresholds), self._few(1, 2, 2, 3))
            site = self._chance(0.15)
            if self._chance(0.75):
                it["default" if site and self._chance(0.5) else "usual"] = self._one(values)
            self.inputs[name] = {**it, "group": "site"} if site else it

    def _recorded(self) -> dict[str, dict[str, Any]]:
        """Findings for the record, which nothing reads."""
        kinds: Sequence[dict[str, Any]] = (
            {"type": "yes_no"},
            dict(QUANTITIES[0][0], type="quantity"),
            {"type": "choice", "values": list(VALUES)},
        )
        some = self.rng.sample(kinds, self._few(0, 0, 1, 2))
        return {f"noted_{place}": {**it, "for_record": "yes", "group": "patient"} for place, it in enumerate(some)}

    def _follow_ups(self) -> None:
        for place, (name, it) in enumerate(self.inputs.items()):
            if "usual" in it and self._chance(0.3):
                it["presumed_unless"] = self._premises([other for other in self.inputs if other != name], 2)
            if place and self._chance(0.15):
                it["asked_if"] = self._premises([*list(self.inputs)[:place], *self.concluded], 2)
            self.inputs[name] = {key: it[key] for key in it if key != "group"} | {"group": it.get("group", "patient")}

    def _panels(self) -> dict[str, dict[str, str]]:
        if not self._chance(0.3):
            return {}
        return {"panel": {name: self._one(self._values(name)) for name in self.rng.sample(list(self.inputs), 2)}}

    def _values(self, name: str) -> Sequence[str]:
        it = self.inputs[name]
        if it["type"] == "quantity":
            return [*self.thresholds[name], *(it[key] for key in ("usual", "default") if key in it)]
        return list(it.get("values", ["yes", "no"]))

    def _constraints(self) -> dict[str, list[Any]]:
        """Constraints, mostly entangled: they are about few findings, often about one."""
        names = self.rng.sample(list(self.inputs), min(len(self.inputs), self._few(2, 2, 3, 5)))
        found: dict[str, list[Any]] = {}
        for index in range(self._few(0, 0, 1, 2, 3, 4)):
            wide = self.rng.sample(names, min(len(names), self._few(1, 2, 2, 3)))
            found[f"c{index}"] = [self._line(name) for name in wide] if self._chance(0.7) else self._premises(names, 3)
        usual = [name for name in names if "usual" in self.inputs[name]]
        if usual and self._chance(0.3):  # presumptions that more than one constraint excludes
            name = self._one(usual)
            found |= {"unusual": [self._met(name)], "most": [self._met(name), self._line(self._one(names))]}
        if self._chance(0.03):  # no patient is left
            it = self._line(names[0])
            found |= {"this": [it], "and-not-this": [{"not": it}]}
        return found

    def _met(self, name: str) -> str:
        """A line that the usual value of a finding meets and other values do not, if a few attempts find one."""
        it = self.inputs[name]
        for _ in range(10):
            text = self._line(name)
            cells = cells_of(it, [number(threshold, it.get("unit", "")) for threshold in self.thresholds.get(name, ())])
            if line(text).holds(value_of(it, it["usual"])) and not all(line(text).holds(cell.value) for cell in cells):
                break
        return text

    # --- premises

    def _premises(self, names: Sequence[str], most: int, depth: int = 2) -> list[Any]:
        return [self._premise(names, depth) for _ in range(self.rng.randint(1, most))]

    def _premise(self, names: Sequence[str], depth: int) -> Any:
        if not depth or self._chance(0.7):
            return self._line(self._one(names))
        return {self._one(["any", "any", "all", "not"]): self._premises(names, 3, depth - 1)}

    def _line(self, name: str) -> str:
        it = self.inputs.get(name) or self.concluded[name]
        if "values" in it:
            some = [value for value in it["values"] if self._chance(0.5)] or it["values"][:1]
            about = [f"is {some[0]}", f"is not {some[0]}", f"in [{', '.join(some)}]"]
            form: str = self._one(about)
            return f"{'not ' if 'is not' not in form and self._chance(0.2) else ''}{name} {form}"
        if it.get("type") == "quantity":
            return f"{name} {self._one(['<', '<=', '>', '>='])} {self._one(self.thresholds[name])}"
        return f"{self._one([f'{name}', f'not {name}', name, f'{name} is no', f'{name} is not yes'])}"

    # --- what is concluded

    def _conclusions(self) -> None:
        for index in range(self._few(0, 1, 1, 2, 3, 4)):
            known = [*self.inputs, *self.concluded]
            name = f"found_{index}"
            if self._chance(0.5):
                for number in range(self._few(1, 1, 2)):
                    self._rule(f"{name}-{number}".replace("_", "-"), known, [name])
                self.concluded[name] = {}
            else:
                self._choice(name, known)

    def _choice(self, name: str, known: Sequence[str]) -> None:
        """A concluded choice; mostly its rules exclude each other."""
        values = self.rng.sample(VALUES, self._few(2, 2, 3))
        apart, before = self._chance(0.8), list[Any]()
        for value in values:
            if self._chance(0.75):
                when = self._premises(known, 2, 1)
                it: dict[str, Any] = {"when": when}
                if apart and before:
                    it["unless"] = list(before)
                before.append({"all": when})
                self.rules[f"{name}-{value}".replace("_", "-")] = {**it, "then": f"{name} is {value}"}
        self.concluded[name] = {"type": "choice", "values": values}
        if self._chance(0.6):
            self.concluded[name]["otherwise"] = self._one(values)

    def _rule(self, name: str, known: Sequence[str], then: list[str]) -> None:
        it: dict[str, Any] = {"when": self._premises(known, 2) if self._chance(0.9) else "always"}
        if self._chance(0.3):
            it["unless"] = self._premises(known, 2, 1)
        self.rules[name] = {**it, "then": then[0] if len(then) == 1 else then}

    # --- the ladder

    def _ladder(self) -> dict[str, Any]:
        names = ["wait", "look", "treat", "refer"][: self._few(2, 3, 3, 4)]
        steps: dict[str, dict[str, Any]] = {}
        for name in names:
            it: dict[str, Any] = {}
            if self._chance(0.3):
                it["gate"] = "yes"
                if self._chance(0.6):
                    it["meanwhile"] = self._one([other for other in names if other != name])
            if self._chance(0.1):
                it["never_recommended"] = "yes"
            if self._chance(0.35):
                options = ["left", "right"][: self._few(1, 2)]
                it["options"] = {option: self._one([{}, {"offered": "if_supported"}]) for option in options}
            steps[name] = it
        groups = {"group": self.rng.sample(names, 2)} if self._chance(0.3) else {}
        alerts = ["bell"] if self._chance(0.5) else []
        belongs = self.rng.sample([*names, *groups], self._few(1, 2))
        advice = {"rest": belongs} if self._chance(0.5) else {}
        return {"steps": steps, "groups": groups, "alerts": alerts, "advice": advice}

    def _arguments(self, ladder: Draft) -> None:
        known = [*self.inputs, *self.concluded]
        steps, groups = list(ladder["steps"]), list(ladder["groups"])
        options = [f"{name}.{option}" for name, it in ladder["steps"].items() for option in it.get("options", ())]
        arguments = [f"{role} {place}" for role in ("supports", "excludes", "cautions")
                     for place in (*steps, *groups, *options)]  # fmt: skip
        arguments += [f"supports {step}" for step in steps] * 3 + [f"excludes {step}" for step in steps]
        arguments += [f"prefers {it}" for it in options]
        arguments += [f"alert {it}" for it in ladder["alerts"]] + [f"advise {it}" for it in ladder["advice"]]
        for index in range(self._few(3, 4, 5, 6, 8)):
            then = list(dict.fromkeys(self._one(arguments) for _ in range(self._few(1, 1, 2))))
            self._rule(f"r{index}", known, then)
        if self._chance(0.5):
            self.rules["last"] = {"when": "always", "then": f"supports {steps[-1]}"}

    def _invariants(self, ladder: Draft) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        places = [*ladder["steps"], *ladder["groups"]]
        options = [f"{name}.{option}" for name, it in ladder["steps"].items() for option in it.get("options", ())]
        promised = [f"recommended {it}" for it in places] + [f"offered {it}" for it in options]
        for index in range(self._few(0, 0, 1, 2)):
            when = self._premises([*self.inputs, *self.concluded], 2)
            found[f"i{index}"] = {self._one(["never", "always"]): self._one(promised), "when": when}
        ordered = [name for name, it in self.inputs.items() if it["type"] != "yes_no"]
        if ordered and self._chance(0.4):
            way = f"{self._one(ordered)} {self._one(['rises', 'falls'])}"
            found["way"] = {"never": f"available {self._one(places)}", "as": way}
        return found
