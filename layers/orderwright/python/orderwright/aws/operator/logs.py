"""What functions wrote, from CloudWatch Logs: one group a function, which template.yaml names after stack and function."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

PAGES = 20
LONGEST_PATTERN = 1024


class CloudWatchLogs:
    """operator/logs.FunctionLogs. `client` is a botocore client of CloudWatch Logs."""

    def __init__(self, client: Any, stack: str) -> None:
        self._client = client
        self._stack = stack

    def read(self, function: str, since: datetime, any_of: Sequence[tuple[str, str]]) -> tuple[list[Any], bool]:
        """Lines as (milliseconds, id, text) from `since` on, oldest first; True: there are more than PAGES pages.

        `any_of` are (field, how its value begins): on AWS only such lines come; an emulator may give all of them.
        """
        asked = {
            "logGroupName": f"/aws/lambda/{self._stack}-{function}",
            "startTime": int(since.timestamp() * 1000),
            **_pattern(any_of),
        }
        found: list[Any] = []
        for _ in range(PAGES):
            try:
                page = self._client.filter_log_events(**asked)
            except self._client.exceptions.ResourceNotFoundException:
                return found, False
            found += [(event["timestamp"], event.get("eventId", ""), event["message"]) for event in page["events"]]
            if not page.get("nextToken"):
                return found, False
            asked["nextToken"] = page["nextToken"]
        return found, True


def _pattern(any_of: Sequence[tuple[str, str]]) -> dict[str, str]:
    """CloudWatch's filter for JSON lines. Too many words for one filter: all lines come, and the reader looks itself."""
    terms = " || ".join(f"($.{field} = {json.dumps(begin + '*')})" for field, begin in any_of)
    pattern = f"{{ {terms} }}"
    return {"filterPattern": pattern} if terms and len(pattern) <= LONGEST_PATTERN else {}
