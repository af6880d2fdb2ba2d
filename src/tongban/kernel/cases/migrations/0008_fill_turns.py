"""Tell every step in somebody's hands when its case is due next, as operations have kept it since."""

from django.db import migrations
from django.db.models import OuterRef, Subquery


def fill(apps, schema_editor):
    task, tie = apps.get_model("processes", "Task"), apps.get_model("cases", "CaseClock")
    running = tie.objects.filter(case__instance=OuterRef("instance_id"), clock__state="running")
    soonest = running.order_by("clock__due_at").values("clock__due_at")[:1]
    task.objects.filter(state__in=["open", "planned"]).update(turn_at=Subquery(soonest))


class Migration(migrations.Migration):
    dependencies = [
        ("calendars", "0004_index_paused_clocks"),
        ("cases", "0007_index_open_cases"),
        ("processes", "0008_keep_turns"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
