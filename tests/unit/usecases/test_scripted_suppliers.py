"""Purchase orders at suppliers of other shapes than CJ's (promises P1, P6, P10). The vendor's ledger is the judge."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal

import pytest

from local.sandbox.goods import GOODS
from local.sandbox.kit.people import Address
from orderwright.config_store import note_identity
from orderwright.domain.connection_settings import MOST_LATENESS
from orderwright.domain.order import OrderState
from orderwright.domain.rules import Rules
from orderwright.domain.timing import MAX_SETTLE, timing_of
from orderwright.errors import OutcomeUnknown
from orderwright.messages import Message
from orderwright.records import ORDERS, Key, offer_key, order_pk
from orderwright.storage import Put
from orderwright.usecases.intake.erasure import erase_order
from orderwright.usecases.operator.address import fix_address
from orderwright.usecases.operator.cancel import stop_order
from orderwright.usecases.operator.desk import Desk
from orderwright.usecases.operator.kill import switch_kill
from orderwright.usecases.operator.release import releasable
from orderwright.usecases.operator.retry import retry_order
from orderwright.usecases.people.fixes import About, fix_of, fixes_of
from tests.scripted.registering import scripted_suppliers
from tests.support.shop import STORE, SUPPLIER, Boundary, Killed, test_config
from tests.unit.cli.cli_kit import operator_of
from tests.unit.usecases.order_shop import buy, limited
from tests.unit.usecases.scripted_shop import PARTS, STEPS, ScriptedShop
from tests.unit.usecases.test_release_of_the_unknown import CONFIG

__all__ = ["scripted_suppliers"]

MS = "HL-MS-400"
SHAPES = ["one", "two", "three", "mail"]
CALLS = [(shape, step) for shape in SHAPES[:3] for step in STEPS[shape]]
COMMITS = {"one": "place", "two": "commit", "three": "commit", "mail": "mail"}
LAST_CALL = {"one": "placed", "two": "commit", "three": "commit", "mail": "mail:send"}
OpenScripted = Callable[..., ScriptedShop]


@pytest.fixture
def open_scripted(scripted_suppliers: None) -> Iterator[OpenScripted]:
    """Opens shops; at the end nothing may lie in a queue that failed, and no vendor saw a broken contract."""
    opened: list[ScriptedShop] = []

    def open_one(*args: object, **settings: object) -> ScriptedShop:
        opened.append(ScriptedShop(*args, **settings))  # type: ignore[arg-type]
        return opened[-1]

    yield open_one
    for shop in opened:
        shop.close()
        assert (shop.failed, shop.world.ledger.of_kind("scripted", "contract_violation")) == ([], [])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("charges", ["NOW", "ON_ACCOUNT"])
def test_an_order_is_committed_once_shipped_and_counted(open_scripted: OpenScripted, shape: str, charges: str) -> None:
    shop = open_scripted(shape, charges=charges)
    name = buy(shop, (MS, 1))
    (po,) = shop.purchase_orders(name)
    assert (po.state, shop.commitments(name)) == ("PLACED", 1)
    assert po.reserved_spend == po.payable or shape == "mail"
    assert any(STEPS[shape][-1] in entry.what for entry in po.log)
    shop.book.ship(po.reference)
    shop.pass_time(86400, step=7200)
    assert shop.record(name).state is OrderState.SHIPPED


def committed(shape: str, step: str, happened: bool) -> int:
    """How often the supplier was committed to once this step was tried, and `happened` or not."""
    place, commits = STEPS[shape].index(step), STEPS[shape].index(COMMITS[shape])
    return int(place > commits or (place == commits and happened))


def told(shop: ScriptedShop) -> tuple[str, str]:
    """An order whose purchase order waits in its queue: its name, and the message."""
    name = shop.store.buy([(MS, 1)]).name
    shop.deliver()
    while shop.queues["ingest_order"]:
        shop.call("ingest_order", shop.queues["ingest_order"].popleft())
    shop.relay()
    return name, shop.queues["place_purchase_order"].popleft()


def cancelled_at(shop: ScriptedShop, operation: str, *, heard: bool) -> str:
    """An order that is cancelled in the store while the supplier is called; `heard`: our side learns of it at once."""
    name, message = told(shop)

    def cancel() -> None:
        shop.store.cancel(name)
        if heard:
            shop.deliver()
            while shop.queues["ingest_order"]:
                shop.call("ingest_order", shop.queues["ingest_order"].popleft())

    shop.before_supplier(operation, cancel)
    shop.queues["place_purchase_order"].append(message)
    shop.run()
    shop.pass_time(1300, step=650)
    return name


def retry(shop: ScriptedShop, name: str, *, not_ordered: bool = False) -> None:
    desk = Desk(shop.wiring.storage, shop.clock, "tester")
    retry_order(desk, shop.order(name).pk, shop.wiring.timing, not_ordered=not_ordered)
    shop.run()
    shop.pass_time(1300, step=650)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("looks_up", [True, False])
@pytest.mark.parametrize("side", ["before", "after"])
def test_p1_killed_anywhere_it_is_committed_once_or_parked(
    open_scripted: OpenScripted, shape: str, looks_up: bool, side: str
) -> None:
    shop = open_scripted(shape, **({} if shape == "mail" else {"looks_up": looks_up}))
    names, boundary = list[str](), Boundary()
    for number in range(1, 60):
        name, message = told(shop)
        names.append(name)
        boundary = Boundary((number, side))
        with suppress(Killed):
            shop.call("place_purchase_order", message, boundary)
        shop.wiring = shop.new_worker()
        if not boundary.dead:
            break
    assert len(names) > 5
    assert not boundary.dead
    shop.pass_time(1300, step=650)
    for name in names:
        (po,), commits = shop.purchase_orders(name), shop.commitments(name)
        if po.state == "PLACED":
            assert commits == 1, name
        else:
            assert (shop.codes(name), commits <= 1, looks_up and shape != "mail") == (["OUTCOME_UNCLEAR"], True, False)


def two_suppliers(
    open_scripted: OpenScripted, delivers: bool, other_delivers: bool, shape: str = "one"
) -> ScriptedShop:
    """Two suppliers of one SKU, PARTS before SUPPLIER, and whether each delivers to post office boxes."""
    config = test_config()
    rules = config.rules.model_copy(update={"supplier_priority": (PARTS, SUPPLIER)})
    other = config.suppliers[SUPPLIER].model_copy(update={"delivers_to_po_boxes": other_delivers})
    config = config.model_copy(update={"connections": {**config.connections, SUPPLIER: other}, "rules": rules})
    shop = open_scripted(shape, config, delivers_to_po_boxes=delivers)
    storage, (good,) = shop.wiring.storage, [good for good in GOODS if good.sku == MS]
    theirs = {"supplier": SUPPLIER, "supplier_sku": good.supplier.supplier_sku, "supplier_ref": good.supplier.vid}
    offer = storage.load_skus([MS])[MS].offers[PARTS].model.model_copy(update=theirs)
    storage.commit([Put(offer_key(MS, SUPPLIER), offer, 0)])
    return shop


@pytest.mark.parametrize(
    ("delivers", "other_delivers", "street", "codes", "bought"),
    [
        (True, True, "PO Box 12", [], PARTS),  # as without the setting
        (False, True, "PO Box 12", [], SUPPLIER),
        (False, True, "Box Lane 12", [], PARTS),
        (False, False, "PO Box 12", ["PO_BOX_NOT_DELIVERED"], ""),
    ],
)
def test_a_post_office_box_goes_to_a_supplier_that_delivers_there_or_waits(
    open_scripted: OpenScripted, delivers: bool, other_delivers: bool, street: str, codes: list[str], bought: str
) -> None:
    shop = two_suppliers(open_scripted, delivers, other_delivers)
    name = shop.store.buy([(MS, 1)], address=Address(address1=street)).name
    shop.run()
    assert (shop.codes(name), "".join(po.supplier for po in shop.purchase_orders(name))) == (codes, bought)
    if codes:
        assert releasable(shop.order(name)) == {}
        assert list(shop.record(name).reserved) != []  # the unit is kept while the address is corrected (P3)
        desk = Desk(shop.wiring.storage, shop.clock, "tester")
        fix_address(desk, shop.order(name).pk, {"line1": "12 Box Lane"}, Rules())
        shop.run()
        shop.pass_time(60)
        assert (shop.codes(name), [po.supplier for po in shop.purchase_orders(name)]) == ([], [PARTS])


def test_what_was_reserved_moves_with_the_order_when_its_address_becomes_a_post_office_box(
    open_scripted: OpenScripted,
) -> None:
    shop = two_suppliers(open_scripted, delivers=False, other_delivers=True)
    name = shop.store.buy([(MS, 1)], pay="pending").name
    shop.run()
    before = [shop.sellable_at(supplier, MS) for supplier in (PARTS, SUPPLIER)]
    desk = Desk(shop.wiring.storage, shop.clock, "tester")
    fix_address(desk, shop.order(name).pk, {"line1": "PO Box 12"}, Rules())
    shop.run()
    after = [shop.sellable_at(supplier, MS) for supplier in (PARTS, SUPPLIER)]
    assert ([a - b for a, b in zip(after, before, strict=True)], shop.codes(name)) == ([1, -1], ["PAYMENT_PENDING"])


def test_an_erased_order_is_written_once_though_the_store_still_shows_a_post_office_box(
    open_scripted: OpenScripted,
) -> None:
    shop = two_suppliers(open_scripted, delivers=False, other_delivers=True)
    order = shop.store.buy([(MS, 1)], pay="pending", address=Address(address1="PO Box 12"))
    erase_order(
        order_pk(STORE, str(order.number)),
        "asked",
        storage=shop.wiring.storage,
        clock=shop.clock,
        files=shop.wiring.bill_files,
    )
    shop.run()
    before = shop.order(order.name).record
    shop.call("ingest_order", Message("order.changed", "again", "now", STORE, resource=str(order.number)).to_json())
    assert (before.model.erased_at is not None, shop.order(order.name).record) == (True, before)


@pytest.mark.parametrize(("shape", "step"), CALLS)
@pytest.mark.parametrize("looks_up", [True, False])
@pytest.mark.parametrize("how", ["accept_then_timeout", "accept_then_500", "timeout", "malformed", "accept_late"])
def test_p1_silence_is_looked_up_or_parked_and_the_operator_ends_it(
    open_scripted: OpenScripted, shape: str, step: str, looks_up: bool, how: str
) -> None:
    shop = open_scripted(shape, looks_up=looks_up, lateness_seconds=200)
    shop.vendor.faults.late_seconds = 250  # within the lease and the supplier's own window
    shop.vendor.faults.script(step, how)
    name = buy(shop, (MS, 1))
    (po,) = shop.purchase_orders(name)
    assert po.lease_until is not None
    assert po.settle_until == po.lease_until + timedelta(seconds=200)
    shop.pass_time(1300, step=100)
    shop.vendor.tick()
    happened = how != "timeout"
    if not looks_up:
        assert (shop.codes(name), shop.commitments(name)) == (["OUTCOME_UNCLEAR"], committed(shape, step, happened))
        assert shop.spent_at(PARTS) > 0
        if not happened or step == "label":
            retry(shop, name, not_ordered=True)
    if looks_up or not happened or step == "label":
        assert (shop.purchase_orders(name)[0].state, shop.commitments(name)) == ("PLACED", 1)


def test_p1_a_resend_that_has_no_time_left_counts_the_send_before_it(open_scripted: OpenScripted) -> None:
    shop = open_scripted("one")
    shop.vendor.faults.script("place", "timeout", "timeout", "timeout")
    name = buy(shop, (MS, 1))
    shop.before_supplier("look_up", lambda: shop.clock.advance(26))
    shop.pass_time(2600, step=100)
    sends = [entry for entry in shop.purchase_orders(name)[0].log if entry.what.startswith("sending step place")]
    assert (len(sends), shop.codes(name)) == (2, ["OUTCOME_UNCLEAR"])


def test_what_was_ordered_while_another_worker_took_over_is_finished(open_scripted: OpenScripted) -> None:
    shop = open_scripted("three")
    name, message = told(shop)

    def taken_over() -> None:
        file, until = shop.order(name), shop.clock.now() + timedelta(seconds=390)
        ((sk, held),) = file.purchase_orders.items()
        other = held.model.model_copy(update={"owner": "another", "sends": 2, "settle_until": until})
        shop.wiring.storage.commit([Put(Key(ORDERS, file.pk, sk), other, held.version)])

    shop.before_supplier("commit", taken_over)
    shop.call("place_purchase_order", message)
    (po,), labels = shop.purchase_orders(name), shop.world.ledger.of_kind("scripted", "label_printed")
    assert (po.state, po.step, shop.commitments(name), len(labels)) == ("PLACED", "label", 1, 1)


@pytest.mark.parametrize(("shape", "step"), CALLS)
def test_a_refusal_costs_nothing_before_the_commit_and_stays_ordered_after_it(
    open_scripted: OpenScripted, shape: str, step: str
) -> None:
    shop = open_scripted(shape)
    shop.vendor.faults.script(step, "refuse")
    name = buy(shop, (MS, 1))
    before = committed(shape, step, happened=False)
    (po,) = shop.purchase_orders(name)
    assert (po.state in ("PARKED", "REJECTED"), po.ordered, shop.commitments(name)) == (True, bool(before), before)
    assert bool(shop.spent_at(PARTS)) == bool(before)
    retry(shop, name)
    assert (shop.purchase_orders(name)[-1].state, shop.commitments(name)) == ("PLACED", 1)


@pytest.mark.parametrize(("shape", "state"), [("one", "PARKED"), ("two", "CANCELLED")])
def test_p1_a_second_send_that_is_refused_says_nothing_of_the_first_where_that_may_have_ordered(
    open_scripted: OpenScripted, shape: str, state: str
) -> None:
    shop = two_suppliers(open_scripted, delivers=True, other_delivers=True, shape=shape)
    shop.vendor.faults.script(STEPS[shape][0], "timeout", "refuse")
    name = buy(shop, (MS, 1))
    shop.pass_time(1300, step=100)
    assert [po.state for po in shop.purchase_orders(name) if po.supplier == PARTS] == [state]
    assert len(shop.purchase_orders(name)) == (1 if state == "PARKED" else 2)


@pytest.mark.parametrize(("shape", "step"), [*CALLS, ("mail", "mail")])
@pytest.mark.parametrize("heard", [True, False])
def test_p6_a_cancellation_ends_clearly_at_each_step(
    open_scripted: OpenScripted, shape: str, step: str, heard: bool
) -> None:
    shop = open_scripted(shape)
    name = cancelled_at(shop, step, heard=heard)
    record, commits = shop.record(name), shop.commitments(name)
    if commits:
        assert record.cancel_outcome == ("ORDERED_TOO_LATE" if shape == "mail" else "CANCELLATION_REQUESTED")
        assert "paid" not in record.reasons[0].message  # the mail's is on account
    else:
        assert (record.cancel_outcome, shop.sellable_at(PARTS, MS), shop.spent_at(PARTS)) == ("NOTHING_ORDERED", 40, 0)
    assert commits == committed(shape, step, happened=True)
    shop.pass_time(3600, step=1200)
    assert shop.commitments(name) == commits
    unknown = shape == "three" and not heard and step == "commit"
    assert len(shop.world.ledger.of_kind("scripted", "label_printed")) == (step == "label" or unknown)


def test_p6_what_is_ordered_and_parked_is_cancelled_at_the_supplier_not_withdrawn(open_scripted: OpenScripted) -> None:
    shop = open_scripted("three", looks_up=False)
    shop.vendor.faults.script("label", "accept_then_timeout")
    name = buy(shop, (MS, 1))
    shop.pass_time(1300, step=650)
    assert shop.codes(name) == ["OUTCOME_UNCLEAR"]
    (line,) = stop_order(Desk(shop.wiring.storage, shop.clock, "tester"), shop.order(name).pk).lines
    assert line.endswith("is ordered already; the supplier is asked to cancel it")
    shop.run()
    assert shop.purchase_orders(name)[0].cancel_outcome == "CANCELLATION_REQUESTED"
    assert len(shop.world.ledger.of_kind("scripted", "cancellation_asked")) == 1


@pytest.mark.parametrize("shape", SHAPES)
def test_p10_the_only_step_waits_for_switch_limit_and_one_reading_of_the_store(
    open_scripted: OpenScripted, shape: str
) -> None:
    shop = open_scripted(shape, limited(spend_per_purchase_order={PARTS: {"amount": "1.00", "currency": "USD"}}))
    name = buy(shop, (MS, 1))
    assert (shop.codes(name), shop.commitments(name)) == (["CAP_PER_PURCHASE_ORDER"], 0)
    shop = open_scripted(shape)
    switch = Desk(shop.wiring.storage, shop.clock, "tester")
    switch_kill(switch, [PARTS], on=True)
    name, message = told(shop)
    shop.call("place_purchase_order", message)
    assert (shop.commitments(name), shop.spent_at(PARTS)) == (0, 0)
    switch_kill(switch, [PARTS], on=False)
    shop.clock.advance(400)
    boundary = Boundary()
    shop.call("place_purchase_order", message, boundary)
    commit = [call.rpartition("/")[2] for call in boundary.calls].index(LAST_CALL[shape])
    reads = [number for number, call in enumerate(boundary.calls) if "graphql" in call]
    assert (shop.commitments(name), len(reads), reads[-1] < commit) == (1, 1, True)


def test_a_bill_that_comes_with_the_only_step_is_what_was_spent(open_scripted: OpenScripted) -> None:
    shop = open_scripted("one", charges="ON_ACCOUNT")
    shop.vendor.surcharge = Decimal("0.50")
    (po,) = shop.purchase_orders(buy(shop, (MS, 1)))
    assert po.payable is not None
    assert (po.reserved_spend, shop.spent_at(PARTS)) == (po.payable, po.payable.minor)
    assert "step place done: placed on account" in [entry.what for entry in po.log]


def test_a_link_confirms_and_brings_back_what_was_unclear(open_scripted: OpenScripted) -> None:
    shop = open_scripted("mail")
    shop.post.lost = [OutcomeUnknown("SES: no answer")]
    lost, clear = buy(shop, (MS, 1)), buy(shop, (MS, 1))
    shop.pass_time(1300, step=650)
    assert (shop.codes(lost), shop.codes(clear)) == (["OUTCOME_UNCLEAR"], [])
    (fix,) = fixes_of(lost, shop.record(lost).reasons, shop.purchase_orders(lost))
    assert "There and ordered: adopt it." in fix.text  # on account: it is never paid there
    for name in (lost, clear):
        (po,) = shop.purchase_orders(name)
        link = shop.desk.links[po.reference]
        shop.desk.links[po.reference] = link[:-1] + ("0" if link[-1] != "0" else "1")
        assert shop.confirm(po.reference) == 401
        shop.desk.links[po.reference] = link
        assert [shop.confirm(po.reference), shop.confirm(po.reference)] == [200, 200]
        shop.run()
        (po,) = shop.purchase_orders(name)
        assert (po.state, shop.commitments(name)) == ("PLACED", 1)
        assert [entry.what for entry in po.log].count("confirmed by the supplier") == 1


@pytest.mark.parametrize("stopped", [False, True])
def test_p1_what_is_confirmed_while_it_waits_is_not_sent_again(open_scripted: OpenScripted, stopped: bool) -> None:
    shop = open_scripted("mail")
    shop.post.lost = [OutcomeUnknown("SES: no answer")]
    name = buy(shop, (MS, 1))
    shop.pass_time(1300, step=650)
    desk = Desk(shop.wiring.storage, shop.clock, "tester")
    switch_kill(desk, [PARTS], on=True)
    retry(shop, name, not_ordered=True)
    assert shop.confirm(shop.purchase_orders(name)[0].reference) == 200
    shop.run()
    if stopped:
        stop_order(desk, shop.order(name).pk)
    switch_kill(desk, [PARTS], on=False)
    shop.pass_time(1300, step=650)
    (po,) = shop.purchase_orders(name)
    assert (po.state, shop.commitments(name)) == ("PLACED", 1)
    assert po.cancel_outcome == ("ORDERED_TOO_LATE" if stopped else "")


def test_p15_without_a_look_up_a_second_stack_waits_for_a_persons_look(open_scripted: OpenScripted) -> None:
    shop = open_scripted("mail")
    note_identity(shop.wiring.storage, STORE, "shopify", lambda one: one.model_copy(update={"second_stack": True}))
    shop.wiring = shop.new_worker()
    name = buy(shop, (MS, 1))
    assert (shop.codes(name), shop.commitments(name)) == (["OTHER_STACK_UNSEEN"], 0)
    shop.release(name)
    shop.run()
    assert shop.commitments(name) == 1


def test_p13_a_supplier_that_quotes_no_freight_names_a_fix_that_is_possible(open_scripted: OpenScripted) -> None:
    shop = open_scripted("mail", CONFIG)
    name = buy(shop, (MS, 1))
    (reason,) = shop.record(name).reasons
    assert (reason.code, reason.field) == ("FREIGHT_MISSING", f"connections.{PARTS}.freight_country")
    assert fix_of(reason, About(name)).text == reason.fix
    settings = shop.wiring.config().suppliers[PARTS]
    assert (settings.asks_stock, settings.from_country) == (False, "")  # nobody said from where it ships


@pytest.mark.parametrize("profile", ["aws", "local"])
def test_p1_a_suppliers_own_window_stays_within_ten_minutes(profile: str) -> None:
    windows = timing_of(profile).windows_for(MOST_LATENESS)
    assert windows.lease + windows.lateness <= MAX_SETTLE


def test_connect_notes_no_subscriptions_where_a_kind_has_none_to_be_made(open_scripted: OpenScripted) -> None:
    operator = operator_of(open_scripted("mail"))
    said = operator("connect", PARTS, "--json", stdin='{"link_secret": "another"}').json
    assert [step["step"] for step in said["steps"]] == ["test", "webhook_secret", "secrets"]
    row = next(one for one in operator("connections", "--json").json if one["connection"] == PARTS)
    assert (row["state"], row["webhook_secrets"], row["subscriptions_checked_at"]) == ("open", 2, None)
