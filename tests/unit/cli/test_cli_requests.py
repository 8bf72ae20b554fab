"""orderwright requests: withdrawals and returns, from the alert to the end; questions are counted (R49, R35, R52)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from orderwright.domain.customer_request import RequestKind
from tests.unit.cli.cli_kit import INTERNAL, operator_of
from tests.unit.usecases.order_shop import OrderShop, buy
from tests.unit.usecases.shop_fixture import open_shop, shop
from tests.unit.usecases.test_customer_requests import MS, UL, send

__all__ = ["open_shop", "shop"]


def test_a_withdrawal_is_seen_with_its_deadline_and_closed(shop: OrderShop) -> None:
    operator = operator_of(shop)
    assert "no open requests of customers" in operator("requests", "list").out
    name = buy(shop, (MS, 1), (UL, 1))
    send(shop, name)
    send(shop, name, RequestKind.QUESTION)
    shop.run()
    shop.clock.at += timedelta(days=5)
    (row,) = operator("requests", "list", "--json").json
    assert [row[key] for key in ("order", "request", "state", "came_to", "days_left")] == [
        name, "withdrawal-1", "OPEN", "ORDERED_TOO_LATE", 9,
    ]  # fmt: skip
    said = operator("requests", "list").out
    assert ("refund by 2026-12-06, 9 days left" in said, "was asked today: 0, in 7 days: 1" in said) == (True, True)
    needs = {one["kind"]: one for one in operator("status", "--json").json["needs_you"]}
    assert (needs["requests"]["what"], needs["requests"]["fix"]) == (
        "1 request of customers",
        "orderwright requests list",
    )
    page = operator("orders", "show", name).out
    assert "withdrawal-1 of 2026-11-22" in page
    assert "the mail about the withdrawal-1" in page or "withdrawal-1 " in page
    assert not INTERNAL.search(page)
    assert (
        f"orderwright requests close '{name}' withdrawal-1 --outcome refunded" in operator("requests", "show", name).out
    )
    shop.clock.at += timedelta(days=10)
    assert "1 to be refunded by law already" in operator("status").out
    assert "1 day too late" in operator("requests", "list").out
    done = operator("requests", "close", name, "--outcome", "refunded", "--why", "sent back")
    assert (done.code, "withdrawal-1 is closed: refunded" in done.out) == (0, True)
    assert ("the store shows no refund of it yet" in done.out, "nothing more is bought" in done.out) == (True, False)
    assert "requests" not in {one["kind"] for one in operator("status", "--json").json["needs_you"]}
    assert [row["outcome"] for row in operator("requests", "list", "--state", "all", "--json").json] == ["REFUNDED"]


def test_what_cannot_be_closed_is_refused_with_a_command(shop: OrderShop) -> None:
    operator, name = operator_of(shop), buy(shop, (MS, 1))

    def refused(*words: str) -> str:
        said = operator("requests", *words, "--json")
        return str(said.json["error"]["code"])

    close = ("close", name, "--outcome", "kept")
    assert (refused("show", name), refused(*close)) == ("NO_REQUEST", "NO_REQUEST")
    send(shop, name)
    send(shop, name, RequestKind.RETURN)
    shop.run()
    assert refused(*close) == "WHICH_REQUEST"
    assert refused("close", name, "return-9", "--outcome", "kept") == "NO_REQUEST"
    assert operator("requests", "close", name, "Return-1", "--outcome", "kept").code == 0
    assert refused("close", name, "return-1", "--outcome", "kept") == "ALREADY_CLOSED"
    assert "let the rest be bought" not in operator(*("requests", *close)).out, "all of it is ordered"


@pytest.mark.parametrize("about", ["mail", "page"])
def test_a_held_order_names_the_commands_for_all_and_for_a_part(shop: OrderShop, about: str) -> None:
    name = shop.store.buy([(MS, 1)], pay="pending").name
    shop.run()
    send(shop, name)
    shop.run()
    shop.store.set_payment(shop.record(name).order_id, "PAID")
    shop.run()
    text = shop.post.alerts[-1] if about == "mail" else operator_of(shop)("orders", "show", name).out
    for line in (f"orders cancel '{name}' --in-store --refund", f"orders release '{name}' --code CUSTOMER_WITHDREW"):
        assert f"orderwright {line}" in text
    assert "let the rest be bought" in operator_of(shop)("requests", "close", name, "--outcome", "kept").out
