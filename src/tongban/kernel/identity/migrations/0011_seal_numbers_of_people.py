"""ID numbers and telephone numbers become envelopes. Backwards they are opened again; the data keys must be there for both.

The clear columns are emptied row by row before they go: a dropped column would stay in the pages of the table.
"""

from django.db import migrations, models

import tongban.base.sealed
from tongban.base.keyring import keyring, open_text, place_of

AT_ONCE = 1000
ID, PHONE = "identity_person.citizen_id", "identity_person.phone"
SEAL = """UPDATE identity_person SET citizen_id = %s, citizen_id_blind = %s, phone = %s, citizen_id_clear = NULL, phone_clear = NULL
  WHERE id = %s"""
OPEN = "UPDATE identity_person SET citizen_id_clear = %s, phone_clear = %s WHERE id = %s"


def seal(apps, schema_editor):
    def sealed(row):
        key, number, phone = row
        return [
            keyring().seal(number, place=place_of(ID, key)) if number else None,
            keyring().blind(number, column=ID) if number else None,
            keyring().seal(phone, place=place_of(PHONE, key)) if phone else b"",
            key,
        ]

    _each(schema_editor.connection, "SELECT id, citizen_id_clear, phone_clear FROM identity_person", SEAL, sealed)


def unseal(apps, schema_editor):
    def opened(row):
        key, number, phone = row
        return [
            open_text(bytes(number), place=place_of(ID, key)) if number else None,
            open_text(bytes(phone), place=place_of(PHONE, key)) if phone else "",
            key,
        ]

    _each(schema_editor.connection, "SELECT id, citizen_id, phone FROM identity_person", OPEN, opened)


def _each(connection, query, change, make):
    with connection.cursor() as cursor:
        cursor.execute(query)
        rows = cursor.fetchall()
        for begin in range(0, len(rows), AT_ONCE):
            cursor.executemany(change, [make(row) for row in rows[begin : begin + AT_ONCE]])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # no event may wait while the table is altered


class Migration(migrations.Migration):

    dependencies = [
        ('identity', '0010_mail_codes_to_confirm'),
    ]

    operations = [
        migrations.RemoveConstraint(model_name='person', name='identity_person_citizen_id_null'),
        migrations.RenameField('person', 'citizen_id', 'citizen_id_clear'),
        migrations.RenameField('person', 'phone', 'phone_clear'),
        migrations.AlterField('person', 'phone_clear', models.CharField(max_length=20, blank=True, null=True)),
        migrations.AddField('person', 'citizen_id', tongban.base.sealed.SealedText(null=True, blank=True)),
        migrations.AddField('person', 'citizen_id_blind', tongban.base.sealed.BlindField('citizen_id')),
        migrations.AddField('person', 'phone', tongban.base.sealed.SealedText(blank=True)),
        migrations.RunPython(seal, unseal),
        migrations.RemoveField('person', 'citizen_id_clear'),
        migrations.RemoveField('person', 'phone_clear'),
        migrations.AlterField('person', 'citizen_id_blind', tongban.base.sealed.BlindField('citizen_id', unique=True)),
        migrations.AddConstraint(
            model_name='person',
            constraint=models.CheckConstraint(
                condition=models.Q(('citizen_id__isnull', True), ('citizen_id_blind__isnull', True))
                | models.Q(('citizen_id__isnull', False), ('citizen_id_blind__isnull', False)),
                name='identity_person_citizen_id_found',
            ),
        ),
    ]
