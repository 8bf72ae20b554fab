"""Every test of this folder that asks for `desk` runs on each fake."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.storage.storage_kit import BACKENDS, Desk, desk_on


@pytest.fixture(params=BACKENDS)
def desk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Fresh tables; the SDK's own pauses between tries take no time."""
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    with desk_on(request.param) as made:
        yield made
