"""P15: one order of a shop is one order here, whatever the file calls its connections and however often they are connected."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from local.sandbox.kit.people import USUAL_ADDRESS
from orderwright.domain.operations import StoredConfig
from orderwright.door_entries import entry_name
from orderwright.records import CURRENT_CONFIG, purchase_reference
from orderwright.storage import Put
from tests.scripted.registering import scripted_suppliers  # noqa: F401 - a fixture
from tests.support.shop import STORE, SUPPLIER, Shop
from tests.unit.cli.cli_kit import Operator, Said, operator_of

LAMP = "HL-MS-400"


class Desk:
    """A merchant with the file, its name and the command line."""

    def __init__(self, shop: Shop, folder: Path) -> None:
        self.shop = shop
        self.operator: Operator = operator_of(shop)
        self.file = folder / "orderwright.yaml"
        self.file.write_text(self.operator("export").out, "utf-8")

    def edit(self, old: str, new: str) -> None:
        """Change the file."""
        text = self.file.read_text("utf-8")
        assert old in text, old
        self.file.write_text(text.replace(old, new), "utf-8")

    def apply(self, *options: str) -> Said:
        """`orderwright apply`, and a worker that knows the new version."""
        said = self.operator("apply", str(self.file), "--json", *options)
        self.fresh()
        return said

    def fresh(self) -> None:
        """Fresh processes everywhere."""
        self.shop.wiring = self.shop.new_worker()
        self.operator = operator_of(self.shop)

    def buy(self) -> str:
        """A customer buys a lamp, and everything that follows at this instant."""
        name: str = self.shop.store.buy([(LAMP, 1)]).name
        self.shop.run()
        return name

    def paid(self, name: str) -> int:
        """How often the supplier was paid for an order."""
        return len(self.shop.paid_orders(name))

    def stored(self) -> StoredConfig:
        """What is in force."""
        held = self.shop.wiring.storage.get(CURRENT_CONFIG, StoredConfig)
        assert held is not None
        return held.model


@pytest.fixture
def desk(shop: Shop, tmp_path: Path) -> Desk:
    return Desk(shop, tmp_path)


def refused(said: Said) -> str:
    """The code of a refusal."""
    assert said.code == 1, said.out
    return str(said.json["error"]["code"])


# --- renaming ---------------------------------------------------------------------------------------------------------


def test_p15_renaming_store_and_supplier_buys_no_open_order_again(desk: Desk) -> None:
    before = desk.buy()
    assert desk.paid(before) == 1
    desk.edit("lamp-shop", "lamp-store")
    desk.edit("  cj:", "  cj-main:")
    desk.edit("offers_of: cj", "offers_of: cj-main")
    said = desk.apply("--renamed", "cj=cj-main")
    assert said.json["renamed"] == {"lamp-shop": "lamp-store", "cj": "cj-main"}
    desk.shop.store.set_address(before, replace(USUAL_ADDRESS, address2="B 2"))
    desk.shop.run()
    after = desk.buy()
    desk.shop.pass_time(1800)
    assert (desk.paid(before), desk.paid(after)) == (1, 1)
    rows = {row["name"]: row["connection"] for row in desk.operator("orders", "list", "--all", "--json").json}
    assert rows == {before: "lamp-store", after: "lamp-store"}


def test_p10_p15_a_renamed_supplier_keeps_its_kill_switch_and_what_was_spent(desk: Desk) -> None:
    desk.buy()
    desk.operator("kill", "on", "--supplier", "cj")
    desk.edit("  cj:", "  cj-main:")
    desk.edit("offers_of: cj", "offers_of: cj-main")
    desk.apply("--renamed", "cj=cj-main")
    held = desk.buy()
    desk.shop.pass_time(900)
    assert desk.paid(held) == 0, "the switch of before the new name holds"
    status = desk.operator("status", "--json").json
    assert status["kill_switches"] == ["cj-main"]
    assert list(status["spent_today"]) == ["cj-main"]
    desk.operator("kill", "off", "--supplier", "cj-main")
    desk.shop.pass_time(900)
    assert desk.paid(held) == 1


def test_a_new_name_of_the_same_kind_is_a_rename_only_when_said(desk: Desk) -> None:
    desk.edit("  cj:", "  cj-main:")
    desk.edit("offers_of: cj", "offers_of: cj-main")
    said = desk.apply()
    assert refused(said) == "RENAMED_OR_NEW"
    assert "--renamed cj=cj-main" in said.json["error"]["fix"]
    assert desk.stored().number == 1
    assert desk.apply("--remove", "cj").code == 0
    names = {identity.id: identity.name for identity in desk.stored().identities}
    assert (names["cj"], names["cj-main"]) == ("", "cj-main")


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--renamed", "cj"),
        ("--renamed", "cj=feed"),
        ("--renamed", "nobody=x"),
        ("--renamed", "cj=x"),
        ("--remove", "cj"),
    ],
)
def test_an_option_that_does_not_fit_the_file_is_refused(desk: Desk, option: str, value: str) -> None:
    desk.edit("markup: '2.4'", "markup: '2.5'")
    assert refused(desk.apply(option, value)) in ("RENAMED", "REMOVED")
    assert desk.stored().number == 1


def test_a_free_name_that_another_connection_had_gets_an_id_of_its_own(desk: Desk) -> None:
    desk.edit("  cj:", "  cj-main:")
    desk.edit("offers_of: cj", "offers_of: cj-main")
    desk.apply("--renamed", "cj=cj-main")
    desk.edit("connections:\n", "connections:\n  cj:\n    kind: cj\n    base_url: https://cj.test\n")
    assert desk.apply().code == 0
    assert {identity.name: identity.id for identity in desk.stored().identities if identity.kind == "cj"} == {
        "cj-main": "cj",
        "cj": "cj-2",
    }


def test_p15_back_to_a_version_means_the_accounts_of_then_whatever_has_their_names_now(desk: Desk) -> None:
    desk.edit("buffer: 0", "buffer: 1")
    desk.apply()
    desk.edit("  cj:", "  cj-main:")
    desk.edit("offers_of: cj", "offers_of: cj-main")
    desk.apply("--renamed", "cj=cj-main")
    desk.edit("connections:\n", "connections:\n  cj:\n    kind: cj\n    base_url: https://cj.test\n")
    assert desk.apply().code == 0
    assert refused(desk.operator("apply", "--back-to", "2", "--renamed", "cj=x", "--json")) == "INPUT"
    dry = desk.operator("apply", "--back-to", "2", "--dry-run", "--json").json["forecast"]
    assert (dry["off_sale"], dry["looked_at"]) == ([], 5), "it is the supplier of all of them"
    said = desk.operator("apply", "--back-to", "2", "--json")
    assert (said.code, said.json["renamed"], said.json["forecast"]["warnings"]) == (0, {"cj-main": "cj"}, [])
    assert {one.id: one.name for one in desk.stored().identities if one.kind == "cj"} == {"cj": "cj", "cj-2": ""}


def test_another_shop_under_the_same_name_is_said(desk: Desk) -> None:
    desk.edit("shop_domain: nordlight-demo.", "shop_domain: another.")
    (said,) = desk.apply("--dry-run").json["forecast"]["warnings"]
    assert "lamp-shop: shop_domain was nordlight-demo.myshopify.com and is another.myshopify.com now" in said


def test_p15_back_to_a_version_of_the_same_text_changes_whose_the_names_are(desk: Desk) -> None:
    desk.edit("buffer: 0", "buffer: 1")
    desk.apply()
    whole = desk.file.read_text("utf-8")
    desk.edit("  cj:", "  cj-main:")
    desk.edit("offers_of: cj", "offers_of: cj-main")
    desk.apply("--renamed", "cj=cj-main")
    desk.file.write_text(whole, "utf-8")
    assert desk.apply("--base", "3", "--remove", "cj-main").code == 0
    assert {one.id: one.name for one in desk.stored().identities if one.kind == "cj"} == {"cj": "", "cj-2": "cj"}
    said = desk.operator("apply", "--back-to", "2", "--json").json
    assert (said["applied"], said["changed"], said["repriced"]) == (True, [], 5)
    assert {one.id: one.name for one in desk.stored().identities if one.kind == "cj"} == {"cj": "cj", "cj-2": ""}
    assert desk.operator("apply", "--back-to", "2", "--json").json["applied"] is False


@pytest.mark.parametrize(("answer", "off"), [("y", 0), ("n", 5)])
def test_a_new_name_is_asked_for_before_it_is_said_what_will_happen(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, answer: str, off: int
) -> None:
    desk.edit("  cj:", "  cj-main:")
    desk.edit("offers_of: cj", "offers_of: cj-main")
    dry = desk.operator("apply", str(desk.file), "--dry-run", "--json").json["forecast"]
    assert "Here they count as two" in "".join(dry["warnings"])
    monkeypatch.setattr("local.cli.commands.configuration.on_terminal", lambda: True)
    said = desk.operator("apply", str(desk.file), "--dry-run", "--json", stdin=f"{answer}\n").json["forecast"]
    assert [one["skus"] for one in said["off_sale"]] == [off] * bool(off)


# --- taking out, coming back ------------------------------------------------------------------------------------------


def test_a_store_with_open_orders_is_not_taken_out_unless_told(desk: Desk) -> None:
    desk.shop.supplier.faults.script("createOrderV2", "refuse")
    desk.buy()
    text = desk.file.read_text("utf-8")
    start, end = text.index(f"  {STORE}:"), text.index(f"  {SUPPLIER}:")
    desk.file.write_text(text[:start] + text[end:], "utf-8")
    assert refused(desk.apply()) == "OPEN_WORK"
    assert "is taken out with open orders, for example #1" in "".join(
        desk.apply("--remove", STORE, "--dry-run").json["forecast"]["warnings"]
    )
    assert desk.apply("--remove", STORE).code == 0


def test_a_no_to_the_same_account_lets_go_of_no_open_order(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.shop.supplier.faults.script("createOrderV2", "refuse")
    name = desk.buy()
    desk.edit("  cj:", "  cj-main:")
    desk.edit("offers_of: cj", "offers_of: cj-main")
    monkeypatch.setattr("local.cli.commands.configuration.on_terminal", lambda: True)
    said = desk.operator("apply", str(desk.file), stdin="n\ny\n")
    assert (said.code, f"has open orders, for example {name}" in said.err) == (1, True)
    assert desk.stored().number == 1


def test_p15_a_store_that_was_taken_out_comes_back_as_the_same(desk: Desk) -> None:
    before = desk.buy()
    whole = desk.file.read_text("utf-8")
    start, end = whole.index(f"  {STORE}:"), whole.index(f"  {SUPPLIER}:")
    desk.file.write_text(whole[:start] + whole[end:], "utf-8")
    desk.apply("--remove", STORE)
    desk.file.write_text(whole, "utf-8")
    assert desk.apply("--base", "2").code == 0
    desk.shop.store.set_address(before, replace(USUAL_ADDRESS, address2="B 2"))
    desk.shop.run()
    desk.shop.pass_time(900)
    assert desk.paid(before) == 1


@pytest.mark.usefixtures("scripted_suppliers")
def test_p15_another_kind_under_the_same_name_is_another_connection(desk: Desk) -> None:
    desk.buy()
    text = desk.file.read_text("utf-8")
    start, end = text.index("  cj:\n"), text.index("  feed:\n")
    scripted = f"{text[:start]}  cj:\n    kind: scripted\n{text[end:]}"
    desk.file.write_text(scripted.replace("  feed:\n", "  cj-old:\n    kind: cj\n  feed:\n"), "utf-8")
    said = desk.apply()
    assert (refused(said), "cj is of another kind now and cj-old is new" in said.out) == ("RENAMED_OR_NEW", True)
    assert desk.apply("--renamed", "cj=cj-old", "--dry-run").code == 0
    desk.file.write_text(scripted, "utf-8")
    said = desk.apply("--renamed", "cj=cj")
    assert "cj was of kind cj and cj is of kind scripted" in said.json["error"]["message"]
    said = desk.apply()
    assert (refused(said), "is of kind cj no more" in said.out) == ("OPEN_WORK", True)
    said = desk.apply("--remove", "cj")
    assert "with secrets of its own" in "".join(said.json["forecast"]["warnings"])
    ids = {one.id: (one.name, one.kind) for one in desk.stored().identities}
    assert (ids["cj"], ids["cj-2"]) == (("", "cj"), ("cj", "scripted"))
    said = desk.operator("connect", "cj", "--test", "--json")
    assert said.json["error"]["code"] == "SECRET_MISSING", "no secret of the vendor before goes to this one"
    desk.file.write_text(text, "utf-8")
    assert desk.apply("--base", "2").code == 0
    assert {one.id: one.name for one in desk.stored().identities if one.id in ("cj", "cj-2")} == {
        "cj": "cj",
        "cj-2": "",
    }


def test_two_connections_to_one_shop_are_refused_with_the_field(desk: Desk) -> None:
    text = desk.file.read_text("utf-8")
    start, end = text.index(f"  {STORE}:"), text.index(f"  {SUPPLIER}:")
    again = text[start:end].replace(f"  {STORE}:", "  second-shop:").replace("nordlight-demo.my", "Nordlight-Demo.my")
    desk.file.write_text(text[:end] + again + text[end:], "utf-8")
    said = desk.apply()
    assert refused(said) == "CONFIG_INVALID"
    assert "connections.second-shop.shop_domain" in said.out


# --- connecting -------------------------------------------------------------------------------------------------------


def test_p15_secrets_of_another_shop_are_refused_and_those_before_stay(desk: Desk) -> None:
    parts = ((STORE, "secrets"), entry_name(STORE))
    before = {part: desk.shop.wiring.secrets.read(*part, fresh=True) for part in parts}
    desk.shop.store.shop.number += 1
    given = json.dumps({"client_secret": desk.shop.store.config.client_secret, "webhook_secret": "of-another-shop"})
    assert refused(desk.operator("connect", STORE, "--json", stdin=given)) == "ANOTHER_ACCOUNT"
    for part, value in before.items():
        assert value
        assert desk.shop.wiring.secrets.read(*part, fresh=True) == value


def test_wrong_secrets_leave_those_that_worked(desk: Desk) -> None:
    before = desk.shop.wiring.secrets.read(SUPPLIER, "secrets", fresh=True)
    assert desk.operator("connect", SUPPLIER, stdin=json.dumps({"api_key": "wrong"})).code == 1
    assert desk.shop.wiring.secrets.read(SUPPLIER, "secrets", fresh=True) == before
    desk.fresh()
    assert desk.paid(desk.buy()) == 1


def test_p15_one_suppliers_account_is_not_connected_twice(desk: Desk) -> None:
    desk.edit("connections:\n", "connections:\n  cj-two:\n    kind: cj\n    base_url: https://cj.test\n")
    desk.apply()
    desk.shop.clock.advance(400)  # CJ gives an account a token once in five minutes
    given = json.dumps({"api_key": desk.shop.supplier.config.api_key})
    said = desk.operator("connect", "cj-two", "--json", stdin=given)
    assert refused(said) == "SAME_ACCOUNT"
    assert "cj is connected to this account already" in said.json["error"]["message"]


def test_p15_another_stacks_webhooks_are_refused_and_never_rewritten(desk: Desk) -> None:
    foreign = "https://other.example.com/webhooks/lamp-shop"
    theirs = desk.shop.store.hooks.subscribe("orders/paid", foreign, {})
    given = json.dumps({"client_secret": desk.shop.store.config.client_secret})
    assert refused(desk.operator("connect", STORE, "--json", stdin=given)) == "SECOND_STACK"
    assert desk.operator("connect", STORE, "--second-stack", stdin=given).code == 0
    assert desk.operator("connect", STORE, stdin=given).code == 0, "told once, it is known"
    assert desk.shop.store.hooks.subscriptions[theirs.number].uri == foreign
    (mine,) = [identity for identity in desk.stored().identities if identity.id == STORE]
    assert mine.second_stack


# --- references, upgrade, old orders ----------------------------------------------------------------------------------


def test_a_reference_is_22_characters_and_differs_with_each_of_its_parts() -> None:
    parts = ("gid://shopify/Shop/1", "1001", "cj-abc", 1)
    first = purchase_reference(*parts)
    # printf 'gid://shopify/Shop/1|1001|cj-abc|1' | sha256sum | cut -c1-64 | xxd -r -p | base32 | cut -c1-20
    assert first == "OWGSEMXVUGV7YINCTO4ZSG"
    assert len(first) == 22
    others = {
        purchase_reference("gid://shopify/Shop/2", "1001", "cj-abc", 1),
        purchase_reference("gid://shopify/Shop/1", "1002", "cj-abc", 1),
        purchase_reference("gid://shopify/Shop/1", "1001", "cj-abd", 1),
        purchase_reference("gid://shopify/Shop/1", "1001", "cj-abc", 2),
    }
    assert len(others | {first}) == 5


def test_p15_after_an_upgrade_the_vendors_ids_are_learned_at_the_first_order(desk: Desk) -> None:
    storage = desk.shop.wiring.storage
    held = storage.get(CURRENT_CONFIG, StoredConfig)
    assert held is not None
    storage.commit([Put(CURRENT_CONFIG, held.model.model_copy(update={"identities": ()}), held.version)])
    desk.fresh()
    name = desk.buy()
    assert desk.paid(name) == 1, "under the reference that the vendors' own ids give"
    known = {identity.id: identity for identity in desk.stored().identities}
    assert known[STORE].account == f"gid://shopify/Shop/{desk.shop.store.shop.number}"
    assert known[SUPPLIER].account.startswith("cj-")
    assert str(desk.shop.supplier.config.open_id) not in desk.stored().model_dump_json()
    assert known[STORE].first_connected_at == desk.shop.clock.now()


def test_p15_an_order_from_before_the_first_connect_waits_for_approval(desk: Desk) -> None:
    order = desk.shop.store.buy([(LAMP, 1)])
    order.created_at -= timedelta(days=50)
    desk.shop.store.set_address(order.name, replace(USUAL_ADDRESS, address2="B 2"))
    desk.shop.run()
    assert desk.paid(order.name) == 0
    (row,) = desk.operator("orders", "list", "--json").json
    assert (row["state"], row["reasons"]) == ("AWAITING_APPROVAL", ["OLDER_THAN_CONNECT"])
    assert desk.operator("approvals", "approve", order.name, "--yes").code == 0
    desk.shop.run()
    assert desk.paid(order.name) == 1


def test_an_old_order_that_is_known_already_is_not_held(desk: Desk) -> None:
    name = desk.buy()
    desk.edit("    kind: shopify\n", "    kind: shopify\n    buy_orders_from: 2026-12-24\n")
    desk.apply()
    desk.shop.store.set_address(name, replace(USUAL_ADDRESS, address2="B 2"))
    desk.shop.run()
    assert "OLDER_THAN_CONNECT" not in str(desk.operator("orders", "show", name, "--json").json["waits"])
    later = desk.buy()
    assert desk.operator("orders", "show", later, "--json").json["waits"][0]["code"] == "OLDER_THAN_CONNECT"
