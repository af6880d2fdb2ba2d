"""Who comes to the hall: an appointment, a case that needs one, a number."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.support.county import County, on
from tongban.apps.hall import queries
from tongban.apps.hall import service as hall
from tongban.apps.hall.models import Appointment, Ticket, Window

WEDNESDAY_9 = on("2026-06-03", 9)


def service(key: str = "market") -> Any:
    return hall.find_service("county-hall", key)


def book(
    county: County, who: str = "citizen", starts_at: datetime = WEDNESDAY_9, key: str = "market"
) -> Appointment:
    return hall.book(actor=county.actor(who), service=service(key), starts_at=starts_at, at=county.now)


def told(county: County, who: str) -> list[str]:
    from tongban.kernel.messages import service as messages

    return [row.subject.zh for row in messages.inbox_of(county.account(who).person_id)]


def window_of(county: County, who: str) -> Window:
    return queries.windows_of(county.actor(who))[0]


def marriage(county: County, **more: Any) -> Any:
    import yaml
    from django.core.files.uploadedfile import SimpleUploadedFile

    from tests.county.test_every_item import WALKS
    from tests.support.county import PNG
    from tongban.apps.services import service as services
    from tongban.apps.services.operations.apply import put_answers

    walk = yaml.safe_load((WALKS / "items" / "marriage-registration.yaml").read_text("utf-8"))
    actor = county.actor("villager")
    case = services.create_application(
        actor=actor, item_key="marriage-registration", entity_id=None, at=county.now
    )
    put_answers(actor=actor, case_id=case.pk, values={**walk["answers"], **more}, at=county.now)
    upload = SimpleUploadedFile("a.png", PNG)
    services.put_material(actor=actor, case_id=case.pk, key="partner_identity", upload=upload, at=county.now)
    made, _ = services.submit_application(actor=actor, case_id=case.pk, at=county.now)
    return made


def number(county: County, key: str = "market") -> Ticket:
    """Take a number at a machine of the hall."""
    point = hall.find_point("county-hall")
    token = hall.put_up_kiosk(actor=county.actor("hall"), key=point.key, name="1", at=county.now)
    from tongban.apps.hall.operations.hours import kiosk_of

    return hall.take_number(
        actor=county.stranger, service=service(key), at=county.now, kiosk=kiosk_of(point, token)
    )
