"""What the file makes of a connection: another name, none, and the same one again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from orderwright.domain.identity import Identity, new_id

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SHOP = Identity(id="main", name="main", kind="shopify", account="shop-1", first_connected_at=NOW)


def test_a_name_that_was_taken_out_is_known_until_the_connection_has_one_again() -> None:
    out = SHOP.taken_out()
    assert (out.id, out.name, out.last_name) == ("main", "", "main")
    back = out.called("other")
    assert (back.id, back.name, back.last_name, back.account) == ("main", "other", "", "shop-1")


def test_the_first_connect_and_its_account_stay() -> None:
    again = SHOP.connected("shop-2", NOW + timedelta(days=1), second_stack=True)
    assert (again.account, again.first_connected_at, again.second_stack) == ("shop-1", NOW, True)
    assert again.connected("", NOW).second_stack, "nobody takes that back unseen"


def test_a_feed_that_is_put_back_is_another_source() -> None:
    assert SHOP.source == "main"
    assert SHOP.listed(3).source == "main"
    assert SHOP.put_back(3).source == "main@3"


def test_a_new_id_is_the_name_or_the_first_free_number_behind_it() -> None:
    assert new_id("main", ()) == "main"
    assert new_id("main", ("main", "main-2")) == "main-3"
    assert new_id("a" * 40, ("a" * 40,)) == "a" * 38 + "-2"
