"""Two people of the data bureau: one edits, one reviews."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.support.county import County
from tongban.apps.studio import service as studio
from tongban.apps.studio.models import Change
from tongban.base.editables import editable
from tongban.kernel.cases import service as cases


class Studio:
    """Quick ways through the doors."""

    def __init__(self, county: County) -> None:
        self.county = county

    @property
    def editor(self) -> Any:
        return self.county.actor("studio1")

    @property
    def reviewer(self) -> Any:
        return self.county.actor("studio2")

    def begin(self, kind: str, key: str, **content: Any) -> Change:
        """Begin a change of a published thing, with these words of it changed."""
        entry = editable(kind)
        draft = studio.NewDraft(
            kind, key, {**entry.load(key), **content}, base_version=entry.versions(key)[0].version
        )
        return studio.open_change(actor=self.editor, drafts=[draft], at=self.county.now)

    def step(self, change: Change, node: str) -> Any:
        return self.county.task(change.case, node)

    def complete(self, change: Change, node: str, outcome: str, who: str, opinion: str = "") -> Any:
        return cases.complete_task(
            actor=self.county.actor(who),
            task_id=self.step(change, node).id,
            outcome=outcome,
            opinion=opinion,
            at=self.county.now,
        )

    def state(self, change: Change) -> str:
        return Change.objects.select_related("case").get(pk=change.pk).case.state

    def client(self, who: str) -> Client:
        return self.county.client(who)


@pytest.fixture
def desk(county: County) -> Studio:
    """Give the test the studio of the county."""
    return Studio(county)
