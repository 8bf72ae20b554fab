"""The facts of one message as clean text in one language: what a template lays out."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from orderwright.domain.config import Merchant
from orderwright.domain.contrast import USUAL_COLOUR, ink_on, readable
from orderwright.domain.shipment import Milestone
from orderwright.mails import formats, text
from orderwright.mails.context import MailContext, MailLine
from orderwright.mails.plurals import plural_text
from orderwright.mails.translation import Labels, MessageWords, Tongue, Translation, message_key

_SHOWN_LINES = 40
_LIGHT, _DARK = "#f1f4f3", "#1c2227"
"""The grounds that links stand on (templates/base.html.j2)."""


class Fact(NamedTuple):
    """One row of the table of facts. `value` is "" when nobody knows it: the row is left out."""

    label: str
    value: str


class LineView(NamedTuple):
    """One article, ready to print. `price` is the line's amount, `each` the unit price where there are several."""

    title: str
    variant: str
    sku: str
    quantity: int
    price: str
    each: str
    link: str


class Look(NamedTuple):
    """The shop's colour and logo. `ink`: text on the colour; the others: what of the colour is read on light and on dark."""

    colour: str
    ink: str
    on_light: str
    on_dark: str
    logo_url: str


class View(NamedTuple):
    """Everything a template prints, still unescaped."""

    language: str
    key: str
    labels: Labels
    words: MessageWords
    subject: str
    greeting: str
    delay: str
    order: Fact
    ordered_on: Fact
    tracking_number: Fact
    carrier: Fact
    expected: Fact
    shipped_on: Fact
    updated_on: Fact
    delivered_on: Fact
    asked_at: Fact
    lines: tuple[LineView, ...]
    more_articles: str
    more_parcels: str
    total: str
    tracking_url: str
    page_url: str
    look: Look
    merchant: str
    support_email: str
    support_link: str
    legal_address: tuple[str, ...]
    website: str
    why: str


def _line(line: MailLine, tongue: Tongue) -> LineView:
    price = each = ""
    if line.unit_price is not None:
        price = formats.money_text(line.unit_price * line.quantity, tongue)
        each = formats.money_text(line.unit_price, tongue) if line.quantity > 1 else ""
    return LineView(
        title=text.one_line(line.title, text.TITLE),
        variant=text.one_line(line.variant_title, text.VARIANT),
        sku=text.one_line(line.sku, text.CODE),
        quantity=line.quantity,
        price=price,
        each=each,
        link=text.safe_url(line.link),
    )


def _greeting(context: MailContext, translation: Translation) -> str:
    first, display = text.person(context.first_name), text.person(context.display_name)
    if not (first or display):
        return translation.greeting_without_name
    return translation.greeting.format(first_name=first or display, display_name=display or first)


def expected_day(context: MailContext) -> date | None:
    """The promised day, unless it has passed already: a past promise is no news."""
    if context.expected_at is None:
        return None
    day = formats.promised_date(context.expected_at, context.timezone)
    if context.event_at is not None and day < formats.local_date(context.event_at, context.timezone):
        return None
    return day


def _look(merchant: Merchant) -> Look:
    colour = merchant.colour or USUAL_COLOUR
    return Look(
        colour, ink_on(colour), readable(colour, _LIGHT), readable(colour, _DARK), text.safe_url(merchant.logo_url)
    )


def build_view(milestone: Milestone, context: MailContext, translation: Translation, tongue: Tongue) -> View:
    """All texts of one message, cleaned and bounded."""
    labels = translation.labels
    key = message_key(milestone, context.reason, quiet=context.quiet)
    words = translation.messages[key]
    merchant = text.one_line(context.merchant.name, text.MERCHANT)
    order = text.one_line(context.order_name, text.ORDER_NAME)
    day = expected_day(context)
    expected = formats.date_text(day, tongue, "full") if day else ""
    ordered = formats.local_date(context.ordered_at, context.timezone)
    event = formats.local_date(context.event_at, context.timezone) if context.event_at else None
    event_text = formats.date_text(event, tongue) if event else ""
    hidden = len(context.lines) - _SHOWN_LINES
    return View(
        language=tongue.language,
        key=key,
        labels=labels,
        words=words,
        subject=text.one_line(words.subject.format(order=order, merchant=merchant), text.SUBJECT),
        greeting=_greeting(context, translation),
        delay=labels.new_date.format(expected=expected) if expected and not context.quiet else labels.no_new_date,
        order=Fact(labels.order, order),
        ordered_on=Fact(labels.ordered_on, formats.date_text(ordered, tongue)),
        tracking_number=Fact(labels.tracking_number, text.one_line(context.tracking_number, text.CODE)),
        carrier=Fact(labels.carrier, text.one_line(context.carrier_name, text.CODE)),
        expected=Fact(labels.expected, expected),
        shipped_on=Fact(labels.shipped_on, event_text),
        updated_on=Fact(labels.updated_on, event_text),
        delivered_on=Fact(labels.delivered_on, event_text),
        asked_at=Fact(
            labels.asked_at,
            formats.instant_text(context.event_at, context.timezone, tongue) if context.event_at else "",
        ),
        lines=tuple(_line(line, tongue) for line in context.lines[:_SHOWN_LINES]),
        more_articles=plural_text(labels.more_articles, hidden, tongue.language) if hidden > 0 else "",
        more_parcels=labels.more_parcels if context.more_parcels else "",
        total=formats.money_text(context.total, tongue) if context.total is not None else "",
        tracking_url=text.safe_url(context.tracking_url),
        page_url=text.own_link(context.page_url),
        look=_look(context.merchant),
        merchant=merchant,
        support_email=text.one_line(context.merchant.support_email, 254),
        support_link=text.safe_email(context.merchant.support_email),
        legal_address=text.lines_of(context.merchant.legal_address, count=8, limit=120),
        website=text.safe_url(context.merchant.website, ("https", "http")),
        why=labels.why.format(merchant=merchant, order=order),
    )
