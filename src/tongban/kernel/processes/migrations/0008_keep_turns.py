
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('calendars', '0004_index_paused_clocks'),
        ('identity', '0012_count_locks'),
        ('processes', '0007_index_what_somebody_claimed'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='task',
            name='processes_task_open',
        ),
        migrations.AddField(
            model_name='task',
            name='turn_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name='task',
            index=models.Index(condition=models.Q(('state', 'open')), fields=['holder', 'turn_at', 'id'], name='processes_task_turn'),
        ),
    ]
