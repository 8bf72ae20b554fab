"""Counted calls inside the day's points, news, and reservations that end (promises P3, P4, P11)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from orderwright.domain.config import CjConnection
from orderwright.domain.operations import Cursor
from orderwright.domain.order import LogEntry
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderLine, PurchaseOrderState
from orderwright.errors import Conflict, Misconfigured, Retryable
from orderwright.messages import Message
from orderwright.records import CONTROL, Key, offer_key, purchase_order_key, reference_ref
from orderwright.storage import Put, Reserve
from orderwright.usecases.intake.erasure import connection_key
from orderwright.usecases.poll_stock import poll_stock
from orderwright.usecases.stock.budget import allowance, cursor_key
from orderwright.usecases.stock.closing import close_reservations
from tests.support.catalogue_world import SKU, World, message, new_token
from tests.support.fakes import START, FakeFeed, FakeStock, usd

OFFER = offer_key(SKU, "cj")
PK = "shop#1001"
PO = purchase_order_key(PK, "cj", 1)


class Supplier:
    """A supplier that answers for every SKU of the world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.stock = FakeStock(clock=world.clock)

    def run(self, asked: Message | None = None) -> None:
        poll_stock(
            asked or message("stock.poll_due", connection="cj"),
            storage=self.world.storage,
            config=self.world.config,
            feed_for=lambda connection: FakeFeed(),
            stock_for=lambda connection: self.stock,
            read_feed=lambda lines, settings: pytest.fail("no feed here"),
            snapshots=self.world.snapshots,
            offers=self.world.offers,
            clock=self.world.clock,
            timing=self.world.timing,
            new_token=new_token,
        )

    @property
    def used(self) -> int:
        stored = self.world.storage.get(cursor_key("cj"), Cursor)
        return stored.model.points_used if stored else 0


@pytest.fixture
def supplier(world: World) -> Supplier:
    return Supplier(world)


def test_a_poll_reads_the_offers_and_writes_what_changed(world: World, supplier: Supplier) -> None:
    world.has_offer()
    supplier.stock.answers[f"vid-{SKU}"] = (4, usd("7.60"))
    world.clock.forward(minutes=5)
    supplier.run()
    offer = world.offer()
    assert (offer.stock, offer.sellable, offer.cost) == (4, 4, usd("7.60"))
    assert world.facts(OFFER) == ["offer.changed"]
    assert supplier.used == 10


def test_an_unchanged_offer_carries_no_fact_but_its_report_counts(world: World, supplier: Supplier) -> None:
    world.has_offer()
    supplier.stock.answers[f"vid-{SKU}"] = (10, usd("6.40"))
    world.clock.forward(minutes=5)
    supplier.run()
    assert world.facts(OFFER) == []
    assert world.offer().observed_at == world.clock.now()


def test_unknown_is_not_zero(world: World, supplier: Supplier) -> None:
    world.has_offer()
    supplier.stock.answers[f"vid-{SKU}"] = (None, None)
    world.clock.forward(minutes=5)
    supplier.run()
    assert (world.offer().stock, world.offer().cost) == (10, usd("6.40"))
    assert world.offer().observed_at == START


@pytest.mark.parametrize("cost", ["0.00", "-1.00"])
def test_a_cost_that_is_not_above_zero_is_parked_once(world: World, supplier: Supplier, cost: str) -> None:
    world.has_offer()
    supplier.stock.answers[f"vid-{SKU}"] = (3, usd(cost))
    note = Key(CONTROL, "PARKED", f"cj#stock#COST_NOT_POSITIVE#{SKU}")
    for _ in range(2):
        world.clock.forward(minutes=5)
        supplier.run()
    assert (world.offer().stock, world.offer().cost) == (3, usd("6.40"))
    assert world.facts(note) == ["COST_NOT_POSITIVE"]
    assert world.version(note) == 1


def test_the_offers_written_longest_ago_come_first(world: World, supplier: Supplier) -> None:
    for number in range(8):
        world.has_offer(f"SKU-{number}")
        world.clock.forward(seconds=1)
        supplier.stock.answers[f"vid-SKU-{number}"] = (1, None)
    world.clock.at = START.replace(day=21, hour=0, minute=1)
    supplier.run()
    assert supplier.stock.asked == [f"vid-SKU-{number}" for number in range(4)]
    world.clock.at = START.replace(day=21, hour=2)
    supplier.run()
    assert supplier.stock.asked[4:8] == [f"vid-SKU-{number}" for number in range(4, 8)]


SETTINGS = CjConnection(kind="cj", points_per_day=1000, points_reserve=100)


@pytest.mark.parametrize(
    ("hour", "used", "left"), [(0, 0, 45), (12, 0, 495), (12, 495, 0), (23, 0, 900), (23, 900, 0)]
)
def test_points_are_spread_over_the_day(hour: int, used: int, left: int) -> None:
    assert allowance(SETTINGS, used, START.replace(hour=hour, minute=0), paced=True) == left


def test_news_may_be_followed_ahead_of_the_hour_but_never_into_the_reserve() -> None:
    early = START.replace(hour=0, minute=0)
    assert allowance(SETTINGS, 850, early, paced=True) == 0
    assert allowance(SETTINGS, 850, early, paced=False) == 50
    assert allowance(SETTINGS, 990, early, paced=False) == 0


def test_a_new_day_has_its_points_again(world: World, supplier: Supplier) -> None:
    world.has_offer()
    supplier.stock.answers[f"vid-{SKU}"] = (4, None)
    used = Cursor(name="cj stock", points_day="2026-11-20", points_used=900)
    world.storage.commit([Put(cursor_key("cj"), used, 0)])
    supplier.run()
    assert supplier.stock.asked == []
    world.clock.forward(days=1)
    supplier.run()
    assert supplier.stock.asked == [f"vid-{SKU}"]
    assert supplier.used == 10


def test_news_without_points_left_is_told_once_a_day(world: World, supplier: Supplier) -> None:
    world.has_offer()
    used = Cursor(name="cj stock", points_day="2026-11-20", points_used=900)
    world.storage.commit([Put(cursor_key("cj"), used, 0)])
    for _ in range(2):
        supplier.run(message("stock.news", connection="cj", resource=f"vid-{SKU}"))
    assert world.facts(cursor_key("cj")) == ["POINTS_USED_UP"]
    assert world.version(cursor_key("cj")) == 2


def test_points_are_counted_before_the_calls(world: World, supplier: Supplier) -> None:
    world.has_offer()
    supplier.stock.faults.add("read_offer", Retryable("429"))
    supplier.run()
    assert supplier.used == 10
    assert world.facts(connection_key("cj")) == ["CONNECTION_FAILS"]


def test_a_throttled_poll_keeps_what_was_read(world: World, supplier: Supplier) -> None:
    for number in range(3):
        world.has_offer(f"SKU-{number}")
        world.clock.forward(seconds=1)
        supplier.stock.answers[f"vid-SKU-{number}"] = (1, None)
    real = supplier.stock.read_offer

    def second_fails(sku: str, ref: str):  # type: ignore[no-untyped-def]
        if ref == "vid-SKU-1":
            raise Retryable("429")
        return real(sku, ref)

    supplier.stock.read_offer = second_fails  # type: ignore[method-assign]
    supplier.run()
    assert [world.offer(f"SKU-{number}").stock for number in range(3)] == [1, 10, 10]


def test_news_reads_that_offer_now(world: World, supplier: Supplier) -> None:
    world.has_offer()
    world.has_offer("OTHER")
    supplier.stock.answers[f"vid-{SKU}"] = (0, None)
    world.clock.forward(seconds=3)
    supplier.run(message("stock.news", connection="cj", resource=f"vid-{SKU}"))
    assert supplier.stock.asked == [f"vid-{SKU}"]
    assert world.offer().stock == 0


def test_news_of_a_foreign_id_costs_nothing(world: World, supplier: Supplier) -> None:
    supplier.run(message("stock.news", connection="cj", resource="vid-unknown"))
    assert supplier.stock.asked == []
    assert supplier.used == 0


def test_news_that_cannot_be_followed_comes_again(world: World, supplier: Supplier) -> None:
    world.has_offer()
    supplier.stock.faults.add("read_offer", Retryable("429"))
    with pytest.raises(Retryable):
        supplier.run(message("stock.news", connection="cj", resource=f"vid-{SKU}"))


def test_an_offer_the_supplier_does_not_find_keeps_its_stock_and_is_told_once(
    world: World, supplier: Supplier
) -> None:
    world.has_offer()
    supplier.run()
    assert world.facts(OFFER) == ["OFFER_NOT_FOUND"]
    assert world.offer().stock == 10
    supplier.run()
    assert world.facts(OFFER) == []


def test_a_reservation_between_read_and_write_needs_no_second_call(world: World, supplier: Supplier) -> None:
    world.has_offer()
    supplier.stock.answers[f"vid-{SKU}"] = (5, None)
    world.clock.forward(minutes=1)
    done: list[str] = []

    def meanwhile(name: str) -> None:
        if name == "dynamodb:PutItem" and supplier.stock.asked and not done:
            done.append(name)
            world.storage.commit([Reserve(OFFER, (("shop#1|line", 2),))])

    world.aws.before = meanwhile
    supplier.run()
    assert supplier.stock.asked == [f"vid-{SKU}"]
    assert (world.offer().stock, world.offer().sellable) == (5, 3)


def test_a_store_has_no_stock_to_poll(world: World, supplier: Supplier) -> None:
    with pytest.raises(Misconfigured, match="suppliers and feeds"):
        supplier.run(message("stock.poll_due", connection="shop"))


def test_a_removed_connection_is_let_go(world: World, supplier: Supplier) -> None:
    supplier.run(message("stock.poll_due", connection="old"))
    assert supplier.stock.asked == []


# --- reservations -----------------------------------------------------------------------------------------------------


def _placed(world: World, *, placed_at: datetime = START, tracking_due: datetime | None = None) -> None:
    line = PurchaseOrderLine(
        line_id="1", sku=SKU, supplier_sku=f"CJ-{SKU}", supplier_ref=f"vid-{SKU}", title="Lamp", quantity=2,
        reservation="1", unit_cost=usd("6.40"), revenue=usd("45.98"),
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


def test_a_due_reservation_asks_the_supplier_itself(world: World, supplier: Supplier) -> None:
    world.has_offer()
    _placed(world)
    supplier.stock.answers[f"vid-{SKU}"] = (8, None)
    world.clock.forward(minutes=30)
    supplier.run(message("reservation.close_due", pk=PK, sk=PO.sk))
    assert (world.offer().open, world.offer().stock, world.offer().sellable) == ({}, 8, 8)
    assert _po(world).reservation_closed


def test_a_due_reservation_that_the_supplier_says_nothing_about_is_due_again(
    world: World, supplier: Supplier
) -> None:
    world.has_offer()
    _placed(world)
    supplier.stock.answers[f"vid-{SKU}"] = (None, None)
    world.clock.forward(minutes=30)
    supplier.run(message("reservation.close_due", pk=PK, sk=PO.sk))
    assert world.due(PO).endswith("#reservation.close_due")
    assert world.offer().open == {f"{PK}|1": 2}


def test_too_early_no_call_is_made(world: World, supplier: Supplier) -> None:
    world.has_offer()
    _placed(world)
    supplier.run(message("reservation.close_due", pk=PK, sk=PO.sk))
    assert supplier.stock.asked == []
    assert world.due(PO).startswith("2026-11-20T10:00:12")


def test_a_conflict_is_raised_only_when_it_does_not_end(world: World, supplier: Supplier) -> None:
    world.has_offer()
    supplier.stock.answers[f"vid-{SKU}"] = (5, None)
    world.clock.forward(minutes=1)
    busy = [False]

    def meanwhile(name: str) -> None:
        if name == "dynamodb:PutItem" and supplier.stock.asked and not busy[0]:
            busy[0] = True
            world.change_offer(buffer=0)
            busy[0] = False

    world.aws.before = meanwhile
    with pytest.raises((Conflict, Retryable)):
        supplier.run(message("stock.news", connection="cj", resource=f"vid-{SKU}"))
