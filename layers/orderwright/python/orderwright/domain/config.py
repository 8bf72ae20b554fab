"""`orderwright.yaml`, validated: connections, rules, limits, rates. Errors name the field and the fix.

One stack is one merchant. Secrets are never here: `orderwright connect` puts them into SSM.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, PrivateAttr, field_validator, model_validator

from orderwright.declarations import Capability
from orderwright.domain.base import Model, changed
from orderwright.domain.config_values import ConnectionId
from orderwright.domain.connection_settings import (
    CarrierSettings,
    Connection,
    FeedSettings,
    SignalSettings,
    StoreSettings,
    SupplierSettings,
)
from orderwright.domain.identity import Identity
from orderwright.domain.outside_texts import safe_url
from orderwright.domain.rules import FileRate, FxRate, Limits, Rules
from orderwright.domain.sources import Sources
from orderwright.domain.territories import destination_fault


class Merchant(Model):
    """Who sells: shown in the header and the footer of mails. `legal_address` may have several lines."""

    name: str
    support_email: str
    legal_address: str = ""
    website: str = ""
    time_zone: str = Field(
        default="UTC", description="IANA name such as Europe/Helsinki: for dates to buyers whose own zone is not known"
    )

    colour: str = Field(default="", pattern=r"^(#[0-9a-fA-F]{6})?$", description="of mails and pages, such as #1b6e53")
    logo_url: str = Field(default="", description="an image over https, shown on mails and pages 48 pixels high")
    terms_url: str = Field(default="", description="your terms of sale, linked on the customer's page")
    privacy_url: str = Field(default="", description="your privacy notice, linked on the customer's page")

    @field_validator("logo_url", "terms_url", "privacy_url")
    @classmethod
    def _is_link(cls, value: str) -> str:
        if value and not safe_url(value):
            raise ValueError("must be a plain web address with https:// and a host name")
        return value

    @field_validator("time_zone")
    @classmethod
    def _is_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("must be an IANA zone name such as Europe/Helsinki, or UTC") from None
        return value


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
            if isinstance(value, StoreSettings):
                other = shops.setdefault(f"{value.kind} {value.shop.strip().lower()}", key)
                if other != key:
                    raise ValueError(
                        f"connections.{key}.{value.SHOP_FIELD}: {other} is connected to {value.shop} already;"
                        " one shop is one connection, or each of its orders would be bought twice"
                    )
        return self

    @model_validator(mode="after")
    def _rules_fit_the_stores(self) -> Self:
        """A destination rule needs to know where each store sells; a fee is in the currency of the stores that it is for."""
        stores = self.stores
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

    def without_money_rules(self) -> Config:
        """As if nothing were known of duties and fees: what is not known may cost nothing."""
        return changed(self, rules=changed(self.rules, destinations=(), fees={}))

    def sell_to(self, store: StoreSettings) -> tuple[str, ...]:
        """The destinations that a store's prices must cover, the one that they aim at first."""
        return store.sell_to or tuple(code.strip().upper() for code in self.rules.ship_to_countries)

    @model_validator(mode="after")
    def _references_exist(self) -> Self:
        suppliers = self.suppliers
        for key, value in self.feeds.items():
            if value.offers_of not in suppliers:
                raise ValueError(
                    f"connections.{key}.offers_of: there is no supplier connection called {value.offers_of!r}"
                )
        for where, names in (
            ("rules.supplier_priority", self.rules.supplier_priority),
            *((f"rules.routing.skus.{sku}.suppliers", one.suppliers) for sku, one in self.rules.routing.skus.items()),
            ("limits.spend_per_day", tuple(self.limits.spend_per_day)),
            ("limits.spend_per_purchase_order", tuple(self.limits.spend_per_purchase_order)),
        ):
            for name in names:
                if name not in suppliers:
                    raise ValueError(f"{where}: there is no supplier connection called {name!r}")
        for name in self.rules.routing.carriers:
            if name not in self.carriers:
                raise ValueError(f"rules.routing.carriers: there is no carrier connection called {name!r}")
        return self

    def feeds_of(self, supplier: str) -> dict[str, FeedSettings]:
        """The feeds that report a supplier's offers, the one that counts first at the beginning."""
        # Those without a rank (only a file of before there were ranks) come by id, at the end.
        mine = [(one.rank or 100, name) for name, one in self.feeds.items() if one.offers_of == supplier]
        return {name: self.feeds[name] for _, name in sorted(mine)}

    def goods_feed(self, supplier: str) -> str | None:
        """The feed whose file holds a supplier's goods; None where it has a catalogue of its own, or none at all."""
        settings = self.suppliers.get(supplier)
        if settings is None or settings.can(Capability.CATALOGUE):
            return None
        return next((name for name, feed in self.feeds_of(supplier).items() if feed.tells_goods), None)

    def has_catalogue(self, supplier: str) -> bool:
        """Can its goods be imported: by API, out of a feed's file, or as orderwright.yaml describes them?"""
        settings = self.suppliers[supplier]
        return settings.can(Capability.CATALOGUE) or bool(self.goods_feed(supplier) or settings.declared_goods)

    def sources_of(self, supplier: str) -> Sources:
        """Who reports a supplier's offers. None but "" for a supplier that is not there any more."""
        feeds = {self.identity(feed).source: settings for feed, settings in self.feeds_of(supplier).items()}
        return Sources(
            supplier if supplier in self.connections else "",
            tuple(feeds),
            frozenset(source for source, feed in feeds.items() if not feed.tells_stock),
            frozenset(source for source, feed in feeds.items() if not feed.tells_cost),
        )

    _identities: dict[str, Identity] = PrivateAttr(default_factory=dict)

    def by_ids(self, identities: Iterable[Identity]) -> Config:
        """The same with the connections' permanent ids where the file has their names: what all work goes by.

        A name without an identity is its own id: a configuration of before there were identities.
        """
        known = {identity.name: identity for identity in identities if identity.name}
        ids = {name: known[name].id if name in known else name for name in self.connections}
        found = changed(
            self,
            connections={
                ids[name]: changed(settings, offers_of=ids[settings.offers_of])
                if isinstance(settings, FeedSettings)
                else settings
                for name, settings in self.connections.items()
            },
            rules=self.rules.with_ids(lambda name: ids.get(name, name)),
            limits=changed(
                self.limits,
                spend_per_day={ids[name]: most for name, most in self.limits.spend_per_day.items()},
                spend_per_purchase_order={
                    ids[name]: most for name, most in self.limits.spend_per_purchase_order.items()
                },
            ),
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

    @property
    def stores(self) -> dict[str, StoreSettings]:
        """The stores."""
        return {key: value for key, value in self.connections.items() if isinstance(value, StoreSettings)}

    @property
    def suppliers(self) -> dict[str, SupplierSettings]:
        """The suppliers."""
        return {key: value for key, value in self.connections.items() if isinstance(value, SupplierSettings)}

    def on_account(self, supplier: str) -> bool:
        """Does this supplier send an invoice later, instead of being paid by the call that places an order?"""
        settings = self.suppliers.get(supplier)
        return settings is not None and settings.charges == "ON_ACCOUNT"

    @property
    def feeds(self) -> dict[str, FeedSettings]:
        """The stock files."""
        return {key: value for key, value in self.connections.items() if isinstance(value, FeedSettings)}

    @property
    def files(self) -> dict[str, FeedSettings | SignalSettings]:
        """All that is read as a file."""
        return {**self.feeds, **self.signals}

    @property
    def carriers(self) -> dict[str, CarrierSettings]:
        """The services that follow parcels."""
        return {key: value for key, value in self.connections.items() if isinstance(value, CarrierSettings)}

    @property
    def signals(self) -> dict[str, SignalSettings]:
        """The files of what prices follow."""
        return {key: value for key, value in self.connections.items() if isinstance(value, SignalSettings)}

    _heard: dict[str, datetime] = PrivateAttr(default_factory=dict)

    def with_signals(self, rates: Iterable[FileRate], heard: Mapping[str, datetime]) -> Config:
        """The same with exchange rates from files beside those of the file itself, of which the newest counts; and when each

        file of what prices follow was read well last. Rates of a file that is taken out, or to another base currency than now,
        do not count.
        """
        base = self.rules.base_currency
        more = tuple(rate for rate in rates if rate.base == base and rate.file in self.connections)
        found = changed(self, rules=changed(self.rules, fx=(*self.rules.fx, *more))) if more else self
        if found is not self:
            found._identities = self._identities
        found._heard = dict(heard)
        return found

    def as_on_a_day(self, rates: Iterable[FxRate], heard: Mapping[str, datetime]) -> Config:
        """The same with what was known on a past day: the rates in force then, and what was heard by then."""
        found = changed(self, rules=changed(self.rules, fx=(*rates, *self.rules.fx)))
        found._heard = dict(heard)
        return found

    @property
    def heard(self) -> Mapping[str, datetime]:
        """When each file of what prices follow was read well last, by its id; within the last hour it may be later."""
        return self._heard
