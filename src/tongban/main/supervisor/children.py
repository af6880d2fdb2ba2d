"""A child process of the supervisor: in a session of its own, watched, restarted with back-off, stopped with its brood."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tongban.main.supervisor.osuser import OsUser

__all__ = ["Child"]

PR_SET_PDEATHSIG = 1
FIRST_PAUSE, LONGEST_PAUSE, STEADY = 0.5, 30.0, 30.0
"""Seconds: the first and the longest wait before a restart, and how long a child must run for the wait to begin anew."""

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass
class Child:
    """One program that shall run as long as the supervisor does."""

    name: str
    command: Callable[[], Sequence[str]]
    log: Path
    stop_signal: signal.Signals = signal.SIGTERM
    patience: float = 15.0
    environment: Mapping[str, str] = field(default_factory=dict)
    user: OsUser | None = None
    directory: Path | None = None
    before: Callable[[], None] = lambda: None
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    pause: float = FIRST_PAUSE
    start_at: float = 0.0

    def start(self) -> None:
        """Start the program; its output goes to the end of its log."""
        self.before()
        command = list(self.command())
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.directory,
                start_new_session=True,
                env={**os.environ, **self.environment},
                preexec_fn=self._die_with_parent,
                **(self.user.run_options() if self.user else {}),
            )  # type: ignore[call-overload]
        self.started_at = time.monotonic()

    def watch(self) -> str | None:
        """Look after the program; return what to tell the operator when it ended or was started again."""
        now = time.monotonic()
        if self.process is None:
            if now < self.start_at:
                return None
            self.start()
            return f"{self.name} started again (process {self.process.pid})" if self.process else None
        code = self.process.poll()
        if code is None:
            return None
        self._kill_group()
        ran = now - self.started_at
        self.pause = FIRST_PAUSE if ran > STEADY else min(self.pause * 2, LONGEST_PAUSE)
        self.start_at, self.process = now + self.pause, None
        how = f"by signal {signal.Signals(-code).name}" if code < 0 else f"with code {code}"
        return f"{self.name} ended {how} after {ran:.0f} s; starting again in {self.pause:.0f} s (see {self.log})"

    def ask_to_stop(self) -> None:
        """Send the stop signal."""
        if self.process is not None and self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(self.stop_signal)

    def stop(self) -> None:
        """Ask the program to stop, wait, then end it and everything that it started."""
        if self.process is None:
            return
        self.ask_to_stop()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(self.patience)
        self._kill_group()
        self.process.wait()
        self.process = None

    def _kill_group(self) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def _die_with_parent(self) -> None:
        # Runs in the child after it changed its user: the kernel will send it the stop signal when the supervisor dies.
        if _libc is not None:
            _libc.prctl(PR_SET_PDEATHSIG, self.stop_signal)
