"""The vendor's own samples and signature: all are read, or refused by name; and the order samples say what they say."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from local.sandbox.wire import Response
from orderwright.connectors.reading import Node
from orderwright.connectors.stores.bigcommerce.order_mapping import parse_order
from orderwright.connectors.stores.bigcommerce.webhook import read, signature
from orderwright.domain.money import Money
from orderwright.domain.order import PaymentState
from orderwright.errors import VendorError
from orderwright.ports.connection import Subscription
from orderwright.ports.store import (
    FulfillmentRequest,
    FulfillmentView,
    OpenFulfillmentLine,
    PriceChange,
    QuantityChange,
    TrackingUpdate,
)
from orderwright.webhooks import NotUnderstood, Request, Unauthentic
from tests.contracts.kinds import stand_of
from tests.support.spec_guard import ABSENT, FOLDER
from tests.support.stand import StoreStand

SAMPLES = FOLDER / "bigcommerce"
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason=ABSENT)
USD = Money.parse("1.00", "USD")
VIEW = FulfillmentView((OpenFulfillmentLine("1", "65", "65", 1, "", True),), ())
CALLS: dict[str, Callable[[Any], object]] = {
    "account": lambda store: store.account(),
    "probe": lambda store: store.probe(),
    "changed": lambda store: store.list_changed_orders(datetime(2019, 1, 1, tzinfo=UTC), ""),
    "fulfillment": lambda store: store.read_fulfillment("1"),
    "create": lambda store: store.create_fulfillment(FulfillmentRequest("1", (("65", 1),), "T1", "UPS", ""), VIEW),
    "update": lambda store: store.update_fulfillment_tracking(TrackingUpdate("1/6", ("T1",), "UPS", ("",))),
    "variants": lambda store: store.list_variants(""),
    "find": lambda store: store.find_variants(["S-ORAN"]),
    "listings": lambda store: store.read_listings(["384", "65"], "1"),
    "publish": lambda store: store.publish_goods(StoreStand.lamp, USD, 1, "1"),
    "unpublish": lambda store: store.unpublish_goods("192", "384"),
    "quantities": lambda store: store.push_quantities([QuantityChange("v384", "1", 1, 0)], "k"),
    "prices": lambda store: store.push_prices("192", [PriceChange("384", USD)]),
    "hooks": lambda store: store.ensure_webhooks(Subscription("https://api.example.com/webhooks/1")),
    "note": lambda store: store.add_note("1", "seen"),
}


def of_order(number: str) -> dict[str, Callable[[Any], object]]:
    """Calls that ask for the very order that is answered."""
    return {
        "fetch_order": lambda store: store.fetch_order(number),
        "cancel": lambda store: store.cancel_order(number, refund=True),
    }


def loaded(name: str) -> Any:
    return json.loads((SAMPLES / "api" / name).read_bytes())


def test_whatever_the_vendor_answers_is_read_or_refused_in_words() -> None:
    stand: Any = stand_of("bigcommerce")()
    connector, refused, calls = stand.connector(), list[tuple[str, VendorError]](), dict(CALLS)
    for file in sorted((SAMPLES / "api").glob("*.json")):
        status = next(map(int, re.findall(r"__(\d{3})__", file.name)), 200)
        answer = Response(status, file.read_bytes())
        stand.handle = lambda request, told=answer: told
        stand.guard = lambda request: None
        shown = json.loads(answer.body)
        number = str(shown.get("id", 1)) if isinstance(shown, dict) else "1"
        calls |= of_order(number)
        for name, call in calls.items():
            try:
                call(connector)
            except VendorError as error:
                # Anything else that is raised is a sample that breaks the connector.
                refused.append((name, error))
    assert refused
    for name, told in refused:
        assert told.code, name
        stand.tells_nothing(told.message)


def test_every_delivery_is_understood_or_named_and_refused() -> None:
    understood, named = set(), set()
    for file in sorted([*(SAMPLES / "deliveries").iterdir(), *(SAMPLES / "webhook_callbacks").iterdir()]):
        told = json.loads(file.read_bytes())
        body = json.dumps(told.get("body", told)).encode()
        try:
            (news,) = read(signed("s", body), ["s"])
            understood.add(news.topic)
            assert news.resource in ("250", "251")
        except NotUnderstood as error:
            named.add(str(error))
    assert understood >= {
        "store/order/created", "store/order/updated", "store/order/archived", "store/order/statusUpdated",
        "store/order/refund/created", "store/order/transaction/created", "store/shipment/created",
    }  # fmt: skip
    assert all("is not used" in one for one in named)
    assert any(one.startswith("store/sku/inventory/updated: ") for one in named)


def signed(secret: str, body: bytes, stamp: str = "1767225600") -> Request:
    headers = {"webhook-id": "msg_2b", "webhook-timestamp": stamp}
    headers["webhook-signature"] = f"v1a,x {signature(secret, 'msg_2b', stamp, body)}"
    return Request("POST", "/", {}, headers, body)


def test_p7_the_vendors_signature_fits_and_covers_id_time_and_body() -> None:
    vector = json.loads((FOLDER / "signature_vectors.json").read_bytes())["bigcommerce"]
    body = vector["body"].encode()
    request = Request("POST", "/", {}, vector["headers"], body)
    (news,) = read(request, ["other", vector["client_secret"]])
    assert (news.type, news.resource, news.delivery_id) == ("order.changed", "173331", "msg_2b")
    changes = (
        {"webhook-id": "msg_3"},
        {"webhook-timestamp": "1767225601"},
        {"webhook-signature": "v1,"},
        {"webhook-id": ""},
    )
    for change in changes:
        with pytest.raises(Unauthentic):
            read(request._replace(headers={**vector["headers"], **change}), [vector["client_secret"]])
    with pytest.raises(Unauthentic):
        read(request._replace(body=body + b" "), [vector["client_secret"]])
    with pytest.raises(Unauthentic):
        read(request, ["", "x"])


def test_p13_a_discounted_line_and_its_bundled_child_are_as_the_vendors_sample_has_them() -> None:
    lines = [Node(one, "line") for one in loaded("get_orders-order-id-products__200__response.json")]
    address = {**loaded("get_orders-order-id-shipping-addresses__200__response.json")[0], "id": 51}
    told = loaded("get_orders-order-id__200__Response.json") | {"id": 149, "fees": []}
    order = parse_order(Node(told, "order"), lines, [Node(address, "address")], [], "shop")
    assert [(line.sku, line.quantity, line.requires_shipping) for line in order.lines] == [
        ("S-ORAN", 1, True),
        ("ABS", 1, True),
    ]
    assert order.lines[0].personalised, "letters to be added"
    assert order.money is not None
    assert [str(line.net) for line in order.money.lines] == ["54.40 USD", "0.00 USD"]
    assert str(order.money.lines[0].tax) == "9.24 USD"
    assert order.money.unclear, "the sample's order is another one: its sums do not close"
    assert (order.payment, order.address and order.address.province) == (PaymentState.AUTHORIZED, "Texas")
    several = [Node({**line._value, "order_address_id": 50 + index}, "line") for index, line in enumerate(lines)]
    with pytest.raises(VendorError, match="2 addresses"):
        parse_order(Node(told, "order"), several, [], [], "shop")


def test_the_samples_are_all_there() -> None:
    assert len(list(Path(SAMPLES, "api").iterdir())) > 60
