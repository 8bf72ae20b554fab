"""What is added to a seed's world for guards that the seeds' own people never put to the test."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial

from local.sandbox.goods import GOODS
from orderwright.config_store import CURRENT
from orderwright.domain.config import Config, MapPrice, MoneyText, PriceRule
from orderwright.domain.operations import StoredConfig
from orderwright.messages import Message
from orderwright.storage import Put
from tests.simulation.people.customers import Habits, plan_customers
from tests.simulation.sim import Sim
from tests.support.shop import SUPPLIER


def configured(sim: Sim, change: Callable[[Config], Config]) -> None:
    """Another configuration from the beginning, for the product and for the judge."""
    held = sim.storage.get(CURRENT, StoredConfig)
    assert held is not None
    assert sim.judge is not None
    sim.config = change(sim.config)
    document = sim.config.model_dump_json()
    sim.storage.commit([Put(CURRENT, held.model.model_copy(update={"document": document}), held.version)])
    sim.judge.after_event()
    del sim.judge.book.configs[:-1]


def _limits(config: Config, amount: str) -> Config:
    single = {SUPPLIER: MoneyText(amount=Decimal(amount), currency="USD")}
    return config.model_copy(
        update={"limits": config.limits.model_copy(update={"spend_per_purchase_order": single})}
    )


def a_low_limit_per_purchase_order(sim: Sim) -> None:
    """Twenty dollars, which many orders cost more than."""
    configured(sim, lambda config: _limits(config, "20.00"))


def dear_bills(sim: Sim) -> None:
    """The supplier's next bill for each article is far above its quote."""
    for good in GOODS:
        sim.supplier.set_payable_surcharge(good.sku, Decimal("60.00"))


def later(sim: Sim, minutes: float, act: Callable[[], None]) -> None:
    """Something in so many minutes."""
    sim.agenda.at(sim.clock.now() + timedelta(minutes=minutes), "", act)


def a_crowd(sim: Sim) -> None:
    """Many customers within a minute, who want what there is little of; each passes the store's own check."""
    plan_customers(
        sim,
        8,
        sim.dice("crowd"),
        span_seconds=20,
        habits=Habits(popular=1.0, races=1.0, cancels=0.0, moves=0.0, erased=0.0, forgets=0.0),
        until=sim.quiet_from,
    )


def polled(sim: Sim) -> None:
    """The feed and the offers are polled, whatever the seed says."""
    if "poll_stock" not in sim.running_schedules:
        sim.running_schedules = (*sim.running_schedules, "poll_stock")


def an_old_feed(sim: Sim) -> None:
    """The feed shows the morning's file for an hour, while the supplier's stock moves on; then a new one."""
    polled(sim)
    sim.feed.stale()
    for number, good in enumerate(GOODS):
        later(sim, 12 + number * 5, partial(sim.supplier.set_stock, good.sku, 20 + number))
    later(sim, 45, partial(sim.feed.stale, frozen=False))


def a_broken_feed(sim: Sim) -> None:
    """The feed is cut off, empty and without rows, one poll after the other."""
    polled(sim)
    for behaviour in ("ok", "truncated", "empty", "header_only", "ok"):
        sim.feed.faults.script("fetch", behaviour)


def a_jump_in_cost(sim: Sim) -> None:
    """Everything becomes much dearer at once, in a shop of small margins: the old prices may not stay."""
    configured(sim, _small_margins)
    polled(sim)
    for good in GOODS:
        later(sim, 20, partial(sim.supplier.set_cost, good.sku, good.cost * 3))


def narrow_prices(sim: Sim) -> None:
    """Rules with a margin that lifts prices, a MAP and an MSRP; every price is worked out anew."""
    configured(sim, _narrow)
    later(sim, 3, partial(reprice, sim))


def reprice(sim: Sim) -> None:
    """Every listing anew, as after a change of rules."""
    at = "2026-11-22T08:00:00Z"
    sim.send([Message("offer.changed", f"again-{good.sku}", at, resource=good.sku) for good in GOODS])


def a_late_price(sim: Sim) -> None:
    """The store takes a price in, says nothing, and carries it out behind the next one."""
    polled(sim)
    good = GOODS[0]
    sim.store.config.faults.script("productVariantsBulkUpdate", "accept_late")
    later(sim, 5, partial(sim.supplier.set_cost, good.sku, good.cost * Decimal("1.05")))
    for minutes in (6, 7, 8, 9, 10):
        later(sim, minutes, partial(sim.supplier.set_cost, good.sku, good.cost * Decimal("1.08")))


def _small_margins(config: Config) -> Config:
    rule = PriceRule(name="all", markup=Decimal("1.6"), minimum_margin_percent=Decimal(30))
    return config.model_copy(update={"rules": config.rules.model_copy(update={"prices": (rule,)})})


def _narrow(config: Config) -> Config:
    rule = PriceRule(name="all", markup=Decimal("1.1"), minimum_margin_percent=Decimal(30))
    own = {
        "HL-KID-120": MapPrice(map_price=MoneyText(amount=Decimal("12.00"), currency="USD")),
        "HL-COB-350": MapPrice(msrp=MoneyText(amount=Decimal("10.40"), currency="USD")),
    }
    changes = {"prices": (rule,), "sku_prices": own, "price_step_percent": Decimal(90)}
    return config.model_copy(update={"rules": config.rules.model_copy(update=changes)})
