"""Copies of templates: the same rows with other keys, numbers, people and seconds, put into the tables by COPY.

A template's rows become one text a table with places in it; a copy fills the places. What stands in a place is known by
the marked numbers of the walk, by the keys of the rows that the walk made and by what names its applicant; the rest of the
text stays.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from operator import itemgetter
from typing import TypeVar
from uuid import UUID, uuid5

from django.db import connection
from stdnum.cn import ric

from tongban.base import checks
from tongban.base.keyring import keyring, place_of
from tongban.base.resealing import sealed_tables
from tongban.base.reveiling import veiled_tables
from tongban.base.veiled import SIGN, veiled
from tongban.kernel.identity.rules import pinyin_key
from tongban.kernel.ledger.service import blind
from tongban.kernel.registers import service as registers
from tongban.main.bulk.templates import MARK, NUMBER, TABLE, Applicant, Block, Template, sequences

__all__ = ["Copier", "Form", "someone"]

T = TypeVar("T")
AT_ONCE = 50
"""Applicants whose cases are made in memory before they go to the database."""

MARKED = r"(?<!\d)8000\d{12}(?!\d)"
MOMENT = r"(?<=[ T]\d\d:\d\d):00(?=[+Z])"
"""The seconds of something that happened in a story: stories know only minutes."""
IDENTIFIER = r"1\.2\.156\.3005\.2\.[0-9A-Z]+\.[0-9A-Z]{18}\.[0-9A-Z]+\.\d{3}\.[0-9A-Z]"
"""A certificate's identifier, which ends with a check character."""
PAIR = r'"\\\\x{}","\\\\x{}"'
"""The two blind keys of an applicant in an act, sorted as acts have them."""
CODES = {"instruments_paper": "verify_code", "certificates_certificate": "verify_code"}
"""Columns with a random code that no two rows share."""
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
FIRST_SERIAL = 10_000_000
"""From here on certificates are numbered, so that their eight digits look like others."""
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任沈姚卢"
)
GIVEN = (
    "伟芳娜敏静秀丽强磊军洋勇艳杰娟涛明超兰霞平刚桂英华玉梅建国文海云春红志林凤山水清永福贵德昌荣生光新成龙飞"
)
AREA = "532398"
"""The division in which the people are born: none that the demo county has."""
PEOPLE = UUID("6d1c2b52-8f0e-4f57-9a53-5f0d8a1e7b21")
ELDEST = date(1955, 1, 1)
A_DAY = 400
"""How many are born on one day."""


def someone(number: int, like: Applicant) -> Applicant:
    """Return another applicant, the same one for the same number."""
    born = ELDEST + timedelta(days=number // A_DAY)
    body = f"{AREA}{born:%Y%m%d}{number % A_DAY * 2 + int(like.citizen_id[16]) % 2:03d}"
    name = SURNAMES[number % len(SURNAMES)] + "".join(
        GIVEN[number // step % len(GIVEN)] for step in (len(SURNAMES), len(SURNAMES) * len(GIVEN))
    )
    shop = "".join(GIVEN[number // step % len(GIVEN)] for step in (1, len(GIVEN), len(GIVEN) ** 2))
    entity_name = f"{like.entity_name[:3]}{shop}{like.entity_name[3:]}"
    return Applicant(
        person=str(uuid5(PEOPLE, f"person {number}")),
        name=name,
        name_sort=pinyin_key(name),
        citizen_id=body + ric.calc_check_digit(f"{body}0"),
        phone=f"198{number:08d}",
        username=f"b{number:07d}",
        entity=str(uuid5(PEOPLE, f"entity {number}")),
        entity_name=entity_name,
        entity_sort=pinyin_key(entity_name),
        uscc=checks.new_uscc(like.uscc[:2], AREA, f"M{number:07d}"),
    )


def _names(applicant: Applicant, sealed: Seal) -> list[str]:
    """Return what names an applicant in rows, in the same order for everybody."""
    blinded = blind(applicant.citizen_id).hex(), blind(applicant.uscc).hex()
    return [
        applicant.person,
        applicant.name,
        applicant.name_sort,
        applicant.citizen_id,
        applicant.phone,
        applicant.username,
        applicant.entity,
        applicant.entity_name,
        applicant.entity_sort,
        applicant.uscc,
        PAIR.format(*sorted(blinded)),
        *blinded,
        applicant.born,
        *sealed(applicant),
    ]


Seal = Callable[[Applicant], list[str]]


def _sealing() -> Seal:
    """Return what gives the sealed numbers of an applicant and what they are found by, as they stand in rows: the same as written
    by the doors, because sealing the same text in the same place gives the same bytes. It asks the database nothing any more.
    """
    number, phone = "identity_person.citizen_id", "identity_person.phone"
    columns = [each.bound_as for table in veiled_tables() for each in table.columns]
    population, entities = registers.sealer("population"), registers.sealer("entities")

    def sealed(applicant: Applicant) -> list[str]:
        ring, person = keyring(), applicant.person
        found = [
            ring.seal(applicant.citizen_id, place=place_of(number, person)),
            ring.blind(applicant.citizen_id, column=number),
            ring.seal(applicant.phone, place=place_of(phone, person)),
            *population({"citizen_id": applicant.citizen_id, "phone": applicant.phone}).values(),
            *entities({"uscc": applicant.uscc, "legal_representative_id": applicant.citizen_id}).values(),
        ]
        within = [
            veiled(text, column=column)
            for column in dict.fromkeys(columns)
            for text in (applicant.citizen_id, applicant.phone)
        ]
        return [*(each.hex() for each in found), *within]

    return sealed


@dataclass(frozen=True, slots=True)
class _Text:
    """The rows of one table with places: ``fill`` makes them from the values of all places."""

    table: str
    columns: tuple[str, ...]
    rows: int
    fill: Callable[[Sequence[str]], str]


class Form:
    """A template taken apart: its texts, and the keys that stand in their places."""

    def __init__(self, template: Template) -> None:
        self.template = template
        self.sealed = _sealing()
        self.names = _names(template.applicant, self.sealed)
        self.numbers = {str(n): key for key, taken in template.counters.items() for n in taken}
        self.codes = {code for block in template.case for code in _codes(block)}
        self._places: dict[str, int] = {name: place for place, name in enumerate(self.names)}
        uuids = [key for block in (*template.people, *template.case) for key in block.keys if "-" in key]
        exact = sorted({*self.names, *uuids, *self.numbers, *self.codes}, key=len, reverse=True)
        words = [re.escape(name) for name in exact if name != template.applicant.username]
        username = rf"(?<![0-9A-Za-z]){re.escape(template.applicant.username)}(?![0-9A-Za-z])"
        self._pattern = re.compile(
            "|".join([IDENTIFIER, *words, username, MARKED, MOMENT, rf"{str(NUMBER)[:-3]}\d{{3}}"])
        )
        self.people = [self._text(block) for block in template.people if block.lines]
        self._refuse_older_seals()
        self.of_person = list(self._places)
        self.case = [self._text(block) for block in template.case]
        self.of_case = list(self._places)[len(self.of_person) :]

    def _refuse_older_seals(self) -> None:
        """Raise RuntimeError when a number stands in the rows otherwise than it would be sealed now: its copy would not open."""
        tables = {table.name: {each.name for each in table.columns} for table in sealed_tables()}
        known = {rf"\\x{each}" for each in self.sealed(self.template.applicant)} | {r"\N", r"\\x"}
        older = re.compile(rf"{SIGN}(?!{keyring().head.hex()})")
        for block in (*self.template.people, *self.template.case):
            if any(older.search(line) for line in block.lines):
                raise RuntimeError(
                    f"{block.table} has a number under an older key or cipher: `tongban keys reseal`"
                )
            places = [n for n, name in enumerate(block.columns) if name in tables.get(block.table, ())]
            if any(line.split("\t")[place] not in known for line in block.lines for place in places):
                raise RuntimeError(
                    f"{block.table} has a number that is not the applicant's, or is sealed under an older key or cipher; "
                    "`tongban keys reseal` helps against the latter"
                )

    def _text(self, block: Block) -> _Text:
        text = "".join(f"{line}\n" for line in block.lines)
        parts, places, end = [], [], 0
        for found in self._pattern.finditer(text):
            parts.append(text[end : found.start()])
            places.append(self._places.setdefault(found.group(), len(self._places)))
            end = found.end()
        parts.append(text[end:])
        form = "%s".join(part.replace("%", "%%") for part in parts)
        take = itemgetter(*places, 0)  # one place more, so that it always gives a tuple
        return _Text(block.table, block.columns, len(block.lines), lambda values: form % take(values)[:-1])


def _codes(block: Block) -> Iterator[str]:
    if column := CODES.get(block.table):
        place = block.columns.index(column)
        yield from (line.split("\t")[place] for line in block.lines)


class Copier:
    """Puts copies of templates into the database, in the caller's transaction, as its owner."""

    def __init__(self, templates: Sequence[Template]) -> None:
        self.forms = [Form(template) for template in templates]
        self.rows = 0
        self._sequences = [name for name, _, _ in sequences()]
        for template in templates:
            for block in template.once:
                _put_once(block)

    def copy(
        self,
        form: Form,
        copies: int,
        *,
        each: int,
        first_person: int,
        done: Callable[[int], object] = lambda copies: None,
    ) -> int:
        """Add so many copies of one template, ``each`` for one applicant; return how many applicants came with them.

        The next text is made while the database takes up the last one. ``done`` hears how many copies there are.
        """
        people = -(-copies // each)
        person = self._makers(form, form.of_person[len(form.names) :], people)
        case = self._makers(form, form.of_case, copies)

        def part(begin: int) -> dict[str, tuple[_Text, list[str]]]:
            texts: dict[str, tuple[_Text, list[str]]] = {}
            for number in range(begin, min(begin + AT_ONCE, people)):
                applicant = _names(someone(first_person + number, form.template.applicant), form.sealed)
                applicant += [make(number) for make in person]
                _fill(form.people, applicant, texts)
                for turn in range(number * each, min((number + 1) * each, copies)):
                    _fill(form.case, [*applicant, *[make(turn) for make in case]], texts)
            return texts

        for turn, texts in enumerate(_one_ahead(part, range(0, people, AT_ONCE)), start=1):
            for text, parts in texts.values():
                self.rows += text.rows * len(parts)
                _put(text.table, text.columns, "".join(parts))
            done(min(turn * AT_ONCE * each, copies))
        return people

    def _makers(self, form: Form, keys: Sequence[str], copies: int) -> list[Callable[[int], str]]:
        """Return for each key what makes its value in the n-th copy; numbers are taken for all copies at once."""
        groups: dict[str, list[str]] = {}
        for key in keys:
            if source := self._source(form, key):
                groups.setdefault(source, []).append(key)
        numbers: dict[str, Callable[[int], int]] = {}
        for source, members in groups.items():
            first = _reserve(source, copies * len(members))
            for rank, key in enumerate(sorted(members)):
                numbers[key] = _counting(first + rank, len(members))
        return [self._maker(form, key, numbers) for key in keys]

    def _source(self, form: Form, key: str) -> str:
        """Return the sequence or the counter from which a key's value is taken, "" for none."""
        if key in form.numbers:
            return f"counter {form.numbers[key]}"
        if not key.isdecimal() or key in form.codes:
            return ""
        if int(key) >= MARK:
            return self._sequences[(int(key) - MARK) // TABLE]
        return "base_case_number"

    def _maker(self, form: Form, key: str, numbers: dict[str, Callable[[int], int]]) -> Callable[[int], str]:
        if key in numbers:
            number, form_of = numbers[key], "{:04d}" if int(key) < MARK and key not in form.numbers else "{}"
            return lambda turn: form_of.format(number(turn))
        if key in form.codes:
            return lambda turn: _code()
        if key.startswith("1.2.156."):
            plain = key.rpartition(".")[0]
            serial = next(number for number in form.numbers if number in plain)
            return lambda turn: _identifier(plain.replace(serial, str(numbers[serial](turn))))
        if key == ":00":
            return lambda turn: f":{turn % 60:02d}.{secrets.randbelow(10**6):06d}"
        return lambda turn: _uuid_like(key)


def _fill(forms: Sequence[_Text], values: Sequence[str], texts: dict[str, tuple[_Text, list[str]]]) -> None:
    for text in forms:
        texts.setdefault(text.table, (text, []))[1].append(text.fill(values))


def _one_ahead(make: Callable[[int], T], of: Iterable[int]) -> Iterator[T]:
    """Yield what ``make`` returns for each; the next one is made in a thread meanwhile."""
    with ThreadPoolExecutor(1, "bulk") as thread:
        coming: Future[T] | None = None
        for each in of:
            last, coming = coming, thread.submit(make, each)
            if last is not None:
                yield last.result()
        if coming is not None:
            yield coming.result()


def _counting(first: int, step: int) -> Callable[[int], int]:
    return lambda turn: first + turn * step


def _reserve(source: str, numbers: int) -> int:
    """Take so many numbers that follow one another; return the first."""
    with connection.cursor() as cursor:
        if source.startswith("counter "):
            key = source.removeprefix("counter ")
            begin = 0 if key.startswith("paper:") else FIRST_SERIAL
            cursor.execute(
                """INSERT INTO base_counter AS c (key, last) VALUES (%s, %s + %s)
                  ON CONFLICT (key) DO UPDATE SET last = greatest(c.last, %s) + %s RETURNING last""",
                [key, begin, numbers, begin, numbers],
            )
        else:
            cursor.execute(
                "SELECT setval(%s::regclass, nextval(%s::regclass) + %s - 1)", [source, source, numbers]
            )
        return int(cursor.fetchone()[0]) - numbers + 1


def _code() -> str:
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in secrets.token_bytes(16))


def _identifier(plain: str) -> str:
    return f"{plain}.{checks.certificate_check_character(plain)}"


def _uuid() -> str:
    text = secrets.token_hex(16)
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


def _uuid_like(key: str) -> str:
    """Return a new key; one that begins with its time keeps it."""
    return f"{key[:14]}7{_uuid()[15:]}" if key[14] == "7" else _uuid()


def _put(table: str, columns: Sequence[str], text: str) -> None:
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor, cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as into:
        into.write(text)


def _put_once(block: Block) -> None:
    """Bring rows that everybody shares, unless they are there."""
    names = ", ".join(f'"{column}"' for column in block.columns)
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE TEMPORARY TABLE bulk_once (LIKE "{block.table}")')
        _put("bulk_once", block.columns, "".join(f"{line}\n" for line in block.lines))
        cursor.execute(
            f'INSERT INTO "{block.table}" ({names}) SELECT {names} FROM bulk_once ON CONFLICT DO NOTHING'
        )
        cursor.execute("DROP TABLE bulk_once")
