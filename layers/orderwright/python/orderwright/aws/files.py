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

from orderwright.errors import OutcomeUnknown, Rejected, Retryable
from orderwright.ports.out import KeptFile, RemoteFile, UploadForm

OF_AN_ORDER = "about=order"
"""The tag of what we put there ourselves: the bucket ends such files after 120 days, and leaves feeds and bills alone."""
_NEVER_CONNECTED = (EndpointConnectionError, ConnectTimeoutError, ProxyConnectionError)

_VALID_FOR = 900
MOST_ENTRIES = 10_000
MOST_BYTES = 64 * 1024 * 1024
"""Of a file that is read: a supplier may have put another one there since it was listed."""


class S3Files:
    """Files of one connection. `client` is a botocore S3 client."""

    def __init__(self, client: Any, bucket: str, connection: str, folder: str = "files") -> None:
        self._client = client
        self._bucket = bucket
        self._folder = f"{connection}/{folder}/"

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
            data = answer["Body"].read(MOST_BYTES + 1)
            if len(data) > MOST_BYTES:
                raise Rejected(f"the file has more than {MOST_BYTES // 1024 // 1024} MiB", code="FEED_TOO_LARGE")
            return KeptFile(data, str(answer["ETag"]), answer["LastModified"].astimezone(UTC))
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
                if len(found) >= MOST_ENTRIES:
                    text = f"{MOST_ENTRIES:,} files or more have names that begin so: delete old ones"
                    raise Retryable(text, code="FILE_NOT_READ")
                for one in answer.get("Contents", ()):
                    name = one["Key"].removeprefix(self._folder)
                    found.append(RemoteFile(name, one["Size"], one["LastModified"].astimezone(UTC), str(one["ETag"])))
                if not answer["IsTruncated"]:
                    return found
                asked["ContinuationToken"] = answer["NextContinuationToken"]
        except (ClientError, BotoCoreError) as error:
            raise Retryable(f"the files could not be listed: {type(error).__name__}", code="FILE_NOT_READ") from None

    def upload_form(self, name: str, content_type: str, most: int, back_to: str) -> UploadForm:
        """See Uploads. Signed here; S3 itself refuses another type, an empty file and a larger one."""
        fields = {"Content-Type": content_type, "success_action_status": "204"}
        if back_to:
            fields = {"Content-Type": content_type, "success_action_redirect": back_to}
        rules: list[Any] = [{key: value} for key, value in fields.items()]
        made = self._client.generate_presigned_post(
            self._bucket, self._folder + name, fields, [*rules, ["content-length-range", 1, most]], ExpiresIn=_VALID_FOR
        )
        return UploadForm(str(made["url"]), dict(made["fields"]))

    def delete(self, name: str) -> None:
        """See Files."""
        try:
            self._client.delete_object(Bucket=self._bucket, Key=self._folder + name)
        except (ClientError, BotoCoreError) as error:
            raise Retryable(f"the file could not be deleted: {type(error).__name__}", code="FILE_NOT_DELETED") from None


def _status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
