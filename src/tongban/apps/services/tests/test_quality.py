"""What a machine can say against an item before it is published."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tongban.apps.services.rules import check_item
from tongban.apps.services.rules.quality import days_of

PACK = Path(__file__).resolve().parents[5] / "packs" / "chengxi"
GOOD: dict[str, Any] = yaml.safe_load((PACK / "items/hygiene-licence/item.yaml").read_text("utf-8"))


def with_(path: str, value: Any) -> dict[str, Any]:
    """Return the good item with one element changed; None takes it out."""
    content = copy.deepcopy(GOOD)
    *way, last = path.split(".")
    place: Any = content
    for step in way:
        place = place[int(step)] if isinstance(place, list) else place[step]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return content


def codes(content: dict[str, Any], **how: Any) -> set[tuple[str, str]]:
    return {(flaw.code, flaw.path) for flaw in check_item(content, **how) if flaw.is_error}


def test_a_complete_item_has_no_flaw() -> None:
    assert check_item(GOOD) == []


@pytest.mark.parametrize(
    ("path", "value", "code", "where"),
    [
        ("name", {"zh": "", "en": "x"}, "structure", "name"),
        ("unit", "", "structure", "unit"),
        ("type", "06", "type-not-a-service", "type"),
        ("applicant.agents", True, "applicant-disagrees", "applicant.agents"),
        ("applicant.several", True, "applicant-disagrees", "applicant.several"),
        ("type", "77", "structure", "type"),
        ("process", "", "structure", "form"),
        ("basic_code", "0001", "code-malformed", "basic_code"),
        ("implementation_code", "1", "code-malformed", "implementation_code"),
        ("handling_code", "99", "code-malformed", "handling_code"),
        ("handling_code", None, "structure", "handling_code"),
        ("limits.statutory", None, "element-missing", "limits.statutory"),
        ("limits.promised.limit", "five days", "limit-malformed", "limits.promised"),
        ("limits.promised.limit", "21wd", "promise-too-long", "limits.promised"),
        ("limits.promised.limit", "0wd", "case-type-disagrees", "limits.promised"),
        ("limits.promised.source", {"zh": ""}, "limit-without-source", "limits.promised"),
        ("limits.statutory.confidence", "m", "limit-unverified", "limits.statutory"),
        ("limits.statutory.confidence", "?", "limit-unverified", "limits.statutory"),
        ("mode.case_type", "即办件", "case-type-disagrees", "mode.procedure"),
        ("mode.case_type", "联办件", "case-type-unknown", "mode.case_type"),
        ("result.closing", "出文办结", "closing-disagrees", "result.closing"),
        ("result.name", {"zh": "批复"}, "closing-disagrees", "result.closing"),
        ("result.sample", None, "result-without-sample", "result.sample"),
        ("visits", {"count": 1, "reason": None}, "visits-unexplained", "visits.reason"),
        ("visits", {"count": 1, "reason": {"zh": "领证"}}, "depth-disagrees", "depth"),
        ("visits.reason", {"zh": "领证"}, "visits-unexplained", "visits.reason"),
        ("mode", {"case_type": "承诺件", "online": False, "post": False}, "visits-impossible", "mode.online"),
        ("depth", "5", "depth-unknown", "depth"),
        ("mode.payment_online", True, "fee-disagrees", "mode.payment_online"),
        ("fee", {"charged": True, "items": [], "basis": {"zh": "x"}}, "fee-without-basis", "fee.items"),
        ("fee", {"charged": True, "items": [{"name": "工本费"}]}, "fee-without-basis", "fee.items.0"),
        ("fee", {}, "element-missing", "fee.charged"),
        ("phones.complaint", GOOD["phones"]["consult"], "phones-alike", "phones.complaint"),
        ("phones.consult", "6210260", "phone-malformed", "phones.consult"),
        ("themes", {"person": [], "legal": []}, "theme-disagrees", "themes.legal"),
        ("themes.person", ["婚姻登记"], "theme-disagrees", "themes.person"),
        ("themes.legal", ["没有的"], "theme-unknown", "themes.legal"),
        ("target", [], "element-missing", "target"),
        ("questions", [], "element-missing", "questions"),
        ("steps", [{"key": "apply"}], "element-missing", "steps"),
        ("remedies.court", {}, "element-missing", "remedies.court"),
        ("basis", [], "element-missing", "basis"),
        ("conditions", [], "element-missing", "conditions"),
        ("materials.0.key", "", "structure", "materials.0"),
        ("materials.0.key", GOOD["materials"][1]["key"], "structure", "materials.1"),
        ("materials.0.source", {}, "element-missing", "materials.0.source"),
        ("materials.0.acceptance", None, "element-missing", "materials.0.acceptance"),
        ("materials.0.action", "beg", "structure", "materials.0.action"),
    ],
)
def test_every_rule_names_what_is_wrong_and_where(path: str, value: Any, code: str, where: str) -> None:
    assert (code, where) in codes(with_(path, value))


def test_a_limit_that_nobody_verified_passes_in_a_demo_with_a_mark() -> None:
    content = with_("limits.statutory.confidence", "m")
    assert codes(content) == {("limit-unverified", "limits.statutory")}
    assert codes(content, is_demo=True) == set()
    assert [flaw.code for flaw in check_item(content, is_demo=True)] == ["limit-unverified"]


def test_what_an_announced_item_lacks_is_a_warning_and_what_it_contradicts_an_error() -> None:
    bare = {
        "key": "x-1", "name": {"zh": "教师资格认定", "en": ""}, "type": "01", "unit": "jtj", "local_code": "511A"
    }  # fmt: skip
    assert codes(bare) == set()
    assert {flaw.code for flaw in check_item(bare)} == {"element-missing", "not-translated"}
    assert codes({**bare, "phones": {"consult": "0889-6210000", "complaint": "0889-6210000"}}) == {
        ("phones-alike", "phones.complaint")
    }


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(GOOD)), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(sorted(GOOD)), anything, max_size=6))
def test_no_content_however_wrong_breaks_the_check(broken: dict[str, Any]) -> None:
    for flaw in check_item({**GOOD, **broken}):
        assert flaw.message.zh
        assert flaw.message.en


def test_a_limit_reads_as_value_and_unit() -> None:
    assert days_of({"limit": "20wd"}) == (20, "wd")
    assert days_of({"limit": "15d"}) == (15, "d")
    assert days_of({"limit": "soon"}) is None
    assert days_of(None) is None
