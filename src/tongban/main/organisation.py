"""Organisation and people from tables (CSV or XLSX), the whole of it or nothing; the same tables again change nothing.

What may be written is for the doors of identity to say; here rows become calls, and what is refused is named with its row.
The three administrators are not made by a table: whoever could slip a row in would be one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth import get_user_model
from django.db import transaction

from tongban.base.actor import Actor
from tongban.base.checks import citizen_id_problem, is_uscc, uscc_problem
from tongban.base.errors import NotFound, TongbanError
from tongban.base.spreadsheets import read_rows
from tongban.base.text import LocalizedText as T
from tongban.kernel.identity import service as identity

__all__ = ["COLUMNS", "Report", "bring", "told"]

COLUMNS: dict[str, dict[str, tuple[str, ...]]] = {
    "units": {
        "code": ("代码", "单位代码"),
        "name": ("名称", "单位名称"),
        "name_en": ("英文名称",),
        "short_name": ("简称",),
        "parent": ("上级", "上级代码"),
        "division_code": ("行政区划代码",),
        "level": ("层级",),
        "kind": ("类别",),
        "prefix": ("文号代字",),
        "uscc": ("统一社会信用代码",),
    },
    "posts": {
        "unit": ("单位", "单位代码"),
        "code": ("代码", "岗位代码"),
        "name": ("名称", "岗位名称"),
        "name_en": ("英文名称",),
        "duties": ("职责",),
    },
    "officials": {
        "name": ("姓名",),
        "username": ("用户名", "账号"),
        "citizen_id": ("身份证号", "公民身份号码"),
        "phone": ("电话", "手机"),
        "email": ("邮箱", "电子邮箱"),
        "posts": ("岗位",),
    },
    "people": {
        "name": ("姓名",),
        "citizen_id": ("身份证号", "公民身份号码"),
        "phone": ("电话", "手机"),
        "email": ("邮箱", "电子邮箱"),
    },
    "entities": {
        "uscc": ("统一社会信用代码",),
        "name": ("名称", "单位名称"),
        "kind": ("类型",),
    },
    "mandates": {
        "uscc": ("统一社会信用代码",),
        "name": ("姓名",),
        "citizen_id": ("身份证号", "公民身份号码"),
        "role": ("身份", "角色"),
        "basis": ("依据",),
    },
}
"""The columns of each table by their names in code, with what an office may call them instead."""
NEEDED = {
    "units": {"code", "name", "division_code"},
    "posts": {"unit", "code", "name"},
    "officials": {"name", "username"},
    "people": {"name", "citizen_id"},
    "entities": {"uscc", "name"},
    "mandates": {"uscc", "name", "citizen_id", "basis"},
}
DIVISION = re.compile(r"\d{12}")
CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
SEPARATORS = re.compile(r"[;；,，\s]+")
MOST_POSTS = 1_000_000


@dataclass(slots=True)
class Report:
    """What was done, or with faults what would have been."""

    rows: dict[str, int] = field(default_factory=dict)
    faults: list[tuple[str, int, T]] = field(default_factory=list)
    """Table, row and reason."""
    links: list[tuple[str, str]] = field(default_factory=list)
    """User name and secret of the link by which the password is set, of accounts that were opened."""


class _Wrong(Exception):
    def __init__(self, zh: str, en: str) -> None:
        self.text = T(zh, en)


@transaction.atomic
def bring(*, tables: Mapping[str, bytes], actor: Actor, at: datetime, preview: bool = False) -> Report:
    """Bring tables in the order of ``COLUMNS``: what others name comes first.

    With a fault anywhere, or as a preview, nothing is written.

    Raises SpreadsheetRefused for a file that is no table.
    """
    report = Report()
    for name in COLUMNS:
        if name in tables:
            _bring(name, tables[name], report, actor, at)
    if report.faults or preview:
        transaction.set_rollback(True)
        report.links.clear()
    return report


def _bring(table: str, content: bytes, report: Report, actor: Actor, at: datetime) -> None:
    write: Callable[[dict[str, str], Report, Actor, datetime], None]
    write = {
        "units": _unit,
        "posts": _post,
        "officials": _official,
        "people": _person,
        "entities": _entity,
        "mandates": _mandate,
    }[table]
    report.rows[table] = 0
    for number, row in _rows(table, content, report):
        report.rows[table] += 1
        try:
            with transaction.atomic():
                if lacking := sorted(name for name in NEEDED[table] if not row.get(name)):
                    raise _Wrong(f"没有填 {'、'.join(lacking)}", f"{', '.join(lacking)} is empty")
                write(row, report, actor, at)
        except _Wrong as wrong:
            report.faults.append((table, number, wrong.text))
        except TongbanError as refused:
            report.faults.append((table, number, told(refused)))


def _rows(table: str, content: bytes, report: Report) -> Iterator[tuple[int, dict[str, str]]]:
    known = {each: name for name, others in COLUMNS[table].items() for each in (name, *others)}
    heads: list[str] | None = None
    for row in read_rows(content):
        if row.is_blank:
            continue
        if heads is None:
            heads = [known.get(cell.strip().lower(), "") for cell in row.cells]
            if lacking := sorted(NEEDED[table] - set(heads)):
                text = T(f"表头里没有 {'、'.join(lacking)}", f"the header has no {', '.join(lacking)}")
                report.faults.append((table, row.number, text))
                return
            continue
        yield row.number, {name: cell for name, cell in zip(heads, row.cells, strict=False) if name}


def _unit(row: dict[str, str], report: Report, actor: Actor, at: datetime) -> None:
    if not CODE.fullmatch(row["code"]):
        raise _Wrong("代码只能用小写字母、数字和连字符", "a code has lower-case letters, digits and hyphens")
    if not DIVISION.fullmatch(row["division_code"]):
        raise _Wrong("行政区划代码是十二位数字", "the division code has twelve digits")
    if row.get("uscc") and not is_uscc(row["uscc"]):
        raise _Wrong("统一社会信用代码不对", "this is no unified social credit code")
    identity.put_unit(
        actor=actor,
        code=row["code"],
        name=T(row["name"], row.get("name_en") or row["name"]),
        short_name=T(row["short_name"]) if row.get("short_name") else None,
        parent=row.get("parent") or None,
        division_code=row["division_code"],
        level=row.get("level", ""),
        kind=row.get("kind", ""),
        prefix=row.get("prefix", ""),
        uscc=row.get("uscc", ""),
        at=at,
    )


def _post(row: dict[str, str], report: Report, actor: Actor, at: datetime) -> None:
    duties = _parts(row.get("duties", ""))
    if administrators := sorted(set(duties) & identity.ADMIN_DUTIES):
        raise _Wrong(
            f"管理员岗位不能用表格设：{administrators[0]}",
            f"an administrator's post is not made by a table: {administrators[0]}",
        )
    known = {duty.key for duty in identity.duties_for_choice()}
    if unknown := sorted(set(duties) - known):
        raise _Wrong(f"没有这个职责：{unknown[0]}", f"there is no duty {unknown[0]}")
    identity.put_post(
        actor=actor,
        unit_id=_unit_id(row["unit"]),
        code=row["code"],
        name=T(row["name"], row.get("name_en") or row["name"]),
        duties=duties,
        at=at,
    )


def _official(row: dict[str, str], report: Report, actor: Actor, at: datetime) -> None:
    account = (
        get_user_model()._default_manager.filter(username=row["username"]).select_related("person").first()
    )
    if account is None:
        account, secret = identity.open_official_account(
            actor=actor,
            name=row["name"],
            username=row["username"],
            citizen_id=row.get("citizen_id", ""),
            phone=row.get("phone", ""),
            email=row.get("email", ""),
            at=at,
        )
        report.links.append((row["username"], secret))
    person = account.person  # type: ignore[union-attr]
    if person is None or person.name != row["name"]:
        raise _Wrong("这个用户名是别人的", "this user name belongs to somebody else")
    for place in _parts(row.get("posts", "")):
        unit, mark, code = place.partition("/")
        post_id = _posts_of(_unit_id(unit), at).get(code) if mark else None
        if post_id is None:
            raise _Wrong(
                f"没有这个岗位：{place}（写成 单位代码/岗位代码）",
                f"there is no post {place} (write UNIT/POST)",
            )
        identity.appoint(actor=actor, person_id=person.pk, post_id=post_id, at=at)


def _person(row: dict[str, str], report: Report, actor: Actor, at: datetime) -> None:
    """Record a person; what is known of one already stays where the table says nothing. Nobody gets an account by it."""
    number = row["citizen_id"].upper()
    if (problem := citizen_id_problem(number)) is not None:
        raise _Wrong(problem.zh, problem.en)
    known = identity.find_person(number)
    if known is not None and known.name != row["name"]:
        raise _Wrong("这个身份证号登记的是别的姓名", "another name is on record for this ID number")
    identity.put_person(
        actor=actor,
        name=row["name"],
        citizen_id=number,
        phone=row.get("phone") or (known.phone if known else ""),
        email=row.get("email") or (known.email if known else ""),
        at=at,
    )


def _entity(row: dict[str, str], report: Report, actor: Actor, at: datetime) -> None:
    code = row["uscc"].upper()
    if (problem := uscc_problem(code)) is not None:
        raise _Wrong(problem.zh, problem.en)
    known = identity.find_entity(code)
    kind = row.get("kind") or (known.kind if known else "")
    identity.put_entity(actor=actor, uscc=code, name=row["name"], kind=kind, at=at)


def _mandate(row: dict[str, str], report: Report, actor: Actor, at: datetime) -> None:
    entity = identity.find_entity(row["uscc"].upper())
    if entity is None:
        raise _Wrong(f"没有这个单位：{row['uscc']}", f"there is no entity {row['uscc']}")
    role = row.get("role") or "legal_representative"
    person = identity.find_person(row["citizen_id"].upper())
    if person is not None and any(
        (view.entity_id, view.role) == (entity.pk, role) for view in identity.entities_of(person.pk, at=at)
    ):
        return
    identity.give_mandate_to(
        actor=actor,
        entity_id=entity.pk,
        name=row["name"],
        citizen_id=row["citizen_id"],
        role=role,
        basis=row["basis"],
        at=at,
    )


def _unit_id(code: str) -> int:
    try:
        return int(identity.get_unit(code).pk)
    except NotFound:
        raise _Wrong(f"没有这个单位：{code}", f"there is no unit {code}") from None


def _posts_of(unit_id: int, at: datetime) -> dict[str, int]:
    """Return the posts of a unit by code; of administrators none."""
    _, rows = identity.list_posts(at=at, limit=MOST_POSTS)
    return {row.post.code: row.post.pk for row in rows if row.post.unit_id == unit_id}


def _parts(text: str) -> list[str]:
    return [part for part in SEPARATORS.split(text) if part]


def told(refused: TongbanError) -> T:
    """Return the title of a refusal, with what it says of fields."""
    reasons = [each["message"] for each in refused.data.get("errors", ()) if isinstance(each, dict)]
    title = refused.title
    if not reasons:
        return title
    zh, en = (
        ("；".join(str(r.zh) for r in reasons), "; ".join(str(r.en) for r in reasons))
        if all(isinstance(r, T) for r in reasons)
        else ("；".join(map(str, reasons)), "; ".join(map(str, reasons)))
    )
    return T(f"{title.zh}：{zh}", f"{title.en}: {en}")
