"""Tokens that expire are renewed by one lease-holder; the others use the old one, or wait a moment for the first (design 8)."""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from local.sandbox.cj import CjConfig, CjSupplier
from local.sandbox.wire import World
from orderwright.aws.dynamo import DynamoStorage
from orderwright.aws.secrets import SecretStore, SsmCredentials
from orderwright.aws.token_lease import TokenLeases
from orderwright.connectors.context import Context
from orderwright.connectors.http import HttpAnswer
from orderwright.connectors.suppliers.cj.client import CjClient
from orderwright.connectors.suppliers.cj.settings import CjSettings
from orderwright.errors import Retryable
from tests.support.aws_in_process import InProcessAws
from tests.support.sandbox_transport import sandbox_transport
from tests.support.shop import Killed, VirtualClock
from tests.support.tables import create_tables

WORKERS = 10
TIMEOUT = timedelta(seconds=20)
LIFE = timedelta(days=15)


class OneAtATime(InProcessAws):
    """AWS for threads: the emulator does one thing at a time, workers come between each other's calls."""

    lock = threading.Lock()

    def _run(self, work: Any) -> Any:
        with self.lock:
            return super()._run(work)


class Office:
    """One CJ account and its workers, each with a memory of its own."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.vendor = CjSupplier(World(clock=self.clock.now, random=Random(3)), CjConfig(qps=None))
        self.aws = OneAtATime(whole=True)
        self.tables = create_tables(self.aws.client("dynamodb"))
        self.ssm = self.aws.client("ssm")
        self.paths: Counter[str] = Counter()
        self.kill_after = ""
        self._lock = threading.Lock()
        self._tokens = (f"{number:032x}" for number in itertools.count(1))
        self._send = sandbox_transport({"http://cj.test": self.vendor.handle})
        SecretStore(self.ssm, "/ow", self.clock.now).write("cj", "secrets", {"api_key": self.vendor.config.api_key})

    def _token(self) -> str:
        with self._lock:
            return next(self._tokens)

    def credentials(self) -> SsmCredentials:
        storage = DynamoStorage(self.aws.client("dynamodb"), self.tables, self.clock.now, self._token, lambda _: None)
        leases = TokenLeases(storage, self.clock.now, self._token)
        return SsmCredentials(SecretStore(self.ssm, "/ow", self.clock.now), "cj", leases.claim)

    def worker(self) -> CjClient:
        """A fresh process."""
        settings = CjSettings(kind="cj", base_url="http://cj.test")
        context = Context("cj", settings, self.credentials(), self._transport, self.clock, TIMEOUT)
        return CjClient(context, lambda _: None)

    def _transport(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, timeout: float
    ) -> HttpAnswer:
        name = url.partition("?")[0].rpartition("/")[2]
        with self._lock:
            self.paths[name] += 1
            answer = self._send(method, url, headers, body, timeout)
        if name == self.kill_after:
            self.kill_after = ""
            raise Killed(name)
        return answer

    def ask(self, worker: CjClient) -> str:
        """One harmless call: "ok", or the code of what stands in the way."""
        try:
            worker.call("getBalance", "GET", "shopping/pay/getBalance", has_effect=False)
        except Retryable as error:
            return error.code
        return "ok"

    def all_at_once(self, workers: list[CjClient]) -> Counter[str]:
        """Every worker in a thread of its own, from one starting shot."""
        start = threading.Barrier(len(workers))

        def run(worker: CjClient) -> str:
            start.wait(10)
            return self.ask(worker)

        with ThreadPoolExecutor(len(workers)) as pool:
            return Counter(pool.map(run, workers))


@pytest.fixture
def office() -> Iterator[Office]:
    made = Office()
    yield made
    made.aws.close()


def test_of_ten_workers_without_a_token_one_asks_and_the_others_wait_a_moment(office: Office) -> None:
    workers = [office.worker() for _ in range(WORKERS)]
    first = office.all_at_once(workers)
    assert first["ok"] >= 1
    assert first["ok"] + first["TOKEN_AWAITED"] == WORKERS
    office.clock.advance(2)
    assert office.all_at_once(workers) == {"ok": WORKERS}
    assert office.paths["getAccessToken"] == 1


def test_of_ten_workers_one_renews_early_and_the_others_go_on_with_the_old_token(office: Office) -> None:
    workers = [office.worker() for _ in range(WORKERS)]
    office.ask(workers[0])
    old = office.credentials().token()
    office.clock.advance((LIFE * 0.79).total_seconds())
    assert office.all_at_once(workers) == {"ok": WORKERS}
    assert office.paths["refreshAccessToken"] == 0
    office.clock.advance((LIFE * 0.02).total_seconds())
    assert office.all_at_once(workers) == {"ok": WORKERS}
    assert (office.paths["refreshAccessToken"], office.paths["getAccessToken"]) == (1, 1)
    assert office.credentials().token() not in (None, old)


def test_a_renewal_that_fails_early_leaves_the_old_token_at_work(office: Office) -> None:
    worker = office.worker()
    office.ask(worker)
    office.clock.advance((LIFE * 0.9).total_seconds())
    office.vendor.faults.script("refreshAccessToken", "timeout")
    assert office.ask(worker) == "ok"
    office.clock.advance(120)
    assert office.ask(worker) == "ok"
    assert office.paths["refreshAccessToken"] == 2
    assert not office.credentials().renewal_due()


def test_a_token_that_is_refused_is_renewed_by_one_of_ten(office: Office) -> None:
    workers = [office.worker() for _ in range(WORKERS)]
    office.ask(workers[0])
    office.all_at_once(workers)
    office.clock.advance(400)
    office.vendor.access.expire_all()
    told = office.all_at_once(workers)
    assert told["ok"] >= 1
    office.clock.advance(2)
    assert office.all_at_once(workers) == {"ok": WORKERS}
    assert office.paths["getAccessToken"] == 2, "the refresh token had ended as well: one log-in"


@pytest.mark.parametrize("call", ["getAccessToken", "refreshAccessToken"])
def test_a_holder_that_dies_over_its_call_is_followed_when_its_lease_is_over(office: Office, call: str) -> None:
    workers = [office.worker() for _ in range(WORKERS)]
    if call == "refreshAccessToken":
        office.ask(workers[0])
        office.clock.advance(LIFE.total_seconds() + 1)
    office.kill_after = call
    with pytest.raises(Killed):
        office.worker().call("getBalance", "GET", "shopping/pay/getBalance", has_effect=False)
    waited = 0
    while office.all_at_once(workers)["ok"] == 0:
        office.clock.advance(30)
        waited += 30
        assert waited <= 420, "nobody renews any more"
    office.clock.advance(2)
    assert office.all_at_once(workers) == {"ok": WORKERS}
    assert office.paths[call] == 2


def test_a_lease_is_one_workers_until_its_time_is_over(office: Office) -> None:
    mine, yours = office.credentials(), office.credentials()
    hold = timedelta(seconds=65)
    assert mine.may_renew(hold)
    assert not yours.may_renew(hold)
    assert yours.may_renew(hold, "login"), "another lease"
    office.clock.advance(64)
    assert not mine.may_renew(hold)
    office.clock.advance(1)
    assert yours.may_renew(hold)
    assert not mine.may_renew(hold)
