"""Forms: pages and fields, conditions, bindings to registers, and a preview on a phone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tongban.apps.studio.editors.common import NAME, T, choice, fresh_key
from tongban.apps.studio.editors.described import describe_editor
from tongban.apps.studio.editors.registry import Editing
from tongban.apps.studio.schema import Part, Schema, Section
from tongban.base.editables import text_of
from tongban.base.time import now
from tongban.kernel.forms import service as forms
from tongban.kernel.forms.errors import DefinitionInvalid
from tongban.kernel.registers import service as registers

TYPES = {
    "text": T("一行文字", "Line of text"),
    "textarea": T("多行文字", "Longer text"),
    "decimal": T("数字（可有小数）", "Number with decimals"),
    "integer": T("整数", "Whole number"),
    "date": T("日期", "Date"),
    "bool": T("是或否", "Yes or no"),
    "enum": T("单选", "One of several"),
    "multi": T("多选", "Several of several"),
    "citizen_id": T("身份证号", "Citizen ID"),
    "uscc": T("统一社会信用代码", "Credit code"),
    "mobile": T("手机号", "Mobile number"),
    "email": T("电子邮箱", "E-mail"),
    "address": T("地址", "Address"),
    "entity": T("所代表的单位", "Entity represented"),
    "unit": T("政府部门", "Government unit"),
}
CHOICES = ("enum", "multi", "entity", "unit")


def _bindings(editing: Editing) -> Sequence[tuple[str, Any]]:
    """Return every field of every register, as "register/field"."""
    found: list[tuple[str, Any]] = [("", T("（不绑定，由申请人填写）", "(not bound: the applicant answers)"))]
    for view in registers.list_registers():
        found += [
            (f"{view.key}/{spec.key}", f"{view.name} · {spec.label}")
            for spec in registers.fields_of(view.key)
        ]
    return found


def _elements(editing: Editing) -> Sequence[tuple[str, Any]]:
    found = {}
    for view in registers.list_registers():
        for spec in registers.fields_of(view.key):
            if spec.data_element:
                found[spec.data_element] = spec.label
    return [("own", T("本表自己的内容", "This form's own")), *sorted(found.items())]


def _names(editing: Editing) -> Sequence[tuple[str, Any]]:
    """Return the names that conditions may use."""
    pages = editing.content.get("pages")
    found: list[tuple[str, Any]] = [("today", T("今天的日期", "the present day"))]
    for page in pages if isinstance(pages, list) else []:
        fields = page.get("fields") if isinstance(page, Mapping) else None
        for field in fields if isinstance(fields, list) else []:
            if isinstance(field, Mapping):
                found.append((str(field.get("key", "")), text_of(field.get("label"))))
    return found


def _is(*types: str) -> Any:
    return lambda field: field.get("type") in types


def _about(field: Any) -> str:
    if not isinstance(field, Mapping):
        return ""
    words = [str(TYPES.get(str(field.get("type")), field.get("type", ""))), str(field.get("key", ""))]
    return " · ".join(word for word in words if word)


def _about_page(page: Any) -> str:
    fields = page.get("fields") if isinstance(page, Mapping) else None
    return str(T(f"{len(fields or [])} 个问题", f"{len(fields or [])} questions"))


def _all_fields(content: Mapping[str, Any]) -> list[Any]:
    pages = content.get("pages")
    return [
        field for page in (pages if isinstance(pages, list) else []) for field in (page.get("fields") or [])
    ]


OPTION = (
    Part("value", T("值", "Value")),
    Part("label", T("文字", "Words"), "local"),
    Part("note", T("说明", "Note"), "local"),
)
CHECK = (
    Part("that", T("要成立的条件", "What must hold"), "expr", suggestions=_names),
    Part("say", T("不成立时说", "What is said otherwise"), "local"),
)

FIELD = (
    Part("label", T("问题", "Question"), "local", keep_empty=True),
    Part(
        "key",
        T("键", "Key"),
        hint=T("条件和文书里用的名称，小写字母、数字、下划线。", "Its name in conditions and papers."),
    ),
    Part("type", T("类型", "Type"), "choice", options=choice(*TYPES.items())),
    Part("hint", T("填写说明", "Hint"), "local_text", rows=2),
    Part(
        "options",
        T("选项", "Options"),
        "rows",
        parts=OPTION,
        when=_is(*CHOICES),
        new_row=lambda content, rows: {
            "value": fresh_key("option_", [{"key": r.get("value")} for r in rows if isinstance(r, Mapping)]),
            "label": {"zh": "", "en": ""},
        },
    ),
    Part(
        "source",
        T("选项来源", "Where options come from"),
        when=_is(*CHOICES),
        hint=T("不写选项时，例如 identity.units", "Instead of options, for example identity.units"),
    ),
    Part("required", T("必填", "Required"), "bool_expr", suggestions=_names),
    Part(
        "visible",
        T("什么时候问", "When it is asked"),
        "expr",
        T("不写就总是问。只能用排在前面的问题。", "Empty: always. Only questions asked before may be named."),
        suggestions=_names,
    ),
    Part(
        "computed",
        T("算出来的值", "Worked out"),
        "expr",
        T("写了算式就不用人填。", "With a formula nobody types it."),
        suggestions=_names,
    ),
    Part(
        "element",
        T("数据元", "Data element"),
        suggestions=_elements,
        hint=T(
            "登记库已经有的，要绑定或者写明理由（一次告知、只交一次）。",
            "What a register holds must be bound, or a reason given (once-only).",
        ),
    ),
    Part(
        "bind",
        T("从登记库自动填写", "Filled in from a register"),
        "group",
        parts=(
            Part(
                "",
                T("登记库的哪一项", "Which field of a register"),
                "pair",
                names=("register", "field"),
                options=_bindings,
            ),
            Part(
                "subject",
                T("谁的", "Whose"),
                "choice",
                options=choice(
                    ("", T("（不选）", "(none)")),
                    ("person", T("申请人本人", "The applicant")),
                    ("entity", T("申请单位", "The applying entity")),
                ),
            ),
            Part("editable", T("可以改", "May be changed"), "bool"),
        ),
    ),
    Part("reason", T("登记库已有、还要再问的理由", "Why it is asked although a register holds it"), "local"),
    Part(
        "checks",
        T("检查", "Checks"),
        "rows",
        parts=CHECK,
        new_row=lambda content, rows: {"that": "", "say": {"zh": "", "en": ""}},
    ),
    Part("min", T("最小值", "Least"), "value", when=_is("decimal", "integer", "date")),
    Part("max", T("最大值", "Most"), "value", when=_is("decimal", "integer", "date")),
    Part("decimals", T("小数位数", "Decimals"), "integer", when=_is("decimal")),
    Part("unit", T("单位", "Unit"), "local", when=_is("decimal", "integer")),
    Part("min_length", T("最少字数", "Shortest"), "integer", when=_is("text", "textarea", "address")),
    Part("max_length", T("最多字数", "Longest"), "integer", when=_is("text", "textarea", "address")),
    Part("pattern", T("格式（正则表达式）", "Pattern"), when=_is("text")),
    Part("pattern_hint", T("格式说明", "The pattern in words"), "local", when=_is("text")),
)

PAGE = (
    Part("title", T("这一页的标题", "Title of the page"), "local", keep_empty=True),
    Part("key", T("键", "Key")),
    Part("intro", T("页首说明", "Introduction"), "local_text", rows=2),
    Part(
        "visible",
        T("什么时候出现这一页", "When the page is shown"),
        "expr",
        T("不写就总是出现。", "Empty: always."),
        suggestions=_names,
    ),
    Part(
        "fields",
        T("问题", "Questions"),
        "list",
        parts=FIELD,
        about=_about,
        new_row=lambda content, rows: {
            "key": fresh_key("field_", _all_fields(content)),
            "label": {"zh": "", "en": ""},
            "type": "text",
        },
    ),
)

SCHEMA = Schema(
    (
        Section(
            "pages",
            T("页和问题", "Pages and questions"),
            (
                Part(
                    "pages",
                    T("页", "Pages"),
                    "list",
                    parts=PAGE,
                    about=_about_page,
                    new_row=lambda content, rows: {
                        "key": fresh_key("page-", rows),
                        "title": {"zh": "", "en": ""},
                        "fields": [
                            {
                                "key": fresh_key("field_", _all_fields(content)),
                                "label": {"zh": "", "en": ""},
                                "type": "text",
                            }
                        ],
                    },
                ),
            ),
            T("一页问一件事。", "One topic a page."),
        ),
        Section(
            "about", T("名称", "Name"), (NAME, Part("description", T("说明", "Description"), "local_text"))
        ),
    )
)


def _preview(request: HttpRequest, editing: Editing) -> HttpResponse:
    """Show the form as an applicant sees it, one page at a time, on a sheet as wide as a phone. Nothing is kept."""
    asked = request.POST if request.method == "POST" else request.GET
    try:
        form = forms.form_from(editing.content)
    except DefinitionInvalid as refusal:
        return render(
            request,
            "studio/form_preview.html",
            {"editing": editing, "problems": refusal.data["problems"]},
            status=422,
        )
    key = asked.get("page", "")
    page = form.page(key) or form.pages[0]
    at = now()
    data: dict[str, Any] = {}
    for each in form.pages:
        data |= forms.clean(form, each.key, request.POST) if request.method == "POST" else {}
    actor = request.actor  # type: ignore[attr-defined]
    errors = (
        forms.check(form, data, page=page.key, at=at, actor=actor)
        if request.POST.get("do") == "check"
        else []
    )
    view = forms.page_view(form, page.key, data=data, at=at, actor=actor, errors=errors)
    hidden = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name not in {"csrfmiddlewaretoken", "page", "do"}
        and not any(f.key == name.partition(".")[0].partition("-")[0] for f in page.fields)
    ]
    context = {
        "editing": editing,
        "form": form,
        "page": page,
        "view": view,
        "errors": errors,
        "hidden": hidden,
        "asked": request.POST.get("do") == "check",
    }
    return render(request, "studio/form_preview.html", context)


def _context(request: HttpRequest, editing: Editing) -> dict[str, Any]:
    return {"preview_url": editing.page_url("preview")}


describe_editor(
    "form", SCHEMA, icon="doc", pages={"preview": _preview}, template="studio/form.html", context=_context
)
