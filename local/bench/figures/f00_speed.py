"""F0: what a shop feels, in the local stack, emulator and sandbox on the same machine included."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import TypeVar

import yaml

from local.bench.burst import CONCURRENCY, Webhooks, buy_silently, run_burst, until
from local.bench.figure import Figure, Settings, Value
from local.bench.statistics import median, percentile
from local.demo.desk import Desk
from local.packager.artifacts import ROOT
from local.running.settings import STORE, SUPPLIER
from local.running.shop import EVERY, LocalShop, SetUpFailed
from local.sandbox.cj import CjConfig
from local.sandbox.sandbox import SandboxSettings

KEY, TITLE = "F0", "what a shop feels (local stack)"
ACKS, QUICK_ACKS = 100, 30
ORDERS, QUICK_ORDERS = 20, 6
BURST, FULL_BURST, QUICK_BURST = 100, 1000, 32
SKUS = ("HL-MS-400", "HL-COB-350", "HL-KID-120")
STOCK = 100_000
SPEND_A_DAY = "10000000.00"
SOLD_OUT = "HL-PRO-1200"
RECOVERY_SECONDS = 240.0
UNKNOWN_ORDER = 1

T = TypeVar("T")


def measure(settings: Settings) -> Figure:
    """Brings a whole shop up and down, beside one that may be running."""
    world = SandboxSettings(cj=CjConfig(balance=Decimal(10_000_000), points_per_day=10**9))
    # In a folder of its own, so that a shop that is already running is neither seen nor touched.
    work = ROOT / ".orderwright" / "bench" / "shop"
    with LocalShop(work=work, port=0, settings=world, say=lambda _: None) as shop:
        _prepare(shop)
        facts = json.loads(shop.run_file.read_text(encoding="utf-8"))["connections"][STORE]
        webhooks = Webhooks(facts["webhook_url"], facts["webhook_secret"])
        count = QUICK_BURST if settings.quick else FULL_BURST if settings.full else BURST
        values = [
            *_acknowledged(webhooks, QUICK_ACKS if settings.quick else ACKS),
            *_one_by_one(shop, QUICK_ORDERS if settings.quick else ORDERS),
            _zero(shop),
            *_many(shop, webhooks, count),
        ]
    notes = [
        "times are the vendors' ledgers' and the mailbox's; nothing else was measured beside it, but the sandbox and "
        "this client take their part of the cores",
        f"burst of {count} webhooks at concurrency {CONCURRENCY}; --full takes {FULL_BURST:,}",
    ]
    return Figure(KEY, TITLE, values, notes)


def _prepare(shop: LocalShop) -> None:
    """Enough stock, enough room to spend."""
    text = shop.config_file.read_text(encoding="utf-8")
    # The comment says which version the file is of; `apply` wants to see it.
    comments = "".join(line for line in text.splitlines(keepends=True) if line.startswith("#"))
    document = yaml.safe_load(text)
    document["limits"]["spend_per_day"][SUPPLIER]["amount"] = SPEND_A_DAY
    shop.config_file.write_text(comments + yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    shop.command("apply", str(shop.config_file))
    for sku in SKUS:
        with shop.sandbox.locked():
            shop.sandbox.supplier.set_stock(sku, STOCK)
    for sku in SKUS:
        shop.until(f"{sku} is in stock in the store", partial(_has, shop, sku, STOCK))
    time.sleep(3)


def _has(shop: LocalShop, sku: str, available: int) -> bool:
    """Whether the store shows this stock."""
    with shop.sandbox.locked():
        return any(entry.sku == sku and entry.available == available for entry in shop.sandbox.store.shelf())


def _acknowledged(webhooks: Webhooks, count: int) -> list[Value]:
    """One at a time, about an order that the store does not know, so that nothing else runs for long."""
    webhooks.post(UNKNOWN_ORDER)
    seconds = []
    for _ in range(count):
        seconds.append(webhooks.post(UNKNOWN_ORDER).seconds)
        time.sleep(0.05)
    return [
        Value("webhook acknowledged, p50", 1000 * median(seconds), "ms"),
        Value("webhook acknowledged, p95", 1000 * percentile(seconds, 95), "ms", at_most=50),
    ]


def _one_by_one(shop: LocalShop, count: int) -> list[Value]:
    """Orders bought, bought on, and sent, each after the other."""
    placed, told, desk = [], [], Desk(shop)
    for number in range(count):
        with shop.sandbox.locked():
            order = shop.sandbox.store.buy([(SKUS[number % len(SKUS)], 1)])
        bought = _wait(partial(desk.paid_at_supplier, order.name))
        paid = desk.ledger("shopify", "order_paid", order.name)
        placed.append((bought[0].at - paid[0].at).total_seconds())
        time.sleep(0.5)
        with shop.sandbox.locked():
            parcel = shop.sandbox.supplier.ship(bought[0].reference)
        sent_at = time.monotonic()
        _wait(partial(desk.mails, parcel.tracking_number))
        told.append(time.monotonic() - sent_at)
    return [
        Value("paid -> purchase order paid, p50", median(placed), "s", at_most=1),
        Value("paid -> purchase order paid, p95", percentile(placed, 95), "s", at_most=2),
        Value("tracking number -> mail, p50", median(told), "s"),
        Value("tracking number -> mail, p95", percentile(told, 95), "s", at_most=3),
    ]


def _zero(shop: LocalShop) -> Value:
    """Only the stock file says so: the supplier's webhook would be quicker."""
    poll = EVERY["poll_stock"]
    began = time.monotonic()
    with shop.sandbox.locked():
        shop.sandbox.supplier.inventory.set_stock(SOLD_OUT, 0, shop.sandbox.world.clock())
    _wait(partial(_has, shop, SOLD_OUT, 0))
    return Value("supplier at zero -> store at zero", time.monotonic() - began, "s", at_most=poll + 5)


def _many(shop: LocalShop, webhooks: Webhooks, count: int) -> list[Value]:
    # Unmeasured: as many processes as the burst will need are started by another one.
    run_burst(shop, webhooks, buy_silently(shop, CONCURRENCY, SKUS), kill=False, patience=RECOVERY_SECONDS)
    calm = run_burst(shop, webhooks, buy_silently(shop, count, SKUS), kill=False, patience=RECOVERY_SECONDS)
    rough = run_burst(shop, webhooks, buy_silently(shop, count, SKUS), kill=True, patience=RECOVERY_SECONDS)
    return [
        Value("burst: placed end to end", calm.placed / calm.seconds, "orders/s", at_least=20),
        Value("burst: webhook acknowledged, p95", 1000 * percentile(calm.acks, 95), "ms"),
        Value("burst: lost", count - calm.placed, "orders", at_most=0),
        Value("burst: doubled", calm.doubled, "orders", at_most=0),
        Value("kill -9 in the middle: lost", count - rough.placed, "orders", at_most=0),
        Value("kill -9 in the middle: doubled", rough.doubled, "orders", at_most=0),
        Value("kill -9 in the middle: processes killed", rough.killed, "processes", at_least=1),
        Value("kill -9 in the middle: until the last one was placed", rough.seconds, "s"),
    ]


def _wait(found: Callable[[], T], seconds: float = 60.0) -> T:
    """The first answer that is not empty; raises SetUpFailed when there is none in time."""
    answer = until(found, seconds, 0.02)
    if not answer:
        raise SetUpFailed(f"what was measured did not come within {seconds:.0f} s")
    return answer
