"""`make run`: the whole shop on this machine, until Ctrl-C."""

from __future__ import annotations

import os
import signal
import sys
import threading

from local.packager.errors import PackageError
from local.running.narrator import Narrator
from local.running.shop import LocalShop, SetUpFailed
from local.sandbox.cj import CjConfig
from local.sandbox.sandbox import SandboxSettings
from local.stack.errors import StackError


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def main() -> int:
    """Bring it up, say where it is, stay. Exit code 1 when it cannot be brought up. Ctrl-C ends it at any moment."""
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, _interrupt)
    ships_after = float(os.environ.get("SHIP_AFTER", "15"))
    settings = SandboxSettings(cj=CjConfig(auto_ship_after=ships_after or None))
    try:
        with LocalShop(settings=settings) as shop:
            print(f"\n  Your shop is open:  {shop.url}\n")
            print("  Buy a lamp there, and watch what happens. The supplier ships by itself after "
                  f"{ships_after:.0f} s (SHIP_AFTER=0: by hand). Ctrl-C ends it.\n")  # fmt: skip
            _tell_until_interrupted(shop)
    except KeyboardInterrupt:
        print("\nended before the shop was open")
    except (SetUpFailed, StackError, PackageError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _tell_until_interrupted(shop: LocalShop) -> None:
    narrator = Narrator(shop)
    narrator.start()
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        print("\nclosing ...")
    finally:
        # A second Ctrl-C must not leave anything running.
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, signal.SIG_IGN)
        narrator.stop()


if __name__ == "__main__":
    sys.exit(main())
