"""A case that takes a stand (stand, store, supplier, feed or carrier) is played by every kind of that role."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from orderwright.declarations import Role
from tests.contracts.kinds import registered, stand_of, standing
from tests.support import spec_guard
from tests.support.stand import Stand


def pytest_report_header() -> list[str]:
    return [] if spec_guard.FOLDER.is_dir() else [f"requests are checked by the stand-ins alone: {spec_guard.ABSENT}"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    for name, role in {"stand": None, **{str(role): role for role in Role}}.items():
        if str(metafunc.function.__annotations__.get(name)).endswith("Stand"):
            metafunc.parametrize(name, standing(role), indirect=True)


@pytest.fixture
def stand(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stand]:
    kind = stand_of(request.param)
    with registered(kind):
        made = kind()
        here, really_sleep = threading.get_ident(), time.sleep

        def sleep(seconds: float) -> None:
            """A connector that waits out a vendor's second moves the stand's clock instead; other threads are not ours."""
            if threading.get_ident() == here:
                made.clock.forward(seconds=seconds)
            else:
                really_sleep(seconds)

        monkeypatch.setattr("time.sleep", sleep)
        yield made
        made.close()


store = supplier = feed = carrier = stand
