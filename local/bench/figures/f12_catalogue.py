"""F12: the memory of import_catalogue while it reads and maps a store's large catalogue, for each kind of store."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress

from local.bench.figure import Figure, Settings, Value
from local.bench.memory import WORK, peak_rss_mb
from local.bench.store_shop import shelve
from local.demo.desk import Desk
from local.events import queue_event
from local.running.settings import CONNECTIONS, STORES
from local.running.shop import LocalShop
from local.sandbox.bigcommerce import BigCommerceConfig
from local.sandbox.sandbox import SandboxSettings
from local.sandbox.shopify import ShopifyConfig
from local.stack import StackError
from orderwright.messages import Message

KEY, TITLE = "F12", "a store's catalogue, read and mapped"
VARIANTS, QUICK_VARIANTS, VARIANTS_A_PRODUCT = 10_000, 1000, 4
GOAL_MB = 128
FUNCTION = "import_catalogue"


def measure(settings: Settings) -> Figure:
    """In the local stack: the function is a process of its own, and the store's stand-in is not in it."""
    count = QUICK_VARIANTS if settings.quick else VARIANTS
    values = [Value("variants", count, "variants")]
    world = SandboxSettings(shopify=ShopifyConfig(bucket_points=10**9), bigcommerce=BigCommerceConfig(calls=None))
    with LocalShop(work=WORK, port=0, settings=world, say=lambda _: None) as shop:
        for name in STORES:
            kind = CONNECTIONS[name].kind
            skus = [f"{kind[:3].upper()}-{number:06d}" for number in range(count)]
            with shop.sandbox.locked():
                store = shop.sandbox.vendors[CONNECTIONS[name].played_by]
                for start in range(0, count, VARIANTS_A_PRODUCT):
                    shelve(store, skus[start : start + VARIANTS_A_PRODUCT], 10)
            seconds = _import(shop, name)
            if Desk(shop).at(name).listing(skus[-1]) is None:
                raise RuntimeError(f"{kind}: its catalogue was not mapped: {shop.stack.last_words()[-600:]}")
            held = max(peak_rss_mb(pid) for pid in _processes(shop))
            values += [
                Value(f"{kind}: peak memory", held, "MB", at_most=GOAL_MB),
                Value(f"{kind}: seconds", seconds, "s"),
            ]
    notes = [
        f"{VARIANTS_A_PRODUCT} variants a product; memory is the process's largest resident set, libraries included"
    ]
    return Figure(KEY, TITLE, values, notes)


def _import(shop: LocalShop, store: str) -> float:
    """One import by a process that did nothing before; seconds. Raises RuntimeError where it did not end well."""
    for pid in _processes(shop):
        os.kill(pid, signal.SIGKILL)
    # The local AWS sees that a process has gone when it calls it.
    with suppress(StackError):
        shop.stack.invoke(FUNCTION, {"Records": []})
    message = Message("catalogue.import_due", f"bench#{store}", "2026-11-22T08:00:00.000000Z", connection=store)
    began = time.monotonic()
    answer = shop.stack.invoke(FUNCTION, queue_event(FUNCTION, message.to_json()))
    if answer.get("batchItemFailures"):
        raise RuntimeError(f"{FUNCTION} failed for {store}: {shop.stack.last_words()[-600:]}")
    return time.monotonic() - began


def _processes(shop: LocalShop) -> list[int]:
    return shop.stack.function_pids().get(FUNCTION, [])
