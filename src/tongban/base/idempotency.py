"""Repeating a creating request creates nothing: the first answer is given again.

The key is taken per account. The same key with another body is refused, because it is most likely a client's mistake.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from tongban.base.errors import KeyReused
from tongban.base.models import IdempotencyKey

__all__ = ["once"]


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
    gets the first one's answer.
    """
    fingerprint = hashlib.sha256(
        json.dumps([operation, body], sort_keys=True, ensure_ascii=False, default=str).encode()
    ).hexdigest()
    with transaction.atomic():
        _, is_new = IdempotencyKey.objects.get_or_create(
            account_id=account_id,
            key=key,
            defaults={"operation": operation, "fingerprint": fingerprint, "created_at": at},
        )
        row = IdempotencyKey.objects.select_for_update().get(account_id=account_id, key=key)
        if row.fingerprint != fingerprint:
            raise KeyReused
        if is_new or row.answer is None:
            row.answer = create()
            row.save(update_fields=["answer"])
        return row.answer
