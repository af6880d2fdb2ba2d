"""The field lists and their validator."""

from __future__ import annotations

import json
from typing import Any

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from tongban.apps.docking.rendering import Envelope, Style, masked, render
from tongban.apps.docking.standard import CODES, DEVIATIONS, Format, tables, violations

ENVELOPE = Envelope("processing", "a" * 40, 7, "20260601", "sha256:0")
STEP = {
    "case_number": "CX-2026-0601-0001",
    "action": "通过",
    "step": "受理",
    "officer": "王芳",
    "started_at": "20260601090000",
    "ended_at": "20260601100000",
    "state_code": "2",
}


def faults(table: str, record: dict[str, Any], widths: str = "wide") -> dict[str, str]:
    return {one.place: one.message.en for one in violations(tables()[table], record, widths)}


def test_the_tables_have_the_fields_of_the_standard() -> None:
    lengths = {
        key: (table.number, len(table.fields) + (len(table.group.fields) if table.group else 0))
        for key, table in tables().items()
    }
    assert lengths == {
        "item": (4, 64),
        "application": (5, 26),
        "acceptance": (6, 13),
        "processing": (7, 10),
        "special": (7, 12),  # fields 11 to 21, and the case number that both parts of table 7 share
        "completion": (8, 11),
        "rating": (9, 9),
        "interaction": (10, 30),
        "supervision": (11, 11),
        "payment": (14, 7),
    }


def test_every_code_table_sibling_and_deviation_that_a_field_names_exists() -> None:
    for table in tables().values():
        groups = [table.fields, *([table.group.fields] if table.group else [])]
        for fields in groups:
            codes = {field.code for field in fields}
            assert len(codes) == len(fields)
            for field in fields:
                assert not field.codes or field.codes in CODES
                assert {field.label_of, field.not_before} - {""} <= codes
                assert (field.wide != field.format) == (field.why in DEVIATIONS)


@pytest.mark.parametrize(
    ("format_", "well", "wrong"),
    [
        ("an..5", ["", "a", "五个汉字啊", "12345"], ["123456"]),
        ("an3..8", ["abc", "abcdefgh"], ["ab", "abcdefghi"]),
        ("n2", ["01", "99"], ["1", "001", "1a", "１２", "٣٤"]),
        ("n..9", ["5", "532399001"], ["5323990011", "-1", ""]),
        ("n..16,2", ["0", "12.5", "12.55", "1234567890123.45"], ["12.555", ".5", "1e3", "12345678901234567"]),
        ("date", ["20260228"], ["20260229", "2026022", "2026-2-28", ""]),
        ("datetime", ["20260228235959"], ["20260228240000", "20260228", "20260228T101010"]),
        ("text", ["", "任意\n长", "𠮷"], ["\x00", "a\x0bb", "\ufffe", "\ud800"]),
        ("binary", [], ["a"]),
    ],
)
def test_formats(format_: str, well: list[str], wrong: list[str]) -> None:
    parsed = Format.parse(format_)
    assert [value for value in well if parsed.fault(value) is not None] == []
    assert [value for value in wrong if parsed.fault(value) is None] == []


@pytest.mark.parametrize("text", ["", "x..3", "an", "n..", "an..a", "N2", "..5"])
def test_what_is_no_format_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no format"):
        Format.parse(text)


def test_what_is_missing_unknown_or_disagrees_is_named() -> None:
    assert faults("processing", STEP) == {}
    assert faults("processing", {**STEP, "officer": ""}) == {"officer": "is missing"}
    assert faults("processing", {**STEP, "mood": "x"}) == {"mood": "is not in the standard"}
    assert faults("processing", {**STEP, "ended_at": "20260601085959"}) == {
        "ended_at": "is before the beginning"
    }
    assert faults("processing", {**STEP, "state_code": "3"}) == {"state_code": "code table done has no 3"}
    assert faults("processing", {**STEP, "unit_code": "11532399MB0C000360"}) == {
        "unit_code": "is no valid unified social credit code"
    }
    assert faults("processing", {**STEP, "step": 3}) == {"step": "is no text"}


def test_a_label_agrees_with_its_code_and_a_number_with_its_document() -> None:
    rating = {"case_number": "1", "channel": "PC端", "rated_at": "20260601090000", "satisfaction_code": "1"}
    assert faults("rating", {**rating, "satisfaction": "非常满意"}) == {}
    assert faults("rating", {**rating, "satisfaction": "非常不满意"}) == {
        "satisfaction": "does not agree with its code"
    }
    for kind, number, is_well in (
        ("111", "532399198510271020", True),
        ("111", "532399198510271021", False),
        ("111", "11532399MB0C000369", False),
        ("001", "11532399MB0C000369", True),
        ("414", "E12345678", True),
    ):
        found = faults("application", {"applicant_id_type": kind, "applicant_id": number})
        assert ("applicant_id" not in found) is is_well, number


def test_codes_of_today_fit_the_wide_lengths_and_not_the_literal_ones() -> None:
    record = {"implementation_code": "11532399MB0C0003694000131020001", "basic_code": "000131020001"}
    assert {"implementation_code", "basic_code"}.isdisjoint(faults("acceptance", record))
    assert faults("acceptance", record, "literal")["implementation_code"] == "has 31 characters, 24 at most"


def test_a_fault_in_a_material_names_its_place() -> None:
    rows = [
        {"case_number": "1", "name": "图", "is_received": "1"},
        {"case_number": "1", "is_received": "1", "count": "100"},
    ]
    found = faults("application", {"materials": rows})
    assert found["materials.2.name"] == "is missing"
    assert found["materials.2.count"] == "has 3 characters, 2 at most"
    assert "materials.1.name" not in found


def test_json_and_xml_carry_the_same_values_under_either_name() -> None:
    record = {**STEP, "opinion": '<通过> & "好" ]]> \n第二行'}
    told = json.loads(render(ENVELOPE, record, Style("json", "chinese")))
    assert told["record"]["环节处理意见"] == record["opinion"]
    assert (told["table"], told["number"], told["sequence"]) == ("processing", "7", "7")
    assert (
        json.loads(render(ENVELOPE, record, Style("json", "code")))["record"]["opinion"] == record["opinion"]
    )
    root = fromstring(render(ENVELOPE, record, Style("xml")))
    values = {field.get("code"): field.text for field in root.findall("field")}
    assert values == record
    names = {field.get("name") for field in root.findall("field")}
    assert "环节处理意见" in names


def test_moments_are_written_with_or_without_the_t() -> None:
    plain, with_t = (
        json.loads(render(ENVELOPE, STEP, Style(with_t=t)))["record"]["环节开始时间"] for t in (False, True)
    )
    assert (plain, with_t) == ("20260601090000", "20260601T090000")


@given(st.text(max_size=60))
def test_any_text_that_the_validator_lets_through_survives_xml(text: str) -> None:
    record = {**STEP, "opinion": text}
    if "opinion" in faults("processing", record):
        return
    root = fromstring(render(ENVELOPE, record, Style("xml")))
    found = root.find("field[@code='opinion']")
    assert (found.text if found is not None else "") == text


def test_an_operator_sees_nothing_personal() -> None:
    record = {
        "applicant": "李秀英",
        "applicant_id": "532399198510271020",
        "mobile": "13812345678",
        "address": "澄溪县城关镇文昌路46号",
        "item": "食品经营许可",
    }
    shown = masked(tables()["application"], record)
    assert shown == {
        "applicant": "李**",
        "applicant_id": "532399********1020",
        "mobile": "138****5678",
        "address": "（12 字）",
        "item": "食品经营许可",
    }
