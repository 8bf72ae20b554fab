"""Is everything as it must be before orders come? Each thing is checked separately, with what to do where it is wrong.

A look that hangs or fails keeps no other from being made. Nothing is written.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property, partial
from queue import Empty, SimpleQueue
from threading import Thread

from orderwright.domain.config import Config
from orderwright.domain.connection_settings import FeedSettings, StoreSettings, SupplierSettings
from orderwright.domain.feed_state import INCREMENTAL
from orderwright.domain.fx import RateUnknown, exact_amount
from orderwright.domain.money import Money
from orderwright.domain.tracking_page import ShopFace
from orderwright.ports.connection import Clock
from orderwright.ports.operator import UNKNOWN, WRONG, Check, Probe, Secrets, judged
from orderwright.records import ALL_SUPPLIERS, CATALOGUE, CONTROL, ORDERS, SHOP_FACE, nothing_key
from orderwright.storage import Storage
from orderwright.tracking_links import PARAMETER, TrackingLinks
from orderwright.usecases.operator.applying import Applied, current_config
from orderwright.usecases.operator.kill import kill_switches
from orderwright.usecases.operator.overview import ConnectionHealth, connections_health
from orderwright.usecases.operator.secret_names import required_secrets
from orderwright.usecases.operator.tracking_key import pages_url
from orderwright.usecases.watching import SHORT, watched

EACH, ALL = timedelta(seconds=12), timedelta(seconds=60)
"""How long one look may take, and all of them; what comes after that has a second each."""
LATE = timedelta(minutes=15)
APPLY = "orderwright apply orderwright.yaml"
SCHEDULES = "look at the schedules in EventBridge Scheduler, and at the logs of dispatch_schedules"


def examine(
    probes: Mapping[str, Probe],
    failures: tuple[type[Exception], ...],
    told_of: Callable[[str, Exception], Check],
    each: timedelta = EACH,
) -> Iterator[Check]:
    """Run them one after the other. What one raises of `failures` is told by `told_of`; anything else is a fault of ours."""
    ends = time.monotonic() + ALL.total_seconds()
    for name, probe in probes.items():
        seconds = max(1, min(each.total_seconds(), ends - time.monotonic()))
        try:
            yield from _in_time(probe, timedelta(seconds=seconds))
        except TimeoutError:
            yield Check(name, WRONG, f"no answer within {int(seconds)} s", "check the network, and run it again")
        except failures as error:
            yield told_of(name, error)


def _in_time(probe: Probe, limit: timedelta) -> list[Check]:
    """In a thread that is left alone when it hangs. Raises TimeoutError, and what the probe raises."""
    answers: SimpleQueue[list[Check] | Exception] = SimpleQueue()

    def run() -> None:
        try:
            answers.put(probe())
        except Exception as error:  # noqa: BLE001 - raised below, where somebody waits for it
            answers.put(error)

    Thread(target=run, name="doctor", daemon=True).start()
    try:
        answer = answers.get(timeout=limit.total_seconds())
    except Empty:
        raise TimeoutError from None
    if isinstance(answer, Exception):
        raise answer
    return answer


class ShopChecks:
    """What the tables say, and the dead letters, which `dead` counts by function."""

    def __init__(
        self, storage: Storage, clock: Clock, secrets: Secrets, dead: Callable[[], Mapping[str, int]], api_url: str
    ) -> None:
        self._storage = storage
        self._now = clock.now()
        self._secrets = secrets
        self._dead = dead
        self._api_url = api_url

    def probes(self) -> dict[str, Probe]:
        """By the name of what is looked at. Without a configuration nothing is told of what follows from one."""
        looks = {
            "price rules": _prices,
            "spending limits": _limits,
            "exchange rates": self._rates,
            "connections": self._connections,
            "schedules": self._schedules,
            "kill switches": self._kill,
            "certificates": self._certificates,
            "customers' pages": self._pages,
        }
        return {
            "tables": self._tables,
            "dead letters": self._dead_letters,
            "configuration": self._configuration,
            **{name: partial(self._configured, look) for name, look in looks.items()},
        }

    def sends_texts(self) -> bool:
        """May a buyer of any store agree to text messages?"""
        stores = self._config.stores if self._config else {}
        return any(getattr(store, "sms_consent_attribute", "") for store in stores.values())

    @cached_property
    def _found(self) -> Applied:
        return current_config(self._storage)

    @cached_property
    def _config(self) -> Config | None:
        config, stored = self._found.config, self._found.stored
        return stored.in_work(config) if config and stored else None

    def _configured(self, look: Callable[[Config], list[Check]]) -> list[Check]:
        return look(self._config) if self._config else []

    def _tables(self) -> list[Check]:
        for table in (ORDERS, CATALOGUE, CONTROL):
            self._storage.get_raw(nothing_key(table))
        return judged("tables", [], "orders, catalogue and control answer")

    def _dead_letters(self) -> list[Check]:
        show = "orderwright dead-letters show"
        dead = {name: count for name, count in self._dead().items() if count}
        wrong = [(f"{count} for {name}", f"{show} {name}") for name, count in dead.items()]
        return judged("dead letters", wrong, "none")

    def _configuration(self) -> list[Check]:
        number, wrong = self._found.number, []
        if not number:
            wrong.append(("none is applied yet", f"orderwright init; then: {APPLY}"))
        elif self._found.config is None:
            told = f"version {number} was applied by another version of Orderwright and cannot be read"
            wrong.append((told, f"{APPLY} --base {number}"))
        return judged("configuration", wrong, f"version {number} is in force")

    def _pages(self, config: Config) -> list[Check]:
        links, wrong = TrackingLinks.of(self._secrets.read(*PARAMETER)), []
        url = pages_url(config.rules.tracking.address or self._api_url)
        if not links.keys:
            wrong.append(("there is no key for links: new orders have no page, and mails link to the carrier", APPLY))
        elif links.url != url:
            wrong.append((f"links begin with {links.url}, and pages are at {url}", APPLY))
        if self._storage.get(SHOP_FACE, ShopFace) is None:
            wrong.append(("they do not know your shop yet, and are not shown", APPLY))
        return judged("customers' pages", wrong, f"mails link to them, below {url}")

    def _certificates(self, config: Config) -> list[Check]:
        wrong = [
            (f"{config.name_of(key)}: {told}", f"orderwright suppliers show {config.name_of(key)}")
            for key, one in config.suppliers.items()
            for told in one.known.warnings(self._now.date())
        ]
        return judged("certificates", wrong, "none ends within 30 days")

    def _rates(self, config: Config) -> list[Check]:
        rules, today = config.rules, self._now.date()
        trading = (StoreSettings, SupplierSettings, FeedSettings)
        used = sorted({one.currency for one in config.connections.values() if isinstance(one, trading)})
        wrong = []
        for currency in used if len(used) > 1 else ():
            try:
                exact_amount(Money.of(Decimal(1), currency), rules.base_currency, rules, today)
            except RateUnknown as error:
                wrong.append((error.message, error.fix))
        return judged("exchange rates", wrong, f"fresh, or none is needed ({', '.join(used)})")

    def _connections(self, config: Config) -> list[Check]:
        causes = watched(self._storage).causes
        found = []
        for health in connections_health(self._storage, config):
            name = config.name_of(health.name)
            silent = [(one.message, one.fix) for key, one in causes.items() if key.startswith(f"{health.name}|")]
            last = health.feed.checked_at if health.feed else health.state.last_ok_at if health.state else None
            good = f"it worked at {_time(last)}" if last else "it was not needed yet"
            wrong = self._faults(health, f"orderwright connect {name}") or silent[:1]
            found += judged(f"connection {name}", wrong, good)
        return found

    def _faults(self, health: ConnectionHealth, connect: str) -> list[tuple[str, str]]:
        state, feed = health.state, health.feed
        if required_secrets(health.kind) and self._secrets.read(health.name, "secrets") is None:
            return [("it is not connected: it has no secrets yet", f"{connect} < secrets.json")]
        of_feed = [one for one in feed.reasons if feed.broken or one.code == INCREMENTAL] if feed else []
        reasons = [*(state.reasons if state else ()), *of_feed]
        if reasons:
            return [(reason.message, reason.fix) for reason in reasons]
        if state and not state.open:
            return [("it is closed", f"{connect} < secrets.json")]
        if state and state.last_failure:
            fix, since = f"{connect}{' < secrets.json' if state.refused else ' --test'}", state.failing_since
            return [(f"it fails since {_time(since or state.last_failure_at)}: {state.last_failure}", fix)]
        if health.role in ("feed", "signal") and (feed is None or feed.checked_at is None):
            return [("its file was never read", f"{connect} --test")]
        return []

    def _schedules(self, _: Config) -> list[Check]:
        watch = watched(self._storage)
        wrong = {
            key.removeprefix("|schedule "): (reason.message, reason.fix)
            for key, reason in watch.causes.items()
            if key.startswith("|") and reason.code != "DEAD_LETTERS"
        }
        for name, limit in SHORT.items():
            ran = watch.ran.get(name)
            since = f"since {_time(ran)}" if ran else "yet; in a new stack that takes 15 minutes"
            if ran is None or self._now - ran > limit:
                wrong.setdefault(name, (f"{name} has not run {since}", SCHEDULES))
        for table in (ORDERS, CATALOGUE, CONTROL):
            if self._storage.due(table, self._now - LATE, 1):
                wrong[table] = (f"work on {table} is late by 15 minutes or more", SCHEDULES)
        return judged("schedules", [*wrong.values()], "they run in time, and nothing is late")

    def _kill(self, config: Config) -> list[Check]:
        wrong = []
        for supplier, switch in kill_switches(self._storage).items():
            every, name = supplier == ALL_SUPPLIERS, config.name_of(supplier)
            told = f"on for {'all suppliers' if every else name} since {_time(switch.at)}: nothing is bought there"
            wrong.append((told, "orderwright kill off" + ("" if every else f" --supplier {name}")))
        return judged("kill switches", wrong, "all off")


def _prices(config: Config) -> list[Check]:
    fix = f"add one to rules.prices in orderwright.yaml, such as {{name: all, markup: 2.4}}; then: {APPLY}"
    rules = len(config.rules.prices)
    return judged("price rules", [] if rules else [("there is none: nothing can be sold", fix)], f"{rules} in force")


def _limits(config: Config) -> list[Check]:
    wrong = [
        (f"nothing limits {field} of {(name := config.name_of(supplier))}",
         f'set limits.{field}.{name} in orderwright.yaml, such as "500.00 USD"; then: {APPLY}')
        for field in ("spend_per_day", "spend_per_purchase_order")
        for supplier in config.suppliers if supplier not in getattr(config.limits, field)
    ]  # fmt: skip
    return judged("spending limits", wrong, "set for every supplier")


def version_check(own: str, deployed: str) -> list[Check]:
    """Does this command line belong to the deployed functions?"""
    if not deployed:
        return [Check("version", UNKNOWN, "this stack does not say its version", "make deploy")]
    fix = "`make deploy` upgrades the stack; or use the checkout that it was deployed from"
    wrong = [] if own == deployed else [(f"the stack is of version {deployed}, this command of {own}", fix)]
    return judged("version", wrong, own)


def _time(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else "some time"
