"""`make run`: the whole shop on this machine, until Ctrl-C. PORT and SHIP_AFTER may be set, to make or in the shell."""

from __future__ import annotations

import math
import os
import signal
import sys
from collections.abc import Mapping

PORTS = range(1024, 65536)


def _interrupt(*_: object) -> None:
    # Once: a second Ctrl-C must not stop the tidying up.
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_IGN)
    raise KeyboardInterrupt


def wished(environment: Mapping[str, str]) -> tuple[int | None, float | None]:
    """PORT and SHIP_AFTER; None for what is not set. Raises ValueError with a text for the person at the terminal."""
    port, seconds = environment.get("PORT", "").strip(), environment.get("SHIP_AFTER", "").strip()
    if port and not (port.isdecimal() and int(port) in PORTS):
        raise ValueError(f"PORT is a number from {PORTS[0]} to {PORTS[-1]}, like 8790; you gave {port!r}")
    try:
        ships_after = float(seconds) if seconds else None
    except ValueError:
        ships_after = math.nan
    if ships_after is not None and not 0 <= ships_after < math.inf:
        raise ValueError(f"SHIP_AFTER is seconds, like 15, or 0 to ship by hand; you gave {seconds!r}")
    return int(port) if port else None, ships_after


def main() -> int:
    """Bring it up, say where it is, stay. Exit code 1 when it cannot be brought up. Ctrl-C ends it at any moment."""
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, _interrupt)
    try:
        port, ships_after = wished(os.environ)
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    try:
        # Imported here: it takes a second, in which Ctrl-C must already end without a traceback.
        from local.running.open_shop import open_shop

        return open_shop(port, ships_after)
    except KeyboardInterrupt:
        print("\nended before the shop was open")
        return 0


if __name__ == "__main__":
    sys.exit(main())
