"""sftp://user@host:port/folder/file, and the host key that is pinned for it. Pure: no name is resolved here."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from orderwright.domain.web_address import HOLDS_PASSWORD, SANDBOX_HOST, AddressFault, network_of_host, not_public

_UNREADABLE = AddressFault(
    code="ADDRESS_UNREADABLE", what="cannot be read as an SFTP address", fix="write sftp://user@host/folder/file"
)
_HOST_KEY = re.compile(r"((?:ssh|ecdsa|sk)-[a-z0-9@.-]+) ([A-Za-z0-9+/]+={0,2})(?: .*)?")


class SftpAddress(NamedTuple):
    """Its parts. `path` begins at the server's root; /~/folder is in the home of the user."""

    user: str
    host: str
    port: int
    path: str


def sftp_parts(address: str) -> SftpAddress:
    """Raises ValueError for what is no such address."""
    parts = urlsplit(address)
    if parts.scheme != "sftp" or not parts.hostname or not parts.username or parts.query or parts.fragment:
        raise ValueError("no sftp address")
    path = unquote(parts.path)
    path = path.removeprefix("/~/") if path.startswith("/~/") else path
    if not path.isprintable():
        raise ValueError("signs in the path that nobody sees")
    return SftpAddress(unquote(parts.username), parts.hostname, parts.port or 22, path)


def fault_of_sftp(address: str, profile: str) -> AddressFault | None:
    """What forbids this address, seen without a name server; None when nothing does."""
    try:
        host, holds_password = sftp_parts(address).host, urlsplit(address).password is not None
    except ValueError:
        return _UNREADABLE
    if holds_password:
        return HOLDS_PASSWORD
    if profile == "local" and host == SANDBOX_HOST:
        return None
    network = network_of_host(host)
    return not_public(network) if network else None


def fault_of_host_key(text: str) -> str:
    """Why this is no host key as `ssh-keyscan` prints it after the host's name; "" when it is one."""
    found = _HOST_KEY.fullmatch(text.strip())
    try:
        inside = b64decode(found[2], validate=True) if found else b""
    except binascii.Error:
        inside = b""
    if found and inside[4 : 4 + len(found[1])] == found[1].encode():
        return ""
    return "is no host key such as ssh-ed25519 AAAA..."
