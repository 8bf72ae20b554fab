"""Guards of stock and prices: no oversell, no price that may not be, nothing older over newer (promises P3 and P4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

from orderwright.aws import writes
from orderwright.domain import listing, pricing, serving
from orderwright.domain.catalogue import NEVER, Offer
from orderwright.domain.config import Config
from orderwright.domain.listing import Listing
from orderwright.domain.price_ending import round_up_to_ending
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.domain.stock_diff import FeedVerdict
from orderwright.domain.timing import Timing
from orderwright.storage import Due, Reserve
from orderwright.usecases import publish_listing, recalculate_price, rerouting
from orderwright.usecases.intake import needs, stock
from orderwright.usecases.listing import decide, records
from orderwright.usecases.placing import outcome, replanning
from orderwright.usecases.stock import closing, feed_poll
from tests.simulation.faults.mix import Mix
from tests.simulation.modes.additions import (
    a_broken_feed,
    a_crowd,
    a_crowd_that_cancels,
    a_jump_in_cost,
    a_late_price,
    an_old_feed,
    fickle_customers,
    narrow_prices,
)
from tests.simulation.modes.families import A_FEED_GOES
from tests.simulation.modes.hunting import Guard, Planned, Seeds

Removed = AbstractContextManager[object]


def _reserves_anyway() -> Removed:
    real = writes.reserve_request

    def request(table: str, change: Reserve, writer: str) -> dict[str, Any]:
        made = real(table, change, writer)
        condition = made["ConditionExpression"].replace(" AND #body.sellable >= :sum", "")
        return {**made, "ConditionExpression": condition}

    return patch.object(writes, "reserve_request", request)


def _keeps_stock() -> Removed:
    real = stock.give_back

    def give_back(work: Any, now: datetime) -> tuple[Any, list[Any]]:
        return real(work, now)[0], []

    return patch.object(stock, "give_back", give_back)


def _keeps_withdrawn_stock() -> Removed:
    return patch.object(outcome, "give_back", lambda pk, record, *_: (record, []))


def _closes(ready: Callable[[PurchaseOrder, Config, Timing], datetime | None]) -> Callable[[], Removed]:
    return lambda: patch.object(closing, "ready_at", ready)


def _without_lag(po: PurchaseOrder, config: Config, timing: Timing) -> datetime | None:
    return po.placed_at


def _at_once(po: PurchaseOrder, config: Config, timing: Timing) -> datetime | None:
    return po.placed_at and po.placed_at - timedelta(days=1)


def _drops_shortages() -> Removed:
    return patch.object(needs, "problems_of", lambda *args: ())


def _older_over_newer() -> Removed:
    real = Offer.reported

    def reported(offer: Offer, *report: Any) -> Any:
        return real(offer.model_copy(update={"observed_at": NEVER}), *report)

    return patch.object(Offer, "reported", reported)


@contextmanager
def both(*patches: AbstractContextManager[object]) -> Iterator[object]:
    """Several at once."""
    with ExitStack() as stack:
        for one in patches:
            stack.enter_context(one)
        yield None


def any_price() -> Removed:
    """What is published is not looked at."""
    return both(patch.object(decide, "_covers", lambda *args: True), patch.object(listing, "guard", lambda *args: True))


def _no_bounds() -> Removed:
    def within(amount: Any, bounds: Any, rule: Any, currency: str, steps: list[str]) -> Any:
        return round_up_to_ending(amount, currency, rule.ending)

    return both(patch.object(pricing, "within", within), any_price())


def _no_read_back() -> Removed:
    real = records.next_due

    def next_due(one: Listing, now: datetime, timing: Timing) -> Due | None:
        return real(one, now, timing) if one.needs_push else None

    return both(
        *(patch.object(module, "next_due", next_due) for module in (records, publish_listing, recalculate_price))
    )


GOODS_ON_SALE: tuple[Guard, ...] = (
    Guard(
        "a reservation takes only what is there",
        "P3",
        "two customers in the same second reserve the same last piece",
        _reserves_anyway,
        "was reserved though it was not there",
        Seeds(4, mix=Mix({"slow": 0.2}), also=a_crowd),
    ),
    Guard(
        "a cancelled order gives its stock back",
        "P3",
        "what nobody buys is not for sale either",
        _keeps_stock,
        "P3: reservations",
        Seeds(also=a_crowd_that_cancels),
    ),
    Guard(
        "a withdrawn purchase order gives its stock back",
        "P3",
        "what was taken back at the supplier stays reserved",
        _keeps_withdrawn_stock,
        "P3: reservations",
        Seeds(also=fickle_customers),
    ),
    Guard(
        "a reservation closes behind the supplier's report",
        "P3",
        "units that are bought and not yet booked out are sold again",
        _closes(_at_once),
        "before the supplier reported",
        Seeds(),
    ),
    Guard(
        "a supplier's report lags behind its purchases",
        "P3",
        "the first report after a placement is taken to know of it",
        _closes(_without_lag),
        "before the supplier reported",
        Seeds(1, also=an_old_feed),
    ),
    Guard(
        "a shortage stops before the operator",
        "P3",
        "a line that nobody can deliver is dropped in silence",
        _drops_shortages,
        "P1: ",
        Seeds(also=a_crowd),
    ),
    Guard(
        "what came from a source that is gone is not for sale",
        "P3",
        "a feed is taken out, and what it said is sold for ever",
        lambda: both(
            *(
                patch.object(module, "source_gone", lambda *args: None)
                for module in (serving, stock, rerouting, replanning)
            )
        ),
        "by a feed that is gone",
        Planned(A_FEED_GOES),
    ),
    Guard(
        "nothing older over newer",
        "P4",
        "yesterday's file overwrites what the supplier said a minute ago",
        _older_over_newer,
        "an older report",
        Seeds(also=an_old_feed),
    ),
    Guard(
        "a feed's breaker",
        "P4",
        "an empty file is read as everything sold out",
        lambda: patch.object(feed_poll, "judge_feed", lambda stats, settings: FeedVerdict(True)),
        "was taken for sold out",
        Seeds(also=a_broken_feed),
    ),
    Guard(
        "a large step of a price waits for approval",
        "P4",
        "a supplier's slip of the pen is on the shelf a minute later",
        lambda: patch.object(listing, "step_allowed", lambda *args: True),
        "nobody approved it",
        Seeds(7),
    ),
    Guard(
        "the guard of each price",
        "P4",
        "a price that cost and rules do not allow any more stays on sale",
        any_price,
        "P4: ",
        Seeds(also=a_jump_in_cost),
    ),
    Guard(
        "a price within its bounds, and the guard behind it",
        "P4",
        "goods are published below cost and MAP, and above MSRP",
        _no_bounds,
        "was published at",
        Seeds(also=narrow_prices),
    ),
    Guard(
        "a price is read back",
        "P4",
        "an older price that arrives late stays",
        _no_read_back,
        "nothing mends it",
        Seeds(also=a_late_price),
    ),
    Guard(
        "a push that failed is due again",
        "P11",
        "what the store could not take is never pushed again",
        lambda: patch.object(publish_listing, "Due", lambda *args: None),
        "P11: the listing",
        Seeds(mix=Mix({"shopify": 0.3}), also=an_old_feed),
    ),
)
