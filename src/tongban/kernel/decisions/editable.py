"""Decision tables as content that an office edits itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from tongban.base.actor import Actor
from tongban.base.editables import Fault, Link, Row, Version, text_of
from tongban.base.text import LocalizedText
from tongban.base.time import local_date
from tongban.kernel.decisions.errors import TableNotFound
from tongban.kernel.decisions.models import DecisionTable
from tongban.kernel.decisions.operations.tables import find_errors, put_table

__all__ = ["TableEditable", "whole"]

PARTS = ("inputs", "outputs", "rules", "hit", "examples")


def whole(table: DecisionTable) -> dict[str, Any]:
    """Return a table as a pack writes it: its names and days beside its content."""
    found: dict[str, Any] = {
        "key": table.key,
        "name": table.name.as_json(),
        "legal_source": table.legal_source.as_json(),
        "valid_from": table.valid_from.isoformat(),
        **table.content,
    }
    if table.valid_to:
        found["valid_to"] = table.valid_to.isoformat()
    return found


class TableEditable:
    """Decision tables: inputs, outputs, rules, and examples that are tried before publishing."""

    kind = "table"
    label = LocalizedText("决策表", "Decision table")

    def rows(self) -> list[Row]:
        """Return the newest version of every table."""
        rows = DecisionTable.objects.order_by("key", "-version").distinct("key")
        return [
            Row(key, name, version, at)
            for key, name, version, at in rows.values_list("key", "name", "version", "put_at")
        ]

    def load(self, key: str) -> dict[str, Any]:
        """Return the newest version. Raises TableNotFound."""
        return whole(self._table(key))

    def blank(self) -> dict[str, Any]:
        """Return a table of one input, one output and one rule."""
        return {
            "key": "",
            "name": {"zh": "", "en": ""},
            "legal_source": {"zh": "", "en": ""},
            "hit": "first",
            "inputs": [{"key": "input_1", "label": {"zh": "条件一", "en": "Condition 1"}, "type": "number"}],
            "outputs": [{"key": "output_1", "label": {"zh": "结果一", "en": "Result 1"}}],
            "rules": [{"when": {}, "then": {"output_1": ""}, "because": {"zh": "", "en": ""}}],
            "examples": [],
        }

    def check(self, content: Any) -> list[Fault]:
        """Return what keeps the table from being put, wrong examples included; a table without examples is warned of."""
        body = {name: content[name] for name in PARTS if name in content}
        faults = [
            Fault(error["field"], LocalizedText.of(error["message"]))
            for error in find_errors(
                body,
                legal_source=text_of(content.get("legal_source")),
                valid_from=_day(content.get("valid_from")),
                valid_to=_day(content.get("valid_to")),
            )
        ]
        if not text_of(content.get("name")):
            faults.append(Fault("name", LocalizedText("要有名称", "the name is missing")))
        if not faults and not content.get("examples"):
            words = LocalizedText(
                "还没有例子；写几个，改错了会马上看见",
                "there are no examples; they would show a mistake at once",
            )
            faults.append(Fault("examples", words, "warning"))
        return faults

    def publish(
        self, *, content: Mapping[str, Any], actor: Actor, at: datetime, valid_from: date | None = None
    ) -> int:
        """Put the table through the door, valid from the given day (else its own, else today). Raises TableInvalid."""
        table = put_table(
            key=str(content["key"]),
            name=LocalizedText.of(content["name"]),
            content={name: content[name] for name in PARTS if name in content},
            legal_source=LocalizedText.of(content.get("legal_source")),
            valid_from=valid_from or _day(content.get("valid_from")) or local_date(at),
            valid_to=_day(content.get("valid_to")),
            actor=actor,
            at=at,
        )
        return table.version

    def versions(self, key: str) -> list[Version]:
        """Return all versions of a table."""
        rows = DecisionTable.objects.filter(key=key).order_by("-version")
        return [Version(*row) for row in rows.values_list("version", "put_at", "valid_from")]

    def load_version(self, key: str, version: int) -> dict[str, Any]:
        """Return one version. Raises TableNotFound."""
        return whole(self._table(key, version=version))

    def links(self, content: Mapping[str, Any]) -> list[Link]:
        """A table names nothing that is edited elsewhere."""
        return []

    def renamed(self, content: Mapping[str, Any], keys: Mapping[Link, str]) -> dict[str, Any]:
        """Return the table under its new key; answers that name an item follow it."""
        own = Link(self.kind, str(content.get("key", "")))
        items = {link.key: new for link, new in keys.items() if link.kind == "item"}
        return {
            **content,
            "key": keys.get(own, own.key),
            "rules": [
                {**rule, "then": _following(rule.get("then") or {}, items)}
                for rule in content.get("rules") or ()
            ],
            "examples": [
                {**each, "then": _following(each.get("then") or {}, items)}
                for each in content.get("examples") or ()
            ],
        }

    def _table(self, key: str, **which: Any) -> DecisionTable:
        found = DecisionTable.objects.filter(key=key, **which).order_by("-version").first()
        if found is None:
            raise TableNotFound(None, key=key, **which)
        return found


def _following(then: Mapping[str, Any], items: Mapping[str, str]) -> dict[str, Any]:
    return {
        name: items.get(value, value) if name == "item" and isinstance(value, str) else value
        for name, value in then.items()
    }


def _day(value: Any) -> date | None:
    """Read a day; what is none is left to the caller's other ways."""
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
