"""Every supplier's purchase orders, against its own ledger: one order, whatever happens to the answers (promise P1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from orderwright.declarations import Capability
from orderwright.domain.order import Address
from orderwright.domain.unit_cost import UnitCost
from orderwright.errors import NotFound, OutcomeUnknown, Rejected, Retryable, VendorError
from orderwright.ports.freight import FreightQuote, FreightRequest
from orderwright.ports.supplier import PlacementView, StepDone
from orderwright.registry import declaration
from tests.support.stand import BUYER, SupplierStand

HOW_A_STEP_GOES = [
    *((how, OutcomeUnknown) for how in ("accept_then_timeout", "accept_then_500", "malformed", "accept_late")),
    *((how, OutcomeUnknown) for how in ("timeout", "error_500", "error_502_html")),
    *((how, Retryable) for how in ("unreachable", "rate_limited")),
]
"""Done in silence, done late, not done in silence, and certainly not taken in."""


def up_to(supplier: SupplierStand, connector: Any, last: str) -> dict[str, str]:
    """Sign in and run the steps before `last`; gives the vendor's ids. "" runs them all."""
    supplier.read(connector)
    ids: dict[str, str] = {}
    for step in connector.steps:
        if step.name == last:
            break
        ids = ran(connector, step.name, supplier, ids).vendor_ids
    return ids


def ran(connector: Any, step: str, supplier: SupplierStand, ids: Mapping[str, str]) -> StepDone:
    """One step. Ids are texts, and money is in the connection's currency."""
    done: StepDone = connector.run_step(step, supplier.request(ids))
    assert all(isinstance(one, str) and one for one in (*done.vendor_ids, *done.vendor_ids.values()))
    for money in (done.payable, done.tax_in_bill):
        assert money is None or money.currency == supplier.currency
    return done


def finish(supplier: SupplierStand, connector: Any, view: PlacementView, silent: str) -> None:
    """What the engine does after a look-up: goes on, sends the silent step again, or parks. Never are there two orders."""
    names = [step.name for step in connector.steps]
    if view.unreadable:
        assert not view.next_step
        assert len(supplier.ordered()) == view.committed
        return
    if view.found and not view.committed:
        assert view.next_step in names
    left = [] if view.found and not view.next_step else names[names.index(view.next_step if view.found else silent) :]
    ids = dict(view.vendor_ids)
    for name in left:
        ids = ran(connector, name, supplier, ids).vendor_ids
    assert list(supplier.made()) == list(supplier.ordered()) == [supplier.reference]
    after = connector.look_up(supplier.reference, ids)
    assert (after.found, after.committed, after.next_step, after.cancelled) == (True, True, "", False)


def each_step(supplier: SupplierStand) -> list[str]:
    """The names of its steps, of which exactly one commits."""
    steps = supplier.connector().steps
    names = [step.name for step in steps]
    assert names
    assert all(names)
    assert len(set(names)) == len(names), "each step has its own name"
    assert len([step for step in steps if step.commits]) == 1, "exactly one step commits"
    return names


def anew(supplier: SupplierStand) -> tuple[SupplierStand, Any]:
    """Another account, untouched."""
    stand = type(supplier)()
    return stand, stand.connector()


def test_p1_all_steps_make_one_order_which_the_step_that_commits_orders(supplier: SupplierStand) -> None:
    each_step(supplier)
    connector, ids = supplier.connector(), dict[str, str]()
    for step in connector.steps:
        done = ran(connector, step.name, supplier, ids)
        ids = done.vendor_ids
        before = connector.steps.index(step) < [one.commits for one in connector.steps].index(True)
        assert list(supplier.ordered()) == ([] if before else [supplier.reference]), step.name
    assert list(supplier.made()) == [supplier.reference]
    if connector.can_look_up:
        view: PlacementView = connector.look_up(supplier.reference, ids)
        assert (view.found, view.committed, view.next_step, view.unreadable) == (True, True, "", "")
        assert view.vendor_ids.items() >= ids.items()
        known = {supplier.sku, supplier.supplier_ref}
        assert view.lines is None or [(name in known, units) for name, units in view.lines] == [(True, 2)]
        shown = {view.country_code: BUYER.country_code, view.postcode: BUYER.postcode, view.city: BUYER.city}
        assert all(seen in ("", asked) for seen, asked in shown.items())


@pytest.mark.parametrize(("how", "error"), HOW_A_STEP_GOES)
def test_p1_whatever_is_answered_to_a_step_there_is_one_order_in_the_end(
    supplier: SupplierStand, how: str, error: type[VendorError]
) -> None:
    if not supplier.knows(how):
        pytest.skip("no step of it can go so")
    for name in each_step(supplier):
        stand, connector = anew(supplier)
        ids = up_to(stand, connector, name)
        before, calls = (list(stand.made()), list(stand.ordered())), stand.calls
        with stand.behaving(how), stand.refuses(error):
            connector.run_step(name, stand.request(ids))
        assert stand.calls <= calls + 1, "a call with an effect is never repeated beneath P1"
        if not how.startswith(("accept", "malformed")):
            assert (list(stand.made()), list(stand.ordered())) == before
        if not connector.can_look_up:
            continue  # the engine parks it
        if how == "accept_late":
            connector.look_up(stand.reference, ids)
            assert (list(stand.made()), list(stand.ordered())) == before
            stand.clock.forward(seconds=stand.faults.late_seconds + 1)
        view = connector.look_up(stand.reference, ids)
        assert (view.found, view.committed) == (bool(stand.made()), bool(stand.ordered()))
        finish(stand, connector, view, name)


def test_an_order_that_it_refuses_is_refused_with_a_code_and_nothing_is_ordered(supplier: SupplierStand) -> None:
    if not supplier.refuses_orders:
        pytest.skip("nothing is ever refused")
    supplier.refuse()
    with supplier.refuses(Rejected):
        up_to(supplier, supplier.connector(), "")
    assert list(supplier.ordered()) == []


def test_a_complete_order_lacks_nothing_and_nobody_is_asked(supplier: SupplierStand) -> None:
    connector, calls = supplier.connector(), supplier.calls
    assert list(connector.lacks(BUYER, supplier.request().lines)) == []
    for reason in connector.lacks(Address(), supplier.request().lines):
        assert reason.code in ("FIELD_MISSING", "FIELD_TOO_LONG")
        assert reason.field
        assert reason.message
    assert supplier.calls == calls


def test_an_order_of_nobody_is_not_found_and_needs_no_taking_back(supplier: SupplierStand) -> None:
    connector = supplier.connector()
    if connector.can_look_up:
        assert not connector.look_up("OW-4711-1", {}).found
        up_to(supplier, connector, "")
        assert not connector.look_up("OW-4711-1", {}).found
        assert connector.withdraw("OW-4711-1", {}) is True


def test_p6_what_is_not_committed_is_taken_back_or_kept_unpaid_and_never_ordered(supplier: SupplierStand) -> None:
    names = each_step(supplier)
    last = next(step.name for step in supplier.connector().steps if step.commits)
    for name in names[: names.index(last) + 1]:
        stand, connector = anew(supplier)
        ids = up_to(stand, connector, name)
        gone = connector.withdraw(stand.reference, ids)
        assert gone or stand.made() or not connector.can_look_up, "what was never made is gone"
        if gone and connector.can_look_up:
            view = connector.look_up(stand.reference, ids)
            assert view.cancelled or not view.found
        assert connector.withdraw(stand.reference, ids) is gone, "a repeat says the same"
        assert list(stand.ordered()) == []


def test_p6_what_is_committed_is_not_taken_back_but_asked_for(supplier: SupplierStand) -> None:
    connector = supplier.connector()
    ids = up_to(supplier, connector, "")
    try:
        gone = connector.withdraw(supplier.reference, ids)
    except Rejected as error:
        supplier.tells_nothing(error.message)
    else:
        assert not gone
        assert not connector.can_look_up, "it knows that this is committed: False says that it is kept unpaid"
    assert isinstance(connector.request_cancellation(supplier.reference, ids), bool)
    assert list(supplier.ordered()) == [supplier.reference]


# --- what it declares beside its orders -------------------------------------------------------------------------------


def able(supplier: SupplierStand, capability: Capability) -> Any:
    if capability not in declaration(supplier.kind).capabilities:
        pytest.skip(f"it declares no {capability}")
    return supplier.connector()


def test_parcels_are_told_from_the_commitment_on_with_their_lines(supplier: SupplierStand) -> None:
    connector = able(supplier, Capability.TRACKING)
    assert connector.read_parcels(supplier.reference, {}).parcels == ()
    ids = up_to(supplier, connector, "")
    view = connector.read_parcels(supplier.reference, ids)
    assert (view.found, view.cancelled, view.parcels) == (True, False, ())
    number = supplier.ship()
    (parcel,) = connector.read_parcels(supplier.reference, ids).parcels
    assert parcel.tracking_number == number
    assert parcel.lines in ((), ((supplier.supplier_ref or supplier.sku, 2),))
    assert not connector.read_parcels("OW-4711-1", {}).found


def test_p6_an_order_that_the_supplier_cancels_is_told(supplier: SupplierStand) -> None:
    connector = able(supplier, Capability.TRACKING)
    ids = up_to(supplier, connector, "")
    supplier.cancel()
    view = connector.read_parcels(supplier.reference, ids)
    assert (view.found, view.cancelled, view.parcels) == (True, True, ())


def test_p3_stock_and_cost_of_one_sku_are_told_and_those_of_an_unknown_one_are_unknown(supplier: SupplierStand) -> None:
    connector = able(supplier, Capability.STOCK)
    offer = connector.read_offer(supplier.sku, supplier.supplier_ref)
    assert offer.stock is not None
    assert offer.stock >= 2
    assert isinstance(offer.cost, UnitCost)
    assert offer.cost.currency == supplier.currency
    assert offer.observed_at == supplier.clock.now()
    assert connector.points_per_read > 0
    try:
        unknown = connector.read_offer("NOTHING", "")
    except NotFound:
        return
    assert (unknown.stock, unknown.cost) == (None, None), "unknown is not zero"


def test_r1_goods_are_listed_to_the_end_with_cost_and_freight(supplier: SupplierStand) -> None:
    connector = able(supplier, Capability.CATALOGUE)
    goods, cursor = connector.list_goods("")
    while cursor:
        more, cursor = connector.list_goods(cursor)
        goods += more
    assert len({(one.supplier_sku, one.supplier_ref) for one in goods}) == len(goods) > 0
    for one in goods:
        assert one.supplier_sku
        assert one.sku.sku
        assert {one.cost.currency, one.freight.currency} == {supplier.currency}


def test_a_parcel_is_priced_by_a_method_that_it_can_be_ordered_with(supplier: SupplierStand) -> None:
    connector = able(supplier, Capability.FREIGHT)
    parcel = FreightRequest(BUYER.country_code, ((supplier.supplier_ref or supplier.sku, 2),))
    quote: FreightQuote = connector.quote_freight(parcel)
    assert quote.price.currency == supplier.currency
    assert connector.quote_freight(parcel) == quote
    assert connector.points_per_quote > 0
    request = supplier.request()._replace(shipping_method=quote.method)
    connector.run_step(connector.steps[0].name, request)
    assert list(supplier.made()) == [supplier.reference]
