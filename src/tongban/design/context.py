"""What every page knows, as ``design`` in templates. Worked out only when a layout asks."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from urllib.parse import quote, urlparse

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language

from tongban.base import time
from tongban.base.text import LocalizedText
from tongban.design import navigation
from tongban.design.navigation import Link, Visitor
from tongban.design.site import Site, current_site

__all__ = ["SENIOR_COOKIE", "Design", "design"]

SENIOR_COOKIE = "tongban_display"


class Design:
    """The knowledge of the layouts about this request."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @property
    def is_demo(self) -> bool:
        return bool(settings.TONGBAN_ENV == "demo")

    @property
    def is_senior(self) -> bool:
        """True in the edition for elders (长辈版)."""
        return self.request.COOKIES.get(SENIOR_COOKIE) == "senior"

    @property
    def is_english(self) -> bool:
        return (get_language() or "").startswith("en")

    @property
    def language_tag(self) -> str:
        """The language of the page for ``<html lang>``."""
        return "en" if self.is_english else "zh-Hans"

    @cached_property
    def site(self) -> Site:
        return current_site()

    @property
    def domain(self) -> str:
        """The host under which the public reaches this installation."""
        return urlparse(settings.TONGBAN_PUBLIC_URL).hostname or ""

    @cached_property
    def today(self) -> date:
        return time.today()

    @property
    def layout(self) -> str:
        """The layout of a page of both faces: the workbench for officials, the public site for others."""
        return "design/desk.html" if navigation.actor_of(self.request).is_official else "design/public.html"

    @cached_property
    def visitor(self) -> Visitor | None:
        return navigation.visitor_of(self.request)

    @property
    def visitor_key(self) -> str:
        """Tells one visitor from the next at the same machine, and nothing about either."""
        account = navigation.actor_of(self.request).account_id
        return "" if account is None else salted_hmac("tongban.design.visitor", str(account)).hexdigest()[:16]

    @property
    def sign_in_url(self) -> str:
        url = navigation.sign_in_url()
        return f"{url}?next={self._here}" if url and not self.request.path.startswith(url) else url

    @property
    def sign_out_url(self) -> str:
        return navigation.sign_out_url()

    @property
    def accounts_url(self) -> str:
        """Where the demo's accounts are listed: the sign-in page."""
        return navigation.sign_in_url()

    @property
    def other_language_url(self) -> str:
        """The way to this page in the other language."""
        target = "zh-hans" if self.is_english else "en"
        return f"{reverse('design:language', args=[target])}?next={self._here}"

    @property
    def other_display_url(self) -> str:
        """The way to this page in the other edition (for elders, or standard)."""
        target = "standard" if self.is_senior else "senior"
        return f"{reverse('design:display', args=[target])}?next={self._here}"

    @cached_property
    def public_links(self) -> list[Link]:
        return navigation.links(navigation.public_entries, self.request)

    @cached_property
    def foot_groups(self) -> list[tuple[LocalizedText, list[Link]]]:
        return navigation.grouped(navigation.links(navigation.foot_entries, self.request))

    @cached_property
    def desk_groups(self) -> list[tuple[LocalizedText, list[Link]]]:
        return navigation.grouped(
            navigation.links(navigation.desk_entries, self.request, counts=self._counts)
        )

    @cached_property
    def tools(self) -> list[Link]:
        return navigation.links(navigation.tool_entries, self.request, counts=self._counts)

    @cached_property
    def account_links(self) -> list[Link]:
        return navigation.links(navigation.account_entries, self.request)

    @cached_property
    def desk_url(self) -> str:
        """The first page of the workbench."""
        return navigation.address("desk:inbox") or "/"

    @cached_property
    def home_url(self) -> str:
        return navigation.address("portal:home") or "/"

    @cached_property
    def desk_search_url(self) -> str:
        return navigation.address("desk:search") or navigation.address("desk:inbox")

    @cached_property
    def public_search_url(self) -> str:
        return navigation.address("services:search")

    @cached_property
    def _counts(self) -> dict[str, int]:
        return navigation.counts_of(self.request)

    @property
    def _here(self) -> str:
        return quote(self.request.get_full_path())


def design(request: HttpRequest) -> dict[str, Design]:
    """Give every page its ``design``."""
    return {"design": Design(request)}
