"""The merchant's rules and limits in orderwright.yaml: how prices are made, what parcels cost, what waits for a person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from itertools import combinations, pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from orderwright.domain.base import Model, changed
from orderwright.domain.bundle import Bundle
from orderwright.domain.cash_rules import PayoutRule
from orderwright.domain.config_values import ConnectionId, CurrencyCode, MoneyText
from orderwright.domain.money_rules import DestinationRule, FeeRule
from orderwright.domain.outside_texts import MOST_OF_A_LINK, safe_url
from orderwright.domain.repricing_rules import AnnouncedCost, Bounds, Campaign, CompetitorMove, DemandMove, SlowMove
from orderwright.domain.routing_rules import RoutingRules
from orderwright.domain.tracking_rules import TrackingRules


class PriceTier(Model):
    """The markup for a landed cost of at most `up_to`; without it, for all that is above the tiers before."""

    up_to: MoneyText | None = None
    markup: Decimal = Field(gt=0)


class PriceRule(Model):
    """How a price is made. The first rule whose match fits applies; an empty match fits all.

    Exactly one of `markup`, `tiers` and `target_margin_percent` says what is aimed at.
    """

    name: str
    skus: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    stores: tuple[ConnectionId, ...] = ()
    currencies: tuple[CurrencyCode, ...] = Field(
        default=(), description="only in stores that sell in these; empty: all"
    )
    markup: Decimal | None = Field(default=None, gt=0, description="price = landed cost x markup")
    tiers: tuple[PriceTier, ...] = Field(default=(), description="a markup by landed cost, the lowest first")
    target_margin_percent: Decimal | None = Field(
        default=None, ge=0, lt=100, description="the price that leaves this margin"
    )
    fixed_add: MoneyText | None = None
    minimum_margin_percent: Decimal = Field(
        default=Decimal(10),
        ge=0,
        lt=100,
        description="after landed cost: of the net revenue where destination or fee rules exist, else of the price",
    )
    minimum_margin: MoneyText | None = Field(default=None, description="the least that one piece must leave")
    ending: Annotated[str, Field(pattern=r"^(\.\d{1,3}|\d{1,4})?$")] = Field(
        default=".99", description='rounded up to this ending: ".99" after the point, "80" before it; "" for none'
    )
    map_price: MoneyText | None = Field(default=None, description="minimum advertised price: a hard floor")
    msrp: MoneyText | None = Field(default=None, description="ceiling")
    compare_at: Literal["msrp"] | Annotated[Decimal, Field(gt=1)] | None = Field(
        default=None, description="the price shown struck through: msrp, or the price times this"
    )
    competitors: CompetitorMove | None = Field(default=None, description="follow competitors' prices")
    demand: DemandMove | None = Field(default=None, description="raise what sells faster, or runs low")
    slow_movers: SlowMove | None = Field(default=None, description="lower what nobody buys")
    bounds: Bounds = Field(default_factory=Bounds, description="how far these three may move a price")

    @property
    def moves(self) -> bool:
        """Does anything but cost make its prices?"""
        return any((self.competitors, self.demand, self.slow_movers))

    @model_validator(mode="after")
    def _one_aim(self) -> Self:
        if sum((self.markup is not None, bool(self.tiers), self.target_margin_percent is not None)) != 1:
            raise ValueError("markup: give exactly one of markup, tiers and target_margin_percent")
        for one, two in pairwise(self.tiers):
            same = one.up_to is not None and (two.up_to is None or one.up_to.currency == two.up_to.currency)
            if not same or (one.up_to and two.up_to and one.up_to.amount >= two.up_to.amount):
                raise ValueError("tiers: must rise, in one currency; only the last may be without up_to")
        if self.tiers and self.tiers[-1].up_to is not None:
            raise ValueError("tiers: the last must be without up_to; it is for all costs above the others")
        return self


class MapPrice(Model):
    """A SKU's minimum advertised price and list price, over all rules."""

    map_price: MoneyText | None = None
    msrp: MoneyText | None = None


class FxRate(Model):
    """1 unit of `currency` = `rate` units of the base currency, as of `dated`."""

    currency: CurrencyCode
    rate: Decimal = Field(gt=0)
    dated: date


class FileRate(FxRate):
    """The same from a file: of which connection, by its id, and to which base currency."""

    base: CurrencyCode
    file: ConnectionId


class DigitalLink(Model):
    """A digital SKU is delivered by a mail with this link."""

    link: Annotated[str, Field(pattern=r"^https://[^\s]+$", max_length=MOST_OF_A_LINK)]

    @field_validator("link")
    @classmethod
    def _can_be_shown(cls, value: str) -> str:
        if not safe_url(value):
            raise ValueError("must be an https address with a host name, as it is to stand in a mail")
        return value


class Rules(Model):
    """What the merchant decided."""

    prices: tuple[PriceRule, ...] = ()
    sku_prices: dict[str, MapPrice] = Field(default_factory=dict)
    price_step_percent: Decimal = Field(default=Decimal(20), gt=0, description="a larger change waits for approval")
    alert_below_competitors_percent: Decimal | None = Field(
        default=Decimal(20),
        gt=0,
        lt=100,
        description="so far below the lowest competitor's price it is told; null: never",
    )
    base_currency: CurrencyCode = "USD"
    fx: tuple[FxRate, ...] = ()
    fx_max_age_days: int = Field(default=7, ge=1)
    campaigns: dict[str, Campaign] = Field(default_factory=dict, description="prices for some time, by name")
    announced_costs: tuple[AnnouncedCost, ...] = Field(
        default=(), description="what suppliers said that goods will cost from a day on"
    )
    destinations: tuple[DestinationRule, ...] = Field(
        default=(), description="tax, duty and handling by destination; with one rule, every other destination waits"
    )
    fees: dict[str, FeeRule] = Field(
        default_factory=dict, description="by payment gateway or marketplace, as the store names it"
    )
    supplier_priority: tuple[ConnectionId, ...] = ()
    routing: RoutingRules = Field(default_factory=RoutingRules)
    bundles: dict[str, Bundle] = Field(
        default_factory=dict, description="by the SKU under which they are sold: one listing that is several goods"
    )
    approve_orders_above: MoneyText | None = None
    approve_personalised: bool = True
    approve_new_customers: bool = Field(default=False, description="the first order of a customer waits for approval")
    approve_margin_below_percent: Decimal | None = Field(
        default=None, ge=-100, lt=100, description="an order that is expected to leave less of its net revenue waits"
    )
    payouts: dict[str, PayoutRule] = Field(
        default_factory=dict, description="by payment gateway or marketplace, as under fees: when its money comes"
    )
    alert_new_orders: bool = False
    digital: dict[str, Literal["mark"] | DigitalLink] = Field(
        default_factory=dict,
        description="what is not shipped, by SKU: mailed as a link, or only marked as fulfilled in the store",
    )
    ship_to_countries: tuple[str, ...] = Field(default=(), description="empty: everywhere")
    refuse_po_boxes: bool = False
    upsell_window_minutes: int = Field(default=0, ge=0)
    payment_wait_hours: int = Field(default=168, ge=1)
    no_tracking_alert_hours: int = Field(default=96, ge=1)
    tracking: TrackingRules = Field(default_factory=TrackingRules, description="the customer's page of an order")

    @property
    def know_true_cost(self) -> bool:
        """Are there rules of destinations or fees? Without any, a cost is goods and freight only."""
        return bool(self.destinations or self.fees)

    @model_validator(mode="after")
    def _no_two_rules_fit(self) -> Self:
        for (number, one), (_, two) in combinations(enumerate(self.destinations), 2):
            if one.overlaps(two):
                raise ValueError(
                    f"rules.destinations.{number}: {one.called!r} and {two.called!r} fit the same parcels on the same days:"
                    " change to, from, stores, valid_from or valid_until of one of them"
                )
        return self

    @model_validator(mode="after")
    def _each_fee_once(self) -> Self:
        """A gateway is found by its name in any letter case."""
        for field, given in (("fees", self.fees), ("payouts", self.payouts)):
            names: dict[str, str] = {}
            for name in given:
                other = names.setdefault(name.strip().casefold(), name)
                if other != name:
                    raise ValueError(f"rules.{field}.{name}: is the same gateway as {other!r}; keep one of them")
        return self

    def with_ids(self, id_of: Callable[[str], str]) -> Rules:
        """The same with the connections' permanent ids in place of their names."""

        def ids(names: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(id_of(name) for name in names)

        return changed(
            self,
            prices=tuple(_with_ids(rule, ids) for rule in self.prices),
            campaigns={name: changed(one, stores=ids(one.stores)) for name, one in self.campaigns.items()},
            announced_costs=tuple(changed(one, supplier=id_of(one.supplier)) for one in self.announced_costs),
            destinations=tuple(changed(rule, stores=ids(rule.stores)) for rule in self.destinations),
            fees={name: changed(fee, stores=ids(fee.stores)) for name, fee in self.fees.items()},
            supplier_priority=ids(self.supplier_priority),
            routing=changed(
                self.routing,
                skus={sku: changed(one, suppliers=ids(one.suppliers)) for sku, one in self.routing.skus.items()},
                carriers=ids(self.routing.carriers),
            ),
        )


def _with_ids(rule: PriceRule, ids: Callable[[tuple[str, ...]], tuple[str, ...]]) -> PriceRule:
    move = rule.competitors
    followed = changed(move, feeds=ids(move.feeds)) if move is not None else None
    return changed(rule, stores=ids(rule.stores), competitors=followed)


class Limits(Model):
    """Promise P10. Amounts in the supplier's currency."""

    spend_per_day: dict[ConnectionId, MoneyText] = Field(default_factory=dict)
    spend_per_purchase_order: dict[ConnectionId, MoneyText] = Field(default_factory=dict)
    minimum_order_margin_percent: Decimal = Field(
        default=Decimal(5), ge=-100, lt=100, description="of the net revenue of a purchase order's lines"
    )
    minimum_order_margin: MoneyText | None = Field(
        default=None, description="the least that a purchase order must leave"
    )
