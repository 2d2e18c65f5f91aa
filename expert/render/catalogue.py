"""The knowledge as lists and single entries: findings, rules, and who uses what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import IO, NamedTuple, Protocol

from expert.lang.errors import InputError, Problem, meant, nearest, quoted
from expert.lang.folder_layout import kind_of
from expert.lang.model import Advice, KnowledgeBase, Note, Reference, Rule
from expert.lang.premises import All, written
from expert.lang.roles import ROLES, Role, roles_for
from expert.lang.units import write_value
from expert.lang.vocabulary import Finding, Kind
from expert.read.uses import Use, uses_of
from expert.render.phrases import STANDING, further_unit, further_words
from expert.render.plain import counted
from expert.render.terminal import Terminal
from expert.render.uses import Uses, life_of


class _Titled(Protocol):
    @property
    def title(self) -> str: ...


class Shelf(NamedTuple):
    """The entries of one kind.

    Attributes:
        name: the kind, in the plural, by which its entries are listed.
        about: what they are.
        titles: the entries by id, each with its title.
        write: writes one entry.
    """

    name: str
    about: str
    titles: Mapping[str, str]
    write: Callable[[str], None]

    @property
    def kind(self) -> str:
        """What an entry is called in the index of uses."""
        return self.name if self.name in ("advice", "plausible") else self.name.replace("-", " ").removesuffix("s")


class Catalogue(Terminal):
    """Writes what a knowledge base holds."""

    def __init__(self, file: IO[str], kb: KnowledgeBase) -> None:
        super().__init__(file)
        self.kb, self.uses = kb, Uses(kb)

    def overview(self) -> None:
        """What can be shown."""
        lists = ((f"show {it.name}", f"{len(it.titles):4}", it.about) for it in self.shelves if it.titles)
        self.columns((*lists, ("show lints", "", "what expert check looks for, and what it proves")), (18, 4), indent=0)
        self.say()
        groups, topics = ", ".join([*self.kb.groups, "concluded"]), ", ".join(self.uses.topics)
        self.columns(
            (
                ("show findings GROUP", f"the findings of a group: {groups}"),
                ("show rules FILE", f"the rules of a file: {topics}"),
                ("show NAME", "one entry by its id, and what uses it, such as show " + next(iter(self.kb.findings))),
            ),
            (20,),
            indent=0,
        )

    # --- lists

    def entries(self, name: str, part: str | None = None) -> None:
        """The entries of a kind; of findings those of one group, of rules those of one file."""
        if name == "findings":
            self.findings(part)
        elif name == "rules":
            self.rules(part)
        else:
            titles = next(it.titles for it in self.shelves if it.name == name)
            self.columns(titles.items(), (max(map(len, titles), default=0),), indent=0)

    def findings(self, group: str | None) -> None:
        """All findings by group, or those of one group."""
        self._check(group, [*self.kb.groups, "concluded"], "group")
        for name, title in self.kb.groups.items():
            if group in (None, name):
                self._group(f"{title} ({name})", (it for it in self.kb.given.values() if it.group == name))
        if group in (None, "concluded"):
            self._group("Concluded by rules (concluded)", self.kb.concluded.values())
        if group is None:
            for panel in self.kb.panels.values():
                self.heading(f"Panel {panel.name}: {panel.title}")
                self.say(f"{panel.name}: none answers {', '.join(panel.members)} at once", 2)

    def _group(self, title: str, findings: Iterable[Finding]) -> None:
        self.heading(title)
        self.columns(((it.name, values(it), it.title) for it in findings), (30, 24))

    def rules(self, topic: str | None) -> None:
        """All rules by file, or those of one."""
        topics = self.uses.topics
        self._check(topic, list(topics), "topic")
        for name, rules in topics.items():
            if topic in (None, name):
                self.heading(name)
                for rule in rules:
                    self.say(rule.id + (f" ({rule.status})" if rule.status != "active" else ""), 2)
                    self.say(f"{rule.title} [{' '.join(rule.cite)}]", 4)
        self.say()
        self.say(
            ", ".join([f"{counted(len(self.kb.rules), 'rule')} in {counted(len(topics), 'file')}", *self._inactive()])
        )

    def _inactive(self) -> Iterator[str]:
        """How many rules are drafts, and how many are retired."""
        found = Counter(rule.status for rule in self.kb.inactive.values())
        if found["draft"]:
            yield counted(found["draft"], "draft")
        if found["retired"]:
            yield f"{found['retired']} retired"

    @staticmethod
    def _check(word: str | None, known: list[str], what: str) -> None:
        if word is not None and word not in known:
            raise InputError(
                [Problem(f"{quoted(word)} is not a {what}", expected=", ".join(known), suggestion=nearest(word, known))]
            )

    # --- one entry

    @property
    def kinds(self) -> Sequence[str]:
        """The names of lists."""
        return [it.name for it in self.shelves]

    @property
    def ids(self) -> Sequence[str]:
        """The ids of all entries."""
        return [name for it in self.shelves for name in it.titles]

    def show(self, id: str, others: Sequence[str] = ()) -> None:
        """The entries of an id: several if, for example, an alert has the name of a finding.

        ``others`` are names of what is not in the knowledge, for a suggestion.

        Raises:
            InputError: there is no such entry.
        """
        found = [it for it in self.shelves if id in it.titles]
        if not found:
            titles = {name: title for shelf in self.shelves for name, title in shelf.titles.items()}
            near = meant(id, {**titles, **dict.fromkeys(others, "")})
            listed = "an id, or a list that expert show names"
            raise InputError([Problem(f"{quoted(id)} is not in the knowledge", expected=listed, suggestion=near)])
        for place, shelf in enumerate(found):
            if place:
                self.say()
            shelf.write(id)
            self._named_by(shelf.kind, id)

    @cached_property
    def shelves(self) -> tuple[Shelf, ...]:
        """All kinds of entries."""
        kb = self.kb
        references = {it.id: it.title or it.text for it in kb.references.values()}
        return (
            Shelf(
                "findings",
                "what can be known of a patient or a site, and what rules conclude",
                _titles(kb.findings),
                self._finding,
            ),
            Shelf("panels", "findings that one answer gives together", _titles(kb.panels), self._panel),
            Shelf("rules", "the rules by file", _titles(kb.written_rules), self._rule),
            Shelf("steps", "the steps of the ladder", _titles(kb.steps), self._step),
            Shelf("step-groups", "names for several steps", _titles(kb.step_groups), self._step_group),
            Shelf("options", "what the steps offer", _titles(kb.options), self._option),
            Shelf("alerts", "warnings, shown whatever the step", _titles(kb.alerts), partial(self._notice, "alert")),
            Shelf("advice", "advice that goes with steps", _titles(kb.advice), partial(self._notice, "advise")),
            Shelf("references", "the claims and sources behind the rules", references, self._reference),
            Shelf("notes", "where current guidance differs", {it.id: it.text for it in kb.notes.values()}, self._note),
            Shelf("invariants", "what must always or never be recommended", _titles(kb.invariants), self._invariant),
            Shelf(
                "constraints",
                "facts that cannot be true together",
                {it.id: it.because for it in kb.constraints},
                self._constraint,
            ),
            Shelf(
                "plausible",
                "values that do not go together",
                {it.id: it.because for it in kb.plausible},
                self._plausible,
            ),
            Shelf(
                "units",
                "units that this knowledge adds",
                {it: further_unit(unit) for it, unit in kb.further_units.items()},
                self._further_unit,
            ),
        )

    def _rule(self, id: str) -> None:
        rule = self.kb.written_rules[id]
        self.say(f"{rule.title}", style="bold")
        self.say(f"rule {rule.id}, {rule.at.place}", 2, "dim")
        for line in life_of(rule):
            self.say(line, 2)
        for word, premises in (("when", rule.when), ("unless", rule.unless)):
            for premise in premises:
                self.say(f"{word} {written(premise)}", 2)
        if not rule.when:
            self.say("when always", 2)
        for conclusion in rule.then:
            self.say(f"then {conclusion.line}", 2)
        self.say(f"because: {rule.because}", 2)
        self._citations(rule.cite)
        cited = {name: it.cite for places in (self.kb.steps, self.kb.options) for name, it in places.items()}
        targets = [it.target for it in rule.then if it.role in {*roles_for("step"), *roles_for("option")}]
        self._differing(*rule.cite, *(claim for name in targets for claim in cited[name]))

    def _finding(self, id: str) -> None:
        finding = self.kb.findings[id]
        self._entry(
            finding.title,
            finding.name,
            finding.ask,
            f"values: {values(finding)}",
            f"also read: {further_words(finding)}" if finding.also else "",
            f"presumed while unknown: {finding.usual_written}" if finding.usual is not None else "",
            f"not presumed where: {written(finding.presumed_unless)}" if finding.presumed_unless else "",
            f"default of a site: {finding.default}" if finding.default is not None else "",
            f"asked if: {written(finding.asked_if)}" if finding.asked_if else "",
            f"stated in steps of {write_value(finding, finding.resolution)}" if finding.resolution else "",
            "" if finding.modifiable else "cannot change any more",
            "for the record: shown, and no rule reads it" if finding.for_record else "",
            *(f"{it.points:+d} if {written(All(it.when))}" for it in finding.points),
        )
        if finding.concluded:
            self._arguing("Concluded by", "finding", id)
        self._rules("Read by", self.uses.readers(id))
        self._list("Counted by", [f"{score.name}: {score.title}" for score in self.uses.counting(id)])

    def _step(self, id: str) -> None:
        step = self.kb.steps[id]
        self._entry(
            step.title,
            step.name,
            step.summary,
            "a gate: while it is recommended, later available steps wait" if step.gate else "",
            "listed and explained, never recommended" if step.never_recommended else "",
        )
        self._citations(step.cite)
        for role in roles_for("step"):
            self._arguing(ROLES[role].by, role, id)
        self._list("Options", [f"{option.name}: {option.title}" for option in step.by_standing])
        self._differing(*step.cite)

    def _option(self, id: str) -> None:
        option = self.kb.options[id]
        offered = "on offer if a rule supports it" if option.if_supported else "on offer with its step"
        self._entry(option.title, option.name, option.note, offered, STANDING[option.standing])
        self._citations(option.cite)
        for role in sorted(roles_for("option"), key=lambda role: ROLES[role].sign in ("-", "!")):
            self._arguing(role.capitalize(), role, id)
        self._differing(*option.cite)

    def _notice(self, role: Role, id: str) -> None:
        notice = self.kb.advice[id] if role == "advise" else self.kb.alerts[id]
        with_steps = f"shown with: {', '.join(notice.steps)}" if isinstance(notice, Advice) else ""
        self._entry(notice.title, id, notice.text, with_steps)
        self._arguing(ROLES[role].by, role, id)

    def _reference(self, id: str) -> None:
        reference: Reference = self.kb.references[id]
        about = ", ".join(word for word in (reference.title, reference.year, reference.section) if word)
        self.say(f"{reference.id}  {reference.kind}{f' ({about})' if about else ''}", style="bold")
        self.say(reference.text, 2)
        if reference.reading:
            self.say(f"read as: {reference.reading}", 2)
        for mark in _recalled(reference):
            self.say(mark, 2)
        citing = self.uses.citing(id)
        self._rules("Cited by", citing.rules)
        self._list("Cited in the ladder by", [*(it.name for it in citing.steps), *(it.name for it in citing.options)])
        self._notes((*citing.differing, *citing.sources_of))

    def _panel(self, id: str) -> None:
        panel = self.kb.panels[id]
        self._entry(panel.title, id, panel.ask, *(f"{name}: {self.kb.findings[name].ask}" for name in panel.members))

    def _constraint(self, id: str) -> None:
        constraint = next(it for it in self.kb.constraints if it.id == id)
        self._entry(constraint.because, id, f"never together: {'; '.join(map(written, constraint.never))}")

    def _plausible(self, id: str) -> None:
        it = next(it for it in self.kb.plausible if it.id == id)
        said = f"always: {it.always.line}" if it.always else f"never together: {'; '.join(map(written, it.never))}"
        self._entry(it.because, id, said, f"level: {it.level}")

    def _invariant(self, id: str) -> None:
        it = self.kb.invariants[id]
        promise = f"{'always' if it.always else 'never'} {it.status} {it.target} when {written(it.when)}"
        self._entry(it.title, id, promise, f"because: {it.because}")
        self._citations(it.cite)

    def _note(self, id: str) -> None:
        note = self.kb.notes[id]
        self._entry(f"Where guidance differs from {', '.join(note.differs_from)}", id, note.text, *_recalled(note))
        self._citations(note.sources)

    def _step_group(self, id: str) -> None:
        group = self.kb.step_groups[id]
        self._entry(group.title, id, f"steps: {', '.join(group.steps)}")

    def _further_unit(self, id: str) -> None:
        self._entry("Unit", id, further_unit(self.kb.further_units[id]))

    # --- parts of entries

    def _entry(self, title: str, id: str, *lines: str) -> None:
        """The head of an entry and the lines below it."""
        self.say(f"{title} ({id})", style="bold")
        for line in filter(None, lines):
            self.say(line, 2)

    def _citations(self, ids: Iterable[str]) -> None:
        for name in ids:
            reference = self.kb.references[name]
            text = f"{reference.title}: {reference.text}" if reference.title else reference.text
            self.say(f"{name}: {text}", 2, "dim", hanging=2)

    def _differing(self, *claims: str) -> None:
        """Where guidance differs from claims."""
        self._notes(self.uses.differing(claims))

    def _notes(self, notes: Iterable[Note]) -> None:
        listed = [
            " ".join([f"{note.id}: {note.text}", *(f"({mark})" for mark in _recalled(note))])
            for note in dict.fromkeys(notes)
        ]
        self._list("Guidance that differs", listed)

    def _named_by(self, kind: str, id: str) -> None:
        """What else names an entry: entries that are not shown with it, cases and patients."""
        its = [it for it in self.index if (it.kind, it.name) == (kind, id) and it.role not in ("defines", "had")]
        shown = ("rule", "option", "step", "note") if kind == "reference" else ("rule",)
        found: dict[str, Counter[str]] = {}
        for it in its:
            if it.within[0] not in shown:
                within, name = it.within if it.within[0] else (kind_of(it.file), _stem(it.file))
                found.setdefault(within, Counter())[name] += 1
        self._list("Named by", [f"{within}: {', '.join(_counted(names))}" for within, names in found.items()])

    @cached_property
    def index(self) -> Sequence[Use]:
        """Every use of every name in the folder, cases and patients included."""
        return uses_of(Path(self.kb.directory))

    def _arguing(self, title: str, role: Role, target: str) -> None:
        self._rules(title, self.uses.rules_for(role, target))

    def _rules(self, title: str, rules: Sequence[Rule]) -> None:
        if rules:
            self.heading(title)
        for rule in rules:
            self.say(f"{rule.id} [{' '.join(rule.cite)}]", 2)
            self.say(rule.title, 4)

    def _list(self, title: str, lines: Sequence[str]) -> None:
        if lines:
            self.heading(title)
        for line in lines:
            self.say(line, 2)


def _titles(entries: Mapping[str, _Titled]) -> dict[str, str]:
    return {name: entry.title for name, entry in entries.items()}


def values(finding: Finding) -> str:
    """The values that a finding may have."""
    if finding.kind is Kind.YES_NO:
        return "yes, no"
    return ", ".join(finding.values) if finding.kind is Kind.CHOICE else finding.written_range


def _recalled(entry: Note | Reference) -> list[str]:
    """The mark of what was recalled and not looked up."""
    return [] if entry.verified else ["from memory, not re-checked"]


def _stem(file: str) -> str:
    return file.rpartition("/")[2].removesuffix(".yaml").removesuffix(".test")


def _counted(names: Counter[str]) -> Iterator[str]:
    """Names, each with how often it is there if that is more than once."""
    yield from (f"{name} ({number})" if number > 1 else name for name, number in names.items())
