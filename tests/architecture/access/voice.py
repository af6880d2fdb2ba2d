"""Access: letters to the government."""

from __future__ import annotations

from collections.abc import Iterator

from tests.architecture.walk.probe import GO, Probe, World, operation

PUBLIC = {
    "voice:letters": "/letters/",
    "voice:write": "/letters/write/",
    "GET /api/v1/letters": "/api/v1/letters",
}
OWN = {
    "voice:sent": "/letters/sent/",
}
PUBLIC_WRITES = {
    "POST /api/v1/letters",
}


def probes(w: World) -> Iterator[Probe]:
    yield Probe("voice:letter", f"/letters/{w.letter.number}/", answers=GO)
    yield operation("GET /api/v1/letters/{number}", path={"number": w.letter.number})
    yield operation(
        "POST /api/v1/letters/{number}/judgement",
        path={"number": w.letter.number},
        body={"outcome": "satisfied"},
    )
