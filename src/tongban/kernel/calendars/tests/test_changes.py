"""Changes of the calendar: the clocks follow, and what moved is on record."""

from __future__ import annotations

import time
from datetime import date

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.support.campaign import figure, size
from tongban.base.actor import Actor
from tongban.base.errors import Forbidden
from tongban.base.models import Event
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.kernel.calendars import almanac, moved, tasks
from tongban.kernel.calendars import service as calendars
from tongban.kernel.calendars.errors import BadCalendar, ChangeNotFound
from tongban.kernel.calendars.models import CalendarChange, CalendarDay, CalendarYear, Clock, MovedClock
from tongban.kernel.calendars.operations import recompute
from tongban.kernel.calendars.packs import load_calendar
from tongban.kernel.calendars.tests.test_clocks import CASE, LICENSING, on, pause, start
from tongban.kernel.calendars.tests.world import PACK
from tongban.kernel.ledger import service as ledger

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")
KEEPER = Actor(account_id=7, post_id=3, unit_id=1, duties=frozenset({"admin.system"}), name="系统管理员")
NEW_YEAR = LocalizedText(zh="元旦", en="New Year's Day")
FESTIVAL = LocalizedText(zh="火把节", en="Torch Festival")
NEXT = [
    calendars.SpecialDay(date(2027, 1, 1), True, NEW_YEAR),
    calendars.SpecialDay(date(2027, 1, 2), False, NEW_YEAR),
]


@pytest.fixture(autouse=True)
def calendar() -> None:
    load_calendar(PACK, actor=SYSTEM, at=on("2026-01-01"))


def import_next(actor: Actor = KEEPER, day: str = "2026-12-22") -> CalendarChange:
    change = calendars.import_year(
        year=2027, notice="国办发明电〔2026〕1号", days=NEXT, actor=actor, at=on(day)
    )
    assert change is not None
    return calendars.run_recompute(change_id=change.pk, at=on(day))


def test_a_pack_that_is_installed_again_leaves_what_the_keeper_changed() -> None:
    day = date(2026, 7, 1)
    calendars.set_day(day=day, kind="off", name=FESTIVAL, reason="r", actor=KEEPER, at=on("2026-06-01"))
    load_calendar(PACK, actor=SYSTEM, at=on("2026-06-02"))
    assert CalendarDay.objects.get(day=day).is_off


def test_a_new_year_makes_provisional_dates_final_and_each_clock_that_moved_is_on_record() -> None:
    clock, calm = start("2026-12-21", "20wd"), start("2026-12-01", "5wd")
    assert clock.provisional
    change = import_next()
    clock.refresh_from_db()
    assert (clock.due_on, clock.provisional, clock.revision) == (date(2027, 1, 18), False, change.pk)
    assert (change.state, change.looked_at, change.moved) == ("done", 2, 1)
    moved = MovedClock.objects.get(change=change)
    assert (moved.due_before, moved.due_after) == (date(2027, 1, 18), date(2027, 1, 18))
    assert (moved.provisional_before, moved.provisional_after) == (True, False)
    [act] = ledger.acts_of(CASE)
    assert act.verb == "calendars.recompute"
    assert act.facts == {
        "change": change.pk,
        "clock": clock.pk,
        "before": "2027-01-18",
        "due": "2027-01-18",
        "provisional": False,
    }
    assert Event.objects.get(name="calendars.clocks_moved", subject_id=change.pk).data == {"moved": 1}
    calm.refresh_from_db()
    assert calm.revision == change.pk


def test_the_clocks_move_in_the_name_of_who_changed_the_calendar() -> None:
    start("2026-12-21", "20wd")
    import_next()
    [act] = ledger.acts_of(CASE)
    assert str(act.who) == "系统管理员"


def test_the_same_notice_twice_changes_nothing() -> None:
    import_next()
    again = calendars.import_year(
        year=2027, notice="国办发明电〔2026〕1号", days=NEXT, actor=KEEPER, at=on("2026-12-23")
    )
    assert again is None
    assert Event.objects.filter(name="calendars.calendar_changed", subject_id="2027").count() == 1


def test_only_the_keeper_changes_the_calendar() -> None:
    clerk = Actor(account_id=8, post_id=4, unit_id=1, duties=frozenset({"services.window"}))
    before = CalendarDay.objects.count()
    with pytest.raises(Forbidden):
        import_next(clerk)
    with pytest.raises(Forbidden):
        calendars.set_day(
            day=date(2026, 7, 1), kind="off", name=FESTIVAL, reason="r", actor=clerk, at=on("2026-06-01")
        )
    assert CalendarDay.objects.count() == before
    assert not Event.objects.filter(name="calendars.calendar_changed", subject_id="2027").exists()


def test_one_day_is_changed_with_its_reason_and_moves_what_spans_it() -> None:
    clock, before_it = start("2026-03-02", "5wd"), start("2026-03-02", "2wd")
    change = calendars.set_day(
        day=date(2026, 3, 5),
        kind="off",
        name=FESTIVAL,
        reason="县政府令第 3 号",
        actor=KEEPER,
        at=on("2026-03-03"),
    )
    assert change is not None
    change = calendars.run_recompute(change_id=change.pk, at=on("2026-03-03"))
    clock.refresh_from_db()
    before_it.refresh_from_db()
    assert (clock.due_on, before_it.due_on) == (date(2026, 3, 10), date(2026, 3, 4))
    assert (change.moved, change.days) == (1, {"2026-03-05": ["", "off"]})
    back = calendars.set_day(
        day=date(2026, 3, 5),
        kind="",
        name=LocalizedText(""),
        reason="写错了",
        actor=KEEPER,
        at=on("2026-03-04"),
    )
    assert back is not None
    calendars.run_recompute(change_id=back.pk, at=on("2026-03-04"))
    clock.refresh_from_db()
    assert clock.due_on == date(2026, 3, 9)
    assert [act.reason for act in _acts("calendars.set_day")] == ["县政府令第 3 号", "写错了"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": "  "}, "reason"),
        ({"name": LocalizedText("")}, "name"),
        ({"kind": "holiday"}, "kind"),
        ({"layer": "county"}, "layer"),
        ({"kind": "work"}, "days"),  # a Thursday is a working day anyway
    ],
)
def test_a_day_without_reason_name_or_sense_is_refused(changes: dict[str, object], field: str) -> None:
    given = {"day": date(2026, 3, 5), "kind": "off", "name": FESTIVAL, "reason": "r", **changes}
    with pytest.raises(BadCalendar) as refused:
        calendars.set_day(actor=KEEPER, at=on("2026-03-01"), **given)  # type: ignore[arg-type]
    assert refused.value.data["errors"][0]["field"] == field
    assert not CalendarDay.objects.filter(day=date(2026, 3, 5)).exists()


def test_a_holiday_of_a_region_counts_for_the_clocks_of_its_places_and_is_named() -> None:
    """Regulation on Public Holidays art. 4: holidays of ethnic minorities are set by the local governments."""
    here, elsewhere = start(limit="5wd", region="532399203000"), start(limit="5wd", region="532399101000")
    change = calendars.set_day(
        day=date(2026, 3, 5),
        kind="off",
        name=FESTIVAL,
        layer="532399203",
        reason="r",
        actor=KEEPER,
        at=on("2026-03-02"),
    )
    assert change is not None
    assert calendars.run_recompute(change_id=change.pk, at=on("2026-03-02")).moved == 1
    here.refresh_from_db()
    elsewhere.refresh_from_db()
    assert (here.due_on, elsewhere.due_on) == (date(2026, 3, 10), date(2026, 3, 9))
    view = calendars.views([here.pk], on("2026-03-04"))[here.pk]
    assert "3月5日火把节（地方假日）放假，不算。" in view.sentence.zh
    assert "5 March (Torch Festival, a holiday of the region)" in view.sentence.en
    assert view.remaining_days == 3  # 6, 9 and 10 March


def test_a_prefecture_gives_way_to_its_county_and_both_to_nobody_else() -> None:
    for layer, kind in (("5323", "off"), ("532399", "off")):
        calendars.set_day(
            day=date(2026, 8, 6),
            kind=kind,
            name=FESTIVAL,
            layer=layer,
            reason=layer,
            actor=KEEPER,
            at=on("2026-03-02"),
        )
    calendars.set_day(
        day=date(2026, 8, 8),
        kind="work",
        name=FESTIVAL,
        layer="532399",
        reason="r",
        actor=KEEPER,
        at=on("2026-03-02"),
    )
    calendar = calendars.current_calendar()
    saturday = date(2026, 8, 8)
    assert calendars.is_working_day(calendar.of("532399101000"), saturday)
    assert not calendars.is_working_day(calendar.of("532301000000"), saturday)
    assert not calendars.is_working_day(calendar.of("532301000000"), date(2026, 8, 6))
    assert calendars.is_working_day(calendar.of("110101000000"), date(2026, 8, 6))
    assert calendars.is_working_day(calendar, date(2026, 8, 6))


def test_pauses_and_extensions_are_kept_when_the_calendar_changes() -> None:
    clock = start("2026-12-01", "20wd")
    pause(clock, "2026-12-09")
    calendars.resume_clock(clock_id=clock.pk, at=on("2026-12-14"))
    paused = start("2026-12-01", "20wd")
    pause(paused, "2026-12-09")
    import_next()
    clock.refresh_from_db()
    paused.refresh_from_db()
    assert (clock.due_on, clock.provisional) == (date(2027, 1, 2), False)  # a make-up Saturday
    assert (paused.due_on, paused.state) == (None, "paused")


def test_a_clock_started_by_a_transaction_that_read_the_old_calendar_is_taken_in_by_the_next_watch() -> None:
    clock = start("2026-12-21", "20wd")
    old = clock.revision
    import_next()
    Clock.objects.filter(pk=clock.pk).update(revision=old, provisional=True)
    assert calendars.recompute_all(at=on("2026-12-22", 11)) == 1
    assert calendars.recompute_all(at=on("2026-12-22", 11)) == 0
    clock.refresh_from_db()
    assert not clock.provisional


def test_a_recomputation_that_was_killed_goes_on_where_it_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recompute, "BATCH", 2)
    clocks = [start("2026-12-21", "20wd") for _ in range(5)]
    change = calendars.import_year(year=2027, notice="n", days=NEXT, actor=KEEPER, at=on("2026-12-22"))
    assert change is not None
    assert recompute._batch(change.pk, on("2026-12-22"))  # and then the worker is killed
    assert Clock.objects.filter(pk__in=[c.pk for c in clocks], provisional=False).count() == 2
    calendars.recompute_all(at=on("2026-12-22"))
    change.refresh_from_db()
    assert (change.state, change.looked_at, change.moved) == ("done", 5, 5)
    assert MovedClock.objects.filter(change=change).count() == 5
    assert len(ledger.acts_of(CASE)) == 5


@pytest.mark.campaign
def test_a_hundred_thousand_clocks_follow_in_seconds() -> None:
    count = size(5_000, 100_000)
    one = start("2026-12-21", "20wd")
    starts = [on("2026-12-21"), on("2026-12-22"), on("2026-12-23"), on("2026-12-24")]
    models = [start(f"{at:%Y-%m-%d}", "20wd") for at in starts]
    Clock.objects.bulk_create(
        [
            Clock(
                **{
                    f.attname: getattr(models[n % 4], f.attname)
                    for f in Clock._meta.fields
                    if f.attname != "id"
                }
                | {"owner_id": f"00000000-0000-4000-8000-{n:012}"}
            )
            for n in range(count)
        ],
        batch_size=5_000,
    )
    change = calendars.import_year(year=2027, notice="n", days=NEXT, actor=KEEPER, at=on("2026-12-25"))
    assert change is not None
    begun = time.perf_counter()
    change = calendars.run_recompute(change_id=change.pk, at=on("2026-12-25"))
    took = time.perf_counter() - begun
    figure("clocks that followed a change of the calendar", change.moved, "clocks")
    figure("time for them to follow", round(took, 2), "s")
    assert change.moved == count + len(models) + 1
    assert MovedClock.objects.filter(change=change).count() == change.moved
    assert took < size(60, 300)  # on a machine that has other work too
    assert not Clock.objects.filter(pk=one.pk, provisional=True).exists()


def test_the_preview_says_what_would_move_and_writes_nothing() -> None:
    start("2026-12-21", "20wd")
    start("2026-12-01", "5wd")
    preview = moved.preview_year(actor=KEEPER, year=2027, layer="national", days=NEXT, at=on("2026-12-22"))
    assert (preview.looked_at, preview.moved, preview.final) == (2, 1, 1)
    assert [(day, before.zh, after.zh) for day, before, after in preview.days] == [
        (date(2027, 1, 1), "平日", "放假"),
        (date(2027, 1, 2), "平日", "上班"),
    ]
    assert preview.examples[0].was_provisional
    assert not CalendarYear.objects.filter(year=2027).exists()
    assert import_next().moved == preview.moved
    with pytest.raises(Forbidden):
        moved.preview_year(
            actor=SYSTEM.stranger(), year=2027, layer="national", days=NEXT, at=on("2026-12-22")
        )


def test_the_page_of_a_change_names_what_moved() -> None:
    start("2026-12-21", "20wd")
    change, page = moved.change_view(import_next().pk)
    assert (change.is_done, change.moved, change.who.zh) == (True, 1, "系统管理员")
    [row] = page.items
    assert (row.was_provisional, row.is_provisional, row.is_later) == (True, False, None)
    with pytest.raises(ChangeNotFound):
        moved.change_view(0)


def test_from_december_on_the_missing_year_is_named() -> None:
    assert almanac.missing_year(on("2026-11-30")) is None
    assert almanac.missing_year(on("2026-12-01")) == 2027
    import_next()
    assert almanac.missing_year(on("2026-12-22")) is None


def test_a_year_is_shown_in_months_with_its_marks() -> None:
    view = almanac.year_view(2026, at=on("2026-03-02"))
    february = view.months[1]
    cells = {cell.day.day: cell for week in february.weeks for cell in week if cell}
    assert (cells[14].kind, cells[15].kind, cells[21].kind, cells[7].kind, cells[2].kind) == (
        "work", "off", "off", "rest", "day",
    )  # fmt: skip
    assert (view.working_days, february.working_days) == (248, 16)
    spring = next(holiday for holiday in view.holidays if holiday.name.zh == "春节")
    assert (spring.off.zh, spring.work.zh) == ("2月15日至23日", "2月14日、2月28日")
    assert not almanac.year_view(2027, at=on("2026-03-02")).is_published


def test_figures_count_clocks_by_what_they_are() -> None:
    start("2026-03-02", "5wd")
    pause(start("2026-03-02", "20wd"))
    start("2026-12-21", "20wd")
    found = moved.clock_figures(at=on("2026-03-20"))
    assert (found.running, found.paused, found.overdue, found.provisional, found.unfollowed) == (
        2,
        1,
        1,
        1,
        0,
    )


def test_due_dates_kept_elsewhere_follow() -> None:
    heard: list[list[int]] = []
    from tongban.kernel.calendars.registry import followers

    followers.register("test.follow", lambda ids: heard.append(list(ids)))
    try:
        clock = start("2026-12-21", "20wd", terms=LICENSING)
        import_next()
        (job,) = ProcrastinateJob.objects.filter(task_name="calendars.follow")
        tasks.follow(**job.args)
        assert heard == [[clock.pk]]
    finally:
        followers._entries.pop("test.follow")


def _acts(verb: str) -> list[ledger.ActRow]:
    return [act for act in ledger.acts_of(Ref.to("calendar_year", 2026)) if act.verb == verb]
