"""A whole shop with two stores: the demo's, and a Market shop beside it, sold from the same supplier."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from local.sandbox.cj.catalogue import variant_sku
from local.sandbox.goods import GOODS
from local.sandbox.kit.orders import Order
from local.sandbox.kit.people import Address, Buyer
from orderwright import registry
from orderwright.domain.config import Config
from orderwright.messages import Message
from tests.scripted.stores.market.sandbox import KIND, MarketStore
from tests.support.shop import FEED, SUPPLIER, Shop, test_config

NAME, URL, SECRETS = "market-shop", f"https://{KIND}.test", {"api_secret": "ms_sandbox", "webhook_secret": "whs-1"}
SETTINGS = {"kind": KIND, "base_url": URL, "key_id": "mk_sandbox"}


@contextmanager
def registered() -> Iterator[None]:
    """The kind's one line in the registry, for as long as a test runs."""
    registry.CONNECTORS[KIND] = "tests.scripted.stores.market"
    try:
        yield
    finally:
        del registry.CONNECTORS[KIND]


def two_store_config(**market: Any) -> Config:
    """The demo's configuration with a second store, and what the second currency needs."""
    plain = test_config().model_dump(mode="json")
    plain["connections"][NAME] = {**SETTINGS, **market}
    plain["connections"][SUPPLIER]["goods"] = {variant_sku(good): good.sku for good in GOODS}
    del plain["connections"][FEED]
    plain["rules"]["fx"] = [{"currency": "EUR", "rate": "1.10", "dated": "2026-11-20"}]
    return Config.model_validate(plain)


class TwoStores(Shop):
    """`market` is the second store's stand-in. It is connected by `connect`, and nothing is set up for it here."""

    market: MarketStore

    def __init__(self) -> None:
        super().__init__(two_store_config())

    def _set_up(self) -> None:
        self.market = MarketStore(self.world, goods=())
        self.vendors[URL] = self.market
        self.wiring = self.new_worker()
        super()._set_up()

    def open(self) -> TwoStores:
        """Connect both stores and all else, and import the goods into both."""
        from tests.unit.cli.cli_kit import operator_of

        self.connect()
        for name, secrets in ((SUPPLIER, {"api_key": self.supplier.config.api_key}), (NAME, SECRETS)):
            said = operator_of(self)("connect", name, stdin=json.dumps(secrets))
            assert said.code == 0, said.out + said.err
        for kind in ("catalogue.import_due", "stock.poll_due"):
            self.send(kind, SUPPLIER)
            self.run()
        assert [good.sku for good in GOODS if good.sku not in {one.sku for one in self.market.shelf()}] == []
        return self

    def send(self, kind: str, connection: str) -> None:
        """One message, as a schedule sends it."""
        message = Message(kind, f"test#{kind}", "now", connection=connection)
        self.queues[message.queue].append(message.to_json())

    def bought(self, pieces: int = 1, sku: str = "HL-MS-400") -> Order:
        """A buyer orders in the second store, and all happens that happens at once."""
        order = self.market.buy([(sku, pieces)], Buyer(), Address())
        self.run()
        return order

    def file(self, order: Order) -> Any:
        """Our file of an order of the second store."""
        return self.wiring.storage.load_order(f"{NAME}#{order.number}")
