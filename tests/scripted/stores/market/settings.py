"""What orderwright.yaml says of a Market shop."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from orderwright.declarations import First, Question
from orderwright.domain.config_values import CurrencyCode
from orderwright.domain.connection_settings import ConfigFault, StoreSettings

_KEY = re.compile(r"mk_[a-z0-9]{4,40}")


class MarketSettings(StoreSettings):
    """A Market shop, reached with a key pair by HTTP Basic. It has no locations."""

    kind: Literal["market"]
    currency: CurrencyCode = "EUR"
    key_id: str

    def faults(self) -> Iterator[ConfigFault]:
        """See ConnectionSettings."""
        yield from super().faults()
        if not _KEY.fullmatch(self.key_id):
            yield ConfigFault(("key_id",), "is no key id of Market", "copy the one that begins with mk_")
        if self.location:
            yield ConfigFault(("location",), "is not known to Market, which has one stock", "take it out")


FIRST = First(
    """\
  {store}:
    kind: market
    base_url: {shop_url}
    key_id: {key_id}
    currency: {currency}
""",
    (
        Question("shop_url", "The address of your shop in Market", "https://lamps.market.example"),
        Question("key_id", "The id of your key pair in Market; no secret", "mk_0123abcd"),
    ),
)
