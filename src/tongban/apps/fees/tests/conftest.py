"""A road-occupation application that waits for its fee, with quick ways through the doors."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.county.test_every_item import Walk
from tests.support.county import County
from tongban.apps.fees import service as fees
from tongban.apps.fees.models import BankOrder, Charge, Payment
from tongban.apps.fees.providers.demo import signed_word, word_of
from tongban.apps.fees.providers.protocol import Signed, Word
from tongban.kernel.cases import service as cases

ADDRESS = "/api/v1/fees/notifications/demo"


class Cashier:
    """The case, its charge, the bank on the other side."""

    def __init__(self, county: County) -> None:
        self.county = county
        self.walk = Walk(county, "road-occupation")
        self.payer = self.walk.example["by"]
        self.number = self.walk.submit()
        for step in self.walk.process["granted"]:
            if step.get("step") == "collect":
                break
            self.walk.do(step)

    @property
    def case(self) -> Any:
        """The case as it is now."""
        return cases.find_cases([self.walk.case_id])[0]

    @property
    def charge(self) -> Charge:
        """The newest charge of the case."""
        return Charge.objects.filter(case_id=self.walk.case_id).latest("made_at")

    def start(self) -> Payment:
        """Let the applicant open a payment."""
        actor = self.county.actor(self.payer)
        return fees.start_payment(actor=actor, charge_id=self.charge.pk, at=self.county.now)

    def another(self) -> Payment:
        """Open a second payment while the first could still succeed: after it has run out over here."""
        first = self.start()
        Payment.objects.filter(pk=first.pk).update(expires_at=self.county.now - timedelta(seconds=1))
        return self.start()

    def at_bank(self, payment: Payment, act: str = "pay") -> BankOrder:
        """Let the payer do something at the bank; its notification waits as a job."""
        return fees.act_at_bank(number=payment.number, act=act, at=self.county.now)

    def word(self, payment: Payment, **changes: Any) -> Signed:
        """Return the bank's signed word about a payment as it stands there, with changes of ours."""
        said = word_of(BankOrder.objects.get(number=payment.number))
        fields = {name: getattr(said, name) for name in Word.__slots__}
        return signed_word(Word(**{**fields, **changes}), at=self.county.now)

    def post(self, signed: Signed) -> Any:
        """Post a notification to the public address."""
        client = self.county.client()
        headers = dict(signed.headers)
        return client.post(ADDRESS, signed.body, content_type="application/json", headers=headers)

    def post_to(self, provider: str, signed: Signed) -> Any:
        """Post a notification to the address of another provider."""
        return self.county.client().post(
            ADDRESS.replace("demo", provider), signed.body, content_type="application/json"
        )

    def pay(self) -> Payment:
        """Pay the charge on line, all the way; returns the payment."""
        payment = self.start()
        self.at_bank(payment)
        self.county.drain()
        return self.again(payment)

    def again(self, payment: Payment) -> Payment:
        """Return a payment as it is now."""
        return Payment.objects.get(pk=payment.pk)


@pytest.fixture
def cashier(county: County) -> Cashier:
    """Give the test a case that waits for its fee."""
    return Cashier(county)
