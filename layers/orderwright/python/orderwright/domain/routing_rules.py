"""The merchant's rules in orderwright.yaml on who ships what: how a supplier is chosen, and when another one is asked."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from orderwright.domain.base import Model
from orderwright.domain.config_values import ConnectionId, Owed

Choose = Literal["order", "cost", "fastest", "weights"]


class SkuRouting(Model):
    """What of the rules differs for one SKU."""

    suppliers: tuple[ConnectionId, ...] = Field(
        default=(), description="in place of rules.supplier_priority; only these ship it"
    )
    split: bool | None = Field(default=None, description="in place of rules.routing.split_lines")


class Rerouting(Model):
    """When the next supplier is asked though this one has not refused. Never while what was sent may still be accepted (P1)."""

    out_of_stock: bool = Field(
        default=True, description="what the supplier has no more of by the time it would be ordered"
    )
    switched_off: bool = Field(default=True, description="by its kill switch, before it was sent")
    not_answering_hours: int | None = Field(
        default=6, ge=1, le=720, description="nothing was sent yet, and the supplier has not answered for so long"
    )
    late_hours: int | None = Field(
        default=None,
        ge=1,
        le=2160,
        description="ordered, and no parcel for so long: it is asked to cancel; only where it does, the next is asked",
    )


class RoutingRules(Model):
    """Who ships a line.

    order: by rules.supplier_priority, then by landed cost. cost: by landed cost alone. fastest: by days to the door, then cost.
    weights: landed cost, and what the three `_is_worth` amounts make of days, parcels and score.
    """

    choose: Choose = "order"
    own_stock_first: bool = Field(default=False, description="before all else: a warehouse of your own that has it")
    day_is_worth: Owed | None = Field(default=None, description="for weights: what one day sooner at the door is worth")
    parcel_is_worth: Owed | None = Field(default=None, description="for weights: what one parcel less is worth")
    score_point_is_worth: Owed | None = Field(
        default=None, description="for weights: what one point of 100 more on the supplier's scorecard is worth"
    )
    split_lines: bool = Field(
        default=False, description="may pieces of one line come from several suppliers or warehouses?"
    )
    ship: Literal["together", "when_ready"] = Field(
        default="together",
        description="together: nothing is bought until all lines can be; when_ready: what can be shipped is, the rest waits",
    )
    skus: dict[str, SkuRouting] = Field(default_factory=dict)
    reroute: Rerouting = Field(default_factory=Rerouting)
    evidence: int = Field(
        default=20, ge=1, description="events of a supplier that a score needs before it counts in routing"
    )
    carriers: tuple[ConnectionId, ...] = Field(
        default=(), description="services that follow parcels, in this order; the next one where one fails"
    )


def allowed_suppliers(rules: RoutingRules, sku: str) -> tuple[str, ...]:
    """The only ones that may ship this SKU; empty: all may."""
    own = rules.skus.get(sku)
    return own.suppliers if own else ()


def may_split(rules: RoutingRules, sku: str) -> bool:
    """May pieces of one line of this SKU come from several suppliers or warehouses?"""
    own = rules.skus.get(sku)
    return rules.split_lines if own is None or own.split is None else own.split
