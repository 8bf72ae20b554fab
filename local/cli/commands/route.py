"""orderwright route: who ships what, and why: before an order is there, and as it was decided."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from rich.console import RenderableType

from local.cli.answer import Answer, table
from local.cli.command import WholeHelp, command
from local.cli.shop import Shop
from orderwright.domain.order import Address
from orderwright.domain.territories import destination_fault
from orderwright.ports.supplier import PurchaseLine
from orderwright.records import OrderFile
from orderwright.usecases.intake.work import Setting
from orderwright.usecases.operator.desk import Refused
from orderwright.usecases.operator.routing.decided import Replay, decisions_of, replay
from orderwright.usecases.operator.routing.preview import Preview, preview_basket, preview_order
from orderwright.usecases.operator.routing.views import routing_data
from orderwright.usecases.operator.views.explained import expected_data, expected_words
from orderwright.usecases.people.words import in_words

route = WholeHelp("route", help="Who ships what of an order, and why.")
_FORM = "SKU=QUANTITY, such as HL-MS-400=2"


@command(route, "preview")
@click.argument("order", required=False, default="")
@click.option("--sku", "skus", multiple=True, metavar="SKU=QTY", help=f"{_FORM}; may be repeated.")
@click.option("--basket", default="", metavar="FILE", help="A CSV file with the columns sku and quantity.")
@click.option("--to", default="", help="Where a basket goes, such as DE or ES-CN.")
@click.option("--store", default="", help="Where a basket is sold; may be left out where there is one store.")
def preview(shop: Shop, order: str, skus: tuple[str, ...], basket: str, to: str, store: str) -> Answer:
    """Who would ship ORDER, or a basket, if it were decided now: the winner, who comes next, who is left out, all figures.

    Nothing is written, reserved or bought.
    """
    if bool(order) == bool(skus or basket):
        raise Refused("MISSING_OPTION", "give either an order or a basket", "orderwright route preview '#1001'")
    if order:
        file = shop.storage.load_order(shop.order(order))
        assert file.record is not None
        if file.details is None:
            raise Refused("INPUT", f"the lines of {file.record.model.name} are not known", "")
        lines = [line.sku for line in file.details.model.lines if line.sku and line.requires_shipping]
        return _previewed(shop, file.record.model.name, preview_order(file, _setting(shop, lines)))
    pieces = _pieces(skus, basket)
    to = to.strip().upper()
    if not to or destination_fault(to):
        raise Refused("WRONG_DESTINATION", f"--to: {destination_fault(to) if to else 'is missing'}", "such as --to DE")
    stores = list(shop.config.stores)
    if not store and len(stores) != 1:
        known = ", ".join(shop.name(one) for one in stores)
        raise Refused("MISSING_OPTION", "--store: say in which store it is sold", f"stores: {known}")
    sold_in = shop.connection(store, "store") if store else stores[0]
    bundles = shop.config.rules.bundles
    parts = [part for sku in pieces if sku in bundles for part in bundles[sku].of]
    found = preview_basket(pieces, sold_in, to, _setting(shop, [*pieces, *parts]))
    return _previewed(shop, "a basket", found)


@command(route, "show")
@click.argument("order")
def show(shop: Shop, order: str) -> Answer:
    """All decisions on ORDER as they were made: when, why then, and why each line went where it went."""
    file, name = _order(shop, order)
    found = decisions_of(file, shop.storage)
    data = [
        {"number": one.number, "at": one.at, "why": one.why, "words": list(one.words),
         **routing_data(one.question, one.answer, shop.name)}
        for one in found
    ]  # fmt: skip
    shown: list[RenderableType] = []
    for one, told in zip(found, data, strict=True):
        shown.append(
            f"{name}, decision {one.number} of {one.at:%Y-%m-%d %H:%M:%S} UTC ({in_words(one.why) or 'no cause given'})"
        )
        shown += [f"  {words}" for words in one.words]
        shown += [f"  {line['sku']}: {out['supplier']} was left out: {out['message']} ({out['code']})"
                  for line in told["lines"] for out in line["left_out"]]  # fmt: skip
    return Answer(data, shown or [f"{name}: nothing was decided yet; orderwright route preview shows what would be"])


@command(route, "replay")
@click.argument("order")
def again(shop: Shop, order: str) -> Answer:
    """Make each decision on ORDER again from what is kept of it, and say whether the answer is the same."""
    file, name = _order(shop, order)
    found = replay(decisions_of(file, shop.storage))
    data = [_replayed(shop, one) for one in found]
    shown = []
    for told in data:
        shown.append(f"{name}, decision {told['number']}: {'the same answer' if told['same'] else 'another answer'}")
        shown += [f"  line {one['line']}: then {one['then']}, now {one['now']}" for one in told["differs"]]
    return Answer(data, shown or [f"{name}: nothing was decided yet"])


def _order(shop: Shop, order: str) -> tuple[OrderFile, str]:
    file = shop.storage.load_order(shop.order(order))
    assert file.record is not None
    return file, file.record.model.name


def _replayed(shop: Shop, one: Replay) -> dict[str, Any]:
    return {
        "number": one.decision.number,
        "at": one.decision.at,
        "same": one.same,
        "differs": [
            {
                "line": need,
                "then": ", ".join(f"{share.quantity} from {shop.name(share.source)}" for share in then) or "nobody",
                "now": ", ".join(f"{share.quantity} from {shop.name(share.source)}" for share in now) or "nobody",
            }
            for need, then, now in one.differs
        ],
    }


def _setting(shop: Shop, skus: list[str]) -> Setting:
    wiring = shop.wiring

    def lacks(supplier: str, destination: Address, lines: Any) -> Any:
        asked: list[PurchaseLine] = list(lines)
        return wiring.connectors.supplier(supplier).lacks(destination, asked)

    now, files = wiring.clock.now(), shop.storage.load_skus(skus)
    setting = Setting(shop.config, wiring.timing, now, "preview", "", lacks, skus=files, measure=True)
    return replace(setting, switched_off=wiring.lately.switched_off, scores=wiring.lately.scores)


def _pieces(skus: tuple[str, ...], basket: str) -> dict[str, int]:
    rows = [(text.rpartition("=")[0], text.rpartition("=")[2], f"--sku {text}") for text in skus]
    if basket:
        try:
            found = csv.DictReader(io.StringIO(Path(basket).read_text("utf-8-sig")))
        except UnicodeDecodeError:
            raise Refused("INPUT", f"{basket}: is no text in UTF-8", "save it as CSV in UTF-8") from None
        if not {"sku", "quantity"} <= set(found.fieldnames or ()):
            raise Refused("INPUT", f"{basket}: its first row must name sku and quantity", "sku,quantity")
        rows += [(row["sku"] or "", row["quantity"] or "", f"{basket} line {found.line_num}") for row in found]
    pieces: dict[str, int] = {}
    for sku, many, where in rows:
        if not sku.strip() or not many.strip().isdecimal() or not 0 < int(many) < 10**6:
            raise Refused("INPUT", f"{where}: is not {_FORM}", "give the SKU, and how many pieces as a whole number")
        pieces[sku.strip()] = pieces.get(sku.strip(), 0) + int(many)
    return pieces


def _previewed(shop: Shop, name: str, found: Preview) -> Answer:
    routing = found.routing
    problems = [reason.model_dump(exclude_defaults=True) for reason in routing.problems]
    expected = [expected_data(shop.office, one) for one in found.expected]
    told = routing_data(routing.question, routing.answer, shop.name) if routing.question and routing.answer else {}
    data = {"of": name, **told, "words": list(routing.words), "problems": problems, "expected": expected}
    shown: list[RenderableType] = [f"{name}: {_head(told, bool(problems))}"]
    shown += [f"  {words}" for words in routing.words]
    for line in told.get("lines", ()):
        shown += ["", *_line(line)]
    shown += [f"  would wait: {reason.code}: {reason.message}; {reason.fix}" for reason in routing.problems]
    if told.get("parcels"):
        names = ("supplier", "goods", "freight", "duty", "handling", "total")
        rows = [[parcel[part] for part in names] for parcel in told["parcels"]]
        shown += ["", table("Parcels", ["Supplier", ">Goods", ">Freight", ">Duty", ">Handling", ">Total"], rows)]
    shown += [f"  {shop.name(one.supplier)} would leave: {expected_words(one)}" for one in found.expected]
    return Answer(data, shown)


def _head(told: dict[str, Any], problems: bool) -> str:
    if not told.get("parcels"):
        return "nobody can ship any of it now" if problems else "nothing is left to be bought"
    sure = (
        "proven to be the best by the rules"
        if told["best_possible"]
        else f"at most {told['at_most_dearer_percent']} % above the best"
    )
    where = f" to {told['destination']}" if told["destination"] else ""
    return f"{told['cost']} at the door{where}, chosen by {told['choose']}; {sure}"


def _line(line: dict[str, Any]) -> list[RenderableType]:
    rows = [
        (
            one["supplier"],
            _place(one),
            one["pieces"],
            one["goods"],
            one["freight"],
            one["duty"],
            one["days"],
            one["score"],
        )
        for one in line["offers"]
    ]
    columns = ["Supplier", "", ">Pieces", ">Goods", ">Freight", ">Duty", ">Days", ">Score"]
    shown: list[RenderableType] = [table(f"{line['quantity']} x {line['sku']}", columns, rows)]
    shown += [f"  left out: {one['supplier']}: {one['message']} ({one['code']})" for one in line["left_out"]]
    for one in line["instead"]:
        who = " and ".join(one["suppliers"])
        why = "; it comes later by the rules" if one["behind_by_rule"] else ""
        less = f"; {one['lines_not_met']} lines less could be shipped" if one["lines_not_met"] > 0 else ""
        more = one["costs_more"]
        costs = f"{more[1:]} less" if more.startswith("-") else f"{more} more"
        shown.append(f"  else {who}: {costs}{why}{less}")
    return shown


def _place(one: dict[str, Any]) -> str:
    if one["chosen"]:
        return "chosen"
    return "switched off" if one["switched_off"] else "could" if one["enough"] else "too few"
