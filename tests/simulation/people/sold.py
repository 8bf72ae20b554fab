"""What a customer bought, and by which words that order's personal data would be recognised anywhere."""

from __future__ import annotations

from dataclasses import dataclass

from local.sandbox.shopify import Address, Buyer

Cart = tuple[tuple[str, int], ...]


@dataclass
class Sold:
    """One order of a customer. `canaries` are personal texts that no other order and no fixture holds (promise P8)."""

    name: str
    number: str
    cart: Cart
    buyer: Buyer
    address: Address
    sms: bool
    canaries: tuple[str, ...]
    cancelled: bool = False
    erased: bool = False
