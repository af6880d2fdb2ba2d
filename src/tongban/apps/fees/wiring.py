"""What the fees application makes known to the modules below it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core import checks

from tongban.apps.fees import providers, queries, words
from tongban.apps.fees.duties import DUTIES
from tongban.apps.fees.operations import charging
from tongban.apps.fees.policies import has_desk
from tongban.base import builtin, exchange
from tongban.base.text import LocalizedText as T
from tongban.design import navigation
from tongban.design.navigation import NavEntry
from tongban.kernel.cases import service as cases
from tongban.kernel.cases.service import Panel
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger
from tongban.kernel.messages import service as messages

__all__ = ["register"]

CHARGE_STANDING = "SELECT id::text, jsonb_build_object('amount', amount, 'state', state) FROM fees_charge"
PAYMENT_STANDING = (
    "SELECT id::text, jsonb_build_object('state', state, 'received', received) FROM fees_payment "
    "WHERE state <> 'started' AND provider <> 'window'"
)
PANEL = Panel("fees", "fees/panel.html", queries.case_panel)


def register() -> None:
    """Called once by ``FeesConfig.ready``."""
    identity.register_duties(DUTIES)
    for verb, label in words.ACTS.items():
        ledger.register_verb(verb, label)
    ledger.register_subject_check("charge", CHARGE_STANDING)
    ledger.register_subject_check("payment", PAYMENT_STANDING)
    for key, (subject, body) in words.MESSAGES.items():
        messages.register_words(key, subject=subject, body=body)
    exchange.register_facts("charge", queries.payment_of)
    cases.register_panel(PANEL)
    cases.register_party_links("fees", queries.party_links)
    navigation.register_account(
        NavEntry(
            key="fees",
            label=T("我的缴费", "My fees"),
            url_name="fees:mine",
            icon="yuan",
            order=35,
            visible=lambda actor: not actor.is_official,
        )
    )
    navigation.register_desk(
        NavEntry(
            key="fees",
            group=T("业务", "Work"),
            label=T("收费", "Fees"),
            url_name="fees:desk",
            icon="yuan",
            order=55,
            visible=has_desk,
        )
    )
    checks.register(_check_providers, "fees")
    builtin.register("fees", Path(__file__).parent / "builtin")
    _ = charging  # importing it registered the operations


def _check_providers(app_configs: Any, **_: object) -> Iterable[checks.CheckMessage]:
    """Refuse to start with a provider that cannot be used, above all the demo bank outside of the demo."""
    return [checks.Error(fault, id="fees.E001") for fault in providers.faults()]
