"""What the shop of `make run` and `make demo` is made of: its connections, and their `orderwright.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import yaml

from local.sandbox.cj.catalogue import variant_sku
from local.sandbox.factory import ADDRESS
from local.sandbox.goods import GOODS, MADE
from local.sandbox.kit.vendor import Account
from orderwright.declarations import Role
from orderwright.domain.connection_settings import settings_of
from orderwright.registry import declaration

STORE, BLOG, MARKET = "lamp-shop", "lamp-blog", "lamp-outlet"
SUPPLIER, FEED, CARRIER, COMPETITORS = "cj", "stock-file", "easypost", "competitors"
FACTORY, WAREHOUSE = "factory", "warehouse"


@dataclass(frozen=True)
class Connected:
    """One connection: its kind, and what its lines hold beside what the account itself says. `vendor` is who plays it in the
    sandbox, where that is not the kind; people who read mails, and one's own warehouse, have no account there."""

    kind: str
    lines: Mapping[str, Any] = field(default_factory=dict)
    vendor: str = ""

    @property
    def played_by(self) -> str:
        """The sandbox's vendor."""
        return self.vendor or self.kind


def variant_skus() -> dict[str, str]:
    """The supplier's SKU of each article, and ours."""
    return {variant_sku(good): good.sku for good in GOODS}


def made_goods(today: str) -> dict[str, Any]:
    """What the maker sells, by its own SKU: the file describes it whole, so that it needs no catalogue (see GOODS and MADE)."""
    return {
        good.maker_sku: {
            "sku": good.sku,
            "title": good.title,
            "description": good.description_html,
            "images": [good.image_url],
            "cost": usd(f"{good.cost}"),
            "freight": usd(f"{good.freight}"),
            "stock": "always" if good.stock is None else {"units": good.stock, "as_of": today},
        }
        for good in MADE
    }


def usd(amount: str) -> dict[str, str]:
    """An amount as the file writes it."""
    return {"amount": amount, "currency": "USD"}


CONNECTIONS = {
    STORE: Connected("shopify", {"location": "Orderwright dropship", "store_mails": []}),
    BLOG: Connected("woocommerce", {"store_mails": []}),
    MARKET: Connected("bigcommerce", {"location": "Orderwright dropship", "store_mails": []}),
    SUPPLIER: Connected("cj", {"goods": variant_skus(), "poll_stock": False}),
    FACTORY: Connected(
        "email", {"orders_to": ADDRESS, "goods": made_goods(datetime.now(UTC).date().isoformat()), "from_country": "DE"}
    ),
    WAREHOUSE: Connected("in_house", {"parcel_cost": "2.10"}),
    FEED: Connected("csv", {"offers_of": SUPPLIER}, vendor="feed"),
    CARRIER: Connected("easypost"),
    COMPETITORS: Connected("competitor_prices", vendor="competitors"),
}
STORES = tuple(name for name, made in CONNECTIONS.items() if declaration(made.kind).role is Role.STORE)


def typed_secrets(kind: str, account: Account, chosen: str) -> dict[str, str]:
    """What a person types at `connect`: the account's secrets that the kind declares, and one of their own where it has none."""
    wanted = [
        one for one in declaration(kind).secrets if not one.made and (one.required or one.name in account.secrets)
    ]
    return {one.name: account.secrets.get(one.name, chosen) for one in wanted}


def account_of(made: Connected, vendors: Mapping[str, Any]) -> Account | None:
    """The merchant's account at the sandbox's vendor; None where nobody in the sandbox has one."""
    vendor = vendors.get(made.played_by)
    account: Account | None = vendor.account if vendor is not None else None
    return account


def _lines(made: Connected, account: Account | None, sandbox_url: str) -> dict[str, Any]:
    if account is None:
        return {"kind": made.kind, **made.lines}
    known = settings_of(made.kind).model_fields
    address = "base_url" if "base_url" in known else "url"
    said = {name: value for name, value in account.secrets.items() if name in known}
    return {"kind": made.kind, address: account.base_url(sandbox_url), **said, **made.lines}


def shop_yaml(
    sandbox_url: str,
    vendors: Mapping[str, Any],
    connected: Mapping[str, Connected] = CONNECTIONS,
    rules: Mapping[str, Any] | None = None,
) -> str:
    """The file's text. `vendors` are the sandbox's; `rules` come beside those of every shop here."""
    document: dict[str, Any] = {
        "merchant": {
            "name": "Nordlight",
            "support_email": "help@nordlight.example.com",
            "legal_address": "Nordlight Demo Oy\nEsimerkkikatu 1\n33100 Tampere\nFinland",
            "website": "https://nordlight.example.com",
        },
        "connections": {name: _lines(made, account_of(made, vendors), sandbox_url) for name, made in connected.items()},
        "rules": {
            "prices": [
                {"name": "pro lamps", "skus": ["HL-PRO-1200"], "markup": "2"},
                {"name": "everything else", "markup": "2.4"},
            ],
            "sku_prices": {"HL-PRO-1200": {"map_price": usd("49.00")}},
            "price_step_percent": "20",
            "supplier_priority": [WAREHOUSE, SUPPLIER, FACTORY],
            **(rules or {}),
        },
        "limits": {
            "spend_per_day": {SUPPLIER: usd("1000.00"), FACTORY: usd("500.00")},
            "spend_per_purchase_order": {SUPPLIER: usd("150.00")},
            "minimum_order_margin_percent": "10",
        },
    }
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
