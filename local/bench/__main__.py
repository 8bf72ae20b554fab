"""`python -m local.bench`: measure, print a table, then one JSON document, which is kept in .orderwright/bench.json as well."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local.bench.figure import Figure, Settings
from local.bench.table import show
from local.packager.artifacts import ROOT
from local.packager.errors import PackageError
from local.running.shop import SetUpFailed
from local.stack import StackError

MODULES = {
    "F0": "f00_speed",
    "F1": "f01_webhook_start",
    "F2": "f02_worker_start",
    "F3": "f03_bytecode",
    "F4": "f04_calls",
    "F5": "f05_write_units",
    "F6": "f06_own_cpu",
    "F7": "f07_poll_requests",
    "F8": "f08_feed_diff",
    "F9": "f09_store_pushes",
    "F10": "f10_cost",
    "F11": "f11_memory",
    "F12": "f12_catalogue",
    "F13": "f13_routing",
    "F14": "f14_repricing",
    "F15": "f15_customer_page",
}
OUTPUT = ROOT / ".orderwright" / "bench.json"
# What a part of the project or of this machine may answer. The other figures are worth having all the same.
FAILURES = (
    SetUpFailed,
    StackError,
    PackageError,
    BotoCoreError,
    ClientError,
    RuntimeError,
    OSError,
    ValueError,
    TypeError,
)


def measured(key: str, settings: Settings) -> Figure:
    """One figure; one that cannot be measured says why."""
    module = importlib.import_module(f"local.bench.figures.{MODULES[key]}")
    try:
        figure: Figure = module.measure(settings)
    except FAILURES as error:
        return Figure(key, module.TITLE, error=f"{type(error).__name__}: {error}")
    return figure


def machine() -> dict[str, Any]:
    """What it was measured on."""
    return {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.platform(terse=True)}


def document(figures: Sequence[Figure], settings: Settings, began: datetime) -> dict[str, Any]:
    """All of it as JSON."""
    return {
        "date": began.isoformat(timespec="seconds"),
        "machine": machine(),
        "quick": settings.quick,
        "full": settings.full,
        "figures": [figure.as_json() for figure in figures],
    }


def chosen(only: str) -> list[str]:
    """The figures named by --only, in order; all of them without it. Raises ValueError naming an unknown one."""
    names = [name.strip().upper() for name in only.split(",") if name.strip()] or list(MODULES)
    unknown = [name for name in names if name not in MODULES]
    if unknown:
        raise ValueError(f"--only: there is no figure {unknown[0]}; known are {', '.join(MODULES)}")
    return [name for name in MODULES if name in names]


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 when every figure could be measured, met or not; 1 otherwise; 2 for a wrong option."""
    parser = argparse.ArgumentParser(prog="python -m local.bench", description=__doc__)
    parser.add_argument("--only", default="", metavar="F1,F4", help="these figures; all of them without it")
    parser.add_argument("--quick", action="store_true", help="fewer samples, smaller feeds")
    parser.add_argument("--full", action="store_true", help="F0 with 1,000 webhooks instead of 100")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="where the JSON document is kept")
    options = parser.parse_args(arguments)
    settings = Settings(quick=options.quick, full=options.full)
    try:
        keys = chosen(options.only)
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    began = datetime.now(UTC)
    figures = []
    for key in keys:
        print(f"measuring {key} ...", file=sys.stderr, flush=True)
        figures.append(measured(key, settings))
    show(figures)
    text = json.dumps(document(figures, settings, began), indent=2)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(text + "\n", encoding="utf-8")
    print(text)
    return 1 if any(figure.error for figure in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
