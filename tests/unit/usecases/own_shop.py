"""An order shop that has a warehouse of its own before the demo's supplier; its shelf is counted by the tests themselves."""

from __future__ import annotations

from typing import Any

from orderwright.domain.catalogue import Offer
from orderwright.domain.connection_settings import settings_of
from orderwright.domain.routing_rules import RoutingRules
from orderwright.messages import Message
from orderwright.records import offer_key
from tests.support.shop import STORE, SUPPLIER, Boundary, test_config
from tests.unit.cli.cli_kit import Said, operator_of
from tests.unit.usecases.order_shop import OrderShop, buy

HERE, SKU, SECOND = "warehouse", "HL-MS-400", "HL-UL-300"
NUMBER, OTHER_NUMBER = "RR123456785FI", "RR123456799FI"


class OwnShop(OrderShop):
    """`on_hand`: pieces by SKU received at the beginning; `reroute`: its rules; `settings`: of the warehouse."""

    others = {HERE: ("in_house", "")}

    def __init__(
        self, on_hand: dict[str, int] | None = None, reroute: dict[str, object] | None = None, **settings: object
    ) -> None:
        kind = settings_of("in_house").model_validate({"kind": "in_house", "parcel_cost": "4.20", **settings})
        config = test_config()
        routing = RoutingRules.model_validate({"reroute": reroute or {}})
        rules = config.rules.model_copy(update={"supplier_priority": (HERE, SUPPLIER), "routing": routing})
        own = {**config.connections, HERE: kind}
        super().__init__(config.model_copy(update={"connections": own, "rules": rules}))
        self.connect()
        self.stock_up()
        for sku, units in (on_hand or {}).items():
            self.get_in(f"{sku}={units}@5.00")

    def ask(self, *words: str, stdin: str = "") -> Said:
        """The operator types `orderwright warehouse ...`."""
        return operator_of(self)("warehouse", *words, stdin=stdin)

    def did(self, *words: str, stdin: str = "") -> Any:
        """The same, and it worked: its answer."""
        said = self.ask(*words, "--json", stdin=stdin)
        assert said.code == 0, said.out
        return said.json

    def get_in(self, *goods: str) -> str:
        """Goods come, are looked at and booked, and what follows happens; gives the receipt's number."""
        number = self.book(*goods)
        self.run()
        return number

    def book(self, *goods: str) -> str:
        """Goods come, are looked at and booked."""
        number: str = self.did("receive", HERE, *goods)["number"]
        self.did("inspect", number)
        self.clock.advance(1)  # what comes in the very moment of a count is in the count
        self.did("confirm", number)
        return number

    def shelf(self, sku: str = SKU) -> Offer:
        """The offer as it is kept."""
        held = self.wiring.storage.get(offer_key(sku, HERE), Offer)
        assert held is not None
        return held.model

    def figures(self, sku: str = SKU) -> tuple[int, int, int]:
        """Pieces on the shelf, reserved, and for sale."""
        offer = self.shelf(sku)
        assert offer.sellable == offer.stock - offer.buffer - sum(offer.open.values()), "promise P3's sum"
        return offer.stock, sum(offer.open.values()), offer.sellable

    def scan(self, name: str, number: str = NUMBER, *parts: str) -> str:
        """A parcel of an order is scanned; gives the result. Nothing moves yet."""
        (po,) = (po for po in self.purchase_orders(name) if po.supplier == HERE)
        said = self.ask("ship", "-", "--json", stdin="\t".join((po.reference, number, *parts)))
        result: str = said.json[0]["result"]
        return result

    def visit(self, name: str, boundary: Boundary | None = None) -> None:
        """update_tracking looks at the order's purchase order here."""
        file = self.order(name)
        (sk,) = (sk for sk in file.purchase_orders if sk.startswith(f"PO#{HERE}#"))
        message = Message("tracking.due", "m-1", "now", connection=STORE, pk=file.pk, sk=sk)
        self.call("update_tracking", message.to_json(), boundary)


def bought_here(shop: OwnShop, units: int = 2) -> str:
    """An order of which the warehouse sends all; its name."""
    name = buy(shop, (SKU, units))
    (po,) = shop.purchase_orders(name)
    assert (po.supplier, po.state.value) == (HERE, "PLACED")
    return name
