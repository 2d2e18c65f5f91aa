"""Which knowledge gave an answer, and what it is not: the last line of every answer."""

from __future__ import annotations

from datetime import date

from expert.lang.model import KnowledgeBase
from expert.render.terminal import Terminal


def write_footer(terminal: Terminal, kb: KnowledgeBase, today: date) -> None:
    """Write name, version and hash of the knowledge, and the disclaimer."""
    overdue = f"  Its review was due on {kb.review_due}." if kb.review_overdue(today) else ""
    terminal.say()
    terminal.say(f"{kb.name} {kb.version} ({kb.sha256[:8]})  {kb.disclaimer}{overdue}", style="dim", hanging=2)
