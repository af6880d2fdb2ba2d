"""Personal data in a text that is to be published."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.apps.voice.rules import find_personal, mask_personal


@pytest.mark.parametrize(
    ("text", "kind", "masked"),
    [
        ("身份证532399198510271020", "citizen_id", "身份证532399************"),
        ("身份证 532399 1985 1027 102X，", "citizen_id", "身份证 532399************，"),
        ("电话13812344471", "mobile", "电话138****4471"),
        ("电话 138-1234-4471。", "mobile", "电话 138****4471。"),
        ("电话0889-6123456", "landline", "电话0889****"),
        ("卡号6222 0212 3456 7890 123", "bank_card", "卡号6**********************"),
        ("写到 li.xy@example.com 吧", "email", "写到 l***@*** 吧"),
        ("微信号 lixiuying85", "messenger", "微信号 l**********"),
        ("车牌云A12345", "plate", "车牌云******"),
        ("我住文昌小区3幢2单元501室", "door", "我住文昌小区*幢*单元***室"),
        ("我叫李秀英，开米线店", "name", "我叫李某，开米线店"),
        ("联系人：欧阳娜", "name", "联系人：欧阳某"),
        ("找周敏女士反映过", "name", "找周某女士反映过"),
    ],
)
def test_what_is_personal_is_found_and_masked(text: str, kind: str, masked: str) -> None:
    assert [finding.kind for finding in find_personal(text)] == [kind]
    assert mask_personal(text) == masked


def test_the_writer_s_name_is_found_wherever_it_stands() -> None:
    text = "木易生说，木易生家门口的路灯坏了。"
    assert len(find_personal(text, names=["木易生"])) == 2
    assert mask_personal(text, names=["木易生"]) == "木某说，木某家门口的路灯坏了。"


@pytest.mark.parametrize(
    "text",
    [
        "您好，您反映的文昌路46号门前路灯不亮的问题已经修好。",
        "请拨打 12345 或者到城关镇文昌路 18 号办理。",
        "依据《行政许可法》第四十二条，2026年3月12日前办结，涉及 13 户、20 个工作日。",
        "李某、张某某反映的问题属实。",
        "我们局感谢各位老师和师傅们。",
        "编号 LX-2026-1120-0123",
        "投资 12000000 元，面积 52.3 平方米",
    ],
)
def test_what_is_not_personal_is_left(text: str) -> None:
    assert find_personal(text) == []


def test_the_landline_that_an_office_gives_in_its_answer_is_no_secret() -> None:
    text = "有疑问请打 0889-621 0420，或者打小王手机 13812344471。"
    assert [finding.kind for finding in find_personal(text)] == ["landline", "mobile"]
    assert mask_personal(text, leave=["landline"]) == "有疑问请打 0889-621 0420，或者打小王手机 138****4471。"


pieces = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "13812344471",
                "532399198510271020",
                "0889-6123456",
                "李秀英",
                "a.b@c.cn",
                "云A12345",
                "3幢501室",
                "X",
            ]
        ),
        st.text(max_size=8),
    ),
    max_size=8,
)


@given(pieces)
def test_a_masked_text_holds_nothing_personal(parts: list[str]) -> None:
    masked = mask_personal("".join(parts), names=["李秀英"])
    assert find_personal(masked, names=["李秀英"]) == []


@given(pieces)
def test_findings_do_not_overlap_and_say_what_stands_there(parts: list[str]) -> None:
    text = "".join(parts)
    findings = find_personal(text, names=["李秀英"])
    assert all(text[f.start : f.end] == f.text for f in findings)
    assert all(a.end <= b.start for a, b in pairwise(findings))
