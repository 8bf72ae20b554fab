"""ministack's services as the simulation uses them.

DynamoDB is a copy of its own: the simulation takes out of it what only costs time, and every other test of this process wants
it whole. The other services are everybody's.
"""

from __future__ import annotations

import importlib
import importlib.util
from functools import cache
from typing import Any

OWN = ("dynamodb",)


@cache
def module_of(name: str) -> Any:
    """The module of a service; the same one each time."""
    shared = importlib.import_module(f"ministack.services.{name}")
    if name not in OWN:
        return shared
    spec = importlib.util.find_spec(shared.__name__)
    assert spec is not None
    assert spec.loader is not None
    own = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(own)
    return own
