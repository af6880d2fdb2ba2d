"""The site of the journeys: one real installation with the demo county, its API and what the tests bring along."""

from __future__ import annotations

import contextlib
import io
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, ProxyHandler, Request, build_opener

from PIL import Image

from tests.support.database import fresh_database
from tests.support.installation import Installation, open_directory

__all__ = ["Answer", "Api", "Forms", "Site", "a_pdf", "a_picture", "running_site"]

_direct = build_opener(ProxyHandler({}))
PEOPLE = (
    "citizen", "rep", "window", "officer1", "officer2", "chief", "health1", "health2", "healthchief", "lab",
    "mailbox", "bureau", "bureau2", "sysadmin", "auditadmin", "cgj.window", "cgj.officer1", "cgj.officer2", "cgj.chief",
    "village", "villager",
)  # fmt: skip
"""The demo accounts of people who do something in the jobs."""
RUNNING = "TONGBAN_TEST_INSTALLATION"
"""``<home>:<port>`` of an installation that runs already; for whoever writes journeys and runs one again and again."""


@contextlib.contextmanager
def running_site(*, with_past: bool = False, is_embedded: bool = False) -> Iterator[Site]:
    """Start an installation (database, web, worker, demo county) and take it away again, whatever happens.

    Its database is its own, or one on the server that the tests were given by ``DATABASE_URL``; always its own when
    ``is_embedded``, since whoever kills a database may not take somebody else's.

    ``with_past`` plays the county's past cases too, which takes minutes.
    """
    if already := os.environ.get(RUNNING):
        home, _, port = already.rpartition(":")
        installation = Installation(Path(home))
        installation.port = int(port)
        yield Site(installation)
        return
    server = contextlib.nullcontext(dict[str, str]()) if is_embedded else fresh_database()
    with open_directory() as directory, server as database:
        past = "1" if with_past else "0"
        installation = Installation(directory / "home").start(TONGBAN_DEMO_PAST=past, **database)
        try:
            yield Site(installation.wait_until_well(900 if with_past else 480))
        finally:
            installation.stop()


@dataclass(frozen=True, slots=True)
class Answer:
    """What the API answered."""

    status: int
    headers: Message
    content: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.content)


class Api:
    """The API as one account sees it; without a token as a stranger."""

    def __init__(self, base: str, token: str = "") -> None:
        self.base, self.token = base, token

    def ask(
        self, method: str, path: str, body: Any = None, *, content: bytes | None = None, **headers: str
    ) -> Answer:
        """Send a request; every status is an answer."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            given.setdefault("Authorization", f"Bearer {self.token}")
        if content is None and body is not None:
            content = json.dumps(body).encode()
            given["Content-Type"] = "application/json"
        request = Request(f"{self.base}/api/v1{path}", data=content, headers=given, method=method)  # noqa: S310
        try:
            with _direct.open(request, timeout=60) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except HTTPError as refusal:
            return Answer(refusal.code, refusal.headers, refusal.read())

    def get(self, path: str, **headers: str) -> Answer:
        """GET."""
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        """POST."""
        return self.ask("POST", path, {} if body is None else body, **headers)

    def put(self, path: str, body: Any, **headers: str) -> Answer:
        """PUT."""
        return self.ask("PUT", path, body, **headers)

    def upload(self, path: str, name: str, content: bytes) -> Answer:
        """POST one file as a browser would."""
        edge = secrets.token_hex(16)
        head = (
            f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        body = head.encode() + content + f"\r\n--{edge}--\r\n".encode()
        return self.ask("POST", path, content=body, Content_Type=f"multipart/form-data; boundary={edge}")


class Forms:
    """Somebody's browser without its window: visits pages, sends their forms. ``path`` and ``said``: where it is, the HTML."""

    def __init__(self, base: str) -> None:
        self.base, self.cookies = base, CookieJar()
        self.path, self.said = "", ""
        self._opener = build_opener(ProxyHandler({}), HTTPCookieProcessor(self.cookies))

    def sign_in(self, username: str, password: str = "demo") -> Forms:
        """Sign in with name and password."""
        return self.visit("/sign-in/").send("/sign-in/", username=username, password=password)

    def visit(self, path: str, said: bytes | None = None) -> Forms:
        """Go to an address, or send something there, and to where it leads."""
        with self._opener.open(self.base + path, said, timeout=60) as answer:
            self.path, self.said = str(answer.url).removeprefix(self.base), answer.read().decode()
        return self

    def send(self, path: str, **fields: str | list[str]) -> Forms:
        """Send a form."""
        return self.visit(
            path, urlencode({"csrfmiddlewaretoken": self._token, **fields}, doseq=True).encode()
        )

    def save(self, path: str, body: Any) -> Any:
        """Save something as the script of a page does; return what is answered."""
        headers = {"Content-Type": "application/json", "X-CSRFToken": self._token}
        request = Request(self.base + path, json.dumps(body).encode(), headers)  # noqa: S310
        with self._opener.open(request, timeout=60) as answer:
            return json.load(answer)

    @property
    def _token(self) -> str:
        return next((str(cookie.value) for cookie in self.cookies if cookie.name == "csrftoken"), "")


class Site:
    """A running installation as its visitors and its operator meet it."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.base = f"http://127.0.0.1:{installation.port}"
        self._apis: dict[str, Api] = {"": Api(self.base)}

    def api(self, username: str = "") -> Api:
        """Return the API for a demo account, with a token from the command line; for a stranger without a name."""
        if username not in self._apis:
            wanted = [name for name in PEOPLE if name not in self._apis]  # one start of the program for all
            done = self.installation.command("token", "create", *wanted)
            assert done.returncode == 0, done.stderr
            for name, token in zip(wanted, done.stdout.split(), strict=True):
                self._apis[name] = Api(self.base, token)
        return self._apis[username]

    def at(self, installation: Installation) -> Site:
        """Return the same county at the address of another machine, with the tokens that are known by now."""
        other = Site(installation)
        other._apis.update((name, Api(other.base, api.token)) for name, api in self._apis.items())
        return other

    def advance(self, by: str) -> None:
        """Move the demo's time forward."""
        done = self.installation.command("demo", "advance", by)
        assert done.returncode == 0, done.stderr


def a_picture(width: int = 640, height: int = 480, colour: str = "white") -> bytes:
    """Return a small photograph."""
    target = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(target, "JPEG")
    return target.getvalue()


def a_pdf(text: str = "Floor plan") -> bytes:
    """Return a small but complete PDF."""
    from pypdf import PdfWriter

    writer = PdfWriter()
    writer.add_blank_page(width=595, height=842)
    writer.add_metadata({"/Title": text})
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()
