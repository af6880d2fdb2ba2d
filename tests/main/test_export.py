"""The export: complete, exact, harmless in a spreadsheet, without what lets somebody in."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tongban.base.spreadsheets import csv_line
from tongban.kernel.identity import models as identity
from tongban.main.backup.errors import BackupFault
from tongban.main.backup.take import Source
from tongban.main.export import COLUMNS_LEFT_OUT, TABLES_LEFT_OUT, Exported, export
from tongban.main.export import _cell as cell

SECRETIVE = re.compile("password|secret|digest|salt|seed|token|credential|private")
HARMLESS = {
    "base_builtin.digest", "docking_record.digest", "forms_formdef.digest", "identity_account.password_set_at",
    "ledger_act.digest", "ledger_act.salt", "processes_attempt.token", "processes_definition.digest", "processes_job.token",
    "processes_task.token",
    "processes_timer.token", "services_itemversion.digest", "services_signature.digest",
}  # fmt: skip
"""Look like secrets and are none: fingerprints of content, places of tokens in a process, what proofs of the ledger need."""


@pytest.fixture
def exported(tmp_path: Path, transactional_db: None) -> Exported:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO base_counter (key, last) VALUES ('=cmd|calc', 7) ON CONFLICT (key) DO UPDATE SET last = 7"
        )
    identity.Person.objects.create(name="李秀英", citizen_id="532399198511040283", phone="13888880001")
    digest = hashlib.sha256(b"a file").hexdigest()
    file = tmp_path / "home" / "files" / digest[:2] / digest[2:4] / digest
    file.parent.mkdir(parents=True)
    file.write_bytes(b"a file")
    source = Source(
        tmp_path / "home", "demo", connection.settings_dict, {"secret-key": "s", "blind-key": "b"}
    )
    return export(source, tmp_path / "out", name="tongban-export-x")


def test_all_tables_are_there_twice_with_dictionary_files_and_sums(exported: Exported) -> None:
    here = exported.directory
    done = subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=here, capture_output=True)
    assert done.returncode == 0
    on_disk = {str(path.relative_to(here)) for path in here.rglob("*") if path.is_file()}
    listed = {line.split("  ")[1] for line in (here / "SHA256SUMS").read_text().splitlines()}
    assert on_disk == listed | {"SHA256SUMS"}
    tables = set(connection.introspection.table_names()) - set(TABLES_LEFT_OUT)
    assert set(exported.tables) == tables
    for table in tables:
        assert {f"tables/{table.split('_')[0]}/{table}.{form}" for form in ("csv", "jsonl")} <= on_disk
    assert any(name.startswith("files/") for name in on_disk)
    dictionary = list(csv.DictReader((here / "dictionary.csv").read_text("utf-8-sig").splitlines()))
    row = next(row for row in dictionary if (row["table"], row["column"]) == ("files_fileuse", "file_id"))
    assert (row["type"], row["refers to"]) == ("uuid", "files_file")
    assert here.stat().st_mode & 0o077 == 0

    # No cell becomes a formula, and the other form has it as it is.
    text = (here / "tables/base/base_counter.csv").read_text("utf-8-sig")
    assert "'=cmd|calc" in text
    rows = [json.loads(line) for line in (here / "tables/base/base_counter.jsonl").read_text().splitlines()]
    assert next(row for row in rows if row["key"] == "=cmd|calc")["last"] == 7
    assert exported.tables["base_counter"] == len(rows)

    # What is sealed in the database is clear in an export, whose reader has no keys.
    rows = [
        json.loads(line) for line in (here / "tables/identity/identity_person.jsonl").read_text().splitlines()
    ]
    [person] = [row for row in rows if row["name"] == "李秀英"]
    assert (person["citizen_id"], person["phone"]) == ("532399198511040283", "13888880001")
    assert "citizen_id_blind" not in person


@pytest.mark.django_db
def test_every_column_that_looks_like_a_secret_is_left_out_or_known_to_be_none() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, attname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid"
            " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v') AND NOT relispartition"
            " AND attnum > 0 AND NOT attisdropped"
        )
        found = {
            (table, column)
            for table, column in cursor.fetchall()
            if SECRETIVE.search(column)
            and table not in TABLES_LEFT_OUT
            and not table.startswith(("search_", "reg_"))
        }
    assert {f"{table}.{column}" for table, column in found - set(COLUMNS_LEFT_OUT)} <= HARMLESS


@pytest.mark.django_db
def test_what_is_left_out_exists() -> None:
    tables = set(connection.introspection.table_names())
    assert set(TABLES_LEFT_OUT) <= tables
    assert {table for table, _ in COLUMNS_LEFT_OUT} <= tables


@pytest.mark.parametrize("value", ["=1+1", "+cmd", "-x", "@SUM", "＝1", "\t=1"])
def test_no_value_of_a_row_becomes_a_formula(value: Any) -> None:
    assert csv_line([cell(value)]).lstrip('"').startswith("'")


@pytest.mark.django_db
def test_an_export_that_fails_leaves_nothing(tmp_path: Path) -> None:
    nowhere = {**connection.settings_dict, "PORT": "1", "HOST": "127.0.0.1"}
    source = Source(tmp_path / "home", "demo", nowhere, {"secret-key": "s", "blind-key": "b"})
    with pytest.raises(BackupFault, match="no database"):
        export(source, tmp_path / "out", name="x")
    assert list((tmp_path / "out").iterdir()) == []
