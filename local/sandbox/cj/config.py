"""How one sandbox CJ account behaves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, tzinfo
from decimal import Decimal

from local.sandbox.cj.envelope import ORDER_EXISTS


@dataclass
class CjConfig:
    """One account: invented credentials and the limits of its tier.

    `open_id` is also the key of every webhook signature. `balance` is USD. `qps` None means no limit; `points_per_day` is the
    vendor's base budget, counted per UTC day (the vendor refills it by the minute). `zone`: the vendor's field table calls
    order dates UTC while others read them as China time, so it can be set. `duplicate_code`: the vendor's table says 1603003
    for a repeated orderNumber, captured answers say 1603100. `refuse_duplicates` False takes a repeated orderNumber as a new
    order, since the refusal is nowhere promised. `auto_ship_after` seconds after payment `tick` ships by itself.
    `freight_parts` are taxesFee and clearanceOperationFee (USD) of every parcel, added to its price; None leaves these parts and
    the total out of a quote. `ioss_rate` is the VAT that CJ takes with its own IOSS, of the amount that is declared (in truth the
    rate of the destination), `ioss_handling` its fee for it, `ioss_limit` what stands for EUR 150. What CJ's VAT is taken of, and
    whether `iossAmount` holds the fee, is not confirmed: here it does not.
    `strict_callbacks` refuses local and plain-http callback addresses as the vendor does.
    """

    email: str = "merchant@example.com"
    api_key: str = "CJ0000001@api@sandbox"
    open_id: int = 123456789
    balance: Decimal = Decimal("5000.00")
    qps: int | None = None
    points_per_day: int = 50_000
    zone: tzinfo = UTC
    duplicate_code: int = ORDER_EXISTS
    refuse_duplicates: bool = True
    auto_ship_after: float | None = None
    default_carrier: str = "YunExpress"
    freight_parts: tuple[Decimal, Decimal] | None = (Decimal(0), Decimal(0))
    ioss_rate: Decimal = Decimal("0.19")
    ioss_handling: Decimal = Decimal("0.50")
    ioss_limit: Decimal = Decimal("160.00")
    strict_callbacks: bool = False
