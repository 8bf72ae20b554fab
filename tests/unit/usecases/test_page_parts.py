"""The parts of a customer's page say what the order's items say, always (R31; promise P8)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orderwright.domain.catalogue import Offer
from orderwright.domain.customer_request import CustomerRequest, RequestedLine, RequestKind, RequestReason
from orderwright.domain.order import Address, OrderDetails, OrderLine, OrderRecord, OrderState, PaymentState
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.purchase_order_line import PurchaseOrderLine
from orderwright.domain.shipment import Carriage, Shipment, ShipmentLine, ShipmentState
from orderwright.domain.time_line import log_entry
from orderwright.domain.tracking_page import page_of
from orderwright.errors import Conflict
from orderwright.records import (
    ORDERS,
    OrderFile,
    Stored,
    details_key,
    order_key,
    purchase_order_key,
    shipment_key,
    track_key,
    track_pk,
)
from orderwright.storage import LOG_KEPT, MOST_WRITES, Change, Copy, Due, Put, Reserve, Spend, writes_of
from orderwright.usecases import reservations
from orderwright.usecases.intake import linking
from orderwright.usecases.intake.erasure import erase_order
from orderwright.usecases.order_commit import TRACK, OrderCommit
from orderwright.usecases.tracking import parcels
from orderwright.usecases.tracking_copies import KEPT, copies_of
from tests.support.catalogue_world import World, make_world
from tests.support.fakes import START, unit_usd, usd
from tests.support.page_parts import parts_of, wrong_parts

PK, MARK = "shop#1001", "a" * 40
NAME, TOWN = "Ximena", "Zaragoza-Norte"
LINE = OrderLine(line_id="L1", sku="S1", title="Lamp", quantity=2, unfulfilled=2, unit_price=usd("22.99"))
DETAILS = OrderDetails(
    lines=(LINE,), address=Address(name=f"{NAME} Example", line1="1 St", city=TOWN, postcode="1", country_code="ES")
)
RECORD = OrderRecord(
    connection="shop", order_id="1001", name="#1001", created_at=START, store_updated_at=START, seen_at=START,
    payment=PaymentState.PAID, state=OrderState.PLACING, total=usd("45.98"), refunded=usd("0.00"),
)  # fmt: skip
ORDERED = PurchaseOrder(supplier="cj", number=1, reference="OW-1", lines=(), freight=usd("0.00"), created_at=START)


def parcel(number: int, log: int = 0, line: str = "L1") -> Shipment:
    lines = (ShipmentLine(line_id=line, sku=line, title="", quantity=1),)
    entry = log_entry(START, "update_tracking", "scanned")
    return Shipment(
        supplier="cj",
        reference="OW-1",
        tracking_number=f"T{number:03d}",
        lines=lines,
        created_at=START,
        log=(entry,) * log,
    )


def sk_of(one: Shipment) -> str:
    return shipment_key(PK, one.reference, one.tracking_number).sk


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    made = make_world()
    yield made
    made.aws.close()


def begin(world: World, parcels: int = 1, mark: str = "", pk: str = PK) -> OrderFile:
    """A fresh order with parcels; without `mark` as one from before there were pages."""
    for partition in (pk, track_pk(MARK)):
        for key, _ in world.storage.list_raw(ORDERS, partition):
            world.aws.client("dynamodb").delete_item(
                TableName=world.storage._tables[ORDERS], Key={"pk": {"S": key.pk}, "sk": {"S": key.sk}}
            )
    made = [parcel(number) for number in range(parcels)]
    puts = [Put(order_key(pk), RECORD, 0), Put(details_key(pk), DETAILS, 0)]
    puts.append(Put(purchase_order_key(pk, "cj", 1), ORDERED, 0))
    world.storage.commit([*puts, *(Put(shipment_key(pk, one.reference, one.tracking_number), one, 0) for one in made)])
    if mark:
        assert link(world, world.storage.load_order(pk))
    return world.storage.load_order(pk)


def link(world: World, file: OrderFile) -> bool:
    return linking.linked_now(file, lambda pk: MARK, world.storage, world.clock.now(), "")


def kept(world: World) -> dict[str, Any]:
    return {key.sk: item["body"] for key, item in world.storage.list_raw(ORDERS, track_pk(MARK))}


# --- each commit ------------------------------------------------------------------------------------------------------


def orders(commit: OrderCommit) -> None:
    assert commit.file.record is not None
    commit.order("asked", commit.file.record.model.asked_where())


def moves(commit: OrderCommit) -> None:
    assert commit.file.details is not None
    house = commit.file.record.model.asked if commit.file.record else 0
    commit.details(commit.file.details.model.corrected(replace_town(f"{TOWN}-{house}")))
    orders(commit)


def replace_town(town: str) -> Address:
    assert DETAILS.address is not None
    return Address.model_validate({**DETAILS.address.model_dump(), "city": town})


def scans(commit: OrderCommit) -> None:
    for sk, held in list(commit.parcels.items())[:1]:
        at = START + timedelta(hours=len(held.log) + 1)
        far = held.followed("trk", ShipmentState.IN_TRANSIT, at, at + timedelta(days=1))
        commit.parcel(sk, far, "scanned", due=Due(at, TRACK))


def wakes(commit: OrderCommit) -> None:
    for sk, held in commit.parcels.items():
        commit.parcel(sk, held.unread(commit.now), due=Due(commit.now, TRACK))


def sends(commit: OrderCommit) -> None:
    one = parcel(len(commit.parcels))
    commit.parcel(sk_of(one), one, due=None)
    commit.order("parcel sent")


def asks(commit: OrderCommit) -> None:
    wanted = (RequestedLine(line_id="L1", title="Lamp", quantity=1),)
    number = len(commit.file.requests)
    asked = CustomerRequest(
        kind=RequestKind.RETURN, number=number, lines=wanted, reason=RequestReason.NOT_SAID, asked_at=START
    )
    if commit.file.record and commit.file.record.model.link_mark:  # who has no page asks nothing
        commit.request(asked, "wants to send back")


def agrees(commit: OrderCommit) -> None:
    """Of a purchase order alone: when it is to come."""
    for sk, po in commit.orders.items():
        commit.purchase_order(sk, po.model_copy(update={"agreed_days": 9, "placed_at": commit.now}), "placed")


WRITES: dict[str, Callable[[OrderCommit], None]] = {
    "order": orders, "address": moves, "scan": scans, "wake": wakes, "send": sends, "ask": asks, "agree": agrees,
}  # fmt: skip
DEEDS = st.sampled_from([*WRITES, "read", "link", "erase"])


class Unanswered:
    """The SDK sends again what it got no answer to: everything is asked for twice, and only the second answer is read."""

    def __init__(self, client: Any) -> None:
        self._client, self.lost = client, False

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._client, name)
        if name not in ("put_item", "transact_write_items"):
            return real

        def twice(**request: Any) -> Any:
            if self.lost:
                real(**request)
                request.pop("ClientRequestToken", None)
            return real(**request)

        return twice


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parcels=st.integers(0, 2),
    deeds=st.lists(st.tuples(DEEDS, st.integers(0, 1), st.booleans()), min_size=4, max_size=14),
)
def test_whoever_writes_when_each_part_says_what_its_item_says(
    world: World, parcels: int, deeds: list[tuple[str, int, bool]]
) -> None:
    """Two workers, each with what it read some time ago. A refused one reads again, as all do."""
    file, storage = begin(world, parcels), world.storage
    held, real, erased = [file, file], storage._client, False
    storage._client = sdk = Unanswered(real)
    try:
        for deed, worker, lost in deeds:
            sdk.lost = lost
            try:
                if deed == "link":
                    link(world, held[worker])
                elif deed == "erase":
                    with suppress(Conflict):
                        erase_order(PK, "asked", storage=storage, clock=world.clock, files=lambda _: world)  # type: ignore[arg-type, return-value]
                    erased = True
                elif deed in WRITES:
                    commit = OrderCommit(held[worker], "somebody", world.clock.now())
                    WRITES[deed](commit)
                    held[worker] = commit.write(storage)
            except Conflict:
                held[worker] = storage.load_order(PK)
            if deed in ("read", "link", "erase"):
                held[worker] = storage.load_order(PK)
            now = storage.load_order(PK)
            assert wrong_parts(now, kept(world)) == [], f"after {deed}"
            if erased:
                assert NAME not in str(kept(world))
                assert TOWN not in str(kept(world))
                assert page_of(MARK, kept(world)) is None
        sdk.lost = False
        again = storage.load_order(PK)
        if not erased:
            link(world, again)
            assert kept(world).keys() == parts_of(storage.load_order(PK)).keys() >= {"ORDER"}
    finally:
        storage._client = real


@pytest.mark.parametrize(
    ("deed", "parts"),
    [(orders, {"ORDER"}), (moves, {"ORDER"}), (scans, {sk_of(parcel(0))}), (wakes, set()), (sends, {sk_of(parcel(1))}),
     (asks, {"REQUEST#RETURN#0"}), (lambda commit: commit.order("a line of the time line"), set())],
)  # fmt: skip
def test_a_part_is_written_only_where_what_it_shows_changes(world: World, deed: Any, parts: set[str]) -> None:
    commit = OrderCommit(begin(world, mark=MARK), "somebody", world.clock.now())
    deed(commit)
    copies = [change for change in commit.with_page() if isinstance(change, Copy)]
    assert {one.key.sk for one in copies} == parts
    assert all(one.until == commit.now + KEPT for one in copies)


def test_a_personal_half_is_not_written_past_the_page(world: World) -> None:
    file = begin(world, mark=MARK)
    put = Put(details_key(PK), DETAILS.erased(), 1)
    with pytest.raises(ValueError, match="DETAILS without ORDER"):
        copies_of([put], file, START)


def test_an_order_from_before_pages_gets_all_parts_at_once_and_its_parcels_are_visited(world: World) -> None:
    file = begin(world, parcels=2)
    assert not linking.linked_now(file, lambda pk: "", world.storage, START, ""), "without a key there are no links"
    assert link(world, file)
    assert kept(world).keys() == {"ORDER", sk_of(parcel(0)), sk_of(parcel(1))}
    due = world.storage.due(ORDERS, world.clock.now(), 9)
    assert [(key.sk, kind) for key, kind in due if key.pk == PK] == [(sk, TRACK) for sk in sorted(file.shipments)]
    assert not link(world, world.storage.load_order(PK)), "once"


def test_an_older_part_that_should_not_be_there_stops_no_order(world: World) -> None:
    """As after an order was deleted by hand, and came again: its first version goes over what was left of the page."""
    file = begin(world)
    world.storage.commit([Copy(track_key(MARK, "ORDER"), RECORD, 99), Put(details_key("shop#other"), DETAILS, 0)])
    assert link(world, file)
    assert wrong_parts(world.storage.load_order(PK), kept(world)) == []


# --- what fits into one commit ----------------------------------------------------------------------------------------


def test_what_is_counted_is_what_is_sent(world: World) -> None:
    changes: list[Change] = [
        Put(order_key(PK), RECORD, 1), Put(shipment_key(PK, "r", "n"), parcel(1, log=LOG_KEPT + 1), 1),
        Put(shipment_key(PK, "r", "m"), parcel(1, log=LOG_KEPT), 1), Put(details_key(PK), DETAILS, 1),
        Spend("cj", "2026-12-01", usd("5.00"), usd("9.00")), Copy(track_key(MARK, "ORDER"), RECORD, 2),
        Reserve(order_key(PK), (("a|b", 1),)),
    ]  # fmt: skip
    assert writes_of(changes) == len(world.storage._requests(changes, "w")) == 10


class Sink:
    """A storage that only counts. Every offer is there, and belongs to an own warehouse."""

    def __init__(self, offer: Offer) -> None:
        self.offer, self.sizes = offer, list[int]()

    def commit(self, changes: list[Change], *, correlation: str = "") -> None:
        self.sizes.append(writes_of(changes))

    def get(self, key: object, model: object) -> Stored[Offer]:
        return Stored(self.offer, 1)


@pytest.mark.parametrize("own_stock", [False, True])
@pytest.mark.parametrize("moved", [0, 18])
def test_the_fullest_visit_to_a_supplier_fits(world: World, own_stock: bool, moved: int) -> None:
    """New parcels, or known ones with two more numbers each and long time lines; from a warehouse also their goods."""
    names = [f"L{number}" for number in range(parcels.PARCELS_AT_ONCE)]
    full = (log_entry(START, "somebody", "did"),) * (LOG_KEPT + 1)
    bought = tuple(
        PurchaseOrderLine(
            line_id=name, sku=name, supplier_sku=name, title="", quantity=1, reservation=name, unit_cost=unit_usd("1")
        )
        for name in names
    )  # fmt: skip
    po = PurchaseOrder(
        supplier="cj", number=1, reference="OW-1", lines=bought, freight=usd("0.00"), created_at=START, placed_at=START,
        state=PurchaseOrderState.PLACED, own_stock=own_stock, log=full,
    )  # fmt: skip
    sent = [
        parcel(number, log=LOG_KEPT + 1, line=name).model_copy(update={"former_numbers": (f"A{name}", f"B{name}")})
        for number, name in enumerate(names)
    ]
    new = [one.model_copy(update={"log": full[:1]}) for one in sent]
    known = {sk_of(one): one.model_copy(update={"former_numbers": ()}) for one in sent} if moved else {}
    way = Carriage("", "", "")
    after = {sk: one.renumbered(f"N{sk}", (f"O{sk}",), "", way, START) for sk, one in known.items()}
    key = purchase_order_key(PK, "cj", 1)
    file = OrderFile(
        PK, Stored(RECORD.linked(MARK, START).model_copy(update={"log": full}), 1), Stored(DETAILS, 1), {key.sk: Stored(po, 1)},
        {sk: Stored(one, 1) for sk, one in known.items()},
    )  # fmt: skip
    sink = Sink(world.has_offer(f"{own_stock}-{moved}"))
    commit = OrderCommit(file, "update_tracking", START)
    visit = parcels._Asked(commit, key.sk, po, sink, world.config, world.timing, lambda _: {})  # type: ignore[arg-type]
    visit._write([] if moved else new, after, timedelta(0))
    assert MOST_WRITES * 0.75 < sink.sizes[0] <= MOST_WRITES
    assert writes_of([*commit.changes, *copies_of(commit.changes, file, START)]) == sink.sizes[0]


def test_what_else_is_written_with_many_reservations_fits(world: World) -> None:
    """80 of them beside the order and its part, the personal half, the decision, a digital delivery and thirteen suppliers."""
    beside = writes_of([Put(order_key(PK), RECORD.model_copy(update={"log": (log_entry(START, "", ""),) * 99}), 1)]) + 1
    assert reservations.PART + beside + len(("DETAILS", "ROUTING", "FULFILLMENT", "its log")) + 13 <= MOST_WRITES


def test_an_order_from_before_pages_fits_with_all_its_parcels(world: World) -> None:
    full = (log_entry(START, "somebody", "did"),) * (LOG_KEPT + 1)
    held = {
        sk_of(one): Stored(one, 1) for one in (parcel(number, LOG_KEPT + 1) for number in range(linking.MOST_PARCELS))
    }
    file = OrderFile(PK, Stored(RECORD.model_copy(update={"log": full}), 1), Stored(DETAILS, 1), shipments=held)
    sink = Sink(world.has_offer("linked"))
    assert linking.linked_now(file, lambda pk: MARK, sink, START, "")  # type: ignore[arg-type]
    assert sink.sizes == [3 * linking.MOST_PARCELS + 3]
    more = OrderFile(PK, file.record, file.details, shipments={**held, "SHIP#one#more": Stored(parcel(99), 1)})
    assert not linking.linked_now(more, lambda pk: MARK, sink, START, ""), "it stays without a page"  # type: ignore[arg-type]
