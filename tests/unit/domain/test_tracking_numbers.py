"""Carriers by number."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from orderwright.domain.tracking_numbers import best, contradicts, recognise

CONTRACTS = Path(os.environ.get("ORDERWRIGHT_CONTRACTS", Path(__file__).parents[4] / "shared" / "contracts"))
COURIERS = CONTRACTS / "tracking_number_data" / "couriers"
OUR_CODES = {"dhl": {"dhl_express", "dhl_ecommerce"}}


def _samples(kind: str) -> Iterator[tuple[str, str]]:
    for path in sorted(COURIERS.glob("*.json")):
        courier = json.loads(path.read_text("utf-8"))
        for shape in courier["tracking_numbers"]:
            for number in shape["test_numbers"][kind]:
                yield courier["courier_code"], number


def _is_recognised(courier: str, number: str) -> bool:
    codes = {candidate.carrier_code for candidate in recognise(number)}
    return bool(codes) if courier == "s10" else bool(codes & OUR_CODES.get(courier, {courier}))


needs_samples = pytest.mark.skipif(not COURIERS.is_dir(), reason="the sample tracking numbers are not here")


@needs_samples
def test_every_valid_sample_is_recognised_as_its_courier() -> None:
    samples = list(_samples("valid"))
    assert len(samples) > 150
    assert [sample for sample in samples if not _is_recognised(*sample)] == []


@needs_samples
def test_every_invalid_sample_is_refused_for_its_courier() -> None:
    # One sample is invalid for one of its courier's shapes and listed as valid for another.
    valid = set(_samples("valid"))
    samples = [sample for sample in _samples("invalid") if sample not in valid]
    assert len(samples) > 80
    assert [sample for sample in samples if _is_recognised(*sample)] == []


@pytest.mark.parametrize(
    ("number", "named", "name", "link_begins"),
    [
        ("1Z5R89390357567127", "", "UPS", "https://www.ups.com/"),
        ("9400 1112 0108 0805 4830 16", "", "USPS", "https://tools.usps.com/"),
        ("986578788855", "FedEx", "FedEx", "https://www.fedex.com/"),
        ("YT2600100123456789", "Yun Express", "YunExpress", "https://www.yuntrack.com/"),
        ("3318810025", "DHL", "DHL Express", "https://www.dhl.com/"),
        ("60120172242323", "DHL eCommerce", "DHL eCommerce", "https://www.dhl.com/"),
        ("RB123456785FI", "", "Posti", "https://www.posti.fi/"),
        ("RB123456785DE", "DHL", "Deutsche Post", "https://www.deutschepost.de/"),
        ("RB123456785BR", "", "Correios", "https://www.17track.net/"),
        ("JJFI64160000123456789", "", "Posti", "https://www.posti.fi/"),
    ],
)
def test_a_number_gets_the_name_the_store_knows_and_a_link(
    number: str, named: str, name: str, link_begins: str
) -> None:
    found = best(number, named)
    assert found is not None
    assert found.carrier_name == name
    assert found.url.startswith(link_begins)
    assert "".join(number.split()) in found.url


def test_the_named_carrier_wins_where_the_number_fits_several() -> None:
    number = "287809468872"
    assert {candidate.carrier_code for candidate in recognise(number)} == {"fedex", "purolator"}
    purolator, fedex = best(number, "Purolator"), best(number, "FedEx Ground")
    assert purolator is not None
    assert fedex is not None
    assert (purolator.carrier_code, fedex.carrier_code) == ("purolator", "fedex")


def test_a_named_carrier_wins_over_a_number_that_looks_like_anothers() -> None:
    number = "9400111206206406260787"
    found = best(number, "CJPacket Ordinary")
    assert found is not None
    assert found.carrier_code == "cj_packet"
    assert (contradicts(number, "CJPacket Ordinary"), contradicts(number, "USPS")) == (True, False)


@pytest.mark.parametrize("named", ["SF Express", "Upsala Budbil", "Posting Partners", "!!"])
def test_a_carrier_that_nobody_knows_is_not_replaced_by_one_whose_numbers_look_alike(named: str) -> None:
    assert {candidate.carrier_code for candidate in recognise("123456780004")} >= {"fedex"}
    assert best("123456780004", named) is None
    assert best("1Z5R89390357567127", named) is None


@pytest.mark.parametrize("length", range(8, 35))
def test_digits_alone_are_hardly_ever_anybodys(length: int) -> None:
    """Random digits, as any unknown carrier may print them: at most 1 of 200 is guessed, none of the common lengths."""
    random = Random(length)
    numbers = ["".join(random.choices("0123456789", k=length)) for _ in range(4000)]
    guessed = sum(best(number) is not None for number in numbers)
    assert guessed <= (20 if length >= 20 else 0)


def test_a_serial_shipping_container_code_is_nobodys() -> None:
    for serial in range(1000):
        body = f"340123450{serial:08d}"
        code = body + str(-sum(int(d) * (1 if i % 2 else 3) for i, d in enumerate(reversed(body))) % 10)
        assert best("00" + code) is None, code


def test_a_named_carrier_is_taken_for_a_number_nobody_knows() -> None:
    found = best("X-1", "Posti")
    assert found is not None
    assert (found.carrier_code, found.certainty) == ("posti", 0)


@pytest.mark.parametrize(
    ("number", "named"), [("", ""), ("60120172242323", ""), ("AB", "Some Carrier"), ("X-1", "Correos de Chile")]
)
def test_nothing_is_guessed(number: str, named: str) -> None:
    assert best(number, named) is None


@pytest.mark.parametrize("number", ["1" * 5000, "1Z" + "\u0665" * 16, "<script>alert(1)</script>", "\x00", "../../etc"])
def test_hostile_text_is_refused(number: str) -> None:
    assert recognise(number) == []


def test_a_link_cannot_be_broken_out_of() -> None:
    found = best('1"><b>&x=#/', "UPS")
    assert found is not None
    assert not set('"<>#') & set(found.url)
