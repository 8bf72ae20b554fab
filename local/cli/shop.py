"""What a command works with: the stack that is meant, its wiring, and who the operator is. Made when first used."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar
from uuid import uuid4

from local.cli.target import Target, find_target
from orderwright.bootstrap import Wiring
from orderwright.domain.config import Config
from orderwright.storage import Storage
from orderwright.usecases.operator.applying import Applied, current_config
from orderwright.usecases.operator.desk import Desk, Refused
from orderwright.usecases.operator.find import find_order

T = TypeVar("T")


def operator_name() -> str:
    """Who is at the keyboard: ORDERWRIGHT_OPERATOR, else the account's name."""
    return os.environ.get("ORDERWRIGHT_OPERATOR", "") or getpass.getuser()


def in_force(found: Applied) -> Config:
    """A version's configuration. Raises Refused when there is none that can be read."""
    if found.config is not None:
        return found.config
    fix = "orderwright apply orderwright.yaml"
    if found.number:
        what = f"version {found.number} was applied by another version of Orderwright and cannot be read"
        raise Refused("CONFIG_OUTDATED", what, f"{fix} --base {found.number}")
    raise Refused("NO_CONFIGURATION", "no configuration is applied yet", fix)


@dataclass
class Shop:
    """One run of the command line. `choose` gives another target than these names (tests); `why` is the operator's reason."""

    stack: str = ""
    run_file: str = ""
    operator: str = ""
    why: str = ""
    aws_profile: str = ""
    region: str = ""
    choose: Callable[[str, str], Target] | None = None
    wire: Callable[[Target], Wiring] = field(default=Target.wiring)

    @cached_property
    def target(self) -> Target:
        """The stack that is meant. Raises Refused."""
        if self.choose is not None:
            return self.choose(self.stack, self.run_file)
        return find_target(self.stack, self.run_file, self.aws_profile, self.region)

    @cached_property
    def wiring(self) -> Wiring:
        """Clients, storage, connectors of that stack."""
        return self.wire(self.target)

    @property
    def storage(self) -> Storage:
        """The three tables."""
        return self.wiring.storage

    @cached_property
    def desk(self) -> Desk:
        """The operator, for actions."""
        name = self.operator or operator_name()
        return Desk(self.storage, self.wiring.clock, name, self.why, f"cli-{uuid4().hex[:12]}")

    @cached_property
    def config(self) -> Config:
        """The applied configuration by permanent ids, as the functions see it. Raises Refused when there is none."""
        found = current_config(self.storage)
        return in_force(found).by_ids(found.stored.identities if found.stored else ())

    def connection(self, name: str, role: str = "") -> str:
        """The id of the connection that the file calls `name`, of one role where given. Raises Refused with those there are."""
        known = {
            self.config.name_of(found): found
            for found in (self.config.of_role(role) if role else self.config.connections)
        }
        if name not in known:
            what = role or "connection"
            raise Refused("NOT_FOUND", f"there is no {what} {name!r}", f"{what}s: {', '.join(sorted(known))}")
        return known[name]

    def name(self, connection: str) -> str:
        """What the file calls a connection now, by its id."""
        return self.config.name_of(connection)

    def order(self, reference: str) -> str:
        """The partition of the order that the operator means. Raises Refused."""
        return find_order(self.storage, reference, self.config.of_role("store"))

    def supplier(self, name: str) -> str:
        """A supplier's id by its name. Raises Refused naming those that exist."""
        return self.connection(name, "supplier")
