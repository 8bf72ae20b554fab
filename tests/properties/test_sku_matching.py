"""SKUs that are spelled otherwise: a match is unique on both sides, and what is not sure is matched by nobody."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orderwright.domain.sku_matching import match_skus, normal_form

FAST = settings(max_examples=200, deadline=None)
spellings = st.text(alphabet="aA1-\u200b \u00a0ßs\uff21", max_size=4)
sides = st.sets(spellings, max_size=8)


@FAST
@given(st.text(max_size=12))
def test_the_normal_form_of_a_normal_form_is_itself_and_case_and_blanks_do_not_matter(sku: str) -> None:
    form = normal_form(sku)
    assert normal_form(form) == form
    assert normal_form(f" \u200b{sku}\u00a0") == form
    assert not any(unicodedata.category(sign)[0] in "ZC" for sign in form)


@FAST
@given(sides, sides)
def test_each_sku_is_exact_or_matched_once_or_unclear_or_alone(ours: set[str], theirs: set[str]) -> None:
    found = match_skus(ours, theirs)
    assert len(set(found.same.values())) == len(found.same)
    for other, mine in found.same.items():
        assert (other in theirs, mine in ours, normal_form(other)) == (True, True, normal_form(mine))
        for side in (ours, theirs):
            assert len([sku for sku in side if normal_form(sku) == normal_form(mine)]) == 1
    exact, matched = ours & theirs, {*found.same, *found.same.values()}
    assert not found.unclear.keys() & (exact | matched)
    for sku in (ours ^ theirs) - matched - found.unclear.keys():
        across = theirs if sku in ours else ours
        assert not normal_form(sku) or normal_form(sku) not in map(normal_form, across)


@pytest.mark.parametrize(
    "sku", ["lamp-1 ", "LAMP-1", "La\u200bmp-1", "\ufefflamp-1", "lamp-1\u00a0", "ｌａｍｐ-1", "lam\u00adp-1"]
)
def test_what_people_and_spreadsheets_do_to_a_sku(sku: str) -> None:
    assert match_skus({"lamp-1"}, {sku}).same == {sku: "lamp-1"}
    assert match_skus({"lamp-1", "Lamp-1"}, {sku}).same == {}
