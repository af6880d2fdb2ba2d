"""Pages that an official and a citizen wait for, and the public home beside nginx."""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote
from urllib.request import urlopen

from bench import load
from bench.place import Place, answers
from tests.support.installation import eventually, free_port

__all__ = ["clerk_pages", "home", "nginx_home"]

CLIENTS = 8
PAGES = 200
WARM = 16
SEARCHES = ("开小吃店", "食品经营许可", "卫生许可证", "营业执照", "怎么办健康证", "公共场所")
CLERK = "window"
NUMBER = re.compile(r'href="(/desk/cases/[^/"?]+/)"')


def clerk_pages(place: Place) -> Iterator[tuple[str, load.Load]]:
    """Yield full pages, one client: the list and cases of a clerk who is signed in, a search without signing in."""
    headers = {"Cookie": _session(CLERK)}
    shown = _cases_on_the_list(place, headers)
    pages = {
        "desk_list": [load.Request("GET", "/desk/list/todo/", headers)] * PAGES,
        "case_page": [load.Request("GET", shown[n % len(shown)], headers) for n in range(PAGES)],
        "public_search": [
            load.Request("GET", f"/services/?q={quote(SEARCHES[n % len(SEARCHES)])}", {})
            for n in range(PAGES)
        ],
    }
    for name, requests in pages.items():
        load.run(place.port, requests[:WARM])
        yield name, load.run(place.port, requests)


def home(place: Place) -> load.Load:
    """Load the public home by eight clients."""
    return _home(place.port)


def nginx_home(place: Place) -> load.Load | str:
    """Load the same bytes from nginx, or say why not."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        return "there is no nginx on this machine"
    with urlopen(f"http://127.0.0.1:{place.port}/") as answer:
        content = answer.read()
    with tempfile.TemporaryDirectory() as directory, _nginx(program, Path(directory), content) as port:
        return _home(port)


def _home(port: int) -> load.Load:
    requests = [load.Request("GET", "/", {})] * (PAGES * 2)
    load.run(port, requests[:WARM])
    return load.run(port, requests, clients=CLIENTS)


@contextlib.contextmanager
def _nginx(program: str, directory: Path, content: bytes) -> Iterator[int]:
    port = free_port()
    (directory / "www").mkdir()
    (directory / "www" / "index.html").write_bytes(content)
    file = directory / "nginx.conf"
    file.write_text(
        f"""daemon off; worker_processes 2; pid {directory}/pid; error_log {directory}/error.log;
        events {{ worker_connections 256; }}
        http {{ access_log off; client_body_temp_path {directory}/b; proxy_temp_path {directory}/p;
                fastcgi_temp_path {directory}/f; uwsgi_temp_path {directory}/u; scgi_temp_path {directory}/s;
                types {{ text/html html; }} charset utf-8;
                server {{ listen 127.0.0.1:{port}; root {directory}/www; }} }}""",
        encoding="utf-8",
    )
    directory.chmod(0o755)  # its workers are somebody else when root starts it
    process = subprocess.Popen([program, "-c", str(file), "-e", f"{directory}/error.log"])
    try:
        eventually(lambda: answers(port))
        yield port
    finally:
        process.terminate()
        process.wait(30)


def _session(username: str) -> str:
    """Return the cookie of a browser in which somebody has signed in."""
    from django.conf import settings
    from django.test import Client

    from tongban.kernel.identity.models import Account

    browser = Client()
    browser.force_login(Account.objects.get(username=username))
    return f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"


def _cases_on_the_list(place: Place, headers: dict[str, str]) -> list[str]:
    """Return the cases that the clerk's own list shows first."""
    connection = load.connection(place.port)
    connection.request("GET", "/desk/list/todo/", headers=headers)
    page = connection.getresponse().read().decode()
    connection.close()
    found = list(dict.fromkeys(NUMBER.findall(page)))
    if not found:
        raise load.Refused(f"the list of {CLERK} shows no case")
    return found
