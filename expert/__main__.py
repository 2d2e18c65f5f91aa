"""``python -m expert``, and the command ``expert``.

Ctrl-C ends the program at any moment with exit status 130 and without a traceback: at once while it is being imported
or is ending; while a command runs through a ``KeyboardInterrupt``, so that files in work are removed. Where that does
not come through within some seconds, because a solver is at work, say, the program ends all the same.
"""

from __future__ import annotations

import _thread
import os
import signal
import sys
import time
from types import FrameType

PATIENCE = 2.0
"""Seconds that a command has to clear up."""

_INTERRUPTED = 130  # as shells have it for a program that Ctrl-C ended


class _Interrupts:
    """What Ctrl-C does."""

    running = False
    came = False

    @classmethod
    def begin(cls) -> None:
        """Attend to Ctrl-C from now on."""
        read, write = os.pipe()
        os.set_blocking(write, False)
        signal.signal(signal.SIGINT, cls._handle)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        _thread.start_new_thread(cls._end_in_time, (read,))
        sys.unraisablehook = cls._unraisable

    @classmethod
    def _handle(cls, _number: int, _frame: FrameType | None) -> None:
        if not cls.running:
            os._exit(_INTERRUPTED)
        cls.came = True
        raise KeyboardInterrupt

    @staticmethod
    def _end_in_time(signals: int) -> None:
        """Wait for Ctrl-C, which arrives here whatever the main thread does, and see that the program ends."""
        while os.read(signals, 1) != bytes([signal.SIGINT]):
            pass
        time.sleep(PATIENCE)
        os._exit(_INTERRUPTED)

    @classmethod
    def _unraisable(cls, error: sys.UnraisableHookArgs) -> None:
        """Repeat a Ctrl-C that came where nothing can be raised, in a finalizer; say nothing of what it left undone."""
        if isinstance(error.exc_value, KeyboardInterrupt):
            _thread.start_new_thread(cls._repeat, ())
        elif not cls.came:
            sys.__unraisablehook__(error)

    @staticmethod
    def _repeat() -> None:
        time.sleep(0.001)
        _thread.interrupt_main()


def main() -> None:
    """Run the command line in a process of its own."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:  # as it is of a job in the background
        _Interrupts.begin()
    from expert.cli import main as run

    try:
        _Interrupts.running = True
        run()
    except (KeyboardInterrupt, Exception):
        if not _Interrupts.came:
            raise
        os._exit(_INTERRUPTED)  # ctypes, for one, makes another error of an interrupt
    finally:
        _Interrupts.running = False


if __name__ == "__main__":
    main()
