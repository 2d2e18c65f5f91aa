"""``rules/*.yaml`` and ``invariants.yaml``: what follows from what."""

from __future__ import annotations

from collections.abc import Iterator

from expert.errors import quoted
from expert.model import All, Conclusion, Invariant, Kind, Rule
from expert.read.fields import KEBAB, Fields, entries
from expert.read.ladder import Ladder
from expert.read.premise import PremiseReader
from expert.read.source import Names, Node, Problems, Scalar, location
from expert.read.vocabulary import ROLES

_RULE = "title when unless then because cite"
_FORMS = "FINDING, FINDING is VALUE, supports/excludes/cautions STEP, prefers STEP.OPTION, alert NAME or advise NAME"
_ANY_PLACE = "a step, a step group or an option"
_TARGETS = {"prefers": "an option", "alert": "an alert", "advise": "an advice"}


class RuleReader:
    """Reads rules over one vocabulary, one ladder and one list of citations; ids are unique over all files."""

    def __init__(self, premises: PremiseReader, ladder: Ladder, citations: Names, problems: Problems) -> None:
        self.premises, self.ladder, self.citations, self.problems = premises, ladder, citations, problems
        self.rules: dict[str, Rule] = {}
        self.keys: dict[str, Scalar] = {}
        everywhere = Names([*ladder.places, *ladder.options], whole=ladder.places.whole and ladder.options.whole)
        self.targets = {
            **dict.fromkeys(("supports", "excludes", "cautions"), everywhere),
            "prefers": ladder.options,
            "alert": ladder.alert_names,
            "advise": ladder.advice_names,
        }
        self.concluded = {name: finding for name, finding in premises.findings.items() if finding.concluded}

    def file(self, node: Node | None) -> None:
        """Read the rules of one file."""
        top = Fields(node, "a rule file", "rules", "rules", self.problems)
        for key, value in entries(top.get("rules"), "rules", KEBAB, self.problems, some=True):
            rule = self._rule(key, value)
            if key.text in self.rules:
                message = f"the rule {quoted(key.text)} appears twice; first at {self.rules[key.text].at}"
                self.problems.add(key, message, expected="each id once")
            else:
                self.rules[key.text] = rule
                self.keys[key.text] = key

    def _rule(self, key: Scalar, node: Node) -> Rule:
        fields = Fields(node, "a rule", _RULE, "title when then because cite", self.problems)
        then = [conclusion for line in fields.words("then") for conclusion in self._conclusion(line)]
        return Rule(
            key.text,
            fields.text("title"),
            self.premises.condition(fields.get("when")),
            self.premises.conjunction(fields.get("unless")),
            tuple(dict.fromkeys(then)),
            fields.text("because"),
            fields.names("cite", "a claim or another reference", self.citations),
            location(key),
        )

    def _conclusion(self, node: Scalar) -> Iterator[Conclusion]:
        first, *rest = node.text.split()
        if first in ROLES:
            yield from self._argument(node, first, rest)
        elif not rest or (rest[0] == "is" and len(rest) == 2):
            yield from self._finding(node, first, rest[1] if rest else "")
        else:
            message = f"{quoted(node.text)} is not a conclusion"
            self.problems.add(node, message, expected=_FORMS, word=first, among=ROLES)

    def _argument(self, node: Scalar, role: str, rest: list[str]) -> Iterator[Conclusion]:
        known = self.targets[role]
        word = " ".join(rest)
        if word not in known:
            what = _TARGETS.get(role, _ANY_PLACE)
            message = f"{quoted(word)} is not {what}" if word else f"{role!r} needs {what}"
            offset = len(node.text) - len(node.text[len(role) :].lstrip())
            self.problems.add(node, message, word=word, among=known, offset=offset if word else 0)
            return
        for step in self.ladder.steps_of(rest):
            yield Conclusion(role, step)

    def _finding(self, node: Scalar, name: str, value: str) -> Iterator[Conclusion]:
        finding = self.concluded.get(name)
        if finding is None:
            if name in self.premises.findings:
                message = f"{name!r} is a finding that people give; no rule concludes it"
                self.problems.add(node, message, expected="a concluded finding")
            elif name not in self.premises.names:
                known = Names([*self.concluded, *ROLES], whole=self.premises.names.whole)
                self.problems.add(node, f"{quoted(name)} is not a concluded finding", word=name, among=known)
        elif finding.kind is Kind.YES_NO and not value:
            yield Conclusion("finding", name)
        elif finding.kind is Kind.YES_NO:
            self.problems.add(node, f"{name} is a yes/no finding: rules prove it, or leave it", expected=name)
        elif value in finding.values:
            yield Conclusion("finding", name, value)
        elif value:
            offset = node.text.rindex(value)
            message = f"{quoted(value)} is not a value of {name}"
            self.problems.add(node, message, word=value, among=finding.values, offset=offset)
        else:
            self.problems.add(node, f"{name} is a choice", expected=f"{name} is VALUE")


def read_invariants(node: Node | None, reader: RuleReader) -> dict[str, Invariant]:
    """Read the invariants with the words that rules are written in."""
    problems = reader.problems
    keys = "title never always when because cite"
    top = Fields(node, "the file of invariants", "invariants", "invariants", problems)
    found: dict[str, Invariant] = {}
    for key, value in entries(top.get("invariants"), "invariants", KEBAB, problems):
        fields = Fields(value, "an invariant", keys, "title when because cite", problems)
        word, target = _promise(value, fields, reader.ladder.places, problems)
        found[key.text] = Invariant(
            key.text,
            fields.text("title"),
            word == "always",
            target,
            reader.ladder.steps_of([target]),
            All(reader.premises.condition(fields.get("when"))),
            fields.text("because"),
            fields.names("cite", "a claim or another reference", reader.citations),
            location(key),
        )
    return found


def _promise(node: Node, fields: Fields, places: Names, problems: Problems) -> tuple[str, str]:
    """*never* or *always*, and the step or step group that is (not) to be recommended."""
    words = [word for word in ("never", "always") if word in fields.entries]
    if len(words) != 1:
        if fields.understood:
            problems.add(node, "an invariant says never or always, once", expected="never: recommended STEP")
        return "", ""
    said, _, target = fields.text(words[0]).partition(" ")
    if said and said != "recommended":
        problems.add(fields.entries[words[0]], f"{quoted(said)} is not a promise", expected="recommended STEP")
    elif said and target not in places:
        message = f"{quoted(target)} is not a step or a step group"
        offset = len(said) + 1
        problems.add(fields.entries[words[0]], message, word=target, among=places, offset=offset)
    return words[0], target
