"""People find things in their own words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.kernel.search import rules, service

AT = datetime(2026, 3, 5, tzinfo=UTC)


def keys(query: str, **options) -> list[str]:
    return [hit.ref.id for hit in service.search(query, **options)]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("开小吃店", "small-catering"),
        ("小吃店", "small-catering"),
        ("我想开一家米线店", "small-catering"),
        ("在老街开个米线店要办什么手续", "small-catering"),
        ("snack bar", "small-catering"),
        ("Snack Bars", "small-catering"),
        ("I want to open a noodle shop", "small-catering"),
        ("restaur", "food-licence"),
        ("食品经营许可证", "food-licence"),
        ("火锅店", "food-licence"),
        ("xiaochidian", "small-catering"),
        ("xcd", "small-catering"),
        ("结婚", "marriage"),
        ("wedding", "marriage"),
        ("砍树要审批吗", "tree"),
        ("居民养老", "pension"),
    ],
)
def test_the_right_thing_comes_first(county, query, first):
    assert keys(query)[0] == first


@pytest.mark.parametrize("query", ["", "   ", "？！", "zzzzqqq", "&|!():*", "' OR 1=1 --", "\x00"])
def test_nothing_is_found_for_nothing_and_no_sign_breaks_the_query(county, query):
    assert keys(query) == []


@given(st.text(max_size=40))
def test_any_text_gives_a_query_that_holds_only_our_own_signs(text):
    query = rules.tsquery_of(rules.question_of(text))
    assert not set(query) & set("'\"\\;!<>\x00")
    assert query.count("(") == query.count(")")


def test_a_title_counts_more_than_a_mention(county):
    service.index(
        ref=Ref("news", "1"),
        title=LocalizedText("全县通报"),
        body=LocalizedText("会议提到结婚登记预约工作。"),
        url="/news/1/",
        kind_label=LocalizedText("新闻", "News"),
        at=AT,
    )
    assert keys("结婚登记") == ["marriage", "1"]


def test_kinds_can_be_chosen_and_the_number_limited(county):
    assert keys("登记", kinds=["news"]) == []
    assert len(keys("登记", limit=2)) == 2


def test_what_was_taken_out_or_renamed_is_no_longer_found(county):
    service.unindex(Ref("item", "marriage"))
    service.unindex(Ref("item", "never-there"))
    assert "marriage" not in keys("结婚登记预约")
    service.index(
        ref=Ref("item", "tree"),
        title=LocalizedText("植树补助"),
        body=LocalizedText("种树有补助。"),
        url="/",
        kind_label=LocalizedText("事项"),
        at=AT,
    )
    assert keys("采伐") == []


def test_a_search_takes_two_queries(county, django_assert_num_queries):
    with django_assert_num_queries(2):
        service.search("开小吃店")


def test_a_hit_says_how_much_of_the_question_it_answers(county):
    (best, *_) = service.search("小吃店 砍树")
    assert (best.matched, best.asked) == (1, 2)
    assert best.title.en
    assert best.kind_label.zh == "事项"


@pytest.mark.parametrize(
    ("query", "terms"),
    [
        ("我想砍树", 1),
        ("请问怎么办理结婚登记", 1),
        ("how do I get a wedding", 1),
        ("我要办", 1),  # nothing but function words: then they are the question
    ],
)
def test_how_one_asks_is_not_what_one_asks_for(query, terms):
    assert len(rules.question_of(query).terms) == terms


def test_tokens_hold_words_pairs_and_latin_words():
    assert set(rules.tokens_of("开小吃店 Snack")) == {"开", "小吃", "小吃店", "开小", "吃店", "snack"}
    assert rules.sound_of("小吃店") == ["xiaochidian", "xcd"]
    assert rules.sound_of("食品经营许可")[2:4] == ["jingyingxuke", "jyxk"]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("restuarant", "food-licence"),
        ("wediding", "marriage"),
        ("marrige registration", "marriage"),
        ("jeihun", "marriage"),
        ("shipinjingyng", "food-licence"),
        ("yanglaobaoxain", "pension"),
        ("节婚", "marriage"),
        ("石品", "food-licence"),
        ("养老报险", "pension"),
        ("lmcf", "tree"),
        ("caifaxuke", "tree"),
    ],
)
def test_slips_of_the_finger_and_wrong_characters_of_the_same_sound_are_forgiven(county, query, first):
    assert keys(query)[0] == first


def test_what_was_typed_right_is_never_replaced_by_a_guess(county):
    assert not any(hit.is_guess for hit in service.search("结婚登记"))
    assert all(hit.is_guess for hit in service.search("节婚登记预约"))


@given(st.text("abcdefgh", min_size=4, max_size=10), st.data())
def test_any_slip_is_recognised(word, data):
    place = data.draw(st.integers(0, len(word) - 1))
    slip = data.draw(st.sampled_from(["drop", "double", "swap", "change"]))
    typed = {
        "drop": word[:place] + word[place + 1 :],
        "double": word[:place] + word[place] + word[place:],
        "swap": word[: place - 1] + word[place] + word[place - 1] + word[place + 1 :] if place else word,
        "change": word[:place] + "x" + word[place + 1 :],
    }[slip]
    assert rules.is_near(typed, word)
    assert set(rules.near_forms(typed)) & set(rules.near_forms(word))


@given(st.text(max_size=40), st.sets(st.sampled_from(["jiehun", "shipin", "xuke"])))
def test_any_text_gives_guesses_that_hold_only_our_own_signs(text, known):
    latin, _ = rules.guesses_of(text)
    query = rules.tsquery_of(rules.widened(text, {word: ["licence"] for word in latin}, known))
    assert not set(query) & set("'\"\\;!<>\x00")
    assert query.count("(") == query.count(")")
