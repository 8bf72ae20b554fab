"""Invented buyers whose words nobody else has: a leak of one of them names the order that it comes from (promise P8)."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from local.sandbox.shopify import Address, Buyer

_CONSONANTS, _VOWELS = "bdfghjklmnprstvw", "aeiou"
_SYLLABLES = tuple(consonant + vowel for consonant in _CONSONANTS for vowel in _VOWELS)
_MARKS = ("", "c", "q")
"""Which thousands of persons: no syllable begins with such a letter, so no word of one stands in a word of another."""
MOST = len(_MARKS) * len(_SYLLABLES) ** 2
"""How many persons of one world have words of their own."""


@dataclass(frozen=True)
class Country:
    """A place to live: one real form of address and number. Letters beyond ASCII are in what is no canary."""

    code: str
    name: str
    locale: str
    first_names: tuple[str, ...]
    city: str
    postcode: str
    street: str
    dial: str
    number: str
    """The number behind the country's code; each # is a digit."""
    province: str | None = None
    province_code: str | None = None


COUNTRIES = (
    Country("FI", "Finland", "fi", ("Väinö", "Aino", "Päivi"), "Jyväskylä", "40100", "katu", "+358", "40#######"),
    Country("DE", "Germany", "de", ("Jörg", "Grete", "Anneliese"), "Köln", "50667", "weg", "+49", "171########"),
    Country("AT", "Austria", "de-AT", ("Günther", "Liesl"), "Graz", "8010", "gasse", "+43", "664#######"),
    Country("GB", "United Kingdom", "en-GB", ("Zoë", "Edith"), "Leeds", "LS1 4AP", " Lane", "+44", "77########"),
    Country(
        "US", "United States", "en", ("Renée", "Riley"), "Portland", "97204", " Street", "+1", "503#######", "Oregon", "OR"
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Person:
    """Who buys. `moved` is where they live after a move; `canaries` are texts that only this person has, of both homes."""

    buyer: Buyer
    address: Address
    moved: Address
    locale: str
    canaries: tuple[str, ...]


def draw_person(dice: Random, serial: int) -> Person:
    """The person of this number in the world. Raises ValueError beyond MOST."""
    if not 0 <= serial < MOST:
        raise ValueError(f"serial must be below {MOST}, not {serial}")
    country = dice.choice(COUNTRIES)
    tag = _word(dice, serial)
    number = _number(dice, country.number, serial)
    first, last = dice.choice(country.first_names), f"Lintu{tag}"
    phone = f"{country.dial}{number}"
    mailbox = f"posti.{tag}"
    old, new = f"{tag.title()}{country.street}", f"Uusi{tag}{country.street}"
    address = Address(
        address1=f"{old} {dice.randint(1, 99)}",
        city=country.city,
        zip=country.postcode,
        country_code=country.code,
        country=country.name,
        province=country.province,
        province_code=country.province_code,
        first_name=first,
        last_name=last,
        phone=phone,
    )
    moved = Address(**{**vars(address), "address1": f"{new} {dice.randint(1, 99)}"})
    buyer = Buyer(first, last, f"{mailbox}@example.com", phone)
    return Person(buyer, address, moved, country.locale, (last, mailbox, old, new, number))


def _word(dice: Random, serial: int) -> str:
    """Eight letters: four by dice, so that no fixture has them, four by the serial number, so that no other person has."""
    mark, rest = divmod(serial, len(_SYLLABLES) ** 2)
    high, low = divmod(rest, len(_SYLLABLES))
    return _MARKS[mark] + dice.choice(_SYLLABLES) + dice.choice(_SYLLABLES) + _SYLLABLES[high] + _SYLLABLES[low]


def _number(dice: Random, form: str, serial: int) -> str:
    """A telephone number that ends with the serial number, so that nobody else has it."""
    places = form.count("#")
    end = f"{serial:04d}"
    digits = [str(dice.randint(0, 9)) for _ in range(places - len(end))] + list(end)
    return form.replace("#", "") + "".join(digits)
