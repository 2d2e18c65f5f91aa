"""``ladder.yaml``: steps with their options, step groups, alerts and advice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from expert.model import Advice, Alert, Option, Step, StepGroup
from expert.read.fields import SNAKE, Fields, entries
from expert.read.source import Node, Problems, Scalar, location

_STEP = "title summary gate meanwhile never_recommended cite options"


@dataclass(frozen=True, slots=True)
class Ladder:
    """What rules argue about."""

    steps: dict[str, Step]
    groups: dict[str, StepGroup]
    alerts: dict[str, Alert]
    advice: dict[str, Advice]

    def steps_of(self, names: Iterable[str]) -> tuple[str, ...]:
        """The steps that names of steps and step groups stand for, each once."""
        found = [step for name in names for step in (self.groups[name].steps if name in self.groups else (name,))]
        return tuple(dict.fromkeys(found))


def read_ladder(node: Node | None, citations: list[str], problems: Problems) -> Ladder:
    """Read the ladder; ``citations`` are the ids that may be cited."""
    top = Fields(node, "the ladder", "steps groups alerts advice", "steps", problems)
    steps: dict[str, Step] = {}
    step_nodes = list(entries(top.get("steps"), "steps", SNAKE, problems))
    names = [key.text for key, _ in step_nodes]
    for key, value in step_nodes:
        steps[key.text] = _step(key, value, names, citations, problems)
    ladder = Ladder(steps, {}, {}, {})
    for key, value in entries(top.get("groups"), "step groups", SNAKE, problems):
        fields = Fields(value, "a step group", "title steps", "title steps", problems)
        if key.text in steps:
            problems.add(key, f"{key.text!r} is already a step", expected="another name")
        ladder.groups[key.text] = StepGroup(key.text, fields.text("title"), fields.names("steps", "a step", steps))
    for key, value in entries(top.get("alerts"), "alerts", SNAKE, problems):
        fields = Fields(value, "an alert", "title text", "title text", problems)
        ladder.alerts[key.text] = Alert(key.text, fields.text("title"), fields.text("text"), location(key))
    for key, value in entries(top.get("advice"), "advice", SNAKE, problems):
        fields = Fields(value, "an advice", "title text steps", "title text steps", problems)
        belongs = fields.names("steps", "a step or a step group", [*steps, *ladder.groups])
        advice = Advice(key.text, fields.text("title"), fields.text("text"), ladder.steps_of(belongs), location(key))
        ladder.advice[key.text] = advice
    return ladder


def _step(key: Scalar, node: Node, names: list[str], citations: list[str], problems: Problems) -> Step:
    fields = Fields(node, "a step", _STEP, "title summary", problems)
    options = []
    for option, value in entries(fields.get("options"), "options", SNAKE, problems):
        read = Fields(value, "an option", "title cite offered note", "title cite", problems)
        offered = read.one_of("offered", ["by_default", "if_supported"])
        options.append(
            Option(
                f"{key.text}.{option.text}",
                read.text("title"),
                read.names("cite", "a claim or another reference", citations),
                location(option),
                read.text("note"),
                offered == "if_supported",
            )
        )
    return Step(
        key.text,
        fields.text("title"),
        fields.text("summary"),
        location(key),
        fields.flag("gate"),
        fields.one_of("meanwhile", names),
        fields.flag("never_recommended"),
        fields.names("cite", "a claim or another reference", citations),
        tuple(options),
    )
