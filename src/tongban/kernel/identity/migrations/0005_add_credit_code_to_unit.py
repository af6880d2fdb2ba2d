
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('identity', '0004_count_attempts_of_every_kind'),
    ]

    operations = [
        migrations.AddField(
            model_name='unit',
            name='uscc',
            field=models.CharField(blank=True, max_length=18),
        ),
    ]
