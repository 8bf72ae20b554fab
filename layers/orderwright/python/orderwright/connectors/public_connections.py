"""urllib3 connections that go to public addresses only, and take no longer and no more than one call may.

A host is resolved once, and the very address that was judged is connected to: a name server that changes its answer in
between (DNS rebinding) changes nothing. TLS still asks for the host by its name, and checks the certificate against it.
Each read off a socket is bounded by what is left of the call's time: a server that sends a byte now and then would else
hold a call for as long as it likes. The name server alone is not bounded here; the system's resolver is.
"""

from __future__ import annotations

import io
import socket
import time
from contextvars import ContextVar
from http.client import HTTPResponse
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util.connection import allowed_gai_family, create_connection

from orderwright.connectors.public_addresses import judged


class TooManyBytes(Exception):
    """More bytes came than the call may take."""


class CallBounds:
    """What one call may take: seconds in all, seconds of one silence, and bytes off the wire with all headers."""

    def __init__(self, seconds: float, silence: float, most_bytes: int) -> None:
        self._ends = time.monotonic() + seconds
        self._silence = silence
        self._left = most_bytes

    def wait(self) -> float:
        """Seconds that the next step may take. Raises TimeoutError when the call's time is over."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("the call's time is over")
        return min(left, self._silence)

    def take(self, count: int) -> None:
        """Count bytes. Raises TooManyBytes."""
        self._left -= count
        if self._left < 0:
            raise TooManyBytes


CALL: ContextVar[CallBounds | None] = ContextVar("CALL", default=None)
"""The bounds of the call that is being made; an answer keeps those that it began with."""


class _BoundedFile(io.RawIOBase):
    """A socket's bytes, within a call's bounds."""

    def __init__(self, connected: socket.socket, raw: io.RawIOBase, bounds: CallBounds) -> None:
        self._connected, self._raw, self._bounds = connected, raw, bounds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._connected.settimeout(self._bounds.wait())
        count: int | None = self._raw.readinto(buffer)
        self._bounds.take(count or 0)
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _BoundedResponse(HTTPResponse):
    """An answer whose status line, headers, chunk sizes and body are all read within the call's bounds."""

    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        bounds = CALL.get()
        if bounds is not None:
            self.fp = io.BufferedReader(_BoundedFile(sock, self.fp.detach(), bounds))


def pool_classes(profile: str) -> dict[str, Any]:
    """urllib3's pool classes by scheme."""

    def connect(connection: HTTPConnection) -> socket.socket:
        """In place of urllib3's own way to a socket, with its errors."""
        host: str = connection._dns_host
        port = connection.port or connection.default_port
        try:
            addresses = judged(host, port, profile, allowed_gai_family())
        except (socket.gaierror, UnicodeError) as error:
            raise NameResolutionError(host, connection, error) from error  # type: ignore[arg-type]
        problem: OSError = OSError("no address")
        bounds = CALL.get()
        for address in addresses:
            try:
                longest = bounds.wait() if bounds else 5.0
                connected = create_connection(
                    (address, port),
                    min(connection.timeout or longest, longest),
                    source_address=connection.source_address,
                    socket_options=connection.socket_options,
                )
                if bounds:
                    connected.settimeout(bounds.wait())  # for the handshake and the request
                return connected
            except OSError as error:
                problem = error
        if isinstance(problem, TimeoutError):
            raise ConnectTimeoutError(connection, f"{host} timed out") from problem
        raise NewConnectionError(connection, f"{host}: {problem}") from problem

    class Plain(HTTPConnection):
        _new_conn = connect
        response_class = _BoundedResponse

    class Encrypted(HTTPSConnection):
        _new_conn = connect
        response_class = _BoundedResponse

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class EncryptedPool(HTTPSConnectionPool):
        ConnectionCls = Encrypted

    return {"http": PlainPool, "https": EncryptedPool}
