"""Bulk cases are what walked cases are: twenty of each, for the same people, compared row for row."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection, transaction

from tests.support.county import PACK, County
from tests.support.database import as_owner
from tongban.apps.docking.models import Passed
from tongban.base.packs import Pack
from tongban.kernel.ledger import service as ledger
from tongban.kernel.ledger.chain import Report
from tongban.kernel.ledger.subjects import check_subjects
from tongban.kernel.registers import service as registers
from tongban.main import history
from tongban.main.bulk import build, copies, shapes, templates

APPLICATIONS = ("licence-147", "licence-126", "licence-135", "licence-120")
"""Submitted, to be corrected, accepted, granted with a certificate and rated."""
ELSEWHERE = "x03"
"""A township with officials for every step."""
EACH = 4
TOKEN = re.compile(r"(?<!\d)8000\d{12}(?!\d)|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
CASE = re.compile(r"[CL]X-\d{4}-\d{4}-\d+")
"""The number of a case, by which the search knows a letter."""
OTHERWISE = (
    (re.compile(r"(?<=\d\d:\d\d):\d\d(\.\d+)?(?=[+Z])"), ":SS"),
    (CASE, "CASE"),
    (re.compile(r"〕\d+号"), "〕N号"),
    (re.compile(r"1\.2\.156\.3005\.2[.0-9A-Z]+"), "IDENTIFIER"),
    (re.compile(r"(?<![A-Z])JY\d{8,20}"), "CERTIFICATE"),
    (re.compile(r"\b(sha256:)?[0-9a-f]{64}\b"), "DIGEST"),
)
"""What differs between any two cases: seconds, numbers, digests of what names them."""
OWN = {
    "instruments_paper": ("n", "verify_code"),
    "certificates_certificate": ("verify_code",),
    "files_file": ("size",),
}
"""Columns that differ: running numbers, codes that nobody guesses, the size of a PDF with another number in it."""
Row = tuple[str, str]


def test_twenty_bulk_cases_are_what_twenty_walked_ones_are(county: County) -> None:
    """Walked for the very people that came with the bulk cases: so those are people who can apply."""
    pack = Pack(PACK)
    usernames, told = history.usernames_of(pack), _shapes(pack)
    with as_owner():
        templates.make_holders(told, usernames=usernames, now=county.now)
        models = [templates.walk(shape, usernames=usernames, now=county.now) for shape in told]
        mine, bulk = _copied(models)
        assert len(bulk) == len(told) * EACH
        for number, rows in enumerate(bulk):
            model, someone = models[number // EACH], mine[number]
            story = _told_of(told[number // EACH], model.applicant, someone)
            with templates.walked(
                story, usernames={someone.citizen_id: someone.username}, now=county.now
            ) as one:
                walked = [*_rows(one.people), *_rows(one.case)]
            assert Counter(table for table, _ in rows) == Counter(table for table, _ in walked)
            assert _canonical(rows) == _canonical(walked)


def test_bulk_cases_break_no_rule_of_the_database_and_agree_with_the_ledger(county: County) -> None:
    """Also when one applicant has several, and when the next ones come later."""
    pack = Pack(PACK)
    with as_owner(), connection.cursor() as cursor:
        shape = _application(pack, "licence-126")
        model = templates.walk(shape, usernames=history.usernames_of(pack), now=county.now)
        copier = copies.Copier([model])
        came = copier.copy(copier.forms[0], 7, each=3, first_person=0)
        assert came == 3
        copier.copy(copier.forms[0], 2, each=2, first_person=came)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SELECT count(*), count(DISTINCT number) FROM cases_case")
        assert cursor.fetchone() == (9, 9)
        check_subjects(report := Report())
        assert report.is_clean, report.faults
        assert report.subjects["case"] == 9


def test_many_cases_lie_with_forty_units_and_few_of_them_are_open() -> None:
    told = shapes.shapes_of(Pack(PACK))
    assert len({*(shape.unit for shape in told), *(_answering(shape.row) for shape in told)} - {""}) >= 40
    walked = [
        templates.Template(s.key, s.key in OPEN, bool(s.unit), s.weight, NOBODY, (), (), (), {}) for s in told
    ]
    copies = build.shares(walked, 100_000)
    assert sum(copies) == 100_000
    assert min(copies) >= 0
    still = [number for template, number in zip(walked, copies, strict=True) if template.is_open]
    assert sum(still) == pytest.approx(3_000, abs=len(still))
    many = build.shares(walked, 100_000, 0.3)
    assert sum(many) == 100_000
    still = [number for template, number in zip(walked, many, strict=True) if template.is_open]
    assert sum(still) == pytest.approx(30_000, abs=len(still))


def test_what_two_waited_for_is_done_again_and_other_troubles_are_told() -> None:
    tried: list[int] = []

    def work(trouble: type[psycopg.Error], times: int) -> str:
        tried.append(1)
        if len(tried) <= times:
            raise OperationalError from trouble()
        return "done"

    assert build._patiently(partial(work, psycopg.errors.DeadlockDetected, 3)) == "done"
    assert len(tried) == 4
    tried.clear()
    with pytest.raises(OperationalError):
        build._patiently(partial(work, psycopg.errors.DiskFull, 3))
    assert len(tried) == 1


OPEN = ("licence-121", "licence-124")
NOBODY = templates.Applicant(*[""] * 10)


def _answering(row: Mapping[str, Any]) -> str:
    return next((step["data"]["unit"] for step in row["steps"] if step.get("task") == "assign"), "")


def _shapes(pack: Pack) -> list[shapes.Shape]:
    """Return one of each kind: applications, one in another unit, a letter."""
    told = shapes.shapes_of(pack)
    elsewhere = next(shape for shape in told if shape.unit == ELSEWHERE)
    letter = next(shape for shape in told if shape.is_letter)
    return [*(_application(pack, key) for key in APPLICATIONS), elsewhere, letter]


def _application(pack: Pack, key: str) -> shapes.Shape:
    row = next(row for row in pack.yaml("history.yaml")["applications"] if row["key"] == key)
    return shapes.Shape(row, 1, row["entity"])


def _told_of(shape: shapes.Shape, model: templates.Applicant, someone: templates.Applicant) -> shapes.Shape:
    """Return a story as it is told of somebody else."""
    told = json.dumps({**shape.row, "person": someone.citizen_id}, ensure_ascii=False)
    row = json.loads(told.replace(model.entity_name, someone.entity_name).replace(model.name, someone.name))
    if "entity" in row:
        row["entity"] = someone.uscc
    return replace(shape, row=row, entity=someone.uscc)


def _copied(models: Sequence[templates.Template]) -> tuple[list[templates.Applicant], list[list[Row]]]:
    """Copy each template for other people; return these and the rows of each, case by case."""
    with transaction.atomic():  # so that its rows can be told from what was there
        start = templates.begin()
        with connection.cursor() as cursor:
            for index, (name, _, _) in enumerate(templates.sequences()):
                marked = templates.MARK + index * templates.TABLE + 500_000_001
                cursor.execute(f'ALTER SEQUENCE "{name}" RESTART WITH {marked}')
        copier, number = copies.Copier(models), 0
        people = []
        for form in copier.forms:
            number += copier.copy(form, EACH, each=1, first_person=number)
            people += [copies.someone(number - EACH + n, form.template.applicant) for n in range(EACH)]
        blocks, _ = templates.rows_since(start)
    new = {key for block in blocks for key in block.keys}
    rows = [(row, (set(TOKEN.findall(row[1])) & new) | set(CASE.findall(row[1]))) for row in _rows(blocks)]
    return people, [_rows_of(someone, rows) for someone in people]


def _rows_of(someone: templates.Applicant, rows: Sequence[tuple[Row, set[str]]]) -> list[Row]:
    """Return what belongs to somebody and to the case that came with him: what names him, and what that names."""
    known: set[str] = set()
    sealed = registers.sealer("population")({"citizen_id": someone.citizen_id})
    numbers = {rf"\\x{value.hex()}" for value in sealed.values()}
    while True:
        mine = [
            (row, keys)
            for row, keys in rows
            if keys & known
            or someone.uscc in row[1]
            or someone.citizen_id in row[1]
            or numbers.intersection(row[1].split("\t"))
            or someone.person in row[1]
        ]
        grown = known.union(*(keys for _, keys in mine))
        if grown == known:
            return [row for row, _ in mine]
        known = grown


def _rows(blocks: Iterable[templates.Block]) -> Iterator[Row]:
    for block in blocks:
        own = [block.columns.index(column) for column in OWN.get(block.table, ())]
        for line in block.lines:
            cells = line.split("\t")
            for place in own:
                cells[place] = "OWN"
            yield block.table, "\t".join(cells)


def _canonical(rows: Sequence[Row]) -> list[Row]:
    """Name keys by the order in which they come, so that two cases have the same names for the same things."""
    plain = []
    for table, text in rows:
        for pattern, word in OTHERWISE:
            text = pattern.sub(word, text)
        plain.append((table, text))
    names: dict[str, str] = {}
    ordered = sorted(plain, key=lambda row: (row[0], TOKEN.sub("K", row[1]), row[1]))
    return [
        (table, TOKEN.sub(lambda found: names.setdefault(found.group(), f"K{len(names)}"), text))
        for table, text in ordered
    ]


def test_what_was_made_up_is_told_to_no_upper_platform(county: County) -> None:
    county.submit()
    build._tell_nobody(county.now)
    assert list(Passed.objects.values_list("xid", "last_act")) == [ledger.own_place()]
