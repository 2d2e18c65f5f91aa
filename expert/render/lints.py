"""What a lint or a kind of proof is, for those who are told of a fault."""

from __future__ import annotations

from expert.check.faults import PROOFS
from expert.check.lints import LINTS, Lint
from expert.render.terminal import Terminal


def write_checks(terminal: Terminal) -> None:
    """Every lint with its severity, and every kind of proof, a line each."""
    terminal.say("Lints", style="bold")
    terminal.columns(((lint.name, lint.severity, lint.description) for lint in LINTS.values()), (32, 7))
    terminal.heading("Proofs, over all patients")
    terminal.columns(PROOFS.items(), (32,))
    terminal.say()
    terminal.say("expert explain-lint NAME says more of one.")


def write_lint(terminal: Terminal, lint: Lint) -> None:
    """What a lint finds, what to avoid and to prefer, why, and how one is let stand."""
    terminal.say(f"{lint.name} ({lint.severity})", style="bold")
    terminal.say(f"{lint.description}: {lint.remedy}.")
    for heading, example in (("Avoid", lint.avoid), ("Prefer", lint.prefer)):
        terminal.heading(heading)
        for line in example.splitlines():
            text = line.lstrip()
            terminal.say(text, 2 + len(line) - len(text), hanging=2)
    terminal.heading("Why")
    terminal.say(lint.why, 2)
    terminal.heading("To let one stand")
    terminal.say(f"# waive {lint.name}: the reason", 2)
    terminal.say("on its line, or on a line of its own above it.", 2)


def write_proof(terminal: Terminal, name: str) -> None:
    """What a kind of proof proves."""
    terminal.say(f"{name} (proof)", style="bold")
    terminal.say(f"It is proved over all patients that {PROOFS[name]}.")
