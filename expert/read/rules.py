"""``rules/*.yaml`` and ``invariants.yaml``: what follows from what."""

from __future__ import annotations

from collections.abc import Iterator

from expert.lang.errors import quoted
from expert.lang.format import FORMS
from expert.lang.model import RULE_STATUSES, Conclusion, Direction, Evidence, Invariant, Review, Rule, RuleStatus
from expert.lang.premises import All
from expert.lang.roles import CONCLUSION_FORMS, ROLES, Role
from expert.lang.vocabulary import Kind
from expert.read.fields import Fields
from expert.read.ladder import Ladder
from expert.read.premise import PremiseReader
from expert.read.source import Mapping, Names, Node, Problems, Scalar, location


class RuleReader:
    """Reads rules over one vocabulary, one ladder and one list of citations; ids are unique over all files."""

    def __init__(self, premises: PremiseReader, ladder: Ladder, citations: Names, problems: Problems) -> None:
        self.premises, self.ladder, self.citations, self.problems = premises, ladder, citations, problems
        self.rules: dict[str, Rule] = {}
        self.keys: dict[str, Scalar] = {}
        self.replaced: dict[str, Node] = {}
        self.whole = True  # whether all ids could be read
        self.targets = {role: ladder.names_of(it.targets) for role, it in ROLES.items()}
        self.concluded = {name: finding for name, finding in premises.findings.items() if finding.concluded}

    def file(self, node: Node | None) -> None:
        """Read the rules of one file."""
        top = Fields(node, FORMS["rules"], self.problems)
        self.whole &= top.whole("rules")
        for key, value in top.named("rules"):
            rule = self._rule(key, value)
            if key.text in self.rules:
                message = f"the rule {quoted(key.text)} appears twice; first at {self.rules[key.text].at}"
                self.problems.add(key, message, expected="each id once")
            else:
                self.rules[key.text] = rule
                self.keys[key.text] = key

    def _rule(self, key: Scalar, node: Node) -> Rule:
        fields = Fields(node, FORMS["rule"], self.problems)
        status, since, replaced_by = self._life(key.text, fields)
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
            status,
            since,
            replaced_by,
            self._evidence(fields.get("evidence")),
            tuple(self._review(by.text, review) for by, review in fields.named("reviewed")),
        )

    def _life(self, name: str, fields: Fields) -> tuple[RuleStatus, str, str]:
        """The status of a rule, since when it has it, and the rule in its place."""
        word = fields.choice("status")
        status: RuleStatus = next((it for it in RULE_STATUSES if it == word), "active")
        other = fields.get("replaced_by")
        if other is not None and status != "retired" and (word or not fields.get("status")):
            message = f"a rule with 'replaced_by' is retired, and {quoted(name)} is {status}"
            self.problems.add(other, message, expected="status: retired")
        elif other is not None:
            self.replaced.setdefault(name, other)
        return status, fields.date("since"), fields.text("replaced_by")

    def _evidence(self, node: Node | None) -> Evidence | None:
        if node is None:
            return None
        fields = Fields(node, FORMS["evidence"], self.problems)
        return Evidence(fields.text("grade"), fields.one_of("source", self.citations))

    def _review(self, by: str, node: Node) -> Review:
        fields = Fields(node, FORMS["review"], self.problems)
        return Review(by, fields.date("on"), fields.text("hash"))

    def check_replacements(self) -> None:
        """Report rules in the place of retired ones that do not exist, or that replace each other in a circle."""
        names = Names(self.rules, whole=self.whole)
        seen: set[str] = set()
        for rule, node in self.replaced.items():
            word = self.rules[rule].replaced_by
            if word and word not in names:
                self.problems.add(node, f"{quoted(word)} is not a rule", word=word, among=names)
            path = [rule]
            while (word := self.rules[path[-1]].replaced_by) in self.replaced and word not in (*path, *seen):
                path.append(word)
            if word in path:
                loop = [*path[path.index(word) :], word]
                message = f"rules are replaced by each other: {' by '.join(loop)}"
                self.problems.add(self.replaced[loop[0]], message, expected="a chain that ends at another rule")
            seen.update(path)

    def _conclusion(self, node: Scalar) -> Iterator[Conclusion]:
        first, *rest = node.text.split()
        role = next((it for it in ROLES if it == first), None)
        if role:
            yield from self._argument(node, role, rest)
        elif not rest or (rest[0] == "is" and len(rest) == 2):
            yield from self._finding(node, first, rest[1] if rest else "")
        else:
            message = f"{quoted(node.text)} is not a conclusion"
            self.problems.add(node, message, expected=CONCLUSION_FORMS, word=first, among=ROLES)

    def _argument(self, node: Scalar, role: Role, rest: list[str]) -> Iterator[Conclusion]:
        known = self.targets[role]
        word = " ".join(rest)
        if word not in known:
            what = ROLES[role].a_target
            message = f"{quoted(word)} is not {what}" if word else f"{role!r} needs {what}"
            offset = len(node.text) - len(node.text[len(role) :].lstrip())
            self.problems.add(node, message, word=word, among=known, offset=offset if word else 0)
            return
        for step in self.ladder.steps_of(rest):
            yield Conclusion(role, step, at=location(node))

    def _finding(self, node: Scalar, name: str, value: str) -> Iterator[Conclusion]:
        finding = self.concluded.get(name)
        if finding is None:
            if name in self.premises.findings:
                message = f"{name!r} is an input finding; no rule concludes it"
                self.problems.add(node, message, expected="a concluded finding")
            elif name not in self.premises.names:
                known = Names([*self.concluded, *ROLES], whole=self.premises.names.whole)
                self.problems.add(
                    node, f"{quoted(name)} is not a concluded finding", word=self.premises.called_now(name), among=known
                )
        elif finding.kind is Kind.QUANTITY:
            self.problems.add(node, f"{name} is a score; its points conclude it", expected="another conclusion")
        elif finding.kind is Kind.YES_NO and not value:
            yield Conclusion("finding", name, at=location(node))
        elif finding.kind is Kind.YES_NO:
            self.problems.add(
                node, f"{name} is a yes/no finding, which a rule concludes without a value", expected=name
            )
        elif value in finding.values:
            yield Conclusion("finding", name, value, location(node))
        elif value:
            offset = node.text.rindex(value)
            message = f"{quoted(value)} is not a value of {name}"
            self.problems.add(node, message, word=value, among=finding.values, offset=offset)
        else:
            self.problems.add(node, f"{name} is a choice", expected=f"{name} is VALUE")


def read_invariants(node: Node | None, reader: RuleReader) -> tuple[dict[str, Invariant], dict[str, Direction]]:
    """Read the invariants, those with a direction separately; ``reader`` has the vocabulary of the rules."""
    problems = reader.problems
    top = Fields(node, FORMS["invariants"], problems)
    invariants: dict[str, Invariant] = {}
    directions: dict[str, Direction] = {}
    for key, value in top.named("invariants"):
        if isinstance(value, Mapping) and "as" in value.entries:
            directions[key.text] = _direction(key, value, reader)
        else:
            invariants[key.text] = _invariant(key, value, reader)
    return invariants, directions


def _invariant(key: Scalar, node: Node, reader: RuleReader) -> Invariant:
    problems = reader.problems
    fields = Fields(node, FORMS["invariant"].of("promise"), problems)
    words = [word for word in ("never", "always") if word in fields.entries]
    if len(words) != 1 and fields.understood:
        problems.add(node, "an invariant has either never or always", expected="never: recommended STEP")
    known = {"recommended": reader.ladder.places, "offered": reader.ladder.options}
    status, target = _promised(fields, words[0], known) if len(words) == 1 else ("", "")
    return Invariant(
        key.text,
        fields.text("title"),
        words == ["always"],
        status,
        target,
        reader.ladder.steps_of([target]),
        All(reader.premises.condition(fields.get("when"))),
        fields.text("because"),
        fields.names("cite", "a claim or another reference", reader.citations),
        location(key),
    )


def _direction(key: Scalar, node: Node, reader: RuleReader) -> Direction:
    """``never: available STEP`` ``as: FINDING rises``: a rising finding never makes the step available again."""
    form = FORMS["invariant"].of("direction", "an invariant with a direction")
    fields = Fields(node, form, reader.problems)
    finding, rises = _way(fields, reader)
    _, target = _promised(fields, "never", {"available": reader.ladder.places})
    return Direction(
        key.text,
        fields.text("title"),
        target,
        reader.ladder.steps_of([target]),
        finding,
        rises,
        fields.text("because"),
        fields.names("cite", "a claim or another reference", reader.citations),
        location(key),
    )


def _way(fields: Fields, reader: RuleReader) -> tuple[str, bool]:
    """The finding that rises or falls, and whether it rises."""
    node = fields.entries["as"]
    name, _, way = fields.text("as").partition(" ")
    given = [it for it in reader.premises.findings.values() if not it.concluded and it.kind is not Kind.YES_NO]
    ordered = [it.name for it in given if not it.for_record]
    known = Names(ordered, whole=reader.premises.names.whole)
    if name and name not in known:
        message = f"{quoted(name)} is not an input finding of type choice or quantity"
        reader.problems.add(node, message, word=name, among=known)
    elif name and way not in ("rises", "falls"):
        message = f"{quoted(way)} is not a direction" if way else "a direction is missing"
        reader.problems.add(node, message, expected=f"{name} rises, or {name} falls")
    return name, way == "rises"


def _promised(fields: Fields, key: str, known: dict[str, Names]) -> tuple[str, str]:
    """What is promised of which step, step group or option; ``known`` are the targets of each status."""
    status, _, target = fields.text(key).partition(" ")
    node = fields.entries.get(key)
    if node is not None and status and status not in known:
        forms = " or ".join(f"{it} {'STEP.OPTION' if it == 'offered' else 'STEP'}" for it in known)
        fields.problems.add(node, f"{quoted(status)} is not a promise", expected=forms, word=status, among=known)
    elif node is not None and status and target not in known[status]:
        what = "an option" if status == "offered" else "a step or a step group"
        message = f"{quoted(target)} is not {what}"
        fields.problems.add(node, message, word=target, among=known[status], offset=len(status) + 1)
    return status, target
