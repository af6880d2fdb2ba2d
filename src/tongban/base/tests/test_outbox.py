"""The handling of events."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tongban.base import outbox, published
from tongban.base.models import Event

AT = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)


@pytest.mark.django_db
def test_all_handlers_of_an_event_look_once_at_what_is_published(monkeypatch):
    seen = []
    handlers = {f"test.{key}": lambda event: seen.append(published.stamps()) for key in ("one", "two")}
    monkeypatch.setitem(outbox._handlers, "test.happened", handlers)
    event = Event.objects.create(name="test.happened", subject_kind="x", subject_id="1", created_at=AT)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        outbox.dispatch(event, at=AT)
    assert len(seen) == 2
    assert sum(published.ALL_STAMPS in query["sql"] for query in asked) == 1
