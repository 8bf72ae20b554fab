"""The form in which a mail address is sent to. The check and the sending both use it, so a mail goes where was checked."""

from __future__ import annotations

import re

_LOCAL = re.compile(r"[^@\s<>()\[\],;:\\\"]{1,64}")
_NAME = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?:{_NAME}\.)+(?:[a-z]{{2,63}}|xn--[a-z0-9-]{{0,58}}[a-z0-9])", re.IGNORECASE)
_LONGEST, _LONGEST_HOST = 254, 253


def mailed_as(address: str) -> str | None:
    """A bare address (name@host) with its host in ASCII letters by IDNA 2008 (RFC 5891); None where the form is wrong.

    What people write is mapped first (UTS 46, not transitional): capitals, wide letters, other full stops. The part
    before the @ stays as it is.
    """
    local, _, host = address.rpartition("@")
    if len(address) > _LONGEST or not address.isprintable() or ".." in address or not _LOCAL.fullmatch(local):
        return None
    if not host.isascii() or "xn--" in host.lower():
        import idna  # on first use: its tables serve few addresses

        try:
            host = idna.encode(host, uts46=True, std3_rules=True).decode("ascii")
        except UnicodeError:
            return None
    written = f"{local}@{host}"
    return written if len(host) <= _LONGEST_HOST and len(written) <= _LONGEST and _HOST.fullmatch(host) else None
