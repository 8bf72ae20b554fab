"""Access tokens by the client-credentials grant: opaque, good for a day by the world's clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

from local.sandbox.kit.signin import Tokens
from local.sandbox.scripted import AWAY_FOR, THROTTLED_FOR, Forms, LateEffects, play
from local.sandbox.shopify.config import TOKEN_SECONDS
from local.sandbox.shopify.state import Shop
from local.sandbox.wire import Request, Response, json_response

GRANT = "accessToken"
"""The operation by which faults of the grant are scripted."""


def _form(request: Request) -> dict[str, Any]:
    if "json" in request.headers.get("content-type", ""):
        try:
            given = request.json()
        except ValueError:
            return {}
        return given if isinstance(given, dict) else {}
    return {name: values[0] for name, values in parse_qs(request.body.decode("utf-8", "replace")).items()}


def _refusal(status: int, error: str, description: str, headers: Mapping[str, str] | None = None) -> Response:
    return json_response({"error": error, "error_description": description}, status, headers)


def _forms() -> Forms:
    slow = "Too many requests"
    return Forms(
        error_500=_refusal(500, "server_error", "Internal Server Error"),
        rate_limited=_refusal(429, "too_many_requests", slow, THROTTLED_FOR),
        rate_limited_bare=_refusal(429, "too_many_requests", slow),
        unavailable=_refusal(503, "temporarily_unavailable", "Service Unavailable", AWAY_FOR),
        refused=_refusal(401, "invalid_client", "Client authentication failed"),
        not_found=_refusal(404, "not_found", "Not Found"),
    )


class ShopTokens(Tokens):
    """All tokens that one shop has handed out."""

    def __init__(self, shop: Shop) -> None:
        super().__init__(shop.world.clock, shop.world.random, "shpat_")
        self.shop, self.late = shop, LateEffects(shop.world)

    def grant(self, request: Request) -> Response:
        """POST /admin/oauth/access_token, as scripted."""
        return play(self.shop.config.faults, GRANT, lambda: self._granted(request), _forms, self.late)

    def _granted(self, request: Request) -> Response:
        config, given = self.shop.config, _form(request)
        if given.get("grant_type") != "client_credentials":
            return _refusal(400, "unsupported_grant_type", "The grant type must be client_credentials")
        if given.get("client_id") != config.client_id or given.get("client_secret") != config.client_secret:
            return _refusal(401, "invalid_client", "Client authentication failed")
        if not self.shop.installed:
            return _refusal(400, "app_not_installed", "The app is not installed on this shop")
        token, _ = self.issue(timedelta(seconds=TOKEN_SECONDS))
        scope = ",".join(config.scopes)
        return json_response({"access_token": token, "scope": scope, "expires_in": TOKEN_SECONDS})
