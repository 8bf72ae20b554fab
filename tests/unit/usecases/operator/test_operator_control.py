"""Configuration versions, kill switch, parked notes, finding an order, its time line."""

from __future__ import annotations

import pytest

from orderwright.config_store import note_identity
from orderwright.domain.catalogue import SkuRecord
from orderwright.domain.identity import Identity
from orderwright.domain.listing import STEP, Listing
from orderwright.domain.operations import KillHistory, ParkedNote, StoredConfig
from orderwright.domain.order import Reason
from orderwright.domain.purchase_order import PurchaseOrderState
from orderwright.errors import SpendRefused
from orderwright.records import (
    ALL_SUPPLIERS,
    CONTROL,
    CURRENT_CONFIG,
    Key,
    kill_history_key,
    listing_key,
    offer_key,
    sku_key,
)
from orderwright.storage import Due, Put, Spend
from orderwright.usecases.operator.applying import apply_config, config_version, current_config, needs_repricing
from orderwright.usecases.operator.catalogue_view import sku_files
from orderwright.usecases.operator.desk import Refused
from orderwright.usecases.operator.find import find_order
from orderwright.usecases.operator.kill import kill_switches, switch_kill
from orderwright.usecases.operator.order_files import read_orders
from orderwright.usecases.operator.parked_notes import note_done, parked_notes
from orderwright.usecases.operator.prices import pending_prices
from orderwright.usecases.operator.retry import retry_order
from orderwright.usecases.operator.timeline import timeline, wakes
from tests.support.shop import test_config as shop_config
from tests.unit.usecases.operator.operator_kit import NOW, PK, TIMING, Bench, later, purchase_order, usd


def test_only_the_version_that_is_in_force_can_be_replaced(bench: Bench) -> None:
    assert apply_config(bench.desk, shop_config(), None)[0] == 1
    assert apply_config(bench.desk, shop_config(fx_max_age_days=9), 1)[0] == 2
    for base in (None, 1, 3):
        with pytest.raises(Refused) as refused:
            apply_config(bench.desk, shop_config(), base)
        assert refused.value.code == "STALE_BASE"
    assert current_config(bench.storage).number == 2
    old = config_version(bench.storage, 1).config
    assert old is not None
    assert old.rules.fx_max_age_days == 7
    assert needs_repricing(old, shop_config(fx_max_age_days=9))
    assert not needs_repricing(old, old)
    shops = {name: one.model_copy(update={"sell_to": ("DE",)}) for name, one in old.stores.items()}
    assert needs_repricing(old, old.model_copy(update={"connections": {**old.connections, **shops}}))


def test_what_a_connection_that_was_taken_out_left_behind_is_still_listed(bench: Bench) -> None:
    apply_config(bench.desk, shop_config(), None)
    held = current_config(bench.storage).stored
    gone = tuple(Identity(id=one, name="", last_name=one, kind="x") for one in ("old", "older"))
    assert held is not None
    bench.storage.commit([Put(CURRENT_CONFIG, held.model_copy(update={"identities": (*held.identities, *gone)}), 1)])
    bench.put()
    offer = bench.offer().model_copy(update={"supplier": "old"})
    listing = Listing(sku="L", store="older", pending_price=usd("9.00"), reasons=(Reason(code=STEP, message="big"),))
    sku = Put(sku_key("L"), SkuRecord(sku="L", title="Lamp"), 0, state="SKU")
    bench.storage.commit([sku, Put(offer_key("L", "old"), offer, 0), Put(listing_key("L", "older"), listing, 0)])
    (file,) = sku_files(bench.storage, 10)
    assert file == bench.storage.load_sku("L")
    assert sorted(file.offers) == ["cj", "old"]
    assert pending_prices(bench.storage, 10) == [listing]


def test_orders_read_together_have_all_their_purchase_orders_whatever_their_number(bench: Bench) -> None:
    orders = [
        purchase_order(PurchaseOrderState.CANCELLED, number=number, reference=f"OW-{number}") for number in (1, 2, 3)
    ]
    bench.put(*orders, purchase_order(PurchaseOrderState.NEW, supplier="other", reference="OW-4"))
    found, unknown = read_orders(bench.storage, [PK, "shop#7"], ["cj", "none", "other"])
    assert found == bench.storage.load_order(PK)
    assert len(found.purchase_orders) == 4
    assert unknown.record is None


def test_a_version_that_cannot_be_read_any_more_can_still_be_replaced(bench: Bench) -> None:
    odd = StoredConfig(number=4, document='{"schema_version": 0}', applied_at=NOW, applied_by="mika")
    bench.storage.commit([Put(CURRENT_CONFIG, odd, 0)])
    assert current_config(bench.storage)[:2] == (4, None)
    assert apply_config(bench.desk, shop_config(), 4)[0] == 5


def test_two_who_apply_at_once_give_one_version_and_one_refusal(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    apply_config(bench.desk, shop_config(), None)
    real = bench.storage.commit

    def racing(*given: object, **named: object) -> None:
        monkeypatch.setattr(bench.storage, "commit", real)
        apply_config(bench.desk, shop_config(fx_max_age_days=8), 1)
        real(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(bench.storage, "commit", racing)
    with pytest.raises(Refused, match="version 2 is in force"):
        apply_config(bench.desk, shop_config(fx_max_age_days=9), 1)


def test_an_account_that_is_learned_meanwhile_refuses_no_version_and_stays(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply_config(bench.desk, shop_config(), None)
    real = bench.storage.commit

    def racing(*given: object, **named: object) -> None:
        monkeypatch.setattr(bench.storage, "commit", real)
        note_identity(bench.storage, "cj", "cj", lambda before: before.connected("account", NOW))
        real(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(bench.storage, "commit", racing)
    assert apply_config(bench.desk, shop_config(fx_max_age_days=9), 1)[0] == 2
    stored = current_config(bench.storage).stored
    assert stored is not None
    assert [one.account for one in stored.identities if one.id == "cj"] == ["account"]


def test_the_kill_switch_refuses_spending_until_it_is_off_and_remembers_who(bench: Bench) -> None:
    assert switch_kill(bench.desk, ["cj"], on=True) == ["cj"]
    assert switch_kill(bench.desk, ["cj"], on=True) == []
    with pytest.raises(SpendRefused):
        bench.storage.commit([Spend("cj", "2026-11-22", usd("1.00"), None)])
    assert kill_switches(bench.storage)["cj"].by == "mika"
    assert switch_kill(bench.desk, ["cj"], on=False) == ["cj"]
    bench.storage.commit([Spend("cj", "2026-11-22", usd("1.00"), None)])
    history = bench.storage.get(kill_history_key("cj"), KillHistory)
    assert history is not None
    assert [(entry.what, entry.who) for entry in history.model.log] == [
        ("kill switch on", "operator mika"),
        ("kill switch off", "operator mika"),
    ]


def test_p10_the_switch_for_all_and_a_suppliers_own_are_switched_apart(bench: Bench) -> None:
    assert switch_kill(bench.desk, ["cj"], on=True) == ["cj"]
    assert switch_kill(bench.desk, [ALL_SUPPLIERS], on=True) == [ALL_SUPPLIERS]
    assert sorted(kill_switches(bench.storage)) == [ALL_SUPPLIERS, "cj"]
    assert switch_kill(bench.desk, ["cj"], on=False) == ["cj"]
    for supplier in ("cj", "later"):
        with pytest.raises(SpendRefused):
            bench.storage.commit([Spend(supplier, "2026-11-22", usd("1.00"), None)])
    assert switch_kill(bench.desk, [ALL_SUPPLIERS], on=False) == [ALL_SUPPLIERS]
    bench.storage.commit([Spend("later", "2026-11-22", usd("1.00"), None)])
    history = bench.storage.get(kill_history_key(ALL_SUPPLIERS), KillHistory)
    assert history is not None
    assert [entry.what for entry in history.model.log] == ["kill switch on", "kill switch off"]


def test_a_parked_note_is_listed_until_it_is_done(bench: Bench) -> None:
    note = ParkedNote(connection="shop", topic="odd/topic", delivery_id="d1", reason="NOT_UNDERSTOOD", at=NOW)
    bench.storage.commit([Put(Key(CONTROL, "PARKED", "shop#d1"), note, 0, state="PARKED")])
    assert [listed.id for listed in parked_notes(bench.storage)] == ["shop#d1"]
    note_done(bench.desk, "shop#d1")
    assert parked_notes(bench.storage) == []
    assert parked_notes(bench.storage, done=True)[0].note.detail["done_by"] == "mika"
    with pytest.raises(Refused, match="no parked note"):
        note_done(bench.desk, "nothing")


@pytest.mark.parametrize("text", ["1001", "#1001", "shop#1001", "OW-1001-abc-1"])
def test_an_order_is_found_by_whatever_names_it(bench: Bench, text: str) -> None:
    bench.put(purchase_order(PurchaseOrderState.PLACED))
    assert find_order(bench.storage, text, ["shop"]) == PK


def test_an_order_is_found_by_the_name_that_the_store_gave_it(bench: Bench) -> None:
    bench.put(name="#NL-88")
    assert find_order(bench.storage, "nl-88", ["shop"]) == PK
    with pytest.raises(Refused, match="no order"):
        find_order(bench.storage, "#NL-89", ["shop"])


def test_the_time_line_holds_what_was_archived_too(bench: Bench) -> None:
    bench.put(purchase_order(PurchaseOrderState.PARKED, "NO_CONNECTION"), due=Due(later(5), "order.due"))
    for _ in range(14):
        retry_order(bench.desk, PK, TIMING)
        file = bench.storage.load_order(PK)
        held = file.purchase_orders["PO#cj#1"]
        parked = held.model.model_copy(update={"state": PurchaseOrderState.PARKED})
        bench.storage.commit([Put(Key("orders", PK, "PO#cj#1"), parked, held.version)])
    file = bench.storage.load_order(PK)
    assert file.record is not None
    lines = [line for line in timeline(bench.storage, file) if line.part == "ORDER"]
    assert len(file.record.model.log) < 28
    assert len(lines) == 28
    assert [(wake.part, wake.due) for wake in wakes(bench.storage, file)] == [("ORDER", Due(later(5), "order.due"))]
