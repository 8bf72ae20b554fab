"""The memory of a whole local shop, as a process of its own, so that nothing else is counted. Linux only: it reads /proc.

`python -m local.bench.memory ORDERS STORE,STORE...` brings a shop up that sells in these stores, plays orders, and prints JSON.
Memory is proportional (PSS): what processes share is counted once. The peak of all processes together depends on how many the
emulator has started by then, so that of one process of each function is told beside it.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from local.demo.desk import Desk
from local.demo.scenes import ship_and_deliver
from local.packager.artifacts import ROOT
from local.running.shop import LocalShop

WORK = ROOT / ".orderwright" / "bench" / "shop"
EVERY_SECONDS = 0.5
LAMP = "HL-MS-400"
SHOP, EMULATOR = "shop and vendors", "local AWS"


def pss_mb(pid: int) -> float:
    """What a process holds, in MB; 0 for one that has ended."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text("utf-8").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0


def peak_rss_mb(pid: int) -> float:
    """The most that a process ever held, in MB, shared or not; 0 for one that has ended."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text("utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return 0.0


class Peaks:
    """Looks at all processes of a shop again and again, in a thread of its own."""

    def __init__(self, shop: LocalShop) -> None:
        self._shop = shop
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.total = 0.0
        self.processes = 0
        self.parts: dict[str, float] = {}
        """The largest process of each part, over all looks."""

    def __enter__(self) -> Peaks:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(EVERY_SECONDS):
            held = {SHOP: [os.getpid()], EMULATOR: [self._shop.stack.pid], **self._shop.stack.function_pids()}
            now = {part: [pss_mb(pid) for pid in pids] for part, pids in held.items()}
            total = sum(map(sum, now.values()))
            if total > self.total:
                self.total, self.processes = total, sum(map(len, now.values()))
            self.parts |= {part: max(self.parts.get(part, 0.0), *sizes) for part, sizes in now.items() if sizes}


def sell(shop: LocalShop, orders: int) -> None:
    """So many orders from Buy to delivery, in all stores by turns, side by side."""
    stores = Desk(shop).everywhere()

    def one(number: int) -> None:
        at = stores[number % len(stores)]
        name = at.buy("portland", (LAMP, 1))
        ship_and_deliver(at, name, at.until_paid(name))

    with ThreadPoolExecutor(orders) as together:
        list(together.map(one, range(orders)))


def main() -> None:
    """Print one line of JSON."""
    orders, stores = int(sys.argv[1]), sys.argv[2].split(",")
    with LocalShop(work=WORK, port=0, say=lambda _: None, stores=stores) as shop, Peaks(shop) as peaks:
        sell(shop, orders)
    print(json.dumps({"peak": peaks.total, "processes": peaks.processes, "parts": peaks.parts}))


if __name__ == "__main__":
    main()
