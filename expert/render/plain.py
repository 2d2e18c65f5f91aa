"""Text that is safe to show: nothing in it can move a cursor, change a colour or reverse the reading direction."""

from __future__ import annotations

import json
import re

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./% -]*")


def visible(text: str) -> str:
    """The text with every character that does not print shown as an escape, such as ``\\x1b`` or ``\\u202e``."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def counted(number: int, what: str) -> str:
    """A number with what it counts, in the plural unless it is one."""
    return f"{number} {what}{'s' if number != 1 else ''}"


def yaml_value(text: str) -> str:
    """A value for YAML: plain if possible, else in quotes."""
    return text if _PLAIN.fullmatch(text) and not text.endswith(" ") else yaml_text(text)


def yaml_text(text: str) -> str:
    """A text in quotes, on one line."""
    return json.dumps(visible(text), ensure_ascii=False)


def _escape(char: str) -> str:
    code = ord(char)
    if code < 0x100:
        return {"\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(char, f"\\x{code:02x}")
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
