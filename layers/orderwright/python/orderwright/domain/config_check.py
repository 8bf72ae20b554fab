"""What is valid by its form and cannot be meant: refused when a file is applied, never when the version in force is read.

So a stricter rule here makes no running shop unreadable. What may be meant and has consequences is said by the forecast instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel

from orderwright.declarations import Capability
from orderwright.domain.config import Config, Merchant
from orderwright.domain.config_values import MoneyText
from orderwright.domain.connection_settings import ConfigFault, Counted, FeedSettings, Path
from orderwright.domain.mail_address import mailed_as
from orderwright.domain.money import CURRENCIES
from orderwright.domain.repricing.calendar_check import calendar_faults
from orderwright.domain.repricing_check import repricing_faults
from orderwright.domain.rules import FileRate, MapPrice, PriceRule, Rules
from orderwright.domain.territories import destination_fault

# A file without costs, and an empty cell among the stock words, may be meant.
_MAY_BE_EMPTY = frozenset(
    {"ending", "cost_column", "stock_column", "currency_column", "sms_consent_attribute", "separator"}
)
# A loss may be meant: up to this much. The forecast says it.
_MAY_BE_NEGATIVE = ("limits", "minimum_order_margin")


def faults_to_refuse(config: Config, today: date) -> list[ConfigFault]:
    """All that cannot be meant in a file that is to be applied. `today` (UTC) stands in what to write."""
    return [
        *_values(config),
        *_merchant(config.merchant),
        *(
            fault._replace(path=("connections", name, *fault.path))
            for name, of in config.connections.items()
            for fault in of.faults()
        ),
        *_feeds(config),
        *_declared(config, today),
        *_second_writers(config),
        *_prices(config),
        *repricing_faults(config),
        *calendar_faults(config),
        *_bundles(config),
        *_rates(config.rules),
        *_without_rate(config, today),
        *_limits(config),
    ]


def _walk(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any, Any]]:
    """Every value with its path, and its default."""
    if isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            inner, at = getattr(value, name), (*path, field.alias or name)
            yield at, inner, field.default
            yield from _walk(inner, at)
    elif isinstance(value, dict | tuple):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield (*path, key), inner, None
            yield from _walk(inner, (*path, key))


def _values(config: Config) -> Iterator[ConfigFault]:
    """Empty texts, unknown currencies, amounts below zero, wherever they stand."""
    for path, value, default in _walk(config):
        name = path[-1]
        if isinstance(name, str) and not name.strip() and path[-2] != "stock_words":
            yield ConfigFault(path[:-1], "holds an empty name", "give it a name, or take it out")
        if isinstance(value, str) and not value.strip() and default != "" and name not in _MAY_BE_EMPTY:
            yield ConfigFault(path, "is empty", "write a text, or take it out")
        if name in ("currency", "base_currency") and isinstance(value, str) and value not in CURRENCIES:
            yield ConfigFault(path, "is no currency of ISO 4217", "write its three capital letters, such as EUR")
        if isinstance(value, MoneyText) and value.amount < 0 and path != _MAY_BE_NEGATIVE:
            yield ConfigFault(path, "must not be below zero", "write an amount of 0 or more")
        if isinstance(value, MoneyText) and value.amount == 0 and name in ("msrp", "up_to"):
            yield ConfigFault(path, "must be above zero", "write an amount, or take it out")


def _merchant(merchant: Merchant) -> Iterator[ConfigFault]:
    if mailed_as(merchant.support_email) is None:
        yield ConfigFault(
            ("merchant", "support_email"), "is no mail address", "write the bare address, such as help@your-shop.com"
        )
    parts = urlsplit(merchant.website) if "[" not in merchant.website else None
    if merchant.website and (parts is None or parts.scheme not in ("http", "https") or not parts.netloc):
        fix = "write the whole address, such as https://www.your-shop.com"
        yield ConfigFault(("merchant", "website"), "is no web address", fix)


def _feeds(config: Config) -> Iterator[ConfigFault]:
    """Two feeds of a supplier that tell the same figure overlap: which one counts has to be said."""
    for supplier in config.suppliers:
        feeds = config.feeds_of(supplier)
        yield from _goods(config, supplier)
        for name, one in feeds.items():
            same_rank = {
                other: held for other, held in feeds.items() if other != name and one.rank in (None, held.rank)
            }
            like = [(other, figure) for other, held in same_rank.items() if (figure := _both_tell(one, held))]
            if like:
                other, figure = like[0]
                what = f"must be there and differ from that of {other}, which reports the {figure} of {supplier} too"
                fix = "write rank: 1 into the feed that counts for a SKU of both, rank: 2 into the other; or keep one of them"
                yield ConfigFault(("connections", name, "rank"), what, fix)


def _goods(config: Config, supplier: str) -> Iterator[ConfigFault]:
    """Goods come from one place, and their first cost with them."""
    feeds = config.feeds_of(supplier)
    of_goods = [name for name, one in feeds.items() if one.tells_goods]
    for name in of_goods:
        path = ("connections", name, "catalogue")
        if config.suppliers[supplier].can(Capability.CATALOGUE):
            kind = config.suppliers[supplier].kind
            yield ConfigFault(path, f"is not for {supplier}: kind {kind} has a catalogue by API", "take it out")
        elif config.suppliers[supplier].declared_goods:
            yield ConfigFault(path, f"makes goods of {supplier}, and so does its own list of goods", "keep one of them")
        elif name != of_goods[0]:
            yield ConfigFault(path, f"stands at {of_goods[0]} too, for the same supplier", "keep one of them")
        elif not any(one.tells_cost for one in feeds.values()):
            yield ConfigFault(
                path, f"makes goods of {supplier}, and none of its feeds tells costs", "name a cost_column"
            )


def _declared(config: Config, today: date) -> Iterator[ConfigFault]:
    """How many there are of an article that orderwright.yaml describes is said once, and of a day that has come."""
    for supplier, settings in config.suppliers.items():
        feed = next((name for name, one in config.feeds_of(supplier).items() if one.tells_stock), "")
        for theirs, goods in settings.declared_goods.items():
            path = ("connections", supplier, "goods", theirs, "stock")
            if goods.stock and feed:
                yield ConfigFault(path, f"is told by {feed} too, which reports the stock of {supplier}", "take it out")
            elif isinstance(goods.stock, Counted) and goods.stock.as_of > today + timedelta(days=1):
                fix = f"write the day of the count, such as {today}"
                yield ConfigFault((*path, "as_of"), "is a day that has not come yet", fix)


def _both_tell(one: FeedSettings, other: FeedSettings) -> str:
    if one.tells_stock and other.tells_stock:
        return "stock"
    return "cost" if one.tells_cost and other.tells_cost else ""


def _second_writers(config: Config) -> Iterator[ConfigFault]:
    """The stock of an own warehouse is what people counted there: nobody else writes that figure."""
    for name, feed in config.feeds.items():
        if config.suppliers[feed.offers_of].own_stock:
            said = f"{feed.offers_of} is your own warehouse: its stock is counted, and no file may change it"
            fix = "name another supplier, or take the feed out; a count is `orderwright warehouse count SKU=UNITS`"
            yield ConfigFault(("connections", name, "offers_of"), said, fix)


def _bundles(config: Config) -> Iterator[ConfigFault]:
    """A bundle holds goods that are shipped, and is nothing else beside."""
    rules = config.rules
    declared = {
        sku: supplier
        for supplier, settings in config.suppliers.items()
        for theirs, goods in settings.declared_goods.items()
        for sku in [goods.sku or theirs]
    }
    for name, bundle in rules.bundles.items():
        path: Path = ("rules", "bundles", name)
        if name in declared:
            yield ConfigFault(
                path, f"is a SKU of the goods of {declared[name]} too", "give the bundle a SKU of its own"
            )
        if name in rules.digital:
            yield ConfigFault(path, "stands under rules.digital too", "keep one of them")
        for sku in bundle.of:
            if sku in rules.bundles:
                yield ConfigFault((*path, "of", sku), "is a bundle itself", "name the goods that are in it")
            elif sku in rules.digital:
                yield ConfigFault((*path, "of", sku), "is digital: a bundle holds what is shipped", "take it out")


def _prices(config: Config) -> Iterator[ConfigFault]:
    rules, stores = config.rules, config.stores
    for number, rule in enumerate(rules.prices):
        for place, name in enumerate(rule.stores):
            if name not in stores:
                yield ConfigFault(
                    ("rules", "prices", number, "stores", place),
                    f"there is no store connection called {name!r}", f"stores here: {', '.join(stores)}",
                )  # fmt: skip
    for (_, one), (number, two) in combinations(enumerate(rules.prices), 2):
        if _covers(one, two):
            yield ConfigFault(
                ("rules", "prices", number),
                f"{two.name!r} never applies: {one.name!r} stands before it and fits everything that it fits",
                "the first rule that fits applies: move the wider one to the end, or take one of them out",
            )
    bounds: list[tuple[Path, PriceRule | MapPrice]] = [
        *((("rules", "prices", number), rule) for number, rule in enumerate(rules.prices)),
        *((("rules", "sku_prices", sku), own) for sku, own in rules.sku_prices.items()),
    ]
    for path, of in bounds:
        least, most = of.map_price, of.msrp
        if least and most and least.currency == most.currency and least.amount > most.amount:
            yield ConfigFault((*path, "map_price"), "lies above msrp, so that no price is possible", "lower it")
    for number, code in enumerate(rules.ship_to_countries):
        if code.strip() and (fault := destination_fault(code.strip().upper())):
            yield ConfigFault(("rules", "ship_to_countries", number), fault, "")


def _covers(wide: PriceRule, narrow: PriceRule) -> bool:
    """Does the one fit everything that the other one fits?"""

    def holds(all_of: Iterable[str], some: Iterable[str]) -> bool:
        outer, inner = set(all_of), set(some)
        return not outer or (bool(inner) and inner <= outer)

    folded = [[name.casefold() for name in rule.categories] for rule in (wide, narrow)]
    pairs = ((wide.skus, narrow.skus), folded, (wide.stores, narrow.stores), (wide.currencies, narrow.currencies))
    return all(holds(*pair) for pair in pairs)


def _rates(rules: Rules) -> Iterator[ConfigFault]:
    seen: dict[tuple[str, date], Decimal] = {}
    for number, rate in enumerate(rules.fx):
        if isinstance(rate, FileRate):  # with those of files: they stand behind, and what is written here counts
            break
        if rate.currency == rules.base_currency:
            yield ConfigFault(("rules", "fx", number), "is the base currency, whose rate is 1", "take it out")
        if seen.setdefault((rate.currency, rate.dated), rate.rate) != rate.rate:
            yield ConfigFault(("rules", "fx", number), f"is the second rate of {rate.dated}", "keep one of them")


def _without_rate(config: Config, today: date) -> Iterator[ConfigFault]:
    """Amounts, and suppliers, in a currency that no rate leads from to where it is needed. What a file of rates may give is

    no fault here: doctor says what it does not give.
    """
    rules, stores = config.rules, {name: one.currency for name, one in config.stores.items()}
    known = {rate.currency for rate in rules.fx} | {rules.base_currency}

    def missing(one: str, two: str) -> str:
        files = config.signals.values()
        lacks = [
            code
            for code in (one, two)
            if code not in known and code in CURRENCIES and not any(file.may_rate(code) for file in files)
        ]
        return lacks[0] if lacks and one != two else ""

    def fix(code: str) -> str:
        example = f"{{currency: {code}, rate: 1.25, dated: {today}}}"
        return f"add a rate under rules.fx: {example}, if 1 {code} costs 1.25 {rules.base_currency}"

    for path, value, _ in _walk(config):
        if not isinstance(value, MoneyText) or path[1] in ("spend_per_day", "spend_per_purchase_order"):
            continue
        of = _stores_at(path, rules, stores) or tuple(stores)
        for name in of:
            if code := missing(value.currency, stores.get(name, value.currency)):
                said = f"is in {value.currency}, {name} sells in {stores[name]}, and there is no rate of {code}"
                yield ConfigFault(path, said, fix(code))
                break
    for name, supplier in config.suppliers.items() if rules.prices else ():
        for store, currency in stores.items():
            if code := missing(supplier.currency, currency):
                said = f"is {currency}, {name} charges {supplier.currency}, and there is no rate of {code}"
                yield ConfigFault(("connections", store, "currency"), said, fix(code))


def _stores_at(path: Path, rules: Rules, stores: Mapping[str, str]) -> tuple[str, ...]:
    """The stores, of these with their currencies, that the rule at this path is for; () for all."""
    if path[:2] == ("rules", "prices"):
        rule = rules.prices[int(path[2])]
        of_currency = (name for name, currency in stores.items() if currency in rule.currencies)
        return rule.stores or tuple(of_currency)
    if path[:2] == ("rules", "campaigns"):
        one = rules.campaigns[str(path[2])]
        return tuple(
            name
            for name, currency in stores.items()
            if name in (one.stores or stores) and currency in (one.currencies or (currency,))
        )
    if path[:2] == ("rules", "destinations"):
        return rules.destinations[int(path[2])].stores
    return rules.fees[str(path[2])].stores if path[:2] == ("rules", "fees") else ()


def _limits(config: Config) -> Iterator[ConfigFault]:
    for field in ("spend_per_day", "spend_per_purchase_order"):
        for name, most in getattr(config.limits, field).items():
            supplier = config.suppliers.get(name)
            if supplier is not None and most.currency != supplier.currency:
                said = f"is in {most.currency}, but {name} charges {supplier.currency}"
                yield ConfigFault(("limits", field, name), said, f"write the limit in {supplier.currency}")
