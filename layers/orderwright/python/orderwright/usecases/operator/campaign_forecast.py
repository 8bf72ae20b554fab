"""What campaigns will do when they begin: prices that wait for approval, and prices that are held above what they ask for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import ROUND_CEILING

from orderwright.domain.config import Config
from orderwright.domain.fx import RateUnknown
from orderwright.domain.listing import Listing
from orderwright.domain.money import Money, minor_digits
from orderwright.domain.repricing.calendar_check import WHERE, calendar_warnings
from orderwright.domain.repricing.campaigns import as_if_begun, asked, span_of, spans_of
from orderwright.records import SkuFile
from orderwright.usecases.recalculate_price import decided

_EXAMPLES = 3


class CampaignForecast:
    """Each campaign that is not over is tried as if it began now."""

    def __init__(self, config: Config, now: datetime) -> None:
        self._config, self._now = config, now
        zone = config.merchant.time_zone
        spans = [span_of(name, one, zone) for name, one in config.rules.campaigns.items()]
        self._ahead = [(span, as_if_begun(config, span.name, now)) for span in spans if span.ends > now]
        self._waits: dict[str, list[str]] = {}
        self._held: dict[str, list[str]] = {}

    def look(self, file: SkuFile, listing: Listing) -> None:
        """At one listing."""
        store, category = self._config.stores.get(listing.store), file.record.model.category if file.record else ""
        if store is None:
            return
        rules, zone = self._config.rules, self._config.merchant.time_zone
        fitting = {one.name for one in spans_of(rules, file.sku, category, listing.store, store.currency, zone)}
        for span, config in (one for one in self._ahead if one[0].name in fitting):
            after = decided(file, listing, config, self._now)
            start, price = (after.campaign, after.pending_price or after.desired_price) if after else (None, None)
            if after is None or start is None or start.over or price is None or not after.on_sale:
                continue
            step = f"{file.sku} {listing.published_price or listing.desired_price} -> {price}"
            if after.waits_for_approval and span.begins > self._now:
                self._waits.setdefault(span.name, []).append(step)
            try:
                wanted = asked(span.campaign, start, price.currency, config.rules, self._now)
            except RateUnknown:
                continue
            digits = minor_digits(price.currency)
            whole = Money(minor=int(wanted.scaleb(digits).to_integral_value(ROUND_CEILING)), currency=price.currency)
            if price > whole:
                self._held.setdefault(span.name, []).append(f"{file.sku} {price} instead of {whole}")

    def lines(self) -> Iterator[str]:
        """What `apply` warns of."""
        yield from calendar_warnings(self._config, self._now)
        for name, found in self._waits.items():
            what = "price waits" if len(found) == 1 else "prices wait"
            yield f"{WHERE}.{name}: {len(found)} {what} for approval when it begins ({_some(found)})"
        for name, found in self._held.items():
            what = "price is" if len(found) == 1 else "prices are"
            yield f"{WHERE}.{name}: {len(found)} {what} held above it, at the floor or MAP ({_some(found)})"


def _some(found: Sequence[str]) -> str:
    return ", ".join(found[:_EXAMPLES]) + (", ..." if len(found) > _EXAMPLES else "")
