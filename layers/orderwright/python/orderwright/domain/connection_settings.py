"""What orderwright.yaml says of a connection: for each role what every kind of it has. A kind's own settings add to it.

All that is not a connector goes by the role's settings and never by a kind's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, cast

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError, core_schema

from orderwright.declarations import Capability, named
from orderwright.domain.base import Model
from orderwright.domain.config_values import (
    ConnectionId,
    CurrencyCode,
    Destination,
    HsCode,
    MoneyText,
    Owed,
    Percent,
    Url,
)
from orderwright.domain.supplier_terms import SupplierFacts, SupplierTerms
from orderwright.domain.territories import destination_fault
from orderwright.domain.unit_cost import UnitCost
from orderwright.registry import CONNECTORS, declaration

MOST_LATENESS = 510
"""Seconds: with the lease of domain/timing.py an order has settled within ten minutes (promise P1)."""

Path = tuple[str | int, ...]
_LOCALE = r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*"


class ConfigFault(NamedTuple):
    """What cannot be meant in a file. `path` is the field as it stands there."""

    path: Path
    message: str
    fix: str


class ConnectionSettings(Model):
    """One connection."""

    kind: str

    def can(self, capability: Capability) -> bool:
        """Does this kind declare it?"""
        return capability in declaration(self.kind).capabilities

    def faults(self) -> Iterator[ConfigFault]:
        """What is valid by its form and cannot be meant; paths from the connection on. Refused when a file is applied."""
        yield from ()


class StoreSettings(ConnectionSettings):
    """A store: where goods are sold."""

    SHOP_FIELD: ClassVar[str] = "base_url"
    """The setting that says which shop it is."""

    role: Literal["store"] = "store"
    base_url: Url
    location: str = Field(default="", description="where the store keeps the stock that Orderwright sets")
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
    needs_wholesale: bool = Field(
        default=False,
        description="a marketplace that forbids buying at another retailer: only suppliers with wholesale count",
    )
    listings_a_minute: int | None = Field(None, ge=1, le=1000, description="in a repricing: docs/pricing.md")

    @property
    def shop(self) -> str:
        """Which shop it is, as the file says."""
        return str(getattr(self, self.SHOP_FIELD))

    def is_shop_of(self, other: StoreSettings) -> bool:
        """Do both settings name the same shop?"""
        return self.kind == other.kind and self.shop.strip().lower() == other.shop.strip().lower()

    def faults(self) -> Iterator[ConfigFault]:
        """See ConnectionSettings."""
        if not re.fullmatch(_LOCALE, self.default_locale):
            yield ConfigFault(("default_locale",), "is no language", "write its code, such as en, de or fi-FI")


class Counted(Model):
    """How many there were on a date, at its beginning (UTC). Purchases since then are taken off by Orderwright."""

    units: int = Field(ge=0, le=999_999_999)
    as_of: date


class Goods(Model):
    """Your SKU for a supplier's, and what customs ask of it where the supplier's catalogue does not say it.

    From `title` on: all of an article of a supplier that has neither a catalogue nor a file, so that it is sold by this alone.
    """

    sku: str = Field(min_length=1)
    hs6: HsCode | None = None
    origin: Destination | None = Field(default=None, description="the country where it was made")
    mpn: str = Field(default="", description="the manufacturer's number")
    title: str = ""
    description: str = ""
    images: tuple[str, ...] = ()
    cost: MoneyText | None = Field(default=None, description="what one piece costs you, such as 12.50 EUR")
    freight: MoneyText | None = Field(
        default=None, description="and what sending it costs you; 0 EUR where that is in the cost"
    )
    stock: Literal["always"] | Counted | None = Field(
        default=None,
        description="always, or {units: 40, as_of: 2026-11-30}; without it a feed says it, or nothing is sold",
    )


class ParcelFreight(Model):
    """What a parcel costs to these countries: `price` up to `up_to_grams`, and `piece` for each piece after the first."""

    to: tuple[Destination, ...] = Field(default=(), description="empty: everywhere")
    up_to_grams: int | None = Field(default=None, ge=1)
    price: Owed
    piece: Owed | None = None


class SupplierSettings(ConnectionSettings):
    """A supplier: who takes purchase orders and ships."""

    role: Literal["supplier"] = "supplier"
    currency: CurrencyCode = "USD"
    from_country: str = Field(
        default="", description="where its parcels come from; empty: no rule with ships_from fits"
    )
    shipping_method: str = Field(default="", description="how parcels are sent where the order does not say it")
    buffer: int = Field(default=0, ge=0)
    goods: dict[str, str | Goods] = Field(
        default_factory=dict,
        description="the supplier's SKU -> yours, alone or with what customs ask; only these are imported; empty: all",
    )
    charges: Literal["NOW", "ON_ACCOUNT"] = Field(
        default="NOW",
        description="NOW: an order is paid for by the call that places it; ON_ACCOUNT: it comes with an invoice later",
    )
    points_per_day: int | None = Field(
        default=None, ge=100, description="calls, counted in points, that a day has; without it they are not counted"
    )
    points_reserve: int = Field(default=0, ge=0, description="points kept back for orders and look-ups")
    requests_per_second: int = Field(default=1, ge=1, le=10)
    freight_country: str = Field(default="US", description="destination whose freight is the landed cost's reference")
    poll_stock: bool = Field(default=True, description="off where a feed reports the same offers; webhooks still count")
    delivers_to_po_boxes: bool = Field(
        default=True, description="off: an order to a post office box goes to another supplier, or waits"
    )
    lag_minutes: int = Field(default=10, ge=0, description="how late the stock report shows our own purchase")
    lateness_seconds: int | None = Field(
        default=None,
        ge=0,
        le=MOST_LATENESS,
        description="settle window: how long after a call that got no answer the supplier may still accept the order;"
        " only then is it looked up, and sent again; without it 300 (4 on the local stack)",
    )

    confirm_within_hours: int | None = Field(
        default=None,
        ge=1,
        le=720,
        description="where people take the orders: they confirm within so many hours, are reminded once, and then you are told",
    )
    unconfirmed_is_refused: bool = Field(
        default=False,
        description="true, where you agreed so: what is not confirmed after the reminder is withdrawn, and bought elsewhere",
    )
    oversold_at_most_percent: Percent | None = Field(
        default=None,
        description="a buffer for each SKU that keeps the share of pieces sold in vain below this; over `buffer`",
    )
    wholesale: bool = Field(
        default=True, description="off: it sells at retail, so stores with needs_wholesale do not sell its goods"
    )
    ships_to: tuple[Destination, ...] = Field(default=(), description="empty: everywhere")
    batteries_to: tuple[Destination, ...] | None = Field(
        default=None, description="where it sends goods with a battery; none: wherever it ships, [] : nowhere"
    )
    making_days: int | None = Field(default=None, ge=0, le=365, description="from the order until the parcel leaves")
    transport_days: dict[Destination, int] = Field(
        default_factory=dict, description="by country: from leaving to the door; what is measured often enough wins"
    )
    refill_days: int | None = Field(
        default=None,
        ge=0,
        le=730,
        description="until it has more of what runs out; without it making_days + transport_days, and for your own warehouse"
        " those of the quickest other supplier of the SKU",
    )
    parcel_freight: tuple[ParcelFreight, ...] = Field(
        default=(),
        description="freight by parcel, where it is not the sum of its pieces' freight; the first that fits counts",
    )
    terms: SupplierTerms = Field(default_factory=SupplierTerms)
    known: SupplierFacts = Field(default_factory=SupplierFacts)

    @model_validator(mode="before")
    @classmethod
    def _confirmed_as_agreed(cls, data: Any) -> Any:
        """An agreed deadline for confirming is the one after which people are reminded."""
        terms = data.get("terms") if isinstance(data, dict) else None
        agreed = terms.get("confirm_within_hours") if isinstance(terms, dict) else None
        return data if agreed is None else {"confirm_within_hours": agreed, **data}

    @property
    def declared_goods(self) -> dict[str, Goods]:
        """Articles that the file describes whole, by the supplier's SKU."""
        return {theirs: goods for theirs, goods in self.goods.items() if isinstance(goods, Goods) and goods.title}

    @property
    def import_tax_elsewhere(self) -> bool:
        """True where the supplier is told that somebody else pays the import tax of the EU, so that none is in its bill."""
        return False

    @property
    def own_stock(self) -> bool:
        """Is it the merchant's own warehouse, whose stock is counted here?"""
        return self.can(Capability.OWN_STOCK)

    @property
    def piece_freight(self) -> UnitCost:
        """Of an own warehouse: what sending one piece costs."""
        return UnitCost.parse(0, self.currency)

    @property
    def slip_head(self) -> tuple[str, ...]:
        """Of an own warehouse: who sends, as packing slips say; the first line is the name, "" for the merchant's."""
        return ("",)

    @property
    def papers_language(self) -> str:
        """Of an own warehouse: the language of its papers."""
        return "en"

    @property
    def keeps_order_files(self) -> bool:
        """Do files of its orders, with addresses in them, lie in the stack's own bucket?"""
        return False

    @property
    def asks_stock(self) -> bool:
        """Is it asked for stock and cost? Not where its kind has no call for that, whatever the file says."""
        return self.poll_stock and self.can(Capability.STOCK)

    def own_goods(self, supplier_sku: str) -> Goods:
        """What the merchant says of a supplier's SKU; its own name where the map does not have it."""
        found = self.goods.get(supplier_sku, supplier_sku)
        return found if isinstance(found, Goods) else Goods(sku=found)

    def faults(self) -> Iterator[ConfigFault]:
        """See ConnectionSettings."""
        for name, code in (("from_country", self.from_country), ("freight_country", self.freight_country)):
            if code.strip() and (fault := destination_fault(code)):
                yield ConfigFault((name,), fault, "")
        if self.points_per_day is not None and self.points_reserve >= self.points_per_day:
            fix = f"write less than points_per_day ({self.points_per_day})"
            yield ConfigFault(("points_reserve",), "leaves no points for reading stock", fix)
        agreed = self.terms.confirm_within_hours
        if agreed is not None and agreed != self.confirm_within_hours:
            told = f"is {agreed}, and confirm_within_hours of the supplier is {self.confirm_within_hours}"
            yield ConfigFault(("terms", "confirm_within_hours"), told, "they are one deadline: write it once")
        for number, row in enumerate(self.parcel_freight):
            if any(one is not None and one.currency != self.currency for one in (row.price, row.piece)):
                yield ConfigFault(("parcel_freight", number), f"is not in {self.currency}", "write it in this currency")
        if not self.can(Capability.DESK):
            for name in ("confirm_within_hours", "unconfirmed_is_refused"):
                if getattr(self, name):
                    yield ConfigFault(
                        (name,), f"is for suppliers whose people confirm; {self.kind} has none", "take it out"
                    )
        own: dict[str, str] = {}
        yield from self._faults_of_goods()
        for theirs, goods in self.goods.items():
            sku = goods.sku if isinstance(goods, Goods) else goods
            if own.setdefault(sku, theirs) != theirs:
                fix = "give each its own SKU, or keep one of them"
                yield ConfigFault(("goods", theirs), f"has the same SKU of yours as {own[sku]}", fix)

    def _faults_of_goods(self) -> Iterator[ConfigFault]:
        """An article that is described here is described whole, and by nobody else."""
        for theirs, goods in self.goods.items():
            whole = [name for name in ("title", "cost", "freight", "stock", "images", "description")
                     if isinstance(goods, Goods) and getattr(goods, name)]  # fmt: skip
            path = ("goods", theirs)
            if not whole or not isinstance(goods, Goods):
                continue
            if self.can(Capability.CATALOGUE):
                yield ConfigFault(
                    (*path, whole[0]), f"is not for {self.kind}, which has a catalogue by API", "take it out"
                )
            elif not goods.title or not goods.cost or not goods.freight:
                lacks = next(name for name in ("title", "cost", "freight") if not getattr(goods, name))
                yield ConfigFault(
                    (*path, lacks), f"is missing beside {whole[0]}", "an article has a title, a cost, a freight"
                )
            elif goods.cost.amount <= 0:
                yield ConfigFault((*path, "cost"), "must be above zero", "write what one piece costs you")
            elif goods.cost.currency != goods.freight.currency:
                yield ConfigFault((*path, "freight"), f"is not in {goods.cost.currency}", "write both in one currency")
            elif goods.stock and self.can(Capability.OWN_STOCK):
                yield ConfigFault((*path, "stock"), "is counted by goods receipts here", "take it out")


class FeedSettings(ConnectionSettings):
    """A supplier's stock file. `offers_of` names the supplier that takes the orders for these SKUs."""

    LIMITS: ClassVar[frozenset[str]] = frozenset(
        ("max_missing_percent", "max_zeroed_percent", "max_cost_change_percent", "stale_after_hours", "shards")
    )

    role: Literal["feed"] = "feed"
    url: str
    offers_of: ConnectionId
    rank: int | None = Field(
        default=None,
        ge=1,
        le=99,
        description="where several feeds of a supplier tell stock, or cost: 1 counts first; a SKU's figure belongs to the first"
        " feed that tells it",
    )
    currency: CurrencyCode = "USD"
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

    @property
    def address(self) -> str:
        """Where its file lies, with all that belongs to it."""
        return self.url

    @property
    def tells_stock(self) -> bool:
        """Does it say how many there are? Else another feed does, or the supplier."""
        return True

    @property
    def tells_cost(self) -> bool:
        """Does it say what they cost?"""
        return True

    @property
    def tells_goods(self) -> bool:
        """Does it hold titles, texts and pictures, so that goods are made of it?"""
        return False

    @property
    def meaning(self) -> str:
        """All that decides what its figures are and which of them count; not its limits."""
        return self.model_dump_json(exclude=set(self.LIMITS), exclude_defaults=True)


class CarrierSettings(ConnectionSettings):
    """A service that follows parcels."""

    role: Literal["carrier"] = "carrier"


class SignalSettings(ConnectionSettings):
    """A file of what prices follow."""

    TELLS: ClassVar[Literal["competitors", "rates"]]
    role: Literal["signal"] = "signal"
    url: str
    stale_after_hours: int = Field(default=24, ge=1, description="without a good file for longer it is told")
    max_change_percent: int = Field(default=30, ge=1, description="breaker: half of all figures changed by more")

    def may_rate(self, currency: str) -> bool:
        """May it hold an exchange rate of this currency?"""
        return False


def settings_of(kind: str) -> type[ConnectionSettings]:
    """The settings' class that a kind declares. Raises KeyError for a kind that there is not."""
    return _imported(declaration(kind).settings)


@cache
def _imported(path: str) -> type[ConnectionSettings]:
    return cast(type[ConnectionSettings], named(path))


class _ByKind:
    """Settings are read by the class that their `kind` declares; only the kinds in the file are imported."""

    def __get_pydantic_core_schema__(self, _: Any, __: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        as_it_is = core_schema.simple_ser_schema("any")
        return core_schema.with_info_plain_validator_function(_read, serialization=as_it_is)

    def __get_pydantic_json_schema__(self, _: core_schema.CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        kinds: Iterable[str] = CONNECTORS
        models = {kind: settings_of(kind) for kind in kinds}
        for model in models.values():
            model.model_rebuild()
        choices = {kind: model.__pydantic_core_schema__ for kind, model in models.items()}
        return handler(core_schema.tagged_union_schema(choices, discriminator="kind"))


def _read(value: Any, info: ValidationInfo) -> ConnectionSettings:
    if isinstance(value, ConnectionSettings):
        return value
    if not isinstance(value, dict):
        raise PydanticCustomError("model_type", "must hold names and values")
    known = ", ".join(CONNECTORS)
    if "kind" not in value:
        raise PydanticCustomError("kind_missing", "kind is missing: it must be one of {known}", {"known": known})
    if not isinstance(value["kind"], str) or value["kind"] not in CONNECTORS:
        raise PydanticCustomError("kind_unknown", "kind must be one of {known}", {"known": known})
    return settings_of(value["kind"]).model_validate(value, context=info.context)


Connection = Annotated[StoreSettings | SupplierSettings | FeedSettings | CarrierSettings | SignalSettings, _ByKind()]
