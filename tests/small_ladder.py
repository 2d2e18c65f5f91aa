"""Small knowledge folders for tests: dictionaries become YAML files, filled in with everything that is required."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from expert import KnowledgeBase, read_knowledge
from expert.lang.format import FORMS

Entry = Mapping[str, Any]

ABOUT = {
    "name": "small",
    "title": "A small ladder",
    "version": "1.0.0",
    "reviewed": "2026-01-31",
    "review_due": "2999-01-31",
    "statement": "Made up for a test.",
    "disclaimer": "Not for use.",
}


class _Plain(yaml.CSafeDumper):
    """Writes no aliases, which the language does not have."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


def yes_no(usual: str = "", **more: Any) -> dict[str, Any]:
    """A yes/no finding."""
    return {"type": "yes_no", **({"usual": usual} if usual else {}), **more}


def choice(*values: str, usual: str = "", **more: Any) -> dict[str, Any]:
    """A choice."""
    return {"type": "choice", "values": list(values), **({"usual": usual} if usual else {}), **more}


def quantity(range: str, usual: str = "", unit: str = "", **more: Any) -> dict[str, Any]:
    """A quantity."""
    read = {"type": "quantity", **({"unit": unit} if unit else {}), "range": range}
    return {**read, **({"usual": usual} if usual else {}), **more}


def rule(when: Any, then: str | Sequence[str], **more: Any) -> dict[str, Any]:
    """A rule that cites the claim S01 unless another is named."""
    return {"when": when, "then": then, **more}


def write_ladder(
    folder: Path,
    *,
    findings: Mapping[str, Entry],
    rules: Mapping[str, Entry],
    steps: Mapping[str, Entry],
    concluded: Mapping[str, Entry] | None = None,
    units: Mapping[str, Entry] | None = None,
    constraints: Mapping[str, Sequence[str]] | None = None,
    plausible: Mapping[str, Entry] | None = None,
    panels: Mapping[str, Mapping[str, str]] | None = None,
    alerts: Sequence[str] = (),
    advice: Mapping[str, Sequence[str]] | None = None,
    groups: Mapping[str, Sequence[str]] | None = None,
    notes: Mapping[str, str] | None = None,
    invariants: Mapping[str, Entry] | None = None,
    patients: Mapping[str, Entry] | None = None,
    cases: Sequence[Entry] = (),
) -> Path:
    """Write a knowledge folder. Panels map members to values, advice and groups name steps, notes name a claim."""
    order = ("title", "ask", "type", "values", "unit", "unit_may_be_omitted", "range")
    vocabulary = {
        "groups": {"patient": "The patient", "site": "The site"},
        "units": {name: dict(entry) for name, entry in (units or {}).items()},
        "findings": {name: _ordered(order, _titled(name, ask=f"{name}?", group="patient") | dict(entry))
                     for name, entry in findings.items()},
        "concluded": {name: _titled(name) | dict(entry) for name, entry in (concluded or {}).items()},
        "panels": {name: _titled(name, ask="Any of these?", members=dict(members))
                   for name, members in (panels or {}).items()},
        "constraints": {name: {"never": list(never), "because": f"{name} is impossible."}
                        for name, never in (constraints or {}).items()},
        "plausible": {name: dict(entry) | {"because": f"{name} is not plausible."}
                      for name, entry in (plausible or {}).items()},
    }  # fmt: skip
    ladder = {
        "steps": {name: _step(name, entry) for name, entry in steps.items()},
        "groups": {name: _titled(name, steps=list(members)) for name, members in (groups or {}).items()},
        "alerts": {name: _titled(name, text=f"Mind {name}.") for name in alerts},
        "advice": {
            name: _titled(name, text=f"Do {name}.", steps=list(belongs)) for name, belongs in (advice or {}).items()
        },
    }
    claims = {f"S{number:02}": {"section": "I", "role": "rule", "text": f"Claim {number}."} for number in range(1, 10)}
    source = {"G1": {"title": "Guideline", "year": "2020", "text": "Otherwise.", "verified": "yes"}}
    guidance = {
        name: {"differs_from": [claim], "verdict": "later", "text": f"{name}.", "sources": ["G1"], "verified": "yes"}
        for name, claim in (notes or {}).items()
    }
    files: dict[str, Any] = {
        "knowledge.yaml": ABOUT,
        "vocabulary.yaml": _without_empty(vocabulary),
        "ladder.yaml": _without_empty(ladder),
        "references.yaml": {"claims": claims, "guidelines": source},
        "rules/all.yaml": {"rules": {name: _rule(name, entry) for name, entry in rules.items()}},
        **({"guidance.yaml": {"notes": guidance}} if guidance else {}),
        **({"invariants.yaml": {"invariants": _with_reasons(invariants)}} if invariants else {}),
        **({"rules/all.test.yaml": list(cases)} if cases else {}),
        **{f"patients/{name}.yaml": dict(entry) for name, entry in (patients or {}).items()},
    }
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.dump(content, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=10**6), "utf-8")
    return folder


def small_ladder(folder: Path, **parts: Any) -> KnowledgeBase:
    """Write a knowledge folder and read it."""
    return read_knowledge(write_ladder(folder, **parts))


def _titled(name: str, **more: Any) -> dict[str, Any]:
    return {"title": name.replace("_", " ").replace("-", " ").capitalize(), **more}


def _ordered(order: Sequence[str], entry: Entry) -> dict[str, Any]:
    return {key: entry[key] for key in [*order, *(key for key in entry if key not in order)] if key in entry}


def _without_empty(sections: Mapping[str, Any]) -> dict[str, Any]:
    return {name: section for name, section in sections.items() if section}


def _step(name: str, entry: Entry) -> dict[str, Any]:
    options = {option: _titled(option, cite=["S01"]) | dict(more) for option, more in entry.get("options", {}).items()}
    rest = {key: value for key, value in entry.items() if key != "options"}
    return _titled(name, summary=f"To {name}.") | rest | ({"options": options} if options else {})


def _rule(name: str, entry: Entry) -> dict[str, Any]:
    return _ordered(tuple(FORMS["rule"].keys), _with_reason(name, entry))


def _with_reasons(entries: Mapping[str, Entry]) -> dict[str, Any]:
    order = ("title", "never", "always", "when", "as", "because", "cite")
    return {name: _ordered(order, _with_reason(name, entry)) for name, entry in entries.items()}


def _with_reason(name: str, entry: Entry) -> dict[str, Any]:
    return _titled(name) | {"because": f"It is so: {name}.", "cite": ["S01"]} | dict(entry)
