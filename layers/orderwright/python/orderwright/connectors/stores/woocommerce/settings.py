"""What orderwright.yaml says of a WooCommerce shop."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from orderwright.declarations import First, Question
from orderwright.domain.connection_settings import ConfigFault, StoreSettings

CORE_STATUSES = frozenset(
    {"pending", "failed", "on-hold", "processing", "completed", "cancelled", "refunded"}
    | {"trash", "checkout-draft", "auto-draft", "draft", "new"}
)


class WooSettings(StoreSettings):
    """A WooCommerce shop, reached with the REST keys of one of its users. It has one stock, and no locations."""

    kind: Literal["woocommerce"]
    paid_without_date: tuple[str, ...] = Field(
        default=(),
        description="payment methods, such as cod, whose orders are bought though the shop has no date of payment: "
        "with cash on delivery nobody has paid yet, so without this such an order waits",
    )
    statuses: dict[str, Literal["PAID", "PENDING", "AUTHORIZED", "DISPUTED", "VOIDED"]] = Field(
        default_factory=dict,
        description="what an order status of a plugin says of the payment; an order in one that is not here is held",
    )
    complete_orders: bool = Field(
        default=False, description="set an order to completed once every line left; the shop then mails the buyer"
    )

    def faults(self) -> Iterator[ConfigFault]:
        """See ConnectionSettings."""
        yield from super().faults()
        if self.location:
            yield ConfigFault(("location",), "is not known to WooCommerce, which has one stock", "take it out")
        if "?" in self.base_url or "/wp-json" in self.base_url:
            fix = "write the address of its home page, such as https://shop.example.com"
            yield ConfigFault(("base_url",), "must be the shop's home", fix)
        for status in filter(lambda name: name.startswith("wc-"), self.statuses):
            yield ConfigFault(("statuses", status), "is not how the API spells it", f"write {status[3:]}")
        for status in sorted(CORE_STATUSES.intersection(self.statuses)):
            yield ConfigFault(("statuses", status), "is WooCommerce's own, and known here", "take it out")


FIRST = First(
    """\
  {store}:
    kind: woocommerce
    base_url: {shop_url}
    currency: {currency}
    store_mails: [CONFIRMED]    # what the shop mails itself, so that we do not
""",
    (Question("shop_url", "The address of your shop's home page, with https://", "https://shop.example.com"),),
)
