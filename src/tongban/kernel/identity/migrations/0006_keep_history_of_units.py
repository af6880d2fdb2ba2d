import django.db.models.deletion
from django.db import migrations, models

import tongban.base.text

PRESENT = """
INSERT INTO identity_unitversion (unit_id, name, short_name, parent_id, change, basis, since, until)
SELECT id, name, short_name, parent_id, 'found', '', NULL, NULL FROM identity_unit
"""


class Migration(migrations.Migration):

    dependencies = [
        ('identity', '0005_add_credit_code_to_unit'),
    ]

    operations = [
        migrations.CreateModel(
            name='UnitVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', tongban.base.text.LocalizedTextField()),
                ('short_name', tongban.base.text.LocalizedTextField()),
                ('change', models.CharField(choices=[('found', 'found'), ('rename', 'rename'), ('move', 'move')], max_length=10)),
                ('basis', models.CharField(blank=True, max_length=200)),
                ('since', models.DateTimeField(null=True)),
                ('until', models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name='post',
            name='closed_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='unit',
            name='closed_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='unit',
            name='successor',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='predecessors', to='identity.unit'),
        ),
        migrations.AddConstraint(
            model_name='unit',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('successor__isnull', True)), models.Q(('closed_at__isnull', False), ('successor__isnull', False)), _connector='OR'), name='identity_unit_closed_with_successor'),
        ),
        migrations.AddField(
            model_name='unitversion',
            name='parent',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.unit'),
        ),
        migrations.AddField(
            model_name='unitversion',
            name='unit',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='identity.unit'),
        ),
        migrations.AddConstraint(
            model_name='unitversion',
            constraint=models.UniqueConstraint(condition=models.Q(('until__isnull', True)), fields=('unit',), name='identity_unit_version_one_open'),
        ),
        migrations.RunSQL(PRESENT, migrations.RunSQL.noop),
    ]
