"""A reservation ends when the supplier's own stock shows the purchase (promises P3, P11)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from orderwright.domain.base import changed
from orderwright.domain.catalogue import Offer
from orderwright.domain.connection_settings import Goods
from orderwright.domain.feed_state import FeedState
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.purchase_order_line import PurchaseOrderLine
from orderwright.domain.time_line import LogEntry
from orderwright.domain.timing import AWS
from orderwright.records import feed_key, offer_key, purchase_order_key, reference_ref
from orderwright.storage import Put, Reserve
from orderwright.usecases.stock.closing import close_reservations, visit_at
from tests.support.catalogue_world import SKU, World, config
from tests.support.fakes import START, unit_usd, usd

OFFER = offer_key(SKU, "cj")
PK = "shop#1001"
PO = purchase_order_key(PK, "cj", 1)


def _placed(world: World, *, placed_at: datetime = START, tracking_due: datetime | None = None) -> None:
    line = PurchaseOrderLine(
        line_id="1", sku=SKU, supplier_sku=f"CJ-{SKU}", supplier_ref=f"vid-{SKU}", title="Lamp", quantity=2,
        reservation="1", unit_cost=unit_usd("6.40"),
    )  # fmt: skip
    po = PurchaseOrder(
        supplier="cj", number=1, reference="OW-1001-a-1", lines=(line,), freight=usd("5.80"), created_at=START,
        state=PurchaseOrderState.PLACED, placed_at=placed_at, tracking_due=tracking_due,
        log=(LogEntry(at=START, who="t", what="placed"),),
    )  # fmt: skip
    world.storage.commit([Put(PO, po, 0, ref=reference_ref(po.reference)), Reserve(OFFER, ((f"{PK}|1", 2),))])


def _close(world: World) -> bool:
    file = world.storage.load_order(PK)
    return close_reservations(
        file, PO.sk, storage=world.storage, config=world.config, timing=world.timing, clock=world.clock
    )


def _po(world: World) -> PurchaseOrder:
    stored = world.storage.get(PO, PurchaseOrder)
    assert stored is not None
    return stored.model


def test_a_reservation_stays_until_a_report_after_placement_and_lag(world: World) -> None:
    world.has_offer()
    _placed(world)
    world.clock.forward(minutes=30)
    assert not _close(world), "the last report is older than the placement"
    assert world.offer().sellable == 8


def test_a_report_within_the_suppliers_lag_does_not_count(world: World) -> None:
    world.has_offer(observed_at=START + timedelta(seconds=11))
    _placed(world)
    world.clock.forward(minutes=30)
    assert not _close(world), "the lag is 2 percent of ten minutes in the local profile: twelve seconds"


def test_a_reservation_closes_at_the_first_later_report(world: World) -> None:
    world.has_offer()
    tracking_due = START + timedelta(hours=4)
    _placed(world, tracking_due=tracking_due)
    world.clock.forward(minutes=30)
    world.change_offer(stock=8, sellable=6, observed_at=START + timedelta(minutes=20))
    assert _close(world)
    assert (world.offer().open, world.offer().sellable) == ({}, 8)
    assert world.facts(OFFER) == ["offer.changed"]
    assert _po(world).reservation_closed
    assert world.due(PO).startswith("2026-11-20T14:00"), "the poll for parcels stays due"
    assert world.raw(PO)["ref"] == "po#OW-1001-a-1"
    version = world.version(PO)
    assert _close(world)
    assert world.version(PO) == version


def test_where_a_feed_reports_the_offers_an_unchanged_row_is_a_report_too(world: World) -> None:
    supplier = world.config.suppliers["cj"].model_copy(update={"poll_stock": False})
    connections = {**world.config.connections, "cj": supplier}
    world.config = world.config.model_copy(update={"connections": connections})
    world.has_offer()
    _placed(world)
    world.clock.forward(minutes=30)
    assert not _close(world)
    read = FeedState(connection="feed", snapshot_at=START + timedelta(minutes=20))
    world.config.connections["other"] = world.config.connections["feed"]
    world.change_offer(feed="feed")
    world.storage.commit([Put(feed_key("other"), read, 0)])
    assert not _close(world), "it belongs to the other file"
    world.storage.commit([Put(feed_key("feed"), read, 0)])
    assert _close(world)


def test_a_file_of_costs_shows_no_purchase_and_what_is_always_there_needs_no_report(world: World) -> None:
    own: Any = world.config.connections["feed"]
    costs = own.model_copy(update={"stock_column": ""})
    supplier = world.config.suppliers["cj"].model_copy(update={"poll_stock": False})
    world.config = world.config.model_copy(
        update={"connections": {**world.config.connections, "cj": supplier, "feed": costs}}
    )
    world.has_offer()
    _placed(world)
    world.clock.forward(minutes=30)
    world.storage.commit([Put(feed_key("feed"), FeedState(connection="feed", snapshot_at=world.clock.now()), 0)])
    assert not _close(world)
    goods = {f"CJ-{SKU}": Goods(sku=SKU, title="Lamp", stock="always")}
    world.config.connections["cj"] = supplier.model_copy(update={"goods": goods})
    offer = world.storage.get(offer_key(SKU, "cj"), Offer)
    assert offer is not None
    world.storage.commit([Put(offer_key(SKU, "cj"), changed(offer.model, stock_from="feed"), offer.version)])
    assert not _close(world), "a feed reports it all the same"
    world.storage.commit([Put(offer_key(SKU, "cj"), offer.model, offer.version + 1)])
    assert _close(world)


def test_a_write_in_between_leaves_it_for_the_next_visit(world: World) -> None:
    world.has_offer(observed_at=START + timedelta(minutes=20))
    _placed(world)
    world.clock.forward(minutes=30)
    done: list[str] = []

    def meanwhile(name: str) -> None:
        if name == "dynamodb:TransactWriteItems" and not done:
            done.append(name)
            stored = world.storage.get(PO, PurchaseOrder)
            assert stored is not None
            world.storage.commit([Put(PO, stored.model, stored.version)])

    world.aws.before = meanwhile
    assert not _close(world)
    assert world.offer().open == {f"{PK}|1": 2}


def _visit(*, age_minutes: int, closed: bool = False) -> timedelta:
    """How long after placement a visit plans the next one, with the waits on AWS; four hours later is planned anyway."""
    world_config, now = config(), START + timedelta(minutes=age_minutes)
    po = PurchaseOrder(
        supplier="cj", number=1, reference="OW-1001-a-1", lines=(), freight=usd("5.80"), created_at=START,
        state=PurchaseOrderState.PLACED, placed_at=START, reservation_closed=closed,
    )  # fmt: skip
    return visit_at(po, now + timedelta(hours=4), world_config, AWS, now) - START


def test_p3_a_purchase_order_is_visited_a_quarter_of_an_hour_after_its_stock_may_be_reported() -> None:
    """The supplier's lag is ten minutes."""
    assert _visit(age_minutes=0) == timedelta(minutes=25)
    assert _visit(age_minutes=25) == timedelta(minutes=40)


def test_visits_for_a_report_that_does_not_come_grow_rarer() -> None:
    assert _visit(age_minutes=130) == timedelta(minutes=130 + 30), "two hours late: a quarter of that"
    assert _visit(age_minutes=10 + 60 * 40) == timedelta(minutes=10 + 60 * 44), "never later than planned"


def test_a_purchase_order_without_a_reservation_is_visited_as_planned() -> None:
    assert _visit(age_minutes=0, closed=True) == timedelta(hours=4)
