"""What orderwright.yaml says of a scripted supplier."""

from __future__ import annotations

from typing import Literal

from orderwright.declarations import First
from orderwright.domain.config_values import Url
from orderwright.domain.connection_settings import SupplierSettings


class ScriptedSettings(SupplierSettings):
    """`shape`: how many calls an order takes; see connector.SHAPES. `looks_up`: can an order be found by our reference?"""

    kind: Literal["scripted"]
    base_url: Url = "https://scripted.test"
    shape: Literal["one", "two", "three"] = "one"
    looks_up: bool = True


FIRST = First("  scripted:\n    kind: scripted\n")
