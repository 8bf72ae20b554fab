"""What a supplier shows under our reference, held against what the purchase order asked for (promises P1, P15). Pure."""

from __future__ import annotations

import unicodedata
from collections import Counter

from orderwright.domain.order import Address
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.ports.supplier import PlacementView

_MOST_NAMED = 3


def difference(view: PlacementView, po: PurchaseOrder, sent_to: Address | None) -> str:
    """In what the order that was found is not the one that was asked for; "" where nothing that is shown differs.

    `sent_to` is where the supplier was told to send it, None where nobody knows any more. The text holds no personal data.
    """
    return "; ".join(filter(None, (_lines(view, po), _destination(view, sent_to) if sent_to else "")))


def _lines(view: PlacementView, po: PurchaseOrder) -> str:
    if view.lines is None:
        return ""
    asked, shown = Counter[str](), Counter[str]()
    same: dict[str, str] = {}
    for line in po.lines:
        key = line.supplier_ref or line.supplier_sku
        asked[key] += line.quantity
        same |= {name: key for name in (line.supplier_ref, line.supplier_sku) if name}
    for name, units in view.lines:
        shown[same.get(name, name)] += units
    found = [f"{shown[key]} of {key} instead of {asked[key]}" for key in {**asked, **shown} if shown[key] != asked[key]]
    return ", ".join(found[:_MOST_NAMED]) + (" and more" if len(found) > _MOST_NAMED else "")


def _destination(view: PlacementView, sent_to: Address) -> str:
    pairs = {
        "country": (view.country_code, sent_to.country_code),
        "postcode": (view.postcode, sent_to.postcode),
        "city": (view.city, sent_to.city),
    }
    other = [name for name, (theirs, ours) in pairs.items() if _plain(theirs) and _plain(theirs) != _plain(ours)]
    return f"another {', another '.join(other)}" if other else ""


def _plain(text: str) -> str:
    """Without what case and spaces make of it."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
