"""What a store says of an order's money, in shop currency, from its own figures: net of tax, after discounts and refunds.

A connector fills this in; net_revenue.py makes of it what one purchase order brings in. Nothing here is reckoned from a rate.
"""

from __future__ import annotations

from pydantic import Field

from orderwright.domain.base import Model, changed
from orderwright.domain.money import Money


class LineMoney(Model):
    """One line, for the units that are still sold. A gift card that is sold is no revenue: its `net` is 0.

    `by_channel`: True where a marketplace remits this line's tax, False where the merchant does, None where the store does
    not say (of a line without tax it does not matter).
    """

    line_id: str
    net: Money = Field(description="all discounts off, refunded and removed units out, without tax: of the whole line")
    tax: Money = Field(description="tax on these units, as the store reckoned it")
    by_channel: bool | None = False


class OrderMoney(Model):
    """An order's money. `unclear` says which figures do not fit together: then nothing may be bought on them."""

    prices_include_tax: bool = False
    lines: tuple[LineMoney, ...] = ()
    shipping: Money = Field(description="shipping charged, after discounts and refunds, without tax")
    shipping_tax: Money
    duty: Money = Field(description="duty and import fees collected from the customer, less what was refunded of them")
    given_back: Money = Field(
        description="refunded as money without lines: what it takes off the net revenue (all of it where its tax is not known)"
    )
    charged: Money = Field(
        description="all that was taken from the customer, with tax, before any refund: base of fees"
    )
    charged_tax: Money = Field(description="the tax in `charged`")
    gateways: tuple[str, ...] = Field(
        default=(), description="payment gateways or marketplaces, as the store names them"
    )
    fees: Money | None = Field(
        default=None, description="what the payment provider took; None where the store does not say"
    )
    channel: str = Field(
        default="", description="the marketplace or app that sold it and may remit its tax; empty: the shop"
    )
    business: bool = Field(
        default=False, description="a business buyer, or one without tax: its tax follows other rules"
    )
    delivery_terms: str = Field(default="", description="DDP or DAP, as the store promised it; empty: it does not say")
    unclear: tuple[str, ...] = ()

    def taken_apart(self, lines: tuple[LineMoney, ...]) -> OrderMoney:
        """The same sums with other lines: of the components of bundles."""
        return changed(self, lines=lines)

    def given_back_whole(self) -> OrderMoney:
        """All of it went back: lines, shipping and duties leave nothing, and so nothing is given back beside them."""
        none = Money.zero(self.currency)
        lines = tuple(changed(line, net=none, tax=none) for line in self.lines)
        return changed(self, lines=lines, shipping=none, shipping_tax=none, duty=none, given_back=none)

    @property
    def currency(self) -> str:
        """The shop's currency."""
        return self.charged.currency

    @property
    def net(self) -> Money:
        """What the order leaves without tax, after every refund."""
        return sum((line.net for line in self.lines), self.shipping + self.duty - self.given_back)

    @property
    def tax(self) -> Money:
        """The tax on what is still sold."""
        return sum((line.tax for line in self.lines), self.shipping_tax)

    def line(self, line_id: str) -> LineMoney | None:
        """One line's money; None for a line that the store did not list."""
        return next((line for line in self.lines if line.line_id == line_id), None)
