"""``rules/*.yaml`` and ``invariants.yaml``: what follows from what."""

from __future__ import annotations

from collections.abc import Iterator

from expert.model import All, Conclusion, Invariant, Kind, Rule
from expert.read.fields import KEBAB, Fields, entries
from expert.read.ladder import Ladder
from expert.read.premise import PremiseReader
from expert.read.source import Node, Problems, Scalar, location

_RULE = "title when unless then because cite"
_ROLES = ("supports", "excludes", "cautions", "prefers", "alert", "advise")
_FORMS = "FINDING, FINDING is VALUE, supports/excludes/cautions STEP, prefers STEP.OPTION, alert NAME or advise NAME"


class RuleReader:
    """Reads rules over one vocabulary, one ladder and one list of citations; ids are unique over all files."""

    def __init__(self, premises: PremiseReader, ladder: Ladder, citations: list[str], problems: Problems) -> None:
        self.premises, self.ladder, self.citations, self.problems = premises, ladder, citations, problems
        self.rules: dict[str, Rule] = {}
        options = [option.name for step in ladder.steps.values() for option in step.options]
        places = [*ladder.steps, *ladder.groups]
        self.targets = {
            "supports": [*places, *options],
            "excludes": [*places, *options],
            "cautions": [*places, *options],
            "prefers": options,
            "alert": list(ladder.alerts),
            "advise": list(ladder.advice),
        }
        self.concluded = {name: finding for name, finding in premises.findings.items() if finding.concluded}

    def file(self, node: Node | None) -> None:
        """Read the rules of one file."""
        top = Fields(node, "a rule file", "rules", "rules", self.problems)
        for key, value in entries(top.get("rules"), "rules", KEBAB, self.problems):
            if key.text in self.rules:
                self.problems.add(key, f"the rule {key.text!r} appears twice; first at {self.rules[key.text].at}")
            else:
                self.rules[key.text] = self._rule(key, value)

    def _rule(self, key: Scalar, node: Node) -> Rule:
        fields = Fields(node, "a rule", _RULE, "title when then because cite", self.problems)
        when = self.premises.condition(fields.get("when"))
        unless = self.premises.conjunction(fields.get("unless"))
        then = [conclusion for line in fields.words("then") for conclusion in self._conclusion(line)]
        cite = fields.names("cite", "a claim or another reference", self.citations)
        return Rule(
            key.text,
            fields.text("title"),
            when,
            unless,
            tuple(dict.fromkeys(then)),
            fields.text("because"),
            cite,
            location(key),
        )

    def _conclusion(self, node: Scalar) -> Iterator[Conclusion]:
        first, *rest = node.text.split()
        if first in _ROLES:
            yield from self._argument(node, first, rest)
        elif not rest or (rest[0] == "is" and len(rest) == 2):
            yield from self._finding(node, first, rest[1] if rest else "")
        else:
            self.problems.add(
                node, f"{node.text[:60]!r} is not a conclusion", expected=_FORMS, word=first, among=_ROLES
            )

    def _argument(self, node: Scalar, role: str, rest: list[str]) -> Iterator[Conclusion]:
        known = self.targets[role]
        if len(rest) != 1 or rest[0] not in known:
            word = " ".join(rest)
            what = {"prefers": "an option", "alert": "an alert", "advise": "an advice"}.get(
                role, "a step, a step group or an option"
            )
            self.problems.add(node, f"{word[:60]!r} is not {what}", word=word, among=known, offset=node.text.find(word))
            return
        for step in self.ladder.steps_of(rest):
            yield Conclusion(role, step)

    def _finding(self, node: Scalar, name: str, value: str) -> Iterator[Conclusion]:
        finding = self.concluded.get(name)
        if finding is None:
            if name in self.premises.findings:
                self.problems.add(node, f"{name!r} is a finding that people give", expected="a concluded finding")
            elif name not in self.premises.names:
                known = [*self.concluded, *_ROLES]
                self.problems.add(node, f"{name[:60]!r} is not a concluded finding", word=name, among=known)
        elif finding.kind is Kind.YES_NO:
            if value:
                self.problems.add(node, f"{name} is a yes/no finding: rules prove it, or leave it", expected=name)
            yield Conclusion("finding", name)
        elif value in finding.values:
            yield Conclusion("finding", name, value)
        else:
            message = f"{value[:60]!r} is not a value of {name}" if value else f"{name} is a choice"
            self.problems.add(
                node, message, expected="" if value else f"{name} is VALUE", word=value, among=finding.values
            )


def read_invariants(node: Node | None, reader: RuleReader) -> dict[str, Invariant]:
    """Read the invariants with the words that rules are written in."""
    problems = reader.problems
    top = Fields(node, "the file of invariants", "invariants", "invariants", problems)
    found: dict[str, Invariant] = {}
    for key, value in entries(top.get("invariants"), "invariants", KEBAB, problems):
        fields = Fields(
            value, "an invariant", "title never always when because cite", "title when because cite", problems
        )
        words = [word for word in ("never", "always") if word in fields.entries]
        if len(words) != 1:
            problems.add(value, "an invariant says never or always, once", expected="never: recommended STEP")
            continue
        said, _, target = fields.text(words[0]).partition(" ")
        known = [*reader.ladder.steps, *reader.ladder.groups]
        if said != "recommended" or target not in known:
            problems.add(
                fields.entries[words[0]],
                f"{said} {target}".strip()[:60] + " is not a promise",
                expected="recommended STEP",
                word=target,
                among=known,
            )
            continue
        when = reader.premises.condition(fields.get("when"))
        cite = fields.names("cite", "a claim or another reference", reader.citations)
        steps = reader.ladder.steps_of([target])
        found[key.text] = Invariant(
            key.text,
            fields.text("title"),
            words[0] == "always",
            target,
            steps,
            All(when),
            fields.text("because"),
            cite,
            location(key),
        )
    return found
