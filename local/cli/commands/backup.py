"""orderwright backup: keep the tables, and get back what was lost. The steps: docs/backup.md."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from local.cli.answer import Answer, table
from local.cli.command import WholeHelp, command
from local.cli.config_file import config_text
from local.cli.shop import Shop
from orderwright.aws.operator.backups import ROLES, TableBackups, moment_of, stack_of
from orderwright.aws.operator.stack import names_below
from orderwright.usecases.intake.erasure import erase_order
from orderwright.usecases.operator.applying import current_config
from orderwright.usecases.operator.desk import Refused
from orderwright.usecases.operator.restoring import look_before_buying, read_again, refuse_while_buying

_MARGIN, _LONGEST, _NEWEST = timedelta(seconds=2), timedelta(days=28), timedelta(minutes=5)
"""Beside the functions' cache; and which moments AWS can restore (the Orders table keeps the least)."""
_NAME = click.argument("name")

backup = WholeHelp("backup", help="Backups of the three tables, and the way back.")


def _backups(shop: Shop, stack: str = "") -> TableBackups:
    """Of this stack, also of one that is gone and was named; or of another one's, to restore them for this one."""
    try:
        return TableBackups(shop.wiring.client("dynamodb"), stack or shop.target.stack, shop.target.tables)
    except Refused as gone:
        if gone.code != "NO_STACK" or not shop.stack or stack:
            raise
        return TableBackups(shop.named.client("dynamodb"), shop.stack, {})


@command(backup, "create")
@click.option("--to", default=".orderwright/backups", type=click.Path(file_okay=False), show_default=True)
def create(shop: Shop, to: str) -> Answer:
    """Back up the tables at AWS, and write the configuration and the secrets' names into a folder here."""
    backups = _backups(shop)
    name = backups.name_at(shop.wiring.clock.now())
    folder = Path(to) / name
    folder.mkdir(parents=True, exist_ok=True)
    backups.create(name)
    found = current_config(shop.storage)
    if found.config is not None:
        (folder / "orderwright.yaml").write_text(config_text(found.config, found.number), "utf-8")
    secrets = names_below(shop.wiring.client("ssm"), shop.target.secrets_prefix)
    (folder / "secrets.txt").write_text("".join(f"{secret}\n" for secret in secrets), "utf-8")
    told = [
        f"{name}: AWS keeps the tables until you delete them. No erasure reaches them, so do it by"
        f" {shop.wiring.clock.now() + _LONGEST:%Y-%m-%d}: orderwright backup delete {name}",
        f"configuration, secrets' names: {folder}",
    ]
    return Answer({"backup": name, "folder": str(folder), "secrets": secrets}, told)


@command(backup, "list")
def list_(shop: Shop) -> Answer:
    """The backups of this stack."""
    now = datetime.now(UTC) if shop.stack else shop.wiring.clock.now()  # a stack that was named may be gone
    data = [
        {
            "backup": name,
            "tables": sorted(parts),
            "state": ", ".join(sorted({one["BackupStatus"] for one in parts.values()})),
            "bytes": sum(one.get("BackupSizeBytes", 0) for one in parts.values()),
        }
        for name, parts in _backups(shop).listed().items()
    ]
    if not data:
        return Answer(data, ["there is none"])
    rows = [(one["backup"], ", ".join(one["tables"]), one["state"], one["bytes"]) for one in data]
    old = [name for name in (row[0] for row in rows) if (moment_of(name) or now) < now - _LONGEST]
    end = "is older than 28 days and holds personal data that no erasure reaches"
    told = [f"{name} {end}: orderwright backup delete {name}" for name in old]
    return Answer(data, [table("Backups", ["Backup", "Tables", "State", ">Bytes"], rows), *told])


@command(backup, "delete")
@_NAME
def delete(shop: Shop, name: str) -> Answer:
    """Delete a backup permanently."""
    if name not in _backups(shop).listed():
        raise Refused("NOT_FOUND", f"there is no backup {name!r}", "orderwright backup list")
    _backups(shop).delete(name)
    return Answer({"deleted": name}, [f"{name} is deleted"])


@command(backup, "restore")
@click.argument("name", default="")
@click.option(
    "--at", default="", metavar="2026-11-30T04:00:00Z", help="A moment of the last 28 days, instead of a backup."
)
def restore(shop: Shop, name: str, at: str) -> Answer:
    """Restore a backup, or a moment (--at), into new tables. The shop's own are not touched."""
    backups = _backups(shop, stack_of(name))
    if bool(name) == bool(at):
        raise Refused("INPUT", "a backup's name, or a moment", "orderwright backup list, or --at 2026-11-30T04:00:00Z")
    if at:
        name = backups.name_at(_moment(at, shop.wiring.clock.now()))
    elif set(held := backups.listed().get(name, {})) != set(ROLES):
        what = f"{name} is not complete: it has {', '.join(sorted(held))}" if held else f"there is no backup {name!r}"
        raise Refused("NOT_FOUND", what, "orderwright backup list")
    tables = backups.restore(name)
    told = [f"AWS restores into {', '.join(tables.values())}; that takes minutes to hours"]
    return Answer({"name": name, "tables": tables}, [*told, f"then: orderwright backup copy-back {name}"])


@command(backup, "copy-back", changes=True)
@_NAME
@click.option("--another-stack", is_flag=True, help="The backup is of another stack, whose orders this one takes over.")
def copy_back(shop: Shop, name: str, another_stack: bool) -> Answer:
    """Write what the shop's tables miss from restored ones. What is there stays; buying must be stopped."""
    moment, backups = moment_of(name), _backups(shop)
    if moment is None:
        raise Refused("NOT_FOUND", f"{name!r} is no name of a backup", "orderwright backup list")
    if stack_of(name) != shop.target.stack and not another_stack:
        what = f"this is a backup of stack {stack_of(name)!r}: its orders would be bought by {shop.target.stack!r}"
        raise Refused("ANOTHER_STACK", what, f"if that is meant: orderwright backup copy-back {name} --another-stack")
    refuse_while_buying(shop.storage)
    unready = backups.unready(name)
    if unready:
        raise Refused("NOT_READY", f"not restored yet: {'; '.join(unready)}", "wait, and run it again")
    # The marks stand before an order is back. Where the configuration is lost it comes last: without one nothing is done.
    if current_config(shop.storage).config is not None:
        look_before_buying(shop.storage, shop.config)
    copied = {role: backups.copy_back(name, role) for role in ROLES}
    look_before_buying(shop.storage, shop.config)
    stores = [shop.name(store) for store in read_again(shop.desk, shop.config, moment)]
    click.echo("waiting until no function uses the earlier configuration", err=True)
    shop.wiring.sleep((shop.wiring.timing.config_cache + _MARGIN).total_seconds())
    rows = [(role, *counts) for role, counts in copied.items()]
    columns = ["Table", ">Restored", ">Written", ">There already"]
    told = [
        f"orders of {', '.join(stores)} since {moment:%Y-%m-%d %H:%M:%S} UTC are fetched from the store again; each purchase"
        " order is looked up at its supplier before it is sent, and parks as BOUGHT_ELSEWHERE where it is there",
        "before `orderwright kill off`: the list in docs/backup.md",
    ]
    data = {"stores": stores, "since": moment, "tables": {role: counts._asdict() for role, counts in copied.items()}}
    return Answer(data, [table("Copied back", columns, rows), *told])


@command(backup, "erase", changes=True)
@click.argument("references", nargs=-1, required=True)
def erase(shop: Shop, references: tuple[str, ...]) -> Answer:
    """Erase the personal data of orders (again): what a restore brought back."""
    orders = [shop.order(reference) for reference in references]
    why = f"asked by {shop.desk.who}; {shop.why}"
    clock, files = shop.wiring.clock, shop.wiring.bill_files
    erased = [pk for pk in orders if erase_order(pk, why, storage=shop.storage, clock=clock, files=files)]
    return Answer({"erased": erased}, [f"{len(erased)} orders erased; {len(orders) - len(erased)} were already"])


def _moment(text: str, now: datetime) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Refused("INPUT", f"{text!r} is no time", "write it like 2026-11-30T04:00:00Z") from None
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    if not now - _LONGEST <= found <= now - _NEWEST:
        raise Refused("INPUT", f"AWS has no {text}: only 28 days, up to 5 minutes ago", "orderwright backup list")
    return found
