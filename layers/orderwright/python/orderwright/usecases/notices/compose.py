"""What is said on each channel, from an order's file. Personal data passes through here and is kept nowhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any

from orderwright.domain.config import Config
from orderwright.domain.contact import first_phone
from orderwright.domain.customer_request import CustomerRequest
from orderwright.domain.forecast import Basis
from orderwright.domain.order import Address, OrderDetails
from orderwright.domain.outside_texts import first_name
from orderwright.domain.rules import DigitalLink
from orderwright.domain.shipment import Milestone, Shipment
from orderwright.errors import Rejected
from orderwright.ports.people import About, Email, Notifier
from orderwright.records import OrderFile
from orderwright.usecases.fulfilling.digital import still_sold
from orderwright.usecases.notices.channel import Channel
from orderwright.usecases.notices.feedback import address_mark, mails_ended
from orderwright.usecases.order_summary import units_left

if TYPE_CHECKING:
    from orderwright.mails import MailContext, MailLine

SMS_MILESTONES = frozenset(
    {
        Milestone.SHIPPED,
        Milestone.RENUMBERED,
        Milestone.OUT_FOR_DELIVERY,
        Milestone.DELIVERED,
        Milestone.DELAYED,
        Milestone.EXCEPTION,
    }
)


PageLink = Callable[[str, str], str]
"""(the order's key, the mark that its item keeps) -> the link to its customer's page, "" where there is none."""


def email_for(config: Config, notifier: Notifier, page: PageLink) -> Channel:
    """Mail, where the buyer gave an address and the store does not mail this milestone itself."""

    def wanted(file: OrderFile, milestone: Milestone) -> str:
        assert file.record is not None
        if milestone.value in config.stores[file.record.model.connection].store_mails:
            return "the store itself mails this milestone"
        if milestone is Milestone.DIGITAL and not _is_linked(file, config):
            return "its lines were cancelled or refunded"
        return "" if _details(file).email else "the order has no e-mail address"

    def send(file: OrderFile, subject: str, milestone: Milestone) -> str:
        from orderwright.mails import render

        assert file.record is not None
        details = _details(file)
        default = config.stores[file.record.model.connection].default_locale
        said = context(file, subject, config, page)
        if milestone is Milestone.DIGITAL and not said.lines:
            raise Rejected("none of its lines has a link to send", code="NO_LINK")
        mail = render(milestone, said, _locale(file, subject) or default)
        reference = f"{file.record.model.name}-{milestone.value}"
        about = About(file.pk, subject, milestone.value)
        return notifier.send_email(Email(details.email, mail.subject, mail.text, mail.html, reference, about))

    return Channel("email", wanted, send, mails_ended, address_mark)


def sms_for(config: Config, notifier: Notifier, page: PageLink) -> Channel:
    """A text message, only with the consent given for just that, never inferred."""

    def wanted(file: OrderFile, milestone: Milestone) -> str:
        if milestone not in SMS_MILESTONES:
            return "not told by text message"
        details = _details(file)
        if not details.sms_consent:
            return "no consent to text messages"
        return "" if _phone(details) else "the order has no usable phone number"

    def send(file: OrderFile, subject: str, milestone: Milestone) -> str:
        from orderwright.mails import render_sms

        assert file.record is not None
        details = _details(file)
        default = config.stores[file.record.model.connection].default_locale
        text = render_sms(milestone, context(file, subject, config, page), details.locale or default)
        return notifier.send_sms(_phone(details), text)

    return Channel("sms", wanted, send)


def _details(file: OrderFile) -> OrderDetails:
    return file.details.model if file.details else OrderDetails(lines=())


def _phone(details: OrderDetails) -> str:
    destination = details.destination
    if destination is None:
        return first_phone("", details.phone)
    return first_phone(destination.country_code, details.phone, destination.phone)


def context(file: OrderFile, subject: str, config: Config, page: PageLink) -> MailContext:
    """The facts of a message: exact articles, number, links, dates."""
    from orderwright.domain.bundle_lines import put_together
    from orderwright.mails import MailContext, MailLine, zone_of

    assert file.record is not None
    record, details = file.record.model, _details(file)
    shipment = file.shipments[subject].model if subject in file.shipments else None
    by_id = {line.line_id: line for line in details.lines}
    links, asked = _links(file, subject, config), file.requests.get(subject)
    if links is not None:
        lines = [(line, line.quantity) for line in details.lines if line.quantity and line.sku in links]
    elif shipment is None:
        lines = [(line, line.quantity) for line in put_together(details.lines) if line.quantity > 0]
    else:
        lines = [(by_id[part.line_id], part.quantity) for part in shipment.lines if part.line_id in by_id]
    store, whole_order = config.stores[record.connection], shipment is None and links is None and asked is None
    goes_to = details.destination or Address()
    return MailContext(
        merchant=config.merchant,
        order_name=record.name,
        ordered_at=record.created_at,
        first_name=_name_of(details),
        display_name=details.destination.name if details.destination else "",
        lines=tuple(_as_asked(asked.model, details))
        if asked
        else tuple(
            MailLine(
                title=line.title,
                variant_title=line.variant_title,
                sku=line.sku,
                quantity=quantity,
                unit_price=line.unit_price if whole_order else None,
                link=links.get(line.sku, "") if links else "",
            )
            for line, quantity in lines
        ),
        total=record.total if whole_order else None,
        timezone=zone_of(goes_to.country_code, goes_to.province_code, config.merchant.time_zone),
        default_locale=store.default_locale,
        page_url=page(file.pk, record.link_mark),
        **(_parcel_facts(file, shipment) if asked is None else {"event_at": asked.model.asked_at}),
    )


def _as_asked(asked: CustomerRequest, details: OrderDetails) -> Iterator[MailLine]:
    """As they stood in the form, also where the store has edited its line since, or dropped it."""
    from orderwright.domain.bundle_lines import put_together
    from orderwright.mails import MailLine

    sold = {line.line_id: line for line in put_together(details.lines)}
    for one in asked.lines:
        line = sold.get(one.line_id)
        variant, sku = (line.variant_title, line.sku) if line else ("", "")
        yield MailLine(title=one.title, variant_title=variant, sku=sku, quantity=one.quantity)


def _locale(file: OrderFile, subject: str) -> str:
    """The language of the page on which the customer asked; else that of the order."""
    known = _details(file).locale
    chosen = file.requests[subject].model.language if subject in file.requests else ""
    return known if known.replace("_", "-").partition("-")[0] == chosen.partition("-")[0] else chosen or known


def _is_linked(file: OrderFile, config: Config) -> bool:
    """Is something still sold that is not only marked?"""
    made = (held.model for held in file.fulfillments.values() if held.model.digital)
    return any(config.rules.digital.get(line.sku) != "mark" for one in made for line in still_sold(file, one))


def _links(file: OrderFile, subject: str, config: Config) -> dict[str, str] | None:
    """The links of digital lines by SKU; None where the subject is something else."""
    held = file.fulfillments.get(subject)
    if held is None:
        return None
    rules = config.rules.digital
    found = ((one.sku, rules.get(one.sku)) for one in held.model.lines)
    return {sku: rule.link for sku, rule in found if isinstance(rule, DigitalLink)}


def _parcel_facts(file: OrderFile, shipment: Shipment | None) -> dict[str, Any]:
    if shipment is None:
        return {}
    orders = [held.model for held in file.purchase_orders.values()]
    return {
        "tracking_number": shipment.tracking_number,
        "carrier_name": shipment.carrier_name,
        "tracking_url": shipment.tracking_url,
        "expected_at": _expected_at(shipment),
        "event_at": shipment.state_at or shipment.created_at,
        "reason": shipment.state,
        "quiet": shipment.unscanned,
        "more_parcels": bool(units_left(orders, [held.model for held in file.shipments.values()])),
    }


def _expected_at(parcel: Shipment) -> datetime | None:
    """The last day of the forecast, as the page says it: measured, else the carrier's day, else what was agreed; none once it has
    passed. A delay names the carrier's new day only.
    """
    own = parcel.forecast if parcel.milestone is not Milestone.DELAYED else None
    if parcel.overdue:
        return None
    if own is None or (parcel.expected_at and own.basis is not Basis.MEASURED):
        return parcel.expected_at
    return datetime.combine(own.last, time(0), UTC)


def _name_of(details: OrderDetails) -> str:
    return first_name(details.destination.name) if details.destination else ""
