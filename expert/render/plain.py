"""Text that is safe to show: nothing in it can move a cursor, change a colour or reverse the reading direction."""

from __future__ import annotations


def visible(text: str) -> str:
    """The text with every character that does not print shown as an escape, such as ``\\x1b`` or ``\\u202e``."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def counted(number: int, what: str) -> str:
    """A number with what it counts, in the plural unless it is one."""
    return f"{number} {what}{'s' if number != 1 else ''}"


def _escape(char: str) -> str:
    code = ord(char)
    if code < 0x100:
        return {"\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(char, f"\\x{code:02x}")
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
