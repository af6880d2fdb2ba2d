"""Clocks in the database: start, pause with a paper, resume, extend, stop, recompute."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.template import Context, Template
from django.utils import translation

from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.base.time import LOCAL
from tongban.kernel.calendars import service as calendars
from tongban.kernel.calendars.errors import (
    BadCalendar,
    ClockNotFound,
    ClockNotPaused,
    ClockNotRunning,
    PauseWithoutPaper,
)
from tongban.kernel.calendars.models import CalendarDay, CalendarYear, Clock
from tongban.kernel.calendars.packs import load_calendar
from tongban.kernel.calendars.tests.world import PACK

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")
CASE = Ref("case", "00000000-0000-4000-8000-0000000000c1")
ART_42 = LocalizedText(zh="行政许可法第四十二条", en="Administrative Licensing Law art. 42")
TESTING = LocalizedText(zh="检验", en="testing")
PAPER = Ref("paper", "p-7")


def on(text: str, hour: int = 10) -> datetime:
    return datetime.combine(date.fromisoformat(text), datetime.min.time(), LOCAL).replace(hour=hour)


@pytest.fixture(autouse=True)
def calendar() -> None:
    load_calendar(PACK, actor=SYSTEM, at=on("2026-01-01"))


LICENSING = {
    "pauses": [
        {"reason": "testing", "paper": "special-procedure-notice", "most": "30wd"},
        {"reason": "hearing", "paper": "h"},
    ],
    "extension": {"limit": "10wd", "duty": "services.decide"},
}
HEAD = Actor(account_id=4, post_id=9, unit_id=1, duties=frozenset({"services.decide"}))


def served(
    number: str = "澄市监特〔2026〕7号",
    template: str = "special-procedure-notice",
    at: str | None = "2026-03-09",
) -> calendars.ServedPaper:
    return calendars.ServedPaper(PAPER, number, template, on(at) if at else None)


def pause(clock: Clock, day: str = "2026-03-09", **changes: Any) -> Clock:
    given: dict[str, Any] = {"reason": "testing", "paper": served(at=day), "at": on(day), **changes}
    return calendars.pause_clock(clock_id=clock.pk, **given)


def start(day: str = "2026-03-02", limit: str = "20wd", at: str | None = None, **options: Any) -> Clock:
    return calendars.start_clock(
        owner=CASE,
        key="statutory",
        label=LocalizedText(zh="法定时限", en="Statutory limit"),
        limit=limit,
        started_at=on(day),
        legal_source=ART_42,
        start_event="accepted",
        at=on(at or day),
        **{"terms": LICENSING, **options},
    )


def test_a_clock_keeps_due_date_and_derivation() -> None:
    clock = Clock.objects.get(pk=start().pk)
    assert clock.due_on == date(2026, 3, 30)
    assert clock.due_at == datetime(2026, 3, 30, 23, 59, 59, tzinfo=LOCAL)
    assert clock.derivation["days"][0] == {
        "on": "2026-03-02",
        "kind": "start",
        "number": None,
        "name": ["", ""],
    }
    [view] = calendars.clocks_of(CASE, at=on("2026-03-26"))
    assert (view.remaining_days, view.mark, view.remaining_text.zh) == (2, "ok", "剩 2 个工作日")
    assert view.sentence.zh.startswith("2026年3月2日受理，当天不算")
    assert (view.due_text.zh, view.due_short.zh) == ("2026年3月30日（星期一）", "3月30日 周一")
    assert (view.due_text.en, view.due_short.en) == ("Monday 30 March 2026", "Mon 30 Mar")


@pytest.mark.parametrize(
    ("day", "mark", "left"),
    [("2026-03-27", "yellow", 1), ("2026-03-30", "yellow", 0), ("2026-03-31", "red", -1)],
)
def test_a_clock_turns_yellow_one_working_day_before_and_red_after(day: str, mark: str, left: int) -> None:
    clock = start()
    view = calendars.views([clock.pk], on(day))[clock.pk]
    assert (view.mark, view.remaining_days) == (mark, left)


def test_the_horizon_for_lists_agrees_with_the_mark() -> None:
    clock = start()
    for day in ("2026-03-26", "2026-03-27", "2026-03-28", "2026-03-30"):
        assert clock.due_at
        is_yellow = clock.due_at <= calendars.warning_horizon(on(day))
        assert is_yellow == (calendars.views([clock.pk], on(day))[clock.pk].mark == "yellow")


def test_automatic_acceptance_starts_a_clock_in_the_past_by_licensing_law_art_32() -> None:
    clock = start("2026-03-02", at="2026-03-10")
    assert clock.started_on == date(2026, 3, 2)
    assert clock.due_on == date(2026, 3, 30)


def test_an_event_late_in_the_evening_belongs_to_its_chinese_day() -> None:
    clock = calendars.start_clock(
        owner=CASE,
        key="step",
        label=LocalizedText("步骤"),
        limit="1wd",
        started_at=datetime.fromisoformat("2026-03-02T16:30:00+00:00"),  # 3 March 00:30 in China
        legal_source=LocalizedText("", ""),
        at=on("2026-03-03"),
    )
    assert clock.started_on == date(2026, 3, 3)


def test_a_pause_without_a_paper_is_refused_and_changes_nothing() -> None:
    clock = start()
    with pytest.raises(PauseWithoutPaper):
        pause(clock, paper=None)
    clock.refresh_from_db()
    assert clock.state == "running"
    assert not clock.pauses.exists()


def test_a_paused_clock_has_no_due_date_and_resuming_adds_the_days() -> None:
    clock = start()
    pause(clock)
    clock.refresh_from_db()
    assert (clock.state, clock.due_on) == ("paused", None)
    view = calendars.views([clock.pk], on("2026-03-11"))[clock.pk]
    assert (view.mark, view.remaining_days) == ("pause", 15)
    calendars.resume_clock(clock_id=clock.pk, at=on("2026-03-12"))
    clock.refresh_from_db()
    assert (clock.state, clock.due_on) == ("running", date(2026, 4, 2))
    assert "澄市监特〔2026〕7号" in calendars.clocks_of(CASE, at=on("2026-03-12"))[0].sentence.zh


def test_what_is_not_running_cannot_be_paused_and_what_is_not_paused_not_resumed() -> None:
    clock = start()
    with pytest.raises(ClockNotPaused):
        calendars.resume_clock(clock_id=clock.pk, at=on("2026-03-03"))
    calendars.stop_clock(clock_id=clock.pk, at=on("2026-03-04"))
    with pytest.raises(ClockNotRunning):
        pause(clock, "2026-03-05")
    with pytest.raises(ClockNotRunning):
        calendars.extend_clock(
            clock_id=clock.pk,
            limit="10wd",
            by=HEAD,
            unit_id=1,
            reason=TESTING,
            at=on("2026-03-05"),
        )
    with pytest.raises(ClockNotFound):
        calendars.stop_clock(clock_id=0, at=on("2026-03-05"))


def test_an_extension_keeps_who_and_why() -> None:
    clock = start()
    calendars.extend_clock(
        clock_id=clock.pk,
        limit="10wd",
        by=HEAD,
        unit_id=1,
        reason=LocalizedText(zh="情况复杂", en="a complex case"),
        at=on("2026-03-20"),
    )
    calendars.note_extension_paper(
        clock_id=clock.pk, paper=PAPER, number="澄市监延〔2026〕3号", at=on("2026-03-20")
    )
    clock.refresh_from_db()
    assert clock.due_on == date(2026, 4, 14)
    [view] = calendars.clocks_of(CASE, at=on("2026-03-20"))
    assert "延长 10 个工作日（情况复杂）（澄市监延〔2026〕3号）" in view.sentence.zh
    assert clock.extensions.get().by_post == 9


@pytest.mark.parametrize(("day", "hour", "met"), [("2026-03-30", 23, True), ("2026-03-31", 0, False)])
def test_a_stopped_clock_knows_whether_it_was_met(day: str, hour: int, met: bool) -> None:
    clock = start()
    calendars.stop_clock(clock_id=clock.pk, at=on(day, hour))
    calendars.stop_clock(clock_id=clock.pk, at=on("2026-12-01"))  # again: nothing changes
    clock.refresh_from_db()
    assert (clock.state, clock.met) == ("stopped", met)
    view = calendars.views([clock.pk], on("2026-12-02"))[clock.pk]
    assert view.mark == "done"
    assert view.remaining_text.en == ("done in time" if met else "done late")


def test_inconsistent_holiday_data_are_refused_and_nothing_is_imported() -> None:
    name = LocalizedText("元旦")
    with pytest.raises(BadCalendar) as refused:
        calendars.import_year(
            year=2027,
            notice="n",
            days=[
                calendars.SpecialDay(date(2026, 1, 1), True, name),
                calendars.SpecialDay(date(2027, 1, 4), False, name),
            ],
            actor=SYSTEM,
            at=on("2026-12-01"),
        )
    assert len(refused.value.data["errors"]) == 2
    assert not CalendarYear.objects.filter(year=2027).exists()


def test_the_pack_can_be_loaded_twice() -> None:
    before = CalendarDay.objects.count()
    load_calendar(PACK, actor=SYSTEM, at=on("2026-02-01"))
    assert CalendarDay.objects.count() == before == 111
    assert CalendarYear.objects.get(year=2026).notice.startswith("https://www.gov.cn/")


def test_the_database_refuses_a_running_clock_without_a_due_date() -> None:
    clock = start()
    with pytest.raises(IntegrityError), transaction.atomic():
        Clock.objects.filter(pk=clock.pk).update(due_at=None)


def test_timers_end_with_their_last_day() -> None:
    assert calendars.add_limit(on("2026-02-13"), "1wd") == datetime(2026, 2, 14, 23, 59, 59, tzinfo=LOCAL)
    assert calendars.add_limit(on("2026-02-13"), "2h") == on("2026-02-13", 12)


def test_many_views_take_one_query_and_one_look_at_the_calendar(django_assert_num_queries) -> None:
    ids = [start().pk for _ in range(5)]
    calendars.current_calendar()
    with django_assert_num_queries(2):
        assert len(calendars.views(ids, on("2026-03-05"))) == 5


@pytest.mark.parametrize(
    ("language", "words"), [("zh-hans", "逐日计算"), ("en", "20 working days from 2 March")]
)
def test_the_tags_draw_what_the_view_holds(language: str, words: str) -> None:
    clock = start()
    view = calendars.views([clock.pk], on("2026-03-05"))[clock.pk]
    with translation.override(language):
        html = Template("{% load calendars %}{% clock_full view %}").render(Context({"view": view}))
    assert words in html
    assert html.count("<li") == len(view.cells) <= 12
