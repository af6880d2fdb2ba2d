"""One value has one digest, whatever way it is written down."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.base.text import LocalizedText
from tongban.kernel.ledger import rules

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


def test_canonical_form_is_that_of_rfc_8785():
    assert (
        rules.canonical({"b": [True, None], "a": "米线", "1": 1.0})
        == '{"1":1,"a":"米线","b":[true,null]}'.encode()
    )


def test_a_known_digest_does_not_change():
    """Acts of years ago are compared with it."""
    payload = {"name": "李秀英", "area": Decimal("62.50")}

    assert rules.digest(payload) == rules.digest({"area": "62.50", "name": "李秀英"})
    assert rules.digest({}) == "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    assert rules.digest({}, "sm3") != rules.digest({})


@given(st.dictionaries(st.text(max_size=4), JSON, max_size=4))
def test_the_order_of_fields_does_not_matter(payload):
    backwards = dict(reversed(list(payload.items())))

    assert rules.digest(payload) == rules.digest(backwards)


def test_what_operations_carry_is_written_as_json():
    value = {
        "at": datetime(2026, 3, 2, tzinfo=UTC),
        "id": UUID(int=1),
        "name": LocalizedText("许可", "Licence"),
        "duties": {"b", "a"},
        "big": 2**60,
    }

    assert rules.plain(value) == {
        "at": "2026-03-02T00:00:00+00:00",
        "id": "00000000-0000-0000-0000-000000000001",
        "name": {"zh": "许可", "en": "Licence"},
        "duties": ["a", "b"],
        "big": str(2**60),
    }


def test_what_json_cannot_say_is_refused():
    with pytest.raises(TypeError):
        rules.canonical({"file": object()})
    with pytest.raises(ValueError, match="unknown digest"):
        rules.digest({}, "md5")
