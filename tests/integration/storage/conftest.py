"""Every test of this folder that asks for `desk` runs on each fake."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.storage.storage_kit import ACCOUNT, BACKENDS, Desk, desk_on
from tests.support.aws_in_process import InProcessAws


@pytest.fixture(scope="session")
def ministack() -> Iterator[InProcessAws]:
    """One account of the faithful fake; every test has tables of its own."""
    aws = InProcessAws(account=ACCOUNT, whole=True)
    yield aws
    aws.close()


@pytest.fixture(params=BACKENDS)
def desk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, ministack: InProcessAws) -> Iterator[Desk]:
    """Fresh tables; the SDK's own pauses between tries take no time."""
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    with desk_on(request.param, ministack) as made:
        yield made
