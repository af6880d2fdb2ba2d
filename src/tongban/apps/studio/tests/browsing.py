"""What a browser does on the pages of studio, without one."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from django.test import Client

__all__ = ["fields_of", "number_in", "start"]


def number_in(address: str) -> str:
    found = re.search(r"/changes/([^/]+)/", address)
    assert found, address
    return found[1]


def start(client: Client, kind: str, key: str) -> str:
    """Begin a change; return its number."""
    answer = client.post(f"/desk/studio/{kind}/of/{key}/change/")
    assert answer.status_code == 302
    return number_in(answer["Location"])


class Form(HTMLParser):
    """Reads what the editor's form holds."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.inside = False
        self.area: str | None = None
        self.select: str | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        a = {k: v or "" for k, v in attributes}
        if tag == "form":
            self.inside = "described" in a.get("class", "") or "process" in a.get("class", "")
        if not self.inside or (tag == "button"):
            return
        name = a.get("name", "")
        if tag == "input" and a.get("type") in ("checkbox", "radio"):
            if "checked" in a:
                self.values[name] = a.get("value", "on")
        elif tag == "input":
            self.values[name] = a.get("value", "")
        elif tag == "textarea":
            self.area, self.values[name] = name, ""
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select is not None and "selected" in a:
            self.values[self.select] = a.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        if tag == "textarea":
            self.area = None
        if tag == "select":
            self.select = None

    def handle_data(self, data: str) -> None:
        if self.area is not None:
            self.values[self.area] += data


def fields_of(client: Client, address: str) -> dict[str, str]:
    """Return what a browser would post of the editor's form on that page."""
    answer = client.get(address)
    assert answer.status_code == 200
    form = Form()
    form.feed(answer.content.decode())
    form.values.pop("csrfmiddlewaretoken", None)
    return form.values
