"""Files that an operator names."""

from __future__ import annotations

import sys
from pathlib import Path

from orderwright.usecases.operator.desk import Refused


def read_text(file: str) -> str:
    """A configuration's text; "-" is standard input. Raises Refused."""
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")
    except OSError as error:
        raise Refused(
            "FILE", f"{file} cannot be read: {error.strerror}", "docs/orderwright.example.yaml is one to start from"
        ) from None
    except UnicodeDecodeError:
        raise Refused("FILE", f"{file} is not UTF-8 text", "save it as UTF-8") from None
