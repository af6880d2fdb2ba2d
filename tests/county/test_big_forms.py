"""A form of 95 fields is drawn and saved with the statements of one with five, and quickly."""

from __future__ import annotations

from functools import partial

from bench import forms
from tests.county.test_statements import sent
from tests.support.county import County

DRAW, SAVE = 14, 16
"""Statements that a page of a form may take: to draw, to save."""


def test_a_big_form_takes_as_many_statements_as_a_small_one_and_little_time(county: County) -> None:
    counts = {}
    for number, who in ((forms.SMALL, "citizen"), (forms.BIG, "rep")):
        client, url = county.client(who), forms.page_of(county, who, number)
        for turn in (0, 1):  # the first compile what is compiled once a process
            saved = sent(partial(client.post, url, forms.posted(number, turn)), status=302)
            drawn = sent(partial(client.get, url))
        counts[number] = (len(drawn), len(saved))
    assert counts[forms.BIG] == counts[forms.SMALL]
    assert counts[forms.BIG][0] <= DRAW and counts[forms.BIG][1] <= SAVE, counts
    _, cpus = forms.timed(partial(client.get, url), 3)
    assert min(cpus) < forms.MAX_RENDER
    _, cpus = forms.timed(partial(client.post, url, forms.posted(forms.BIG, 7)), 3)
    assert min(cpus) < forms.MAX_SAVE
