"""Repeating a creating request creates nothing: the first answer is given again.

The key is taken per account. The same key with another body is refused, because it is most likely a client's mistake.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from tongban.base import prepared, work
from tongban.base.errors import KeyReused
from tongban.base.models import IdempotencyKey

__all__ = ["forget", "once"]


KEPT = timedelta(days=7)
"""How long an answer is kept. After that a key is as good as new."""


def once(
    *,
    account_id: int,
    key: str,
    operation: str,
    body: Mapping[str, Any],
    at: datetime,
    create: Callable[[], dict[str, Any]],
) -> dict[str, Any]:
    """Run ``create`` the first time and give its answer (JSON) every time. Raises KeyReused.

    Key and creation share one transaction: two requests at once meet at the unique row, and the second waits and then
    gets the first one's answer. When ``create`` raises, nothing is kept: the next request tries again.
    """
    text = json.dumps([operation, body], sort_keys=True, ensure_ascii=False, default=str)
    fingerprint = hashlib.sha256(text.encode()).hexdigest()
    with work.unit():
        with prepared.cursor(connection) as cursor:
            cursor.execute(
                """
                INSERT INTO base_idempotencykey (account_id, key, operation, fingerprint, created_at)
                VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING id
                """,
                [account_id, key, operation, fingerprint, at],
            )
            new = cursor.fetchone()
        if new is None:
            row = IdempotencyKey.objects.get(account_id=account_id, key=key)
            if row.fingerprint != fingerprint:
                raise KeyReused
            return dict(row.answer or {})
        answer = create()
        work.update(IdempotencyKey.objects.filter(pk=new[0]), answer=answer)
        return answer


def forget(*, at: datetime) -> int:
    """Drop the answers older than a week; return how many those were."""
    return IdempotencyKey.objects.filter(created_at__lt=at - KEPT).delete()[0]
