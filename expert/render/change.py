"""What would change the answer: for each step, the least sets of changes that lead there."""

from __future__ import annotations

from datetime import date
from typing import Any

from expert.answer.explanations import Counterfactual, Counterfactuals, WaysTo
from expert.lang.facts import Patient
from expert.lang.model import KnowledgeBase
from expert.lang.units import write_given, write_value
from expert.render.json import footer, named, plain
from expert.render.phrases import Phrases, by_panel
from expert.render.plain import counted
from expert.render.terminal import Terminal


def write_changes(terminal: Terminal, kb: KnowledgeBase, patient: Patient, it: Counterfactuals, today: date) -> None:
    """Write the ways to each step, cheapest first, and how far the list is complete."""
    step = kb.steps[it.recommended].title if it.recommended else "No single step"
    if not it.ways:
        terminal.say(f"{step} is recommended already, with what is assumed.", style="bold")
    else:
        terminal.say(f"{step} is recommended with what is assumed.", style="bold")
        terminal.say("What would lead to another step. Changes of given facts are marked.")
        for ways in it.ways:
            terminal.heading(kb.steps[ways.step].title)
            for line in _lines(kb, patient, ways, it.most):
                terminal.say(line, 2, hanging=2)
        terminal.say()
        terminal.say(
            f"The smallest sets of changes, of up to {counted(it.most, 'finding')} each, are listed; the engine "
            "confirms each."
        )
        if it.not_varied:
            phrases = Phrases(kb, {})
            terminal.say(f"Not varied, because it cannot change: {', '.join(map(phrases.short, it.not_varied))}.")
    terminal.footer(kb, today)


def _lines(kb: KnowledgeBase, patient: Patient, ways: WaysTo, most: int) -> list[str]:
    """A line for each set of changes; single changes within a panel share one."""
    if not ways.counterfactuals:
        proved = "No change of what can change leads there: that is proved."
        return [proved if ways.impossible else f"No change of up to {counted(most, 'finding')} leads there."]
    panels, left = by_panel(
        kb, ways.counterfactuals, lambda it, panel: len(it.values) == 1 and it.values.keys() <= panel.members.keys()
    )
    lines = [
        f"- any of {len(members)} under {panel.title}: {'; '.join(_phrased(kb, patient, it) for it in members)}"
        for panel, members in panels
    ]
    return lines + [f"- {_phrased(kb, patient, it)}" for it in left]


def _phrased(kb: KnowledgeBase, patient: Patient, it: Counterfactual) -> str:
    """The changes as answers, with the nearest value of a quantity, and what was given or is the default.

    A quantity without a resolution has no value that one would name.
    """
    defaults, phrases = _defaults(kb, patient, it), Phrases(kb, {})
    words = []
    for premise, (name, value) in zip(it.premises, it.values.items(), strict=True):
        notes = [f"such as {write_value(kb.findings[name], value)}"] if kb.inputs[name].resolution else []
        notes += [f"given: {_given(kb, patient, name)}"] if name in it.given else []
        notes += [f"by default: {defaults[name]}"] if name in defaults else []
        words.append(phrases.circumstance(premise) + (f" ({'; '.join(notes)})" if notes else ""))
    return " with ".join(words)


def _defaults(kb: KnowledgeBase, patient: Patient, it: Counterfactual) -> dict[str, str]:
    """The changed policies of a site that count by default, with their values."""
    policies = {name: kb.inputs[name].default for name in it.values if name not in patient.facts}
    return {name: write_value(kb.findings[name], default) for name, default in policies.items() if default is not None}


def _given(kb: KnowledgeBase, patient: Patient, name: str) -> str:
    return write_given(kb.findings[name], patient.facts[name], patient.written.get(name))


def changes_to_json(kb: KnowledgeBase, patient: Patient, it: Counterfactuals, today: date) -> dict[str, Any]:
    """The same as dictionaries and lists; quantities are texts with their unit."""

    def counterfactual(way: Counterfactual) -> dict[str, object]:
        values = {
            name: write_value(kb.findings[name], value) if isinstance(value, float) else value
            for name, value in way.values.items()
        }
        given = {name: _given(kb, patient, name) for name in way.given}
        return {"premises": way.premises, "values": values, "given": given, "defaults": _defaults(kb, patient, way)}

    shapes = {WaysTo: named(counterfactuals="changes"), Counterfactual: counterfactual}
    ways = {"steps": plain(it.ways, shapes), "not_varied": list(it.not_varied)}
    return {"recommended": it.recommended, "most": it.most, **ways, **footer(kb, today)}
