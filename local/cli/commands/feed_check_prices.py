"""orderwright feed check of a file of competitors' prices: how it is read, which rows are of your SKUs, and the breaker."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Any

from rich.console import RenderableType

from local.cli.answer import Answer, table
from local.cli.commands.feed_check import form_page, problems_page, settings_page, told_form
from local.cli.shop import Shop
from orderwright.domain.connection_settings import SignalSettings
from orderwright.domain.feed_state import FeedState
from orderwright.domain.repricing.competitor_file import difference, quotes_of
from orderwright.errors import Rejected
from orderwright.ports.feed import FileForm
from orderwright.ports.signals import CompetitorFile
from orderwright.usecases.operator.views.amounts import money
from orderwright.usecases.signals.competitors import SHARDS, ReadPrices, judged, last_prices
from orderwright.usecases.signals.matching import read_ids

_SHOWN = 10


def check_prices(
    shop: Shop, settings: SignalSettings, state: FeedState, file: CompetitorFile, source: str, name: str
) -> Answer:
    """Nothing is applied. Without `name` it is compared with no file of before."""
    told: dict[str, Any] = {"source": source, "feed": name, "refused": None, "first": [], "problems": []}
    told |= {"rows": 0, "bad_rows": 0, "unmatched": 0, "matched_skus": 0, "changed": None, "breaker": None}
    forms, read = list[FileForm](), ReadPrices()
    try:
        read.take(file.read_prices(file.open_feed("").lines or (), state.signs, forms.append), read_ids(shop.storage))
    except Rejected as error:
        told["refused"] = {"code": error.code, "message": error.message}
    else:
        new = read.quotes.lines()
        old = last_prices(state.connection, shop.wiring.snapshots, state.generations(SHARDS)) if name else {}
        found = difference(old, new, settings.max_change_percent, timedelta(hours=settings.stale_after_hours) / 4)
        code, message = judged(read, found, settings)
        told |= {
            "rows": read.rows,
            "bad_rows": read.refused,
            "unmatched": read.unmatched,
            "matched_skus": len(new),
            "first": [_row(sku, quote) for sku, line in islice(new.items(), _SHOWN) for quote in quotes_of(line)],
            "problems": [one._asdict() for one in read.problems],
            "changed": len(found.changed) if name else None,
            "breaker": {"opens": bool(code), "code": code, "message": message},
        }
    told |= told_form(forms)
    return Answer(told, list(_page(told)), failed=bool(told["refused"] or told["breaker"]["opens"]))


def _row(sku: str, quote: Any) -> dict[str, Any]:
    kept = {name: getattr(quote, name) for name in ("seller", "condition", "tax_in_price", "seen_at", "matched_by")}
    return {"sku": sku, "price": money(quote.price), "shipping": quote.shipping and money(quote.shipping), **kept}


def _page(told: dict[str, Any]) -> Iterator[RenderableType]:
    yield from form_page(told["form"])
    if told["first"]:
        rows = [
            (
                one["sku"],
                one["matched_by"],
                one["seller"],
                _amount(one["price"]),
                _amount(one["shipping"]),
                one["condition"],
            )
            for one in told["first"]
        ]
        yield table("First prices", ("SKU", "Matched by", "Competitor", ">Price", ">Shipping", "Condition"), rows)
    yield from problems_page(told)
    if told["refused"]:
        yield f"refused as a whole, nothing would be applied: {told['refused']['code']}: {told['refused']['message']}"
        return
    counts = f"{told['rows'] - told['unmatched']} rows are of {told['matched_skus']} of your SKUs"
    yield f"{counts}, {told['unmatched']} of none, {told['bad_rows']} are refused"
    if told["changed"] is not None:
        yield f"against the last good file: prices of {told['changed']} SKUs differ"
    breaker = told["breaker"]
    opens = f"opens, nothing would be applied: {breaker['code']}: {breaker['message']}"
    yield f"breaker: {opens if breaker['opens'] else 'stays closed, the file would be applied'}"
    yield from settings_page(told["settings"])


def _amount(one: dict[str, Any] | None) -> str:
    return f"{one['amount']} {one['currency']}" if one else ""
