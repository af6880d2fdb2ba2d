"""Identifiers of GB/T 36904: published ones, and ours."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.apps.certificates.operations.making import full_identifier
from tongban.base import checks

DATA = json.loads((Path(__file__).parent / "data" / "identifiers.json").read_text(encoding="utf-8"))
PARTS = st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=20)


@pytest.mark.parametrize("published", DATA["valid"])
def test_published_identifiers_have_the_check_character_that_we_compute(published: str) -> None:
    assert checks.is_certificate_identifier(published)
    _, _, _, _, _, kind, organ, serial, version, _ = published.split(".")
    assert full_identifier(kind, organ, serial, int(version)) == published


def test_a_published_identifier_with_a_wrong_check_character_is_not_one() -> None:
    assert not checks.is_certificate_identifier(DATA["wrong"])
    assert checks.certificate_check_character(DATA["wrong"]) == "D"


@given(PARTS, PARTS, PARTS, st.integers(1, 999), st.data())
def test_one_wrong_character_is_always_noticed(
    kind: str, organ: str, serial: str, version: int, data: st.DataObject
) -> None:
    good = full_identifier(kind, organ, serial, version)
    root = len("1.2.156.3005.2.")
    places = [i for i in range(root, len(good)) if good[i] != "."]
    place = data.draw(st.sampled_from(places))
    other = data.draw(
        st.sampled_from([c for c in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" if c != good[place]])
    )
    assert not checks.is_certificate_identifier(good[:place] + other + good[place + 1 :])
