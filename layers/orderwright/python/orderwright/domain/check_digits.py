"""Check digits of tracking numbers. `body` is the number without its check character; all give True when it fits.

Sources: UPU S10 (postal), ISO/IEC 7064 (mod 37,36), Luhn, and the carriers' label guides for weights.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

Check = Callable[[str, str], bool]

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


def _value(mark: str) -> int:
    """A digit counts as itself; a letter runs 2..9, 0, 1 ... from A, as UPS prints it."""
    return int(mark) if mark.isdigit() else (ord(mark) - 3) % 10


def mod10(first: int, second: int, *, prefix: str = "") -> Check:
    """Weights alternate from the left, first, second, first ...; the sum and the check digit make a multiple of ten.

    `prefix` counts as part of the body where the printed number leaves it out.
    """

    def fits(body: str, check: str) -> bool:
        whole = body if body.startswith(prefix) else prefix + body
        total = sum(_value(mark) * (second if place % 2 else first) for place, mark in enumerate(whole))
        return (total + int(check)) % 10 == 0

    return fits


def weighted(weights: Sequence[int]) -> Check:
    """Sum of digits times weights, modulo 11, modulo 10."""

    def fits(body: str, check: str) -> bool:
        total = sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True))
        return total % 11 % 10 == int(check)

    return fits


def mod7(body: str, check: str) -> bool:
    """The body as a number, modulo seven."""
    return int(body) % 7 == int(check)


def luhn(body: str, check: str) -> bool:
    """Every second digit from the right doubled, its digits summed."""
    total = sum(sum(divmod(int(digit) * (1 + (place % 2 == 0)), 10)) for place, digit in enumerate(reversed(body)))
    return (total + int(check)) % 10 == 0


def s10(body: str, check: str) -> bool:
    """UPU S10: weighted sum modulo 11, where 10 is written 0 and 11 is written 5."""
    total = sum(int(digit) * weight for digit, weight in zip(body, _S10_WEIGHTS, strict=True))
    return {10: 0, 11: 5}.get(11 - total % 11, 11 - total % 11) == int(check)


def mod37_36(body: str, check: str) -> bool:
    """ISO/IEC 7064 MOD 37,36 over digits and capital letters."""
    product = 36
    for mark in body:
        product = (product + _ALPHABET.index(mark)) % 36 or 36
        product = product * 2 % 37
    return (product + _ALPHABET.index(check)) % 36 == 1


_GTIN = mod10(3, 1)


def is_gtin(text: str) -> bool:
    """A GTIN-8, -12, -13 or -14 with its check digit."""
    return text.isascii() and text.isdigit() and len(text) in (8, 12, 13, 14) and _GTIN(text[:-1].zfill(13), text[-1])
