"""orderwright doctor: is everything as it must be, and what to do where it is not."""

from __future__ import annotations

from collections import Counter

from rich.console import RenderableType

from local.cli.answer import Answer
from local.cli.command import as_problem
from local.cli.shop import Shop
from local.cli.target import own_version
from orderwright.aws.operator.checks import FAILURES, Account, cannot_look
from orderwright.ports.operator import OK, UNKNOWN, WRONG, Check
from orderwright.usecases.operator.desk import Refused
from orderwright.usecases.operator.doctor import ShopChecks, examine, version_check


def doctor(shop: Shop) -> Answer:
    """Look whether all is well: the stack, mails, alerts, connections, rates. Exit code 3 where something is wrong.

    Each thing is ok, wrong (with what to do), or "not known here": this endpoint or your rights do not let it be looked at.
    """
    target = shop.target
    counts_dead = shop.dead_letters.counts
    tables = ShopChecks(shop.storage, shop.wiring.clock, shop.wiring.secrets, counts_dead, target.api_url)
    account = Account(
        shop.wiring.client, target.api_url, target.sender, target.configuration_set, target.operator_topic,
        tables.sends_texts, here=bool(target.endpoint_url),
    )  # fmt: skip

    def told_of(name: str, error: Exception) -> Check:
        problem = as_problem(error, shop)
        return cannot_look(name, error) or Check(name, WRONG, problem.message, problem.fix)

    probes = {"version": lambda: version_check(own_version(), target.version), **tables.probes(), **account.probes()}
    found = examine(probes, (*FAILURES, Refused), told_of)
    checks = [check._replace(told=shop.pasted(check.told), fix=shop.pasted(check.fix)) for check in found]
    shown: list[RenderableType] = []
    for check in checks:
        shown.append(f"{check.state:<14}  {check.name}: {check.told}")
        shown += [f"{'':<14}  fix: {check.fix}"] if check.fix else []
    counts = Counter(check.state for check in checks)
    shown.append(", ".join(f"{counts[state]} {state}" for state in (OK, WRONG, UNKNOWN)))
    return Answer([check._asdict() for check in checks], shown, needs_you=bool(counts[WRONG]))
