"""Who a connection is permanently, whatever the file calls it and however often it is connected again (promise P15)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from orderwright.domain.base import Instant, Model, changed


class Identity(Model):
    """One connection. `id` is in keys, budgets, kill switches, secrets and addresses, and never changes.

    `name` is its name in the file in force, "" once it was taken out; `last_name` is kept then. `account` is the vendor's own id
    of the shop or account, "" until the vendor was asked or where it names none; where that id is a secret, a fingerprint of it.
    `second_stack`: another Orderwright works on the same shop, and the merchant knows. `listed_in`, of a feed: the version that
    last changed who reports its supplier's offers, so that a list of before that comes back is another one.
    `back_in`, of a feed: the version since which it reports a supplier (again).
    """

    id: str
    name: str
    kind: str
    last_name: str = ""
    account: str = ""
    first_connected_at: Instant | None = None
    second_stack: bool = False
    listed_in: int = 0
    back_in: int = 0

    @property
    def source(self) -> str:
        """What offers keep of a feed that reported them. Another one once it was put back: its figures of before are old."""
        return f"{self.id}@{self.back_in}" if self.back_in else self.id

    @property
    def account_or_id(self) -> str:
        """What tells this shop or account from all others: the vendor's word where it is known, else ours."""
        return self.account or self.id

    def connected(self, account: str, now: datetime, *, second_stack: bool = False) -> Identity:
        """The vendor was asked. What was known before stays: an account never changes, and the first connect is the first."""
        return changed(
            self,
            account=self.account or account,
            first_connected_at=self.first_connected_at or now,
            second_stack=self.second_stack or second_stack,
        )

    def called(self, name: str) -> Identity:
        """It has this name in the file now: renamed, or there again."""
        return changed(self, name=name, last_name="")

    def taken_out(self) -> Identity:
        """It is not in the file any more, and keeps the name that it had there."""
        return changed(self, name="", last_name=self.name)

    def of_kind(self, kind: str) -> Identity:
        """Of another kind: older versions let a connection change it, and kept the one of before here."""
        return changed(self, kind=kind)

    def shared(self) -> Identity:
        """Another Orderwright may have bought for this shop: each first send is looked up before."""
        return changed(self, second_stack=True)

    def listed(self, version: int) -> Identity:
        """Of a feed: this version changed who reports its supplier's offers."""
        return changed(self, listed_in=version)

    def put_back(self, version: int) -> Identity:
        """Of a feed: since this version it reports a supplier again."""
        return changed(self, back_in=version)


def new_id(name: str, taken: Iterable[str]) -> str:
    """A permanent id for a connection that is called `name`: the same, or the first free one of name-2, name-3 and so on."""
    known = set(taken)
    found, number = name, 1
    while found in known:
        number += 1
        found = f"{name[: 39 - len(str(number))]}-{number}"
    return found
