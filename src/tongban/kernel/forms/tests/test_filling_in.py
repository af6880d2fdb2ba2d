"""Filling in: nothing typed is lost, two devices are told of each other, what was handed in stands."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID, uuid4

import pytest
from django.http import QueryDict

from tongban.kernel.forms import service
from tongban.kernel.forms.errors import AnswersInvalid, EntryClosed, EntryNotFound
from tongban.kernel.forms.models import Entry
from tongban.kernel.forms.rules.structure import Form
from tongban.kernel.forms.tests.shop import AT, GOOD

pytestmark = pytest.mark.django_db

Moments = Iterator[datetime]


@pytest.fixture
def entry(form: Form) -> Entry:
    return service.create_entry(form=form, at=AT)


def reread(entry_id: UUID) -> Entry:
    return service.get_entry(entry_id)


def test_wrong_answers_are_kept_too(entry: Entry, later: Moments) -> None:
    values = {"area": "六十", "sign": None, "opens_on": "2026-13-45"}
    saved = service.save_entry(entry_id=entry.pk, page="shop", values=values, at=next(later))
    assert reread(entry.pk).data == values
    assert saved.revision == 1


def test_saving_one_page_leaves_the_others_alone(entry: Entry, later: Moments) -> None:
    service.save_entry(entry_id=entry.pk, page="owner", values={"mobile": "13887654471"}, at=next(later))
    service.save_entry(
        entry_id=entry.pk, page="shop", values={"sign": "李记", "mobile": "stray"}, at=next(later)
    )
    assert reread(entry.pk).data == {"mobile": "13887654471", "sign": "李记"}


def test_saving_the_same_again_makes_no_revision(entry: Entry, later: Moments) -> None:
    for _ in range(3):
        service.save_entry(entry_id=entry.pk, page="shop", values={"area": 48}, at=next(later))
    assert reread(entry.pk).revision == 1


def test_strict_saving_refuses_and_changes_nothing(entry: Entry, later: Moments) -> None:
    with pytest.raises(AnswersInvalid) as refused:
        service.save_entry(
            entry_id=entry.pk, page="owner", values={"mobile": "1"}, at=next(later), strict=True
        )
    assert "mobile" in [e["field"] for e in refused.value.data["errors"]]
    assert reread(entry.pk).data == {}
    assert reread(entry.pk).revision == 0


def test_an_answer_comes_back_when_its_question_is_asked_again(
    form: Form, entry: Entry, later: Moments
) -> None:
    def save(**values: object) -> None:
        service.save_entry(entry_id=entry.pk, page="shop", values=values, at=next(later))

    save(goods=["cold"], cold_room=True, cold_room_area=6)
    save(goods=["noodles"])
    assert "cold_room" not in service.answers_of(form, reread(entry.pk).data, at=AT)
    save(goods=["cold"])
    assert service.answers_of(form, reread(entry.pk).data, at=AT)["cold_room_area"] == 6


# --- two devices -----------------------------------------------------------------------------------------------------


def test_the_later_device_wins_and_is_told_what_it_replaced(entry: Entry, later: Moments) -> None:
    phone, desk = {"revision": 0, "sheet": "phone"}, {"revision": 0, "sheet": "desk"}
    at = next(later)
    service.save_entry(entry_id=entry.pk, page="shop", values={"sign": "手机", "area": 40}, at=at, **phone)
    saved = service.save_entry(
        entry_id=entry.pk, page="shop", values={"sign": "电脑", "area": 40}, at=next(later), **desk
    )
    assert reread(entry.pk).data["sign"] == "电脑"
    assert saved.overtaken is not None
    assert saved.overtaken.replaced == {"sign": "手机"}
    assert saved.overtaken.saved_at == at


def test_it_is_told_again_when_the_first_telling_was_an_autosave(entry: Entry, later: Moments) -> None:
    service.save_entry(
        entry_id=entry.pk, page="shop", values={"sign": "手机"}, at=next(later), revision=0, sheet="phone"
    )
    desk = {"revision": 0, "sheet": "desk"}
    service.save_entry(entry_id=entry.pk, page="shop", values={"sign": "电脑"}, at=next(later), **desk)
    submitted = service.save_entry(
        entry_id=entry.pk, page="shop", values={"sign": "电脑"}, at=next(later), **desk
    )
    assert submitted.overtaken is not None
    assert submitted.overtaken.replaced == {"sign": "手机"}


def test_a_device_does_not_overtake_itself(entry: Entry, later: Moments) -> None:
    for text in ("李", "李记", "李记米线"):
        saved = service.save_entry(
            entry_id=entry.pk, page="shop", values={"sign": text}, at=next(later), revision=0, sheet="one"
        )
        assert saved.overtaken is None


def test_two_devices_on_two_pages_do_not_meet(entry: Entry, later: Moments) -> None:
    service.save_entry(
        entry_id=entry.pk, page="owner", values={"mobile": "1"}, at=next(later), revision=0, sheet="phone"
    )
    saved = service.save_entry(
        entry_id=entry.pk, page="shop", values={"sign": "店"}, at=next(later), revision=0, sheet="desk"
    )
    assert saved.overtaken is None


# --- handing in ------------------------------------------------------------------------------------------------------


def test_what_is_handed_in_is_what_counts(form: Form, later: Moments) -> None:
    data = {**GOOD, "goods": ["noodles"], "cold_room": True, "exits": 4}
    entry = service.create_entry(form=form, data=data, at=AT)
    closed = service.close_entry(entry_id=entry.pk, at=next(later))
    assert closed.data == GOOD


def test_what_was_handed_in_does_not_change(entry: Entry, later: Moments) -> None:
    service.close_entry(entry_id=entry.pk, at=next(later))
    with pytest.raises(EntryClosed):
        service.save_entry(entry_id=entry.pk, page="shop", values={"sign": "改"}, at=next(later))
    with pytest.raises(EntryClosed):
        service.close_entry(entry_id=entry.pk, at=next(later))
    assert reread(entry.pk).data == {}


def test_for_a_correction_it_is_opened_again(entry: Entry, later: Moments) -> None:
    service.close_entry(entry_id=entry.pk, at=next(later))
    service.reopen_entry(entry_id=entry.pk, at=next(later))
    service.save_entry(entry_id=entry.pk, page="shop", values={"sign": "改"}, at=next(later))
    assert reread(entry.pk).data == {"sign": "改"}


def test_an_entry_that_is_not_there_is_not_found(db: None) -> None:
    with pytest.raises(EntryNotFound):
        service.save_entry(entry_id=uuid4(), page="shop", values={}, at=AT)


# --- requests --------------------------------------------------------------------------------------------------------


def test_only_what_was_on_the_page_is_read(form: Form) -> None:
    posted = QueryDict("sign=李记&area=４８&goods=&goods=noodles&kind=&salary=1&rest=9")
    assert service.clean(form, "shop", posted) == {
        "sign": "李记",
        "area": 48,
        "goods": ["noodles"],
        "kind": None,
    }


def test_a_question_raised_by_the_answers_is_noticed(form: Form) -> None:
    posted = QueryDict("goods=&goods=cold")
    data = {**GOOD, **service.clean(form, "shop", posted)}
    assert service.unasked(form, "shop", posted, data, at=AT) == ["cold_room"]
    answered = QueryDict("goods=&goods=cold&cold_room=")
    assert service.unasked(form, "shop", answered, {**data, "cold_room": None}, at=AT) == []


def test_the_page_that_was_sent_says_which_it_is() -> None:
    assert service.sheet_of(QueryDict("_revision=7&_sheet=ab")) == {"revision": 7, "sheet": "ab"}
    assert service.sheet_of(QueryDict("_revision=x")) == {"revision": None, "sheet": ""}


def test_the_api_says_which_fields_it_does_not_know(form: Form) -> None:
    assert service.clean_json(form, {"area": "48.5", "goods": ["cold"]}) == {"area": 48.5, "goods": ["cold"]}
    with pytest.raises(AnswersInvalid) as refused:
        service.clean_json(form, {"area": 1, "salary": 2, "rest": 3})
    assert [e["field"] for e in refused.value.data["errors"]] == ["salary", "rest"]
