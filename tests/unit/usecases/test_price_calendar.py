"""What changes a price by time alone: the sweep finds it, once, also after an outage (promise P11), in any order (P13)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from orderwright.domain.base import iso
from orderwright.domain.catalogue import Offer
from orderwright.records import CATALOGUE, listing_key, offer_key
from orderwright.storage import Due
from orderwright.usecases.dispatch_schedules import SWEEP_LIMIT
from orderwright.usecases.listing.records import or_review
from orderwright.usecases.recalculate_price import recalculate_price
from tests.support.boundary import Killed
from tests.support.catalogue_world import SKU, World, config, message, push_listings
from tests.support.fakes import START, unit_usd, usd

KEY = listing_key(SKU, "shop")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MIDNIGHT = START + timedelta(hours=14)
BEGINS, ENDS = START + 5 * HOUR, START + 9 * HOUR


@pytest.fixture
def sale(world: World) -> World:
    """20 % off for four hours; `MIDNIGHT`: the supplier asks for more."""
    black = {"begins": BEGINS.isoformat(), "ends": ENDS.isoformat(), "percent": 20}
    dearer = {"supplier": "cj", "since": MIDNIGHT.date().isoformat(), "cost": "7.40 USD"}
    world.config = config(campaigns={"black": black}, announced_costs=[dearer], ship_to_countries=["US"])
    world.has_offer(cost_observed_at=START)
    world.has_listing()
    priced(world)
    return world


def priced(world: World) -> None:
    asked = message("offer.changed", resource=SKU)
    recalculate_price(asked, storage=world.storage, config=world.config, clock=world.clock, timing=world.timing)


def swept(world: World) -> list[str]:
    """What the sweep finds of the catalogue, done as the functions do it; the message types."""
    found = [due for _, due in world.storage.due(CATALOGUE, world.clock.now(), SWEEP_LIMIT)]
    for due in found:
        if due == "offer.changed":
            priced(world)
        else:
            push_listings(world)
    return found


def settled(world: World) -> None:
    """As long as something is due now, and within the minutes in which a price is read back."""
    for _ in range(4):
        swept(world)
        world.clock.at += timedelta(minutes=3)


def test_the_sweep_begins_and_ends_a_campaign_and_stays_quiet_in_between(sale: World) -> None:
    assert sale.due(KEY) == f"{iso(BEGINS)}#offer.changed"
    assert swept(sale) == []
    sale.clock.at = BEGINS
    assert swept(sale) == ["offer.changed"]
    assert sale.facts(KEY) == ["listing.push_due"]
    settled(sale)
    assert (sale.listing().published_price, sale.listing().published_compare_at) == (usd("18.40"), usd("22.99"))
    assert sale.due(KEY) == f"{iso(ENDS)}#offer.changed"
    assert swept(sale) == []
    sale.clock.at = ENDS
    settled(sale)
    listing = sale.listing()
    assert (listing.published_price, listing.published_compare_at, listing.pending_price) == (usd("22.99"), None, None)
    assert sale.due(KEY) == f"{iso(MIDNIGHT)}#offer.changed"


def test_p11_an_outage_over_both_edges_ends_right(sale: World) -> None:
    sale.clock.at = BEGINS
    settled(sale)
    sale.clock.at = ENDS + 3 * DAY
    settled(sale)
    listing = sale.listing()
    # (7.40 + 2.90) x 2.4 = 24.72: back from the campaign, and dearer since midnight
    assert (listing.published_price, listing.review_at) == (usd("24.99"), None)
    assert sale.due(KEY) == ""


def test_p11_a_price_that_the_store_refuses_or_cannot_take_now_does_not_lose_the_end(sale: World) -> None:
    sale.store.refused[f"v-{SKU}"] = "PRICE_LOCKED"
    sale.clock.at = BEGINS
    settled(sale)
    assert [reason.code for reason in sale.listing().reasons] == ["PRICE_LOCKED"]
    assert sale.due(KEY) == f"{iso(ENDS)}#offer.changed"
    waiting = or_review(Due(ENDS + HOUR, "listing.push_due"), sale.listing())
    assert waiting == Due(ENDS, "offer.changed")
    sale.clock.at = ENDS
    settled(sale)
    assert sale.listing().desired_price == usd("22.99")


def test_p11_what_is_not_ours_to_price_any_more_is_not_found_without_end(sale: World) -> None:
    without = {name: one for name, one in sale.config.connections.items() if name != "shop"}
    sale.config = sale.config.model_copy(update={"connections": without})
    sale.clock.at = BEGINS
    assert swept(sale) == ["offer.changed"]
    assert swept(sale) == []


def reported(world: World, cost: str, *, after: timedelta) -> None:
    held = world.storage.get(offer_key(SKU, "cj"), Offer)
    assert held is not None
    world.change_offer(cost=unit_usd(cost), cost_observed_at=world.clock.now() + after)


@pytest.mark.parametrize(("cost", "after", "floor"), [("6.40", 0, "11.45"), ("6.60", 1, "10.56"), ("7.80", 1, "11.89")])
@pytest.mark.parametrize("first", ["report", "edge", "between"])
def test_p13_a_report_at_the_moment_of_an_announced_cost_ends_the_same_in_any_order(
    sale: World, cost: str, after: int, floor: str, first: str
) -> None:
    """Every change of an offer asks for a price once more; a killed worker leaves the time due."""
    sale.clock.at = MIDNIGHT

    def report() -> None:
        reported(sale, cost, after=after * timedelta(seconds=1))

    steps: list[Callable[[], object]] = (
        [report, lambda: swept(sale)] if first == "report" else [lambda: swept(sale), report]
    )
    if first == "between":
        done: list[str] = []

        def meanwhile(name: str) -> None:
            if name in ("dynamodb:PutItem", "dynamodb:TransactWriteItems") and not done:
                done.append(name)
                report()
                raise Killed(name)

        sale.aws.before = meanwhile
        with pytest.raises(Killed):
            swept(sale)
        sale.aws.before = lambda name: None
        steps = [lambda: swept(sale)]
    for step in steps:
        step()
    priced(sale)
    listing = sale.listing()
    assert listing.floor == usd(floor)
    assert listing.desired_price is not None
    assert listing.desired_price >= listing.floor
    assert listing.review_at is None or listing.review_at > sale.clock.now()
