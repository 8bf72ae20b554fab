"""The `orderwright.yaml` of the shop that `make run` and `make demo` bring up."""

from __future__ import annotations

from typing import Any

import yaml

STORE, SUPPLIER, FEED, CARRIER = "lamp-shop", "cj", "stock-file", "easypost"


def usd(amount: str) -> dict[str, str]:
    """An amount as the file writes it."""
    return {"amount": amount, "currency": "USD"}


def shop_yaml(sandbox_url: str, store: dict[str, str], goods: dict[str, str]) -> str:
    """The file's text. `store` gives shop_domain and client_id of the sandbox's store, `goods` CJ's SKUs and ours."""
    document: dict[str, Any] = {
        "merchant": {
            "name": "Nordlight",
            "support_email": "help@nordlight.example.com",
            "legal_address": "Nordlight Demo Oy\nEsimerkkikatu 1\n33100 Tampere\nFinland",
            "website": "https://nordlight.example.com",
        },
        "connections": {
            STORE: {
                "kind": "shopify",
                "base_url": f"{sandbox_url}/shopify",
                "shop_domain": store["shop_domain"],
                "client_id": store["client_id"],
                "location": "Orderwright dropship",
                "store_mails": [],
            },
            SUPPLIER: {"kind": "cj", "base_url": f"{sandbox_url}/cj", "goods": goods, "poll_stock": False},
            FEED: {"kind": "csv", "url": f"{sandbox_url}/feed/stock.csv", "offers_of": SUPPLIER},
            CARRIER: {"kind": "easypost", "base_url": f"{sandbox_url}/easypost"},
        },
        "rules": {
            "prices": [
                {"name": "pro lamps", "skus": ["HL-PRO-1200"], "markup": "2"},
                {"name": "everything else", "markup": "2.4"},
            ],
            "sku_prices": {"HL-PRO-1200": {"map_price": usd("49.00")}},
            "price_step_percent": "20",
        },
        "limits": {
            "spend_per_day": {SUPPLIER: usd("1000.00")},
            "spend_per_purchase_order": {SUPPLIER: usd("150.00")},
            "minimum_order_margin_percent": "10",
        },
    }
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
