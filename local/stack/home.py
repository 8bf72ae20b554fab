"""The folder of one running stack, and the end of those whose owner is gone."""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from pathlib import Path
from typing import TextIO


class StackHome:
    """A fresh folder under `base`, locked as long as this process lives."""

    def __init__(self, base: Path) -> None:
        base.mkdir(parents=True, exist_ok=True)
        _drop_abandoned(base)
        self.path = Path(tempfile.mkdtemp(prefix="stack-", dir=base))
        self._lock: TextIO = (self.path / "lock").open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def folder(self, name: str) -> Path:
        """A folder inside, made when it is not there."""
        made = self.path / name
        made.mkdir(exist_ok=True)
        return made

    def drop(self) -> None:
        """Deletes the folder and everything in it."""
        self._lock.close()
        shutil.rmtree(self.path, ignore_errors=True)


def _drop_abandoned(base: Path) -> None:
    # The lock of a process that was killed is free, whatever process has its number now.
    for folder in base.glob("stack-*"):
        try:
            with (folder / "lock").open("r+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except (BlockingIOError, FileNotFoundError):
            # Alive, or just being made by another process.
            continue
