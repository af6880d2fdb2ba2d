"""A page that all strangers see alike is made once in some seconds; whoever may see another one gets his own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.test import RequestFactory
from django.utils import translation

from tongban.design import alike
from tongban.design.context import SENIOR_COOKIE

Show = Callable[..., str]


class Clock:
    """Monotonic seconds that stand still, and the stamps of what is published."""

    seconds, stamp = 100.0, "a"


@pytest.fixture
def clock(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    settings.TONGBAN_PAGE_SECONDS = 5
    at = Clock()
    monkeypatch.setattr(alike, "time", SimpleNamespace(monotonic=lambda: at.seconds))
    monkeypatch.setattr(alike, "stamps", lambda: {"services_item": at.stamp})
    alike.forget()
    yield at
    alike.forget()


@pytest.fixture
def show(clock: Clock) -> Show:
    """Ask for a page that says how often it was made."""
    made = iter(range(1, 100))

    @alike.alike_for_strangers
    def view(request: HttpRequest) -> HttpResponse:
        if "form" in request.path:
            get_token(request)
        return HttpResponse(f"{next(made)}", status=404 if "gone" in request.path else 200)

    def ask(path: str = "/", method: str = "GET", **headers: str) -> str:
        return view(RequestFactory().generic(method, path, **headers)).content.decode()

    return ask


def test_it_is_made_once_in_five_seconds(clock: Clock, show: Show) -> None:
    assert [show() for _ in range(3)] == ["1", "1", "1"]
    clock.seconds += 4.9
    assert show() == "1"
    clock.seconds += 0.2
    assert [show(), show()] == ["2", "2"]


def test_what_is_published_counts_at_once(clock: Clock, show: Show) -> None:
    assert show() == "1"
    clock.stamp = "b"
    assert show() == "2"


def test_each_address_language_and_edition_has_its_own(show: Show) -> None:
    with translation.override("zh-hans"):
        assert [show("/a"), show("/b"), show("/a", HTTP_COOKIE=f"{SENIOR_COOKIE}=senior")] == ["1", "2", "3"]
    with translation.override("en"):
        assert show("/a") == "4"
    with translation.override("zh-hans"):
        assert [show("/a"), show("/b"), show("/a", HTTP_COOKIE=f"{SENIOR_COOKIE}=senior")] == ["1", "2", "3"]


@pytest.mark.parametrize(
    "differs",
    [
        {"HTTP_COOKIE": "sessionid=x"},
        {"HTTP_COOKIE": "__Host-session=x"},
        {"HTTP_COOKIE": "csrftoken=x"},
        {"HTTP_AUTHORIZATION": "Bearer x"},
        {"HTTP_QUERY_CODE": "x"},
        {"HTTP_HX_REQUEST": "true"},
        {"path": "/?period=month"},
        {"method": "HEAD"},
        {"method": "POST"},
    ],
)
def test_who_brings_something_of_his_own_gets_his_own(show: Show, differs: dict[str, str]) -> None:
    assert show() == "1"
    assert [show(**differs), show(**differs)] == ["2", "3"]
    assert show() == "1"


def test_neither_a_refusal_nor_a_page_with_a_secret_is_kept(show: Show) -> None:
    assert [show("/gone"), show("/gone")] == ["1", "2"]
    assert [show("/form"), show("/form")] == ["3", "4"]


def test_while_one_makes_it_anew_the_others_see_the_former(clock: Clock, show: Show) -> None:
    seen: list[str] = []

    @alike.alike_for_strangers
    def slow(request: HttpRequest) -> HttpResponse:
        if clock.seconds > 105:
            seen.append(slow(request).content.decode())
        return HttpResponse(f"at {clock.seconds:.0f}")

    request = RequestFactory().get("/slow")
    assert slow(request).content == b"at 100"
    clock.seconds += 6
    assert slow(request).content == b"at 106"
    assert seen == ["at 100"]


def test_zero_seconds_keep_nothing(show: Show, settings: Any) -> None:
    settings.TONGBAN_PAGE_SECONDS = 0
    assert [show(), show()] == ["1", "2"]
