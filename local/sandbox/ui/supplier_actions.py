"""What the supplier's staff do: stock, cost, answers, parcels, and the stock file."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field

from local.sandbox.cj.mixups import MIXUPS
from local.sandbox.goods import GOODS
from local.sandbox.kit.api import operations
from local.sandbox.kit.supply import Parcel, Purchase
from local.sandbox.parcel_numbers import CARRIERS
from local.sandbox.sandbox import Sandbox
from local.sandbox.ui.actions import Action, ActionRefused, Arguments, NoArguments, Result, refuse_unknown
from local.sandbox.ui.parcels import purchases

Usd = Annotated[Decimal, Field(ge=0, le=100_000, max_digits=9, decimal_places=2, description="USD per unit")]
AnySku = Annotated[str, Field(min_length=1, description="a SKU of the supplier's warehouse")]
Reference = Annotated[str, Field(min_length=1, description="a purchase order: our reference, or the supplier's id")]
_API_SKUS = frozenset(good.sku for good in GOODS)
ANSWERS = {
    "accept": "ok",
    "refuse": "refuse",
    "time_out_after_accepting": "accept_then_timeout",
    "slow": "accept_late",
    "time_out": "timeout",
    "error_500": "error_500",
    "error_500_after_accepting": "accept_then_500",
    "rate_limited": "rate_limited",
    "not_found": "not_found",
    "another_order": "another_order",
    "no_reference": "no_reference",
    "other_lines": "other_lines",
    "other_address": "other_address",
}


class Stock(Arguments):
    """New stock."""

    sku: AnySku
    stock: Annotated[int, Field(ge=0, le=1_000_000, description="units in the warehouse")]


class SaleStatus(Arguments):
    """On sale or not."""

    sku: Annotated[str, Field(description="a SKU that the supplier's API knows")]
    status: Annotated[int, Field(ge=0, le=6, description="the vendor's code: 3 is on sale, 5 off sale")] = 5


class Cost(Arguments):
    """New cost."""

    sku: AnySku
    cost: Usd


class Answer(Arguments):
    """How the next call is answered. `accept` forgets what was planned for this operation."""

    answer: Literal[tuple(ANSWERS)]  # type: ignore[valid-type]
    supplier: Annotated[str, Field(description="which supplier, by its kind")] = "cj"
    operation: Annotated[str, Field(description="which of the supplier's calls")] = "createOrderV2"
    times: Annotated[int, Field(ge=1, le=50, description="for as many calls")] = 1
    late_seconds: Annotated[float, Field(ge=0, le=3600, description="`slow`: when it is done after all")] = 30.0


class Surcharge(Arguments):
    """More to pay than was confirmed."""

    reference: Annotated[str, Field(min_length=1, description="a purchase order, or a SKU: its next order")]
    amount: Usd


class Ship(Arguments):
    """One parcel."""

    reference: Reference
    lines: Annotated[dict[str, int] | None, Field(description="units by SKU; without it all that is left")] = None
    carrier: Literal["UPS", "USPS", "S10", "DHL", "YunExpress"] | None = None
    tracking_number: Annotated[str | None, Field(min_length=4, max_length=60)] = None
    used_before: Annotated[bool, Field(description="another parcel had this number months ago")] = False


class Renumber(Arguments):
    """Another number for a parcel that was shown already."""

    tracking_number: str
    new_number: Annotated[str | None, Field(min_length=4, max_length=60, description="without it one is made up")] = (
        None
    )
    carrier: Literal["UPS", "USPS", "S10", "DHL", "YunExpress"] | None = None
    last_mile: Annotated[bool, Field(description="the old number stays, the last mile has one of its own")] = False


class ShipInTwo(Arguments):
    """Two parcels."""

    reference: Reference
    carrier: Literal["UPS", "USPS", "S10", "DHL", "YunExpress"] | None = None


class AutoShip(Arguments):
    """Ships automatically."""

    seconds: Annotated[float | None, Field(ge=0, le=86_400, description="after payment; null switches it off")]


class MoveParcel(Arguments):
    """The supplier's own report of a parcel."""

    tracking_number: str
    status: Literal["in_transit", "out_for_delivery", "delivered", "failed", "returned"]


_MOVES = {"in_transit": 5, "out_for_delivery": 10, "delivered": 12, "failed": 13, "returned": 14}


def _position(sandbox: Sandbox, sku: str) -> None:
    if sku not in sandbox.supplier.inventory.positions:
        raise refuse_unknown("sku", sku, "use a SKU of the supplier's list, such as HL-MS-400")


def _sale_status(sandbox: Sandbox, given: SaleStatus) -> Result:
    if given.sku not in _API_SKUS:
        raise refuse_unknown("sku", given.sku, "use a SKU of the supplier's articles, such as HL-MS-400")
    sandbox.supplier.set_sale_status(given.sku, given.status)
    sandbox.world.record("cj", "sale_status_set", given.sku, status=given.status)
    return {"sku": given.sku, "status": given.status}


def _set_stock(sandbox: Sandbox, given: Stock) -> Result:
    _position(sandbox, given.sku)
    sandbox.supplier.set_stock(given.sku, given.stock)
    sandbox.world.record("cj", "stock_set", given.sku, stock=given.stock)
    return {"sku": given.sku, "stock": given.stock}


def _set_cost(sandbox: Sandbox, given: Cost) -> Result:
    _position(sandbox, given.sku)
    sandbox.supplier.set_cost(given.sku, given.cost)
    sandbox.world.record("cj", "cost_set", given.sku, cost=str(given.cost))
    return {"sku": given.sku, "cost": str(given.cost)}


def _answer(sandbox: Sandbox, given: Answer) -> Result:
    supplier = sandbox.of_role("supplier").get(given.supplier)
    if supplier is None:
        raise refuse_unknown("supplier", given.supplier, f"use one of: {', '.join(sandbox.of_role('supplier'))}")
    known_here = sorted(operations(supplier.api.routes))
    if given.operation not in known_here:
        raise refuse_unknown("operation", given.operation, f"use one of: {', '.join(known_here)}")
    mixed_up = {how for known in MIXUPS.values() for how in known}
    if given.answer in mixed_up and given.answer not in MIXUPS.get(given.operation, ()):
        able = ", ".join(operation for operation, known in MIXUPS.items() if given.answer in known)
        raise ActionRefused("answer", f"{given.operation} cannot answer like that; these can: {able}")
    faults = supplier.faults
    if given.answer == "accept":
        faults.queued.pop(given.operation, None)
    else:
        faults.late_seconds = given.late_seconds
        faults.script(given.operation, *[ANSWERS[given.answer]] * given.times)
    return {"operation": given.operation, "queued": list(faults.queued.get(given.operation, ()))}


def _surcharge(sandbox: Sandbox, given: Surcharge) -> Result:
    order = sandbox.supplier.book.find(given.reference)
    if order is None and given.reference not in _API_SKUS:
        raise refuse_unknown("reference", given.reference, "use a purchase order, or a SKU such as HL-PRO-1200")
    sandbox.supplier.set_payable_surcharge(given.reference, given.amount)
    return {"reference": given.reference, "amount": str(given.amount)}


def _order(sandbox: Sandbox, reference: str) -> tuple[Any, Purchase]:
    """The supplier that has this order, and the order."""
    for supplier in sandbox.of_role("supplier").values():
        order: Purchase | None = supplier.book.find(reference)
        if order is not None:
            return supplier, order
    raise refuse_unknown("reference", reference, "use one of the supplier's purchase orders")


def _ship_one(
    supplier: Any, order: Purchase, lines: dict[str, int] | None, number: str | None, carrier: str | None
) -> Parcel:
    try:
        parcel: Parcel = supplier.ship(order.order_number, lines, number, carrier)
    except ValueError as error:
        raise ActionRefused("lines" if lines else "reference", str(error)) from error
    return parcel


def _ship(sandbox: Sandbox, given: Ship) -> Result:
    supplier, order = _order(sandbox, given.reference)
    parcel = _ship_one(supplier, order, given.lines, given.tracking_number, given.carrier)
    if given.used_before:
        sandbox.carrier.used_before(parcel.tracking_number)
    return {"reference": order.order_number, "tracking_numbers": [parcel.tracking_number]}


def _ship_in_two(sandbox: Sandbox, given: ShipInTwo) -> Result:
    supplier, order = _order(sandbox, given.reference)
    left = order.unshipped()
    if sum(left.values()) < 2:
        raise ActionRefused("reference", f"{order.order_number} has less than two units left: they cannot be parted")
    sku, units = next(iter(left.items()))
    first = {sku: units if len(left) > 1 else units // 2}
    parcels = [_ship_one(supplier, order, lines, None, given.carrier) for lines in (first, None)]
    return {"reference": order.order_number, "tracking_numbers": [parcel.tracking_number for parcel in parcels]}


def _renumber(sandbox: Sandbox, given: Renumber) -> Result:
    number = given.tracking_number
    for supplier, order in purchases(sandbox):
        if any(parcel.tracking_number == number for parcel in order.parcels):
            parcel = supplier.renumber(number, given.new_number, given.carrier, last_mile=given.last_mile)
            return {"old": number, "tracking_number": parcel.travels_as, "last_mile": given.last_mile}
    raise refuse_unknown("tracking_number", number, "use one of the supplier's parcels")


def _auto_ship(sandbox: Sandbox, given: AutoShip) -> Result:
    sandbox.supplier.config.auto_ship_after = given.seconds
    return {"auto_ship_seconds": given.seconds}


def _move(sandbox: Sandbox, given: MoveParcel) -> Result:
    try:
        sandbox.supplier.move_parcel(given.tracking_number, _MOVES[given.status], given.status.replace("_", " "))
    except KeyError as error:
        raise refuse_unknown("tracking_number", given.tracking_number, "use one of the supplier's parcels") from error
    return {"tracking_number": given.tracking_number, "status": given.status}


class FeedRows(Arguments):
    """A short file."""

    rows: Annotated[int | None, Field(ge=0, le=1000, description="only so many rows; null serves all again")]


class FeedCost(Arguments):
    """A slip of the pen."""

    sku: AnySku
    cost: Annotated[Usd | None, Field(description="USD; null corrects it")]


class FeedTitle(Arguments):
    """A cell as it stands in the file, quotes and all."""

    sku: AnySku
    cell: Annotated[str | None, Field(max_length=200, description="null takes the titles out of the file again")]


class FeedTimes(Arguments):
    """An HTML page with status 200."""

    times: Annotated[int, Field(ge=1, le=50)] = 1


class FeedFrozen(Arguments):
    """An old file."""

    frozen: bool = True


def _feed_rows(sandbox: Sandbox, given: FeedRows) -> Result:
    sandbox.feed.serve_rows(given.rows)
    return {"rows": given.rows}


def _feed_cut(sandbox: Sandbox, _: NoArguments) -> Result:
    sandbox.feed.truncate_next()
    return {"truncated": "next file"}


def _feed_cost(sandbox: Sandbox, given: FeedCost) -> Result:
    _position(sandbox, given.sku)
    sandbox.feed.mistype_cost(given.sku, given.cost)
    sandbox.world.record("feed", "cost_mistyped", given.sku, cost=None if given.cost is None else str(given.cost))
    return {"sku": given.sku, "cost": None if given.cost is None else str(given.cost)}


def _feed_title(sandbox: Sandbox, given: FeedTitle) -> Result:
    _position(sandbox, given.sku)
    sandbox.feed.serve_titles(None if given.cell is None else {given.sku: given.cell})
    sandbox.world.record("feed", "title_written", given.sku, cell=given.cell)
    return {"sku": given.sku, "cell": given.cell}


def _feed_page(sandbox: Sandbox, given: FeedTimes) -> Result:
    sandbox.feed.serve_html_error(given.times)
    return {"html_pages": given.times}


class CompetitorPrice(Arguments):
    """What a competitor asks for an article."""

    sku: str
    seller: str = "Outdoor Barn"
    price: Annotated[Decimal, Field(ge=0, le=100_000)] | None = Field(description="null: it sells it no more")


def _competitor_price(sandbox: Sandbox, given: CompetitorPrice) -> Result:
    _position(sandbox, given.sku)
    sandbox.competitors.set_price(given.sku, given.seller, given.price)
    return {"sku": given.sku, "seller": given.seller, "price": None if given.price is None else str(given.price)}


def _feed_frozen(sandbox: Sandbox, given: FeedFrozen) -> Result:
    sandbox.feed.stale(given.frozen)
    return {"frozen": given.frozen}


SUPPLIER_ACTIONS: tuple[Action[Any], ...] = (
    Action("set_stock", "Supplier", "Say how many units the warehouse has.", Stock, _set_stock),
    Action("sale_status", "Supplier", "Take an article off sale, or sell it again.", SaleStatus, _sale_status),
    Action("set_cost", "Supplier", "Say what a unit costs.", Cost, _set_cost),
    Action("next_answer", "Supplier", "Decide how the next call is answered.", Answer, _answer),
    Action("surcharge", "Supplier", "Ask for more at payment than was confirmed.", Surcharge, _surcharge),
    Action("ship", "Supplier", f"Send a parcel. Carriers: {', '.join(CARRIERS)}.", Ship, _ship),
    Action("ship_in_two", "Supplier", "Send what is left in two parcels.", ShipInTwo, _ship_in_two),
    Action("replace_number", "Supplier", "Give a parcel another number.", Renumber, _renumber),
    Action("auto_ship", "Supplier", "Ship automatically some time after payment.", AutoShip, _auto_ship),
    Action("move_parcel", "Supplier", "The supplier's own tracking report.", MoveParcel, _move),
    Action("feed_rows", "Stock file", "Serve only the first rows.", FeedRows, _feed_rows),
    Action("feed_truncate", "Stock file", "Cut the next file in the middle of a row.", NoArguments, _feed_cut),
    Action("competitor_price", "Competitors", "Set a competitor's price.", CompetitorPrice, _competitor_price),
    Action("feed_cost", "Stock file", "Write a wrong cost into the file only.", FeedCost, _feed_cost),
    Action(
        "feed_title", "Stock file", "Write a title as it stands, for example with an inch mark.", FeedTitle, _feed_title
    ),
    Action("feed_html", "Stock file", "Serve a maintenance page instead of the file.", FeedTimes, _feed_page),
    Action("feed_freeze", "Stock file", "Keep serving the file as it is now.", FeedFrozen, _feed_frozen),
)
