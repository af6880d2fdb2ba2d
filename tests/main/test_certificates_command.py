"""``tongban certificates verify-qr``: what a scanner read, checked with nothing but the issuer's public keys."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tongban.apps.certificates import qr
from tongban.main.commands import certificates as command

KEY = ec.generate_private_key(ec.SECP256R1())
COPY = qr.Words(
    identifier="1.2.156.3005.2.11530000MB0143028R032.11532399MB0C000369.202600000007.001.K",
    number="澄餐登〔2026〕7号",
    name="小餐饮登记证",
    holder="澄溪县城关镇李家豆花米线店",
    organ="澄溪县市场监督管理局",
    valid_from=date(2026, 6, 12),
    valid_to=date(2029, 6, 11),
    receiver="澄溪农商银行",
    purpose="经营贷款",
)


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """The issuer's public keys, as downloaded."""
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"keys": [qr.jwk(KEY.public_key())]}))
    return path


@pytest.mark.parametrize(
    ("day", "code", "says"),
    [("2026-06-12", 0, "genuine"), ("2030-01-01", 3, "its last day is over")],
)
def test_the_command_needs_nothing_but_text_and_keys(
    keys: Path, capsys: pytest.CaptureFixture[str], day: str, code: int, says: str
) -> None:
    assert command.run(["verify-qr", qr.sign(COPY, KEY), "--keys", str(keys), "--day", day]) == code
    shown = capsys.readouterr().out
    assert says in shown
    assert "澄溪农商银行" in shown


def test_the_command_does_not_show_words_that_nobody_signed(
    keys: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = ec.generate_private_key(ec.SECP256R1())
    version, payload, _ = qr.sign(COPY, KEY).split(".")
    forged = ".".join((version, payload, qr.sign(COPY, other).split(".")[2]))
    assert command.run(["verify-qr", forged, "--keys", str(keys), "--day", "2026-06-12"]) == 4
    assert "澄溪农商银行" not in capsys.readouterr().out
    assert command.run(["verify-qr", qr.sign(COPY, other), "--keys", str(keys)]) == 5
    assert command.run(["verify-qr", "nonsense", "--keys", str(keys)]) == 1
    assert command.run(["verify-qr", "nonsense", "--keys", str(keys.with_name("none.json"))]) == 1


def test_programs_get_json(keys: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "https://x.example/certificates/verify/ABC/#" + qr.sign(COPY, KEY)
    assert command.run(["verify-qr", text, "--keys", str(keys), "--day", "2026-06-12", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["verdict"], answer["number"], answer["valid_to"]) == ("genuine", COPY.number, "2029-06-11")
