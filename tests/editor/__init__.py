"""A client of the language server protocol that drives yaml-language-server as an editor would."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

Message = dict[str, Any]
PATIENCE = 60.0
"""Seconds after which a server that does not answer has failed."""


class Editor:
    """A session with a language server over its standard input and output.

    A context manager, which stops the server. ``settings`` are the configuration that the server asks its client for.
    """

    def __init__(self, command: Sequence[str], folder: Path, settings: Mapping[str, Any]) -> None:
        self.folder, self.settings = folder, settings
        self.server = subprocess.Popen(list(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder)
        assert self.server.stdin
        assert self.server.stdout
        self.writer, self.reader = self.server.stdin, self.server.stdout
        self.arrived: queue.Queue[Message | None] = queue.Queue()
        self.diagnostics: dict[str, list[Message]] = {}
        self.last = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def __enter__(self) -> Editor:
        root = self.folder.as_uri()
        abilities = {
            "workspace": {"configuration": True, "didChangeConfiguration": {"dynamicRegistration": True}},
            "textDocument": {"publishDiagnostics": {}, "completion": {"completionItem": {"snippetSupport": True}}},
        }
        folders = [{"uri": root, "name": self.folder.name}]
        self.ask(
            "initialize", {"processId": None, "rootUri": root, "capabilities": abilities, "workspaceFolders": folders}
        )
        self.notify("initialized", {})
        self.notify("workspace/didChangeConfiguration", {"settings": self.settings})
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.ask("shutdown", None)
            self.notify("exit", None)
            self.server.wait(PATIENCE)
        finally:
            self.server.kill()
            self.server.wait()
            self.writer.close()
            self.reader.close()

    def open(self, name: str, text: str) -> list[Message]:
        """Open a file that is not open yet, with a text that need not be on disk; returns its diagnostics."""
        uri = self._uri(name)
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})
        while uri not in self.diagnostics:
            self._take()
        return self.diagnostics[uri]

    def complete(self, name: str, line: int, column: int) -> dict[str, Message]:
        """The completions at a place of an open file (line and column counted from 1), by label."""
        found = self.ask("textDocument/completion", self._place(name, line, column))
        items = found["items"] if isinstance(found, dict) else found or []
        return {item["label"]: item for item in items}

    def hover(self, name: str, line: int, column: int) -> str:
        """The hover text at a place of an open file."""
        found = self.ask("textDocument/hover", self._place(name, line, column))
        return str(found["contents"]["value"]) if found else ""

    def ask(self, method: str, params: Any) -> Any:
        """The result of a request."""
        self.last += 1
        number = self.last
        self._send({"id": number, "method": method, "params": params})
        while True:
            message = self._take()
            if message.get("id") == number and "method" not in message:
                assert "error" not in message, message
                return message["result"]

    def notify(self, method: str, params: Any) -> None:
        """Send a notification."""
        self._send({"method": method, "params": params})

    def _place(self, name: str, line: int, column: int) -> Message:
        return {
            "textDocument": {"uri": self._uri(name)},
            "position": {"line": line - 1, "character": column - 1},
        }

    def _uri(self, name: str) -> str:
        return (self.folder / name).as_uri()

    def _send(self, message: Message) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.writer.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.writer.flush()

    def _take(self) -> Message:
        """The next message, after requests of the server to its client have been answered."""
        message = self.arrived.get(timeout=PATIENCE)
        assert message is not None, "the language server has ended"
        method, params = message.get("method"), message.get("params")
        if method == "textDocument/publishDiagnostics" and isinstance(params, dict):
            self.diagnostics[params["uri"]] = params["diagnostics"]
        elif method and "id" in message:
            self._send({"id": message["id"], "result": self._answer(method, params)})
        return message

    def _answer(self, method: str, params: Any) -> Any:
        if method == "workspace/configuration":
            return [self.settings.get(item.get("section", "")) for item in params["items"]]
        if method == "workspace/workspaceFolders":
            return [{"uri": self.folder.as_uri(), "name": self.folder.name}]
        return None

    def _listen(self) -> None:
        """Put every message of the server into the queue, and ``None`` at the end."""
        while (body := _body(self.reader)) is not None:
            self.arrived.put(json.loads(body))
        self.arrived.put(None)


def _body(stream: BinaryIO | Any) -> bytes | None:
    """The next message of a stream; ``None`` at its end."""
    length = 0
    while (line := stream.readline()) not in (b"\r\n", b""):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return stream.read(length) or None
