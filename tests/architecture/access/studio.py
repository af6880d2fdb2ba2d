"""Access: the editors, which exist for nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.architecture.walk.probe import GO, Probe, World
from tests.support.county import County


def begin_a_change(county: County) -> str:
    """Let the editor of the data bureau change a form; return the change's number."""
    from tongban.apps.studio import service as studio
    from tongban.base.editables import editable

    content = editable("form").load("food-licence")
    draft = studio.NewDraft(
        "form", "food-licence", content, editable("form").versions("food-licence")[0].version
    )
    change = studio.open_change(actor=county.actor("studio1"), drafts=[draft], at=county.now)
    return str(change.case.number)


def send_a_table(county: County) -> UUID:
    """Let an editor send a table of items, of which one row is given back."""
    from tongban.apps.services.operations import tables

    content = "部门,名称,事项类型,编码\n县民政局,走过的事项,20,W-1\n县民政局,,20,W-2\n".encode()
    table = tables.send_table(
        actor=county.actor("studio1"), upload=SimpleUploadedFile("walk.csv", content), at=county.now
    )
    tables.check_table(import_id=str(table.pk))
    return table.pk


def probes(w: World) -> Iterator[Probe]:
    editor: dict[str, Any] = {"owner": "studio1"}
    thing, change = "/desk/studio/form/of/food-licence/", f"/desk/studio/changes/{w.facts['change']}/"
    draft = f"{change}form/food-licence/"
    yield Probe("services:tables", "/desk/catalogue/", **editor)
    table = f"/desk/catalogue/{w.facts['table']}/"
    yield Probe("services:table", table, **editor)
    yield Probe("services:table", table, method="POST", body={"adopt": "1"}, answers=GO, **editor)
    yield Probe("services:table-let-in", f"{table}let-in/", method="POST", answers=GO, owner="studio2")
    yield Probe("services:table-rejected", f"{table}rejected.csv", **editor)
    yield Probe("studio:home", "/desk/studio/", **editor)
    yield Probe("studio:kind", "/desk/studio/form/", **editor)
    yield Probe("studio:new", "/desk/studio/form/new/", **editor)
    body = {"key": "walked", "zh": "走过"}
    yield Probe("studio:new", "/desk/studio/form/new/", method="POST", body=body, answers=GO, **editor)
    yield Probe("studio:thing", thing, **editor)
    yield Probe("studio:compare", f"{thing}compare/", **editor)
    yield Probe("studio:copy", f"{thing}copy/", **editor)
    yield Probe(
        "studio:copy",
        f"{thing}copy/",
        method="POST",
        body={"do": "copy", "key": "walked"},
        answers=GO,
        **editor,
    )
    yield Probe("studio:start", f"{thing}change/", method="POST", answers=GO, **editor)
    yield Probe("studio:change", change, **editor)
    yield Probe("studio:act", f"{change}do/", method="POST", body={"do": "withdraw"}, answers=GO, **editor)
    yield Probe(
        "studio:add", f"{change}add/", method="POST", body={"what": "form:letter"}, answers=GO, **editor
    )
    yield Probe("studio:editor", draft, **editor)
    yield Probe(
        "studio:editor", draft, method="POST", body={"tab": "about", "revision": "1"}, answers=GO, **editor
    )
    yield Probe("studio:content", f"{draft}content/", **editor)
    yield Probe("studio:check", f"{draft}check/", method="POST", answers=frozenset({422}), **editor)
    yield Probe("studio:editor-page", f"{draft}page/preview/", **editor)
    yield Probe(
        "studio:condition", "/desk/studio/condition/", method="POST", body={"_condition": "x"}, **editor
    )
