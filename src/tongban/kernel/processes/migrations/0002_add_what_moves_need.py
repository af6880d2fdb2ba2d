
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('calendars', '0001_years_days_and_clocks'),
        ('identity', '0005_add_credit_code_to_unit'),
        ('processes', '0001_create_definitions_instances_tasks'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='task',
            name='processes_task_token_once',
        ),
        migrations.AddField(
            model_name='instance',
            name='trail',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='task',
            name='asked_by',
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name='task',
            name='asked_name',
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AddField(
            model_name='task',
            name='behalf_of',
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name='task',
            name='ended_as',
            field=models.CharField(blank=True, max_length=10),
        ),
        migrations.AddField(
            model_name='task',
            name='is_void',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='task',
            name='main',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='signers', to='processes.task'),
        ),
        migrations.AddField(
            model_name='task',
            name='note',
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name='task',
            name='role',
            field=models.CharField(default='main', max_length=8),
        ),
        migrations.AddField(
            model_name='task',
            name='urged',
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='task',
            name='urged_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='task',
            name='waits_for',
            field=models.CharField(blank=True, max_length=8),
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.UniqueConstraint(condition=models.Q(('role', 'main')), fields=('instance', 'token'), name='processes_task_token_once'),
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('main__isnull', True), ('role', 'main')), models.Q(models.Q(('role', 'main'), _negated=True), ('main__isnull', False)), _connector='OR'), name='processes_task_signer_has_main'),
        ),
    ]
