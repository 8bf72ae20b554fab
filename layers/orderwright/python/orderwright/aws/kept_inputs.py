"""repricing.kept.KeptInputs on S3: -/prices/<day>/<shard> in the bucket of snapshots, which ends them after 60 days.

No connection is named "-", so that the bucket's rule for this folder is about nothing else.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from orderwright.errors import Retryable

FOLDER = "-/prices/"


class S3KeptInputs:
    """`client` is a botocore S3 client."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def put(self, day: date, shard: int, data: bytes) -> None:
        """See KeptInputs. Raises Retryable."""
        name = _name(day, shard)
        try:
            self._client.put_object(Bucket=self._bucket, Key=name, Body=data, ContentType="application/gzip")
        except (ClientError, BotoCoreError) as error:
            raise Retryable(f"{name} could not be kept: {type(error).__name__}", code="FILE_NOT_KEPT") from None

    def get(self, day: date, shard: int) -> bytes | None:
        """See KeptInputs. Raises Retryable."""
        try:
            data: bytes = self._client.get_object(Bucket=self._bucket, Key=_name(day, shard))["Body"].read()
        except self._client.exceptions.NoSuchKey:
            return None
        except (ClientError, BotoCoreError) as error:
            text = f"{_name(day, shard)} could not be read: {type(error).__name__}"
            raise Retryable(text, code="FILE_NOT_READ") from None
        return data


def _name(day: date, shard: int) -> str:
    return f"{FOLDER}{day.isoformat()}/{shard:02d}"
