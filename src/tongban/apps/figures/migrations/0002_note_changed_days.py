from django.db import migrations

FORWARD = """
CREATE FUNCTION figures_note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO figures_staleday (day)
    SELECT DISTINCT (moment AT TIME ZONE 'Asia/Shanghai')::date
    FROM unnest(ARRAY[OLD.submitted_at, OLD.accepted_at, OLD.decided_at, OLD.closed_at],
                ARRAY[NEW.submitted_at, NEW.accepted_at, NEW.decided_at, NEW.closed_at]) AS change (was, is_now),
         LATERAL (VALUES (was), (is_now)) AS either (moment)
    WHERE (OLD.unit_id <> NEW.unit_id OR was IS DISTINCT FROM is_now)
      AND (moment AT TIME ZONE 'Asia/Shanghai')::date < (SELECT noted FROM figures_counted)
      AND NOT EXISTS (SELECT FROM figures_staleday WHERE day = (moment AT TIME ZONE 'Asia/Shanghai')::date);
    RETURN NULL;
END $$;
CREATE TRIGGER figures_note AFTER UPDATE ON cases_case FOR EACH ROW
WHEN ((OLD.unit_id, OLD.submitted_at, OLD.accepted_at, OLD.decided_at, OLD.closed_at)
      IS DISTINCT FROM (NEW.unit_id, NEW.submitted_at, NEW.accepted_at, NEW.decided_at, NEW.closed_at))
EXECUTE FUNCTION figures_note();
CREATE TRIGGER figures_note_new AFTER INSERT ON cases_case FOR EACH ROW
WHEN (NEW.submitted_at IS NOT NULL) EXECUTE FUNCTION figures_note();
"""
BACKWARD = """
DROP TRIGGER figures_note ON cases_case;
DROP TRIGGER figures_note_new ON cases_case;
DROP FUNCTION figures_note();
"""


class Migration(migrations.Migration):
    """A day that was counted and of which a case changed (or came) afterwards is noted, whoever did it and however.

    Only days that were counted: in the ordinary life of a case everything happens today, and nothing is written.
    """

    dependencies = [
        ("figures", "0001_days_counted"),
        ("cases", "0006_homes_and_decisions"),
    ]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
