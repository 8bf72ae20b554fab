"""ports.out.Files on S3: <connection>/files/<name> in the bucket of snapshots."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError

from orderwright.errors import OutcomeUnknown, Retryable


class S3Files:
    """Files of one connection. `client` is a botocore S3 client."""

    def __init__(self, client: Any, bucket: str, connection: str) -> None:
        self._client = client
        self._bucket = bucket
        self._folder = f"{connection}/files/"

    def put(self, name: str, data: bytes) -> None:
        """See Files."""
        try:
            self._client.put_object(Bucket=self._bucket, Key=self._folder + name, Body=data)
        except (EndpointConnectionError, ClientError) as error:
            raise Retryable(f"the file could not be kept: {type(error).__name__}", code="FILE_NOT_KEPT") from None
        except BotoCoreError as error:
            raise OutcomeUnknown(f"whether the file was kept is not clear: {type(error).__name__}") from None

    def get(self, name: str) -> bytes | None:
        """See Files."""
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=self._folder + name)
        except self._client.exceptions.NoSuchKey:
            return None
        data: bytes = answer["Body"].read()
        return data
