
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('calendars', '0001_years_days_and_clocks'),
        ('identity', '0005_add_credit_code_to_unit'),
        ('processes', '0004_calls_and_elements'),
    ]

    operations = [
        migrations.AddField(
            model_name='task',
            name='within',
            field=models.CharField(blank=True, max_length=80),
        ),
        migrations.AddIndex(
            model_name='task',
            index=models.Index(condition=models.Q(('state__in', ['open', 'planned'])), fields=['claimed_by'], name='processes_task_claimed'),
        ),
    ]
