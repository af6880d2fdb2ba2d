"""Rating a case (好差评): voluntary, once a matter, five levels."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from tongban.apps.services import rules
from tongban.apps.services.errors import AlreadyRated, NotRatable
from tongban.apps.services.models import Rating
from tongban.base.actor import Actor
from tongban.kernel.cases import service as cases
from tongban.kernel.cases.errors import CaseNotFound
from tongban.kernel.ledger import service as ledger

__all__ = ["LEVELS", "rate_case"]

LEVELS = (1, 2, 3, 4, 5)


@transaction.atomic
def rate_case(*, actor: Actor, case: Any, level: int, text: str = "", at: datetime) -> Rating:
    """Rate an ended case: ``level`` 1 (very satisfied) to 5 (very dissatisfied), GB/T 39046 A.8.

    The rated officials never learn who rated. Raises CaseNotFound, NotRatable, AlreadyRated.
    """
    if (
        not cases.is_party(actor, case) or actor.is_official
    ):  # a village agent acts for her, and does not judge for her
        raise CaseNotFound
    if case.state not in rules.FINAL or level not in LEVELS:
        raise NotRatable
    try:
        with transaction.atomic():
            rating = Rating.objects.create(
                case=case,
                item_key=case.subject_id,
                unit_id=case.unit_id,
                level=level,
                text=text.strip()[:500],
                channel=actor.channel,
                at=at,
            )
    except IntegrityError:
        raise AlreadyRated from None
    ledger.record(actor=actor, verb="services.rate", subject=case.ref, facts={"level": level}, at=at)
    return rating
