"""The demo's upper platform: reads the packages of a directory, checks them as a real one would, and answers. Never
in production.

It accepts a record that is whole, answers a record that it knows already with the same receipt, and refuses an act of
a case of which it never got the application. So the demo shows a running exchange, and its refusals are the ones that
real platforms give.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from tongban.apps.docking.models import Destination
from tongban.apps.docking.transports.drop import root_of

__all__ = ["answer"]

BOOKS = "peer.json"
NEEDS_APPLICATION = frozenset({"acceptance", "processing", "special", "completion", "rating"})


def answer(destination: Destination) -> int:
    """Answer every package that has not been answered; return how many."""
    root = root_of(destination)
    out = root / "out"
    books: dict[str, Any] = _load(root / BOOKS) or {"records": {}, "cases": []}
    books["cases"] = set(books["cases"])
    days: set[str] = set()
    done = 0
    for package in sorted(path for path in out.glob("[0-9]*") if path.is_dir()) if out.is_dir() else []:
        target = root / "receipts" / f"{package.name}.json"
        manifest = (_load(package / "manifest.json") or {}).get("records", [])
        receipts = [_receipt(package, row, books) for row in manifest]
        _store(target, {"receipts": receipts})
        days |= {row["day"] for row in manifest}
        (root / "taken").mkdir(exist_ok=True)
        package.rename(root / "taken" / package.name)
        done += 1
    if done:
        _store(root / BOOKS, {**books, "cases": sorted(books["cases"])})
        _statements(root, books, days)
    return done


def _receipt(package: Path, row: dict[str, Any], books: dict[str, Any]) -> dict[str, Any]:
    known = books["records"].get(row["key"])
    if known:
        return {"key": row["key"], "state": "accepted", "number": known["number"], "digest": row["digest"]}
    body = (package / row["file"]).read_bytes()
    if f"sha256:{hashlib.sha256(body).hexdigest()}" != row["file_digest"]:
        return {"key": row["key"], "state": "refused", "reason": "文件摘要不符"}
    case = _case_number(body, row["file"])
    if row["table"] == "application":
        books["cases"].add(case)
    elif row["table"] in NEEDS_APPLICATION and case not in books["cases"]:
        return {"key": row["key"], "state": "refused", "reason": f"没有收到过办件 {case} 的申请信息"}
    number = f"SJ{len(books['records']) + 1:010d}"
    books["records"][row["key"]] = {
        "number": number, "table": row["table"], "day": row["day"], "digest": row["digest"]
    }  # fmt: skip
    return {"key": row["key"], "state": "accepted", "number": number, "digest": row["digest"]}


def _case_number(body: bytes, file: str) -> str:
    if file.endswith(".xml"):
        found = ET.fromstring(body).find("field[@code='case_number']")  # noqa: S314 - our own file
        return (found.text or "") if found is not None else ""
    record = json.loads(body)["record"]
    return str(record.get("办件编号") or record.get("case_number") or "")


def _statements(root: Path, books: dict[str, Any], changed: set[str]) -> None:
    """Write anew what it has of the days of which it learned something."""
    days: dict[str, list[dict[str, str]]] = {day: [] for day in changed}
    for key, row in books["records"].items():
        if row["day"] in days:
            days[row["day"]].append({"key": key, "table": row["table"], "digest": row["digest"]})
    (root / "statements").mkdir(exist_ok=True)
    for day, records in days.items():
        _store(root / "statements" / f"{day}.json", {"day": day, "records": records})


def _load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def _store(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}")
    draft.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    draft.replace(path)
