"""The stand-in answers as a real WooCommerce 11.0.1 did: recorded requests are played, and status, code and keys compared.

Only those whose outcome does not depend on what else was in that shop. Ids are put into those of the stand-in: what is under
an id is an order with four units of a cup and one of a lamp, or one of these goods; 99999999 is nothing in both.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from local.sandbox.kit.money import TaxRule
from local.sandbox.wire import Request, World
from local.sandbox.woocommerce import WooConfig, WooStore
from tests.contracts.sandbox_kit import CONTRACTS

RECORDED = CONTRACTS / "woocommerce" / "recorded_11.0.1"
# The stand-in refuses names in a body that the real shop ignores.
CLOSED = "price_on_variable|price_read_only|price_comma_in|stock_status_only|stock_zero_backorders_not|unknown_field"
NAMES = (
    "errors_(?!json_body|401_read)", "fulfillments_(create|put)_", "fulfillments_(feature_off|list|list_empty|unknown_order)$",
    "orders_get_(after_(edits|full|fulfillments|force|money|privacy|unit)|cod)", "orders_list_(?!include)",
    "orders_modified_after_", "orders_put_(pending|status)_", "orders_notes_(create|list)",
    "refunds_create_(?!gateway_fails|units_param)", "refunds_list_(units|unknown)", "products_(batch_(?!create)|create_|get_)",
    f"products_put_(?!{CLOSED})", "variations_(?!list_over|create)", "settings_get_(currency|prices)",
    "webhooks_(create_(bad|no|order|topic)|delete|list)", "shipment_tracking_plugin_absent",
)  # fmt: skip
NOTHING = {99999999, 99999998}
GOODS = {12: "OW-CUP-01", 13: "OW-LAMP-02", 101: "OW-SHIRT-S", 102: "OW-SHIRT-M", 103: "OW-SHIRT-L", 100: "OW-SHIRT"}
PAYMENTS = {"refunds_create_no_gateway": "", "refunds_create_gateway_without_refunds": "bacs"}


def names() -> list[str]:
    """The recordings that are played; a name that says it where the folder is not there."""
    found = [one.stem for one in sorted(RECORDED.glob("*.json")) if any(re.match(name, one.stem) for name in NAMES)]
    return found or ["no recordings"]


class Played:
    """A shop with what one recording needs."""

    def __init__(self, name: str) -> None:
        self.name, self.told = name, json.loads((RECORDED / f"{name}.json").read_text("utf-8"))
        off = "feature_off" in name
        self.store = WooStore(World(), WooConfig(fulfillments=not off), goods=())
        self.store.taxes["FI"] = TaxRule(Decimal("25.5"))
        simple = self.store.shelve(["OW-CUP-01", "OW-LAMP-02"])
        made = {
            one.sku: one
            for one in [*simple, *self.store.shelve(["OW-SHIRT-S", "OW-SHIRT-M", "OW-SHIRT-L"], together=True)]
        }
        (parent,) = self.store.catalogue.parents.values()
        parent.sku = "" if "create_variable" in name else "OW-SHIRT"
        parent.stock, made["OW-SHIRT"] = 30, parent
        made["OW-SHIRT-S"].stock = made["OW-SHIRT-L"].stock = None
        if "unmanaged" in name:
            made["OW-CUP-01"].stock = None
        self.ids = {number: made[sku].number for number, sku in GOODS.items()}
        extra = {"method": PAYMENTS[name]} if name in PAYMENTS else {}
        simple[0].price, simple[1].price = Decimal("12.90"), Decimal("49.50")
        order = self.store.buy([("OW-CUP-01", 4), ("OW-LAMP-02", 1)], shipping_price=Decimal("8.66"), extra=extra)
        self.order, self.lines = order.number, [*(line.number for line in order.lines), order.number * 10]
        if name.startswith(("orders_get_after", "refunds_list")):
            self.store.refund(order.number, [("OW-CUP-01", 1)])
        if "on_refunded" in name:
            self.store.refund_money(order.number, order.received - order.refunded)
        if "trash" in name:
            self.store.trash(order.number)
        if "checkout_draft" in name:
            order.extra["status"] = "checkout-draft"

    def call(self, method: str, path: str, query: Any = None, body: Any = None) -> tuple[int, Any]:
        """One request with the keys."""
        keys = {"wrong_secret": "ck_sandbox:no", "empty_basic": ":", "no_key": ""}
        pair = next((pair for word, pair in keys.items() if self.name.endswith(word)), "ck_sandbox:cs_sandbox")
        headers = {"authorization": f"Basic {b64encode(pair.encode()).decode()}", "content-type": "application/json"}
        asked = {name: str(value) for name, value in (query or {}).items()}
        if isinstance(body, str):
            headers, body = {**headers, "content-type": "application/x-www-form-urlencoded"}, body.encode()
        content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = self.store.handle(Request(method, path, asked, headers, content))
        return answer.status, json.loads(answer.body)

    def play(self) -> tuple[int, Any]:
        """The recorded request with the ids of here."""
        asked, lines = self.told["request"], iter(self.lines)

        def own(value: Any, key: str = "") -> Any:
            if isinstance(value, dict):
                return {name: own(one, name) for name, one in value.items()}
            if isinstance(value, list):
                return [own(one, key) for one in value]
            if key in ("id", "item_id") and type(value) is int and value not in NOTHING and value > 5:
                self.ids[value] = self.ids.get(value) or next(lines)
            return self.ids.get(value, value) if key in ("id", "item_id") and type(value) is int else value

        path = re.sub(
            r"/(products|variations)/(\d+)", lambda at: f"/{at[1]}/{self.ids.get(int(at[2]), at[2])}", asked["path"]
        )
        if (
            "id_is" not in self.name
            and "unknown" not in self.name.split("_orders")[0][-8:]
            and "after_force" not in self.name
        ):
            path = re.sub(r"/orders/(?!99999|0\b)\d+", f"/orders/{self.order}", path)
        if "fulfillments/" in path:
            made = {
                "status": "fulfilled",
                "meta_data": [{"key": "_items", "value": [{"item_id": self.lines[0], "qty": 1}]}],
            }
            path = re.sub(r"s/\d+$", f"s/{self.call('POST', path.rpartition('/')[0], {}, made)[1]['id']}", path)
        elif self.name == "fulfillments_list":
            made = {
                "status": "fulfilled",
                "meta_data": [{"key": "_items", "value": [{"item_id": self.lines[0], "qty": 1}]}],
            }
            self.call("POST", path, {}, made)
        if "notes_list" in self.name:
            self.call("POST", path, {}, {"note": "Sent", "customer_note": True})
        if path.startswith("/wp-json/wc/v3/webhooks") and asked["method"] != "POST":
            hook = {"topic": "order.created", "delivery_url": "https://api.example.com/webhooks/1"}
            path = f"/wp-json/wc/v3/webhooks/{self.call('POST', '/wp-json/wc/v3/webhooks', {}, hook)[1]['id']}"
            path = path.rpartition("/")[0] if "list" in self.name else path
        return self.call(asked["method"], path, asked["query"], own(asked["body"]))


def differ(ours: Any, theirs: Any, at: str = "") -> Iterator[str]:
    """Where keys differ. Of lists the first entries are compared."""
    if isinstance(ours, list) and isinstance(theirs, list) and ours and theirs:
        yield from differ(ours[0], theirs[0], f"{at}[0]")
    if not isinstance(ours, dict) or not isinstance(theirs, dict):
        return
    if ours.keys() != theirs.keys():
        yield f"{at}: only here {sorted(ours.keys() - theirs.keys())}, only there {sorted(theirs.keys() - ours.keys())}"
    for name in ours.keys() & theirs.keys():
        yield from differ(ours[name], theirs[name], f"{at}.{name}")


@pytest.mark.parametrize("name", names())
def test_a_recorded_request_is_answered_as_the_real_shop_did(name: str) -> None:
    if not RECORDED.is_dir():
        pytest.skip("the vendors' contracts are not on this machine: set ORDERWRIGHT_CONTRACTS")
    played = Played(name)
    status, ours = played.play()
    there, theirs = played.told["response"]["status"], played.told["response"]["body"]
    assert status == there, ours
    if isinstance(theirs, dict) and "code" in theirs:
        assert (ours["code"], ours["data"]["status"] if isinstance(ours["data"], dict) else ours["data"]) == (
            theirs["code"], theirs["data"]["status"] if isinstance(theirs["data"], dict) else theirs["data"],
        )  # fmt: skip
    if not name.startswith("settings"):
        assert list(differ(ours, theirs)) == []
