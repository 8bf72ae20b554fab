"""The command line over a whole shop in this process: sandbox vendors, in-process AWS, virtual time."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from click.testing import CliRunner

from local.cli.main import main
from local.cli.shop import Shop as OperatorShop
from local.cli.target import Target
from orderwright.bootstrap import Wiring
from orderwright.messages import QUEUE_NAMES, QUEUE_OF
from tests.support.shop import PREFIX, Shop

API = "http://127.0.0.1:1"
INTERNAL = re.compile(rf"\b(?:[A-Z][A-Z_]*#|(?:{'|'.join(map(re.escape, QUEUE_OF))})\b)")
"""What no text for people holds: a key of a table, a message's type."""


class Said(NamedTuple):
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


def target(**queues: str) -> Target:
    """The shop's addresses; queues of FakeSqs are called by their function's name."""
    return Target(
        stack="test",
        region="eu-north-1",
        api_url=API,
        tables={"orders": "orders", "catalogue": "catalogue", "control": "control"},
        queues={name: queues.get(name, name) for name in QUEUE_NAMES},
        dead_letter_queues={},
        secrets_prefix=PREFIX,
    )


class Operator:
    """An operator at a shop. `of` may be any wiring and target."""

    def __init__(self, wiring: Wiring, at: Target) -> None:
        self.wiring = wiring
        self.target = at

    def __call__(
        self, *arguments: str, stdin: str = "", columns: int = 240, ask: Callable[[str], bool] | None = None
    ) -> Said:
        """Run one command on a terminal of so many columns; `ask` answers its questions."""
        shop = OperatorShop(operator="mika", choose=lambda _, __: self.target, ask=ask, wire=lambda _: self.wiring)
        result = CliRunner(env={"COLUMNS": str(columns)}).invoke(main, list(arguments), input=stdin, obj=shop)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        if "--json" not in arguments:
            assert not INTERNAL.search(result.stdout + result.stderr), result.output
        return Said(result.exit_code, result.stdout, result.stderr)


def operator_of(shop: Shop) -> Operator:
    """An operator at this shop."""
    return Operator(shop.wiring, target())
