"""Template tags of the design system. They are built in: no ``{% load %}`` needed. README.md lists them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any

from django import template
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from tongban.base.text import LocalizedText
from tongban.base.time import LOCAL
from tongban.design import navigation, rules

register = template.Library()

_CLOCKS = {"ok": "ok", "yellow": "yellow", "red": "red", "pause": "pause", "done": "ok"}


# --- drawing -----------------------------------------------------------------------------------


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str, classes: str = "") -> SafeString:
    """Draw an icon of ``icons.svg``. It is decoration: a word stands beside it.

    A page of the workbench has seventy; what an icon looks like does not change while a process runs.
    """
    return format_html(
        '<svg class="i{}" width="20" height="20" aria-hidden="true" focusable="false">'
        '<use href="{}#{}"/></svg>',
        f" {classes}" if classes else "",
        static("design/icons.svg"),
        name,
    )


@register.simple_tag
@lru_cache(maxsize=16)
def mark(state: str) -> SafeString:
    """Draw the shape of a clock's state: red octagon, yellow triangle, circle, pause."""
    return format_html(
        '<svg width="16" height="16" aria-hidden="true" focusable="false"><use href="{}#mark-{}"/></svg>',
        static("design/icons.svg"),
        _CLOCKS.get(state, "ok"),
    )


@register.simple_tag
def clock_mark(state: str, text: object) -> SafeString:
    """Draw a clock's state with its words: shape first, then words, colour last."""
    return format_html('<span class="clock {}">{}{}</span>', _CLOCKS.get(state, "ok"), mark(state), text)


@register.simple_tag
def tag(colour: str, text: object, symbol: str = "") -> SafeString:
    """Draw a small label:

    ``{% tag "green" text "check" %}``. Colours: blue green amber red red-soft line violet, or "".
    """
    return format_html(
        '<span class="tag{}">{}{}</span>',
        f" {colour}" if colour else "",
        icon(symbol) if symbol else "",
        text,
    )


@register.inclusion_tag("design/components/state_mark.html")
def state_mark(classes: str = "mark") -> dict[str, str]:
    """Draw the mark of the government: ``#state-mark`` of ``icons.svg``, an invented one; no setting changes it yet."""
    return {"classes": classes}


@cache
def _has_file(path: str) -> bool:
    return finders.find(path) is not None


@register.simple_tag
def vendor_script(path: str) -> SafeString | str:
    """Link a script under ``static/vendor/`` when it was fetched at set-up. Pages work without it."""
    full = f"vendor/{path}"
    return format_html('<script src="{}" defer></script>', static(full)) if _has_file(full) else ""


@register.simple_tag
def vendor_url(path: str) -> str:
    """Return the address of a file under ``static/vendor/``, or nothing when it was not fetched at set-up."""
    full = f"vendor/{path}"
    return static(full) if _has_file(full) else ""


# --- forms -------------------------------------------------------------------------------------


@register.inclusion_tag("design/components/field.html")
def field(
    name: str,
    label: object,
    *,
    type: str = "text",  # noqa: A002 - the word of HTML
    value: object = "",
    hint: object = "",
    error: object = "",
    options: Iterable[Any] = (),
    required: bool = True,
    unit: object = "",
    size: str = "",
    rows: int = 4,
    **attributes: object,
) -> dict[str, object]:
    """Draw one question with its label, hint and error wired together.

    ``type``: text, textarea, select, radio, checkboxes, checkbox, file, date, email, tel, password, number,
    search. ``options`` are (value, label) pairs or mappings with ``value``, ``label`` and ``hint``.
    ``attributes`` go to the control; an underscore stands for a hyphen (``data_autosave``). The anchor of
    the question is ``#f-<name>``.
    """
    identifier = f"f-{name}"
    described = [f"{identifier}-hint"] if hint else []
    described += [f"{identifier}-error"] if error else []
    chosen = value if isinstance(value, list | tuple | set) else [value]
    return {
        "id": identifier,
        "name": name,
        "label": label,
        "type": type,
        "value": "" if value is None else value,
        "hint": hint,
        "error": error,
        "options": [_option(option, {str(one) for one in chosen}) for option in options],
        "required": required,
        "unit": unit,
        "size": size,
        "rows": rows,
        "described": " ".join(described),
        "attributes": {key.replace("_", "-"): text for key, text in attributes.items()},
    }


def _option(option: Any, chosen: set[str]) -> dict[str, object]:
    if isinstance(option, Mapping):
        value, label, hint = option["value"], option["label"], option.get("hint", "")
    else:
        value, label, *rest = option
        hint = rest[0] if rest else ""
    return {"value": value, "label": label, "hint": hint, "is_chosen": str(value) in chosen}


@register.inclusion_tag("design/components/error_summary.html")
def error_summary(errors: Iterable[Any], kept: bool = True, focus: bool = True) -> dict[str, object]:
    """List what must be corrected, linked to the questions.

    An error is an object or mapping with ``field`` and ``message``; its anchor is ``#f-<field>``. ``kept``
    says that what was typed is still there (it must be true); ``focus`` puts the reader there at once.
    """
    rows = [{"field": _of(error, "field"), "message": _of(error, "message")} for error in errors]
    return {
        "errors": [{**row, "message": localized(row["message"])} for row in rows],
        "kept": kept,
        "focus": focus,
    }


def _of(thing: Any, name: str) -> Any:
    return thing.get(name, "") if isinstance(thing, Mapping) else getattr(thing, name, "")


# --- lists -------------------------------------------------------------------------------------


@register.inclusion_tag("design/components/pager.html", takes_context=True)
def pager(context: template.Context, page: Any, parameter: str = "page") -> dict[str, object]:
    """Draw the links to the next and previous page.

    ``page`` is a ``design.paging.Page``; nothing is counted.
    """
    query = context["request"].GET.copy()

    def link(number: int) -> str:
        query[parameter] = str(number)
        return f"?{query.urlencode()}"

    return {
        "page": page,
        "previous": link(page.number - 1) if page.has_previous else "",
        "next": link(page.number + 1) if page.has_next else "",
        "shown": len(page.items),
    }


@register.simple_tag
def url_if(url_name: str, *args: object, **kwargs: object) -> str:
    """Return the address of a page, empty when this installation has no such page:

    ``{% url_if "x:y" as url %}``.
    """
    return navigation.address(url_name, *args, **kwargs)


# --- words -------------------------------------------------------------------------------------


def _language() -> str:
    return get_language() or "zh-hans"


def _local(value: date | datetime) -> date | datetime:
    return value.astimezone(LOCAL) if isinstance(value, datetime) and value.tzinfo else value


def _date(value: object) -> date | datetime | None:
    """Read a date, a datetime or ISO text (JSON keeps dates as text)."""
    if isinstance(value, str) and value:
        value = datetime.fromisoformat(value) if len(value) > 10 else date.fromisoformat(value)
    return _local(value) if isinstance(value, date) else None


@register.filter
def day(value: object) -> str:
    """2026年3月5日, 5 Mar 2026."""
    when = _date(value)
    return rules.day_in_words(when, _language()) if when else ""


@register.filter
def short_day(value: object) -> str:
    """3月5日, 5 Mar."""
    when = _date(value)
    return rules.day_in_words(when, _language(), with_year=False) if when else ""


@register.filter
def weekday(value: object) -> str:
    """星期四, Thursday."""
    when = _date(value)
    return rules.weekday_in_words(when, _language()) if when else ""


@register.filter
def moment(value: object) -> str:
    """2026年3月5日 9:41, 5 Mar 2026, 9:41."""
    when = _date(value)
    return rules.moment_in_words(when, _language()) if isinstance(when, datetime) else day(when)


@register.filter
def short_moment(value: object) -> str:
    """3月5日 9:41, 5 Mar, 9:41."""
    when = _date(value)
    if isinstance(when, datetime):
        return rules.moment_in_words(when, _language(), with_year=False)
    return short_day(when)


@register.filter
def iso(value: object) -> str:
    """The value of ``<time datetime>``."""
    when = _date(value)
    return (
        when.isoformat(timespec="minutes") if isinstance(when, datetime) else when.isoformat() if when else ""
    )


@register.filter
def localized(value: object) -> str:
    """Text of a LocalizedText or of its stored shape ``{"zh", "en"}`` in the language of the page."""
    return str(LocalizedText.of(value)) if isinstance(value, Mapping) else "" if value is None else str(value)


@register.filter
def mask_name(value: object) -> str:
    """李*英."""
    return rules.mask_name(str(value or ""))


@register.filter
def mask_id(value: object) -> str:
    """532399********1027."""
    return rules.mask_id(str(value or ""))


@register.filter
def mask_mobile(value: object) -> str:
    """138****4471."""
    return rules.mask_mobile(str(value or ""))
