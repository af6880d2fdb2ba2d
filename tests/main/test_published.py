"""What is published is kept in memory and still never out of date, in whichever way its table changes."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tongban.base import published
from tongban.base.text import LocalizedText
from tongban.kernel.messages.models import MessageTemplate

pytestmark = pytest.mark.django_db

TABLE = "messages_messagetemplate"


def make(key: str = "k", subject: str = "甲") -> MessageTemplate:
    return MessageTemplate.objects.create(key=key, subject=LocalizedText(subject), body=LocalizedText("乙"))


def kept() -> published.Kept[str, str | None]:
    rows = MessageTemplate.objects.all()
    return published.Kept((TABLE,), lambda key: next((row.subject.zh for row in rows.filter(key=key)), None))


def test_a_value_is_loaded_once_and_asked_for_with_one_small_statement():
    make()
    words = kept()
    assert words.get("k") == "甲"
    with CaptureQueriesContext(connection) as captured:
        assert words.get("k") == "甲"
    assert len(captured) == 1
    with published.scope(), CaptureQueriesContext(connection) as captured:
        assert [words.get("k"), words.get("k")] == ["甲", "甲"]
    assert len(captured) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda: MessageTemplate.objects.filter(key="k").update(subject=LocalizedText("丙")),
        lambda: connection.cursor().execute(f'UPDATE {TABLE} SET subject = \'{{"zh": "丙"}}\''),
        lambda: (MessageTemplate.objects.all().delete(), make(subject="丙")),
    ],
    ids=["queryset", "sql", "delete"],
)
def test_every_change_counts_at_once(change):
    make()
    words = kept()
    assert words.get("k") == "甲"
    change()
    assert words.get("k") == "丙"


def test_also_that_there_is_nothing_is_kept_until_there_is_something():
    words = kept()
    assert words.get("k") is None
    make()
    assert words.get("k") == "甲"


def test_what_was_read_in_a_transaction_that_is_taken_back_is_not_kept():
    make()
    words = kept()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        MessageTemplate.objects.update(subject=LocalizedText("丙"))
        assert words.get("k") == "丙"
        raise ZeroDivisionError
    assert words.get("k") == "甲"
    with transaction.atomic():
        MessageTemplate.objects.update(subject=LocalizedText("丁"))
    assert words.get("k") == "丁"


def test_a_scope_looks_once_and_who_publishes_makes_it_look_again():
    make()
    words = kept()
    with published.scope():
        assert words.get("k") == "甲"
        MessageTemplate.objects.update(subject=LocalizedText("丙"))
        published.forget()
        assert words.get("k") == "丙"


def test_the_stamps_ride_on_another_statement():
    make()
    words = kept()
    words.get("k")
    with published.scope(), CaptureQueriesContext(connection) as captured:
        row = MessageTemplate.objects.annotate(stamps=published.told_along()).get(key="k")
        published.prime(row.stamps)
        assert words.get("k") == "甲"
    assert len(captured) == 1


def test_every_declared_table_is_there_and_has_its_trigger():
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'published'")
        assert {row[0] for row in cursor.fetchall()} >= set(published.tables())
