"""ports.out.Files on S3: <connection>/files/<name> in the bucket of snapshots."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ProxyConnectionError,
)

from orderwright.errors import OutcomeUnknown, Retryable

_NEVER_CONNECTED = (EndpointConnectionError, ConnectTimeoutError, ProxyConnectionError)


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
        except (ClientError, *_NEVER_CONNECTED) as error:
            if isinstance(error, ClientError) and _status(error) >= 500:
                raise OutcomeUnknown("whether the file was kept is not clear: S3 failed") from None
            raise Retryable(f"the file could not be kept: {type(error).__name__}", code="FILE_NOT_KEPT") from None
        except BotoCoreError as error:
            raise OutcomeUnknown(f"whether the file was kept is not clear: {type(error).__name__}") from None

    def get(self, name: str) -> bytes | None:
        """See Files."""
        try:
            data: bytes = self._client.get_object(Bucket=self._bucket, Key=self._folder + name)["Body"].read()
        except self._client.exceptions.NoSuchKey:
            return None
        except (ClientError, BotoCoreError) as error:
            raise Retryable(f"the file could not be read: {type(error).__name__}", code="FILE_NOT_READ") from None
        return data


def _status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
