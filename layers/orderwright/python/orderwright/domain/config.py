"""`orderwright.yaml`, validated: connections, rules, limits, rates. Errors name the field and the fix.

One stack is one merchant. Secrets are never here: `orderwright connect` puts them into SSM.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, PrivateAttr, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from orderwright.domain.base import Model
from orderwright.domain.identity import Identity
from orderwright.domain.money import Money
from orderwright.domain.web_address import fault_of_url

ConnectionId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,39}$")]


def _may_be_requested(url: str, info: ValidationInfo) -> str:
    """For who applies a file, and says the stack's profile in the context. What is in force stays readable as it is."""
    fault = fault_of_url(url, info.context["profile"]) if info.context else None
    if fault is not None:
        raise PydanticCustomError(fault.code, fault.what, {"fix": fault.fix})
    return url


Url = Annotated[str, Field(pattern=r"^https?://[^\s]+$"), AfterValidator(_may_be_requested)]


class MoneyText(Model):
    """An amount as written in the file: {amount: "200.00", currency: USD}."""

    amount: Decimal
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]

    @property
    def money(self) -> Money:
        """The same as exact money."""
        return Money.parse(self.amount, self.currency)


class Merchant(Model):
    """Who sells: shown in mails."""

    name: str
    support_email: str
    legal_address: str = ""
    website: str = ""


class ShopifyConnection(Model):
    """A Shopify store, reached with a custom app's client credentials (tokens live 24 hours)."""

    role: Literal["store"] = "store"
    kind: Literal["shopify"]
    base_url: Url
    shop_domain: str
    client_id: str
    api_version: str = "2026-10"
    location: str
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "USD"
    default_locale: str = "en"
    sms_consent_attribute: str = Field(
        default="sms_updates", description="order attribute that holds the buyer's SMS consent"
    )
    store_mails: tuple[Literal["CONFIRMED", "SHIPPED", "DELIVERED"], ...] = Field(
        default=("CONFIRMED",), description="what the store itself mails, so that we do not"
    )
    publish_new_skus: bool = True
    fulfilled_on: Literal["TRACKING", "ACCEPTANCE"] = "TRACKING"
    reconcile_window_hours: int = Field(default=48, ge=1, le=1440)
    buy_orders_from: date | None = Field(
        default=None,
        description="an order that is older (UTC) and seen for the first time waits for approval; without it, the first connect",
    )


class CjConnection(Model):
    """CJdropshipping API v2."""

    role: Literal["supplier"] = "supplier"
    kind: Literal["cj"]
    base_url: Url = "https://developers.cjdropshipping.com"
    currency: Literal["USD"] = "USD"
    from_country: str = "CN"
    shipping_method: str = "CJPacket Ordinary"
    buffer: int = Field(default=0, ge=0)
    goods: dict[str, str] = Field(
        default_factory=dict,
        description="CJ's variant SKU -> yours: only these are imported; empty: all that CJ lists, under CJ's SKUs",
    )
    points_per_day: int = Field(default=50_000, ge=100)
    points_reserve: int = Field(default=5_000, ge=0, description="points kept back for orders and look-ups")
    requests_per_second: int = Field(default=1, ge=1, le=10)
    freight_country: str = Field(default="US", description="destination whose freight is the landed cost's reference")
    sandbox_orders: bool = False
    poll_stock: bool = Field(default=True, description="off where a feed reports the same offers; webhooks still count")
    lag_minutes: int = Field(default=10, ge=0, description="how late the stock report shows our own purchase")


class CsvConnection(Model):
    """A supplier's stock file over HTTPS. `offers_of` names the supplier that takes the orders for these SKUs."""

    role: Literal["feed"] = "feed"
    kind: Literal["csv"]
    url: Url
    offers_of: ConnectionId
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "USD"
    sku_column: str = "sku"
    stock_column: str = "qty"
    cost_column: str = "cost"
    currency_column: str = "currency"
    max_missing_percent: int = Field(
        default=20, ge=0, le=100, description="breaker: share of SKUs that may vanish at once"
    )
    max_zeroed_percent: int = Field(
        default=30, ge=0, le=100, description="breaker: share of SKUs that may fall to zero at once"
    )
    max_cost_change_percent: int = Field(
        default=50, ge=1, description="breaker: a median cost change beyond this stops the feed"
    )
    stale_after_hours: int = Field(default=24, ge=1)
    shards: int = Field(default=16, ge=1, le=64)


class EasyPostConnection(Model):
    """EasyPost trackers."""

    role: Literal["carrier"] = "carrier"
    kind: Literal["easypost"]
    base_url: Url = "https://api.easypost.com"


Connection = Annotated[
    ShopifyConnection | CjConnection | CsvConnection | EasyPostConnection, Field(discriminator="kind")
]


class PriceRule(Model):
    """How a price is made. The first rule whose match fits applies; an empty match fits all."""

    name: str
    skus: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    stores: tuple[ConnectionId, ...] = ()
    markup: Decimal = Field(gt=0, description="price = landed cost x markup")
    fixed_add: MoneyText | None = None
    minimum_margin_percent: Decimal = Field(
        default=Decimal(10), ge=0, lt=100, description="of the price, after landed cost"
    )
    ending: Annotated[str, Field(pattern=r"^(\.\d{1,3})?$")] = Field(
        default=".99", description='rounded up to this ending; "" for none'
    )
    map_price: MoneyText | None = Field(default=None, description="minimum advertised price: a hard floor")
    msrp: MoneyText | None = Field(default=None, description="ceiling")


class MapPrice(Model):
    """A SKU's minimum advertised price and list price, over all rules."""

    map_price: MoneyText | None = None
    msrp: MoneyText | None = None


class FxRate(Model):
    """1 unit of `currency` = `rate` units of the base currency, as of `dated`."""

    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    rate: Decimal = Field(gt=0)
    dated: date


class Rules(Model):
    """What the merchant decided."""

    prices: tuple[PriceRule, ...] = ()
    sku_prices: dict[str, MapPrice] = Field(default_factory=dict)
    price_step_percent: Decimal = Field(default=Decimal(20), gt=0, description="a larger change waits for approval")
    base_currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "USD"
    fx: tuple[FxRate, ...] = ()
    fx_max_age_days: int = Field(default=7, ge=1)
    supplier_priority: tuple[ConnectionId, ...] = ()
    approve_orders_above: MoneyText | None = None
    approve_personalised: bool = True
    alert_new_orders: bool = False
    ship_to_countries: tuple[str, ...] = Field(default=(), description="empty: everywhere")
    refuse_po_boxes: bool = False
    upsell_window_minutes: int = Field(default=0, ge=0)
    payment_wait_hours: int = Field(default=168, ge=1)
    no_tracking_alert_hours: int = Field(default=96, ge=1)


class Limits(Model):
    """Promise P10. Amounts in the supplier's currency."""

    spend_per_day: dict[ConnectionId, MoneyText] = Field(default_factory=dict)
    spend_per_purchase_order: dict[ConnectionId, MoneyText] = Field(default_factory=dict)
    minimum_order_margin_percent: Decimal = Field(default=Decimal(5), ge=-100, lt=100)


class Config(Model):
    """The whole file."""

    schema_version: Literal[1] = 1
    merchant: Merchant
    connections: dict[ConnectionId, Connection]
    # Made when one is missing: a default that is made here would build its validators at every cold start.
    rules: Rules = Field(default_factory=Rules)
    limits: Limits = Field(default_factory=Limits)

    @field_validator("connections")
    @classmethod
    def _some(cls, value: dict[str, Connection]) -> dict[str, Connection]:
        if not value:
            raise ValueError("connections is empty: add at least one store and one supplier")
        return value

    @model_validator(mode="after")
    def _one_shop_once(self) -> Self:
        shops: dict[str, str] = {}
        for key, value in self.connections.items():
            if isinstance(value, ShopifyConnection):
                other = shops.setdefault(value.shop_domain.strip().lower(), key)
                if other != key:
                    raise ValueError(
                        f"connections.{key}.shop_domain: {other} is connected to {value.shop_domain} already;"
                        " one shop is one connection, or each of its orders would be bought twice"
                    )
        return self

    @model_validator(mode="after")
    def _references_exist(self) -> Self:
        suppliers = {key for key, value in self.connections.items() if value.role == "supplier"}
        for key, value in self.connections.items():
            if isinstance(value, CsvConnection) and value.offers_of not in suppliers:
                raise ValueError(
                    f"connections.{key}.offers_of: there is no supplier connection called {value.offers_of!r}"
                )
        for where, names in (
            ("rules.supplier_priority", self.rules.supplier_priority),
            ("limits.spend_per_day", tuple(self.limits.spend_per_day)),
            ("limits.spend_per_purchase_order", tuple(self.limits.spend_per_purchase_order)),
        ):
            for name in names:
                if name not in suppliers:
                    raise ValueError(f"{where}: there is no supplier connection called {name!r}")
        return self

    _identities: dict[str, Identity] = PrivateAttr(default_factory=dict)

    def by_ids(self, identities: Iterable[Identity]) -> Config:
        """The same with the connections' permanent ids where the file has their names: what all work goes by.

        A name without an identity is its own id: a configuration of before there were identities.
        """
        known = {identity.name: identity for identity in identities if identity.name}
        ids = {name: known[name].id if name in known else name for name in self.connections}
        found = self.model_copy(
            update={
                "connections": {
                    ids[name]: settings.model_copy(update={"offers_of": ids[settings.offers_of]})
                    if isinstance(settings, CsvConnection)
                    else settings
                    for name, settings in self.connections.items()
                },
                "rules": self.rules.model_copy(
                    update={"supplier_priority": tuple(ids[name] for name in self.rules.supplier_priority)}
                ),
                "limits": self.limits.model_copy(
                    update={
                        "spend_per_day": {ids[name]: most for name, most in self.limits.spend_per_day.items()},
                        "spend_per_purchase_order": {
                            ids[name]: most for name, most in self.limits.spend_per_purchase_order.items()
                        },
                    }
                ),
            }
        )
        found._identities = {
            ids[name]: known.get(name, Identity(id=name, name=name, kind=settings.kind))
            for name, settings in self.connections.items()
        }
        return found

    def identity(self, connection: str) -> Identity:
        """Who a connection is, by its id."""
        settings = self.connections.get(connection)
        plain = Identity(id=connection, name=connection, kind=settings.kind if settings else "")
        return self._identities.get(connection, plain)

    def name_of(self, connection: str) -> str:
        """What the file calls a connection now, by its id; the id for one that is not there any more."""
        return self.identity(connection).name

    def id_of(self, name: str) -> str | None:
        """The id of a connection by its name in the file; None for none."""
        return next((found for found in self.connections if self.name_of(found) == name), None)

    def of_role(self, role: str) -> dict[str, Connection]:
        """The connections of one role: store, supplier, feed, carrier."""
        return {key: value for key, value in self.connections.items() if value.role == role}

    def store(self, connection: str) -> ShopifyConnection:
        """A store's settings; raises KeyError when it is none."""
        found = self.connections[connection]
        if not isinstance(found, ShopifyConnection):
            raise KeyError(connection)
        return found

    def supplier(self, connection: str) -> CjConnection:
        """A supplier's settings; raises KeyError when it is none."""
        found = self.connections[connection]
        if not isinstance(found, CjConnection):
            raise KeyError(connection)
        return found
