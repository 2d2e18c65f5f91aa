"""A person at the keyboard of a consultation who knows a patient."""

from __future__ import annotations

import re
from collections.abc import Mapping

from expert import KnowledgeBase


def reply(kb: KnowledgeBase, shown: str, written: Mapping[str, str]) -> str:
    """What one types at the last question that is shown, of a patient who is written down so.

    What is not written down is unknown; of a checklist, those are named that are not as *none of these* means.
    """
    places = {shown.rfind(f"\n{panel.title}: {panel.ask}"): panel.members for panel in kb.panels.values()}
    for found in re.finditer(r"(?m)^  (\w+): ", shown):
        if found[1] in kb.inputs:
            places[found.start()] = {found[1]: ""}
    asked = places[max(places)]
    if "" in asked.values():
        (name,) = asked
        return written.get(name, "unknown")
    findings = {name: kb.findings[name] for name in asked}
    reported = [
        f"{name}={written[name]}" for name in findings if name in written and not _usual(kb, name, written[name])
    ]
    return " ".join([*reported, "none" if findings.keys() <= written.keys() else "unknown"])


def _usual(kb: KnowledgeBase, name: str, value: str) -> bool:
    return value == kb.findings[name].usual_written
