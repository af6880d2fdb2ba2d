"""The lists of the workbench: each post sees its own, the figures over a list are those of its links."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.support.county import County
from tongban.apps.voice import service as voice
from tongban.kernel.calendars.models import Clock
from tongban.kernel.cases import service as cases
from tongban.kernel.cases.models import Case, CaseClock
from tongban.kernel.cases.queries import lists, mine
from tongban.kernel.processes.models import Task

LETTER = {
    "kind": "complaint",
    "title": "文昌路路灯夜里不亮",
    "body": "家门口的路灯坏了一个多月，老人夜里出门不方便，请尽快派人来修好。",
    "may_publish": True,
    "name": "木易生",
    "phone": "13812344471",
}


@pytest.fixture
def letter(county: County) -> str:
    return voice.write_letter(
        actor=county.stranger, mailbox="county-head", values=LETTER, at=county.now
    ).number


def text_of(county: County, who: str, url: str) -> str:
    answer = county.client(who).get(url)
    assert answer.status_code == 200
    return str(answer.content.decode())


def figures(county: County, who: str) -> dict[str, int]:
    """Return the figures over the to-do list by their label."""
    html = text_of(county, who, "/desk/")
    cards = re.findall(r"</svg>([^<]+)</span><b>(\d+)</b>", html)
    return {label: int(count) for label, count in cards}


def test_two_kinds_of_clerks_see_two_desks(county: County, letter: str) -> None:
    case = county.submit()
    window, office = text_of(county, "window", "/desk/"), text_of(county, "mailbox", "/desk/")
    assert case.number in window and letter not in window
    assert letter in office and case.number not in office


def test_a_licence_is_called_by_its_firm_and_a_letter_by_its_title(county: County, letter: str) -> None:
    county.submit()
    [licence] = cases.inbox(county.actor("window"), at=county.now)
    assert (licence.name.zh, licence.item.zh, licence.who) == (
        "澄溪县城关镇李记米线店",
        "食品经营许可（新办）",
        "李*英",
    )
    [written] = cases.inbox(county.actor("mailbox"), at=county.now)
    assert (written.name.zh, written.item.zh, written.who) == (LETTER["title"], "县长信箱来信", "木*生")


def test_the_figures_are_those_of_the_lists_that_they_open(county: County) -> None:
    old = county.submit()
    county.go_to("2026-06-05")
    county.submit("rep")
    county.ask_for_correction(old)
    county.go_to("2026-06-08")
    fixed = county.do("citizen", old, "correct", "resubmit")
    assert figures(county, "window") == {
        "红牌，已超期": 0, "黄牌，快到期": 0, "暂停计时": 0, "补正、退回后再来": 1, "今天已办": 0,
    }  # fmt: skip
    county.go_to("2026-06-12", hour=17)
    shown = figures(county, "window")
    assert (shown["红牌，已超期"], shown["黄牌，快到期"]) == (0, 2)
    county.go_to("2026-06-30")
    shown = figures(county, "window")
    for mark, label in (
        ("overdue", "红牌，已超期"),
        ("soon", "黄牌，快到期"),
        ("returned", "补正、退回后再来"),
    ):
        found = cases.inbox(county.actor("window"), mark=mark, at=county.now)
        assert len(found) == shown[label]
    county.accept(fixed)
    assert figures(county, "window")["今天已办"] == 1
    html = text_of(county, "window", "/desk/list/done/?mark=today")
    assert fixed.number in html


def test_steps_in_parallel_stand_in_one_row_and_are_one_case(county: County) -> None:
    county.accept(county.submit())
    officer = county.actor("officer1")
    [row] = cases.inbox(officer, at=county.now)
    assert row.step.zh == "材料审查、现场核查"
    assert cases.count_todo(officer) == 1
    assert len(cases.my_tasks(officer)) == 2


def test_the_second_signature_does_not_wait_for_who_signed_first(county: County) -> None:
    case = county.accept(county.submit())
    review = {"complete": True, "consistent": True, "layout_ok": True, "advice": "meets"}
    county.do("officer1", case, "document_review", "submit", review)
    county.inspect(case)
    assert not cases.inbox(county.actor("officer1"), at=county.now).items
    assert cases.count_todo(county.actor("officer1")) == 0
    assert len(cases.inbox(county.actor("officer2"), at=county.now)) == 1


def test_a_task_that_a_colleague_claimed_leaves_my_list(county: County) -> None:
    case = county.accept(county.submit())
    task = county.task(case, "inspect")
    cases.claim_task(actor=county.actor("officer2"), task_id=task.id, at=county.now)
    [row] = cases.inbox(county.actor("officer1"), at=county.now)
    assert row.step.zh == "材料审查"


@pytest.mark.parametrize("query", ["李记米线店", "lx-", "路灯"])
def test_the_list_is_searched(county: County, letter: str, query: str) -> None:
    case = county.submit()
    who, number = ("window", case.number) if query == "李记米线店" else ("mailbox", letter)
    assert number in text_of(county, who, f"/desk/?q={query}")
    assert number not in text_of(county, who, "/desk/?q=没有这个")


def test_filters_that_find_nothing_offer_the_way_back(county: County) -> None:
    html = text_of(county, "window", "/desk/?mark=overdue&group=licence/food-licence")
    assert "这样筛选没有结果" in html and 'href="/desk/"' in html


@pytest.mark.parametrize("url", ["/desk/?mark=nonsense&sort=up&page=-3", "/desk/?group=../x&page=abc"])
def test_nonsense_in_the_address_is_a_list_all_the_same(county: County, url: str) -> None:
    text_of(county, "window", url)


def test_the_export_holds_the_list_and_runs_nothing(county: County) -> None:
    values = {**LETTER, "title": "=HYPERLINK(1)，请看这封信"}
    number = voice.write_letter(
        actor=county.stranger, mailbox="county-head", values=values, at=county.now
    ).number
    lines = text_of(county, "mailbox", "/desk/export/todo/").splitlines()
    assert [number in line for line in lines] == [False, True]
    assert "'=HYPERLINK" in lines[1]


def test_who_has_no_work_here_is_told_that_no_cases_come(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tongban.apps.desk.views.landing_of", lambda request: "")
    html = text_of(county, "secadmin", "/desk/")
    assert "您这个岗位不办件" in html
    assert "/desk/list/" not in html


@pytest.mark.parametrize("who", ["sysadmin", "secadmin", "auditadmin"])
def test_an_administrator_begins_at_the_administration(county: County, who: str) -> None:
    answer = county.client(who).get("/desk/")
    assert (answer.status_code, answer["Location"]) == (302, "/desk/admin/")


def statements(ask: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as captured:
        ask()
    return len(captured)


def test_a_list_needs_few_statements_whatever_it_holds(county: County) -> None:
    county.submit()
    client = county.client("window")
    client.get("/desk/")
    frame = statements(lambda: client.get("/desk/search/"))
    one = statements(lambda: client.get("/desk/"))
    for _ in range(3):
        county.submit("rep")
    assert statements(lambda: client.get("/desk/")) == one
    assert one - frame <= 10


def test_a_long_list_is_begun_and_goes_on_and_is_the_same(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in range(1, 7):
        county.go_to(f"2026-06-{day:02}")
        county.submit("rep")
    window = county.actor("window")
    whole = [row.number for row in cases.inbox(window, at=county.now)]
    known = cases.overview(window, at=county.now).first
    again = cases.inbox(window, at=county.now, first=known)
    assert ([row.number for row in again], again.has_next, len(known)) == (whole, False, 6)
    assert list(cases.inbox(window, at=county.now, page=2, first=known)) == []
    monkeypatch.setattr(lists, "OVERVIEW_LIMIT", 2)
    monkeypatch.setattr(lists, "PAGE_SIZE", 2)
    overview = cases.overview(window, at=county.now)
    assert (len(overview.first), overview.total, overview.is_bounded) == (3, 2, True)
    pages = [cases.inbox(window, at=county.now, page=n, first=overview.first) for n in (1, 2, 3)]
    assert [row.number for page in pages for row in page] == whole
    assert [page.has_next for page in pages] == [True, True, False]


def test_no_more_is_counted_than_the_first_of_a_long_list(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "OVERVIEW_LIMIT", 3)
    for day in range(1, 9):
        county.go_to(f"2026-06-{day:02}")
        case = county.submit("rep")
        if day == 2:
            Case.objects.filter(number=case.number).update(facts={"corrections": 1})
        if day == 3:
            # Another clock of the case is paused beside the one that runs
            clock = Clock.objects.get(pk=CaseClock.objects.get(case=case).clock_id)
            clock.pk, clock.state, clock.due_at, clock.due_on = None, "paused", None, None
            clock.save(force_insert=True)
            CaseClock.objects.create(case=case, clock=clock, role="promised")
    for moment, overdue in (("2026-06-08", 0), ("2026-06-11", 3), ("2026-06-30", 3)):
        county.go_to(moment)
        begun = cases.overview(county.actor("window"), at=county.now)
        assert (begun.total, begun.is_bounded, begun.paused, begun.returned) == (3, True, 1, 1)
        assert begun.overdue == overdue


def test_filtered_or_not_a_list_has_one_order(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "PAGE_SIZE", 2)
    for day in (3, 1, 2, 1, 5):
        county.go_to(f"2026-06-{day:02}")
        county.submit("rep")
    window = county.actor("window")
    pages = [cases.inbox(window, at=county.now, page=n) for n in (1, 2, 3)]
    filtered = [cases.inbox(window, at=county.now, page=n, kind="licence") for n in (1, 2, 3)]
    numbers = [row.number for page in pages for row in page]
    assert numbers == [row.number for page in filtered for row in page]
    assert len(set(numbers)) == 5 and [page.has_next for page in pages] == [True, True, False]
    due = [row.clock.due_at for page in pages for row in page]
    assert due == sorted(due)


def test_what_is_in_progress_has_one_order_by_whichever_way_it_is_found(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "PAGE_SIZE", 2)
    monkeypatch.setattr(lists, "OVERVIEW_LIMIT", 3)
    for day in (3, 1, 2, 1, 5, 1):
        county.go_to(f"2026-06-{day:02}")
        county.accept(county.submit("rep"))
    waiting = county.submit("rep")  # mine to do, so not in progress
    window = county.actor("window")
    pages = [cases.inbox(window, view="doing", at=county.now, page=n, kind="licence") for n in (1, 2, 3)]
    whole = [row.number for page in pages for row in page]
    assert len(set(whole)) == 6 and waiting.number not in whole
    due = [row.clock.due_at for page in pages for row in page]
    assert due == sorted(due)
    for looked_at, is_found in ((1000, True), (1, False)):
        monkeypatch.setattr(mine, "LOOKED_AT", looked_at)
        assert (mine.first_in_progress(window, 4) is not None) is is_found
        begun = cases.overview(window, view="doing", at=county.now)
        numbers = dict(Case.objects.values_list("pk", "number"))
        assert [numbers[key] for key in begun.first] == whole[:4]
        pages = [
            cases.inbox(window, view="doing", at=county.now, page=n, first=begun.first) for n in (1, 2, 3)
        ]
        assert [row.number for page in pages for row in page] == whole
    assert mine.first_in_progress(window, 7) is None  # fewer are seen to the end by their rights
    assert mine.first_in_progress(replace(window, holders=frozenset()), 1) is None


def test_officials_with_fewer_posts_or_more_see_their_own_by_the_same_statements(county: County) -> None:
    case = county.accept(county.submit())
    first = county.actor("officer1")
    for actor in (first, replace(first, holders=first.holders | {9_000_001}), county.actor("officer2")):
        assert [row.number for row in cases.inbox(actor, at=county.now)] == [case.number]
        assert cases.count_todo(actor) == 1
    nobody = replace(first, holders=frozenset())
    assert (list(cases.inbox(nobody, at=county.now)), cases.count_todo(nobody)) == ([], 0)
    assert cases.count_unread(nobody) == 0


def test_what_is_due_at_one_moment_comes_in_the_order_in_which_it_came(county: County) -> None:
    came = [county.submit("rep").number for _ in range(5)]
    window = county.actor("window")
    assert [row.number for row in cases.inbox(window, at=county.now)] == came
    assert mine.neighbours(window, came[1]) == (came[0], came[2])


@pytest.mark.parametrize("near", [1, 3, 40])
def test_the_neighbours_are_those_of_the_list(
    county: County, monkeypatch: pytest.MonkeyPatch, near: int
) -> None:
    monkeypatch.setattr(mine, "NEAR_LIMIT", near)
    came = [county.submit("rep").number for _ in range(5)]
    window = county.actor("window")
    found = [mine.neighbours(window, number) for number in [*came, "gone"]]
    assert found == list(zip(["", *came[:-1], ""], [*came[1:], "", came[0]], strict=True))
    monkeypatch.setattr(mine, "NEAR_LIMIT", 1)
    monkeypatch.setattr(mine, "NEIGHBOUR_LIMIT", 2)
    assert mine.neighbours(window, came[3]) == ("", came[0])


def test_a_case_of_which_two_steps_wait_for_me_is_counted_once(county: County) -> None:
    case = county.submit("rep")
    county.submit("rep")
    window = county.actor("window")
    assert cases.count_todo(window) == 2
    task = Task.objects.get(instance=case.instance_id, state="open")
    task.pk, task.token = None, task.token + 1
    task.save(force_insert=True)
    assert cases.count_todo(window) == 2


def test_what_i_did_comes_in_the_order_in_which_i_did_it(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "PAGE_SIZE", 2)
    drafts = [county.submit("rep") for _ in range(5)]
    order = [3, 0, 4, 1]
    for day, index in enumerate(order, start=2):
        county.go_to(f"2026-06-{day:02}")
        county.accept(drafts[index])
    window = county.actor("window")
    known = cases.overview(window, view="done", at=county.now)
    assert (known.total, known.overdue, [group.count for group in known.groups]) == (4, 0, [4])
    wanted = [drafts[index].number for index in reversed(order)]
    for more in ({"first": known.first}, {}, {"kind": "licence"}):
        pages = [cases.inbox(window, view="done", at=county.now, page=n, **more) for n in (1, 2, 3)]
        assert [row.number for page in pages for row in page] == wanted
        assert [page.has_next for page in pages] == [True, False, False]
    assert [row.number for row in cases.inbox(window, view="done", mark="today", at=county.now)] == wanted[:1]
    assert "最近办的在前" in text_of(county, "window", "/desk/list/done/")


def test_what_came_back_to_me_is_to_do_and_not_done(county: County) -> None:
    case = county.submit()
    county.ask_for_correction(case)
    window = county.actor("window")
    assert [row.number for row in cases.inbox(window, view="done", at=county.now)] == [case.number]
    county.do("citizen", case, "correct", "resubmit")
    assert list(cases.inbox(window, view="done", at=county.now)) == []
    assert [row.number for row in cases.inbox(window, at=county.now)] == [case.number]
