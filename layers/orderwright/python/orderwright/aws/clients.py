"""botocore clients, made once per process and only when used."""

from __future__ import annotations

from functools import cache
from typing import Any


@cache
def _session() -> Any:
    import botocore.session

    return botocore.session.get_session()


@cache
def client(service: str, *, attempts: int = 3, read_timeout: float = 5.0) -> Any:
    """A client of one service. `attempts` counts the first try; 1 where a send must not be repeated beneath us."""
    import botocore.config

    config = botocore.config.Config(
        retries={"mode": "standard", "total_max_attempts": attempts},
        connect_timeout=2,
        read_timeout=read_timeout,
        max_pool_connections=20,
    )
    return _session().create_client(service, config=config)
