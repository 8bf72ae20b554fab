"""What the vendor's own samples say, beyond that they can be read (tests/contracts/store): lines, deliveries."""

from __future__ import annotations

import json
from typing import Any

import pytest

from orderwright.connectors.reading import Node
from orderwright.connectors.stores.bigcommerce.order_mapping import parse_order
from orderwright.connectors.stores.bigcommerce.webhook import read, signature
from orderwright.domain.order import PaymentState
from orderwright.errors import VendorError
from orderwright.webhooks import NotUnderstood, Request, Unauthentic
from tests.support.spec_guard import ABSENT, FOLDER

SAMPLES = FOLDER / "bigcommerce"
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason=ABSENT)


def loaded(name: str) -> Any:
    return json.loads((SAMPLES / "api" / name).read_bytes())


def signed(secret: str, body: bytes) -> Request:
    headers = {"webhook-id": "msg_2b", "webhook-timestamp": "1767225600"}
    headers["webhook-signature"] = f"v1a,x {signature(secret, 'msg_2b', '1767225600', body)}"
    return Request("POST", "/", {}, headers, body)


def test_deliveries_of_orders_and_shipments_name_the_order_and_the_others_are_refused_by_scope() -> None:
    understood, named = set(), set()
    for file in sorted([*(SAMPLES / "deliveries").iterdir(), *(SAMPLES / "webhook_callbacks").iterdir()]):
        told = json.loads(file.read_bytes())
        try:
            (news,) = read(signed("s", json.dumps(told.get("body", told)).encode()), ["s"])
            understood.add((news.topic, news.resource))
        except NotUnderstood as error:
            named.add(str(error))
    orders = [f"store/order/{event}" for event in ("created", "updated", "archived", "statusUpdated", "refund/created")]
    assert understood >= {*((scope, "250") for scope in orders), ("store/shipment/created", "251")}
    assert all("is not used" in one for one in named)


def test_p7_id_time_and_body_are_signed() -> None:
    request = signed("s", b"{}")
    for change in ({"webhook-id": "msg_3"}, {"webhook-timestamp": "1767225601"}, {"webhook-signature": "v1,"}):
        with pytest.raises(Unauthentic):
            read(request._replace(headers={**request.headers, **change}), ["s"])
    for other in (request._replace(body=b"{} "), request._replace(headers={})):
        with pytest.raises(Unauthentic):
            read(other, ["", "s"])


def test_p13_a_discounted_line_and_its_bundled_child_are_as_the_vendors_sample_has_them() -> None:
    rows = loaded("get_orders-order-id-products__200__response.json")
    address = {**loaded("get_orders-order-id-shipping-addresses__200__response.json")[0], "id": 51}
    told = Node(loaded("get_orders-order-id__200__Response.json") | {"fees": []}, "order")
    order = parse_order(told, [Node(one, "line") for one in rows], [Node(address, "address")], [], "shop")
    assert [(one.sku, one.quantity, one.requires_shipping) for one in order.lines] == [
        ("S-ORAN", 1, True),
        ("ABS", 1, True),
    ]
    assert (order.lines[0].personalised, order.lines[0].variant_title) == (
        True,
        "S / Orange / Yes / Able Brewing System",
    )
    assert order.money is not None
    assert [(str(one.net), str(one.tax)) for one in order.money.lines] == [
        ("54.40 USD", "9.24 USD"),
        ("0.00 USD", "0.00 USD"),
    ]
    assert order.money.unclear, "the sample's order is another one: its sums do not close"
    assert (order.payment, order.address and order.address.province) == (PaymentState.AUTHORIZED, "Texas")
    several = [Node({**one, "order_address_id": 50 + number}, "line") for number, one in enumerate(rows)]
    with pytest.raises(VendorError, match="2 addresses"):
        parse_order(told, several, [], [], "shop")
