"""Runs the emulator on an interpreter that has no packages of its own.

The emulator starts every function with its own interpreter. On the developer's environment a function would find packages
there that Lambda does not have; on a bare one it finds the standard library and its layers, as on AWS. So the emulator's
packages are added to this process alone, which its children do not inherit.

Standard library only: it is started as a script. Arguments: the folders of the emulator's packages.
"""

from __future__ import annotations

import os
import signal
import sys
import threading


def _stop_with_parent() -> None:
    # The parent holds the other end of standard input; it closes however the parent ends, even when it is killed.
    while os.read(0, 1024):
        continue
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    """Serves until SIGTERM, or until the parent is gone."""
    sys.path.extend(sys.argv[1:])
    sys.argv[1:] = []
    threading.Thread(target=_stop_with_parent, daemon=True).start()
    from ministack.app import main as serve

    serve()


if __name__ == "__main__":
    main()
