"""F11: the memory of the whole local shop at its peak, with one store and with all of them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from local.bench.figure import Figure, Settings, Value
from local.packager.artifacts import ROOT
from local.running.settings import STORE, STORES

KEY, TITLE = "F11", "memory of the whole local shop (peak PSS)"
ORDERS, QUICK_ORDERS = 12, 6
MORE_STORES_MB = 60


def measure(settings: Settings) -> Figure:
    """The same orders in one store, then in all of them by turns."""
    orders = QUICK_ORDERS if settings.quick else ORDERS
    one, all_of_them = _shop([STORE], orders), _shop(STORES, orders)
    both = one["parts"].keys() & all_of_them["parts"].keys()
    once, often = (sum(shop["parts"][part] for part in both) for shop in (one, all_of_them))
    values = [
        Value("one store", one["peak"], "MB"),
        Value("one store: processes", one["processes"], "processes"),
        Value(f"{len(STORES)} stores", all_of_them["peak"], "MB"),
        Value(f"{len(STORES)} stores: processes", all_of_them["processes"], "processes"),
        Value("one store, one process of each function", once, "MB"),
        Value(f"{len(STORES)} stores, one process of each function", often, "MB"),
        Value("what the further stores add to that", often - once, "MB", at_most=MORE_STORES_MB),
    ]
    values += [Value(f"  {part}", size, "MB") for part, size in sorted(all_of_them["parts"].items())]
    notes = [
        "the emulator starts a second process of a function when it is busy, and one for alerts when there is any: that is "
        "chance, so what two shops add is told by one process of each function that both have started",
    ]
    return Figure(KEY, TITLE, values, notes)


def _shop(stores: Sequence[str], orders: int) -> dict[str, Any]:
    """Raises RuntimeError with its last words when the shop could not be brought up or something did not come."""
    done = subprocess.run(
        [sys.executable, "-m", "local.bench.memory", str(orders), ",".join(stores)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"the shop with {', '.join(stores)}: {done.stderr.strip()[-600:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
