"""Cold starts of the packaged functions against `import boto3`: fresh processes, in turn, medians."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from local.bench import start_probe
from local.bench.figure import Settings
from local.bench.probe_inputs import webhook_input, worker_input
from local.bench.statistics import median
from local.packager.artifacts import ROOT
from local.packager.build import build_all
from local.packager.bytecode import compile_tree
from local.packager.targets import host
from local.stack.emulator import bare_python

WORK = ROOT / ".orderwright"
ROUNDS, QUICK_ROUNDS = 21, 7
_BOTO3 = ("boto3", "s3transfer", "botocore", "jmespath", "dateutil", "urllib3", "six")


class Starts(NamedTuple):
    """Medians in seconds of `import boto3` and of each function; CPU likewise; what should not be loaded and was.

    `worker_parts` are CPU seconds of each part of the worker's init.
    """

    wall: Mapping[str, float]
    cpu: Mapping[str, float]
    heavy: Mapping[str, tuple[str, ...]]
    worker_parts: Mapping[str, float]

    def ratio(self, what: str) -> float:
        """Units of `import boto3`, by the clock."""
        return self.wall[what] / self.wall["boto3"]

    def cpu_ratio(self, what: str) -> float:
        """The same by processor time."""
        return self.cpu[what] / self.cpu["boto3"]


@cache
def starts(settings: Settings) -> Starts:
    """Measure all three in turn, so that a busy moment of the machine meets each of them alike."""
    packages = WORK / "build" / "host"
    build_all(host(), packages)
    layers = [str(packages / name / "python") for name in ("OrderwrightLayer", "DependenciesLayer")]
    inputs: dict[str, dict[str, Any]] = {
        "boto3": {"what": "boto3", "path": [str(boto3_tree())], "environ": {}},
        "webhook": {**webhook_input(), "path": [str(packages / "ReceiveWebhookFunction"), *layers]},
        "worker": {**worker_input(), "path": [str(packages / "IngestOrderFunction"), *layers]},
    }
    inputs["worker without boto3"] = {**inputs["worker"], "what": "worker without boto3"}
    python = bare_python(WORK)
    taken: dict[str, list[dict[str, Any]]] = {what: [] for what in inputs}
    for number in range((QUICK_ROUNDS if settings.quick else ROUNDS) + 1):
        for what, given in inputs.items():
            one = start(python, given)
            if number:  # the first round fills the page cache
                taken[what].append(one)
    return Starts(
        {what: median([one["wall"] for one in found]) for what, found in taken.items()},
        {what: median([one["cpu"] for one in found]) for what, found in taken.items()},
        {what: tuple(found[0]["heavy"]) for what, found in taken.items()},
        _parts(taken["worker"]),
    )


def _parts(taken: list[dict[str, Any]]) -> dict[str, float]:
    names = list(taken[0]["marks"])
    ends = [0.0, *(median([one["marks"][name] for one in taken]) for name in names)]
    return {name: ends[place + 1] - ends[place] for place, name in enumerate(names)}


def start(python: Path, given: Mapping[str, Any]) -> dict[str, Any]:
    """One of start_probe.py, in a process of its own. Raises RuntimeError with what it said."""
    done = subprocess.run(
        [str(python), "-E", "-s", "-B", start_probe.__file__],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
    )
    if done.returncode != 0:
        raise RuntimeError(f"the cold start of {given['what']} failed: {done.stderr.strip()[-600:]}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def boto3_tree() -> Path:
    """boto3 and what it imports, compiled the same way as our packages, so that the unit is not flattered."""
    spec = importlib.util.find_spec("boto3")
    if spec is None or spec.origin is None:
        raise RuntimeError("boto3 is not installed: run `make setup`")
    packages = Path(spec.origin).parents[1]
    version = next(packages.glob("boto3-*.dist-info")).name.removesuffix(".dist-info")
    tree = WORK / "bench" / f"{version}-{sys.implementation.cache_tag}"
    if not (tree / "complete").exists():
        shutil.rmtree(tree, ignore_errors=True)
        for name in _BOTO3:
            if (packages / name).is_dir():
                ignored = shutil.ignore_patterns("data", "__pycache__")
                shutil.copytree(packages / name, tree / name, ignore=ignored)
            elif (packages / f"{name}.py").exists():
                shutil.copy(packages / f"{name}.py", tree)
        compile_tree(tree, str(tree))
        (tree / "complete").touch()
    return tree
