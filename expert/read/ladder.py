"""``ladder.yaml``: steps with their options, step groups, alerts and advice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from expert.lang.format import FORMS
from expert.lang.model import Advice, Alert, Option, Step, StepGroup
from expert.lang.roles import Target
from expert.read.fields import Fields, FormerNames, names_of
from expert.read.source import Names, Node, Problems, Scalar, location


class Ladder(NamedTuple):
    """What rules argue about; ``options`` are the full names of all options."""

    steps: dict[str, Step]
    groups: dict[str, StepGroup]
    alerts: dict[str, Alert]
    advice: dict[str, Advice]
    options: Names
    places: Names
    alert_names: Names
    advice_names: Names

    def steps_of(self, names: Iterable[str]) -> tuple[str, ...]:
        """The steps that names of steps and step groups stand for, each once."""
        found = [step for name in names for step in (self.groups[name].steps if name in self.groups else (name,))]
        return tuple(dict.fromkeys(found))

    def names_of(self, targets: Iterable[Target]) -> Names:
        """The names of all entries of some kinds; steps and their groups are named alike."""
        known = {"step": self.places, "option": self.options, "alert": self.alert_names, "advice": self.advice_names}
        some = [known[target] for target in targets if target in known]
        return Names((name for names in some for name in names), whole=all(names.whole for names in some))


def read_ladder(node: Node | None, citations: Names, problems: Problems) -> Ladder:
    """Read the ladder; ``citations`` are the ids that may be cited."""
    top = Fields(node, FORMS["ladder"], problems)
    names, places = names_of(top, "steps"), names_of(top, "steps", "groups")
    options = Names(whole=names.whole)
    ladder = Ladder({}, {}, {}, {}, options, places, names_of(top, "alerts"), names_of(top, "advice"))
    former = FormerNames(places, problems)
    for key, value in top.named("steps"):
        ladder.steps[key.text] = _step(key, value, names, former, citations, options, problems)
    for key, value in top.named("groups"):
        fields = Fields(value, FORMS["step group"], problems)
        if key.text in ladder.steps:
            problems.add(key, f"{key.text!r} is already a step", expected="another name")
        ladder.groups[key.text] = StepGroup(key.text, fields.text("title"), fields.names("steps", "a step", names))
    former = FormerNames(ladder.alert_names, problems)
    for key, value in top.named("alerts"):
        fields = Fields(value, FORMS["alert"], problems)
        its = former.of(key.text, fields)
        ladder.alerts[key.text] = Alert(key.text, fields.text("title"), fields.text("text"), location(key), its)
    former = FormerNames(ladder.advice_names, problems)
    for key, value in top.named("advice"):
        fields = Fields(value, FORMS["advice"], problems)
        belongs = ladder.steps_of(fields.names("steps", "a step or a step group", places))
        texts = (fields.text("title"), fields.text("text"))
        ladder.advice[key.text] = Advice(key.text, *texts, belongs, location(key), former.of(key.text, fields))
    return ladder


def _step(
    key: Scalar, node: Node, names: Names, former: FormerNames, citations: Names, options: Names, problems: Problems
) -> Step:
    """A step; the names of its options are added to ``options``."""
    fields = Fields(node, FORMS["step"], problems)
    of_options = FormerNames(names_of(fields, "options"), problems)
    its_options = [
        _option(f"{key.text}.{option.text}", option, value, of_options, citations, problems)
        for option, value in fields.named("options")
    ]
    options.extend(option.name for option in its_options)
    options.whole = options.whole and fields.whole("options")
    return Step(
        key.text,
        fields.text("title"),
        fields.text("summary"),
        location(key),
        fields.flag("gate"),
        fields.one_of("meanwhile", names),
        fields.flag("never_recommended"),
        fields.names("cite", "a claim or another reference", citations),
        tuple(its_options),
        fields.text("short"),
        fields.flag("urgent"),
        former.of(key.text, fields),
    )


def _option(name: str, key: Scalar, node: Node, former: FormerNames, citations: Names, problems: Problems) -> Option:
    fields = Fields(node, FORMS["option"], problems)
    offered = fields.choice("offered")
    return Option(
        name,
        fields.text("title"),
        fields.names("cite", "a claim or another reference", citations),
        location(key),
        fields.text("note"),
        offered == "if_supported",
        fields.choice("standing") or "optional",
        former.of(key.text, fields),
    )
