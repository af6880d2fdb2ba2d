"""Comparing the data with the ledger: each thing that changes by acts against the last act that said how it stands.

The threat: somebody changes a case's state, or a number on a certificate, in the database and leaves the ledger alone.
Modules above register what stands now; two set-based statements a kind find what the ledger does not know.
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from tongban.base.registry import Registry
from tongban.kernel.ledger.chain import Fault, Report

__all__ = ["STOCK", "check_subjects", "register_subject_check", "take_stock"]

STOCK = "ledger.take_stock"

_checks: Registry[str] = Registry("subject checks of the ledger")


def register_subject_check(kind: str, query: str) -> None:
    """Let the things of ``kind`` be compared with their last ``standing``.

    ``query`` is SQL without parameters that gives two columns for every thing: its id as text, and the standing as
    jsonb, the same object that the module gives to ``record(standing=...)``.
    """
    _checks.register(kind, query)


def check_subjects(report: Report, *, limit: int = 20) -> None:
    """Add to the report what of the data does not agree with the ledger."""
    for kind in _checks.keys():  # noqa: SIM118 (a registry iterates over its entries)
        query = _checks.get(kind)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM ({query}) s", [])  # noqa: S608 (a module's constant)
            report.subjects[kind] = int(cursor.fetchone()[0])
            cursor.execute(_differing(query), [kind, limit])
            for act, subject, there, recorded in cursor.fetchall():
                found = Fault("data", None, act, subject=f"{kind}:{subject}", detail=f"{there} != {recorded}")
                report.faults.append(
                    found if act else Fault("unrecorded", None, None, subject=f"{kind}:{subject}")
                )
            cursor.execute(_gone(query), [kind, limit])
            report.faults += [
                Fault("gone", None, act, subject=f"{kind}:{key}") for act, key in cursor.fetchall()
            ]


@transaction.atomic
def take_stock(*, at: datetime) -> int:
    """Write down how each thing stands of which the ledger does not know it yet; return how many.

    For data that was there before its module gave standings. It is an act for every thing, so what somebody slipped in before is
    not hidden by it: the act says that the ledger first heard of it then.
    """
    written = 0
    for kind in _checks.keys():  # noqa: SIM118
        query = _unknown(_checks.get(kind))
        with connection.cursor() as cursor:
            cursor.execute(query, [at, STOCK, kind, kind])
            written += cursor.rowcount
    return written


def _unknown(query: str) -> str:
    return f"""INSERT INTO ledger_act (at, verb, subject_kind, subject_id, "case", role, channel, actor_name, reason, digest,
        fields, facts, about, standing)
      SELECT %s, %s, %s, s.id, '', 'system', 'command', 'ledger', '', '', '{{}}', '{{}}', '{{}}', s.standing
      FROM ({query}) AS s(id, standing) WHERE NOT EXISTS (SELECT 1 FROM ledger_act a
        WHERE a.subject_kind = %s AND a.subject_id = s.id AND a.standing IS NOT NULL)"""  # noqa: S608


def _differing(query: str) -> str:
    return f"""SELECT last.id, s.id, s.standing::text, last.standing::text FROM ({query}) AS s(id, standing)
      LEFT JOIN LATERAL (SELECT a.id, a.standing FROM ledger_act a WHERE a.subject_kind = %s AND a.subject_id = s.id
        AND a.standing IS NOT NULL ORDER BY a.id DESC LIMIT 1) last ON true
      WHERE last.standing IS DISTINCT FROM s.standing ORDER BY last.id NULLS FIRST LIMIT %s"""  # noqa: S608


def _gone(query: str) -> str:
    return f"""SELECT max(a.id), a.subject_id FROM ledger_act a WHERE a.subject_kind = %s AND a.standing IS NOT NULL
      AND a.standing <> 'null'::jsonb AND NOT EXISTS (SELECT 1 FROM ({query}) AS s(id, standing) WHERE s.id = a.subject_id)
      GROUP BY a.subject_id ORDER BY 1 LIMIT %s"""  # noqa: S608
