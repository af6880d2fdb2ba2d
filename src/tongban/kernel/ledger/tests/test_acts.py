"""Every act is written once, in the transaction of the change, without personal data, and stays."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import ProgrammingError, connection, transaction

from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.kernel.ledger import service as ledger
from tongban.kernel.ledger.models import Act

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
CASE = Ref("case", "0b6f2a50-7f0e-4a51-8f7c-1d9f4ad0a001")
LI = "532399198511040283"
CLERK = Actor(account_id=7, person_id=uuid4(), post_id=3, unit_id=5, channel="desk", name="王敏")
CITIZEN = Actor(account_id=8, person_id=uuid4(), holders=frozenset({1}), name="李秀英")

pytestmark = pytest.mark.django_db


def record(**changes):
    return ledger.record(**{"actor": CLERK, "verb": "test.accept", "subject": CASE, "at": AT, **changes})


def test_an_act_keeps_who_in_which_post_on_what_when_and_why():
    act = record(reason="材料齐全", case=CASE, facts={"outcome": "accept", "on": AT})

    act = Act.objects.get(pk=act.pk)
    assert (act.account_id, act.post_id, act.unit_id, act.channel, act.actor_name) == (
        7,
        3,
        5,
        "desk",
        "王敏",
    )
    assert (act.subject_kind, act.subject_id, act.case) == ("case", CASE.id, str(CASE))
    assert (act.at, act.reason) == (AT, "材料齐全")
    assert act.facts == {"outcome": "accept", "on": "2026-03-02T01:00:00+00:00"}


def test_of_the_payload_only_digest_and_field_names_are_kept():
    act = record(payload={"name": "李秀英", "phone": "19900000001"}, about=[LI, LI, ""])

    row = Act.objects.values().get(pk=act.pk)
    assert row["fields"] == ["name", "phone"]
    assert row["digest"] == ledger.digest({"phone": "19900000001", "name": "李秀英"})
    assert row["digest"].startswith("sha256:")
    assert len(row["about"]) == 1
    for value in ("李秀英", "19900000001", LI):
        assert value not in str(row)


def test_the_digest_may_be_sm3(settings):
    settings.TONGBAN_DIGEST = "sm3"

    assert record(payload={"a": 1}).digest.startswith("sm3:")


def test_a_citizens_name_never_enters_the_ledger():
    act = record(actor=CITIZEN)

    assert act.actor_name == ""
    assert act.person_id == CITIZEN.person_id
    (row,) = ledger.acts_of(CASE)
    assert row.who == LocalizedText("当事人", "Party")


@pytest.mark.parametrize(
    ("actor", "role", "who"),
    [
        (CLERK, "official", "王敏"),
        (CITIZEN, "person", "当事人"),
        (Actor(account_id=8, entity_id=uuid4()), "entity", "当事人（单位）"),
        (Actor(holders=frozenset({4})), "code", "凭查询码"),
        (Actor.stranger(), "stranger", "未登录访客"),
        (Actor.system("timer"), "system", "系统"),
    ],
)
def test_who_acted_is_told_in_words(actor, role, who):
    record(actor=actor)

    (row,) = ledger.acts_of(CASE)
    assert (row.role, row.who.zh) == (role, who)
    assert row.who.en or role == "official"
    assert row.is_system == (role == "system")


def test_a_timeline_gives_all_acts_of_a_case_in_their_order(django_assert_max_num_queries):
    for minutes in range(3):
        record(subject=Ref("task", str(minutes)), case=CASE, at=AT + timedelta(minutes=minutes))
    record(subject=Ref("task", "9"))

    with django_assert_max_num_queries(2):
        rows = ledger.acts_of(case=CASE)

    assert [row.subject.id for row in rows] == ["0", "1", "2"]
    assert [row.subject.id for row in ledger.acts_of(case=CASE, limit=2)] == ["1", "2"]
    assert ledger.acts_of(Ref("task", "9"))[0].subject == Ref("task", "9")
    with pytest.raises(TypeError):
        ledger.acts_of()


def test_an_act_disappears_with_the_change_that_failed():
    class ChangeFailedError(Exception):
        pass

    with pytest.raises(ChangeFailedError), transaction.atomic():
        record()
        raise ChangeFailedError

    assert ledger.acts_of(CASE) == []


def test_an_act_knows_its_transaction():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        (xid,) = cursor.fetchone()
    act = record()
    act.refresh_from_db()

    assert act.xid == xid
    assert act.recorded_at is not None


# --- Only growing ---


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_act SET verb = 'nothing'",
        "UPDATE ledger_act SET at = now() WHERE false",
        "DELETE FROM ledger_act",
        "TRUNCATE ledger_act",
        "ALTER TABLE ledger_act ADD COLUMN x int",
        "DROP TABLE ledger_act",
    ],
)
def test_the_applications_role_can_only_add(statement):
    record()

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("tongban_app",)
    with (
        pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert [row.verb for row in ledger.acts_of(CASE)] == ["test.accept"]


def test_the_model_refuses_too_before_the_database_has_to():
    act = record()

    act.verb = "nothing"
    with pytest.raises(TypeError):
        act.save()
    with pytest.raises(TypeError):
        act.delete()
    assert ledger.acts_of(CASE)[0].verb == "test.accept"


# --- Reading personal data ---


def test_who_read_about_me_is_one_question(django_assert_max_num_queries):
    record(about=[LI])  # an act about her that was no reading
    ledger.record_read(
        actor=CLERK, subject=CASE, about=[LI], purpose="核验身份", fields=["name", "phone"], at=AT
    )

    with django_assert_max_num_queries(3):  # the acts, and what their units and posts are called
        (row,) = ledger.reads_about(f" {LI} ")

    assert (row.reason, row.fields, row.who.zh) == ("核验身份", ("name", "phone"), "王敏")
    assert ledger.reads_about("53239919900620451X") == []


def test_reading_for_nothing_is_refused():
    with pytest.raises(ValueError, match="purpose"):
        ledger.record_read(actor=CLERK, subject=CASE, about=[LI], purpose="", fields=["name"], at=AT)
    assert ledger.reads_about(LI) == []


def test_the_blind_key_depends_on_a_secret_that_is_not_in_the_database(settings):
    first = ledger.blind("53239919900620451x")
    assert first == ledger.blind("53239919900620451X ")
    assert len(first) == 32

    settings.TONGBAN_BLIND_KEY = "another"
    assert ledger.blind("53239919900620451X") != first


def test_verbs_have_words_and_keep_them():
    assert ledger.label_of(ledger.READ).en == "Read personal data"
    assert ledger.label_of("removed.verb").zh == "removed.verb"
    with pytest.raises(ValueError, match="other words"):
        ledger.register_verb(ledger.READ, LocalizedText("别的", "Other"))
