"""Each fee and each tax is borne once, and none is left out (promise P13)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from orderwright.domain.not_known import NotKnown
from orderwright.domain.order import Address
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.domain.purchase_order_line import PurchaseOrderLine
from orderwright.domain.rules import Rules
from orderwright.domain.unit_cost import UnitCost
from orderwright.usecases.placing.true_money import Sold, bought_of
from tests.support.shop import SUPPLIER, test_config
from tests.unit.domain.true_money_kit import DAY, STORE, destination, money, parcel, reckoned, rules, sold, tax


def _rules(**fees: object) -> Rules:
    found = rules(destination("DE"), fee={"percent": "2.9"})
    return Rules.model_validate({**found.model_dump(by_alias=True), "fees": {"card": {"percent": "2.9"}, **fees}})


def test_a_marketplaces_commission_comes_on_top_of_what_the_payment_provider_says() -> None:
    order = sold("25.20 EUR", "4.79", fees=money("1.17 EUR"), channel="bazaar")
    one = reckoned(parcel("DE", "8 EUR", "4 EUR"), order, _rules(bazaar={"percent": "10"}))
    # 10 % of 29.99 = 2.999
    assert (one.fee, one.fee_rule) == (money("4.17 EUR"), "as the payment provider says, bazaar")


def test_a_marketplace_without_a_fee_rule_stops_the_order_whatever_the_payment_provider_says() -> None:
    order = sold("25.20 EUR", "4.79", fees=money("1.17 EUR"), channel="bazaar")
    with pytest.raises(NotKnown) as caught:
        reckoned(parcel("DE", "8 EUR", "4 EUR"), order, _rules())
    assert caught.value.reason.code == "FEE_MISSING"


def test_what_one_provider_says_is_not_the_fee_of_two() -> None:
    order = sold("25.20 EUR", "4.79", fees=money("0.20 EUR"), gateways=("card", "wallet"))
    one = reckoned(parcel("DE", "8 EUR", "4 EUR"), order, _rules(wallet={"percent": "4"}))
    assert one.fee == money("1.20 EUR")  # 4 % of 29.99


def test_a_gift_card_beside_the_provider_changes_nothing() -> None:
    order = sold("25.20 EUR", "4.79", fees=money("0.20 EUR"), gateways=("card", "gift_card"))
    assert reckoned(parcel("DE", "8 EUR", "4 EUR"), order, _rules()).fee == money("0.20 EUR")


@pytest.mark.parametrize(("in_bill", "bill"), [("0 EUR", None), ("0 EUR", "15 EUR")])
def test_tax_that_the_supplier_should_remit_and_does_not_is_no_revenue(in_bill: str, bill: str | None) -> None:
    by = rules(destination("DE", tax=tax("19", remitter="supplier")))
    bought = parcel("DE", "8 EUR", "4 EUR", bill=money(bill) if bill else None, tax_in_bill=money(in_bill))
    with pytest.raises(NotKnown) as caught:
        reckoned(bought, sold("25.20 EUR", "4.79"), by)
    assert caught.value.reason.code == "REMITTER_UNKNOWN"


@pytest.mark.parametrize(("ioss", "to", "known"), [("none", "DE", True), ("cj", "DE", False), ("none", "GB", False)])
def test_the_bill_has_no_import_tax_where_the_supplier_is_told_that_another_pays_it(
    ioss: str, to: str, known: bool
) -> None:
    base = test_config()
    told = base.connections[SUPPLIER].model_copy(update={"ioss_type": ioss})
    config = base.model_copy(update={"connections": {**base.connections, SUPPLIER: told}})
    line = PurchaseOrderLine(
        line_id="1", sku="A", supplier_sku="A", title="A", quantity=1, reservation="1",
        unit_cost=UnitCost.parse("8", "USD"),
    )  # fmt: skip
    po = PurchaseOrder(
        supplier=SUPPLIER, number=1, reference="R", lines=(line,), freight=money("4 USD"),
        created_at=datetime(2026, 11, 29, tzinfo=UTC),
    )  # fmt: skip
    where = Sold(STORE, (), None, Address(country_code=to, postcode="10115"))
    found = bought_of(po, where, config, DAY).tax_in_bill
    assert found == (money("0 USD") if known else None)


def test_a_bill_of_nothing_is_not_believed() -> None:
    with pytest.raises(NotKnown) as caught:
        reckoned(
            parcel("DE", "8 EUR", "4 EUR", bill=money("0 EUR")), sold("25.20 EUR", "4.79"), rules(destination("DE"))
        )
    assert caught.value.reason.code == "COST_MISSING"
