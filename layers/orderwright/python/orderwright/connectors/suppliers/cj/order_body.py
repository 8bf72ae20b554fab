"""The request of createOrderV2 (create only, payType 3), with the vendor's field lengths. Holds personal data: never logged."""

from __future__ import annotations

from typing import Any

from orderwright.domain.order import Address
from orderwright.errors import Rejected
from orderwright.ports import PurchaseLine, PurchaseRequest

CREATE_ONLY = 3
_LONGEST = {
    "orderNumber": 50,
    "shippingZip": 20,
    "shippingCountry": 50,
    "shippingProvince": 50,
    "shippingCity": 50,
    "shippingPhone": 20,
    "shippingCustomerName": 50,
    "shippingAddress": 200,
    "shippingAddress2": 200,
    "logisticName": 50,
}
_NEEDED = (
    "orderNumber",
    "shippingCountryCode",
    "shippingCountry",
    "shippingProvince",
    "shippingCity",
    "shippingCustomerName",
    "shippingAddress",
    "logisticName",
    "fromCountryCode",
)
_PHONE_NOISE = str.maketrans("", "", " -().\u00a0")
_LONGEST_EMAIL = 50
_LONGEST_LINE_ID = 125


def country_name(code: str) -> str:
    """The English name of a country; "" for a code that is none."""
    # Loading the language data takes time that only this call needs.
    from babel import Locale

    return str(Locale("en").territories.get(code.upper(), ""))


def create_body(request: PurchaseRequest, method: str, from_country: str, *, sandbox: bool) -> dict[str, Any]:
    """The body. Raises Rejected naming the field that is missing or too long, never its content."""
    to = request.destination
    body: dict[str, Any] = {
        "orderNumber": request.reference,
        "shippingZip": to.postcode.strip(),
        "shippingCountryCode": to.country_code.strip().upper(),
        "shippingCountry": country_name(to.country_code.strip()),
        "shippingProvince": _province(to),
        "shippingCity": to.city.strip(),
        "shippingPhone": (to.phone or request.phone).translate(_PHONE_NOISE),
        "shippingCustomerName": to.name.strip() or to.company.strip(),
        "shippingAddress": to.line1.strip(),
        # CJ has no field for a company, and a parcel to one is not delivered without its name.
        "shippingAddress2": ", ".join(part for part in (_company(to), to.line2.strip()) if part),
        "logisticName": method,
        "fromCountryCode": from_country,
        "payType": CREATE_ONLY,
        "isSandbox": int(sandbox),
        "products": [_line(line) for line in request.lines],
    }
    # The address of a mail serves CJ's own messages only; one that is too long is better left out than cut.
    if 0 < len(request.email) <= _LONGEST_EMAIL:
        body["email"] = request.email
    for field in _NEEDED:
        if not body[field]:
            raise Rejected(f"{field} is empty: complete the order's address or the connection", code="FIELD_MISSING")
    for field, longest in _LONGEST.items():
        if len(body[field]) > longest:
            raise Rejected(
                f"{field} has more than {longest} characters: shorten it in the order", code="FIELD_TOO_LONG"
            )
    if not body["products"]:
        raise Rejected("products is empty: nothing to order", code="FIELD_MISSING")
    return body


def _province(to: Address) -> str:
    """CJ insists on a province; where a country has none, the city stands for it."""
    return to.province.strip() or to.province_code.strip() or to.city.strip()


def _company(to: Address) -> str:
    return to.company.strip() if to.name.strip() else ""


def _line(line: PurchaseLine) -> dict[str, Any]:
    if not line.supplier_ref and not line.supplier_sku:
        raise Rejected("products: a line has neither vid nor SKU: map the SKU to an offer", code="FIELD_MISSING")
    row: dict[str, Any] = {"vid": line.supplier_ref} if line.supplier_ref else {"sku": line.supplier_sku}
    row["quantity"] = line.quantity
    if len(line.line_id) <= _LONGEST_LINE_ID:
        row["storeLineItemId"] = line.line_id
    return row
