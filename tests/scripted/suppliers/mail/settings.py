"""What orderwright.yaml says of a scripted supplier by mail."""

from __future__ import annotations

from typing import Literal

from orderwright.declarations import First
from orderwright.domain.config_values import Url
from orderwright.domain.connection_settings import SupplierSettings


class ScriptedMailSettings(SupplierSettings):
    """`orders_to`: where orders are mailed to. `answers_at`: the address of its link. `desk`: what its desk has entered."""

    kind: Literal["scripted-mail"]
    orders_to: str = "orders@scripted.example"
    answers_at: Url = "https://hooks.example.com/webhooks/mail"
    desk: Url = "https://scripted-mail.test"
    charges: Literal["NOW", "ON_ACCOUNT"] = "ON_ACCOUNT"
    language: Literal["en", "de", "zh-Hans"] = "en"


FIRST = First("  scripted-mail:\n    kind: scripted-mail\n")
