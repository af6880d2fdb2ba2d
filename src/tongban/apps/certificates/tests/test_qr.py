"""The signed words in QR codes: what was signed is read back, anything else is noticed, nothing breaks."""

from __future__ import annotations

import base64
import json
from datetime import date
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from tongban.apps.certificates import qr

KEY, OTHER = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
KEYS = {qr.key_id(KEY.public_key()): KEY.public_key()}
TODAY = date(2026, 6, 12)
WORDS = qr.Words(
    identifier="1.2.156.3005.2.11530000MB0143028R032.11532399MB0C000369.202600000007.001.K",
    number="澄餐登〔2026〕7号",
    name="小餐饮登记证",
    holder="澄溪县城关镇李家豆花米线店",
    organ="澄溪县市场监督管理局",
    valid_from=date(2026, 6, 12),
    valid_to=date(2029, 6, 11),
)
COPY = qr.Words(
    **{
        **{name: getattr(WORDS, name) for name in qr.Words.__slots__},
        "receiver": "澄溪农商银行",
        "purpose": "经营贷款",
    }
)
TEXT = st.text(max_size=30)
ANY_WORDS = st.builds(
    qr.Words,
    identifier=TEXT.map(lambda t: qr.ROOT + t),
    number=TEXT,
    name=TEXT,
    holder=TEXT,
    organ=TEXT,
    valid_from=st.dates(date(1000, 1, 1)),
    valid_to=st.none() | st.dates(date(1000, 1, 1)),
    receiver=TEXT,
    purpose=TEXT,
)


@settings(max_examples=30, deadline=None)
@given(ANY_WORDS)
def test_what_was_signed_is_read_back(words: qr.Words) -> None:
    try:
        text = "https://x.example/certificates/verify/ABC/#" + qr.sign(words, KEY)
    except UnicodeEncodeError:
        return  # a lone surrogate is no text
    if len(text) <= qr.LONGEST:
        assert qr.check(text, KEYS, today=date(1000, 1, 1)).words == words


@pytest.mark.parametrize(
    ("today", "verdict"),
    [(TODAY, "genuine"), (date(2029, 6, 11), "genuine"), (date(2029, 6, 12), "expired")],
)
def test_the_last_day_counts(today: date, verdict: str) -> None:
    assert qr.check(qr.sign(WORDS, KEY), KEYS, today=today).verdict == verdict


def test_another_key_is_told_apart_from_a_forgery() -> None:
    foreign = qr.check(qr.sign(WORDS, OTHER), KEYS, today=TODAY)
    assert foreign.verdict == "unknown-key"
    pretended = {next(iter(KEYS)): OTHER.public_key()}
    assert qr.check(qr.sign(WORDS, KEY), pretended, today=TODAY).verdict == "forged"


def _parts(words: qr.Words = WORDS) -> tuple[list[Any], str]:
    _, payload, signature = qr.sign(words, KEY).split(".")
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))), signature


def _text(said: Any, signature: str, version: str = "1") -> str:
    raw = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
    return f"{version}.{base64.urlsafe_b64encode(raw).rstrip(b'=').decode()}.{signature}"


@pytest.mark.parametrize("place", [2, 3, 4, 5, 6, 9, 10])
def test_every_word_that_is_altered_is_noticed(place: int) -> None:
    said, signature = _parts(COPY)
    said[place] += "改"
    assert qr.check(_text(said, signature), KEYS, today=TODAY).verdict == "forged"


@pytest.mark.parametrize(("place", "day"), [(7, 20200101), (8, 20991231), (8, 0)])
def test_every_day_that_is_altered_is_noticed(place: int, day: int) -> None:
    said, signature = _parts()
    said[place] = day
    assert qr.check(_text(said, signature), KEYS, today=TODAY).verdict == "forged"


def test_a_copy_cannot_be_made_a_certificate() -> None:
    said, signature = _parts(COPY)
    assert qr.check(_text([*said[:1], 0, *said[2:9]], signature), KEYS, today=TODAY).verdict == "forged"


SAID, SIGNATURE = _parts()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "1.2",
        "1..",
        "1.%%.%%",
        "x" * 5000,
        "https://x.example/certificates/verify/ABC/",
        _text(SAID, SIGNATURE, "2"),
        _text(SAID, SIGNATURE[:-4]),
        _text({}, SIGNATURE),
        _text(SAID[:8], SIGNATURE),
        _text([*SAID, "x"], SIGNATURE),
        _text([*SAID[:7], "20260612", 0], SIGNATURE),
        _text([*SAID[:7], 20261332, 0], SIGNATURE),
        _text([*SAID[:7], True, 0], SIGNATURE),
        _text([*SAID[:7], 0, 0], SIGNATURE),
        _text([*SAID[:3], None, *SAID[4:]], SIGNATURE),
        _text([SAID[0], [], *SAID[2:]], SIGNATURE),
        "1." + base64.urlsafe_b64encode(b"\xff\xfe").decode().rstrip("=") + "." + SIGNATURE,
        "1." + base64.urlsafe_b64encode(b"[" * 1000).decode().rstrip("=") + "." + SIGNATURE,
    ],
    ids=lambda text: str(len(text)),
)
def test_what_is_none_of_our_codes_is_said_to_be_unreadable(text: str) -> None:
    with pytest.raises(qr.QrUnreadable):
        qr.check(text, KEYS, today=TODAY)


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=300))
def test_nothing_that_a_scanner_reads_breaks_the_check(text: str) -> None:
    with pytest.raises(qr.QrUnreadable):
        qr.check(text, KEYS, today=TODAY)


def test_keys_travel_as_a_key_set() -> None:
    content = json.loads(json.dumps({"keys": [qr.jwk(KEY.public_key())]}))
    assert set(qr.keys_of_set(content)) == set(KEYS)


@pytest.mark.parametrize("content", [{}, {"keys": [{}]}, {"keys": 1}, {"keys": [{"x": "AA", "y": "AA"}]}, []])
def test_what_is_no_key_set_is_refused(content: Any) -> None:
    with pytest.raises(qr.QrUnreadable):
        qr.keys_of_set(content)


def test_the_text_fits_a_code_that_a_telephone_reads_from_paper() -> None:
    """39 mm on the sheet: a module must not be smaller than 0.4 mm."""
    import segno

    address = "https://www.a-rather-long-county-name.gov.example/certificates/verify/ABCDEFGHJKLMNPQR/#"
    code = segno.make(address + qr.sign(COPY, KEY), error="l", boost_error=False, micro=False)
    assert 39 / (code.symbol_size(border=2)[0]) >= 0.4
