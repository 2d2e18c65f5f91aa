"""A person at the keyboard of a consultation who knows a patient."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from expert import KnowledgeBase

_LIST = "none; or the numbers of those present"


def reply(kb: KnowledgeBase, shown: str, written: Mapping[str, str]) -> str:
    """What one types at the last question that is shown, of a patient who is written down so.

    What is not written down is unknown; of a checklist, those are named that are not as *none of these* means.
    """
    screen = " ".join(shown.split())
    status = screen.rindex(" at most ")
    if _LIST not in screen[status:]:
        places = {screen.find(f" {it.ask or it.title} ", status): name for name, it in kb.inputs.items()}
        return written.get(places[min(place for place in places if place >= 0)], "unknown")
    members = next(panel.members for panel in kb.panels.values() if f" {panel.ask} " in screen[status:])
    return _of_list(kb, members, written)


def _of_list(kb: KnowledgeBase, asked: Iterable[str], written: Mapping[str, str]) -> str:
    reported = [f"{name}={written[name]}" for name in asked if name in written and not _usual(kb, name, written[name])]
    return " ".join([*reported, "none" if all(name in written for name in asked) else "unknown"])


def _usual(kb: KnowledgeBase, name: str, value: str) -> bool:
    return value == kb.findings[name].usual_written
