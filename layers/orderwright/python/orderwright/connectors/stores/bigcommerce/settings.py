"""What orderwright.yaml says of a BigCommerce store."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar, Literal

from pydantic import Field

from orderwright.declarations import First, Question
from orderwright.domain.config_values import Url
from orderwright.domain.connection_settings import ConfigFault, StoreSettings

_HASH = re.compile(r"[a-z0-9]{4,30}")


class BigCommerceSettings(StoreSettings):
    """A BigCommerce store, reached with a store-level API account. Recording a parcel makes BigCommerce mail the customer."""

    SHOP_FIELD: ClassVar[str] = "store_hash"

    kind: Literal["bigcommerce"]
    base_url: Url = "https://api.bigcommerce.com"
    store_hash: str
    location: str = Field(
        default="", description="the inventory location that Orderwright sets; empty: the default one"
    )
    channel_id: int | None = Field(
        default=None, ge=1, description="only orders of this channel, and articles are shown there; empty: all channels"
    )
    paid_methods: tuple[str, ...] = Field(
        default=(),
        description="payment methods without a payment state, such as Bank Deposit, whose orders count as paid once the"
        " store calls them Awaiting Fulfillment or further",
    )
    store_mails: tuple[Literal["CONFIRMED", "SHIPPED", "DELIVERED"], ...] = Field(
        default=("CONFIRMED", "SHIPPED"), description="what the store itself mails, so that we do not"
    )

    def faults(self) -> Iterator[ConfigFault]:
        """See ConnectionSettings."""
        yield from super().faults()
        if not _HASH.fullmatch(self.store_hash):
            fix = "write what follows store- in the address of your control panel, such as abc123"
            yield ConfigFault(("store_hash",), "is no hash of a store", fix)
        if self.fulfilled_on == "ACCEPTANCE" and "SHIPPED" in self.store_mails:
            fix = "switch its mails for shipped orders off, and take SHIPPED out of store_mails; or write TRACKING"
            yield ConfigFault(("fulfilled_on",), "makes the store mail that it is shipped before it is", fix)


FIRST = First(
    """\
  {store}:
    kind: bigcommerce
    base_url: https://api.bigcommerce.com
    store_hash: {store_hash}
    currency: {currency}
    store_mails: [CONFIRMED, SHIPPED]    # what the store mails itself, so that we do not
""",
    (Question("store_hash", "The hash of your store: what follows store- in its control panel's address", "abc123"),),
)
