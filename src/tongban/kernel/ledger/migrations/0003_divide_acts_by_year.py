"""The table of acts becomes the first part of one that is divided by year. No row is written anew, only its bounds are checked."""

from datetime import UTC, datetime

from django.db import migrations

from tongban.base.time import LOCAL
from tongban.kernel.ledger.operations.years import BEYOND, first_number, make_part


def divide(apps, schema_editor):
    year = datetime.now(UTC).astimezone(LOCAL).year
    old, bound = f"ledger_act_until_{year}", first_number(year + 1)
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM ledger_act")
        if cursor.fetchone()[0] >= bound:
            raise RuntimeError(f"there are acts with numbers from {bound} on: they would belong to a coming year")
        cursor.execute(
            """SELECT c.relname, pg_get_indexdef(c.oid), i.indisprimary FROM pg_index i
              JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = 'ledger_act'::regclass"""
        )
        indexes = cursor.fetchall()
        cursor.execute("SELECT last_value, is_called FROM ledger_act_id_seq")
        last, is_called = cursor.fetchone()

        cursor.execute("ALTER TABLE ledger_act ALTER COLUMN id DROP IDENTITY")
        cursor.execute(f"ALTER TABLE ledger_act RENAME TO {old}")
        for name, _, _ in indexes:
            cursor.execute(f'ALTER INDEX "{name}" RENAME TO "{name.replace("ledger_act", old)}"')

        cursor.execute(f"CREATE TABLE ledger_act (LIKE {old} INCLUDING DEFAULTS) PARTITION BY RANGE (id)")
        cursor.execute("ALTER TABLE ledger_act ADD CONSTRAINT ledger_act_pkey PRIMARY KEY (id)")
        for _, definition, is_primary in indexes:
            if not is_primary:
                cursor.execute(definition)  # it still says ON public.ledger_act; the old table's own is taken over
        cursor.execute("CREATE SEQUENCE ledger_act_id_seq AS bigint OWNED BY ledger_act.id")
        cursor.execute("SELECT setval('ledger_act_id_seq', %s, %s)", [last, is_called])
        for table in ("ledger_act", old):
            cursor.execute(f"ALTER TABLE {table} ALTER COLUMN id SET DEFAULT nextval('ledger_act_id_seq')")
        cursor.execute(f"ALTER TABLE ledger_act ATTACH PARTITION {old} FOR VALUES FROM (MINVALUE) TO ({bound})")
        cursor.execute(f"CREATE TABLE {BEYOND} PARTITION OF ledger_act DEFAULT")
        make_part(cursor, year + 1)


class Migration(migrations.Migration):

    dependencies = [
        ("ledger", "0002_seal_acts_in_batches"),
    ]

    operations = [
        migrations.RunPython(divide, elidable=False),
    ]
