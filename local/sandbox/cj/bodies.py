"""What CJ accepts in each request, field by field: anything unknown, missing or of another type is refused.

The real API ignores unknown fields; the stand-in does not, since a misspelt field that a vendor ignores is a lost one.
Lengths and required fields follow the vendor's API v2 reference. Only `payType` 3 (create, do not pay) is offered here.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from local.sandbox.kit.api import Body

Country = Annotated[str, Field(pattern="^[A-Z]{2}$")]
Text20 = Annotated[str, Field(max_length=20)]
Text50 = Annotated[str, Field(max_length=50)]
Text200 = Annotated[str, Field(max_length=200)]
Needed50 = Annotated[str, Field(min_length=1, max_length=50)]
Needed200 = Annotated[str, Field(min_length=1, max_length=200)]


_EUROPEAN_UNION = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()  # noqa: SIM905
)


class GetAccessToken(Body):
    """`email` belongs to the older form of this call and is optional today."""

    apiKey: Needed200
    email: Text200 = ""


class RefreshAccessToken(Body):
    refreshToken: Annotated[str, Field(min_length=1, max_length=80)]


class OrderProduct(Body):
    """One line: `vid` or `sku` (or both, then of the same variant)."""

    vid: Text50 = ""
    sku: Text50 = ""
    quantity: Annotated[int, Field(gt=0)]
    unitPrice: float | int | None = None
    storeLineItemId: Annotated[str, Field(max_length=125)] = ""
    podProperties: Annotated[str, Field(max_length=500)] = ""

    @model_validator(mode="after")
    def _names_a_variant(self) -> Self:
        if not self.vid and not self.sku:
            raise ValueError("vid and sku can not both be empty")
        return self


class CreateOrderV2(Body):
    orderNumber: Needed50
    shippingZip: Text20 = ""
    shippingCountryCode: Country
    shippingCountry: Needed50
    shippingProvince: Needed50
    shippingCity: Needed50
    shippingCounty: Text50 = ""
    shippingPhone: Text20 = ""
    shippingCustomerName: Needed50
    shippingAddress: Needed200
    shippingAddress2: Text200 = ""
    houseNumber: Text20 = ""
    email: Text50 = ""
    taxId: Text20 = ""
    remark: Annotated[str, Field(max_length=500)] = ""
    consigneeID: Text20 = ""
    payType: Literal[3]
    shopAmount: Annotated[Decimal, Field(gt=0, decimal_places=2, strict=False)] | None = None
    logisticName: Needed50
    fromCountryCode: Country
    platform: Text20 = ""
    iossType: Literal[1, 2, 3] | None = None
    iossNumber: Text20 = ""
    isSandbox: Literal[0, 1] = 0
    shopLogisticsType: Literal[1, 2] = 2
    storageId: Text50 = ""
    orderFlow: Literal[1, 2] = 1
    products: Annotated[list[OrderProduct], Field(min_length=1)]

    @model_validator(mode="after")
    def _ioss_is_whole(self) -> Self:
        """Own IOSS needs its number; with CJ's own the number is fixed; for any other destination there is none."""
        number = {2: r"IM\d{10}", 3: "(CJ-IOSS)?"}.get(self.iossType or 0, "")
        if not re.fullmatch(number, self.iossNumber):
            raise ValueError("iossNumber does not belong to iossType")
        if self.iossType in (2, 3) and self.shippingCountryCode not in _EUROPEAN_UNION:
            raise ValueError("IOSS is for destinations in the EU")
        return self


class CartOrders(Body):
    """addCart and addCartConfirm take CJ's own order ids."""

    cjOrderIdList: Annotated[list[Needed200], Field(min_length=1)]


class GenerateParentOrder(Body):
    shipmentOrderId: Needed200


class PayBalanceV2(Body):
    shipmentOrderId: Needed200
    payId: Needed200


class FreightProduct(Body):
    vid: Needed200
    quantity: Annotated[int, Field(gt=0)]


class FreightCalculate(Body):
    startCountryCode: Country
    endCountryCode: Country
    zip: Text200 = ""
    taxId: Text200 = ""
    houseNumber: Text200 = ""
    iossNumber: Text200 = ""
    products: Annotated[list[FreightProduct], Field(min_length=1)]


class Topic(Body):
    """One webhook topic: CJ takes exactly one callback address."""

    type: Literal["ENABLE", "CANCEL"]
    callbackUrls: Annotated[list[Needed200], Field(min_length=1, max_length=1)]


class WebhookSet(Body):
    product: Topic | None = None
    stock: Topic | None = None
    order: Topic | None = None
    logistics: Topic | None = None
    makeup: Topic | None = None
    privateOrder: Topic | None = None

    @model_validator(mode="after")
    def _names_a_topic(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("at least one topic is needed")
        return self


class Subscribe(Body):
    """`subscribeAll` is refused when true: it was withdrawn in July 2026."""

    productIds: Annotated[list[Needed200], Field(min_length=1, max_length=100)]
    subscribeAll: Literal[False] = False
