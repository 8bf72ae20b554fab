"""Who may call: tokens with their life times, calls per second, and the daily points budget."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from random import Random

from local.sandbox.cj.config import CjConfig
from local.sandbox.cj.envelope import (
    EMPTY_TOKEN,
    INVALID_REFRESH_TOKEN,
    INVALID_TOKEN,
    QUOTA_USED_UP,
    TOO_MANY_REQUESTS,
    WRONG_API_KEY,
    CjError,
)
from local.sandbox.kit.api import Call
from local.sandbox.kit.signin import Tokens
from local.sandbox.kit.throttle import Daily, Window
from local.sandbox.wire import World

ACCESS_LIVES = timedelta(days=15)
REFRESH_LIVES = timedelta(days=180)
SECONDS_BETWEEN_TOKENS = 300
_CHINA = timezone(timedelta(hours=8))


@dataclass(frozen=True)
class TokenPair:
    """One access token and its refresh token; both are opaque text."""

    access: str
    access_until: datetime
    refresh: str
    refresh_until: datetime
    created_at: datetime

    def body(self) -> dict[str, object]:
        """As both authentication calls send it; dates carry +08:00."""
        return {
            "accessToken": self.access,
            "accessTokenExpiryDate": self.access_until.astimezone(_CHINA).isoformat(timespec="seconds"),
            "refreshToken": self.refresh,
            "refreshTokenExpiryDate": self.refresh_until.astimezone(_CHINA).isoformat(timespec="seconds"),
            "createDate": self.created_at.astimezone(_CHINA).isoformat(timespec="seconds"),
        }


class Access:
    """The gates in front of every call. All refusals are CjError."""

    def __init__(self, world: World, config: CjConfig) -> None:
        self._world = world
        self._config = config
        random = Random(config.open_id)
        self._access, self._refresh = Tokens(world.clock, random), Tokens(world.clock, random)
        self._last_login: datetime | None = None
        self._rate = Window(world.clock, config.qps)
        self._points = Daily(world.clock)

    def issue(self) -> TokenPair:
        """A fresh pair, past every limit."""
        access, refresh = self._access.issue(ACCESS_LIVES), self._refresh.issue(REFRESH_LIVES)
        return TokenPair(*access, *refresh, self._world.clock())

    def log_in(self, api_key: str, email: str) -> TokenPair:
        """getAccessToken: once in five minutes, whatever the key."""
        now = self._world.clock()
        if self._last_login is not None and (now - self._last_login).total_seconds() < SECONDS_BETWEEN_TOKENS:
            raise CjError(TOO_MANY_REQUESTS, "Too Many Requests, QPS limit is 1 time/300second")
        self._last_login = now
        if api_key != self._config.api_key or email not in ("", self._config.email):
            raise CjError(WRONG_API_KEY, "APIkey is wrong, please check and try again")
        return self.issue()

    def refresh(self, refresh_token: str) -> TokenPair:
        """refreshAccessToken: the old access token lives on until its own end."""
        if not self._refresh.accepts(refresh_token):
            raise CjError(INVALID_REFRESH_TOKEN, "Invalid Refresh token")
        return self.issue()

    def expire_all(self) -> None:
        """Forget every token that was ever given out."""
        self._access.revoke_all()
        self._refresh.revoke_all()

    def check_token(self, call: Call) -> None:
        """Refuse a call without a living access token."""
        token = call.request.headers.get("cj-access-token", "")
        if not token and not call.route.open_to_all:
            raise CjError(EMPTY_TOKEN, "access token cannot be empty")
        if not call.route.open_to_all and not self._access.accepts(token):
            raise CjError(INVALID_TOKEN, "Invalid API key or access token.")

    def check_rate(self, _: Call) -> None:
        """Refuse a call above the tier's calls per second."""
        if not self._rate.take():
            raise CjError(TOO_MANY_REQUESTS, f"Too Many Requests, QPS limit is {self._rate.limit} time/1second")

    def spend_points(self, call: Call) -> None:
        """Take points from today's budget; refuse when too few are left."""
        if not self._points.take(call.route.cost, self._config.points_per_day):
            raise CjError(QUOTA_USED_UP, "Quota has been used up")

    def points(self) -> dict[str, int]:
        """Today's budget as CJ reports it with every answer."""
        used, total = self._points.used, self._config.points_per_day
        return {"usedToday": used, "remaining": total - used, "total": total}
