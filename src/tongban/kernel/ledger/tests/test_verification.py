"""Whatever somebody with all rights over the database does to sealed acts is found, and the first act is named."""

import json

import pytest

from tongban.kernel.ledger import kept
from tongban.kernel.ledger import service as ledger
from tongban.kernel.ledger.models import Act, Batch

pytestmark = pytest.mark.campaign


def test_an_untouched_ledger_is_clean(sealed):
    sealed()

    report = ledger.verify()

    assert report.is_clean
    assert (report.acts, report.batches, report.kept, report.unsealed) == (9, 3, 3, 0)
    assert report.head == Batch.objects.get(number=3).head


def test_an_empty_ledger_is_clean(book):
    assert book.seal() == 0
    assert ledger.verify().is_clean


@pytest.mark.parametrize(
    "change",
    [
        "reason = 'anders'",
        "actor_name = '张三'",
        "at = at - interval '1 day'",
        "recorded_at = recorded_at - interval '1 second'",
        'facts = facts || \'{"outcome": "granted"}\'',
        "about = ARRAY['\\x01'::bytea]",
        "fields = ARRAY['name']",
        "subject_id = 'other'",
        "\"case\" = 'case:1'",
        "verb = 'test.other'",
        "account_id = 8",
        "person_id = gen_random_uuid()",
        "post_id = NULL",
        "unit_id = 6",
        "entity_id = gen_random_uuid()",
        "channel = 'api'",
        "role = 'system'",
        "digest = 'sha256:00'",
        "standing = '{}'",
        "salt = gen_random_uuid()",
        "xid = xid + 1000000",
        "xid = 1",
    ],
)
def test_a_change_in_any_column_is_found_and_named(sealed, change):
    book, acts = sealed()

    book.sql(f"UPDATE ledger_act SET {change} WHERE id = %s", [acts[4]])

    assert book.first() == ("altered", acts[4])


def test_of_several_altered_acts_the_first_is_named_first(sealed):
    book, acts = sealed()

    book.sql("UPDATE ledger_act SET reason = 'x' WHERE id = ANY(%s)", [[acts[7], acts[2]]])

    report = ledger.verify()
    assert [(fault.kind, fault.act) for fault in report.faults] == [
        ("altered", acts[2]),
        ("altered", acts[7]),
    ]


def test_a_removed_act_is_found_and_named(sealed):
    book, acts = sealed()

    book.sql("DELETE FROM ledger_act WHERE id = %s", [acts[4]])

    assert book.first() == ("removed", acts[4])


def test_an_inserted_act_is_found_and_named(sealed):
    book, acts = sealed()
    columns = 'xid, recorded_at, at, verb, subject_kind, subject_id, "case", role, channel, actor_name, reason, digest'
    columns += ", fields, facts, about"

    book.sql(
        f"INSERT INTO ledger_act (id, {columns}) SELECT 900001, {columns} FROM ledger_act WHERE id = %s",
        [acts[4]],
    )

    assert book.first() == ("inserted", 900001)
    assert ledger.verify().faults[0].batch == 2


def test_an_act_from_a_transaction_that_never_was_is_inserted(sealed):
    book, _ = sealed()
    (late,) = book.write(1)

    book.sql("UPDATE ledger_act SET xid = xid + 1000000000 WHERE id = %s", [late])

    assert book.first() == ("inserted", late)


@pytest.mark.parametrize(("one", "two"), [(3, 4), (1, 7)])
def test_two_swapped_acts_are_found_and_named(sealed, one, two):
    book, acts = sealed()

    book.sql("UPDATE ledger_act SET id = -1 WHERE id = %s", [acts[one]])
    book.sql("UPDATE ledger_act SET id = %s WHERE id = %s", [acts[one], acts[two]])
    book.sql("UPDATE ledger_act SET id = %s WHERE id = -1", [acts[two]])

    report = ledger.verify()
    assert [(fault.kind, fault.act, fault.other) for fault in report.faults] == [
        ("swapped", acts[one], acts[two])
    ]


def test_swapped_contents_are_found_and_named(sealed):
    book, acts = sealed()
    columns = ("subject_id", "reason", "facts")
    sets = ", ".join(f"{name} = b.{name}" for name in columns)

    book.sql(
        f"""UPDATE ledger_act a SET {sets} FROM ledger_act b
          WHERE (a.id, b.id) IN ((%s, %s), (%s, %s))""",
        [acts[1], acts[5], acts[5], acts[1]],
    )

    report = ledger.verify()
    assert [(fault.kind, fault.act, fault.other) for fault in report.faults] == [
        ("swapped", acts[1], acts[5])
    ]


def test_a_tail_that_was_cut_off_is_found_and_its_first_act_named(sealed):
    book, acts = sealed()

    book.sql("DELETE FROM ledger_act WHERE id >= %s", [acts[4]])

    assert book.first() == ("truncated", acts[4])


def test_a_tail_that_was_cut_off_with_its_batches_is_found_by_the_roots_file(sealed):
    book, acts = sealed()

    book.sql("DELETE FROM ledger_act WHERE id >= %s", [acts[3]])
    book.sql("DELETE FROM ledger_batch WHERE number > 1")

    assert book.first() == ("truncated", acts[3])


def test_a_tail_cut_off_in_the_middle_of_a_batch_and_resealed_names_the_act(sealed):
    book, acts = sealed()

    book.sql("DELETE FROM ledger_act WHERE id >= %s", [acts[4]])
    book.recompute()

    assert book.first() == ("truncated", acts[4])


def test_a_recomputed_chain_is_found_against_kept_roots_and_the_act_named(sealed, tmp_path):
    book, acts = sealed()
    roots = tmp_path / "kept-elsewhere"
    roots.write_text("\n".join(ledger.root_lines()) + "\n")

    book.sql("UPDATE ledger_act SET reason = 'x' WHERE id = %s", [acts[5]])
    book.recompute()
    (kept.directory() / "roots").unlink()  # the insider has the machine too, but not what others kept

    assert book.first(against=roots) == ("altered", acts[5])


def test_without_the_kept_leaves_a_recomputed_batch_is_named_with_its_first_act(sealed, tmp_path):
    book, acts = sealed()
    roots = tmp_path / "kept-elsewhere"
    roots.write_text("\n".join(ledger.root_lines()) + "\n")

    book.sql("UPDATE ledger_act SET reason = 'x' WHERE id = %s", [acts[5]])
    book.recompute()
    book.forget_files()

    fault = ledger.verify(against=roots).faults[0]
    assert (fault.kind, fault.batch, fault.act, fault.other) == ("rewritten", 2, acts[3], acts[5])


def test_one_kept_line_fixes_everything_before_it(sealed, tmp_path):
    book, acts = sealed()
    roots = tmp_path / "kept-elsewhere"
    roots.write_text(list(ledger.root_lines())[-1] + "\n")
    assert ledger.verify(against=roots).is_clean

    book.sql("UPDATE ledger_act SET reason = 'x' WHERE id = %s", [acts[0]])
    book.recompute()
    book.forget_files()

    fault = ledger.verify(against=roots).faults[0]
    assert (fault.kind, fault.batch) == ("rechained", 3)


def test_without_any_kept_root_a_recomputed_chain_passes_and_the_report_says_so(sealed):
    book, acts = sealed()

    book.sql("UPDATE ledger_act SET reason = 'x' WHERE id = %s", [acts[5]])
    book.recompute()
    book.forget_files()

    report = ledger.verify()
    assert report.is_clean
    assert report.kept == 0
    assert "no kept roots" in ledger.describe(report).en


def test_a_recomputed_chain_with_an_act_removed_or_inserted_names_it(sealed):
    book, acts = sealed()

    book.sql("DELETE FROM ledger_act WHERE id = %s", [acts[4]])
    book.recompute()

    assert book.first() == ("removed", acts[4])


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ("leaves = leaves || '\\x00'", "batch"),
        ("sealed_at = sealed_at + interval '1 hour'", "batch"),
        ("root = 'sha256:00'", "rewritten"),
        ("acts = acts[2:]", "batch"),
        ("head = 'sha256:00'", "batch"),
        ("previous = ''", "batch"),
    ],
)
def test_a_change_in_a_batch_is_found(sealed, change, kind):
    book, acts = sealed()

    book.sql(f"UPDATE ledger_batch SET {change} WHERE number = 2")

    assert book.first() == (kind, acts[3])


def test_a_batch_taken_out_of_the_chain_is_found(sealed):
    book, acts = sealed()

    book.sql("DELETE FROM ledger_batch WHERE number = 2")

    assert book.first() == ("unchained", acts[3])


def test_a_change_in_the_own_roots_file_is_found(sealed):
    sealed()
    file = kept.directory() / "roots"
    file.write_text(file.read_text().replace('"count":3', '"count":4', 1))

    assert ledger.verify().faults[0].kind == "roots"


def test_the_own_roots_file_does_not_overrule_given_roots(sealed, tmp_path):
    book, acts = sealed()
    roots = tmp_path / "kept-elsewhere"
    roots.write_text("\n".join(ledger.root_lines()) + "\n")
    book.sql("UPDATE ledger_act SET reason = 'x' WHERE id = %s", [acts[5]])
    book.recompute()
    book.forget_files()
    kept.keep()

    report = ledger.verify(against=roots)
    assert not report.is_clean
    assert (report.faults[0].kind, report.faults[0].batch) in {("roots", 2), ("rewritten", 2)}


def test_a_roots_file_of_another_shape_is_refused(sealed, tmp_path):
    sealed()
    wrong = tmp_path / "wrong"
    wrong.write_text('{"number": 1}\nno json\n')

    with pytest.raises(ValueError, match="line 1"):
        ledger.verify(against=wrong)
    with pytest.raises(OSError, match="absent"):
        ledger.verify(against=tmp_path / "absent")


def test_the_search_ends_after_so_many_findings(sealed):
    book, acts = sealed()

    book.sql("UPDATE ledger_act SET reason = 'x'")

    report = ledger.verify(limit=4)
    assert [fault.act for fault in report.faults] == acts[:4]


def test_an_act_that_says_an_earlier_hour_than_its_place_is_mentioned(book):
    book.write(1)
    (backdated,) = book.write(1)
    book.sql(
        "UPDATE ledger_act SET recorded_at = recorded_at - interval '2 hours' WHERE id = %s", [backdated]
    )
    book.seal()

    report = ledger.verify()
    assert report.is_clean
    assert report.late == [backdated]


def test_the_report_is_there_for_machines(sealed):
    book, acts = sealed()
    book.sql("DELETE FROM ledger_act WHERE id = %s", [acts[4]])

    value = json.loads(json.dumps(ledger.verify().as_json()))

    assert value["clean"] is False
    assert value["first"] == {"kind": "removed", "batch": 2, "act": acts[4]}


def test_the_application_may_not_even_try(sealed):
    from django.db import ProgrammingError, transaction

    for model in (Act, Batch):
        for attempt in (lambda m=model: m.objects.all().delete(), lambda m=model: m.objects.update(xid=1)):
            with pytest.raises((ProgrammingError, TypeError)), transaction.atomic():
                attempt()
