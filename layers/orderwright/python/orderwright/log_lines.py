"""What every line of every function's log has beside its own words. A field for all of them is added here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

A = TypeVar("A")
Handler = Callable[[dict[str, Any], Any], A]


def every_line(context: object) -> dict[str, str]:
    """The fields, from Lambda's context: ids only (promise P8).

    `request_id` names the run. Lambda's own lines about it, such as "Task timed out", have the same id.
    """
    return {"request_id": str(getattr(context, "aws_request_id", ""))}


def in_every_line(logger: Any) -> Callable[[Handler[A]], Handler[A]]:
    """For a function's handler: all that its `logger` writes has the fields of `every_line`."""

    def begun(handler: Handler[A]) -> Handler[A]:
        @wraps(handler)
        def run(event: dict[str, Any], context: Any) -> A:
            logger.append_keys(**every_line(context))
            return handler(event, context)

        return run

    return begun
