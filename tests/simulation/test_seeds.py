"""Seeds of the swarm: promises kept, and the same seed always gives the same run, whichever way requests are serialised."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.modes import swarm
from tests.simulation.modes.bench import Bench

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ROOT / "layers" / "orderwright" / "python"
CHUNKS = 4
SEEDS = 40
REPEATED = ("7", "8", "9")
EXACT = ("0", "3", "12", "21")


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_seeds_break_no_promise(bench: Bench, chunk: int) -> None:
    endings = [swarm.run(bench, str(seed)) for seed in range(chunk, SEEDS, CHUNKS)]
    assert {ending.seed: ending.violations for ending in endings if ending.violations} == {}
    assert sum(ending.faults for ending in endings) > 50


def test_a_seed_gives_the_same_trace_in_every_process(bench: Bench) -> None:
    code = f"from tests.simulation.work import digests_task; print(*digests_task({REPEATED!r}))"
    # This one, whatever it did before; and processes of their own, with sets and dictionaries in different orders.
    here = [swarm.run(bench, seed).digest for seed in REPEATED]
    traces = [
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
            env={"PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(map(str, (ROOT, PRODUCT)))},
        ).stdout.split()
        for hash_seed in ("0", "4711")
    ]
    assert traces == [here, here]
    assert len(set(here)) == len(REPEATED)


def test_botocores_whole_serialisation_gives_the_same_trace(bench: Bench) -> None:
    exact = Bench(exact=True)
    short = {seed: swarm.run(bench, seed).digest for seed in EXACT}
    assert {seed: swarm.run(exact, seed).digest for seed in EXACT} == short
