"""Writing down many acts of one kind at once: what a change of the calendar did to a hundred thousand clocks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.kernel.ledger import rules

__all__ = ["record_many"]

INSERT = """
INSERT INTO ledger_act (at, verb, subject_kind, subject_id, "case", role, account_id, person_id, post_id, unit_id,
                        entity_id, channel, actor_name, reason, digest, fields, facts, about)
SELECT %(at)s, %(verb)s, act ->> 0, act ->> 1, act ->> 2, %(role)s, %(account)s, %(person)s, %(post)s, %(unit)s,
       %(entity)s, %(channel)s, %(name)s, %(reason)s, '', '{}', act -> 3, '{}'
FROM jsonb_array_elements(%(acts)s::jsonb) WITH ORDINALITY AS row (act, number)
ORDER BY row.number
"""


def record_many(
    *,
    actor: Actor,
    verb: str,
    acts: Sequence[tuple[Ref, str, Mapping[str, Any]]],
    reason: str = "",
    at: datetime,
) -> int:
    """Insert one act for each (subject, case, facts), in one statement, in the caller's transaction; return how many.

    The same rows that ``record`` would write one by one, in the order given; for acts without a payload and about nobody.
    """
    if not acts:
        return 0
    signed = rules.signature(actor)
    with connection.cursor() as cursor:
        cursor.execute(
            INSERT,
            {
                "at": at,
                "verb": verb,
                "role": signed.role,
                "account": actor.account_id,
                "person": actor.person_id,
                "post": actor.post_id,
                "unit": actor.unit_id,
                "entity": actor.entity_id,
                "channel": actor.channel,
                "name": signed.name,
                "reason": reason,
                # One text: of an array the driver would search every element for what to escape.
                "acts": json.dumps(
                    [[subject.kind, subject.id, case, rules.plain(facts)] for subject, case, facts in acts],
                    ensure_ascii=False,
                ),
            },
        )
    return len(acts)
