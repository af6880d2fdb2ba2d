"""What deploy/ holds is read by the programs that it is for, and names nothing that is not there."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.installation import ROOT
from tongban.main import environment

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_understands_the_units(tmp_path: Path) -> None:
    for unit in sorted((DEPLOY / "systemd").iterdir()):
        # systemd looks for the program and the user: here it gets some that exist.
        text = unit.read_text().replace("/opt/tongban/current/bin/tongban", "/bin/true")
        (tmp_path / unit.name).write_text(text.replace("tongban-web", "root"))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(str(unit) for unit in sorted(tmp_path.iterdir()))],
        capture_output=True,
        text=True,
    )
    said = [line for line in done.stderr.splitlines() if "tongban" in line]
    assert (done.returncode, said) == (0, []), done.stderr


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_gains_no_privileges_and_runs_as_its_own_user(unit: Path) -> None:
    text = unit.read_text()
    assert "NoNewPrivileges=yes" in text
    assert "User=tongban-web" in text
    assert "EnvironmentFile=/etc/tongban.env" in text


@pytest.mark.skipif(shutil.which("nginx") is None, reason="no nginx here")
def test_nginx_understands_its_example(tmp_path: Path) -> None:
    key, crt = tmp_path / "a.key", tmp_path / "a.crt"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=a", "-keyout", str(key)]
    subprocess.run([*made, "-out", str(crt)], check=True, capture_output=True)
    text = (DEPLOY / "nginx" / "tongban.conf").read_text()
    text = re.sub(r"/etc/nginx/tls/\S+\.crt", str(crt), text)
    text = re.sub(r"/etc/nginx/tls/\S+\.key", str(key), text)
    text = text.replace("/var/cache/nginx/tongban", str(tmp_path / "cache"))
    (tmp_path / "site.conf").write_text(text)
    whole = f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ access_log off; include {tmp_path}/site.conf; }}"
    (tmp_path / "nginx.conf").write_text(whole)
    done = subprocess.run(["nginx", "-t", "-c", str(tmp_path / "nginx.conf")], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_nginx_passes_on_what_the_program_asks_for_and_lets_whole_uploads_through() -> None:
    text = (DEPLOY / "nginx" / "tongban.conf").read_text()
    for header in ("Host $host", "X-Forwarded-For $remote_addr", "X-Forwarded-Proto $scheme"):
        assert f"proxy_set_header {header};" in text
    from django.conf import settings

    (megabytes,) = re.findall(r"client_max_body_size (\d+)m;", text)
    assert int(megabytes) * 2**20 > settings.MAX_UPLOAD_BYTES
    assert text.count("{") == text.count("}")
    assert "add_header" not in text, "the program says its headers itself"
    assert "proxy_add_x_forwarded_for" not in text, "what a visitor claims is not passed on"


def test_the_example_of_the_environment_is_accepted() -> None:
    lines = (DEPLOY / "tongban.env.example").read_text().splitlines()
    given = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    settled = environment.read(given)
    assert (settled.env, settled.backup_to) == ("production", Path("/mnt/copies"))
