"""R19, R50: what a day of a supplier comes to, against figures counted by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderwright.domain.connection_settings import SupplierSettings
from orderwright.domain.order import Reason
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.domain.purchase_order_state import LATE, REFUSED, PurchaseOrderState
from orderwright.domain.scoring.counting import Counting, OrderSeen, for_stock, hours_up, in_order
from orderwright.domain.scoring.day import MOST_BYTES, Breach, SkuDay, SupplierDay
from orderwright.domain.scoring.scorecard import Scorecard, scorecard_of
from orderwright.domain.shipment import Shipment, ShipmentState
from orderwright.domain.supplier_answers import RefusedLine, SupplierAnswers
from orderwright.domain.time_line import log_entry
from tests.unit.domain.order_kit import line, parcel, purchase_order

DAY = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR, A_DAY = timedelta(hours=1), timedelta(days=1)
SKU = "HL-MS-400"
PLACED, REJECTED, CANCELLED = PurchaseOrderState.PLACED, PurchaseOrderState.REJECTED, PurchaseOrderState.CANCELLED
SETTINGS = {
    "cj": SupplierSettings(kind="cj", terms={"ship_within_hours": 48, "deliver_within_days": {"DE": 10}}),
    "desk": SupplierSettings(kind="email", terms={"confirm_within_hours": 24}),
}


def day_of(*parcels: Shipment, po: PurchaseOrder | None = None, day: date = DAY, quiet: int = 0) -> SupplierDay:
    """One order's day."""
    counting = Counting(day, SETTINGS)
    orders = (po or purchase_order(PLACED, placed_at=NOON - A_DAY, created_at=NOON - A_DAY),)
    counting.add(OrderSeen("shop#1", orders, parcels, "DE", quiet))
    return counting.tally(orders[0].supplier).day()


def refused(why: str = "sold out", **more: Any) -> SupplierAnswers:
    return SupplierAnswers(refused=(RefusedLine(line_id="l1", why=why, who="supplier", at=NOON, **more),))


LOG = (log_entry(NOON, "place_purchase_order", "refused by Acme: planned again without it"),)
NONE_LEFT = (Reason(code="X1", message="Insufficient inventory for the variant"),)
STATE = ShipmentState


@pytest.mark.parametrize(
    ("po", "parcels", "expected", "pieces"),
    [
        ({"created_at": NOON}, (), {"orders": 1, "pieces_sold": 3}, {"sold": 3}),
        ({"created_at": NOON, "state": CANCELLED, "cancel_outcome": "REPLACED"}, (), {}, None),
        (
            {"state": CANCELLED, "cancel_outcome": REFUSED, "log": LOG, "reasons": NONE_LEFT},
            (),
            {"refused": 1, "pieces_refused": 3, "pieces_out_of_stock": 3},
            {"refused": 3, "out_of_stock": 3},
        ),
        (
            {"state": CANCELLED, "cancel_outcome": LATE, "log": LOG, "reasons": NONE_LEFT},
            (),
            {"taken_back": 1, "pieces_refused": 3},
            {"refused": 3},
        ),
        ({"state": REJECTED, "log": LOG}, (), {"refused": 1, "pieces_refused": 3}, {"refused": 3}),
        (
            {"answers": refused()},
            (),
            {"partly_refused": 1, "pieces_refused": 3, "pieces_out_of_stock": 3},
            {"refused": 3, "out_of_stock": 3},
        ),
        (
            {"supplier": "desk", "state": CANCELLED, "cancel_outcome": REFUSED, "log": LOG, "answers": refused("no time")},
            (),
            {"refused": 1, "pieces_refused": 3},
            {"refused": 3},
        ),
        ({}, ({"created_at": NOON},), {"parcels": 1, "pieces_shipped": 2}, {"shipped": 2}),
        ({}, ({"renumbered_at": NOON},), {"renumbered": 1}, None),
        (
            {},
            ({"state": STATE.RETURN_TO_SENDER, "state_at": NOON},),
            {"returned": 1, "pieces_returned": 2},
            {"returned": 2},
        ),
        ({}, ({"state": STATE.DELIVERED, "state_at": NOON},), {"delivered": 1, "on_time": 1}, None),
        (
            {"placed_at": NOON - 11 * A_DAY},
            ({"state": STATE.DELIVERED, "state_at": NOON},),
            {"delivered": 1, "late": 1},
            None,
        ),
    ],
)  # fmt: skip
def test_what_happened_is_counted_on_its_own_day_and_on_no_other(
    po: dict[str, Any], parcels: tuple[dict[str, Any], ...], expected: dict[str, int], pieces: dict[str, int] | None
) -> None:
    older = {"created_at": NOON - 12 * A_DAY, "placed_at": NOON - 3 * A_DAY, "quantity": 3}
    state = po.get("state", PLACED)
    order = purchase_order(state, **{**older, **{name: value for name, value in po.items() if name != "state"}})
    sent = [parcel(quantity=2, **{"created_at": NOON - A_DAY, **one}) for one in parcels]
    found = day_of(*sent, po=order)
    assert found.counts == expected
    assert found.skus == ({SKU: SkuDay(**pieces)} if pieces else {})
    for other in (DAY - A_DAY * 40, DAY + A_DAY):
        assert day_of(*sent, po=order, day=other).counts.keys() <= {"broken"}


def test_a_line_that_left_a_purchase_order_was_sold_and_refused() -> None:
    po = purchase_order(
        PLACED, "l2", created_at=NOON, answers=refused("ausverkauft", sku="B", units=4, settled=True), supplier="desk"
    )
    found = day_of(po=po)
    assert found.skus["B"] == SkuDay(sold=4, refused=4, out_of_stock=4)
    assert found.counts["pieces_sold"] == 5


def test_times_are_whole_hours_and_beyond_two_days_whole_days() -> None:
    spans = [(A_DAY * 0, 0), (HOUR / 2, 1), (48 * HOUR, 48), (49 * HOUR, 72), (-HOUR, 0)]
    assert [hours_up(span) for span, _ in spans] == [hours for _, hours in spans]
    sent = parcel(created_at=NOON, state=STATE.DELIVERED, state_at=NOON + 5 * HOUR)
    assert day_of(sent).hours == {"to_deliver DE": {5: 1}, "to_ship": {24: 1}}
    desk = purchase_order(PLACED, supplier="desk", placed_at=NOON - 3 * HOUR, confirmed_at=NOON)
    assert day_of(po=desk).hours == {"to_accept": {3: 1}}


def test_an_end_that_is_heard_of_after_its_day_was_counted_counts_on_the_day_when_it_is_heard() -> None:
    told = log_entry(NOON, "update_tracking", "parcel YT2600100123456789: delivered")
    sent = parcel(created_at=NOON - 4 * A_DAY, state=STATE.DELIVERED, state_at=NOON - A_DAY, log=(told,))
    assert day_of(sent, day=DAY - A_DAY).counts.get("delivered", 0) == 0
    found = day_of(sent)
    assert (found.counts["delivered"], found.hours) == (1, {"to_deliver DE": {72: 1}})


def test_planned_and_billed_cost_and_money_are_those_of_the_day_it_was_placed() -> None:
    po = purchase_order(PLACED, created_at=NOON - A_DAY, placed_at=NOON, payable={"minor": 1010, "currency": "USD"})
    counts = day_of(po=po).counts
    assert (counts["planned USD"], counts["billed USD"]) == (930, 1010)


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ({"placed_at": NOON - 48 * HOUR}, [(DAY, 12, True)]),
        ({"placed_at": NOON - 48 * HOUR, "sent": NOON + HOUR}, [(DAY, 1, False)]),
        ({"placed_at": NOON - 48 * HOUR, "sent": NOON - HOUR}, []),
        ({"placed_at": NOON - 48 * HOUR, "sent": NOON + 30 * HOUR}, [(DAY, 30, False)]),
        ({"placed_at": NOON - 48 * HOUR, "state": REJECTED}, []),
    ],
)
def test_a_broken_term_is_listed_on_its_day_with_how_late_it_was_in_the_end(
    terms: dict[str, Any], expected: list[tuple[date, int, bool]]
) -> None:
    po = purchase_order(terms.get("state", PLACED), placed_at=terms["placed_at"])
    sent = [parcel(created_at=terms["sent"])] if "sent" in terms else []
    days = [day_of(*sent, po=po, day=DAY + A_DAY * number) for number in range(-1, 4)]
    assert [(day, one.hours, one.open) for day, one in in_order(days)] == expected


@pytest.mark.parametrize(
    ("supplier", "ended", "term", "late"),
    [
        ("desk", {"cancel_outcome": REFUSED, "reasons": (Reason(code="UNCONFIRMED", message="-"),)}, "confirm", 24),
        ("cj", {"cancel_outcome": LATE}, "ship", 0),
        ("cj", {"cancel_outcome": LATE, "created_at": NOON - 50 * HOUR}, "ship", 2),
        ("desk", {"cancel_outcome": REFUSED}, "confirm", 0),
    ],
)
def test_what_went_to_another_supplier_for_a_broken_term_stays_on_the_list(
    supplier: str, ended: dict[str, Any], term: str, late: int
) -> None:
    po = purchase_order(CANCELLED, supplier=supplier, **{"created_at": NOON - 2 * A_DAY, "log": LOG, **ended})
    expected = [(f"{term}_within_hours", late, False)] if late else []
    assert [(one.term, one.hours, one.open) for one in day_of(po=po).breaches] == expected


def test_a_number_without_a_scan_is_counted_once_and_only_where_somebody_follows_it() -> None:
    made = parcel(created_at=NOON - 5 * A_DAY, tracker_id="t-1")
    assert day_of(made, quiet=5).counts["unscanned"] == 1
    assert "unscanned" not in day_of(made, quiet=0).counts
    assert "unscanned" not in day_of(parcel(created_at=NOON - 5 * A_DAY), quiet=5).counts
    for later in range(6, 30):
        assert "unscanned" not in day_of(made, quiet=5, day=DAY + A_DAY * later).counts
    lost = parcel(created_at=NOON - 45 * A_DAY, tracker_id="t-1", state=STATE.IN_TRANSIT, state_at=NOON - 40 * A_DAY)
    found = day_of(lost, quiet=45, po=purchase_order(PLACED, placed_at=NOON - 50 * A_DAY, created_at=NOON - 50 * A_DAY))
    assert found.counts == {"lost": 1}
    assert [one.term for one in found.breaches] == ["deliver_within_days"]


def test_an_order_that_is_in_a_day_already_adds_nothing_again() -> None:
    po = purchase_order(PLACED, created_at=NOON, placed_at=NOON)
    counting = Counting(DAY, SETTINGS)
    for pk in ("shop#1", "shop#2"):
        counting.add(OrderSeen(pk, (po,), ()))
    held = counting.tally("cj").day()
    again = Counting(DAY, SETTINGS, {"cj": held}.get)
    for pk in ("shop#1", "shop#2", "shop#3"):
        again.add(OrderSeen(pk, (po,), ()))
    assert (held.counts["orders"], again.tally("cj").day().counts["orders"]) == (2, 3)


def test_a_day_with_many_skus_is_kept_in_items_that_fit_and_is_whole_again() -> None:
    skus = {f"SKU-{number:05}": SkuDay(sold=number, shipped=1) for number in range(5_000)}
    broken = tuple(Breach(reference=f"OW{number:020}", term="ship_within_hours", hours=3) for number in range(1_000))
    stores = {store: dict.fromkeys(skus, 3) for store in ("shop", "another")}
    day = SupplierDay(
        supplier="cj", day=DAY, counts={"orders": 7}, skus=skus, breaches=broken, counted_to="shop#9", stores=stores
    )
    first, *rest = parts = day.in_parts()
    assert (first.parts, first.breaches) == (len(parts), broken)
    assert len(parts) > 2
    assert max(len(one.model_dump_json(exclude_defaults=True)) for one in parts) < MOST_BYTES + 10_000
    assert first.joined(rest).model_copy(update={"parts": 1}) == day
    assert SupplierDay(supplier="cj", day=DAY).in_parts() == (SupplierDay(supplier="cj", day=DAY),)


def test_words_for_out_of_stock_are_understood_in_four_languages() -> None:
    for_it = (
        "sold out",
        "Insufficient inventory",
        "ausverkauft",
        "nicht auf Lager",
        "Loppu varastosta",
        "缺货",
        "OUT_OF_STOCK",
        "insufficientStock",
        "the product is not available",
    )
    assert [text for text in for_it if not for_stock(text)] == []
    assert [
        text for text in ("not to Stockholm", "shipping method not available", "too expensive", "") if for_stock(text)
    ] == []


def a_day(number: int = 0, **counts: int) -> SupplierDay:
    return SupplierDay(supplier="cj", day=DAY + A_DAY * number, counts=counts)


COUNTS = {
    "accepted": 18, "refused": 2, "pieces_sold": 50, "pieces_refused": 4, "pieces_out_of_stock": 3, "pieces_shipped": 36,
    "on_time": 15, "late": 5, "delivered": 19, "lost": 1, "returned": 1,
}  # fmt: skip


def test_the_score_is_the_weighted_mean_of_its_shares_and_needs_evidence() -> None:
    """25 x 0.90 + 20 x 0.90 + 15 x 0.94 + 25 x 0.75 + 10 x 0.95 + 5 x 0.95 = 87.6, rounded down."""
    card = scorecard_of("cj", [a_day(**COUNTS)], DAY, 20, NOON)
    assert {name: (one.part, one.of) for name, one in card.shares.items()} == {
        "accepted": (18, 20), "filled": (36, 40), "in_stock": (47, 50), "on_time": (15, 20), "arrived": (19, 20),
        "kept": (19, 20),
    }  # fmt: skip
    assert (card.events, card.score, card.lies_ppm) == (20, 87, 60_000)
    thin = scorecard_of("cj", [a_day(**COUNTS)], DAY, 21, NOON)
    assert (thin.score, thin.lies_ppm, thin.shares) == (None, None, card.shares)
    only = scorecard_of("cj", [a_day(accepted=20), a_day(1, refused=20)], DAY, 20, NOON)
    assert (only.score, list(only.shares)) == (50, ["accepted"])
    assert scorecard_of("cj", [], DAY, 1, NOON).score is None


@given(st.lists(st.dictionaries(st.sampled_from(sorted(COUNTS)), st.integers(0, 500)), max_size=4))
def test_a_score_lies_between_0_and_100_whatever_was_counted(days: list[dict[str, int]]) -> None:
    card = scorecard_of("cj", [a_day(number, **counts) for number, counts in enumerate(days)], DAY, 1, NOON)
    assert card.score is None or 0 <= card.score <= 100
    assert card.lies_ppm is None or 0 <= card.lies_ppm <= 1_000_000


def test_days_are_medians_measured_often_enough() -> None:
    hours = {"to_ship": {24: 3, 30: 4}, "to_deliver DE": {120: 4, 240: 1}, "to_deliver FI": {72: 4}}
    card = scorecard_of("cj", [SupplierDay(supplier="cj", day=DAY, hours=hours)], DAY, 5, NOON)
    assert (card.making_days, card.transport_days) == (2, {"DE": 5})
    assert {name: (one.hours, one.events) for name, one in card.medians.items()} == {
        "to_ship": (30, 7), "to_deliver DE": (120, 5), "to_deliver FI": (72, 4),
    }  # fmt: skip


def test_a_fall_is_told_once_for_each_ten_points_below_the_best() -> None:
    told, card = [], None
    for score in (90, 95, 86, 85, 84, 76, 75, 85, None, 74):
        fresh = Scorecard(supplier="cj", at=NOON, events=20, score=score)
        card, fell = fresh.after(card)
        told.append(score if fell else 0)
    assert [score for score in told if score] == [85, 75, 74]


def test_sales_count_by_store_and_a_bundle_counts_once_beside_its_components() -> None:
    parts = [("7+1", "MUG", 2), ("7+2", "PLATE", 1)]
    lines = tuple(line(name, sku, of_line="7", bundle="SET", per_bundle=many) for name, sku, many in parts)
    first = purchase_order(
        PLACED, "7+1", "l9", quantity=3, created_at=NOON
    )  # 3 of 4 mugs: one set, and half of another
    rest = purchase_order(PLACED, "7+1", quantity=1, created_at=NOON + HOUR, number=2, reference="OW-2")
    plates = purchase_order(
        PLACED, "7+2", quantity=2, created_at=NOON + HOUR, supplier="desk", reference="OW-3",
        answers=SupplierAnswers(refused=(RefusedLine(line_id="7+2", why="no", who="supplier", at=NOON + A_DAY),)),
    )  # fmt: skip
    counting = Counting(DAY, SETTINGS)
    counting.add(OrderSeen("shop#1", (first, rest, plates), (), lines=lines))
    found = {name: tally.day() for name, tally in counting.tallies.items()}
    assert found["cj"].stores == {"shop": {SKU: 7, "SET": 2}}
    assert found["desk"].stores == {"shop": {SKU: 2}}
    again = Counting(DAY, SETTINGS, found.get)
    again.add(OrderSeen("shop#1", (first, rest, plates), (), lines=lines))
    assert {name: tally.day() for name, tally in again.tallies.items()} == found
    later = Counting(DAY + A_DAY, SETTINGS)
    later.add(OrderSeen("shop#1", (first, rest, plates), (), lines=lines))
    assert {name: tally.day().stores for name, tally in later.tallies.items()} == {
        "cj": {},
        "desk": {"shop": {SKU: -2}},
    }
    whole = purchase_order(REJECTED, "7+1", quantity=4, created_at=NOON, log=LOG)
    refused_at_once = Counting(DAY, SETTINGS)
    refused_at_once.add(OrderSeen("shop#1", (whole,), (), lines=lines))
    assert refused_at_once.tally("cj").day().stores == {"shop": {SKU: 0, "SET": 0}}
