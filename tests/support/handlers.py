"""The functions' handlers, each under a module name of its own, over a wiring that a test gives."""

from __future__ import annotations

import importlib.util
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

FUNCTIONS = Path(__file__).parents[2] / "functions"
FOLDERS = sorted(file.parent.name for file in FUNCTIONS.glob("*/app.py"))


def load_function(folder: str) -> ModuleType:
    """functions/<folder>/app.py, freshly imported as a cold start does."""
    spec = importlib.util.spec_from_file_location(f"function_{folder}", FUNCTIONS / folder / "app.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Context:
    """Lambda's context, as far as a function looks at it."""

    aws_request_id = "run-1"

    def get_remaining_time_in_millis(self) -> int:
        """There is always time."""
        return 60_000


class Ticking:
    """Lambda's context on a clock that a test moves: so many seconds from now on."""

    def __init__(self, clock: Any, seconds: float) -> None:
        self._now = clock.now
        self._ends = clock.now() + timedelta(seconds=seconds)

    def get_remaining_time_in_millis(self) -> int:
        """What is left."""
        return max(0, int((self._ends - self._now()).total_seconds() * 1000))


def call(folder: str, event: dict[str, Any], wiring: Any, context: Any = None) -> Any:
    """One invocation of a function over this wiring."""
    module = load_function(folder)
    vars(module)["wiring"] = lambda: wiring
    return module.handler(event, context or Context())
