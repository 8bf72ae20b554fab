"""The scenes about true money (promise P13): tax in the price and duty, money given back, a bill that grows after a release.

The figures of the rules are illustrations, as a merchant would have confirmed them. What an order must leave is worked out
here from the store's and the supplier's ledgers alone, and held against what Orderwright wrote.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from functools import partial
from typing import Any

import yaml

from local.demo.alerts import Alerts
from local.demo.desk import Desk
from local.demo.scenes import expect
from local.running.settings import usd
from local.sandbox.goods import GOODS
from local.sandbox.shopify import TaxRule
from orderwright.registry import kinds_of

VAT = Decimal("25.5")
DUTY = Decimal("3.00")
FEE_PERCENT, FEE_FIXED = Decimal("2.9"), Decimal("0.30")
SOLD = ("HL-COB-350", "HL-KID-120", "HL-MS-400")
DATED = {"valid_from": "2026-07-01", "source": "invented for this demo", "confirmed_by": "Aino Esimerkki, bookkeeper"}
DESTINATIONS = [
    {
        "name": "Finland",
        "to": ["FI"],
        "tax": {"rate": str(VAT), "in_price": "included", "remitter": "merchant"},
        "duty": {"per_heading": usd(str(DUTY)), "up_to": usd("150.00")},
        "incoterm": "DDP",
        "duty_in": "carrier",
        **DATED,
    },
    {
        "name": "elsewhere",
        "to": ["DE", "US"],
        "tax": {"rate": "0", "in_price": "excluded", "remitter": "customer"},
        "duty": "none",
        "incoterm": "DAP",
        **DATED,
    },
]
FEES = {"shopify_payments": {"percent": str(FEE_PERCENT), "fixed": usd(str(FEE_FIXED)), **DATED}}


def with_true_money(text: str) -> str:
    """An exported configuration with these rules, and the countries that the store sells to."""
    document = yaml.safe_load(text)
    for held in document["connections"].values():
        if held["kind"] in kinds_of("store"):
            held["sell_to"] = ["FI", "DE", "US"]
    document["rules"] |= {"destinations": DESTINATIONS, "fees": FEES}
    return as_file(text, document)


def as_file(text: str, document: dict[str, Any]) -> str:
    """A changed document as the text of the file that it was: whose first line says of which version it is."""
    return f"{text.splitlines()[0]}\n{yaml.safe_dump(document, sort_keys=False, allow_unicode=True)}"


def _named(document: dict[str, Any], kind: str) -> list[str]:
    """What the connections of a kind are called: scene 15 gave them other names."""
    return [name for name, held in document["connections"].items() if held["kind"] == kind]


def vat_and_duty(desk: Desk) -> str:
    """16: the merchant begins to reckon truly: a Finnish order with VAT in the price and duty."""
    _reckon_truly(desk)
    name = desk.buy("tampere", ("HL-COB-350", 1), ("HL-KID-120", 1))
    desk.until_state(name, "PLACED")
    total, tax = _charged(desk, name)
    # Both are lamps, so of one heading: 3.00 once.
    bill, fee = _bill(desk, name), _fee(total)
    expect(tax > 0, "the store charged no tax")
    left = total - tax - bill - DUTY - fee
    written = desk.file(name).record
    margin = written.model.margin if written else None
    expect(str(margin) == f"{left} USD", f"the margin of {name} is written as {margin}, the ledgers leave {left}")
    told = _explained(desk, name)
    wanted = {"net": total - tax, "landed": bill + DUTY, "fee": fee, "margin": left}
    seen = {term: _amount(told, term) for term in wanted}
    expect(seen == wanted, f"`margin explain` tells {seen}, the ledgers say {wanted}")
    expect(told["rule"] == "Finland", f"by the rule {told['rule']!r}")
    return f"{name}: {total} - VAT {tax} - bill {bill} - duty {DUTY} - fee {fee} = {left} left, as written to the cent"


def money_back_before_buying(desk: Desk) -> str:
    """17: 20.00 goes back as money before anything is bought: parked, never bought at a loss."""
    name = _refunded_before_buying(desk, "tampere", Decimal("20.00"))
    total, tax = _charged(desk, name)
    told, net, fee = _explained(desk, name), total - tax - Decimal("20.00"), _fee(total)
    expect(_amount(told, "net") == net, f"net is {_amount(told, 'net')}, the ledger leaves {net}")
    expect(_amount(told, "fee") == fee, f"the fee is {_amount(told, 'fee')}, not {fee}: fees are not given back")
    expect(_amount(told, "margin") < 0, "this would be no loss")
    (why,) = _reasons(desk, name)
    for term in ("net", "landed", "fee"):
        expect(f"{_amount(told, term)} USD" in why, f"the reason does not show {term}: {why}")
    expect(not desk.paid_at_supplier(name), "bought at a loss")
    return f"{name}: 20.00 of {total} given back as money, {net} net is left: parked ({why.partition(': a ')[2]})"


def bill_grows_after_release(desk: Desk) -> str:
    """18: released at a small margin, then the supplier's bill comes far higher: asked again, not paid."""
    alerts = Alerts(desk.shop.stack)
    name = _refunded_before_buying(desk, "berlin", Decimal("14.00"))
    shown = _amount(_explained(desk, name), "margin")
    desk.until(f"the alert about {name}", lambda: alerts.about(name))
    with desk.sandbox.locked():
        desk.sandbox.supplier.set_payable_surcharge("HL-MS-400", Decimal("40.00"))
    desk.shop.command("orders", "release", desk.key(name), "--code", "MARGIN_TOO_LOW", "--yes")
    desk.until(f"the second alert about {name}", lambda: len(alerts.about(name)) >= 2)
    desk.until_state(name, "NEEDS_ATTENTION", "MARGIN_TOO_LOW")
    told = _explained(desk, name)
    expect(told["billed"] is not None, "parked again before the bill")
    expect(_amount(told, "margin") == shown - 40, f"{_amount(told, 'margin')} is left, {shown} was released")
    expect(not desk.paid_at_supplier(name), "a bill that nobody released was paid")
    return f"{name}: released at {shown}, the bill came 40.00 higher: parked again unpaid, with a second alert"


def _reckon_truly(desk: Desk) -> None:
    """The store charges Finnish VAT, and the configuration says what destinations and payments cost."""
    with desk.sandbox.locked():
        desk.store.config.taxes["FI"] = TaxRule(VAT)
    table = desk.shop.config_file.with_name("attributes.csv")
    table.write_text("sku,mpn\n" + "".join(f"{good.sku},{good.sku[3:]}\n" for good in GOODS), encoding="utf-8")
    desk.shop.command("catalogue", "attributes", "import", str(table))
    file, text = desk.shop.config_file, desk.shop.command("export")
    file.write_text(with_true_money(text), encoding="utf-8")
    desk.shop.command("apply", str(file))
    # The supplier is asked what it costs to send there.
    (supplier,) = _named(yaml.safe_load(text), "cj")
    desk.shop.command("catalogue", "import", supplier)
    # A price by the new rules is the proof that no function holds the old ones any more.
    for sku in SOLD:
        desk.until(f"{sku} on sale by the new rules", partial(_sold_by_rules, desk, sku))


def _sold_by_rules(desk: Desk, sku: str) -> bool:
    listing = desk.listing(sku)
    by_rules = listing is not None and listing.on_sale and "(rule '" in listing.why
    return by_rules and (desk.stock(sku) or 0) > 0


def _refunded_before_buying(desk: Desk, who: str, amount: Decimal) -> str:
    """An order that is paid and refunded by `amount` in one breath, so that nothing is bought between; then it is parked."""
    name = desk.buy(who, ("HL-MS-400", 1), pay="authorized")
    desk.until_state(name, "AWAITING_PAYMENT")
    with desk.sandbox.locked():
        desk.store.capture(name)
        desk.store.refund_money(name, amount)
    desk.until_state(name, "NEEDS_ATTENTION", "MARGIN_TOO_LOW")
    return name


def _charged(desk: Desk, name: str) -> tuple[Decimal, Decimal]:
    """What the buyer was charged, and the tax in it, by the store's ledger."""
    (sold,) = desk.ledger(desk.kind, "order_created", name)
    return Decimal(sold.data["total"]), Decimal(sold.data["tax"])


def _bill(desk: Desk, name: str) -> Decimal:
    """What the supplier took, by its ledger."""
    return sum((entry.data["amount"] for entry in desk.paid_at_supplier(name)), Decimal(0))


def _fee(total: Decimal) -> Decimal:
    return (total * FEE_PERCENT / 100 + FEE_FIXED).quantize(Decimal("0.01"), ROUND_CEILING)


def _explained(desk: Desk, name: str) -> dict[str, Any]:
    """The terms of its one purchase order, as `margin explain` tells them."""
    (order,) = desk.shop.json_command("margin", "explain", desk.key(name))["purchase_orders"]
    told: dict[str, Any] = order["reckoning"]
    return told


def _amount(told: dict[str, Any], term: str) -> Decimal:
    return Decimal(told[term]["amount"])


def _reasons(desk: Desk, name: str) -> list[str]:
    """Why an order waits, in the words of `orders show`."""
    return [reason["message"] for reason in desk.shop.json_command("orders", "show", desk.key(name))["waits"]]
