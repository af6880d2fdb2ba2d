"""An item that wants to be surer who applies leads to the ways up, and lets in who went one."""

from __future__ import annotations

import pytest

from tests.support.county import County
from tongban.apps.services import service as services
from tongban.apps.services.errors import AssuranceTooLow
from tongban.kernel.cases.models import Case
from tongban.kernel.identity.models import Account

APPLY = "/services/items/senior-allowance/apply/"


def test_who_is_not_checked_is_told_how_and_then_gets_in(county: County) -> None:
    Account.objects.filter(username="elder").update(level=1)
    client = county.client("elder")
    before = Case.objects.count()
    page = client.get(APPLY).content.decode()
    assert "先核验您的身份" in page
    assert "带身份证到政务服务中心" in page
    assert client.post(APPLY).status_code == 403
    with pytest.raises(AssuranceTooLow):
        services.create_application(
            actor=county.actor("elder"), item_key="senior-allowance", entity_id=None, at=county.now
        )
    assert Case.objects.count() == before

    Account.objects.filter(username="elder").update(level=2)
    assert "先核验您的身份" not in client.get(APPLY).content.decode()
    assert client.post(APPLY).status_code == 302
    assert Case.objects.count() == before + 1
