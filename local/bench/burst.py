"""Many paid orders at once, in the local stack: posted as the store would, judged by the supplier's ledger."""

from __future__ import annotations

import http.client
import os
import signal
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from typing import NamedTuple, TypeVar
from urllib.parse import urlsplit

from local.bench.signed_webhook import paid_webhook
from local.running.references import references_of
from local.running.shop import LocalShop

CONCURRENCY = 16
POST_TRIES = 12
T = TypeVar("T")
KILLED = ("receive_webhook", "ingest_order", "relay_facts", "place_purchase_order")


class Posted(NamedTuple):
    """One webhook: seconds until its answer, and how often it had to be sent."""

    seconds: float
    tries: int


class Burst(NamedTuple):
    """What came of it. `seconds` from the first webhook to the last purchase order that was paid."""

    acks: list[float]
    repeated: int
    seconds: float
    placed: int
    doubled: int
    killed: int


class Webhooks:
    """Posts signed webhooks to the API of the stack, and sends again what was not taken, as a store does."""

    def __init__(self, url: str, secret: str) -> None:
        self._url = urlsplit(url)
        self._secret = secret

    def post(self, order_id: int) -> Posted:
        """Until it is taken. Raises RuntimeError when it is not, after all tries."""
        headers, body = paid_webhook(order_id, self._secret, uuid.uuid4().hex, datetime.now(UTC))
        for tries in range(1, POST_TRIES + 1):
            began = time.perf_counter()
            status = 0
            with suppress(OSError, http.client.HTTPException):
                status = self._send(headers, body)
            if 200 <= status < 300:
                return Posted(time.perf_counter() - began, tries)
            time.sleep(0.2 * tries)
        raise RuntimeError(f"a webhook was not taken in {POST_TRIES} tries; the last answer was {status}")

    def _send(self, headers: dict[str, str], body: bytes) -> int:
        connection = http.client.HTTPConnection(self._url.hostname or "", self._url.port, timeout=30)
        try:
            connection.request("POST", self._url.path, body, headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()


def buy_silently(shop: LocalShop, count: int, skus: Sequence[str]) -> list[tuple[str, int]]:
    """Paid orders as (name, id) whose webhooks the store keeps to itself."""
    found = []
    with shop.sandbox.locked():
        world = shop.sandbox.world
        above, world.deliver = world.deliver, lambda _: None
        try:
            for number in range(count):
                order = shop.sandbox.store.buy([(skus[number % len(skus)], 1)])
                found.append((order.name, order.number))
        finally:
            world.deliver = above
    return found


def run_burst(
    shop: LocalShop, webhooks: Webhooks, orders: Sequence[tuple[str, int]], *, kill: bool, patience: float
) -> Burst:
    """Post them all, kill in the middle if asked to, wait for the supplier's ledger."""
    began, began_at = time.monotonic(), datetime.now(UTC)
    killed = 0
    with ThreadPoolExecutor(CONCURRENCY) as pool:
        posts = [pool.submit(webhooks.post, number) for _, number in orders]
        if kill:
            until(lambda: sum(post.done() for post in posts) * 2 >= len(posts), 120)
            killed = _kill(shop)
        answers = [post.result() for post in posts]
    ids = [str(number) for _, number in orders]
    until(lambda: len(_placed(shop, ids)) >= len(ids), max(1.0, patience - (time.monotonic() - began)))
    placed = _placed(shop, ids)
    last = max((at for times in placed.values() for at in times), default=began_at)
    return Burst(
        acks=[answer.seconds for answer in answers],
        repeated=sum(answer.tries - 1 for answer in answers),
        seconds=max(0.001, (last - began_at).total_seconds()),
        placed=len(placed),
        doubled=sum(len(times) - 1 for times in placed.values()),
        killed=killed,
    )


def _placed(shop: LocalShop, ids: Sequence[str]) -> dict[str, list[datetime]]:
    """Order id -> when the supplier was paid for it."""
    found = dict[str, list[datetime]]()
    with shop.sandbox.locked():
        entries = shop.sandbox.world.ledger.of_kind("cj", "order_paid")
        store, supplier = shop.sandbox.store.shop.number, shop.sandbox.supplier.config.open_id
    wanted = {reference: one for one in ids for reference in references_of(store, one, supplier)}
    for entry in entries:
        if entry.reference in wanted:
            found.setdefault(wanted[entry.reference], []).append(entry.at)
    return found


def _kill(shop: LocalShop) -> int:
    """End one process of each function on the path, as if its machine had gone."""
    killed: Counter[str] = Counter()
    for function, pids in shop.stack.function_pids().items():
        if function in KILLED and pids:
            with suppress(ProcessLookupError):
                os.kill(pids[0], signal.SIGKILL)
                killed[function] += 1
    return killed.total()


def until(look: Callable[[], T], seconds: float, every: float = 0.1) -> T:
    """The first true answer, or the last one when the time is over."""
    end = time.monotonic() + seconds
    while not (found := look()) and time.monotonic() < end:
        time.sleep(every)
    return found
