"""A ledger of one's own: committed acts, files in a directory of the test, and what somebody with all rights could do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from tests.support.database import as_owner as be_owner
from tests.support.database import wait_for_neighbours
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.kernel.ledger import kept, rows, sealing
from tongban.kernel.ledger import service as ledger
from tongban.kernel.ledger.models import Act, Batch

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
CLERK = Actor(account_id=7, post_id=3, unit_id=5, channel="desk", name="王敏")


class Ledger:
    """Writes acts and seals; tampers as a superuser who knows everything about the format."""

    def write(self, count: int = 1, **changes: Any) -> list[int]:
        """Write acts, each in a transaction of its own."""
        return [
            ledger.record(
                **{
                    "actor": CLERK,
                    "verb": "test.act",
                    "subject": Ref("thing", str(n)),
                    "at": AT,
                    "reason": f"理由{n}",
                    "facts": {"n": n},
                    **changes,
                }
            ).pk
            for n in range(count)
        ]

    def seal(self, **options: Any) -> int:
        wait_for_neighbours()
        return ledger.seal(at=AT, **options)

    def sql(self, statement: str, parameters: Any = ()) -> None:
        """Run a statement with all rights."""
        with be_owner(), connection.cursor() as cursor:
            cursor.execute(statement, parameters)

    def recompute(self, algorithm: str = "sha256") -> None:
        """Seal the whole ledger again over what is there now, batch by batch with the old sizes: the work of an insider."""
        with be_owner(), transaction.atomic():
            sizes = list(Batch.objects.order_by("number").values_list("count", flat=True))
            with connection.cursor() as cursor:
                cursor.execute("TRUNCATE ledger_batch")
            after, place = None, (0, 0)
            for size in sizes:
                acts = rows.finished_acts(place, limit=size)
                if not acts:
                    break
                leaves = [sealing.leaf_hash(act, algorithm) for act in acts]
                after = sealing.Header.over(acts, leaves, after, algorithm, AT)
                place = after.place
                Batch.objects.create(
                    **{**after.as_json(), "sealed_at": AT},
                    head=after.head,
                    acts=[act.id for act in acts],
                    leaves=b"".join(leaves),
                )

    def forget_files(self) -> None:
        """Remove what is kept outside the database."""
        for name in ("roots", "leaves"):
            (kept.directory() / name).unlink()

    def first(self, **options: Any) -> tuple[str, int | None]:
        """Return kind and act of the first finding."""
        report = ledger.verify(**options)
        assert report.faults, "nothing was found"
        return report.faults[0].kind, report.faults[0].act


@pytest.fixture
def book(transactional_db: None, settings: Any, tmp_path: Any) -> Ledger:
    """An empty ledger."""
    settings.TONGBAN_HOME = tmp_path
    if Act.objects.exists():  # what modules put of their own when the database was made
        call_command("flush", interactive=False, inhibit_post_migrate=True, verbosity=0)
    assert not Act.objects.exists()
    return Ledger()


@pytest.fixture
def sealed(book: Ledger) -> Callable[[], tuple[Ledger, list[int]]]:
    """Nine acts in three batches."""

    def make() -> tuple[Ledger, list[int]]:
        acts = book.write(9)
        assert book.seal(largest=3) == 9
        return book, acts

    return make
