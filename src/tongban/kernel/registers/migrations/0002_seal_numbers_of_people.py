"""ID numbers and telephone numbers in registers and their histories become envelopes; backwards they are opened again.

The clear columns are emptied row by row before they go: a dropped column would stay in the pages of the table.
"""

from django.db import migrations
from psycopg import sql

from tongban.base.keyring import keyring, open_text, place_of

ELEMENTS = {"person.citizen_id", "person.phone", "entity.legal_representative_id"}
SUBJECTS = {"person.citizen_id", "entity.uscc", "certificate.holder_key"}
AT_ONCE = 1000


def seal(apps, schema_editor):
    for register in _registers(apps):
        for table in register.tables:
            _seal_table(schema_editor.connection, register, *table)


def unseal(apps, schema_editor):
    for register in _registers(apps):
        for table in register.tables:
            _open_table(schema_editor.connection, register, *table)


class _Register:
    def __init__(self, definition):
        self.key, self.key_field = definition.key, definition.key_field
        self.fields = {
            each.key: each.data_element
            for each in definition.fields.all()
            if each.data_element in ELEMENTS and each.type in ("text", "code")
        }
        self.tables = [(f"reg_{self.key}", "rec_id"), (f"reg_{self.key}_history", "hist_id")]

    def bound_as(self, field):
        return f"{self.key}.{self.fields[field]}"


def _registers(apps):
    found = map(_Register, apps.get_model("registers", "RegisterDef").objects.prefetch_related("fields"))
    return [register for register in found if register.fields]


def _blind(field):
    return f"rec_blind_{field}"


def _run(cursor, text, *names, values=()):
    cursor.execute(sql.SQL(text).format(*map(sql.Identifier, names)), list(values))


def _seal_table(connection, register, table, row_key):
    fields, is_current = list(register.fields), row_key == "rec_id"
    with connection.cursor() as cursor:
        for field in fields:
            _run(cursor, "ALTER TABLE {} ADD COLUMN {} bytea", table, f"rec_new_{field}")
            _run(cursor, "ALTER TABLE {} ADD COLUMN {} bytea", table, _blind(field))
            _run(cursor, "ALTER TABLE {} ALTER COLUMN {} DROP NOT NULL", table, field)
        new = [name for field in fields for name in (f"rec_new_{field}", _blind(field), field)]

        def sealed(key, values):
            named, ring = key, keyring()
            if register.key_field in register.fields:
                named = ring.blind(key, column=register.bound_as(register.key_field)).hex()
            for field, value in zip(fields, values, strict=True):
                if value is None:
                    yield from (None, None, None)
                else:
                    place = register.bound_as(field)
                    yield ring.seal(value, place=place_of(place, named))
                    yield ring.blind(value, column=place)
                    yield None

        _each(cursor, table, row_key, [register.key_field, *fields], new, sealed)
        for field in fields:
            _run(cursor, "ALTER TABLE {} DROP COLUMN {}", table, field)
            _run(cursor, "ALTER TABLE {} RENAME COLUMN {} TO {}", table, f"rec_new_{field}", field)
            if is_current and field == register.key_field:
                _run(cursor, "ALTER TABLE {} ALTER COLUMN {} SET NOT NULL", table, _blind(field))
                _run(cursor, "ALTER TABLE {} ADD UNIQUE ({})", table, _blind(field))
            elif is_current and register.fields[field] in SUBJECTS:
                _run(cursor, "CREATE INDEX ON {} ({})", table, _blind(field))


def _open_table(connection, register, table, row_key):
    fields, is_current = list(register.fields), row_key == "rec_id"
    sealed_key = register.key_field in register.fields
    with connection.cursor() as cursor:
        for field in fields:
            _run(cursor, "ALTER TABLE {} ADD COLUMN {} text", table, f"rec_new_{field}")

        def opened(key, values):
            named = bytes(key).hex() if sealed_key else key
            for field, value in zip(fields, values, strict=True):
                place = place_of(register.bound_as(field), named)
                yield None if value is None else open_text(bytes(value), place=place)

        key = _blind(register.key_field) if sealed_key else register.key_field
        _each(cursor, table, row_key, [key, *fields], [f"rec_new_{field}" for field in fields], opened)
        for field in fields:
            _run(cursor, "ALTER TABLE {} DROP COLUMN {}, DROP COLUMN {}", table, field, _blind(field))
            _run(cursor, "ALTER TABLE {} RENAME COLUMN {} TO {}", table, f"rec_new_{field}", field)
            if is_current and field == register.key_field:
                _run(cursor, "ALTER TABLE {} ALTER COLUMN {} SET NOT NULL", table, field)
                _run(cursor, "ALTER TABLE {} ADD UNIQUE ({})", table, field)
            elif is_current and register.fields[field] in SUBJECTS:
                _run(cursor, "CREATE INDEX ON {} ({})", table, field)


def _each(cursor, table, row_key, read, write, make):
    """Write what ``make`` gives of the key and the values of each row, a thousand rows at a time."""
    last, columns = None, [row_key, *read]
    change = sql.SQL("UPDATE {} SET {} WHERE {} = %s").format(
        sql.Identifier(table),
        sql.SQL(", ").join(sql.SQL("{} = %s").format(sql.Identifier(name)) for name in write),
        sql.Identifier(row_key),
    )
    while True:
        after = sql.SQL("true") if last is None else sql.SQL("{} > %s").format(sql.Identifier(row_key))
        cursor.execute(
            sql.SQL("SELECT {} FROM {} WHERE {} ORDER BY {} LIMIT {}").format(
                sql.SQL(", ").join(map(sql.Identifier, columns)),
                sql.Identifier(table),
                after,
                sql.Identifier(row_key),
                sql.Literal(AT_ONCE),
            ),
            [] if last is None else [last],
        )
        rows = cursor.fetchall()
        if not rows:
            return
        cursor.executemany(change, [[*make(row[1], row[2:]), row[0]] for row in rows])
        last = rows[-1][0]


class Migration(migrations.Migration):

    dependencies = [
        ('registers', '0001_create_definitions_and_notices'),
    ]

    operations = [
        migrations.RunPython(seal, unseal),
    ]
