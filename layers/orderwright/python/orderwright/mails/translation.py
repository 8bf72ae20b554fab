"""The words of each language, kept in `translations/<language>.json` apart from any layout, and the choice among them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from orderwright.domain.base import Model
from orderwright.domain.shipment import Milestone, ShipmentState

LANGUAGES = ("en", "de", "fr", "es", "fi", "uk", "ro", "lv", "is")
_FOLDER = Path(__file__).parent / "translations"
_LOCALE = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z]{4})?(?:[-_]([A-Za-z]{2}))?(?:[-_.@].*)?")

_SORTS = {
    Milestone.OUT_FOR_DELIVERY: (ShipmentState.READY_FOR_PICKUP,),
    Milestone.EXCEPTION: (ShipmentState.DELIVERY_FAILED, ShipmentState.ON_HOLD, ShipmentState.RETURN_TO_SENDER),
}
QUIET = "QUIET"
"""The sort of DELAYED for a parcel that nobody has scanned for some days."""
MESSAGE_KEYS = (*(m.value for m in Milestone), *(s.value for sorts in _SORTS.values() for s in sorts), QUIET)


class MessageWords(Model):
    """One message. `{order}` and `{merchant}` stand for the order's name and the shop's."""

    subject: str
    preheader: str
    heading: str
    intro: str
    advice: str
    sms: str


class Labels(Model):
    """Short words of tables, buttons and the footer. `more_articles` has a form for each plural category."""

    order: str
    ordered_on: str
    tracking_number: str
    carrier: str
    expected: str
    shipped_on: str
    updated_on: str
    delivered_on: str
    article: str
    quantity: str
    price: str
    sku: str
    total: str
    ordered_articles: str
    parcel_content: str
    more_articles: dict[str, str]
    more_parcels: str
    new_date: str
    new_date_short: str
    no_new_date: str
    track: str
    track_address: str
    support: str
    regards: str
    why: str
    step_confirmed: str
    step_shipped: str
    step_out_for_delivery: str
    step_ready_for_pickup: str
    step_delivered: str
    progress: str
    link: str
    follow: str
    follow_carrier: str
    asked_at: str
    asked_articles: str


class Translation(Model):
    """One language, complete: a missing or unknown key fails when it is loaded."""

    greeting: str
    greeting_without_name: str
    labels: Labels
    messages: dict[str, MessageWords]


class Tongue(NamedTuple):
    """A language that texts are translated to, and the country whose way of writing dates is used ("" for the language's own)."""

    language: str
    territory: str


def choose(locale: str, default_locale: str) -> Tongue:
    """The buyer's language where it is translated, else the store's, else English."""
    for candidate in (locale, default_locale):
        found = _LOCALE.fullmatch(candidate)
        if found and found[1].lower() in LANGUAGES:
            return Tongue(found[1].lower(), (found[2] or "").upper())
    return Tongue("en", "")


@cache
def translation_of(language: str) -> Translation:
    """The words of one of LANGUAGES."""
    return Translation.model_validate_json((_FOLDER / f"{language}.json").read_bytes())


def message_key(milestone: Milestone, reason: ShipmentState | None, *, quiet: bool = False) -> str:
    """Which message: the milestone's own, or the sort that the reason names. A reason of another milestone is ignored."""
    if quiet and milestone is Milestone.DELAYED:
        return QUIET
    if reason is not None and reason in _SORTS.get(milestone, ()):
        return reason.value
    return milestone.value
