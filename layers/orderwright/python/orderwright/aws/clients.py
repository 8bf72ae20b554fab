"""AWS clients, made once per process and only when used: by boto3, and by botocore alone where five seconds are all there is."""

from __future__ import annotations

from functools import cache
from typing import Any

from orderwright.aws.settings import profile

# botocore builds this header for each call, which takes a fifth of it. The role already says who calls.
USER_AGENT = "orderwright"
WORKERS, WEBHOOKS = 3.0, 1.0
"""Seconds without a byte before a call is tried again."""


@cache
def _session() -> Any:
    import botocore.session

    return botocore.session.get_session()


@cache
def boto3_session() -> Any:
    """The one boto3.Session of this process."""
    import boto3

    return boto3.Session(botocore_session=_session())


@cache
def client(service: str) -> Any:
    """A boto3 client of one service. Three tries, the first one included: 15 s at most, which domain/timing.py reserves."""
    config = config_of(WORKERS)
    return boto3_session().client(service, config=config.merge(form_config()) if service == "s3" else config)


@cache
def lean_client(service: str) -> Any:
    """The same without boto3's own start: for receive_webhook, since a store waits five seconds for its answer."""
    return _session().create_client(service, config=config_of(WEBHOOKS))


def form_config() -> Any:
    """How forms for the bucket are signed and addressed.

    By itself botocore signs them in the old way, which S3 refuses for new buckets, and for an address that sends the browser
    on to the region's own, which the page's policy forbids. The emulator has one address for all buckets.
    """
    import botocore.config

    style = "path" if profile() == "local" else "virtual"
    return botocore.config.Config(signature_version="s3v4", s3={"addressing_style": style})


def config_of(read_timeout: float) -> Any:
    """The clients' settings. Here, where the emulator shares a laptop's cores with all functions, it waits longer."""
    import botocore.config

    return botocore.config.Config(
        retries={"mode": "standard", "total_max_attempts": 3},
        connect_timeout=1.0,
        read_timeout=5.0 if profile() == "local" else read_timeout,
        max_pool_connections=20,
        user_agent=USER_AGENT,
        # Our own code builds every request, and the tests' clients check each of them.
        parameter_validation=False,
    )
