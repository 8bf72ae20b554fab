"""ports.feed.Snapshots on S3: <connection>/<shard>/<slot>, the generation as the object's metadata.

The bucket keeps older versions of an object for a while; fixed names let its lifecycle rule clear them away.
"""

from __future__ import annotations

from typing import Any


class S3Snapshots:
    """`client` is a botocore S3 client."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def get(self, connection: str, shard: int, generation: int) -> bytes | None:
        """The part of exactly this generation."""
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=_name(connection, shard, generation))
        except self._client.exceptions.NoSuchKey:
            return None
        # A worker that lost its lease may have written into this slot late: its part is not what the manifest names.
        if answer["Metadata"].get("generation") != str(generation):
            return None
        data: bytes = answer["Body"].read()
        return data

    def put(self, connection: str, shard: int, generation: int, data: bytes) -> None:
        """Keep a part."""
        self._client.put_object(
            Bucket=self._bucket,
            Key=_name(connection, shard, generation),
            Body=data,
            ContentType="application/gzip",
            Metadata={"generation": str(generation)},
        )


def _name(connection: str, shard: int, generation: int) -> str:
    return f"{connection}/{shard:03d}/{generation & 1}"
