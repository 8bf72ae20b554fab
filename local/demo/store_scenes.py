"""The scenes about a shop that sells in several stores: two orders of one name, and an order that is ended in its store."""

from __future__ import annotations

import json

from local.demo.desk import Desk
from local.demo.judge import ended
from local.demo.scenes import expect
from local.running.settings import BLOG


def one_name_twice(desk: Desk) -> str:
    """21: two stores have an order of the same name: the operator is asked which one is meant."""
    blog = desk.at(BLOG)
    name = blog.buy("portland", ("HL-COB-350", 1))
    blog.until_paid(name)
    keys = {at.key(name): at.connection for at in (desk, blog)}
    told = json.loads(desk.shop.command("orders", "show", name, "--json", check=False))["error"]
    expect(told["code"] == "AMBIGUOUS", f"{name} was taken for one order: {told}")
    expect(all(key in told["message"] for key in keys), f"not both orders are named: {told['message']}")
    for key, connection in keys.items():
        shown = desk.shop.json_command("orders", "show", key)
        expect((shown["key"], shown["connection"]) == (key, connection), f"{key} shows another order")
    return f"{name} is AMBIGUOUS; {' and '.join(keys)} are clear"


def ended_in_store(desk: Desk) -> str:
    """22: the operator cancels an order in its store, with all its money, judged by the store's own record."""
    name = desk.buy("berlin", ("HL-KID-120", 1), postcode="")
    desk.until_state(name, "NEEDS_ATTENTION", "POSTCODE_MISSING")
    desk.shop.command("orders", "cancel", desk.key(name), "--in-store", "--refund", "--yes")
    desk.until_state(name, "CANCELLED")
    with desk.sandbox.locked():
        order = desk.store.order(name)
        back, paid, over = order.refunded, order.received, ended(order)
    expect(over, "the store did not cancel it")
    expect(back == paid > 0, f"{back} of {paid} was given back")
    expect(not desk.paid_at_supplier(name), "bought although it was cancelled")
    return f"{desk.key(name)}: cancelled in the store, {back} given back, nothing bought"
