"""A reason never repeats what the buyer wrote, hostile text raises nothing, and what passes is taken by the supplier."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from orderwright.connectors.suppliers.cj.order_body import address_faults, create_body
from orderwright.connectors.suppliers.cj.settings import CjSettings
from orderwright.domain.contact import first_phone
from orderwright.domain.order import Address
from orderwright.domain.rules import Rules
from orderwright.domain.tracking_numbers import best, recognise
from orderwright.domain.validation import order_notes, validate_order
from orderwright.errors import Rejected
from tests.connectors.cj.cj_kit import request
from tests.unit.domain.order_kit import order

# No deadline: a busy machine is no failure.
FAST = settings(max_examples=50, deadline=None)
RULES = Rules(ship_to_countries=("FI",), refuse_po_boxes=True)
# The mark makes each value long and rare enough not to occur in a sentence of ours by chance.
texts = st.text(max_size=40).map(lambda text: f"qzj{text}xvw") | st.just("")
countries = st.sampled_from(("FI", "US", "GB", "JP", "CN", "BR", "AE", "DE", "CA", "")) | texts
addresses = st.builds(
    Address,
    name=texts,
    company=texts,
    line1=texts,
    line2=texts,
    city=texts,
    province=texts,
    province_code=texts,
    postcode=texts,
    country_code=countries,
    phone=texts,
)


@FAST
@given(addresses, texts, texts)
def test_no_reason_holds_a_value(address: Address, email: str, phone: str) -> None:
    given_order = order(address=address, email=email, phone=phone)
    reasons = [*validate_order(given_order, RULES), *order_notes(given_order)]
    written = " ".join(reason.model_dump_json() for reason in reasons)
    assert "qzj" not in written
    assert "xvw" not in written
    assert all(reason.code and reason.field and reason.message for reason in reasons)


@FAST
@given(st.text(max_size=80), st.text(max_size=30))
def test_any_text_may_be_asked_for_its_carrier(number: str, named: str) -> None:
    for candidate in recognise(number):
        assert candidate.url.startswith("https://")
    best(number, named)


_WRITTEN = {
    "name": ("Mei Tan", "Mei Tan", "", " ", "x" * 51),
    "company": ("", "Example Ltd", "y" * 150),
    "line1": ("1 Sample Road", "1 Sample Road", "", "x" * 201),
    "line2": ("", "Unit 7", "x" * 60),
    "city": ("Singapore", "Singapore", "", "x" * 51),
    "province": ("", "", "x" * 51),
    "country_code": ("SG", "SG", "HK", "TA", ""),
    "phone": ("", "+65 (0)6123 4567", "\u202a+6561234567", "1" * 30, "call me"),
}


@settings(max_examples=300, deadline=None)
@given(st.builds(Address, **{field: st.sampled_from(texts) for field, texts in _WRITTEN.items()}))
def test_what_passes_the_check_and_cjs_needs_is_accepted_by_cjs_order_body(address: Address) -> None:
    lacks = address_faults(address, "cj")
    parcel = request()._replace(destination=address, phone=first_phone(address.country_code, address.phone))
    refused = ""
    try:
        create_body(parcel, "CJPacket", CjSettings(kind="cj"))
    except Rejected as error:
        refused = error.code
    assert refused == next((one.code for one in lacks), "")
    assert all(one.field.removeprefix("address.") in Address.model_fields for one in lacks)
    assert not [one for one in lacks if "xxx" in one.model_dump_json() or "yyy" in one.model_dump_json()]
