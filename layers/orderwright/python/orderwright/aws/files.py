"""ports.out.Files on S3: <connection>/files/<name> in the stack's bucket of files."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ProxyConnectionError,
)

from orderwright.errors import OutcomeUnknown, Retryable
from orderwright.ports.out import KeptFile, RemoteFile

OF_AN_ORDER = "about=order"
"""The tag of what we put there ourselves: the bucket ends such files after 120 days, and leaves feeds and bills alone."""
_NEVER_CONNECTED = (EndpointConnectionError, ConnectTimeoutError, ProxyConnectionError)


class S3Files:
    """Files of one connection. `client` is a botocore S3 client."""

    def __init__(self, client: Any, bucket: str, connection: str) -> None:
        self._client = client
        self._bucket = bucket
        self._folder = f"{connection}/files/"

    def put(self, name: str, data: bytes, *, lasts: bool = False) -> None:
        """See Files."""
        tag = {} if lasts else {"Tagging": OF_AN_ORDER}
        try:
            self._client.put_object(Bucket=self._bucket, Key=self._folder + name, Body=data, **tag)
        except (ClientError, *_NEVER_CONNECTED) as error:
            if isinstance(error, ClientError) and _status(error) >= 500:
                raise OutcomeUnknown("whether the file was kept is not clear: S3 failed") from None
            raise Retryable(f"the file could not be kept: {type(error).__name__}", code="FILE_NOT_KEPT") from None
        except BotoCoreError as error:
            raise OutcomeUnknown(f"whether the file was kept is not clear: {type(error).__name__}") from None

    def get(self, name: str) -> bytes | None:
        """See Files."""
        kept = self.read(name)
        return kept.data if kept else None

    def read(self, name: str) -> KeptFile | None:
        """See Files."""
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=self._folder + name)
            return KeptFile(answer["Body"].read(), str(answer["ETag"]), answer["LastModified"].astimezone(UTC))
        except self._client.exceptions.NoSuchKey:
            return None
        except (ClientError, BotoCoreError) as error:
            raise Retryable(f"the file could not be read: {type(error).__name__}", code="FILE_NOT_READ") from None

    def entries(self, start: str) -> list[RemoteFile]:
        """See Files."""
        found: list[RemoteFile] = []
        asked = {"Bucket": self._bucket, "Prefix": self._folder + start, "Delimiter": "/"}
        try:
            while True:
                answer = self._client.list_objects_v2(**asked)
                for one in answer.get("Contents", ()):
                    name = one["Key"].removeprefix(self._folder)
                    found.append(RemoteFile(name, one["Size"], one["LastModified"].astimezone(UTC), str(one["ETag"])))
                if not answer["IsTruncated"]:
                    return found
                asked["ContinuationToken"] = answer["NextContinuationToken"]
        except (ClientError, BotoCoreError) as error:
            raise Retryable(f"the files could not be listed: {type(error).__name__}", code="FILE_NOT_READ") from None

    def delete(self, name: str) -> None:
        """See Files."""
        try:
            self._client.delete_object(Bucket=self._bucket, Key=self._folder + name)
        except (ClientError, BotoCoreError) as error:
            raise Retryable(f"the file could not be deleted: {type(error).__name__}", code="FILE_NOT_DELETED") from None


def _status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
