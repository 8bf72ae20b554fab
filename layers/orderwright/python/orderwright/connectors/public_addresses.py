"""Where a host's name leads: to public addresses, or nowhere. A connection goes to the very addresses that were judged."""

from __future__ import annotations

import socket

from orderwright.domain.web_address import SANDBOX_HOST, AddressFault, network_of, not_public
from orderwright.errors import AddressRefused


def address_refused(fault: AddressFault, host: str = "") -> AddressRefused:
    """The error in words for the operator. It names the host alone, since the rest of an address may hold a secret."""
    where = f"the address of {host}" if host else "the address"
    text = f"{where} {fault.what}; look at the connection's base_url or url in orderwright.yaml: {fault.fix}"
    return AddressRefused(text, code=fault.code)


def judged(host: str, port: int, profile: str, family: int = socket.AF_UNSPEC) -> list[str]:
    """The host's addresses. Raises AddressRefused when one of them is not public; gaierror, UnicodeError."""
    if profile == "local" and host == SANDBOX_HOST:
        return [host]
    found = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    for address in addresses:
        if network_of(address):
            raise address_refused(not_public(network_of(address)), f"{host} ({address})")
    return addresses
