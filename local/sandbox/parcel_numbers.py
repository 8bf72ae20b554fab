"""Parcel numbers as the carriers themselves form them, check digits included, and the way back from number to carrier.

Carriers: "UPS" (1Z, 18 characters), "USPS" (22 digits), "S10" (the international postal form, as LX123456785FI), "DHL"
(DHL Express, 10 digits) and "YunExpress" (YT and 16 digits, which has no check digit).
"""

from __future__ import annotations

import re
from random import Random

CARRIERS = ("UPS", "USPS", "S10", "DHL", "YunExpress")
_S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


def _up_to_ten(total: int) -> str:
    return str(-total % 10)


def ups_check_digit(serial: str) -> str:
    """Over the 15 characters behind 1Z: letters count (code - 3) mod 10, every second one double."""
    values = [int(char) if char.isdigit() else (ord(char) - 3) % 10 for char in serial]
    return _up_to_ten(sum(value * (2 if index % 2 else 1) for index, value in enumerate(values)))


def usps_check_digit(serial: str) -> str:
    """Over all digits but the last, from the right: weights 3, 1, 3, 1..."""
    return _up_to_ten(sum(int(digit) * (1 if index % 2 else 3) for index, digit in enumerate(reversed(serial))))


def s10_check_digit(serial: str) -> str:
    """The Universal Postal Union's weights, modulo 11; 10 becomes 0 and 11 becomes 5."""
    rest = 11 - sum(int(digit) * weight for digit, weight in zip(serial, _S10_WEIGHTS, strict=True)) % 11
    return {10: "0", 11: "5"}.get(rest, str(rest))


def dhl_check_digit(serial: str) -> str:
    """The serial number modulo 7."""
    return str(int(serial) % 7)


class ParcelNumbers:
    """A source of fresh numbers, repeatable for one `Random`."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._given: set[str] = set()

    def next(self, carrier: str, country: str = "FI") -> str:
        """A number that was not given before. `country` is the two-letter issuer of an S10 number.

        Raises ValueError for a carrier that is not one of CARRIERS.
        """
        if carrier not in CARRIERS:
            raise ValueError(f"carrier {carrier!r} has no known number form; use one of: {', '.join(CARRIERS)}")
        while True:
            number = self._form(carrier, country)
            if number not in self._given:
                self._given.add(number)
                return number

    def _digits(self, count: int) -> str:
        return "".join(str(self._random.randrange(10)) for _ in range(count))

    def _form(self, carrier: str, country: str) -> str:
        if carrier == "UPS":
            serial = f"8A64V903{self._digits(7)}"
            return f"1Z{serial}{ups_check_digit(serial)}"
        if carrier == "USPS":
            serial = f"940019{self._digits(15)}"
            return serial + usps_check_digit(serial)
        if carrier == "S10":
            serial = self._digits(8)
            return f"LX{serial}{s10_check_digit(serial)}{country.upper()}"
        if carrier == "DHL":
            serial = f"4{self._digits(8)}"
            return serial + dhl_check_digit(serial)
        return f"YT{self._digits(16)}"


def carrier_of(number: str) -> str | None:
    """The carrier of a number whose form and check digit fit exactly one of CARRIERS, else None."""
    text = re.sub(r"\s", "", number).upper()
    if re.fullmatch(r"1Z[0-9A-Z]{15}[0-9]", text):
        return "UPS" if ups_check_digit(text[2:17]) == text[17] else None
    if re.fullmatch(r"9[0-9]{21}", text):
        return "USPS" if usps_check_digit(text[:21]) == text[21] else None
    if re.fullmatch(r"[A-Z]{2}[0-9]{9}[A-Z]{2}", text):
        return "S10" if s10_check_digit(text[2:10]) == text[10] else None
    if re.fullmatch(r"[0-9]{10}", text):
        return "DHL" if dhl_check_digit(text[:9]) == text[9] else None
    return "YunExpress" if re.fullmatch(r"YT[0-9]{16}", text) else None
