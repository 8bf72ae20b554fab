"""What the merchant decided about the customer's page (`rules.tracking`): how long it lasts, who may withdraw."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from orderwright.domain.base import Model
from orderwright.domain.config_values import Country, Url
from orderwright.domain.territories import MAY_WITHDRAW


class TrackingRules(Model):
    """`rules.tracking`."""

    address: Url | Literal[""] = Field(
        default="", description="your own domain in front of the API, such as https://parcels.example.com"
    )
    link_days: int = Field(default=30, ge=14, le=365, description="the link ends so many days after the last parcel")
    quiet_days: int = Field(
        default=5, ge=1, le=60, description="no scan for so many days is told to the buyer and to you"
    )
    withdrawal_days: int = Field(
        default=14, ge=14, le=365, description="how long buyers may withdraw, from the last parcel on"
    )
    withdrawal_countries: tuple[Country, ...] = Field(
        default=(), description="where buyers may withdraw, beside the European Economic Area, such as GB"
    )
    return_days: int = Field(
        default=0, ge=0, le=365, description="how long buyers elsewhere may ask for a return; 0: not on the page"
    )

    def may_withdraw(self, country: str) -> bool:
        """Does the law, or the merchant, let a buyer there withdraw?"""
        return country in MAY_WITHDRAW or country in self.withdrawal_countries
