"""Dates are those of the reader's calendar."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from orderwright.domain.config import Merchant
from orderwright.mails import zones


@pytest.mark.parametrize(
    ("country", "province", "zone"),
    [
        ("US", "NY", "America/New_York"),
        ("US", "US-TX", "America/Chicago"),
        ("CA", "bc", "America/Vancouver"),
        ("AU", "WA", "Australia/Perth"),
        ("FI", "", "Europe/Helsinki"),
        ("DE", "BY", "Europe/Berlin"),
        ("US", "", "Asia/Tokyo"),
        ("BR", "SP", "America/Sao_Paulo"),
        ("AR", "", "America/Argentina/Buenos_Aires"),
        ("RU", "", "Asia/Tokyo"),
        ("", "", "Asia/Tokyo"),
        ("ZZ", "", "Asia/Tokyo"),
    ],
)
def test_the_buyers_zone_counts_where_it_is_known_and_else_the_shops(country: str, province: str, zone: str) -> None:
    assert zones.zone_of(country, province, "Asia/Tokyo") == zone


def test_every_zone_of_the_tables_exists() -> None:
    for zone in (*zones._MAIN.values(), *(zone for regions in zones._REGIONS.values() for zone in regions)):
        assert ZoneInfo(zone).key == zone


def test_a_zone_that_does_not_exist_is_refused_with_its_name() -> None:
    assert Merchant(name="S", support_email="s@example.com").time_zone == "UTC"
    with pytest.raises(ValidationError, match=r"time_zone\n.*must be an IANA zone name"):
        Merchant(name="S", support_email="s@example.com", time_zone="Mars/Olympus")
