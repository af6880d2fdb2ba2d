"""Field encryption, proved on the database itself: every column of every table is read, and none holds a number in the clear.

People do what people do here, each with an ID number and telephones that are known: a licence up to the certificate, a
certificate with two holders, one that is numbered by the ID number, letters, a place in the hall's queue. Then every column
of every table is searched for those numbers. There is no exception; what a database's columns do not hold (files, what was
typed with other signs) is told by the page "Numbers of people, sealed".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from django.db import connection
from psycopg import sql

from tests.county.test_holders import SENIOR, handed_in
from tests.support.county import ANSWERS, County
from tests.support.database import as_owner
from tongban.apps.certificates import service as certificates
from tongban.apps.docking import service as docking
from tongban.apps.docking.models import Record
from tongban.apps.voice import service as voice
from tongban.base.actor import Actor
from tongban.kernel.ledger import rows

TELEPHONE = "13812344471"
"""Of who writes letters and of who is asked back about a licence."""


def columns_with(numbers: Iterable[str]) -> dict[str, int]:
    """Return in which columns of all tables one of these texts stands, as it is or in the bytes, and in how many rows."""
    every = [each for number in numbers for each in (number, number.encode().hex())]
    found: dict[str, int] = {}
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, array_agg(column_name::text) FROM information_schema.columns JOIN "
            "information_schema.tables USING (table_schema, table_name) "
            "WHERE table_schema = 'public' AND table_type = 'BASE TABLE' GROUP BY 1 ORDER BY 1"
        )
        for table, columns in cursor.fetchall():
            counts = sql.SQL(", ").join(
                sql.SQL("count(*) FILTER (WHERE {}::text ~ %(these)s)").format(sql.Identifier(column))
                for column in columns
            )
            statement = sql.SQL("SELECT {} FROM {} t WHERE t::text ~ %(these)s").format(
                counts, sql.Identifier(table)
            )
            cursor.execute(statement, {"these": "|".join(every)})
            found |= {f"{table}.{name}": n for name, n in zip(columns, cursor.fetchone(), strict=True) if n}
    return found


def test_no_column_of_any_table_holds_an_id_number_or_a_telephone(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [county.account(name).person for name in ("citizen", "villager", "elder")]
    numbers = {str(each.citizen_id) for each in people} | {each.phone for each in people if each.phone}
    numbers |= {SENIOR[1], ANSWERS["phone"], TELEPHONE, f"{TELEPHONE[:3]}-{TELEPHONE[3:7]}-{TELEPHONE[7:]}"}
    told = {"key": "above", "name": {"zh": "省平台", "en": "Above"}, "kind": "drop", "address": "above"}
    above = docking.put_destination(actor=Actor.system("test"), content=told, at=county.now)

    licence = county.submit()
    checked = {"checked": ["competence", "applicant", "complete", "form"]}
    county.do("window", licence, "receive", "accept", checked, f"已打 {TELEPHONE} 问过")
    county.grant(county.review(licence))
    for item, other in (("tree-felling", "elder"), ("disability-certificate", "")):
        case = handed_in(county, item, other)
        if not other:
            result = {"category": "4", "grade": "2"}
            case.facts = {**case.facts, "calculation": {"result": result, "lines": []}}
        certificates.issue_certificate(case=case, type_key=item, actor=Actor.system("test"), at=county.now)
    for who in (county.actor("villager"), county.stranger):
        write_to_the_county_head(county, who)
    county.drain()
    monkeypatch.setattr(rows, "HORIZON", "9000000000000000000")  # a test is one transaction, still open
    while docking.follow(destination_id=above.pk, at=county.now):
        pass

    assert str(people[1].citizen_id) in str(list(Record.objects.values_list("content", flat=True)))
    assert columns_with([people[1].name])  # it finds what is there in the clear
    assert columns_with(numbers) == {}


def write_to_the_county_head(county: County, who: Any) -> None:
    """Write a letter that names the writer's telephone and ID number."""
    voice.write_letter(
        actor=who,
        mailbox="county-head",
        values={
            "kind": "complaint",
            "title": "村口的路灯坏了两个多月",
            "body": f"晚上走路看不见。请打 138-1234-4471 或 {TELEPHONE}，我的身份证是{SENIOR[1]}，谢谢。",
            "name": "木易生",
            "phone": TELEPHONE,
            "email": "villager@chengxi.example",
            "may_publish": False,
        },
        attachments=[],
        send_key="",
        at=county.now,
    )
