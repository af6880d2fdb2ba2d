"""Values and differences, without a database."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.base.text import LocalizedText
from tongban.kernel.registers.rules import FieldSpec, changes, read_value

KEYS = st.sampled_from("abcde")
FIELD_SETS = st.dictionaries(KEYS, st.sampled_from(["text", "int", "date"]), max_size=5)


def fields(types):
    return [FieldSpec(key, LocalizedText(key), type_) for key, type_ in types.items()]


@pytest.mark.parametrize(
    ("type_", "raw", "value"),
    [
        ("text", " 澄溪 ", "澄溪"),
        ("text", "", None),
        ("date", "2026-02-28", date(2026, 2, 28)),
        ("int", "12", 12),
        ("decimal", "0.10", Decimal("0.10")),
        ("bool", "否", False),
        ("bool", False, False),
        ("json", '{"a": 1}', {"a": 1}),
        ("json", {"a": (1, 2)}, {"a": [1, 2]}),
        ("code", None, None),
    ],
)
def test_values_are_read(type_, raw, value):
    assert read_value(type_, raw) == value


@pytest.mark.parametrize(
    ("type_", "raw"),
    [
        ("date", "2026-02-30"),
        ("int", "1.5"),
        ("int", True),
        ("decimal", "1,5"),
        ("bool", "maybe"),
        ("json", "{"),
    ],
)
def test_what_does_not_fit_is_refused(type_, raw):
    with pytest.raises(ValueError):
        read_value(type_, raw)


@given(before=FIELD_SETS, after=FIELD_SETS)
def test_the_changes_lead_from_one_definition_to_the_other(before, after):
    found = changes(fields(before), [], fields(after))
    shape = dict(before)
    for change in found:
        if change.kind == "retire":
            del shape[change.field.key]
        else:
            shape[change.field.key] = change.field.type

    assert shape == after
    assert {c.field.key for c in found if c.kind == "retype"} == {
        key for key in before.keys() & after.keys() if before[key] != after[key]
    }
