
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0002_tell_entities_from_people'),
        ('identity', '0005_add_credit_code_to_unit'),
    ]

    operations = [
        migrations.CreateModel(
            name='Reading',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('person_id', models.UUIDField(null=True)),
                ('name', models.CharField(blank=True, max_length=120)),
                ('by', models.UUIDField()),
                ('by_name', models.CharField(max_length=120)),
                ('note', models.TextField(blank=True)),
                ('at', models.DateTimeField()),
                ('read_at', models.DateTimeField(null=True)),
                ('read_by', models.UUIDField(null=True)),
                ('read_name', models.CharField(blank=True, max_length=120)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='readings', to='cases.case')),
                ('holder', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.holder')),
            ],
            options={
                'indexes': [models.Index(fields=['holder', 'case'], name='cases_reading_holder'), models.Index(condition=models.Q(('read_at__isnull', True)), fields=['holder'], name='cases_reading_unread')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('read_at__isnull', True)), fields=('case', 'holder', 'person_id'), name='cases_reading_unread_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(models.Q(('read_at__isnull', True), ('read_by__isnull', True)), models.Q(('read_at__isnull', False), ('read_by__isnull', False)), _connector='OR'), name='cases_reading_read_by')],
            },
        ),
    ]
