"""What orderwright.yaml says of a Shopify store."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar, Literal

from orderwright.declarations import First, Question
from orderwright.domain.connection_settings import ConfigFault, StoreSettings

_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
_SHOP = re.compile(r"[a-z0-9][a-z0-9-]*")
_API_VERSION = re.compile(r"20\d\d-(?:01|04|07|10)|unstable")


class ShopifySettings(StoreSettings):
    """A Shopify store, reached with a custom app's client credentials (tokens live 24 hours)."""

    SHOP_FIELD: ClassVar[str] = "shop_domain"

    kind: Literal["shopify"]
    shop_domain: str
    client_id: str
    api_version: str = "2026-10"
    location: str

    def faults(self) -> Iterator[ConfigFault]:
        """See ConnectionSettings."""
        yield from super().faults()
        if not _HOST.fullmatch(self.shop_domain.strip().lower()):
            fix = f"write shop_domain: {_shop(self.shop_domain)}.myshopify.com"
            yield ConfigFault(("shop_domain",), "must be the bare name of the shop's host", fix)
        if not _API_VERSION.fullmatch(self.api_version):
            fix = "write year and month, such as 2026-10; the months are 01, 04, 07, 10"
            yield ConfigFault(("api_version",), "is no version of Shopify's API", fix)


def _shop(text: str) -> str:
    """The shop's own name in an address of it, where there is one."""
    host, _, rest = text.strip().lower().rpartition("://")[2].partition("/")
    named = rest.removeprefix("store/").partition("/")[0] if host == "admin.shopify.com" else host.split(".")[0]
    return named if _SHOP.fullmatch(named) and "@" not in text else "my-shop"


FIRST = First(
    """\
  {store}:
    kind: shopify
    base_url: {store_url}
    shop_domain: {shop_domain}
    client_id: {client_id}
    location: {location}   # Orderwright owns the stock of this location
    currency: {currency}
    store_mails: [CONFIRMED]    # what the store mails itself, so that we do not
""",
    (
        Question("shop_domain", "The store's own domain at its vendor, without https://", "trail-lights.myshopify.com",
                 host=True),
        Question("client_id", "The client id of your custom app in the store; no secret", "0123456789abcdef0123456789abcdef"),
        Question("location", "The location whose stock Orderwright may set; use one of its own", "Orderwright dropship"),
    ),
)  # fmt: skip
