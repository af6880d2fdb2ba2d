"""Every item of the demo county goes from the application to its end through the API, and once to a refusal.

What is answered and done stands in ``walks/`` (see its README): an item of the pack without a walk fails here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.support.county import PACK, PNG, County
from tests.support.walks import WALKS, dated, example_of, read
from tongban.base.time import local_date

ITEMS = sorted(path.parent.name for path in PACK.glob("items/*/item.yaml"))


class Walk:
    """One item walked by whoever may: the applicant, and officials found by the steps they hold."""

    def __init__(self, county: County, item: str) -> None:
        self.county, self.item = county, read(PACK / "items" / item / "item.yaml")
        self.example = example_of(item)
        self.process = read(WALKS / "processes" / f"{self.item['process']}.yaml")
        self.client = Client()
        self.tokens: dict[str, dict[str, str]] = {}
        self.acted: list[str] = []

    def call(self, who: str, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Call the API as an account; every refusal is told with what it says."""
        if who not in self.tokens:
            self.tokens[who] = self.county.token(who)
        sent = {"headers": {**self.tokens[who], **headers}}
        url = f"/api/v1{path}"
        if isinstance(body, SimpleUploadedFile):
            answer = self.client.post(url, {"file": body}, **sent)
        else:
            said = b"" if body is None else json.dumps(body).encode()
            answer = self.client.generic(method, url, said, content_type="application/json", **sent)
        assert answer.status_code in (200, 201), f"{who} {method} {path}: {answer.content.decode()}"
        return answer.json()

    # the applicant

    @property
    def capacity(self) -> dict[str, str]:
        """The header of the entity applied for, none for somebody who applies for themselves."""
        firm = self.example.get("firm")
        return {"Tongban-Entity": str(self.county.entity(firm).pk)} if firm else {}

    def submit(self) -> str:
        """Fill in, give what is asked for, submit; returns the number of the case."""
        who = self.example["by"]
        body = {"item": self.item["key"], "entity_id": self.capacity.get("Tongban-Entity")}
        draft = self.call(who, "POST", "/applications", body, **{"Idempotency-Key": self.item["key"]})
        place = f"/applications/{draft['id']}"
        found = self.call(who, "PUT", f"{place}/data", {"data": self.dated(self.example["answers"])})
        asked = [m["key"] for m in found["materials"] if m["upload"] and m["required"]]
        for key in self.example.get("uploads", asked):
            found = self.call(who, "POST", f"{place}/materials/{key}", SimpleUploadedFile(f"{key}.png", PNG))
        assert found["faults"] == []
        if found["signature"]["needed"]:
            self.sign(who, place, found["signature"]["digest"])
        self.case_id = UUID(draft["id"])
        return str(self.call(who, "POST", f"{place}/submit", {})["number"])

    def sign(self, who: str, place: str, digest: str) -> None:
        """Sign what was read."""
        name = self.county.account(who).person.name
        said = {"digest": digest, "password": "demo", "name": name, "consents": True}
        self.call(who, "POST", f"{place}/sign", said)

    # the office

    def go(self, road: str) -> None:
        """Do the steps of a road of the process, one after the other."""
        for step in self.process[road]:
            if not self.knows(step.get("for", "key")):
                continue
            if "days" in step:
                self.county.go_to(self.county.now + timedelta(days=step["days"]))
                self.county.tick()
            else:
                self.do(step)
            self.county.drain()

    def knows(self, element: str) -> bool:
        """Whether the item has this element, ``fee.table`` for one inside another."""
        found: Any = self.item
        for name in element.split("."):
            found = (found or {}).get(name)
        return bool(found)

    def do(self, step: Mapping[str, Any]) -> None:
        """Let somebody who holds the step complete it."""
        from tongban.kernel.cases import service as cases

        [case] = cases.find_cases([self.case_id])
        open_steps = self.county.open_steps(case)
        task = next((task for task in open_steps if task.node == step["step"]), None)
        assert task is not None, f"{step['step']} is not open but {[task.node for task in open_steps]}"
        who, capacity = self.holder(task)
        data = self.dated({**step.get("data", {}), **self.example.get("data", {}).get(step["step"], {})})
        outcome = self.example.get("outcomes", {}).get(step["step"], step["outcome"])
        self.call(who, "POST", f"/tasks/{task.id}/complete", {"outcome": outcome, "data": data}, **capacity)
        self.acted.append(who)

    def holder(self, task: Any) -> tuple[str, dict[str, str]]:
        """Return an account that holds a step, best one that has not acted yet, and its capacity."""
        found = list(self.holders(task.holder_id))
        assert found, f"nobody holds {task.node}"
        return next((each for each in found if each[0] not in self.acted), found[0])

    def holders(self, holder_id: int) -> Iterator[tuple[str, dict[str, str]]]:
        """Yield the accounts behind a holder, each with the header of the post or entity it acts in."""
        from tongban.kernel.identity import service as identity
        from tongban.kernel.identity.models import Account, Holder

        holder = Holder.objects.get(pk=holder_id)
        if holder.kind == "duty":
            unit, _, duty = holder.key.partition(":")
            people = identity.people_with_duty(int(unit), duty, self.county.now)
            for account in Account.objects.filter(person_id__in=people, kind="official").order_by("username"):
                for post in identity.posts_of(account, self.county.now):
                    if duty in post.duties and str(post.unit_id) == unit:
                        yield account.username, {"Tongban-Post": str(post.post_id)}
        else:
            yield self.example["by"], self.capacity

    def dated(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        """Return answers with the dates of the day at which the test stands."""
        return dated(answers, local_date(self.county.now))

    def see(self, number: str) -> Any:
        """Return the case as its applicant sees it in the end."""
        return self.call(self.example["by"], "GET", f"/cases/{number}", **self.capacity)


@pytest.fixture(params=ITEMS)
def walk(request: pytest.FixtureRequest, county: County) -> Walk:
    """Give the test an item to walk."""
    return Walk(county, request.param)


def test_it_is_granted_and_delivered_in_time_with_its_papers(walk: Walk) -> None:
    number = walk.submit()
    walk.go("granted")
    case = walk.see(number)
    assert (case["state"], case["result"]) == ("delivered", "granted")
    assert "red" not in {clock["mark"] for clock in case["clocks"]}, case["clocks"]
    expected = {"receipt", "acceptance-notice", *walk.example.get("papers", [])}
    assert expected <= {paper["template"] for paper in case["papers"]}
    for template, words in walk.example.get("says", {}).items():
        [paper] = [paper for paper in papers_of(walk) if paper.template.key == template]
        assert words in json.dumps(paper.data, ensure_ascii=False)
    assert certificates_of(walk) == bool(walk.item.get("certificate"))


def test_it_can_end_without_a_grant_and_says_why_and_what_can_be_done(walk: Walk) -> None:
    number = walk.submit()
    walk.go("refused")
    case = walk.see(number)
    assert case["state"] == walk.process["end"]
    assert certificates_of(walk) == 0
    [told] = [paper for paper in papers_of(walk) if paper.data.get("remedies")]
    assert told.data.get("reasons") or told.data.get("reason")


def certificates_of(walk: Walk) -> int:
    from tongban.apps.certificates.models import Certificate

    return Certificate.objects.filter(case_id=walk.case_id).count()


def papers_of(walk: Walk) -> list[Any]:
    from tongban.kernel.instruments.models import Paper

    return list(Paper.objects.filter(subject_id=str(walk.case_id)))
