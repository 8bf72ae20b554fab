"""A reason never repeats what the buyer wrote, whatever it was, and hostile text raises nothing."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from orderwright.domain.order import Address
from orderwright.domain.rules import Rules
from orderwright.domain.tracking_numbers import best, recognise
from orderwright.domain.validation import order_notes, validate_order
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
