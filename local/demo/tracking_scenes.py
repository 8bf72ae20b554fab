"""The scenes on the customer's page: to the door by the link of the mail, and withdrawals before and after the buying."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from local.demo.customer import Customer, asked
from local.demo.desk import Desk
from local.demo.scenes import expect
from local.sandbox.kit.people import GERMAN_ADDRESS, GERMAN_BUYER

_FIRST, _SECOND, _ONE = "HL-COB-350", "HL-KID-120", "HL-MS-400"
SOON, LATER = timedelta(days=2), timedelta(days=9)
WITHDRAWN = "CUSTOMER_WITHDREW"


def page_to_the_door(desk: Desk, as_reader: type[Customer] = Customer) -> str:
    """31: a customer follows two parcels on the page of the mail's link: a later day, another number, delivered."""
    name = desk.buy("berlin", (_FIRST, 1), (_SECOND, 2))
    customer, reference = as_reader(desk, name), desk.until_paid(name)
    customer.until("Your order is being prepared for shipping.")
    with desk.sandbox.locked():
        one = desk.sandbox.supplier.ship(reference, {_FIRST: 1}).tracking_number
        two = desk.sandbox.supplier.ship(reference, {_SECOND: 2}).tracking_number
    customer.until("both parcels", lambda seen: one in seen.text and two in seen.text)
    for number in (one, two):
        desk.until(f"tracker of {number}", partial(desk.ledger, "easypost", "tracker_created", number))
    day = _scanned(desk, one, "in_transit", SOON)
    customer.until(f"It arrives on {day}.")
    later = _scanned(desk, one, "in_transit", LATER)
    customer.until(f"It arrives on {later}.")
    desk.until("the mail about the later day", lambda: "delayed" in desk.told(name))
    with desk.sandbox.locked():
        new = desk.sandbox.supplier.renumber(two).tracking_number
    customer.until("this parcel got a new number", lambda seen: new in seen.text and f"it was {two}" in seen.text)
    desk.until(f"tracker of {new}", lambda: desk.ledger("easypost", "tracker_created", new))
    for number in (one, new):
        _scanned(desk, number, "delivered")
    seen = customer.until("Your order has arrived.")
    for secret in (GERMAN_BUYER.last_name, GERMAN_BUYER.email, GERMAN_BUYER.phone, GERMAN_ADDRESS.address1):
        expect(not secret or secret not in seen.html, f"the page shows {secret!r}")
    foreign = asked(customer.link[:-32] + "a" * 32)
    expect(foreign.status == 404 and name not in foreign.text, f"a foreign link was answered {foreign.status}")
    return f"{name}: two parcels, {day} became {later}, {two} became {new}, arrived; a foreign link gets 404"


def _scanned(desk: Desk, number: str, status: str, after: timedelta | None = None) -> str:
    """A scan; gives the day that the carrier expects, as the page writes it."""
    with desk.sandbox.locked():
        # At noon it is the same day where the buyer is.
        day = (desk.sandbox.world.clock() + after).replace(hour=12) if after else None
        desk.sandbox.carrier.scan(number, status, status.replace("_", " "), est_delivery=day)
    return f"{day.day} {day:%B}" if day else ""


def withdrawn_before(desk: Desk, as_reader: type[Customer] = Customer) -> str:
    """32: a customer withdraws while the order waits for an address: nothing is ordered, whatever comes later."""
    name = desk.buy("berlin", (_ONE, 1), postcode="")
    desk.until_state(name, "NEEDS_ATTENTION", "POSTCODE_MISSING")
    customer = as_reader(desk, name)
    _withdraws(customer)
    desk.until_state(name, "ON_HOLD", WITHDRAWN)
    with desk.sandbox.locked():
        desk.store.set_address(name, GERMAN_ADDRESS)  # what was missing: only the withdrawal holds it now
    desk.until("the receipt by mail", lambda: customer.receipts() == 1)
    desk.shop.command("orders", "cancel", desk.key(name), "--in-store", "--refund", "--yes")
    desk.until_state(name, "CANCELLED")
    customer.until("Your order was cancelled.")
    expect(not desk.paid_at_supplier(name), "ordered although the customer had withdrawn")
    expect(customer.receipts() == 1, f"{customer.receipts()} receipts")
    return f"{name}: withdrawn before it was ordered: one receipt, nothing at the supplier, the money is back"


def withdrawn_after(desk: Desk, as_reader: type[Customer] = Customer) -> str:
    """33: a customer asks where the order is, and withdraws after it was bought: a case with a deadline, one receipt."""
    name = desk.buy("berlin", (_FIRST, 1))
    customer = as_reader(desk, name)
    desk.until_paid(name)
    where = customer.send({"kind": "QUESTION"})
    expect("This is where your order is" in where.text, f"the question was answered: {where.text[:200]}")
    form = _withdraws(customer)
    again = customer.send(form)
    expect(again.status == 200 and "We have received your withdrawal" in again.text, "another answer to the same form")
    case = desk.until("the case", lambda: _cases(desk, name))[0]
    desk.until("the receipt by mail", lambda: customer.receipts() == 1)
    desk.shop.command("requests", "close", desk.key(name), case["request"], "--outcome", "kept")
    desk.until("no open case", lambda: not _cases(desk, name))
    expect(len(desk.paid_at_supplier(name)) == 1, "it was not paid once at the supplier")
    expect(customer.receipts() == 1, f"{customer.receipts()} receipts")
    return f"{name}: withdrawn after it was bought: {case['request']}, one receipt for the form sent twice; closed"


def _withdraws(customer: Customer) -> dict[str, str]:
    form = customer.until("the form to withdraw", lambda seen: bool(seen.form)).form
    receipt = customer.send(form)
    expect(receipt.status == 200, f"the form was answered {receipt.status}: {receipt.text[:200]}")
    expect("We have received your withdrawal" in receipt.text, f"no receipt: {receipt.text[:200]}")
    return form


def _cases(desk: Desk, name: str) -> list[dict[str, str]]:
    return [row for row in desk.shop.json_command("requests", "list") if row["key"] == desk.key(name)]
