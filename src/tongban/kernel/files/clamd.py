"""A scanner for malware that speaks clamd's protocol: the bytes are streamed to it (INSTREAM) and it says what it found.

The threat: a file that passes for an ordinary PDF or picture and attacks the program with which a clerk opens it. Our own
judgement (``rules``) knows what may be in a file; it knows no signatures of malware. The scanner is a program of the operator's
(``TONGBAN_CLAMD``); the limit ``StreamMaxLength`` of its configuration must not be below ours (20 MB; its default is 100 MB).
"""

from __future__ import annotations

import contextlib
import socket
import struct
from contextlib import closing

__all__ = ["ScannerAway", "ping", "scan"]

CHUNK = 256 * 1024
PATIENCE = 20.0
"""Seconds for each answer. A person waits before the page meanwhile."""
LONGEST_ANSWER = 4096


class ScannerAway(Exception):
    """The scanner does not answer, or answers what it should not."""


def scan(content: bytes, address: str) -> str:
    """Return the name of what was found in these bytes, "" when they are clean. Raises ScannerAway."""
    parts = [content[at : at + CHUNK] for at in range(0, len(content), CHUNK)]
    stream = b"".join(struct.pack("!I", len(part)) + part for part in parts) + struct.pack("!I", 0)
    answer = _ask(b"zINSTREAM\0" + stream, address)
    if answer == "stream: OK":
        return ""
    if answer.startswith("stream: ") and answer.endswith(" FOUND"):
        return answer.removeprefix("stream: ").removesuffix(" FOUND")[:120]
    raise ScannerAway(answer[:120] or "no answer")


def ping(address: str) -> str:
    """Return the scanner's version and the day of its signatures, as it says them. Raises ScannerAway."""
    if _ask(b"zPING\0", address) != "PONG":
        raise ScannerAway("no PONG")
    return _ask(b"zVERSION\0", address)


def _ask(said: bytes, address: str) -> str:
    try:
        with closing(_connect(address)) as line:
            # It hangs up on a stream that is too long for it, and has said so.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                line.sendall(said)
            answer = b""
            while len(answer) < LONGEST_ANSWER and not answer.endswith(b"\0"):
                more = line.recv(LONGEST_ANSWER)
                if not more:
                    break
                answer += more
    except OSError as error:
        raise ScannerAway(str(error)) from error
    return answer.rstrip(b"\0\n").decode(errors="replace")


def _connect(address: str) -> socket.socket:
    """Connect to the path of a socket, or to host:port."""
    if address.startswith("/"):
        line = socket.socket(socket.AF_UNIX)
        line.settimeout(PATIENCE)
        try:
            line.connect(address)
        except OSError:
            line.close()
            raise
        return line
    host, _, port = address.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=PATIENCE)
