"""An editor with `expert lsp`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import Empty
from time import monotonic
from typing import Any

from tests.editor import PATIENCE, Editor, Message


class Client(Editor):
    """An editor that changes texts. Positions are lines and characters, counted from 0."""

    def __init__(self, folder: Path, encodings: tuple[str, ...] = ("utf-16",)) -> None:
        super().__init__([sys.executable, "-m", "expert", "lsp"], folder, {})
        self.versions: dict[Path, int] = {}
        self.said: list[str] = []
        self.sent: Counter[str] = Counter()
        general = {"positionEncodings": list(encodings)}
        begun = self.ask("initialize", {"processId": None, "rootUri": None, "capabilities": {"general": general}})
        self.capabilities: Message = begun["capabilities"]
        self.notify("initialized", {})

    def __enter__(self) -> Client:
        return self

    def opens(self, file: Path, text: str | None = None) -> None:
        """Open a file, with another text than that on the disk if one is given."""
        self.versions[file] = 1
        shown = file.read_bytes().decode() if text is None else text
        item = {"uri": file.as_uri(), "languageId": "yaml", "version": 1, "text": shown}
        self.notify("textDocument/didOpen", {"textDocument": item})

    def changes(self, file: Path, text: str) -> None:
        """Change the text of an open file."""
        self.versions[file] += 1
        document = {"uri": file.as_uri(), "version": self.versions[file]}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text}]})

    def saves(self, file: Path) -> None:
        """Say that a file has been saved."""
        self.notify("textDocument/didSave", {"textDocument": {"uri": file.as_uri()}})

    def closes(self, file: Path) -> None:
        """Close a file."""
        self.notify("textDocument/didClose", {"textDocument": {"uri": file.as_uri()}})

    def of(self, what: str, file: Path, **more: Any) -> Any:
        """Ask about a file."""
        return self.ask(f"textDocument/{what}", {"textDocument": {"uri": file.as_uri()}, **more})

    def at(self, what: str, file: Path, text: str, offset: int, **more: Any) -> Any:
        """Ask about a character of a file, which has no character that counts twice."""
        line, start = text.count("\n", 0, offset), text.rfind("\n", 0, offset) + 1
        return self.of(what, file, position={"line": line, "character": offset - start}, **more)

    def until(self, file: Path, right: Callable[[list[Message]], bool]) -> list[Message]:
        """The diagnostics of a file once they are right."""
        while True:
            message = self._take()
            params: Any = message.get("params")
            if message.get("method") == "textDocument/publishDiagnostics" and params["uri"] == file.as_uri():
                found: list[Message] = params["diagnostics"]
                if right(found):
                    return found

    def comes_to(self, folder: Path, right: list[tuple[str, str]], file: Path, times: int) -> bool:
        """Whether the diagnostics of a folder become these: the names of files, each with the line of a message.

        The server must have sent those of a ``file`` some times from now on; what cases expect is left out.
        """
        start = f"{folder.as_uri()}/"
        end, sent = monotonic() + PATIENCE, self.sent[file.as_uri()] + times
        while monotonic() < end:
            shown = [(uri.removeprefix(start), it) for uri, its in self.diagnostics.items() for it in its]
            here = [(name, it) for name, it in shown if ":" not in name and it["code"] != "case"]
            found = sorted((name, it["message"].partition("\n")[0]) for name, it in here)
            if found == right and self.sent[file.as_uri()] >= sent:
                return True
            with suppress(Empty):
                self._take()
        return False

    def _take(self) -> Message:
        message = super()._take()
        if message.get("method") == "textDocument/publishDiagnostics":
            self.sent[message["params"]["uri"]] += 1
        if message.get("method") == "window/showMessage":
            self.said.append(str(message["params"]["message"]))
        return message

    def stop(self) -> int:
        """End the server; its exit status."""
        with self:
            pass
        return self.server.wait(PATIENCE)
