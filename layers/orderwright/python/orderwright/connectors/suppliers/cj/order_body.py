"""The request of createOrderV2 (create only, payType 3), with the vendor's field lengths. Holds personal data: never logged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from orderwright.connectors.suppliers.cj.fields import CURRENCY
from orderwright.connectors.suppliers.cj.settings import CjSettings
from orderwright.domain.order import Address, Reason
from orderwright.domain.territories import destination_of, in_union_vat
from orderwright.errors import Rejected
from orderwright.ports.supplier import PurchaseLine, PurchaseRequest

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
_OURS = {
    "shippingZip": "address.postcode",
    "shippingCountryCode": "address.country_code",
    "shippingCountry": "address.country_code",
    "shippingProvince": "address.province",
    "shippingCity": "address.city",
    "shippingCustomerName": "address.name",
    "shippingAddress": "address.line1",
    "shippingAddress2": "address.line2",
}
_IOSS_TYPES = {"none": 1, "own": 2, "cj": 3}
_LONGEST_EMAIL = 50
_LONGEST_LINE_ID = 125
_NO_NAME, _MAP = "a line has neither vid nor SKU", "import the article's offer again, or map its SKU to another offer"


def country_name(code: str) -> str:
    """The English name of a country; "" for a code that is none."""
    # Loading the language data takes time that only this call needs.
    from babel import Locale

    return str(Locale("en").territories.get(code.upper(), ""))


def create_body(request: PurchaseRequest, method: str, settings: CjSettings) -> dict[str, Any]:
    """The body. Raises Rejected naming the field that is missing or too long, never its content."""
    to = request.destination
    body: dict[str, Any] = {
        "orderNumber": request.reference,
        **_address(to),
        "shippingPhone": request.phone,
        "logisticName": method,
        "fromCountryCode": settings.from_country,
        "payType": CREATE_ONLY,
        "isSandbox": int(settings.sandbox_orders),
        "products": [_line(line) for line in request.lines],
        **_ioss(request, settings),
    }
    # The address of a mail serves CJ's own messages only; one that is too long is better left out than cut.
    if 0 < len(request.email) <= _LONGEST_EMAIL:
        body["email"] = request.email
    for code, field, fault in _faults(body):
        raise Rejected(f"{field} {fault}: correct the order's address or the connection", code=code)
    if not body["products"]:
        raise Rejected("products is empty: nothing to order", code="FIELD_MISSING")
    return body


def address_faults(to: Address, supplier: str) -> list[Reason]:
    """What `create_body` would refuse of this address; each of our fields is named once, never its content."""
    found: dict[str, Reason] = {}
    for code, field, fault in _faults(_address(to)):
        if (code, field) != ("FIELD_MISSING", "shippingProvince"):  # the city would stand for it: that one is told
            ours = _OURS[field]
            fix = f"correct {ours}, or choose another supplier"
            found.setdefault(ours, Reason(code=code, message=f"{supplier}: {field} {fault}", fix=fix, field=ours))
    return list(found.values())


def other_faults(lines: Sequence[PurchaseLine], supplier: str, settings: CjSettings) -> list[Reason]:
    """What `create_body` would refuse of the lines and of the connection."""
    found = []
    if not settings.from_country:
        field = f"connections.{supplier}.from_country"
        fix = f"set {field}, apply the file, then retry"
        found.append(
            Reason(code="FIELD_MISSING", message=f"{supplier}: fromCountryCode is empty", fix=fix, field=field)
        )
    found += [
        Reason(code="FIELD_MISSING", message=f"{supplier}: {_NO_NAME}", fix=_MAP, field="sku", line_id=line.line_id)
        for line in lines
        if not line.supplier_ref and not line.supplier_sku
    ]
    return found


def _address(to: Address) -> dict[str, str]:
    return {
        "shippingZip": to.postcode.strip(),
        "shippingCountryCode": to.country_code.strip().upper(),
        "shippingCountry": country_name(to.country_code.strip()),
        "shippingProvince": _province(to),
        "shippingCity": to.city.strip(),
        "shippingCustomerName": to.name.strip() or to.company.strip(),
        "shippingAddress": to.line1.strip(),
        # CJ has no field for a company, and a parcel to one is not delivered without its name.
        "shippingAddress2": ", ".join(part for part in (_company(to), to.line2.strip()) if part),
    }


def _faults(body: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Code, CJ's field and fault of those of its fields that are here."""
    for field in _NEEDED:
        if field in body and not body[field]:
            yield "FIELD_MISSING", field, "is empty"
    for field, longest in _LONGEST.items():
        if field in body and len(body[field]) > longest:
            yield "FIELD_TOO_LONG", field, f"has more than {longest} characters"


def _ioss(request: PurchaseRequest, settings: CjSettings) -> dict[str, Any]:
    """How import VAT is declared, for consumers in the EU's VAT area; nothing anywhere else, where IOSS does not exist.

    `shopAmount` is what the buyer pays. Without it CJ declares its own, lower amount, at the merchant's risk. Unconfirmed: that
    the amount may be text (CJ's samples are; its tables say BigDecimal), and that CJ's own IOSS needs no iossNumber.
    """
    to = request.destination
    if settings.ioss_type is None or request.business or not in_union_vat(destination_of(to.country_code, to.postcode)):
        return {}
    declared: dict[str, Any] = {"iossType": _IOSS_TYPES[settings.ioss_type]}
    if settings.ioss_type == "own":
        declared["iossNumber"] = settings.ioss_number
    if settings.ioss_type != "none" and request.declared_value is not None:
        if request.declared_value.currency != CURRENCY:
            raise Rejected("shopAmount is not in USD: give a rate for the store's currency", code="FIELD_MISSING")
        declared["shopAmount"] = f"{request.declared_value.decimal:f}"
    return declared


def _province(to: Address) -> str:
    """CJ insists on a province; where a country has none, the city stands for it."""
    return to.province.strip() or to.province_code.strip() or to.city.strip()


def _company(to: Address) -> str:
    return to.company.strip() if to.name.strip() else ""


def _line(line: PurchaseLine) -> dict[str, Any]:
    if not line.supplier_ref and not line.supplier_sku:
        raise Rejected(f"products: {_NO_NAME}: {_MAP}", code="FIELD_MISSING")
    row: dict[str, Any] = {"vid": line.supplier_ref} if line.supplier_ref else {"sku": line.supplier_sku}
    row["quantity"] = line.quantity
    if len(line.line_id) <= _LONGEST_LINE_ID:
        row["storeLineItemId"] = line.line_id
    return row
