"""Which web addresses may be requested: https, and hosts of the public internet. Pure: no name is resolved here.

`fault_of_url` judges what an address shows by itself; `network_of` judges what a name was resolved to. Profile `local`
exempts the host 127.0.0.1, where the sandbox listens, and nothing else.
"""

from __future__ import annotations

import socket
import unicodedata
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

SANDBOX_HOST = "127.0.0.1"

# Protocol assignments and the relays of 6to4: `is_global` of the standard library lets some of these pass.
_RESERVED_V4 = (IPv4Network("192.0.0.0/24"), IPv4Network("192.88.99.0/24"))
# All other IPv6 is local, multicast, or an IPv4 address in disguise (mapped ::ffff:0:0/96, NAT64 64:ff9b::/96).
_UNICAST_V6 = IPv6Network("2000::/3")
# Protocol assignments (Teredo 2001::/32 among them), documentation, 6to4, documentation.
_RESERVED_V6 = tuple(IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))


class AddressFault(NamedTuple):
    """Why an address is not requested: a stable code, what the address is or does, and what to do."""

    code: str
    what: str
    fix: str


UNREADABLE = AddressFault(
    code="ADDRESS_UNREADABLE", what="cannot be read as a web address", fix="write https://, the host, and the path"
)
HOLDS_PASSWORD = AddressFault(
    code="ADDRESS_HOLDS_PASSWORD",
    what="holds a user name or a password",
    fix="take it out of the address; `orderwright connect` takes secrets",
)
_NOT_HTTPS = AddressFault(code="ADDRESS_NOT_HTTPS", what="is not encrypted", fix="write it with https://")


def not_public(network: str) -> AddressFault:
    """An address that leads to this network."""
    return AddressFault(
        code="ADDRESS_NOT_PUBLIC",
        what=f"leads to {network}, not to the public internet",
        fix="name a host that everybody can reach",
    )


def network_of(ip: str) -> str:
    """What kind of network an IP address is in, in words; "" for the public internet."""
    return _network_of(ip_address(ip))


def _network_of(ip: IPv4Address | IPv6Address) -> str:
    if isinstance(ip, IPv4Address):
        public = ip.is_global and not ip.is_multicast and not any(ip in network for network in _RESERVED_V4)
    else:
        public = ip in _UNICAST_V6 and not any(ip in network for network in _RESERVED_V6)
    if public:
        return ""
    if ip.is_loopback:
        return "this machine"
    if ip.is_link_local:
        return "a link-local network"
    return "a private or reserved network"


def fault_of_url(url: str, profile: str) -> AddressFault | None:
    """What forbids this address, seen without a name server; None when nothing does."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return UNREADABLE
    if not host:
        return UNREADABLE
    if "@" in parts.netloc:
        return HOLDS_PASSWORD
    if profile == "local" and host == SANDBOX_HOST and parts.scheme in ("http", "https"):
        return None
    if parts.scheme != "https":
        return _NOT_HTTPS
    network = network_of_host(host)
    return not_public(network) if network else None


def network_of_host(host: str) -> str:
    """The network of a host that is written as an address, in any form that a resolver would take for one."""
    text = unicodedata.normalize("NFKC", host).replace("\N{IDEOGRAPHIC FULL STOP}", ".").rstrip(".")
    if text == "localhost" or text.endswith(".localhost"):
        return "this machine"
    try:
        return network_of(text)
    except ValueError:
        pass  # a name, or an address in an unusual form
    try:
        # One to four numbers, each decimal, octal or hexadecimal.
        return _network_of(IPv4Address(socket.inet_aton(text)))
    except (OSError, UnicodeError):
        return ""  # a name: judged when it is resolved
