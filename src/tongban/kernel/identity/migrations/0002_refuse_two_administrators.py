"""The separation of the three administrators, kept by the database itself (GB/T 22239-2019 8.1.4.2)."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION identity_has_two_admin_duties(somebody uuid) RETURNS boolean LANGUAGE sql VOLATILE AS $$
    SELECT EXISTS (
        SELECT 1
        FROM identity_holding a
        JOIN identity_post pa ON pa.id = a.post_id
        JOIN identity_holding b ON b.person_id = a.person_id AND b.id >= a.id
            AND tstzrange(b.since, b.until) && tstzrange(a.since, a.until)
        JOIN identity_post pb ON pb.id = b.post_id
        WHERE a.person_id = somebody
          AND (SELECT count(DISTINCT duty) FROM unnest(pa.duties || pb.duties) AS duty
               WHERE duty IN ('admin.system', 'admin.security', 'admin.audit')) > 1
    )
$$;

CREATE FUNCTION identity_check_holding() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Two appointments at once would not see one another: the second waits here for the first.
    PERFORM 1 FROM identity_person WHERE id = NEW.person_id FOR UPDATE;
    IF identity_has_two_admin_duties(NEW.person_id) THEN
        RAISE EXCEPTION 'one person may not hold two administrator duties'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'identity_three_administrators';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER identity_three_administrators AFTER INSERT OR UPDATE ON identity_holding
    FOR EACH ROW EXECUTE FUNCTION identity_check_holding();

CREATE FUNCTION identity_check_post() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM identity_holding h
               WHERE h.post_id = NEW.id AND identity_has_two_admin_duties(h.person_id)) THEN
        RAISE EXCEPTION 'one person may not hold two administrator duties'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'identity_three_administrators';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER identity_three_administrators AFTER UPDATE OF duties ON identity_post
    FOR EACH ROW EXECUTE FUNCTION identity_check_post();

CREATE FUNCTION identity_check_delegation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM identity_holding h JOIN identity_post p ON p.id = h.post_id
               WHERE h.id = NEW.from_holding_id
                 AND p.duties && ARRAY['admin.system', 'admin.security', 'admin.audit']::varchar[]) THEN
        RAISE EXCEPTION 'the post of an administrator cannot be delegated'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'identity_three_administrators';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER identity_three_administrators AFTER INSERT OR UPDATE ON identity_delegation
    FOR EACH ROW EXECUTE FUNCTION identity_check_delegation();
"""

BACKWARD = """
DROP TRIGGER identity_three_administrators ON identity_delegation;
DROP TRIGGER identity_three_administrators ON identity_post;
DROP TRIGGER identity_three_administrators ON identity_holding;
DROP FUNCTION identity_check_delegation();
DROP FUNCTION identity_check_post();
DROP FUNCTION identity_check_holding();
DROP FUNCTION identity_has_two_admin_duties(uuid);
"""


class Migration(migrations.Migration):
    dependencies = [("identity", "0001_create_people_units_posts_accounts")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
