"""F8: a stock file of a million SKUs against the last one, by processor time and memory."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from local.bench.figure import Figure, Settings, Value
from local.bench.statistics import median
from local.packager.artifacts import ROOT

KEY, TITLE = "F8", "stock file: difference and new snapshot"
ROWS, QUICK_ROWS = 1_000_000, 200_000
CPU_GOAL, MEMORY_GOAL = 4, 96
SHEET_ROWS, SHEET_GOAL, SHEET_MEMORY = 60_000, 30, 96
ROUNDS, QUICK_ROUNDS = 3, 1


def measure(settings: Settings) -> Figure:
    """Each part in a process of its own; 1 % of the rows differ."""
    rows = QUICK_ROWS if settings.quick else ROWS
    reader, ours = [], []
    with tempfile.TemporaryDirectory(prefix="orderwright-bench-") as folder:
        _work("make", folder, rows)
        first = _work("first", folder, rows)
        for _ in range(QUICK_ROUNDS if settings.quick else ROUNDS):
            reader.append(_work("reader", folder, rows))
            ours.append(_work("diff", folder, rows))
        sheet = _work("sheet", folder, SHEET_ROWS)
    unit = median([one["cpu"] for one in reader])
    cpu = median([one["cpu"] for one in ours])
    changed = ours[0]["changed"]
    if changed != ours[0]["expected"]:
        raise RuntimeError(f"the difference found {changed} changed rows, {ours[0]['expected']} were changed")
    values = [
        Value("CPU / csv.reader alone", cpu / unit, "x", at_most=CPU_GOAL),
        Value("peak of the whole process", max(one["peak"] for one in ours), "MB", at_most=MEMORY_GOAL),
        Value("rows", rows, "SKUs"),
        Value("csv.reader alone", unit, "s"),
        Value("unpack, read, compare, new snapshot", cpu, "s"),
        Value("changed rows found", changed, "SKUs"),
        Value("snapshot", ours[0]["snapshot"] / 1024 / 1024, "MB"),
        Value("first feed / csv.reader alone", first["cpu"] / unit, "x"),
        Value("first feed, peak of the whole process", first["peak"], "MB"),
        Value(f"workbook of {SHEET_ROWS:,} rows / import boto3", sheet["cpu"] / sheet["unit"], "x", at_most=SHEET_GOAL),
        Value("workbook, peak above the start", sheet["peak"], "MB", at_most=SHEET_MEMORY),
    ]
    notes = ["csv.reader alone reads the same gzip file as text and keeps nothing; both unpack it"]
    if settings.quick:
        notes.append(f"the goals are for {ROWS:,} SKUs")
    return Figure(KEY, TITLE, values, notes)


def _work(what: str, folder: str, rows: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "local.bench.feed_work", what, folder, str(rows)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    if done.returncode != 0:
        raise RuntimeError(f"feed work {what!r} in {Path(folder).name} failed: {done.stderr.strip()[-600:]}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found
