"""A partner's SFTP server: ports.out.RemoteFiles on asyncssh, within a worker's time, for callers that do not wait in coroutines.

Only the pinned host key is taken, and no key, agent or configuration of the machine is used. One loop per connection runs only
while something is asked. A server that hangs costs one time-out: the connection is dead then, and nothing more is asked of it.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import UTC, datetime
from typing import Any, NamedTuple, NoReturn, TypeVar

import asyncssh

from orderwright.connectors.http import unclear
from orderwright.connectors.public_addresses import address_refused, judged
from orderwright.domain.sftp_address import SftpAddress, fault_of_host_key, fault_of_sftp, sftp_parts
from orderwright.errors import AddressRefused, Misconfigured, NotFound, OutcomeUnknown, Rejected, Retryable, VendorError
from orderwright.ports.connection import Credentials
from orderwright.ports.out import RemoteFile, RemoteFiles

MOST_ENTRIES, MOST_NAME = 10_000, 255
PIECE = 1024 * 1024
READ_TIMES = 2
"""Reading a file may take so many times the time of another call."""
_CONNECT, _GOODBYE = 5.0, 1.0
_LOST = (OSError, asyncssh.DisconnectError, asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection)
"""No answer. A time-out is an OSError."""
_FOLDER = (
    asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath, asyncssh.SFTPPermissionDenied, asyncssh.SFTPWriteProtect,
    asyncssh.SFTPNotADirectory,
)  # fmt: skip
_EPOCH = datetime.fromtimestamp(0, UTC)
_TODAYS = {"kex_algs": "-*-sha1", "mac_algs": "-*-sha1*", "signature_algs": "-ssh-rsa"}
_OLD = {"kex_algs": "+diffie-hellman-*-sha1", "encryption_algs": "+aes*-cbc,3des-cbc", "mac_algs": "+hmac-sha1*"}
Answer = TypeVar("Answer")


class SftpWay(NamedTuple):
    """How a connection signs in. `timeout`: seconds of one call; `within` makes it in the worker's time (Deadline.call)."""

    connection: str
    credentials: Credentials
    profile: str
    timeout: float
    within: Callable[[float, Callable[[], Any]], Any]
    old_algorithms: bool = False


def sign_in(way: SftpWay, address: str, host_key: str) -> SftpFiles:
    """See RemoteFiles. Raises also AddressRefused."""
    who = f"{way.connection} SFTP"
    fault = fault_of_sftp(address, way.profile)
    if fault is not None:
        raise address_refused(fault)
    parts, secrets = sftp_parts(address), _secrets(who, way.credentials)
    files = SftpFiles(who, way)
    try:
        way.within(way.timeout, lambda: files.begin(parts, host_key, secrets))
    except BaseException:
        files.close()
        raise
    return files


class SftpFiles(RemoteFiles):
    """One connection. See `sign_in`."""

    def __init__(self, who: str, way: SftpWay) -> None:
        self._who, self._way = who, way
        self._loop = asyncio.new_event_loop()
        self._connection: asyncssh.SSHClientConnection | None = None
        self._client: Any = None
        self._dead = False

    # --- signing in ---------------------------------------------------------------------------------------------------

    def begin(self, parts: SftpAddress, host_key: str, secrets: dict[str, Any]) -> None:
        """Connect and sign in."""
        logging.getLogger("asyncssh").setLevel(logging.WARNING)  # it would write users and file names
        wrong = fault_of_host_key(host_key)
        if wrong:
            self._unreadable(wrong)
        try:
            pinned = asyncssh.import_public_key(host_key.strip())
        except asyncssh.KeyImportError:
            self._unreadable("is cut, or of a kind that is not read")
        ends = self._loop.time() + self._way.timeout
        connected = self._connected(parts, ends)
        gate = _Gate()
        algorithm = pinned.get_algorithm()
        names = ["rsa-sha2-256", "rsa-sha2-512", *["ssh-rsa"] * self._way.old_algorithms]
        options: dict[str, Any] = {
            "known_hosts": ([pinned], [], []),
            "server_host_key_algs": names if algorithm == "ssh-rsa" else [algorithm],
            **(_OLD if self._way.old_algorithms else _TODAYS),
            **secrets,
        }
        nothing: dict[str, Any] = {"config": None, "agent_path": None, "x509_trusted_certs": None, "gss_host": None}

        async def signing_in() -> None:
            self._connection, _ = await asyncssh.create_connection(
                lambda: gate, parts.host, parts.port, sock=connected, username=parts.user, **options, **nothing
            )
            self._client = await self._connection.start_sftp_client()

        try:
            self._run(signing_in(), max(0.0, ends - self._loop.time()))
        except asyncssh.HostKeyNotVerifiable:
            shown = pinned.get_fingerprint()
            self._changed(f"it shows another key ({gate.shown}) than the pinned one ({shown})")
        except asyncssh.KeyExchangeFailed as error:
            if "host key" in str(error):
                self._changed(f"it has no key of the pinned kind ({algorithm}), or signs with it in an old way only")
            fix = "ask for today's algorithms there, or set old_algorithms: true"
            raise Misconfigured(f"{self._who}: the server knows only old algorithms: {fix}", code="SFTP_OLD") from None
        except asyncssh.PermissionDenied:
            text = f"{self._who}: the server refuses the user, or its password or private key"
            raise Misconfigured(text, code="SFTP_SIGN_IN") from None
        except _LOST as error:
            raise unclear(self._who, "sign-in", f"no answer ({_name(error)})", has_effect=False) from None
        except (asyncssh.ChannelOpenError, asyncssh.SFTPError):
            raise Misconfigured(f"{self._who}: signed in, and no SFTP there", code="SFTP_SIGN_IN") from None
        finally:
            if self._connection is None:
                connected.close()

    def _connected(self, parts: SftpAddress, ends: float) -> socket.socket:
        """A socket to one of the very addresses that were judged, by that time of the loop."""
        problem: Exception = OSError()
        try:
            for address in judged(parts.host, parts.port, self._way.profile):
                left = ends - self._loop.time()
                if left <= 0:
                    break
                try:
                    return socket.create_connection((address, parts.port), min(_CONNECT, left))
                except OSError as error:
                    problem = error
        except AddressRefused as error:
            raise AddressRefused(f"{self._who}: {error.message}", code=error.code) from None
        except (socket.gaierror, UnicodeError) as error:
            problem = error
        raise Retryable(f"{self._who}: no connection ({_name(problem)})", code="NO_CONNECTION") from None

    def _unreadable(self, why: str) -> NoReturn:
        raise Misconfigured(
            f"{self._who}: host_key {why}: see docs/connecting.md", code="HOST_KEY_UNREADABLE"
        ) from None

    def _changed(self, what: str) -> NoReturn:
        fix = "ask the partner by phone; only if the new one is theirs, write it into host_key"
        raise Misconfigured(f"{self._who}: {what}: {fix}", code="HOST_KEY_CHANGED") from None

    # --- what is asked ------------------------------------------------------------------------------------------------

    def entries(self, folder: str) -> list[RemoteFile]:
        """See RemoteFiles."""

        async def listed() -> list[RemoteFile]:
            found, count = list[RemoteFile](), 0
            names: AsyncIterator[Any] = self._client.scandir((folder or ".").encode())
            async for entry in names:
                count += 1
                if count > MOST_ENTRIES:
                    text = f"{self._who}: the folder has more than {MOST_ENTRIES:,} entries: ask for an emptier one"
                    raise Misconfigured(text, code="SFTP_FOLDER")
                # A name in another encoding is another file's, and hides no other.
                about, name = entry.attrs, bytes(entry.filename).decode(errors="replace")
                whole = len(name) <= MOST_NAME and name.isprintable() and not {"/", "\ufffd"} & {*name}
                if whole and about.type == asyncssh.FILEXFER_TYPE_REGULAR:
                    modified = _EPOCH if about.mtime is None else datetime.fromtimestamp(about.mtime, UTC)
                    found.append(RemoteFile(name, about.size or 0, modified))
            return found

        return self._asked("list the folder", listed, self._way.timeout)

    def read(self, path: str, most: int) -> bytes:
        """See RemoteFiles. Raises NotFound with the code SFTP_NO_FILE."""

        async def whole() -> bytes:
            pieces, size = list[bytes](), 0
            async with self._client.open(path, "rb") as file:
                while piece := await asyncio.wait_for(file.read(PIECE, size), self._way.timeout):
                    size += len(piece)
                    pieces.append(piece)
                    if size > most:
                        text = f"{self._who}: the file has more than {most // 1024 // 1024} MiB"
                        raise Rejected(text, code="FEED_TOO_LARGE")
            return b"".join(pieces)

        return self._asked("read the file", whole, self._way.timeout * READ_TIMES, missing=True)

    def write(self, path: str, data: bytes, *, rename: bool = True) -> None:
        """See RemoteFiles. What the server refuses is Misconfigured (SFTP_FOLDER), or Retryable (SFTP_REFUSED) as a full disk."""
        beside, begun = f"{path}.part" if rename else path, False

        async def put() -> None:
            nonlocal begun
            async with self._client.open(beside, "wb") as file:
                begun = True
                await file.write(data)

        try:
            self._asked("write the file", put, self._way.timeout, has_effect=not rename)
        except (Misconfigured, Retryable):
            if not begun or self._removed(beside) or rename:
                raise
            text = f"{self._who} write the file: a part of it may be there under its name"
            raise OutcomeUnknown(text, code="SFTP_REFUSED") from None
        if not rename:
            return
        try:
            self._asked("rename the file", lambda: self._renamed(beside, path), self._way.timeout, has_effect=True)
        except (Misconfigured, Retryable):
            self._removed(beside)
            text = f"{self._who}: the server does not let a file be renamed to its name: set rename: false"
            raise Misconfigured(text, code="SFTP_RENAME") from None

    async def _renamed(self, old: str, new: str) -> None:
        try:
            await self._client.posix_rename(old, new)
        except asyncssh.SFTPOpUnsupported:
            await self._client.rename(old, new)

    def _removed(self, path: str) -> bool:
        """Whether it is gone. What stays of a file under another name harms nobody, and the next write replaces it."""

        async def removed() -> None:
            if await self._client.exists(path):
                await self._client.remove(path)

        try:
            self._asked("remove the file", removed, self._way.timeout)
        except VendorError:
            return False
        return True

    def close(self) -> None:
        """See RemoteFiles."""
        if self._loop.is_closed():
            return
        if self._connection is not None and not self._dead:
            if self._client is not None:
                self._client.exit()
            self._connection.close()
        elif self._connection is not None:
            self._loop.run_until_complete(_all_done(self._loop))
            self._connection.abort()
        try:
            self._loop.run_until_complete(asyncio.wait_for(self._ended(), _GOODBYE))
        except _LOST:
            assert self._connection is not None
            self._connection.abort()  # who does not say goodbye is left
        finally:
            self._loop.run_until_complete(_all_done(self._loop))
            self._loop.close()

    async def _ended(self) -> None:
        if self._connection is not None:
            await self._connection.wait_closed()

    # --- asking -------------------------------------------------------------------------------------------------------

    def _asked(
        self,
        operation: str,
        what: Callable[[], Coroutine[Any, Any, Answer]],
        seconds: float,
        *,
        has_effect: bool = False,
        missing: bool = False,
    ) -> Answer:
        """One question in the worker's time. `missing`: that a file is not there is an answer."""

        def asked() -> Answer:
            try:
                return self._run(what(), seconds)
            except _LOST as error:
                self._dead = True
                raise unclear(self._who, operation, f"no answer ({_name(error)})", has_effect=has_effect) from None
            except asyncssh.SFTPNoSuchFile as error:
                if missing:
                    raise NotFound(f"{self._who}: the file is not there", code="SFTP_NO_FILE") from None
                raise self._refused(operation, error) from None
            except asyncssh.Error as error:
                raise self._refused(operation, error) from None

        if self._dead:
            raise Retryable(f"{self._who} {operation}: the connection is lost", code="UNAVAILABLE")
        answer: Answer = self._way.within(seconds, asked)
        return answer

    def _refused(self, operation: str, error: asyncssh.Error) -> VendorError:
        if isinstance(error, _FOLDER):
            text = f"{self._who} {operation}: the folder is not there, or the user has no right in it ({_name(error)})"
            return Misconfigured(text, code="SFTP_FOLDER")
        return Retryable(f"{self._who} {operation}: the server refuses ({_name(error)})", code="SFTP_REFUSED")

    def _run(self, what: Coroutine[Any, Any, Answer], seconds: float) -> Answer:
        return self._loop.run_until_complete(asyncio.wait_for(what, seconds))


class _Gate(asyncssh.SSHClient):
    """Asked when the server's key is not the pinned one: no. Remembers what was shown."""

    shown = ""

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        """See SSHClient."""
        self.shown = key.get_fingerprint()
        return False


async def _all_done(loop: asyncio.AbstractEventLoop) -> None:
    """Nothing of the loop runs on when it is closed."""
    left = asyncio.all_tasks(loop) - {asyncio.current_task(loop)}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    await loop.shutdown_asyncgens()
    await loop.shutdown_default_executor()


def _secrets(who: str, credentials: Credentials) -> dict[str, Any]:
    """The private key where there is one, and the password where there is one. Raises Misconfigured."""
    found = dict[str, Any](client_keys=None)
    for name in ("private_key", "password"):
        try:
            found[name] = credentials.secret(name)
        except Misconfigured:
            continue  # either is enough
    key = found.pop("private_key", "")
    if not key and not found.get("password"):
        raise Misconfigured(f"{who}: set password or private_key with `orderwright connect`", code="SFTP_SIGN_IN")
    if key:
        try:
            found["client_keys"] = [asyncssh.import_private_key(key)]
        except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
            text = f"{who}: private_key cannot be read; give it in OpenSSH's or PEM form, without a passphrase"
            raise Misconfigured(text, code="SFTP_SIGN_IN") from None
    return found


def _name(error: BaseException) -> str:
    return type(error).__name__.removeprefix("SFTP")
