"""What orderwright.yaml says of an account at EasyPost."""

from __future__ import annotations

from typing import Literal

from orderwright.declarations import First
from orderwright.domain.config_values import Url
from orderwright.domain.connection_settings import CarrierSettings


class EasyPostSettings(CarrierSettings):
    """EasyPost trackers."""

    kind: Literal["easypost"]
    base_url: Url = "https://api.easypost.com"


FIRST = First("  easypost:\n    kind: easypost\n")
