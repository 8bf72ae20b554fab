"""Customers' pages at the command line: opened by apply, watched by doctor, their links for a helpdesk (R52, promise P8)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from orderwright.domain.tracking_page import ShopFace
from orderwright.records import ORDERS, SHOP_FACE
from orderwright.tracking_links import PARAMETER, TrackingLinks
from orderwright.usecases.order_summary import quiet_put
from tests.support.shop import PREFIX, Shop
from tests.unit.cli.cli_kit import API, Operator

DAY = 86400


def links(shop: Shop) -> TrackingLinks:
    return TrackingLinks.of(shop.wiring.secrets.read(*PARAMETER, fresh=True))


def without_pages(shop: Shop) -> None:
    """As a version of before there were pages left it."""
    shop.aws.client("ssm").delete_parameter(Name="/".join((PREFIX, *PARAMETER)))
    key = {"pk": {"S": SHOP_FACE.pk}, "sk": {"S": SHOP_FACE.sk}}
    shop.aws.client("dynamodb").delete_item(TableName=ORDERS, Key=key)
    shop.wiring = shop.new_worker()


def check(operator: Operator) -> dict[str, Any]:
    return next(one for one in operator("doctor", "--json").json if one["name"] == "customers' pages")


def changed(shop: Shop, name: str, **fields: object) -> None:
    file = shop.order(name)
    after = file.record.model.model_copy(update=fields)
    shop.wiring.storage.commit([quiet_put(file.pk, after, file.record.version)])


def test_apply_opens_the_pages_of_an_older_stack_though_nothing_else_changed(
    shop: Shop, operator: Operator, tmp_path: Path
) -> None:
    without_pages(shop)
    operator.wiring = shop.wiring
    found = check(operator)
    assert (found["state"], found["fix"]) == ("wrong", "orderwright apply orderwright.yaml")
    file = tmp_path / "orderwright.yaml"
    file.write_text(operator("export").out, "utf-8")
    said = operator("apply", str(file))
    assert f"mails link to a page where customers follow their order, below {API}/track\n" in said.out
    keys, face = links(shop).keys, shop.wiring.storage.get(SHOP_FACE, ShopFace)
    assert (len(keys), face.model.name if face else "") == (1, "Nordlight")
    assert check(operator)["state"] == "ok"
    assert "mails link" not in operator("apply", str(file)).out
    own = "\n  tracking: {address: 'https://parcels.example.com'}\n"
    text = file.read_text("utf-8")
    file.write_text(
        text.replace("\nrules:\n", f"\nrules:{own}")
        if "tracking:" not in text
        else text.replace("address: ''", "address: https://parcels.example.com"),
        "utf-8",
    )
    operator("apply", str(file), "--yes")
    assert links(shop) == TrackingLinks("https://parcels.example.com/track", keys), (
        "the same key: links stay what they are"
    )
    assert check(operator)["state"] == "ok"
    shop.wiring.secrets.write(*PARAMETER, {"url": "https://old.example.com/track", "keys": list(keys)})
    assert "links begin with https://old.example.com/track" in check(operator)["told"]


def test_a_new_key_is_for_new_orders_and_the_links_of_before_stay(shop: Shop, operator: Operator) -> None:
    order = shop.store.buy([("HL-MS-400", 1)])
    shop.run()
    before = operator("orders", "link", order.name, "--json").json
    assert operator("tracking", "new-key", "--json").json == {"keys_kept": 1}
    shop.wiring = operator.wiring = shop.new_worker()
    later = shop.store.buy([("HL-MS-400", 1)])
    shop.run()
    assert operator("orders", "link", order.name, "--json").json == before
    record = shop.order(later.name).record.model
    assert record.link_mark == links(shop).mark(shop.order(later.name).pk)
    said = [operator("tracking", "new-key").out for _ in range(5)][-1]
    assert "links of before stay valid" in said
    assert len(links(shop).keys) == 5
    shop.wiring = operator.wiring = shop.new_worker()
    gone = operator("orders", "link", order.name, "--json")
    assert (gone.code, gone.json["error"]["code"]) == (1, "KEY_GONE")
    without_pages(shop)
    operator.wiring = shop.wiring
    assert operator("tracking", "new-key", "--json").json["error"]["code"] == "NO_TRACKING_KEY"


def test_the_link_is_shown_to_who_asks_for_it_and_nobody_else(shop: Shop, operator: Operator) -> None:
    order = shop.store.buy([("HL-MS-400", 1)])
    shop.run()
    said = operator("orders", "link", order.name)
    link = links(shop).link(shop.order(order.name).pk, shop.order(order.name).record.model.link_mark)
    assert said.out.startswith(f"{link}\n")
    assert "who has it sees the page" in said.out
    found = operator("orders", "link", order.name, "--json").json
    assert (found["link"], found["order"], found["ends_at"]) == (link, order.name, None)
    changed(shop, order.name, asked=2)
    page, data = (
        operator("orders", "show", order.name, "--personal").out,
        operator("orders", "show", order.name, "--json"),
    )
    since = shop.order(order.name).record.model.linked_at
    assert f"the customer has a page since {since:%Y-%m-%d %H:%M}, and asked 2 times there where it is" in page
    assert data.json["customer_page"]["asked_where"] == 2
    for secret in (link.rpartition("/")[2], shop.order(order.name).record.model.link_mark):
        assert secret not in page + data.out


def test_a_link_that_ended_is_not_given_out_again(shop: Shop, operator: Operator) -> None:
    order = shop.store.buy([("HL-MS-400", 1)])
    shop.run()
    parcel = shop.supplier.ship(shop.paid_orders(order.name)[0].reference)
    shop.run()
    shop.carrier.scan(parcel.tracking_number, "delivered", "delivered")
    shop.run()
    assert operator("orders", "link", order.name, "--json").json["ends_at"][:10] == "2026-12-22"
    shop.clock.advance(31 * DAY)
    said = operator("orders", "link", order.name, "--json")
    assert (said.code, said.json["error"]["code"]) == (1, "LINK_ENDED")


@pytest.mark.parametrize(
    ("fields", "code"), [({"link_mark": ""}, "NO_CUSTOMER_PAGE"), ({"erased_at": "now"}, "ERASED")]
)
def test_an_order_without_a_page_says_why(shop: Shop, operator: Operator, fields: dict[str, Any], code: str) -> None:
    order = shop.store.buy([("HL-MS-400", 1)])
    shop.run()
    changed(shop, order.name, **{name: shop.clock.now() if value == "now" else value for name, value in fields.items()})
    said = operator("orders", "link", order.name, "--json")
    assert (said.code, said.json["error"]["code"]) == (1, code)
