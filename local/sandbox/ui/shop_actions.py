"""What buyers and the merchant do in the shop."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from local.sandbox.kit.hooks import Hooks
from local.sandbox.kit.money import TaxRule
from local.sandbox.kit.people import Address
from local.sandbox.sandbox import Sandbox
from local.sandbox.ui.actions import Action, ActionRefused, Arguments, Result, refuse_unknown
from local.sandbox.ui.buyers import PRESETS

Quantity = Annotated[int, Field(ge=1, le=1000)]
Sku = Annotated[str, Field(min_length=1, description="a SKU that the shop sells now")]
OrderName = Annotated[
    str | int, Field(description="the order's name (#1001) or number", union_mode="left_to_right", examples=["#1001"])
]
StoreKind = Annotated[str, Field(description="which store, by its kind")]
PresetName = Literal["tampere", "berlin", "portland", "no_postcode", "no_email"]


class Line(Arguments):
    """One line of a cart."""

    sku: Sku
    quantity: Quantity = 1


class Buy(Arguments):
    """Either `sku` with `quantity`, or `lines`."""

    sku: Sku | None = None
    quantity: Quantity = 1
    lines: Annotated[list[Line], Field(description="several lines instead of sku and quantity")] = []
    store: StoreKind = "shopify"
    buyer: Annotated[PresetName, Field(description="which invented person buys")] = "tampere"
    pay: Annotated[Literal["paid", "authorized", "pending"], Field(description="how far the money is")] = "paid"
    sms: Annotated[bool, Field(description="the buyer agrees to text messages")] = False
    currency: Annotated[str, Field(description="the buyer's currency, three letters")] = "USD"
    test: Annotated[bool, Field(description="a test order of the store")] = False
    oversell: Annotated[bool, Field(description="skip the store's stock check, as in a race for the last one")] = False
    shipping: Annotated[Decimal, Field(ge=0, description="USD, in the shop's prices")] = Decimal(0)

    @model_validator(mode="after")
    def _one_cart(self) -> Self:
        if (self.sku is None) == (not self.lines):
            raise ValueError("give either sku (with quantity) or lines")
        return self


class OneStore(Arguments):
    """Names one store."""

    store: StoreKind = "shopify"


class OneOrder(Arguments):
    """Names one order."""

    order: OrderName
    store: Annotated[str, Field(description="its store, by its kind, where two have an order of this name")] = ""


class Cancel(OneOrder):
    """The merchant cancels."""

    reason: Literal["CUSTOMER", "DECLINED", "FRAUD", "INVENTORY", "OTHER", "STAFF"] = "CUSTOMER"
    restock: bool = True
    refund: bool = True


class Edit(OneOrder):
    """Sets one line to a new quantity, or adds it."""

    sku: Sku
    quantity: Annotated[int, Field(ge=0, le=1000, description="the new quantity; 0 removes the line")]


class Refund(OneOrder):
    """Gives units, money or both back; without `sku` and `amount` everything."""

    sku: Sku | None = None
    quantity: Quantity = 1
    amount: Annotated[Decimal | None, Field(gt=0, description="USD; without it the lines' price")] = None
    restock: bool = True
    shipping: Annotated[Decimal, Field(ge=0, description="USD of the shipping, in the shop's prices")] = Decimal(0)
    tax: Annotated[Decimal, Field(ge=0, description="USD of the amount that the store books as tax; not with sku")] = (
        Decimal(0)
    )


class Tax(Arguments):
    """What the shops charge in one country from now on."""

    country: Annotated[str, Field(pattern="^[A-Z]{2}$", description="two capital letters")]
    rate: Annotated[Decimal, Field(ge=0, le=100, description="percent")]
    included: Annotated[bool, Field(description="prices contain it")] = True
    by_channel: Annotated[bool | None, Field(description="who remits: the channel, the merchant, or unknown")] = False


class Risk(OneOrder):
    """The fraud analysis changes its mind."""

    recommendation: Literal["ACCEPT", "INVESTIGATE", "CANCEL", "NONE"] = "INVESTIGATE"


class NewAddress(OneOrder):
    """Corrects the shipping address: the named fields change, or all to a preset's."""

    buyer: PresetName | None = None
    zip: str | None = None
    city: str | None = None
    address1: str | None = None


class Drop(OneStore):
    """Loses events."""

    count: Annotated[int, Field(ge=0, le=1000, description="events that never leave the store")] = 1


class Repeat(OneStore):
    """Repeats one event."""

    times: Annotated[int, Field(ge=1, le=100, description="how often the next event arrives")] = 3


class Hang(Arguments):
    """A vendor that is there and says nothing."""

    vendor: Annotated[str, Field(description="store, supplier, carrier or feed; or the kind of one that was added")] = (
        "store"
    )
    hangs: bool = True


def _told(order: Any) -> Result:
    return {"order": order.name, "id": order.gid, "total": str(order.total), "payment": order.financial_status}


def _order(sandbox: Sandbox, given: OneOrder) -> tuple[Any, Any]:
    """The store that has this order, and the order; without a store's kind the first."""
    name, stores = given.order, sandbox.of_role("store")
    for candidate in (str(name), f"#{name}"):
        for store in [stores[kind] for kind in stores if given.store in ("", kind)]:
            try:
                return store, store.order(candidate)
            except KeyError:
                continue
    raise refuse_unknown("order", name, "use a name such as #1001 from the list of orders")


def _hand(store: Any, name: str) -> Callable[..., Any]:
    """What the merchant's hand does at this store; not every store can do everything."""
    hand: Callable[..., Any] | None = getattr(store, name, None)
    if hand is None:
        raise ActionRefused("order", f"this store knows no {name.replace('_', ' ')}")
    return hand


def _refusable(field: str, work: Callable[[], Any]) -> Result:
    try:
        return _told(work())
    except KeyError as error:
        raise refuse_unknown(field, error.args[0], "use a SKU of this order") from error
    except ValueError as error:
        raise ActionRefused(field, str(error)) from error


def _store(sandbox: Sandbox, kind: str) -> Any:
    stores = sandbox.of_role("store")
    if kind not in stores:
        raise refuse_unknown("store", kind, f"use one of: {', '.join(stores)}")
    return stores[kind]


def _buy(sandbox: Sandbox, given: Buy) -> Result:
    store = _store(sandbox, given.store)
    preset = PRESETS[given.buyer]
    lines = [(line.sku, line.quantity) for line in given.lines] or [(given.sku or "", given.quantity)]
    wishes = given.model_dump(include={"pay", "currency", "test", "sms", "oversell"})
    return _refusable(
        "lines" if given.lines else "sku",
        lambda: store.buy(
            lines, preset.buyer, preset.address, locale=preset.locale, shipping_price=given.shipping, **wishes
        ),
    )


def _edit(sandbox: Sandbox, given: Edit) -> Result:
    store, order = _order(sandbox, given)
    if any(line.sku == given.sku for line in order.lines):
        return _refusable("quantity", lambda: store.edit(order.number, {given.sku: given.quantity}))
    return _refusable("sku", lambda: store.edit(order.number, add=[(given.sku, given.quantity)]))


def _refund(sandbox: Sandbox, given: Refund) -> Result:
    store, order = _order(sandbox, given)
    lines: list[tuple[str | int, int]] = []
    if given.sku is not None:
        lines = [(given.sku, given.quantity)]
    elif given.amount is None:
        lines = [(line.number, line.current) for line in order.lines if line.current]
    field = "sku" if given.sku else "amount" if given.amount else "order"
    amount, everything = given.amount, given.sku is None and given.amount is None
    if given.tax:
        if amount is None or lines:
            raise ActionRefused("tax", "give it with an amount and without a SKU: units bring their own tax")
        return _refusable(field, lambda: _hand(store, "refund_money")(order.number, amount, given.tax))
    shipping = order.shipping_now if everything else given.shipping
    return _refusable(field, lambda: store.refund(order.number, lines, amount, given.restock, shipping=shipping))


def _new_address(sandbox: Sandbox, given: NewAddress) -> Result:
    store, order = _order(sandbox, given)
    base = PRESETS[given.buyer].address if given.buyer else order.address or Address()
    changes: dict[str, Any] = given.model_dump(include={"zip", "city", "address1"}, exclude_none=True)
    merged = Address(**{**vars(base), **changes})
    return _refusable("order", lambda: store.set_address(order.number, merged))


def _on_order(name: str, *fields: str) -> Callable[[Sandbox, OneOrder], Result]:
    """The store's hand of this name, with these further arguments in order."""

    def run(sandbox: Sandbox, given: OneOrder) -> Result:
        store, order = _order(sandbox, given)
        return _refusable(
            "order", lambda: _hand(store, name)(order.number, *(getattr(given, field) for field in fields))
        )

    return run


def _tax(sandbox: Sandbox, given: Tax) -> Result:
    for store in sandbox.of_role("store").values():
        store.taxes[given.country] = TaxRule(given.rate, given.included, given.by_channel)
    return {"country": given.country, "rate": str(given.rate)}


def _out(sandbox: Sandbox, given: OneStore) -> Hooks[Any]:
    """The way out for the store's webhooks."""
    hooks = _store(sandbox, given.store).hooks
    out: Hooks[Any] = getattr(hooks, "out", hooks)
    return out


def _drop(sandbox: Sandbox, given: Drop) -> Result:
    _out(sandbox, given).to_drop = given.count
    return {"dropping": given.count}


def _repeat(sandbox: Sandbox, given: Repeat) -> Result:
    _out(sandbox, given).next_copies = given.times
    return {"copies": given.times}


def _hang(sandbox: Sandbox, given: Hang) -> Result:
    try:
        faults = sandbox.faults_of(given.vendor)
    except KeyError:
        raise refuse_unknown("vendor", given.vendor, f"use one of: {', '.join(sandbox.vendors)}") from None
    faults.always = "timeout" if given.hangs else "ok"
    return {"vendor": given.vendor, "hangs": given.hangs}


def _uninstall(sandbox: Sandbox, given: OneStore) -> Result:
    _hand(_store(sandbox, given.store), "uninstall")()
    return {"installed": False}


def _install(sandbox: Sandbox, given: OneStore) -> Result:
    _hand(_store(sandbox, given.store), "install")()
    return {"installed": True}


SHOP_ACTIONS: tuple[Action[Any], ...] = (
    Action("buy", "Shop", "A buyer orders.", Buy, _buy),
    Action("capture", "Shop", "The outstanding money arrives.", OneOrder, _on_order("capture")),
    Action(
        "cancel",
        "Shop",
        "Cancel an order that was not sent.",
        Cancel,
        _on_order("cancel", "reason", "restock", "refund"),
    ),
    Action("edit", "Shop", "Change a line's quantity, or add a line.", Edit, _edit),
    Action("refund", "Shop", "Give money and units back.", Refund, _refund),
    Action("tax", "Shop", "Set what the shops charge in one country.", Tax, _tax),
    Action("risk", "Shop", "Set the fraud analysis' recommendation.", Risk, _on_order("set_risk", "recommendation")),
    Action("address", "Shop", "Correct the shipping address.", NewAddress, _new_address),
    Action("redact", "Shop", "Erase the buyer of an order.", OneOrder, _on_order("redact")),
    Action("drop_webhooks", "Shop", "Lose the store's next events.", Drop, _drop),
    Action("repeat_webhook", "Shop", "Let the store's next event arrive several times.", Repeat, _repeat),
    Action("hang", "Shop", "Let a vendor accept every call and never answer, until told otherwise.", Hang, _hang),
    Action("uninstall", "Shop", "Remove the app from the store.", OneStore, _uninstall),
    Action("install", "Shop", "Install the app again.", OneStore, _install),
)
