"""Who may call: tokens with their life times, calls per second, and the daily points budget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
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
from local.sandbox.wire import World

ACCESS_DAYS = 15
REFRESH_DAYS = 180
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
    """The gate in front of every call. All refusals are CjError."""

    def __init__(self, world: World, config: CjConfig) -> None:
        self._world = world
        self._config = config
        self._random = Random(config.open_id)
        self._pairs: list[TokenPair] = []
        self._last_login: datetime | None = None
        self._recent: list[datetime] = []
        self._points_day: date = world.clock().date()
        self._points_used = 0

    def issue(self) -> TokenPair:
        """A fresh pair, past every limit."""
        now = self._world.clock()
        pair = TokenPair(
            access=f"{self._random.getrandbits(128):032x}",
            access_until=now + timedelta(days=ACCESS_DAYS),
            refresh=f"{self._random.getrandbits(128):032x}",
            refresh_until=now + timedelta(days=REFRESH_DAYS),
            created_at=now,
        )
        self._pairs.append(pair)
        return pair

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
        now = self._world.clock()
        if not any(pair.refresh == refresh_token and now < pair.refresh_until for pair in self._pairs):
            raise CjError(INVALID_REFRESH_TOKEN, "Invalid Refresh token")
        return self.issue()

    def expire_all(self) -> None:
        """Forget every token that was ever given out."""
        self._pairs.clear()

    def check_token(self, headers: Mapping[str, str]) -> None:
        """Refuse a call without a living access token."""
        token = headers.get("cj-access-token", "")
        if not token:
            raise CjError(EMPTY_TOKEN, "access token cannot be empty")
        now = self._world.clock()
        if not any(pair.access == token and now < pair.access_until for pair in self._pairs):
            raise CjError(INVALID_TOKEN, "Invalid API key or access token.")

    def check_rate(self) -> None:
        """Refuse a call above the tier's calls per second."""
        if self._config.qps is None:
            return
        now = self._world.clock()
        self._recent = [at for at in self._recent if (now - at).total_seconds() < 1]
        if len(self._recent) >= self._config.qps:
            limit = self._config.qps
            raise CjError(TOO_MANY_REQUESTS, f"Too Many Requests, QPS limit is {limit} time/1second")
        self._recent.append(now)

    def spend_points(self, points: int) -> None:
        """Take points from today's budget; refuse when too few are left."""
        today = self._world.clock().date()
        if today != self._points_day:
            self._points_day, self._points_used = today, 0
        if self._points_used + points > self._config.points_per_day:
            raise CjError(QUOTA_USED_UP, "Quota has been used up")
        self._points_used += points

    def points(self) -> dict[str, int]:
        """Today's budget as CJ reports it with every answer."""
        total = self._config.points_per_day
        return {"usedToday": self._points_used, "remaining": total - self._points_used, "total": total}
