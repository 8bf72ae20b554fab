"""Access tokens by the client-credentials grant: opaque, good for a day by the world's clock."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from local.sandbox.shopify.config import TOKEN_SECONDS
from local.sandbox.shopify.state import Shop
from local.sandbox.wire import Request, Response, json_response


def _form(request: Request) -> dict[str, Any]:
    if "json" in request.headers.get("content-type", ""):
        try:
            given = request.json()
        except ValueError:
            return {}
        return given if isinstance(given, dict) else {}
    return {name: values[0] for name, values in parse_qs(request.body.decode("utf-8", "replace")).items()}


def _refusal(status: int, error: str, description: str) -> Response:
    body = json.dumps({"error": error, "error_description": description}).encode()
    return Response(status, body, {"content-type": "application/json; charset=utf-8"})


@dataclass
class Tokens:
    """All tokens that were handed out, with the time of their end."""

    shop: Shop
    valid_until: dict[str, datetime] = field(default_factory=dict)

    def grant(self, request: Request) -> Response:
        """POST /admin/oauth/access_token."""
        config, given = self.shop.config, _form(request)
        if given.get("grant_type") != "client_credentials":
            return _refusal(400, "unsupported_grant_type", "The grant type must be client_credentials")
        if given.get("client_id") != config.client_id or given.get("client_secret") != config.client_secret:
            return _refusal(401, "invalid_client", "Client authentication failed")
        if not self.shop.installed:
            return _refusal(400, "app_not_installed", "The app is not installed on this shop")
        token = f"shpat_{self.shop.world.random.getrandbits(128):032x}"
        self.valid_until[token] = self.shop.world.clock() + timedelta(seconds=TOKEN_SECONDS)
        scope = ",".join(config.scopes)
        return json_response({"access_token": token, "scope": scope, "expires_in": TOKEN_SECONDS})

    def accepts(self, token: str | None) -> bool:
        """True for a token that was handed out and has not ended."""
        until = self.valid_until.get(token or "")
        return until is not None and self.shop.world.clock() < until

    def revoke_all(self) -> None:
        """What an uninstall does to every token."""
        self.valid_until.clear()
