"""An answer counts while its question is asked: what was answered before a question was hidden asks for nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.county import County
from tongban.apps.services import service as services
from tongban.apps.services.operations.apply import put_answers

STUDENT_FROM_AWAY = {"insured": "family", "local": False, "category": "student"}


@pytest.fixture
def draft(county: County) -> Any:
    """A draft of the residents' insurance, which asks of family members whether they are registered here."""
    return services.create_application(
        actor=county.actor("citizen"), item_key="resident-insurance", entity_id=None, at=county.now
    )


def asked(county: County, case: Any, **answers: Any) -> set[str]:
    """Give answers; return what is to be uploaded then."""
    put_answers(actor=county.actor("citizen"), case_id=case.pk, values=answers, at=county.now)
    case = services.get_application(county.actor("citizen"), case.pk)
    item = services.get_item("resident-insurance")
    return {m.key for m in services.materials_of(case, item, at=county.now) if m.is_upload}


def test_an_answer_that_is_not_asked_any_more_asks_for_no_material(county: County, draft: Any) -> None:
    before = asked(county, draft, insured="self", category="student")
    [proof] = asked(county, draft, **STUDENT_FROM_AWAY) - before
    assert (
        asked(county, draft, insured="self") == before
    )  # "local" was typed, but is asked of family members only
    case = services.get_application(county.actor("citizen"), draft.pk)
    assert case.entry.data["local"] is False
    missing = {f.field for f in services.faults(case, services.get_item("resident-insurance"),
                                               actor=county.actor("citizen"), at=county.now)}  # fmt: skip
    assert proof not in missing
    assert proof in asked(county, draft, insured="family")  # nothing typed was lost
