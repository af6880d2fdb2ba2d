"""Jobs of fees: what follows from a payment, asking providers, giving back, reconciling. Each may be repeated at any time."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import procrastinate
from procrastinate.contrib.django import app

from tongban.base.actor import Actor
from tongban.base.time import local_date, now

__all__ = ["ask_providers", "bank_notifies", "follow", "reconcile", "send_refund"]

RETRY = procrastinate.RetryStrategy(max_attempts=8, exponential_wait=2)


@app.task(name="fees.follow", retry=RETRY)
def follow(charge_id: str) -> None:
    """Give the receipt of a paid charge and let the process go on."""
    from tongban.apps.fees.operations import following

    following.follow(charge_id=UUID(charge_id), at=now())


@app.task(name="fees.send_refund")
def send_refund(refund_id: str) -> None:
    """Ask the provider to give money back; the job of every minute asks again where it is needed."""
    from tongban.apps.fees.operations import giving_back

    giving_back.send_refund(refund_id=UUID(refund_id), at=now())


@app.task(name="fees.bank_notifies", retry=RETRY)
def bank_notifies(number: str) -> None:
    """Let the demo bank send a notification."""
    from tongban.apps.fees.operations import demo_bank

    demo_bank.notify(number=number, at=now())


@app.periodic(cron="* * * * *")
@app.task(name="fees.ask_providers", queueing_lock="fees.ask_providers", pass_context=False)
def ask_providers(timestamp: int) -> None:
    """Every minute: hear of payments without a notification, send refunds again, draw consequences that were not drawn."""
    from tongban.apps.fees.operations import following, giving_back, paying

    at = now()
    for payment in paying.to_ask(at=at):
        paying.ask(payment_id=payment, at=at)
    for refund in giving_back.to_send(at=at):
        giving_back.send_refund(refund_id=refund, at=at)
    # What was paid a moment ago has its own job; here is what that job gave up.
    for charge in following.to_follow(before=at - timedelta(minutes=15)):
        app.configure_task("fees.follow", queueing_lock=f"fees.follow:{charge}").defer(charge_id=str(charge))
    paying.cancel_of_ended_cases(at=at)


@app.periodic(cron="20 6 * * *")
@app.task(name="fees.reconcile", queueing_lock="fees.reconcile", pass_context=False)
def reconcile(timestamp: int) -> None:
    """Every morning: the day before, and the two before that, whose statements may have come late."""
    from tongban.apps.fees.operations.reconcile import reconcile_all

    at = now()
    for days in (3, 2, 1):
        reconcile_all(actor=Actor.system("fees"), day=local_date(at) - timedelta(days=days), at=at)
