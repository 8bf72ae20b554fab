"""A whole local shop in a folder of its own, so that one that is already running is neither seen nor touched."""

from __future__ import annotations

from collections.abc import Mapping

from local.packager.artifacts import ROOT
from local.running.shop import LocalShop
from local.sandbox.sandbox import SandboxSettings

WORK = ROOT / ".orderwright" / "bench" / "shop"


class BenchShop(LocalShop):
    """See LocalShop. Says nothing; its packages are those of all other shops of this checkout."""

    def __init__(self, settings: SandboxSettings) -> None:
        super().__init__(work=WORK, port=0, settings=settings, say=lambda _: None)

    def command(self, *arguments: str, given: Mapping[str, str] | None = None, check: bool = True) -> str:
        """See LocalShop.command; the command line looks for a shop in the checkout's own folder unless it is told."""
        return super().command("--run-file", str(self.run_file), *arguments, given=given, check=check)
