"""What a command works with: the stack that is meant, its wiring, and who the operator is. Made when first used."""

from __future__ import annotations

import getpass
import os
import re
import shlex
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from uuid import uuid4

from local.cli.target import Target, find_target
from orderwright.aws.operator.dead_letters import SqsDeadLetters
from orderwright.aws.queues import send_later
from orderwright.bootstrap import Wiring
from orderwright.domain.config import Config
from orderwright.messages import Message
from orderwright.ports.operator import DeadLetters
from orderwright.records import ALL_SUPPLIERS
from orderwright.storage import Storage
from orderwright.usecases.operator.applying import current_config, in_force
from orderwright.usecases.operator.desk import Desk
from orderwright.usecases.operator.office import Office


def operator_name() -> str:
    """Who is at the keyboard: ORDERWRIGHT_OPERATOR, else the account's name."""
    return os.environ.get("ORDERWRIGHT_OPERATOR", "") or getpass.getuser()


@dataclass
class Shop:
    """One run of the command line. `choose` gives another target than these names (tests); `why` is the operator's reason.

    `ask` answers a question in place of the person at the terminal (tests).
    """

    stack: str = ""
    run_file: str = ""
    operator: str = ""
    why: str = ""
    aws_profile: str = ""
    region: str = ""
    choose: Callable[[str, str], Target] | None = None
    ask: Callable[[str], bool] | None = None
    wire: Callable[[Target], Wiring] = field(default=Target.wiring)

    @property
    def at(self) -> tuple[str, ...]:
        """The options that choose this stack, as they stand behind `orderwright` in a printed command."""
        given = (
            ("--stack", self.stack),
            ("--run-file", self.run_file),
            ("--profile", self.aws_profile),
            ("--region", self.region),
        )
        return tuple(part for option, value in given if value for part in (option, value))

    def pasted(self, text: str) -> str:
        """A text whose commands work when they are pasted: for the stack that was chosen here."""
        from local.cli.main import main  # it imports the commands, and they this

        ours = rf"(?<!--stack )\borderwright (?=(?:{'|'.join(map(re.escape, main.commands))})\b)"
        return re.sub(ours, lambda _: f"{shlex.join(('orderwright', *self.at))} ", text)

    @cached_property
    def target(self) -> Target:
        """The stack that is meant. Raises Refused."""
        if self.choose is not None:
            return self.choose(self.stack, self.run_file)
        return find_target(self.stack, self.run_file, self.aws_profile, self.region)

    @property
    def named(self) -> Target:
        """The stack by its name alone: a way to ask AWS about one that is half made, or gone."""
        return Target(self.stack, self.region, "", {}, {}, {}, "", aws_profile=self.aws_profile)

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
        config = in_force(found)
        return found.stored.in_work(config) if found.stored else config

    @cached_property
    def office(self) -> Office:
        """What actions work with. Raises Refused when no configuration is applied."""
        wiring = self.wiring
        return Office(
            self.desk, self.config, wiring.timing, wiring.secrets, wiring.connectors.account, wiring.connectors.webhooks,
            wiring.credentials, wiring.token_leases.end, self.target.api_url,
        )  # fmt: skip

    @property
    def dead_letters(self) -> DeadLetters:
        """What the functions failed on too often."""
        return SqsDeadLetters(self.wiring.client("sqs"), self.target.dead_letter_queues, self.target.queues)

    def reprice_later(self, messages: Iterable[Message], after: timedelta) -> int:
        """ports.operator.SendLater to `recalculate_price`."""
        url = self.target.queues["recalculate_price"]
        return send_later(self.wiring.client("sqs"), url, messages, int(after.total_seconds()))

    def connection(self, name: str, role: str = "") -> str:
        """The id of the connection that the file calls `name`, of one role where given. Raises Refused with those there are."""
        return self.office.connection(name, role)

    def name(self, connection: str) -> str:
        """What the file calls a connection now, by its id. All suppliers together have no name, and need no configuration."""
        return connection if connection == ALL_SUPPLIERS else self.office.name(connection)

    def order(self, reference: str) -> str:
        """The partition of the order that the operator means. Raises Refused."""
        return self.office.order(reference)
