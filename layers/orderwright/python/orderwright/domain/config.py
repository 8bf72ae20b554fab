"""`orderwright.yaml`, validated: connections, rules, limits, rates. Errors name the field and the fix.

One stack is one merchant. Secrets are never here: `orderwright connect` puts them into SSM.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Literal, Self, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, PrivateAttr, field_validator, model_validator

from orderwright.domain.base import Model
from orderwright.domain.config_values import ConnectionId, CurrencyCode, Destination, HsCode, Url
from orderwright.domain.feed_settings import CsvConnection as CsvConnection
from orderwright.domain.feed_settings import feeds_in_order
from orderwright.domain.identity import Identity
from orderwright.domain.rules import Limits, Rules
from orderwright.domain.sources import Sources
from orderwright.domain.territories import destination_fault


class Merchant(Model):
    """Who sells: shown in mails."""

    name: str
    support_email: str
    legal_address: str = ""
    website: str = ""
    time_zone: str = Field(
        default="UTC", description="IANA name such as Europe/Helsinki: for dates to buyers whose own zone is not known"
    )

    @field_validator("time_zone")
    @classmethod
    def _is_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("must be an IANA zone name such as Europe/Helsinki, or UTC") from None
        return value


class ShopifyConnection(Model):
    """A Shopify store, reached with a custom app's client credentials (tokens live 24 hours)."""

    role: Literal["store"] = "store"
    kind: Literal["shopify"]
    base_url: Url
    shop_domain: str
    client_id: str
    api_version: str = "2026-10"
    location: str
    currency: CurrencyCode = "USD"
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
    sell_to: tuple[Destination, ...] = Field(
        default=(),
        description="where this store sells: its prices cover each of these, the first is what they aim at;"
        " empty: rules.ship_to_countries",
    )
    buy_orders_from: date | None = Field(
        default=None,
        description="an order that is older (UTC) and seen for the first time waits for approval; without it, the first connect",
    )


class Goods(Model):
    """Your SKU for a supplier's, and what customs ask of it where the supplier's catalogue does not say it."""

    sku: str = Field(min_length=1)
    hs6: HsCode | None = None
    origin: Destination | None = Field(default=None, description="the country where it was made")
    mpn: str = Field(default="", description="the manufacturer's number")


class CjConnection(Model):
    """CJdropshipping API v2."""

    role: Literal["supplier"] = "supplier"
    kind: Literal["cj"]
    base_url: Url = "https://developers.cjdropshipping.com"
    currency: Literal["USD"] = "USD"
    from_country: str = "CN"
    shipping_method: str = "CJPacket Ordinary"
    buffer: int = Field(default=0, ge=0)
    goods: dict[str, str | Goods] = Field(
        default_factory=dict,
        description="CJ's variant SKU -> yours, alone or with what customs ask; only these are imported; empty: all",
    )
    points_per_day: int = Field(default=50_000, ge=100)
    points_reserve: int = Field(default=5_000, ge=0, description="points kept back for orders and look-ups")
    requests_per_second: int = Field(default=1, ge=1, le=10)
    freight_country: str = Field(default="US", description="destination whose freight is the landed cost's reference")
    ioss_type: Literal["none", "own", "cj"] | None = Field(
        default=None,
        description="for parcels to the EU: none (the customer pays VAT), own (ioss_number), cj (its number, VAT in its bill)",
    )
    ioss_number: str = Field(default="", pattern=r"^(IM\d{10})?$", description="your IOSS number, for ioss_type: own")
    sandbox_orders: bool = False
    poll_stock: bool = Field(default=True, description="off where a feed reports the same offers; webhooks still count")
    lag_minutes: int = Field(default=10, ge=0, description="how late the stock report shows our own purchase")

    def own_goods(self, supplier_sku: str) -> Goods:
        """What the merchant says of a supplier's SKU; its own name where the map does not have it."""
        found = self.goods.get(supplier_sku, supplier_sku)
        return found if isinstance(found, Goods) else Goods(sku=found)


class EasyPostConnection(Model):
    """EasyPost trackers."""

    role: Literal["carrier"] = "carrier"
    kind: Literal["easypost"]
    base_url: Url = "https://api.easypost.com"


Connection = Annotated[
    ShopifyConnection | CjConnection | CsvConnection | EasyPostConnection, Field(discriminator="kind")
]


def kinds_of(role: str) -> tuple[str, ...]:
    """The kinds of connection that there are for a role: store, supplier, feed, carrier."""
    models = get_args(get_args(Connection)[0])
    return tuple(get_args(model.model_fields["kind"].annotation)[0] for model in models
                 if model.model_fields["role"].default == role)  # fmt: skip


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
    def _rules_fit_the_stores(self) -> Self:
        """A destination rule needs to know where each store sells; a fee is in the currency of the stores that it is for."""
        stores = {key: value for key, value in self.connections.items() if isinstance(value, ShopifyConnection)}
        for key, store in stores.items():
            if self.rules.destinations and not self.sell_to(store):
                raise ValueError(
                    f"connections.{key}.sell_to: is empty, and so is rules.ship_to_countries; rules.destinations need to know"
                    " where it sells: list the countries, such as [DE, FI]"
                )
            for name, fee in self.rules.fees.items():
                if fee.fixed and (not fee.stores or key in fee.stores) and fee.fixed.currency != store.currency:
                    raise ValueError(
                        f"rules.fees.{name}.fixed: is in {fee.fixed.currency}, but {key} sells in {store.currency}: give it in"
                        f" {store.currency}, or name under stores those that it is for"
                    )
        for number, code in enumerate(self.rules.ship_to_countries):
            fault = destination_fault(code.strip().upper())
            if self.rules.destinations and fault:
                raise ValueError(f"rules.ship_to_countries.{number}: {fault}")
        for where, names in (
            *((f"rules.destinations.{n}.stores", rule.stores) for n, rule in enumerate(self.rules.destinations)),
            *((f"rules.fees.{name}.stores", fee.stores) for name, fee in self.rules.fees.items()),
        ):
            for name in names:
                if name not in stores:
                    raise ValueError(f"{where}: there is no store connection called {name!r}")
        return self

    def sell_to(self, store: ShopifyConnection) -> tuple[str, ...]:
        """The destinations that a store's prices must cover, the one that they aim at first."""
        return store.sell_to or tuple(code.strip().upper() for code in self.rules.ship_to_countries)

    @model_validator(mode="after")
    def _ioss_is_whole(self) -> Self:
        for key, value in self.connections.items():
            if isinstance(value, CjConnection) and (value.ioss_type == "own") != bool(value.ioss_number):
                raise ValueError(
                    f"connections.{key}.ioss_number: belongs to ioss_type: own, and is needed there: give both or neither"
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

    def feeds_of(self, supplier: str) -> dict[str, CsvConnection]:
        """The feeds that report a supplier's offers, the one that counts first at the beginning."""
        feeds = {name: one for name, one in self.connections.items() if isinstance(one, CsvConnection)}
        return feeds_in_order(feeds, supplier)

    def sources_of(self, supplier: str) -> Sources:
        """Who reports a supplier's offers. None but "" for a supplier that is not there any more."""
        feeds = tuple(self.identity(feed).source for feed in self.feeds_of(supplier))
        return Sources(supplier if supplier in self.connections else "", feeds)

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
                "rules": self.rules.with_ids(lambda name: ids.get(name, name)),
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
