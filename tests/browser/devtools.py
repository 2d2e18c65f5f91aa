"""A page in a headless Chromium that a test uses as a person does: it taps, types, waits and looks.

The browser is driven over a pipe (``--remote-debugging-pipe``): messages are JSON, each ended by a null byte. It is
https://chromedevtools.github.io/devtools-protocol, of which the few methods below are used.
"""

from __future__ import annotations

import json
import os
import subprocess
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.browser.chromium import FLAGS, program

_WITHOUT_VIRTUAL_TIME = [flag for flag in FLAGS if "virtual-time" not in flag]


class Screen:
    """One page on a screen of a size that can be changed."""

    def __init__(self, reading: int, writing: int) -> None:
        self._reading, self._writing, self._number = os.fdopen(reading, "rb"), os.fdopen(writing, "wb"), 0
        self._session = ""
        self.complaints: list[str] = []
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._call(f"{domain}.enable")

    def open(self, address: str) -> None:
        """Open a page and wait until it is loaded."""
        self._call("Page.navigate", url=address)
        self._await("Page.loadEventFired")

    def size(self, width: int, height: int = 844, *, dark: bool = False) -> None:
        """The size of the screen in pixels, and whether its owner likes it dark."""
        self._call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=2, mobile=width < 700
        )
        self.prefer(dark=dark)

    def prefer(self, *, dark: bool = False, paper: bool = False) -> None:
        """What media the page is shown on."""
        features = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self._call("Emulation.setEmulatedMedia", media="print" if paper else "", features=features)

    def slowed(self, times: int) -> None:
        """Slow the processor so many times."""
        self._call("Emulation.setCPUThrottlingRate", rate=times)

    def run(self, script: str) -> Any:
        """The value of an expression on the page, by the developer's tools: no policy of the page forbids it."""
        found = self._call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def tap(self, selector: str) -> None:
        """Scroll to the first element that a selector finds, and tap its middle."""
        place = self.run(
            f"""(() => {{
                const it = document.querySelector({json.dumps(selector)});
                if (!it) return null;
                it.scrollIntoView({{ block: "center", behavior: "instant" }});
                const box = it.getBoundingClientRect(), x = box.x + box.width / 2, y = box.y + box.height / 2;
                const hit = document.elementFromPoint(x, y);
                return {{ x, y, free: it === hit || it.contains(hit) || it.parentElement.contains(hit) }};
            }})()"""
        )
        assert place, f"nothing is {selector}"
        assert place.pop("free"), f"something covers {selector}"
        for kind in ("mousePressed", "mouseReleased"):
            self._call("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **place)

    def write(self, selector: str, text: str) -> None:
        """Tap a field and type into it."""
        self.tap(selector)
        self._call("Input.insertText", text=text)

    def press(self, key: str, code: int, *, shift: bool = False) -> None:
        """Press a key."""
        for kind in ("rawKeyDown", "char", "keyUp") if key in (" ", "\r") else ("rawKeyDown", "keyUp"):
            text = {"text": key} if kind == "char" else {}
            words: dict[str, Any] = {"key": key, "windowsVirtualKeyCode": code, "modifiers": 8 if shift else 0, **text}
            self._call("Input.dispatchKeyEvent", type=kind, **words)

    def picture(self, *, whole: bool = False) -> bytes:
        """What the screen shows as PNG, or the whole page."""
        found = self._call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        return b64decode(found["data"])

    def printed(self) -> bytes:
        """The page as PDF."""
        return b64decode(self._call("Page.printToPDF", preferCSSPageSize=True, printBackground=True)["data"])

    def _call(self, method: str, **words: Any) -> Any:
        self._number += 1
        message = {"id": self._number, "method": method, "params": words}
        if self._session:
            message["sessionId"] = self._session
        self._writing.write(json.dumps(message).encode() + b"\0")
        self._writing.flush()
        while (answer := self._next()).get("id") != self._number:
            pass
        assert "error" not in answer, answer
        return answer["result"]

    def _await(self, event: str) -> None:
        while self._next().get("method") != event:
            pass

    def _next(self) -> dict[str, Any]:
        """The next message; what the console, the policy or the network says is kept as a complaint."""
        found = bytearray()
        while (byte := self._reading.read(1)) != b"\0":
            assert byte, "the browser has ended"
            found += byte
        message: dict[str, Any] = json.loads(found)
        method, words = message.get("method"), message.get("params", {})
        if method == "Network.requestWillBeSent" and not words["request"]["url"].startswith(("file:", "data:")):
            self.complaints.append(words["request"]["url"])
        if method in ("Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled"):
            self.complaints.append(json.dumps(words))
        return message


@contextmanager
def screen() -> Iterator[Screen]:
    """A browser of its own."""
    to_browser, own_writing = os.pipe()
    own_reading, from_browser = os.pipe()

    def as_expected() -> None:
        """The browser reads from file 3 and writes to file 4."""
        reading, writing = os.dup(to_browser), os.dup(from_browser)
        os.dup2(reading, 3)
        os.dup2(writing, 4)

    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        command = [program(), *_WITHOUT_VIRTUAL_TIME, f"--user-data-dir={folder}", "--remote-debugging-pipe"]
        browser = subprocess.Popen(
            command, close_fds=False, preexec_fn=as_expected, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        os.close(to_browser)
        os.close(from_browser)
        try:
            yield Screen(own_reading, own_writing)
        finally:
            browser.kill()
            browser.wait()


@contextmanager
def shown(html: str, width: int = 390) -> Iterator[Screen]:
    """A page, opened from a file."""
    with TemporaryDirectory() as folder, screen() as it:
        file = Path(folder) / "page.html"
        file.write_text(html, "utf-8")
        it.size(width)
        it.open(file.as_uri())
        yield it
