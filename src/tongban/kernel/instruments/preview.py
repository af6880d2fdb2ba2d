"""A template before anybody is served with it: what is wrong with it, and how it looks with sample values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Literal

from tongban.base.editables import Fault, text_of
from tongban.base.text import LocalizedText
from tongban.base.time import LOCAL
from tongban.kernel.files.errors import RenderingFailed
from tongban.kernel.files.service import qr_svg, render_typst
from tongban.kernel.instruments.rules import DEFAULT_NUMBER, format_number, is_number_format

__all__ = ["preview_template", "sample_data", "template_faults"]

_KEY = re.compile(r"[a-z][a-z0-9-]{0,59}\Z")
_FIELD = re.compile(r"[a-z][a-z0-9_]{0,59}\Z")
_A_DAY = re.compile(r"(_on|_from|_until|_at|^due)\Z")
A_MOMENT = "2026-03-02T09:30:00+08:00"
A_CODE = "2345-6789-ABCD-EFGH"
MOST_FIELDS = 60
LONGEST = 60_000

MISSING = LocalizedText("还没有填", "is missing")
BAD_KEY = LocalizedText(
    "只能用小写字母、数字和连字符，并以字母开头",
    "lower-case letters, digits and hyphens, beginning with a letter",
)
BAD_FIELD = LocalizedText(
    "只能用小写字母、数字和下划线，并以字母开头",
    "lower-case letters, digits and underscores, beginning with a letter",
)
DOUBLE = LocalizedText("这个键用了两次", "this key is used twice")
BAD_NUMBER = LocalizedText(
    "编号格式里要有 {n}，例如 {prefix}{kind}〔{year}〕{n}号；"
    "按办件编的写 {case_number}-{kind}{n}，字段 case_number 要必须写明",
    "the number needs {n}: {prefix}{kind}〔{year}〕{n}号; "
    "within the case {case_number}-{kind}{n}, with the required field case_number",
)
TOO_LONG = LocalizedText("模板太长", "the template is too long")
TOO_MANY = LocalizedText("字段太多", "there are too many fields")
NO_PAGE = LocalizedText(
    zh="排版不成功：{why}（没有给示例的字段用其名称代替；要列表的字段请填示例）",
    en="it cannot be typeset: {why} (a field without a sample shows its name; a field that must be a list needs a sample)",
)


def template_faults(content: Any) -> list[Fault]:
    """Return what keeps a template from being put: its words, else what typst says."""
    faults = list(_word_faults(content))
    if not faults:
        try:
            preview_template(content, at=datetime.fromisoformat(A_MOMENT))
        except RenderingFailed as failed:
            faults.append(Fault("source", NO_PAGE.format(why=_plain(str(failed.detail or failed)))))
    return faults


def preview_template(
    content: Mapping[str, Any], *, at: datetime, form: Literal["pdf", "png"] = "pdf"
) -> bytes:
    """Return the PDF (or its first page as PNG) that a template makes of sample values, marked as a sample.

    Raises RenderingFailed.
    """
    name = text_of(content.get("name"))
    number = format_number(
        content.get("number_format") or DEFAULT_NUMBER,
        prefix="样",
        kind=str(content.get("kind", "")),
        year=at.astimezone(LOCAL).year,
        n=1,
        case_number="样2026",
    )
    url = "https://example.invalid/papers/verify/sample/"
    return render_typst(
        str(content.get("source", "")),
        {
            "addressee": "示例申请人",
            **sample_data(content.get("fields") or (), str(content.get("source", ""))),
            "heading": f"{name.zh}（样张）",
            "organ": "示例单位",
            "number": number,
            "date": at.astimezone(LOCAL).date().isoformat(),
            "verify_url": url,
            "verify_code": A_CODE,
        },
        title=f"{name.zh}（样张）",
        assets={"qr": qr_svg(url)},
        at=at,
        form=form,
    )


def sample_data(fields: Any, source: str) -> dict[str, Any]:
    """Return a value for every field: its own sample, else what the template does with it (a day, a limit, a numbered list), else
    what its name says, else its label in brackets.
    """
    used = {key: _USED[call] for call, key in _USE.findall(source)}
    return {
        str(field["key"]): _sample(field, used)
        for field in fields
        if isinstance(field, Mapping) and field.get("key")
    }


_USE = re.compile(r"""(date-zh|moment-zh|limit-zh|numbered)\((?:data\.|get\(")([a-z][a-z0-9_]*)""")
_USED: dict[str, Any] = {
    "date-zh": A_MOMENT,
    "moment-zh": A_MOMENT,
    "limit-zh": "20wd",
    "numbered": ["其一", "其二"],
}


def _sample(field: Mapping[str, Any], used: Mapping[str, Any]) -> Any:
    key = str(field["key"])
    if field.get("sample") not in (None, ""):
        return field["sample"]
    if key in used:
        return used[key]
    if _A_DAY.search(key):
        return A_MOMENT
    if key.startswith(("is_", "has_")):
        return True
    return f"［{text_of(field.get('label')).zh or key}］"


def _word_faults(content: Mapping[str, Any]) -> Iterator[Fault]:
    if not _KEY.match(str(content.get("key", ""))):
        yield Fault("key", BAD_KEY)
    if not text_of(content.get("name")):
        yield Fault("name.zh", MISSING)
    if not str(content.get("kind") or "").strip():
        yield Fault("kind", MISSING)
    number = content.get("number_format") or DEFAULT_NUMBER
    fields = [each for each in content.get("fields") or () if isinstance(each, Mapping)]
    if not isinstance(number, str) or not is_number_format(
        number, kind=str(content.get("kind", "")), fields=fields
    ):
        yield Fault("number_format", BAD_NUMBER)
    source = content.get("source")
    if not isinstance(source, str) or not source.strip():
        yield Fault("source", MISSING)
    elif len(source) > LONGEST:
        yield Fault("source", TOO_LONG)
    yield from _field_faults(content.get("fields") or [])


def _field_faults(fields: Any) -> Iterator[Fault]:
    if not isinstance(fields, list) or len(fields) > MOST_FIELDS:
        yield Fault("fields", TOO_MANY)
        return
    seen: set[str] = set()
    for index, field in enumerate(fields):
        key = str(field.get("key", "")) if isinstance(field, Mapping) else ""
        if not _FIELD.match(key):
            yield Fault(f"fields[{index}].key", BAD_FIELD)
        elif key in seen:
            yield Fault(f"fields[{index}].key", DOUBLE)
        seen.add(key)
        if isinstance(field, Mapping) and not text_of(field.get("label")):
            yield Fault(f"fields[{index}].label.zh", MISSING)


def _plain(words: str) -> str:
    """Return the first sentence of what typst says, with the line of the template (the last place that it names there)."""
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    said = next((line for line in lines if line.startswith("error:")), lines[0] if lines else "")
    places = re.findall(r"__typst_py_bytes__\.typ:(\d+)", words)
    return f"{said.removeprefix('error:').strip()[:300]}" + (f" (line {places[-1]})" if places else "")
