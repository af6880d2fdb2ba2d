"""From a request to values. Never refuses: what cannot be read stays as typed (see ``rules.values``)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tongban.base.text import LocalizedText
from tongban.kernel.forms.checking import situation_of
from tongban.kernel.forms.errors import AnswersInvalid
from tongban.kernel.forms.rules import wording
from tongban.kernel.forms.rules.structure import Form
from tongban.kernel.forms.rules.values import Posted, read_posted, read_value

__all__ = ["clean", "clean_json", "sheet_of", "unasked"]


def clean(form: Form, page: str, posted: Posted) -> dict[str, Any]:
    """Return the values of the page's fields that were in the request, by key; a field left empty gives None.

    Fields that the page did not show (known values, unmet conditions) are absent, so saving leaves them alone.
    """
    shown = form.page(page)
    if shown is None:
        return {}
    read = {f.key: read_posted(f, posted) for f in shown.fields if f.is_asked}
    return {key: value for key, (was_there, value) in read.items() if was_there}


def clean_json(form: Form, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values sent through the API in the shape in which they are stored. Raises AnswersInvalid for unknown fields."""
    unknown = [key for key in values if key not in form.fields or not form.fields[key].is_asked]
    if unknown:
        message: LocalizedText = wording.UNKNOWN
        raise AnswersInvalid(errors=[{"field": key, "message": message.as_json()} for key in unknown])
    return {key: read_value(form.fields[key], value) for key, value in values.items()}


def unasked(form: Form, page: str, posted: Posted, data: Mapping[str, Any], *, at: datetime) -> list[str]:
    """Return the questions of the page that these answers raise and that the request did not carry.

    Without JavaScript a conditional question appears only after the page was sent: when this is not empty, show the page
    again before going on. Known values that are not asked do not count.
    """
    shown = form.page(page)
    if shown is None:
        return []
    visible = situation_of(form, data, at=at).visible
    return [
        f.key
        for f in shown.fields
        if f.key in visible and f.is_asked and f.visible and not f.bind and not read_posted(f, posted)[0]
    ]


def sheet_of(posted: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``revision`` and ``sheet`` of the page that was sent, as ``save_entry`` takes them."""
    revision = str(posted.get("_revision", ""))
    return {
        "revision": int(revision)
        if revision.isascii() and revision.isdigit() and len(revision) < 10
        else None,
        "sheet": str(posted.get("_sheet", ""))[:32],
    }
