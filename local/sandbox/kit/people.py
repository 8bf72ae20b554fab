"""What a buyer brings to the till: a person, an address, a cart. Shared by all stores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Buyer:
    """An invented person. Both ways to reach them may be missing. `account`: its number in the store; 0 is a guest."""

    first_name: str = "Aino"
    last_name: str = "Esimerkki"
    email: str | None = "aino@example.com"
    phone: str | None = None
    account: int = 0

    @property
    def full_name(self) -> str:
        """First and last name in one line."""
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True)
class Address:
    """A postal address; any field may be empty, as buyers leave them."""

    address1: str | None = "Esimerkkikatu 1"
    city: str | None = "Tampere"
    zip: str | None = "33100"
    country_code: str = "FI"
    country: str = "Finland"
    province: str | None = None
    province_code: str | None = None
    address2: str | None = None
    company: str | None = None
    first_name: str | None = "Aino"
    last_name: str | None = "Esimerkki"
    phone: str | None = None


USUAL_BUYER, USUAL_ADDRESS = Buyer(), Address()
GERMAN_BUYER = Buyer("Jonas", "Beispiel", "jonas@example.org", "+4917139200123")
GERMAN_ADDRESS = Address(
    "Beispielweg 12",
    "Berlin",
    "10115",
    "DE",
    "Germany",
    first_name="Jonas",
    last_name="Beispiel",
    phone="+4917139200123",
)


@dataclass(frozen=True)
class CartLine:
    """One line of a cart: a SKU of the store, or (without SKU) a custom line or gift card with title and price in USD.

    `duty` is what the checkout collects for the whole line, in USD.
    """

    sku: str | None
    quantity: int = 1
    title: str | None = None
    price: Decimal | None = None
    gift_card: bool = False
    requires_shipping: bool | None = None
    duty: Decimal = Decimal(0)


CartInput = CartLine | tuple[str, int]


def cart_of(lines: Sequence[CartInput]) -> list[CartLine]:
    """All lines as CartLine; raises ValueError for an empty cart or a quantity below one."""
    cart = [line if isinstance(line, CartLine) else CartLine(line[0], line[1]) for line in lines]
    if not cart:
        raise ValueError("a cart needs at least one line")
    for line in cart:
        if line.quantity < 1:
            raise ValueError(f"quantity must be 1 or more, not {line.quantity}")
        if line.sku is None and (line.title is None or line.price is None):
            raise ValueError("a line without SKU needs a title and a price")
    return cart
