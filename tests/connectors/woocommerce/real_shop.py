"""A real WooCommerce for test_real_woocommerce.py, by its own API, and what was made in it."""

from __future__ import annotations

import base64
import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from orderwright.bootstrap_connectors import builder
from orderwright.connectors.context import Context
from orderwright.connectors.http import requests_transport
from orderwright.domain.catalogue import SkuRecord
from orderwright.domain.connection_settings import settings_of
from orderwright.domain.money import Money
from orderwright.ports.store import VariantView
from tests.support.stand import BUYER, EMAIL, PHONE, Keys

KIND, SIGNING = "woocommerce", "0123456789abcdef0123456789abcdef"
BASE, KEY, SECRET, GATEWAY, PORT = (
    os.environ.get(f"ORDERWRIGHT_WOOCOMMERCE{name}", "") for name in ("", "_KEY", "_SECRET", "_GATEWAY", "_PORT")
)


class SystemClock:
    """Now."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class Shop:
    """Goods are called by their last part: `A` is the SKU <name of this run>-A."""

    def __init__(self) -> None:
        self.http, self.made = requests_transport("local"), dict[str, None]()
        self.name = f"ow-{int(time.time())}"
        self.currency: str = self.rest("GET", "settings/general/woocommerce_currency")["value"]
        self.store = self.connector()

    def rest(self, method: str, path: str, body: Any = None) -> Any:
        """One call. Orders and products that it makes are deleted at the end."""
        headers = {
            "authorization": f"Basic {base64.b64encode(f'{KEY}:{SECRET}'.encode()).decode()}",
            "content-type": "application/json",
        }
        sent = None if body is None else json.dumps(body).encode()
        answer = self.http(method, f"{BASE}/wp-json/wc/v3/{path}", headers, sent, 30)
        assert answer.status < 300, f"{method} {path}: {answer.status} {answer.body[:300]!r}"
        data = answer.json()
        if method == "POST" and path in ("orders", "products"):
            self.made[f"{path}/{data['id']}"] = None
        return data

    def connector(self, secret: str = SECRET, **lines: Any) -> Any:
        """One worker's connector."""
        keys = Keys(None, None, consumer_key=KEY, consumer_secret=secret, webhook_secret=SIGNING)
        settings = settings_of(KIND).model_validate(
            {"kind": KIND, "base_url": BASE, "currency": self.currency, **lines}
        )
        return builder(KIND)(Context("shop-1", settings, keys, self.http, SystemClock(), timedelta(seconds=20)))

    def money(self, text: str) -> Money:
        return Money.parse(text, self.currency)

    def publish(self, name: str, units: int = 5, price: str = "12.40", **more: Any) -> VariantView:
        """Put it on sale through the connector."""
        sku = SkuRecord(sku=f"{self.name}-{name}", title=f"Lamp & {name}", weight_grams=250, **more)
        view: VariantView = self.store.publish_goods(sku, self.money(price), units, self.store.find_location(""))
        shown = self.shown(name)
        self.made[f"products/{shown['parent_id'] or shown['id']}"] = None
        return view

    def shown(self, name: str) -> dict[str, Any]:
        """The product or variation, as the shop has it."""
        (found,) = self.rest("GET", f"products?sku={self.name}-{name}")
        return dict(found)

    def order(self, name: str, units: int = 1, **more: Any) -> dict[str, Any]:
        """An order of BUYER's; paid for where nothing else is said."""
        first, _, last = BUYER.name.partition(" ")
        to = {
            "first_name": first, "last_name": last, "address_1": BUYER.line1, "city": BUYER.city,
            "postcode": BUYER.postcode, "country": BUYER.country_code, "phone": PHONE,
        }  # fmt: skip
        made: dict[str, Any] = self.rest("POST", "orders", {
            "payment_method": GATEWAY or "bacs", "set_paid": True, "billing": {**to, "email": EMAIL}, "shipping": to,
            "line_items": [{"product_id": self.shown(name)["id"], "quantity": units}], **more,
        })  # fmt: skip
        return made

    def leave(self) -> None:
        """As it was found."""
        for path in reversed(self.made):
            self.rest("DELETE", f"{path}?force=true")


@contextmanager
def listening() -> Iterator[list[tuple[dict[str, str], bytes]]]:
    """What is posted to the port meanwhile: headers in lower case, and the body."""
    came: list[tuple[dict[str, str], bytes]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            came.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server = HTTPServer(("127.0.0.1", int(PORT)), Receiver)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield came
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
