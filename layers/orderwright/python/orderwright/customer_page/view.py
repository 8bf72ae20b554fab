"""An order laid out for its buyer: what stands on the page, cleaned and bounded, in their language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from orderwright.customer_page.steps import steps_of
from orderwright.customer_page.where import Said, last_news, order_said, parcel_said, request_said, when_of
from orderwright.customer_page.words import LANGUAGES, Reader
from orderwright.domain.customer_request import RequestKind
from orderwright.domain.order import OrderState
from orderwright.domain.outside_texts import one_line, person, safe_url
from orderwright.domain.outside_texts import town as town_of
from orderwright.domain.tracking_page import Page, ShopFace, TrackedLine, TrackedParcel
from orderwright.mails.text import safe_email

NAME, TITLE, NUMBER = 80, 100, 40


class Tried(NamedTuple):
    """What came of a form: `errors` field -> text ("" names the whole form), `typed` field -> text."""

    kind: RequestKind
    errors: Mapping[str, str] = {}
    typed: Mapping[str, str] = {}


def shop_of(face: ShopFace, reader: Reader) -> dict[str, object]:
    """Head and foot of every page of this shop."""
    links = (("to_shop", face.website), ("terms", face.terms_url), ("privacy", face.privacy_url))
    urls = ((reader.word(key), safe_url(url, ("https", "http"))) for key, url in links)
    return {
        "name": one_line(face.name, NAME),
        "logo": safe_url(face.logo_url),
        "website": safe_url(face.website, ("https", "http")),
        "mail": safe_email(face.support_email),
        "address": [text for line in face.legal_address.splitlines()[:8] if (text := one_line(line, TITLE))],
        "links": [(text, url) for text, url in urls if url],
        "language": LANGUAGES[reader.language],
        "languages": [(code, name, code == reader.language) for code, name in LANGUAGES.items()],
    }


def title_of(title: str, variant: str = "") -> str:
    """An article on one line."""
    return one_line(", ".join(filter(None, (title, variant))), TITLE)


def pieces_of(lines: Iterable[TrackedLine], units: Mapping[str, int]) -> list[tuple[int, str]]:
    """So many of which article these pieces are: whole bundles as such, what is left of them by their parts."""
    found: list[tuple[int, str]] = []
    for line in lines:
        title = title_of(line.title, line.variant_title)
        if not line.parts:
            found.append((units.get(line.line_id, 0), title))
            continue
        whole = min(units.get(name, 0) // many for name, many in line.parts.items())
        found.append((whole, title))
        found += [
            (units.get(name, 0) - whole * many, title_of(line.part_titles.get(name, line.title), line.title))
            for name, many in line.parts.items()
        ]
    return [(many, title) for many, title in found if many > 0]


def view_of(page: Page, face: ShopFace, now: datetime, reader: Reader) -> dict[str, object]:
    """All that the templates say of an order beside the words."""
    order, parcels = page.order, page.sent()
    said = order_said(page, now, face.rules, reader)
    ended = said.kind in ("cancelled", "stopped") or order.cancelled or order.state is OrderState.CANCELLED
    # What is left then is sent by somebody else, of which nothing is known.
    all_sent = ended or order.state in (OrderState.SHIPPED, OrderState.DELIVERED)
    digital = {line.line_id: line.sold for line in order.lines if not line.shipped}
    name, town = person(order.first_name), town_of(order.town)
    return {
        "order": one_line(order.name, NUMBER),
        "name": reader.word("order", order=one_line(order.name, NUMBER)),
        "ordered": reader.word("ordered_on", day=reader.day(order.ordered_at)) if order.ordered_at else "",
        "goes_to": _goes_to(name, town, reader),
        "said": said,
        "cancelled": reader.word("s_cancelled") if ended and parcels else "",
        "steps": [] if parcels or ended else steps_of(order, None, now, reader),
        "parcels": [
            _parcel(page, parcel, number, face, now, reader) for number, parcel in enumerate(parcels, start=1)
        ],
        "left": [] if all_sent else pieces_of(order.lines, page.not_sent()),
        "left_when": when_of(order.expected, now, reader) if parcels and not all_sent else None,
        "digital": [] if ended else pieces_of(order.lines, digital),
        "requests": [
            (request_said(one, reader), [(line.quantity, title_of(line.title)) for line in one.lines])
            for one in sorted(page.requests.values(), key=lambda one: one.asked_at)
        ],
        "zone": reader.word("time_zone", zone=reader.zone_name),
    }  # fmt: skip


def _goes_to(name: str, town: str, reader: Reader) -> str:
    if not town:
        return ""
    return reader.word("goes_to", first_name=name, town=town) if name else reader.word("goes_to_town", town=town)


def _parcel(
    page: Page, parcel: TrackedParcel, number: int, face: ShopFace, now: datetime, reader: Reader
) -> dict[str, object]:
    total, said = len(page.sent()), parcel_said(parcel, now, face.rules, reader)
    carrier, url = one_line(parcel.carrier_name, NUMBER), safe_url(parcel.tracking_url)
    follow = reader.word("follow", carrier=carrier) if carrier else reader.word("follow_carrier")
    return {
        "name": reader.word("parcel_of", number=number, total=total) if total > 1 else reader.word("parcel"),
        "said": said,
        "steps": steps_of(page.order, parcel, now, reader),
        "items": pieces_of(page.order.lines, parcel.units),
        "number": one_line(parcel.number, NUMBER),
        "carrier": carrier,
        "news": reader.moment(last_news(parcel), now),
        "url": url,
        "follow": follow,
        "renumbered": _renumbered(parcel, reader),
    }


def _renumbered(parcel: TrackedParcel, reader: Reader) -> str:
    former = [one_line(number, NUMBER) for number in parcel.former_numbers if number != parcel.number]
    if not former or parcel.renumbered_at is None:
        return ""
    return reader.word("renumbered", day=reader.day(parcel.renumbered_at), former=", ".join(former[-5:]))


__all__ = ["Said", "Tried", "pieces_of", "shop_of", "title_of", "view_of"]
