"""urllib3 connections that go to public addresses only.

A host is resolved once, and the very address that was judged is connected to: a name server that changes its answer in
between (DNS rebinding) changes nothing. TLS still asks for the host by its name, and checks the certificate against it.
"""

from __future__ import annotations

import socket
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util.connection import allowed_gai_family, create_connection

from orderwright.domain.web_address import SANDBOX_HOST, AddressFault, network_of, not_public
from orderwright.errors import AddressRefused


def address_refused(fault: AddressFault, host: str = "") -> AddressRefused:
    """The error in words for the operator. It names the host alone, since the rest of an address may hold a secret."""
    where = f"the address of {host}" if host else "the address"
    text = f"{where} {fault.what}; look at the connection's base_url or url in orderwright.yaml: {fault.fix}"
    return AddressRefused(text, code=fault.code)


def pool_classes(profile: str) -> dict[str, Any]:
    """urllib3's pool classes by scheme."""

    def judged(host: str, port: int) -> list[str]:
        """The host's addresses. Raises AddressRefused when one of them is not public; gaierror, UnicodeError."""
        if profile == "local" and host == SANDBOX_HOST:
            return [host]
        found = socket.getaddrinfo(host, port, allowed_gai_family(), socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        for address in addresses:
            if network_of(address):
                raise address_refused(not_public(network_of(address)), f"{host} ({address})")
        return addresses

    def connect(connection: HTTPConnection) -> socket.socket:
        """In place of urllib3's own way to a socket, with its errors."""
        host: str = connection._dns_host
        port = connection.port or connection.default_port
        try:
            addresses = judged(host, port)
        except (socket.gaierror, UnicodeError) as error:
            raise NameResolutionError(host, connection, error) from error  # type: ignore[arg-type]
        problem: OSError = OSError("no address")
        for address in addresses:
            try:
                return create_connection(
                    (address, port),
                    connection.timeout,
                    source_address=connection.source_address,
                    socket_options=connection.socket_options,
                )
            except OSError as error:
                problem = error
        if isinstance(problem, TimeoutError):
            raise ConnectTimeoutError(connection, f"{host} timed out") from problem
        raise NewConnectionError(connection, f"{host}: {problem}") from problem

    class Plain(HTTPConnection):
        _new_conn = connect

    class Encrypted(HTTPSConnection):
        _new_conn = connect

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class EncryptedPool(HTTPSConnectionPool):
        ConnectionCls = Encrypted

    return {"http": PlainPool, "https": EncryptedPool}
