"""A NUL character anywhere in a request is refused with 400, never a server error."""

from __future__ import annotations

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "address",
    ["/progress/CX%00/", "/services/?q=a%00b", "/services/items/x%00/", "/certificates/verify/%00/"],
)
def test_a_nul_in_an_address_is_refused(address):
    assert Client().get(address).status_code == 400


def test_a_nul_in_a_posted_field_is_refused():
    answer = Client().post("/progress/", {"number": "CX\x00", "code": "1"})

    assert answer.status_code == 400


@pytest.mark.parametrize("body", ['{"number": "a\\u0000b", "level": 1}', '{"number": "a\x00b"}'])
def test_a_nul_in_json_is_refused_as_a_problem_document(body):
    answer = Client().post("/api/v1/ratings", body, content_type="application/json")

    assert (answer.status_code, answer.json()["code"]) == (400, "nul-character")


def test_the_api_refuses_a_nul_in_a_number():
    answer = Client().get("/api/v1/cases/CX%00")

    assert answer.status_code == 400
