"""What is to be paid to suppliers in the next days, and what is paid out, from what we hold (R22). Nobody is asked.

Whatever cannot be counted is named with its amount, and never taken as zero.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from typing import NamedTuple

from orderwright.domain.bill import Bill, BillState
from orderwright.domain.cash import Flow, Forecast, forecast, paid_out, payout_day, payout_rule
from orderwright.domain.catalogue import Offer
from orderwright.domain.config import Config
from orderwright.domain.fx import RateUnknown, convert
from orderwright.domain.money import Money, minor_digits
from orderwright.domain.not_known import NotKnown
from orderwright.domain.order import OrderDetails, OrderRecord, OrderState
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.reckoning import GIFT_CARD, order_fee
from orderwright.domain.source_gone import source_gone
from orderwright.domain.statement import SALES
from orderwright.domain.stock_buffer import WINDOW
from orderwright.records import CONTROL, ORDERS, SkuFile, bill_state, details_key, order_pk
from orderwright.storage import Storage
from orderwright.usecases.intake.needs import lines_needed
from orderwright.usecases.listing.offered import choose_offer
from orderwright.usecases.operator.catalogue_view import parties, read_skus
from orderwright.usecases.operator.takings import MOST_ORDERS, TOGETHER, spent_on
from orderwright.usecases.stock.velocity import velocities

NOT_BOUGHT = (
    OrderState.RESERVING, OrderState.ON_HOLD, OrderState.AWAITING_APPROVAL, OrderState.NEEDS_ATTENTION, OrderState.PLACING
)  # fmt: skip
MOST_OPEN = 5000
_WAITS = {PurchaseOrderState.NEW, PurchaseOrderState.INTENT, PurchaseOrderState.PARKED}
ORDERED, WAITING, EXPECTED = "orders that are to be bought", "orders that wait for you", "expected sales"
ON_ACCOUNT, PAYOUT, NEXT_PAYOUT = "bought on account", "payout", "payout of expected sales"


class CashNeeded(NamedTuple):
    """`unknown`: what could not be counted, in words; `assumed`: what the figures take for granted."""

    found: Forecast
    unknown: tuple[str, ...]
    assumed: tuple[str, ...]


def cash_needed(storage: Storage, config: Config, now: datetime, have: Money, days: int) -> CashNeeded:
    """For so many days from today (UTC) on, with `have` at its beginning."""
    return _Purse(storage, config, now.date(), have, days).count()


class _Purse:
    def __init__(self, storage: Storage, config: Config, today: date, have: Money, days: int) -> None:
        self._storage, self._config, self._today, self._have, self._days = storage, config, today, have, days
        self._flows: list[Flow] = []
        self._unknown: Counter[tuple[str, str]] = Counter()
        self._full = True

    def count(self) -> CashNeeded:
        """All of it."""
        self._account()
        self._open_orders()
        self._sales()
        self._payouts()
        found = forecast(self._flows, self._have, self._today, self._days)
        unknown = [
            f"{what}: {Money(minor=minor, currency=currency)}" if currency else f"{what} ({minor})"
            for (what, currency), minor in sorted(self._unknown.items())
        ]
        return CashNeeded(found, tuple(unknown), self._assumed())

    def _add(self, day: date, amount: Money, what: str, who: str) -> None:
        if not amount.minor:
            return
        try:
            counted = convert(amount, self._have.currency, self._config.rules, self._today, up=amount.minor < 0)
        except RateUnknown as unknown:
            self._miss(f"{what}, {who}: {unknown.message}", amount)
            return
        self._flows.append(Flow(day, amount, counted, what, who))

    def _miss(self, what: str, amount: Money | None = None) -> None:
        self._unknown[what, amount.currency if amount else ""] += amount.minor if amount else 1

    def _pay(self, supplier: str, amount: Money, what: str, ordered: date) -> None:
        """What is ordered on a day is paid with the order, or so many days later; own warehouses are paid nothing."""
        settings, name = self._config.suppliers.get(supplier), self._config.name_of(supplier)
        if settings is None or settings.own_stock:
            return
        if settings.charges == "NOW":
            self._add(ordered, amount * -1, what, name)
        elif settings.terms.invoice_days is None:
            self._miss(f"{what}, {name}: on account, and terms.invoice_days does not say when it is due", amount)
        else:
            self._add(ordered + timedelta(days=settings.terms.invoice_days), amount * -1, what, name)

    # --- what goes out ------------------------------------------------------------------------------------------------

    def _account(self) -> None:
        """By the day's spend, which follows each accepted bill; bills that wait for a person are named."""
        for supplier, settings in self._config.suppliers.items():
            if settings.charges != "ON_ACCOUNT" or settings.own_stock:
                continue
            for back in range((settings.terms.invoice_days or 30) + 1):
                day = self._today - timedelta(days=back)
                if spent := spent_on(self._storage, supplier, day):
                    self._pay(supplier, spent, ON_ACCOUNT, day)
        keys = self._storage.in_state(CONTROL, bill_state(BillState.DIFFERS), TOGETHER)
        for held in self._storage.get_many(keys, Bill).values():
            bill, name = held.model, self._config.name_of(held.model.supplier)
            self._miss(f"bill {bill.number} of {name} differs and waits for you; counted as it was ordered", bill.total)

    def _open_orders(self) -> None:
        """Paid by the buyer, and not bought yet: by its purchase orders, else by the offers that would be chosen."""
        keys = [
            key for state in NOT_BOUGHT for key in self._storage.in_state(ORDERS, state.value, MOST_OPEN) if key.sk == "ORDER"
        ]  # fmt: skip
        self._full = len(keys) < MOST_OPEN
        waiting: list[tuple[str, str, int]] = []
        for key in keys[:MOST_OPEN]:
            file = self._storage.load_order(key.pk)
            if file.record is None or file.record.model.test or file.record.model.payment not in SALES:
                continue
            what = ORDERED if file.record.model.state is OrderState.PLACING else WAITING
            orders = [held.model for held in file.purchase_orders.values()]
            for po in orders:
                if po.state in _WAITS and not po.ordered and not (po.on_account and po.reserved_spend):
                    self._pay(po.supplier, po.payable or po.expected_cost, what, self._today)
            if file.details is not None:
                lines = lines_needed(file.details.model.lines, [po for po in orders if _lives(po)])
                waiting += [(what, line.sku, line.unfulfilled) for line in lines]
        skus = self._offers({sku for _, sku, _ in waiting if sku})
        for what, sku, pieces in waiting:
            self._buy(skus.get(sku), sku, Fraction(pieces), what, self._today)

    def _sales(self) -> None:
        """From tomorrow on, as the last four weeks went."""
        total: dict[str, Fraction] = {}
        for sold in velocities(self._storage, self._config.suppliers, self._today).values():
            for sku, a_day in sold.items():
                total[sku] = total.get(sku, Fraction()) + a_day
        chosen = self._offers(total)
        sums: dict[tuple[str, str], Fraction] = {}
        for sku, a_day in total.items():
            if (offer := chosen.get(sku)) is None:
                self._miss(f"{EXPECTED} of {sku}: no supplier offers it now")
            else:
                for cost in (offer.cost, offer.freight):
                    key = (offer.supplier, cost.currency)
                    sums[key] = sums.get(key, Fraction()) + a_day * Fraction(cost.exact)
        for (supplier, currency), a_day in sums.items():
            for ahead in range(1, self._days):
                self._pay(supplier, _up(a_day, currency), EXPECTED, self._today + timedelta(days=ahead))

    def _buy(self, offer: Offer | None, sku: str, pieces: Fraction, what: str, day: date) -> None:
        if offer is None:
            self._miss(f"{what}: no supplier offers {sku or 'a line without a SKU'}")
            return
        for cost in (offer.cost, offer.freight):
            self._pay(offer.supplier, _up(pieces * Fraction(cost.exact), cost.currency), what, day)

    def _offers(self, skus: Sequence[str] | set[str] | dict[str, Fraction]) -> dict[str, Offer]:
        """The offer that would be chosen now, by SKU."""
        found, names, who = dict[str, Offer](), sorted(skus), parties(self._storage)
        for start in range(0, len(names), 100):
            for sku, file in read_skus(self._storage, names[start : start + 100], who).items():
                if offers := self._usable(file):
                    found[sku] = choose_offer(offers, self._config.rules, self._today)
        return found

    def _usable(self, file: SkuFile) -> list[Offer]:
        offers = [held.model for held in file.offers.values() if not held.model.retired]
        return [offer for offer in offers if offer.cost.is_positive and source_gone(offer, self._config) is None]

    # --- what comes in ------------------------------------------------------------------------------------------------

    def _payouts(self) -> None:
        """Of orders since the longest time until a payout, and as much a day for the sales that are expected."""
        rules = self._config.rules.payouts
        back = max([WINDOW, *(rule.days + 7 for rule in rules.values())])
        begin, recent = self._today - timedelta(days=back), self._today - timedelta(days=WINDOW)
        sums: dict[tuple[str, str], int] = {}
        for day, record, details in self._orders(begin):
            gateway, amount = self._taken(day, record, details)
            rule = payout_rule(gateway, rules) if gateway else None
            if amount is None or amount.minor <= 0:
                continue
            if rule is None:
                why = (
                    "no rules.payouts say when it comes" if gateway else "paid in several ways, or the store names none"
                )
                self._miss(f"{PAYOUT} of {gateway or 'an unclear gateway'}, sales since {begin}: {why}", amount)
                continue
            if (due := payout_day(day, rule)) >= self._today:
                self._add(due, paid_out(amount, rule), PAYOUT, gateway)
            if recent <= day < self._today:
                key = (gateway, amount.currency)
                sums[key] = sums.get(key, 0) + amount.minor
        for (gateway, currency), minor in sums.items():
            rule, a_day = payout_rule(gateway, rules), Money(minor=minor // WINDOW, currency=currency)
            for ahead in range(1, self._days):
                if rule is not None:
                    due = payout_day(self._today + timedelta(days=ahead), rule)
                    self._add(due, paid_out(a_day, rule), NEXT_PAYOUT, gateway)

    def _taken(self, day: date, record: OrderRecord, details: OrderDetails | None) -> tuple[str, Money | None]:
        """The one gateway of an order, "" where that is not clear, and what it owes us: charged, less refunds and fees."""
        money = details.money if details else None
        if money is None:
            return "", record.total - record.refunded
        paying = [name for name in dict.fromkeys(money.gateways) if name != GIFT_CARD]
        gateway = money.channel or (paying[0] if len(paying) == 1 else "")
        left = money.charged - record.refunded
        try:
            fee = order_fee(money, record.connection, day, self._config.rules)[1]
        except (NotKnown, RateUnknown) as unknown:
            why = f"{unknown.reason.message} ({unknown.reason.code})"
            self._miss(f"{PAYOUT} of {gateway or 'an unclear gateway'}: {why}", left)
            return gateway, None
        return gateway, left - _up(fee, left.currency)

    def _orders(self, begin: date) -> Iterator[tuple[date, OrderRecord, OrderDetails | None]]:
        since = datetime.combine(begin, time(), UTC)
        for state in OrderState:
            if state in (OrderState.IGNORED, OrderState.AWAITING_PAYMENT):
                continue
            keys = [key for key in self._storage.in_state(ORDERS, state.value, MOST_ORDERS, since) if key.sk == "ORDER"]
            self._full = self._full and len(keys) < MOST_ORDERS
            for start in range(0, len(keys), TOGETHER):
                records = self._storage.get_many(keys[start : start + TOGETHER], OrderRecord)
                paid = [one.model for one in records.values() if one.model.payment in SALES and not one.model.test]
                paid = [one for one in paid if one.created_at >= since]
                wanted = {details_key(order_pk(one.connection, one.order_id)): one for one in paid}
                details = self._storage.get_many(list(wanted), OrderDetails)
                for key, record in wanted.items():
                    held = details.get(key)
                    yield record.created_at.astimezone(UTC).date(), record, held.model if held else None

    def _assumed(self) -> tuple[str, ...]:
        return tuple(
            filter(
                None,
                (
                    f"the balance begins with {self._have}, and is in {self._have.currency} by today's rates of rules.fx",
                    "what waits for you is bought today; a purchase costs what its offer says now, goods and freight",
                    f"from tomorrow on each SKU sells as in the last {WINDOW} days, the last 7 counted twice, from the offer that"
                    " would be chosen now",
                    "what is bought on account is paid terms.invoice_days after its order, and what was due before today is paid",
                    "a buyer's payment counts from the day of the order; payouts come as rules.payouts say, less fees and"
                    " reserves, and a reserve does not come back in these days",
                    f"the sales that are expected bring in a day what those of the last {WINDOW} days did, by gateway",
                    "goods for your own warehouses, salaries, taxes and advertising are not in it",
                    ""
                    if self._full
                    else f"only the first {MOST_OPEN} open orders and {MOST_ORDERS} of a state are in it",
                ),
            )
        )


def _lives(po: PurchaseOrder) -> bool:
    return po.ordered or po.state in _WAITS


def _up(amount: Fraction, currency: str) -> Money:
    """Rounded up to the minor unit."""
    scaled = amount * 10 ** minor_digits(currency)
    return Money(minor=-(-scaled.numerator // scaled.denominator), currency=currency)
