"""Pure decisions of the cases module: numbers, codes, stages. No Django."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

__all__ = ["StageView", "code_digest", "format_number", "new_code", "stages_reached"]

CODE_DIGITS = 10


class _Stage(Protocol):
    @property
    def key(self) -> str: ...
    @property
    def states(self) -> frozenset[str]: ...


@dataclass(frozen=True, slots=True)
class StageView:
    """A stage with what is known of it: ``status`` is "done", "now" or "ahead"; ``is_again``: the case was there before."""

    key: str
    status: str
    at: datetime | None
    is_again: bool = False


def format_number(prefix: str, day: date, sequence: int) -> str:
    """Return a case number such as ``CX-2026-1116-0412``: prefix, year, day, running number.

    >>> format_number("CX", date(2026, 11, 16), 412)
    'CX-2026-1116-0412'
    """
    return f"{prefix}-{day:%Y}-{day:%m%d}-{sequence:04d}"


def new_code() -> str:
    """Return a fresh query code: ten random digits, so that guessing one needs about 5 * 10**9 tries."""
    return "".join(str(secrets.randbelow(10)) for _ in range(CODE_DIGITS))


def code_digest(secret: str, number: str, code: str) -> str:
    """Return what is stored of a query code. Blanks and dashes that people type are ignored."""
    plain = "".join(c for c in code if c.isdigit())
    return hmac.new(secret.encode(), f"{number}:{plain}".encode(), hashlib.sha256).hexdigest()


def stages_reached(
    stages: Sequence[_Stage],
    changes: Sequence[tuple[str, datetime]],
    *,
    is_final: bool,
    optional: frozenset[str] = frozenset(),
) -> list[StageView]:
    """Return the road with what is behind, where the case is now and what is ahead.

    ``changes`` are (state, moment) in order. What is behind shows when it was first reached, the current stage (that of the
    last change) since when the case is in it, anew after a correction. When the case has
    ended, its last stage is done and stages that were never reached are left out: they won't come any more. An
    ``optional`` stage is never announced, only shown once it was reached.
    """
    stage_of: Mapping[str, str] = {state: stage.key for stage in stages for state in stage.states}
    order = {stage.key: index for index, stage in enumerate(stages)}
    reached: dict[str, datetime] = {}
    current = ""
    since: datetime | None = None
    for state, at in changes:
        stage = stage_of.get(state)
        if stage is not None:
            since = at if stage != current else since
            current = stage
            reached.setdefault(stage, at)
    position = order.get(current, -1)
    behind = [
        key for key in reached if key != current and (is_final or key in optional or order[key] < position)
    ]
    road = [StageView(key, "done", reached[key]) for key in sorted(behind, key=lambda key: reached[key])]
    if current:
        road.append(StageView(current, "done" if is_final else "now", since, since != reached[current]))
    if not is_final:
        ahead = [key for key in order if order[key] > position and key not in optional]
        road += [StageView(key, "ahead", None) for key in ahead]
    return road
