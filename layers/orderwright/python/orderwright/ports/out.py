"""The ways out of the stack beside HTTP, for connectors whose vendor takes mails or files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple, Protocol

from orderwright.ports.people import Email


class Mails(Protocol):
    """Sends once: a single attempt, no retries beneath."""

    def send_email(self, email: Email) -> str:
        """Gives the provider's message id. Raises Rejected: certainly not sent; OutcomeUnknown: perhaps sent."""


class KeptFile(NamedTuple):
    """A file as it is kept. `mark` changes whenever its content does."""

    data: bytes
    mark: str
    modified: datetime


class RemoteFile(NamedTuple):
    """A file in a folder. `size` in bytes; `mark` changes whenever its content does, "" where nothing says so."""

    name: str
    size: int
    modified: datetime
    mark: str = ""


class Files(Protocol):
    """Files of one connection in the stack's own bucket, by name. What is there under the name is replaced."""

    def put(self, name: str, data: bytes, *, lasts: bool = False) -> None:
        """Keep a file. Raises OutcomeUnknown where it may be there, Retryable where it certainly is not.

        `lasts`: until somebody deletes it. Else it is of an order, and ends by itself.
        """

    def get(self, name: str) -> bytes | None:
        """A file's bytes; None where there is none of that name. Raises Retryable where that cannot be read now."""

    def read(self, name: str) -> KeptFile | None:
        """The same with what tells a change. Raises as `get`."""

    def entries(self, start: str) -> list[RemoteFile]:
        """The files whose names begin so, without those in folders below. Raises Retryable."""

    def delete(self, name: str) -> None:
        """It is gone, also where it was not there. Raises Retryable."""


class UploadForm(NamedTuple):
    """Where a form that holds a file is to be posted to, and the fields that go before the file."""

    url: str
    fields: Mapping[str, str]


class Uploads(Protocol):
    """Letting somebody put one file of one connection, without any right of their own."""

    def upload_form(self, name: str, content_type: str, most: int, back_to: str) -> UploadForm:
        """Valid for a quarter of an hour: 1 to `most` bytes of this type. `back_to`: where the browser goes then; "": nowhere."""


class RemoteFiles(Protocol):
    """A partner's SFTP server, signed in, whose host key is the pinned one.

    Everything raises Retryable where the server cannot be reached or hangs, and Misconfigured (HOST_KEY_CHANGED, SFTP_SIGN_IN,
    SFTP_FOLDER) where a person has to act.
    """

    def entries(self, folder: str) -> list[RemoteFile]:
        """The plain files of a folder."""

    def read(self, path: str, most: int) -> bytes:
        """A file of at most `most` bytes. Raises NotFound, and Rejected (FEED_TOO_LARGE)."""

    def write(self, path: str, data: bytes, *, rename: bool = True) -> None:
        """A whole file under this name, or none: written under another name first, where the server allows to rename.

        Raises OutcomeUnknown where it may be there.
        """

    def close(self) -> None:
        """Sign out."""
