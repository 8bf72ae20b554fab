"""Open the shop of `make run`, tell what happens in it, and close it."""

from __future__ import annotations

import sys
import threading

from local.packager.errors import PackageError
from local.running.narrator import Narrator
from local.running.shop import LocalShop, SetUpFailed
from local.sandbox.cj import CjConfig
from local.sandbox.sandbox import SandboxSettings
from local.sandbox.server import DEFAULT_PORT
from local.stack.errors import StackError

USUAL_SHIP_AFTER = 15.0


def open_shop(port: int | None, ships_after: float | None) -> int:
    """Stay until Ctrl-C. `ships_after` 0 means by hand; None is the usual. Exit code 1 when it cannot be brought up.

    Raises KeyboardInterrupt for a Ctrl-C before the shop is open; nothing of it is left then.
    """
    seconds = USUAL_SHIP_AFTER if ships_after is None else ships_after
    settings = SandboxSettings(cj=CjConfig(auto_ship_after=seconds or None))
    print("Ctrl-C ends it at any time, and forgets everything: orders, mails, settings.", flush=True)
    try:
        with LocalShop(settings=settings, port=port or DEFAULT_PORT) as shop:
            print(_welcome(shop, seconds), flush=True)
            _tell_until_interrupted(shop)
    except (SetUpFailed, StackError, PackageError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _welcome(shop: LocalShop, seconds: float) -> str:
    ships = (
        f"The supplier ships by itself after {seconds:g} s; with SHIP_AFTER=0 you do it by hand."
        if seconds
        else "You ship by hand, in the Supplier tab."
    )
    other = f" --run-file {shop.run_file}" if shop.run_file.name != "run.json" else ""
    return f"""
  Your shop is open:  {shop.url}

  Buy a lamp there, and watch what happens. {ships}
  In another terminal:  .venv/bin/orderwright{other} orders list
  Ctrl-C ends it and forgets everything.
"""


def _tell_until_interrupted(shop: LocalShop) -> None:
    narrator = Narrator(shop)
    narrator.start()
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        print("\nclosing ...")
    finally:
        narrator.stop()
