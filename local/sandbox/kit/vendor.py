"""A vendor's account, and what a vendor with an `Api` need not write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from local.sandbox.kit.api import Api
from local.sandbox.wire import Faults, Request, Response


@dataclass(frozen=True)
class Account:
    """What a client needs to know of one vendor. `path` is the base address behind the server's own; `secrets` are what the
    merchant would copy from the vendor's pages; `webhook_secret` None where the client chooses it (EasyPost) or none exists."""

    kind: str
    path: str
    secrets: Mapping[str, str]
    webhook_secret: str | None = None

    def base_url(self, server_url: str) -> str:
        """The vendor's base address on this server."""
        return server_url.rstrip("/") + self.path


class ApiVendor:
    """A vendor that answers by `api`. Faults are scripted per operation and apply behind its gates."""

    api: Api

    @property
    def faults(self) -> Faults:
        """Scripted misbehaviour; may be replaced as a whole."""
        return self.api.faults

    @faults.setter
    def faults(self, faults: Faults) -> None:
        self.api.faults = faults

    def handle(self, request: Request) -> Response:
        """Answer one HTTP request."""
        return self.api.handle(request)

    def tick(self) -> None:
        """Carry out late effects that are due."""
        self.api.late.settle()
