"""What a configuration will do to prices and to what is on sale, before it is applied. Reads only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from orderwright.domain.catalogue import has_battery
from orderwright.domain.config import Config
from orderwright.domain.config_check import faults_to_refuse
from orderwright.domain.listing import Listing
from orderwright.domain.repricing_check import repricing_warnings
from orderwright.domain.repricing_rules import AnnouncedCost, Campaign
from orderwright.domain.serving import not_for_sale, sends_to
from orderwright.records import SkuFile
from orderwright.storage import Storage
from orderwright.usecases.listing.many import TOGETHER
from orderwright.usecases.operator.campaign_forecast import CampaignForecast
from orderwright.usecases.operator.catalogue_view import Parties, parties, read_skus, sku_names
from orderwright.usecases.recalculate_price import decided

MOST_SKUS = 5_000
EXAMPLES = 3
NO_STOCK = "OUT_OF_STOCK"
_WORDS = {
    NO_STOCK: "no stock that may be sold at the price shown",
    "NO_PRICE_RULE": "no price rule",
    "PRICE_RANGE_EMPTY": "the lowest price allowed lies above the highest",
    "PRICE_OUT_OF_BOUNDS": "the price shown is not allowed, and the new one waits for approval",
    "COST_MISSING": "no cost",
    "RATE_MISSING": "no exchange rate",
    "RATE_STALE": "the exchange rate is too old",
    "SOURCE_GONE": "the feed or supplier that reported it is taken out",
    "SKU_RETIRED": "no supplier offers it any more",
    "COMPONENT_MISSING": "a component of the bundle is offered by no supplier",
    "RETAIL_SUPPLIER": "the store needs wholesale, and it is offered at retail only",
    "NOT_BY_RULE": "rules.routing.skus names other suppliers only",
}


def forecast(storage: Storage, config: Config, now: datetime, most: int = MOST_SKUS) -> dict[str, Any]:
    """The difference to what the stores are to show now, for at most `most` SKUs, decided as recalculate_price does.

    {"looked_at", "all": are there no more, "off_sale": [{"code", "skus", "examples"}], "on_sale", "approvals", "changed":
    {"skus", "examples"}, "warnings": [text]}. `config` is by ids; an example is {"sku", "store", "before", "after", "why"}.
    """
    names, who = sku_names(storage, most + 1), parties(storage)
    found: dict[str, dict[str, list[dict[str, str]]]] = {"off_sale": {}, "on_sale": {}, "approvals": {}, "changed": {}}
    unserved: dict[tuple[str, str], list[str]] = {}
    campaigns = CampaignForecast(config, now)
    for start in range(0, len(names[:most]), TOGETHER):
        page = names[:most][start : start + TOGETHER]
        for sku, file in _with_parts(read_skus(storage, page, who, freights=True), storage, config, who).items():
            for pair in _unserved(file, config):
                unserved.setdefault(pair, []).append(sku)
            for held in file.listings.values():
                after = decided(file, held.model, config, now)
                campaigns.look(file, held.model)
                for part, key in _parts(held.model, after) if after is not None else ():
                    found[part].setdefault(key, []).append(_example(sku, held.model, after or held.model, config))
    off = [{"code": code, **_counted(rows)} for code, rows in found["off_sale"].items()]
    return {
        "looked_at": len(names[:most]),
        "all": len(names) <= most,
        "off_sale": sorted(off, key=lambda one: -int(one["skus"])),
        **{part: _counted(found[part].get("", [])) for part in ("on_sale", "approvals", "changed")},
        "warnings": [
            *_refused_now(config, now),
            *_unknown_skus(storage, config, names, who),
            *_limits(config),
            *repricing_warnings(config),
            *_countries(unserved, config),
            *campaigns.lines(),
        ],
    }


def _with_parts(files: dict[str, SkuFile], storage: Storage, config: Config, who: Parties) -> dict[str, SkuFile]:
    """Bundles among them get their components."""
    bundles = {sku: config.rules.bundles[sku].of for sku in files if sku in config.rules.bundles}
    wanted = list(dict.fromkeys(sku for of in bundles.values() for sku in of))
    parts = read_skus(storage, wanted, who, freights=True) if wanted else {}
    whole = {sku: replace(files[sku], parts={part: parts[part] for part in of}) for sku, of in bundles.items()}
    return {**files, **whole}


def _unserved(file: SkuFile, config: Config) -> Iterator[tuple[str, str]]:
    """(Store, destination) that it is sold to, and to which none of its suppliers sends it."""
    battery = has_battery(file.record.model if file.record else None)
    for store in file.listings:
        settings = config.stores.get(store)
        offers = [held.model for held in file.offers.values() if not held.model.retired]
        usable = [config.suppliers[one.supplier] for one in offers if not_for_sale(one, store, config) is None]
        for destination in config.sell_to(settings) if settings and usable else ():
            if not any(sends_to(supplier, destination, battery=battery) for supplier in usable):
                yield store, destination


def _countries(unserved: Mapping[tuple[str, str], list[str]], config: Config) -> list[str]:
    return [
        f"{config.name_of(store)}, {destination}: no supplier sends {_many(len(skus), 'SKU')} there ({', '.join(skus[:EXAMPLES])}"
        f"{', ...' if len(skus) > EXAMPLES else ''}), by ships_to and batteries_to; their orders from there will wait"
        for (store, destination), skus in sorted(unserved.items())
    ]


def _parts(before: Listing, after: Listing) -> list[tuple[str, str]]:
    parts = []
    if before.on_sale and not after.on_sale:
        parts.append(("off_sale", after.reasons[-1].code if after.reasons else ""))
    if before.on_sale and after.on_sale and before.desired_quantity and not after.desired_quantity:
        parts.append(("off_sale", NO_STOCK))
    if after.on_sale and not before.on_sale:
        parts.append(("on_sale", ""))
    if after.waits_for_approval and not (before.waits_for_approval and before.pending_price == after.pending_price):
        parts.append(("approvals", ""))
    if after.on_sale and before.desired_price not in (None, after.desired_price):
        parts.append(("changed", ""))
    return parts


def _example(sku: str, before: Listing, after: Listing, config: Config) -> dict[str, str]:
    price = after.pending_price or after.desired_price
    why = after.reasons[-1].message if after.reasons else after.why
    shown = before.published_price or before.desired_price
    return {
        "sku": sku,
        "store": config.name_of(before.store),
        "before": str(shown or "none"),
        "after": str(price or "none"),
        "why": why,
    }


def _counted(rows: list[dict[str, str]]) -> dict[str, Any]:
    return {"skus": len({row["sku"] for row in rows}), "examples": rows[:EXAMPLES]}


def _refused_now(config: Config, now: datetime) -> list[str]:
    """Of an earlier version that is to be in force again: what a file may not say any more."""
    faults = faults_to_refuse(config, now.date())
    return [f"{'.'.join(config.name_of(str(part)) for part in fault.path)}: {fault.message}" for fault in faults]


def _unknown_skus(storage: Storage, config: Config, known: list[str], who: Parties) -> list[str]:
    """SKUs that a rule names and the catalogue has not; nothing before the first import."""
    rules = config.rules
    named = [
        (f"rules.prices, {rule.name!r}", sku) for rule in rules.prices for sku in rule.skus if sku not in rules.bundles
    ]
    named += [("rules.sku_prices", sku) for sku in rules.sku_prices if sku not in rules.bundles]
    dated: list[tuple[str, Campaign | AnnouncedCost]] = [
        *((f"rules.campaigns.{name}", one) for name, one in rules.campaigns.items()),
        *((f"rules.announced_costs.{number}", one) for number, one in enumerate(rules.announced_costs)),
    ]
    named += [(where, sku) for where, one in dated for sku in one.skus if sku not in rules.bundles]
    named += [(f"rules.bundles.{name}.of", sku) for name, bundle in rules.bundles.items() for sku in bundle.of]
    seen = frozenset(known)
    unseen = list(dict.fromkeys(sku for _, sku in named if sku not in seen))
    files = read_skus(storage, unseen, who) if known else {}
    offered = read_skus(storage, list(rules.bundles), who)
    twice = [
        f"rules.bundles.{sku}: {config.name_of(min(file.offers))} offers this SKU too; the bundle counts"
        for sku, file in offered.items()
        if any(not held.model.retired for held in file.offers.values())
    ]
    return twice + [
        f"{where}: there is no SKU {sku!r}" + (f"; did you mean {near[0]!r}?" if near else "")
        for where, sku in named
        if sku in files and _is_nothing(files[sku])
        for near in [get_close_matches(sku, known, n=1, cutoff=0.8)]
    ]


def _is_nothing(file: SkuFile) -> bool:
    return file.record is None and not file.offers and not file.listings


def _limits(config: Config) -> list[str]:
    limits, told = config.limits, []
    if limits.minimum_order_margin_percent < 0:
        loss = -limits.minimum_order_margin_percent
        told.append(
            f"limits.minimum_order_margin_percent is below zero: orders that lose up to {loss} % are bought without asking you"
        )
    if limits.minimum_order_margin is not None and limits.minimum_order_margin.amount < 0:
        loss = -limits.minimum_order_margin.amount
        told.append(
            f"limits.minimum_order_margin is below zero: orders that lose up to {loss} {limits.minimum_order_margin.currency}"
            " are bought without asking you"
        )
    asked = config.rules.approve_margin_below_percent
    if asked is not None and asked <= limits.minimum_order_margin_percent:
        told.append(
            f"rules.approve_margin_below_percent is {asked}, not above limits.minimum_order_margin_percent"
            f" ({limits.minimum_order_margin_percent}): what it asks about is stopped by that limit anyway"
        )
    for supplier in config.suppliers:
        name = config.name_of(supplier)
        for field, what in (("spend_per_day", "day"), ("spend_per_purchase_order", "purchase order")):
            most = getattr(limits, field).get(supplier)
            if most is None:
                told.append(f"{name} has no limits.{field}: what a {what} may cost there is not bounded")
            elif most.amount == 0:
                told.append(f"limits.{field}: {name} has 0 {most.currency}, so nothing is bought there")
    return told


def _many(count: int, what: str) -> str:
    return f"{count} {what}" + ("" if count == 1 else "s")


def in_words(told: Mapping[str, Any]) -> list[str]:
    """A forecast as lines; none where nothing changes."""

    def some(what: Mapping[str, Any], show: Callable[[Mapping[str, str]], str]) -> str:
        more = ", ..." if what["skus"] > len({row["sku"] for row in what["examples"]}) else ""
        return ", ".join(dict.fromkeys(map(show, what["examples"]))) + more

    def step(row: Mapping[str, str]) -> str:
        return f"{row['sku']} {row['before']} -> {row['after']}"

    lines = []
    for off in told["off_sale"]:
        why = _WORDS.get(off["code"]) or off["examples"][0]["why"]
        lines.append(f"{_many(off['skus'], 'SKU')} will go off sale: {why} ({some(off, lambda row: row['sku'])})")
    if told["on_sale"]["skus"]:
        back = some(told["on_sale"], lambda row: row["sku"])
        lines.append(f"{_many(told['on_sale']['skus'], 'SKU')} will be on sale again ({back})")
    if told["approvals"]["skus"]:
        waits = "price waits" if told["approvals"]["skus"] == 1 else "prices wait"
        lines.append(f"{told['approvals']['skus']} {waits} for approval ({some(told['approvals'], step)})")
    if told["changed"]["skus"]:
        lines.append(f"{_many(told['changed']['skus'], 'price')} will change ({some(told['changed'], step)})")
    if not told["all"]:
        lines.append(f"only {told['looked_at']} SKUs were looked at; there are more")
    return [*lines, *told["warnings"]]
