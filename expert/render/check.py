"""What checking a knowledge folder found: as text, as one JSON object, and as commands of GitHub's workflows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from expert.check.check import Checked
from expert.check.faults import PROOFS, SEVERITIES, Fault, Given, Proof
from expert.lang.errors import Location, Problem
from expert.render.json import json_text, plain
from expert.render.plain import counted, visible
from expert.render.problems import render_problems

_ARGUMENT = "argument"


# --- text -------------------------------------------------------------------------------------------------------------


def render_text(checked: Checked) -> str:
    """Everything found, sorted; what is waived and known; the proofs that hold; and a closing line."""
    parts = [*_faults(checked), *_waived(checked), *_stale(checked), *_proofs(checked.proofs), _summary(checked)]
    return "\n".join(parts)


def _faults(checked: Checked) -> Iterator[str]:
    arguments = [fault for fault in checked.faults if fault.check == _ARGUMENT]
    for fault in checked.faults:
        if fault.check != _ARGUMENT:
            yield from _fault(checked, fault)
    if arguments:
        yield "further arguments for what other rules decide"
        for fault in arguments:
            yield f"  {_at(fault.at)} {visible(fault.message)}"
            yield from (f"    {_at(place)} {visible(part)}" for place, part in fault.related)


def _fault(checked: Checked, fault: Fault) -> Iterator[str]:
    """A fault with its line and a caret, its remedy, other lines and the patient who shows it."""
    at = fault.at if fault.at.line else None
    file = "" if at else f"{fault.at.file}: "
    message = f"{file}{fault.severity} {fault.check}: {fault.message}"
    yield render_problems([Problem(message, at, checked.line(fault.at))])
    if fault.remedy:
        yield f"        {visible(fault.remedy)}"
    for place, part in fault.related:
        yield f"        see {_at(place)} {visible(part)}"
    if fault.witness is not None:
        yield "        for this patient:"
        yield from (f"          {visible(line)}" for line in witness_lines(fault.witness))


def witness_lines(witness: Given) -> list[str]:
    """A witness as YAML ready to become a case."""
    return [f"{name}: {value}" for name, value in witness] or ["{}"]


def _at(at: Location) -> str:
    return visible(at.place)


def _waived(checked: Checked) -> Iterator[str]:
    for fault, reason in checked.waived:
        yield f"waived {_at(fault.at)} {fault.check}: {visible(fault.message)} ({visible(reason)})"


def _stale(checked: Checked) -> Iterator[str]:
    for entry, times in checked.stale.items():
        again = f", {times} times" if times > 1 else ""
        yield visible(
            f"no longer found {entry.file} {entry.check}: {entry.subject}{again} (delete it from the baseline)"
        )


def _proofs(proofs: Sequence[Proof]) -> Iterator[str]:
    """A line for each kind of proof with some that hold, in the order in which they were made."""
    for kind in dict.fromkeys(proof.check for proof in proofs):
        tried = [proof for proof in proofs if proof.check == kind]
        if held := [proof for proof in tried if proof.verdict == "proved"]:
            claim = PROOFS.get(kind, kind) if held == tried else f"{len(held)} of {len(tried)} claims hold"
            yield f"proved: {claim} ({kind}, {len(held)} in {sum(proof.seconds for proof in held):.2f} s)"


def _summary(checked: Checked) -> str:
    """How many of each were found, and how long each layer took."""
    by_kind = [(kind, sum(fault.severity == kind for fault in checked.faults)) for kind in SEVERITIES]
    found = ", ".join(counted(number, kind) for kind, number in by_kind if number) or "no fault"
    others = [
        f"{len(checked.waived)} waived" * bool(checked.waived),
        f"{len(checked.known)} known" * bool(checked.known),
    ]
    held = sum(proof.verdict == "proved" for proof in checked.proofs)
    others.append(f"{counted(held, 'proof')} {'holds' if held == 1 else 'hold'}" * ("proofs" in checked.seconds))
    times = ", ".join(f"{layer} {seconds:.2f} s" for layer, seconds in checked.seconds.items())
    return f"{'; '.join(filter(None, [found, *others]))} ({times})"


# --- JSON -------------------------------------------------------------------------------------------------------------


def render_json(checked: Checked, *, failed: bool) -> str:
    """One object with everything.

    Places are file, line, column and the column after, 0 if that is not known; line 0 is a file as a whole.
    """
    whole = {
        "failed": failed,
        "faults": checked.faults,
        "waived": [{**_fault_shape(fault), "reason": reason} for fault, reason in checked.waived],
        "known": checked.known,
        "stale": [{**entry._asdict(), "times": times} for entry, times in checked.stale.items()],
        "proofs": checked.proofs,
        "seconds": {layer: round(seconds, 6) for layer, seconds in checked.seconds.items()},
    }
    return json_text(plain(whole, {Fault: _fault_shape, Proof: _proof_shape}))


def _fault_shape(it: Fault) -> dict[str, object]:
    return {
        "check": it.check,
        "severity": it.severity,
        "message": it.message,
        **it.at._asdict(),
        "subject": it.subject,
        "remedy": it.remedy,
        "edit": it.edit,
        "witness": "" if it.witness is None else "\n".join(witness_lines(it.witness)),
        "related": [{**at._asdict(), "message": part} for at, part in it.related],
    }


def _proof_shape(it: Proof) -> dict[str, object]:
    return {"check": it.check, "subject": it.subject, "verdict": it.verdict, "seconds": round(it.seconds, 6)}


def from_here(file: str) -> str:
    """A file as it is named from where the command runs, if it lies there."""
    path, here = Path(file), Path.cwd()
    return (path.relative_to(here) if path.is_relative_to(here) else path).as_posix()


# --- GitHub -----------------------------------------------------------------------------------------------------------

_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def render_github(checked: Checked) -> str:
    """A workflow command for each fault, which GitHub shows at its line; then the closing line."""
    return "\n".join([*map(_command, checked.faults), _data(_summary(checked))])


def _command(fault: Fault) -> str:
    place = {"line": fault.at.line, "col": fault.at.column} if fault.at.line else {}
    properties = {"file": from_here(fault.at.file), **place, "title": fault.check}
    written = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    related = (f"see {_at(at)} {part}" for at, part in fault.related)
    witness = ["for this patient:", *witness_lines(fault.witness)] if fault.witness is not None else []
    message = "\n".join(filter(None, [fault.message, fault.remedy, *related, *witness]))
    return f"::{_COMMANDS[fault.severity]} {written}::{_data(message)}"


def _data(text: str) -> str:
    """A text as the message of a workflow command: lines stay lines, other characters that do not print are shown."""
    shown = "\n".join(map(visible, text.split("\n")))
    return shown.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """A text as a property of a workflow command."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
