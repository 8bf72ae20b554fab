"""F3: modules that the built packages would compile again when they start."""

from __future__ import annotations

from local.bench.figure import Figure, Settings, Value
from local.packager.artifacts import ROOT, artifacts
from local.packager.build import build_all
from local.packager.bytecode import stale_sources
from local.packager.targets import host

KEY, TITLE = "F3", "modules compiled again from the built packages"


def measure(_: Settings) -> Figure:
    """The package for this machine; `python -m local.packager --target lambda --check` asks Lambda's own Python."""
    output = ROOT / ".orderwright" / "build" / "host"
    build_all(host(), output)
    trees = [output / artifact.logical_id for artifact in artifacts()]
    stale = [f"{tree.name}/{name}" for tree in trees for name in stale_sources(tree)]
    modules = sum(1 for tree in trees for _ in tree.rglob("*.py"))
    values = [Value("compiled again", len(stale), "modules", at_most=0), Value("in the packages", modules, "modules")]
    return Figure(KEY, TITLE, values, [f"would be compiled: {', '.join(stale[:5])}"] if stale else [])
