"""What a lint or a kind of proof is, for those who read of a fault."""

from __future__ import annotations

from expert.check.faults import PROOFS
from expert.check.lints import LINTS, Lint
from expert.check.pages import Page, proof_page
from expert.render.terminal import Terminal


def write_checks(terminal: Terminal) -> None:
    """Every lint with its severity, and every kind of proof, a line each."""
    terminal.say("Lints", style="bold")
    terminal.columns(((lint.name, lint.severity, lint.page.title) for lint in LINTS.values()), (32, 7))
    terminal.heading("Proofs, over all patients")
    terminal.columns(PROOFS.items(), (32,))
    terminal.say()
    terminal.say("expert show NAME says more about one.")


def write_lint(terminal: Terminal, lint: Lint) -> None:
    """What a lint finds, what to avoid and to prefer, and its page."""
    terminal.say(f"{lint.name} ({lint.severity})", style="bold")
    terminal.say(f"{lint.page.title}: {lint.page.remedy}.")
    for heading, example in (("Avoid", lint.avoid), ("Prefer", lint.prefer)):
        terminal.heading(heading)
        for line in example.splitlines():
            text = line.lstrip()
            terminal.say(text, 2 + len(line) - len(text), hanging=2)
    _write_page(terminal, lint.page, lint.name)


def write_proof(terminal: Terminal, kind: str) -> None:
    """What a kind of proof proves, and its page."""
    terminal.say(f"{kind} (proof)", style="bold")
    terminal.say(f"It is proved over all patients that {PROOFS[kind]}.")
    _write_page(terminal, proof_page(kind), kind)


def _write_page(terminal: Terminal, page: Page, name: str) -> None:
    """Why a check matters, what to do, and how a fault of it is waived."""
    for heading, paragraph in (("Why", page.why), ("What to do", page.to_do)):
        terminal.heading(heading)
        terminal.say(paragraph, 2)
    terminal.heading("To let one stand")
    terminal.say(f"# waive {name}: the reason", 2)
    terminal.say("on its line, or on a line of its own above it.", 2)
