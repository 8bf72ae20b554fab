"""What an operator's actions work with: the tables, the configuration, secrets, connectors, and the names that people use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from orderwright.domain.config import Config
from orderwright.domain.timing import Timing
from orderwright.ports.connection import Account, Credentials, Webhooks
from orderwright.ports.operator import Secrets
from orderwright.storage import Storage
from orderwright.usecases.operator.desk import Desk, Refused
from orderwright.usecases.operator.find import find_order


@dataclass(frozen=True)
class Office:
    """One operator at one stack. `config` is the configuration in force, by permanent ids, as the functions see it.

    `account`, `webhooks` and `credentials` give those of a connection by its id; with credentials one of its own
    is made with these, for a trial; `end_token_lease` lets anybody renew its token again.
    `api_url` is where the stack's webhooks arrive.
    """

    desk: Desk
    config: Config
    timing: Timing
    secrets: Secrets
    account: Callable[[str, Credentials | None], Account]
    webhooks: Callable[[str, Credentials | None], Webhooks | None]
    credentials: Callable[[str], Credentials]
    end_token_lease: Callable[[str], None]
    api_url: str

    @property
    def storage(self) -> Storage:
        """The three tables."""
        return self.desk.storage

    def connection(self, name: str, role: str = "") -> str:
        """The id of the connection that the file calls `name`, of one role where given. Raises Refused with those there are."""
        found = [one for one, settings in self.config.connections.items() if role in ("", settings.role)]
        known = {self.config.name_of(one): one for one in found}
        if name not in known:
            what = role or "connection"
            raise Refused("NOT_FOUND", f"there is no {what} {name!r}", f"{what}s: {', '.join(sorted(known))}")
        return known[name]

    def name(self, connection: str) -> str:
        """What the file calls a connection now, by its id."""
        return self.config.name_of(connection)

    def order(self, reference: str) -> str:
        """The partition of the order that the operator means. Raises Refused."""
        return find_order(self.storage, reference, self.config.stores)
