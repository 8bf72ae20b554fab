"""`python -m local.cli`."""

from __future__ import annotations

import sys
import traceback
from types import TracebackType

from local.cli.main import main


def _brief(kind: type[BaseException], error: BaseException, at: TracebackType | None) -> None:
    """A fault of ours: where it is, without the values that may stand in an exception's text."""
    place = traceback.extract_tb(at)[-1] if at is not None else None
    where = f" at {place.filename}:{place.lineno}" if place else ""
    print(f"error: orderwright failed itself ({kind.__name__}{where}); please report these words", file=sys.stderr)


sys.excepthook = _brief
main(prog_name="orderwright")
