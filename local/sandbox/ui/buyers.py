"""Invented buyers that a visitor of the shop can be."""

from __future__ import annotations

from dataclasses import dataclass, replace

from local.sandbox.kit.people import GERMAN_ADDRESS, GERMAN_BUYER, Address, Buyer


@dataclass(frozen=True)
class Preset:
    """One buyer: who, where, and the language of the shop's pages that they used."""

    key: str
    label: str
    buyer: Buyer
    address: Address
    locale: str


_TAMPERE = Preset(
    "tampere",
    "Aino, Tampere (FI): mails in Finnish",
    Buyer("Aino", "Esimerkki", "aino@example.com", "+358412345678"),
    Address(phone="+358412345678"),
    "fi",
)
_BERLIN = Preset("berlin", "Jonas, Berlin (DE): mails in German", GERMAN_BUYER, GERMAN_ADDRESS, "de")
_PORTLAND = Preset(
    "portland",
    "Riley, Portland (US): mails in English",
    Buyer("Riley", "Sample", "riley@example.com", "+15035550142"),
    Address(
        "100 SW Example Street",
        "Portland",
        "97204",
        "US",
        "United States",
        province="Oregon",
        province_code="OR",
        first_name="Riley",
        last_name="Sample",
        phone="+15035550142",
    ),
    "en",
)

PRESETS: dict[str, Preset] = {
    preset.key: preset
    # The first is who buys where a visitor chooses nobody: one whose mails every visitor of these pages can read.
    for preset in (
        _PORTLAND,
        _BERLIN,
        _TAMPERE,
        replace(
            _TAMPERE, key="no_postcode", label="Aino, forgot the postcode", address=replace(_TAMPERE.address, zip=None)
        ),
        replace(_PORTLAND, key="no_email", label="Riley, gave no e-mail", buyer=replace(_PORTLAND.buyer, email=None)),
    )
}
