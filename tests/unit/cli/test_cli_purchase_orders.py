"""orderwright purchase-orders: what a supplier says by phone, in the operator's words."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from orderwright.aws.secrets import SecretStore
from orderwright.domain.order import OrderState
from tests.scripted.registering import scripted_suppliers
from tests.support.shop import PREFIX
from tests.unit.cli.cli_kit import Said, operator_of
from tests.unit.usecases.desk_shop import (
    COB,
    HOUR,
    MS,
    NUMBER,
    REMINDER,
    WITHDRAWAL,
    OpenDesk,
    ends,
    letters,
    open_desk,
)
from tests.unit.usecases.order_shop import OrderShop, buy
from tests.unit.usecases.scripted_shop import PARTS, ScriptedShop
from tests.unit.usecases.shop_fixture import OpenShop, open_shop

__all__ = ["open_desk", "open_shop", "scripted_suppliers"]

Run = Callable[..., Said]


def at(shop: OrderShop, *lines: tuple[str, int]) -> tuple[str, Run]:
    """An order that was bought, and its operator."""
    name, operator = buy(shop, *(lines or [(MS, 2)])), operator_of(shop)

    def run(*words: str) -> Said:
        said = operator("purchase-orders", *words)
        shop.run()
        return said

    return name, run


def test_the_operator_confirms_adds_the_parcel_and_sees_it_all(open_desk: OpenDesk) -> None:
    shop = open_desk()
    name, run = at(shop)
    (reference,) = (po.reference for po in shop.purchase_orders(name))
    said = run("confirm", name, "--ships-on", "2026-11-25", "--their-number", "A-77")
    assert (said.code, said.out.splitlines()[0]) == (
        0, f"{reference}: confirmed; what follows from it happens within seconds",
    )  # fmt: skip
    assert "nothing new" in run("confirm", reference, "--their-number", "A-77").out
    assert run("tracking", "add", name, NUMBER, "--carrier", "DHL", "--line", f"{MS}=2").code == 0
    assert (shop.record(name).state, shop.shipments(name)[0].tracking_number) == (OrderState.SHIPPED, NUMBER)
    view = run("show", reference, "--json").json
    assert (view["confirmed_by"], view["their_number"], view["ships_on"]) == ("operator mika", "A-77", "2026-11-25")
    assert [one["tracking_number"] for one in (*view["parcels"], *view["shipments"])] == [NUMBER, NUMBER]
    assert all(text in run("show", reference).out for text in (MS, "A-77", NUMBER))


def test_a_refusal_by_phone_names_its_line_and_its_reason(open_desk: OpenDesk) -> None:
    shop = open_desk(MS)
    name, run = at(shop, (MS, 1), (COB, 1))
    assert refused(run("refuse", name, "--json")) == "MISSING_OPTION"
    assert run("refuse", name, "--line", MS, "--why", "sold out").code == 0
    shop.pass_time(120, step=60)
    assert [end[1] for end in ends(shop, name)] == ["PLACED", "PLACED"]
    several = run("show", name, "--json")
    assert refused(several) == "AMBIGUOUS"
    assert all(po.reference in several.out for po in shop.purchase_orders(name))


def refused(said: Said) -> str:
    """The code of a command that did nothing."""
    assert said.code == 1
    return str(said.json["error"]["code"])


def test_what_cannot_be_meant_is_refused_with_its_code(open_desk: OpenDesk) -> None:
    shop = open_desk()
    name, run = at(shop)
    before = shop.purchase_orders(name)
    for words, code in {
        ("confirm", "#4711"): "NOT_FOUND",
        ("refuse", name, "--line", "HL-X", "--why", "none"): "LINE_UNKNOWN",
        ("tracking", "add", name, "12"): "NUMBER_UNKNOWN",
        ("tracking", "add", name, ""): "NUMBER_UNREADABLE",
        ("tracking", "add", name, NUMBER, "--line", MS): "UNITS_WRONG",
        ("tracking", "add", name, NUMBER, "--line", f"{MS}=9"): "UNITS_WRONG",
    }.items():
        assert refused(run(*words, "--json")) == code
    assert shop.purchase_orders(name) == before


def test_a_contradiction_needs_to_be_sure(open_desk: OpenDesk) -> None:
    shop = open_desk(MS)
    name, run = at(shop)
    (po,) = shop.purchase_orders(name)
    run("confirm", name)
    assert refused(run("refuse", name, "--why", "sold out", "--json")) == "SUPPLIER_CONTRADICTS"
    assert shop.codes(name) == []
    assert run("refuse", name, "--why", "sold out", "--sure").code == 0
    shop.pass_time(120, step=60)
    assert ends(shop, name)[1] == (PARTS, "CANCELLED", "REFUSED")
    assert refused(run("confirm", po.reference, "--json")) == "ALREADY_ENDED"


def test_what_was_missed_shows_commands_that_end_it(open_desk: OpenDesk) -> None:
    shop = open_desk()
    name, run = at(shop)
    shop.pass_time(50 * HOUR, step=HOUR)
    (po,) = shop.purchase_orders(name)
    page = operator_of(shop)("orders", "show", name).out
    assert f"orderwright purchase-orders confirm {po.reference}" in page
    assert run("confirm", po.reference).code == 0
    assert (shop.codes(name), letters(shop, REMINDER)) == ([], 1)


@pytest.mark.parametrize("agrees", [True, False])
def test_an_order_is_asked_back_and_goes_on_by_what_they_say(open_desk: OpenDesk, agrees: bool) -> None:
    shop = open_desk(MS)
    name, run = at(shop)
    (po,) = shop.purchase_orders(name)
    assert run("withdraw", name).code == 0
    assert letters(shop, WITHDRAWAL) == 1
    assert refused(run("withdraw", name, "--json")) == "ALREADY_ASKED"
    assert run(*(("refuse", name, "--why", "stopped") if agrees else ("confirm", name))).code == 0
    shop.pass_time(120, step=60)
    (held,) = (one for one in shop.purchase_orders(name) if one.reference == po.reference)
    assert (held.state, held.answers.withdrawal) == (("CANCELLED", "ASKED") if agrees else ("PLACED", "TOO_LATE"))


def test_a_supplier_with_an_api_gets_no_letters_and_its_parcels_can_be_entered(open_shop: OpenShop) -> None:
    shop = open_shop()
    name, run = at(shop)
    assert refused(run("withdraw", name, "--json")) == "NO_DESK"
    assert refused(run("show", name, "--link", "--json")) == "NO_PAGE"
    number = shop.supplier.ship(shop.purchase_orders(name)[0].reference).tracking_number
    assert run("tracking", "add", name, f" {number.lower()} ", "--carrier", "USPS").code == 0
    shop.pass_time(600, step=60)
    assert [parcel.tracking_number for parcel in shop.shipments(name)] == [number]


def test_the_link_and_code_are_told_only_when_they_are_asked_for(open_desk: OpenDesk) -> None:
    shop: ScriptedShop = open_desk()
    name, run = at(shop)
    SecretStore(shop.aws.client("ssm"), PREFIX, shop.clock.now).write(PARTS, "webhook", {"url": "https://a.example/po"})
    assert "https://a.example" not in run("show", name).out
    view = run("show", name, "--link", "--json").json
    assert (view["link"].startswith("https://a.example/po/OW"), len(view["code"])) == (True, 7)
