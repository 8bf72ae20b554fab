"""`python -m tests.crash`: the whole product of faults and crash points. Prints figures, writes .orderwright/crash.json.

--jobs N      processes (2)
--step N      each N-th scenario of every path only (1)
--family TEXT families whose name contains it
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path as File
from typing import Any

from tests.crash.bench import Bench
from tests.crash.scenarios import FAMILIES, run_path

OUTPUT = File(__file__).resolve().parents[2] / ".orderwright" / "crash.json"
SHOWN = 20


@dataclass
class Figures:
    """Of one path, or of all."""

    scenarios: int = 0
    faults: int = 0
    kills: int = 0
    violations: list[str] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)

    def add(self, other: Figures) -> None:
        """Take another path's figures in."""
        self.scenarios += other.scenarios
        self.faults += other.faults
        self.kills += other.kills
        self.violations += other.violations
        self.outcomes.update(other.outcomes)

    def body(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "scenarios": self.scenarios,
            "faults": self.faults,
            "kills": self.kills,
            "violations": len(self.violations),
            "outcomes": dict(self.outcomes.most_common()),
        }


@cache
def _bench() -> Bench:
    logging.disable(logging.INFO)
    return Bench()


def _one(task: tuple[int, int, int]) -> tuple[int, Figures]:
    place, path_place, step = task
    family = FAMILIES[place]
    figures = Figures()
    for verdict in run_path(_bench(), family, family.paths[path_place], step, path_place % step):
        figures.scenarios += 1
        figures.faults += verdict.faults
        figures.kills += verdict.kills
        figures.outcomes[verdict.outcome] += 1
        figures.violations += [f"{family.name}: {verdict.name}: {sentence}" for sentence in verdict.violations]
    return place, figures


def main() -> int:
    """Run, print, write; 1 when a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description="crash suite of the order path")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--step", type=int, default=1)
    parser.add_argument("--family", default="")
    wanted = parser.parse_args()
    begun = time.monotonic()
    tasks = [
        (place, path_place, wanted.step)
        for place, family in enumerate(FAMILIES)
        if wanted.family in family.name
        for path_place in range(len(family.paths))
    ]
    by_family = {place: Figures() for place, _, _ in tasks}
    left = Counter(place for place, _, _ in tasks)
    total = Figures()
    print(f"{'family':40} {'scenarios':>9} {'faults':>7} {'kills':>6} {'violations':>10}")
    with ProcessPoolExecutor(max_workers=wanted.jobs) as pool:
        for place, figures in pool.map(_one, tasks):
            sums = by_family[place]
            sums.add(figures)
            total.add(figures)
            left[place] -= 1
            if not left[place]:
                row = f"{sums.scenarios:9} {sums.faults:7} {sums.kills:6} {len(sums.violations):10}"
                print(f"{FAMILIES[place].name:40} {row}", flush=True)
    seconds = round(time.monotonic() - begun, 1)
    for sentence in total.violations[:SHOWN]:
        print(f"VIOLATION {sentence}")
    report = {
        **total.body(),
        "seconds": seconds,
        "jobs": wanted.jobs,
        "step": wanted.step,
        "families": {FAMILIES[place].name: figures.body() for place, figures in by_family.items()},
        "broken": total.violations,
    }
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(
        f"{total.scenarios} scenarios, {total.faults} faults, {len(total.violations)} violations,"
        f" {seconds} seconds on {wanted.jobs} processes; {OUTPUT}"
    )
    return 1 if total.violations else 0


if __name__ == "__main__":
    sys.exit(main())
