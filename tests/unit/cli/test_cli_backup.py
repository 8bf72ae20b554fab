"""Backup and restore: whatever happened since, the supplier's ledger shows each order once (promise P1)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from click.testing import CliRunner

from local.cli.main import main
from local.cli.target import Target
from orderwright.errors import Conflict
from tests.support.shop import FEED, START, STORE, SUPPLIER, Killed, Shop
from tests.unit.cli.cli_kit import Operator

SET = f"test-{START:%Y%m%dT%H%M%SZ}"


def lose(shop: Shop, *tables: str) -> None:
    """All items of these tables are gone."""
    dynamodb = shop.aws.client("dynamodb")
    for table in tables:
        for item in dynamodb.scan(TableName=table)["Items"]:
            dynamodb.delete_item(TableName=table, Key={"pk": item["pk"], "sk": item["sk"]})


@pytest.fixture
def shop() -> Iterator[Shop]:
    """A shop whose supplier takes a repeated reference as one more order, and so shows in its ledger what was sent twice."""
    made = Shop(refuse_duplicates=False)
    made.connect()
    made.stock_up()
    yield made
    made.close()


def go_on(shop: Shop) -> None:
    """The store is reconciled, and time passes."""
    shop.wiring.dispatch_schedules("reconcile")
    shop.run()
    shop.pass_time(3600)


@pytest.fixture
def backed_up(shop: Shop, operator: Operator, tmp_path: Path) -> tuple[str, str, str]:
    """Three orders: bought before the backup; waiting then and bought after it; placed and bought after it. Hours pass."""
    before = shop.store.buy([("HL-MS-400", 1)]).name
    shop.run()
    operator("kill", "on")
    waiting = shop.store.buy([("HL-MS-400", 1)]).name
    shop.run()
    assert operator("backup", "create", "--to", str(tmp_path)).code == 0
    operator("kill", "off")
    later = shop.store.buy([("HL-MS-400", 1)]).name
    shop.pass_time(3600)
    go_on(shop)
    assert [len(shop.paid_orders(name)) for name in (before, waiting, later)] == [1, 1, 1]
    return before, waiting, later


@pytest.mark.parametrize("lost", [("orders", "catalogue", "control"), ("orders",)], ids=["everything", "the orders"])
def test_after_a_restore_nothing_is_bought_again(
    shop: Shop, operator: Operator, backed_up: tuple[str, str, str], lost: tuple[str, ...]
) -> None:
    lose(shop, *lost)
    if "control" not in lost:
        shop.wiring.config()  # a function holds it, without the mark
    assert operator("backup", "restore", SET).code == 0
    assert "kill on" in operator("backup", "copy-back", SET).err
    assert operator("kill", "on").code == 0
    said = operator("backup", "copy-back", SET, "--why", "the tables are lost")
    assert said.code == 0, said.err
    assert operator("kill", "off").code == 0
    go_on(shop)
    assert [len(shop.paid_orders(name)) for name in backed_up] == [1, 1, 1]
    assert shop.order(backed_up[0]).record.model.state in ("PLACED", "SHIPPED", "DELIVERED")
    for name in backed_up[1:]:
        assert "BOUGHT_ELSEWHERE" in operator("orders", "show", name).out


def test_what_is_there_stays_and_what_was_erased_stays_erased(
    shop: Shop, operator: Operator, backed_up: tuple[str, str, str]
) -> None:
    before = shop.order(backed_up[0])
    assert operator("backup", "erase", backed_up[0], "--why", "asked again").code == 0
    part = {"pk": {"S": before.pk}, "sk": {"S": next(iter(before.purchase_orders))}}
    shop.aws.client("dynamodb").delete_item(TableName="orders", Key=part)
    operator("kill", "on")
    operator("backup", "restore", SET)
    assert operator("backup", "copy-back", SET, "--json").json["tables"]["orders"]["written"] == 0
    assert shop.order(backed_up[0]).details.model.address is None


@pytest.mark.usefixtures("backed_up")
def test_a_copy_that_was_killed_anywhere_is_completed_by_the_next(shop: Shop, operator: Operator) -> None:
    operator("kill", "on")
    operator("backup", "restore", SET)
    for most in count(1, 3):
        lose(shop, "orders")
        writes = iter(range(most))

        def killed(call: str, writes: Iterator[int] = writes) -> None:
            if call == "dynamodb:PutItem" and next(writes, None) is None:
                raise Killed(call)

        shop.aws.after = killed
        try:
            operator("backup", "copy-back", SET)
        except Killed:
            shop.aws.after = lambda _: None
            assert operator("backup", "copy-back", SET).code == 0
            restored, shops = (
                sorted(
                    (item["pk"]["S"], item["sk"]["S"])
                    for item in shop.aws.client("dynamodb").scan(TableName=table)["Items"]
                )
                for table in (f"{SET}-restored-orders", "orders")
            )
            assert shops == restored
        else:
            assert most > 5
            return


def test_a_backup_is_listed_holds_no_secret_and_ends(shop: Shop, operator: Operator, tmp_path: Path) -> None:
    shop.aws.client("dynamodb").create_backup(TableName="orders", BackupName=f"test-staging{SET[4:]}-orders")
    said = operator("backup", "create", "--to", str(tmp_path), "--json").json
    assert said["backup"] == SET
    secrets = {f"/orderwright/test/{name}" for name in (f"{SUPPLIER}/secrets", "-/tracking")}
    assert secrets <= set((tmp_path / SET / "secrets.txt").read_text().splitlines()), "their names"
    config = (tmp_path / SET / "orderwright.yaml").read_text()
    assert all(name in config for name in (STORE, SUPPLIER, FEED))
    [listed] = operator("backup", "list", "--json").json
    assert (listed["backup"], listed["tables"]) == (SET, ["catalogue", "control", "orders"])
    assert "delete" not in operator("backup", "list").out
    shop.clock.advance(29 * 86400)
    assert f"backup delete {SET}" in operator("backup", "list").out
    operator("kill", "on")
    assert "of stack 'test-staging'" in operator("backup", "copy-back", f"test-staging{SET[4:]}").err
    assert "it has orders" in operator("backup", "restore", f"test-staging{SET[4:]}").err
    assert operator("backup", "delete", SET).code == 0
    assert operator("backup", "list").out == "there is none\n"
    assert operator("backup", "restore", SET).code == 1


def test_a_folder_that_cannot_be_written_or_an_order_that_keeps_changing_is_said(
    shop: Shop, operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    said = operator("backup", "create", "--to", str(tmp_path / "file" / "below"))
    assert (said.code, "file" in said.err, shop.aws.client("dynamodb").list_backups()["BackupSummaries"]) == (
        1,
        True,
        [],
    )

    def busy(*_: object, **__: object) -> bool:
        raise Conflict("somebody writes")

    monkeypatch.setattr("local.cli.commands.backup.erase_order", busy)
    order = shop.store.buy([("HL-MS-400", 1)]).name
    shop.run()
    assert "others keep changing" in operator("backup", "erase", order).err


@pytest.mark.parametrize(
    "moment", ["yesterday", START.isoformat(), (START - timedelta(days=29)).isoformat(), "0001-01-01"]
)
def test_a_moment_that_aws_does_not_have_is_refused(operator: Operator, moment: str) -> None:
    assert operator("backup", "restore", "--at", moment).err.startswith("error: ")


def test_the_backups_of_a_stack_that_is_gone_can_be_listed_and_ended(
    shop: Shop, operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator("backup", "create", "--to", str(tmp_path))
    monkeypatch.setattr(Target, "client", lambda _, service: shop.aws.client(service))
    for arguments in (["list", "--json"], ["delete", SET]):
        said = CliRunner().invoke(main, ["--stack", "test", "--region", "eu-north-1", "backup", *arguments])
        assert (said.exit_code, SET in said.stdout) == (0, True), said.output
    assert operator("backup", "list").out == "there is none\n"


def test_a_moment_is_restored_into_new_tables_and_asking_twice_is_harmless(shop: Shop, operator: Operator) -> None:
    shop.clock.advance(300)
    operator("backup", "restore", "--at", START.isoformat())
    said = operator("backup", "restore", "--at", START.isoformat(), "--json").json
    assert said["name"] == SET
    assert set(said["tables"].values()) <= set(shop.aws.client("dynamodb").list_tables()["TableNames"])
