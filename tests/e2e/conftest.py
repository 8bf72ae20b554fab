"""What the end-to-end tests share: one browser per file, one running shop per test session."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.chromium import Browser, program
from local.packager.artifacts import ROOT
from local.running.shop import LocalShop
from tests.e2e.outsider import Outsider
from tests.e2e.watching import QueueWatch

STORY = "test_story.py"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All but the story of one order are for `make test-all`."""
    for item in items:
        if item.path.parent == Path(__file__).parent and item.path.name != STORY:
            item.add_marker("more_end_to_end")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A Chromium with one empty page."""
    found = program()
    if found is None:
        pytest.skip("no Chromium here; install one (apt-get install chromium) to try the sandbox's pages")
    opened = Browser(found, tmp_path_factory.mktemp("profile"))
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def taken_port() -> Iterator[int]:
    """A port of this machine that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as somebody:
        yield int(somebody.getsockname()[1])


@pytest.fixture(scope="session")
def shop(taken_port: int) -> Iterator[LocalShop]:
    """The whole shop, every function under its own role, and told to use a port that it cannot have."""
    with LocalShop(work=ROOT / ".orderwright" / "e2e", port=taken_port, auth=True) as running:
        yield running


@pytest.fixture(scope="session")
def watch(shop: LocalShop) -> Iterator[QueueWatch]:
    """All that passes through the queues of the shop from here on."""
    watching = QueueWatch(shop.stack.endpoint)
    watching.start()
    yield watching
    watching.stop()


@pytest.fixture
def outsider(shop: LocalShop, watch: QueueWatch) -> Outsider:
    """Somebody who has run.json."""
    return Outsider(shop.run_file)
