"""Bring up, connect, stock and stop a whole shop. Everything Orderwright is told goes through its own command line."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from local.packager.artifacts import ROOT
from local.running.answers import Answers
from local.running.run_file import free_run_file, owner_of, run_facts, write_run_file
from local.running.settings import CONNECTIONS, FACTORY, STORE, STORES, SUPPLIER, account_of, shop_yaml, typed_secrets
from local.running.terminal import told_by
from local.running.waiting import Pulse, Stuck, Waiter
from local.sandbox.goods import GOODS, ONLY_MADE
from local.sandbox.kit.orders import Variant
from local.sandbox.kit.vendor import Account
from local.sandbox.sandbox import Sandbox, SandboxSettings
from local.sandbox.server import DEFAULT_PORT, SandboxServer
from local.sandbox.ui.mailbox import EmulatorMailbox
from local.stack import Stack
from local.ticker import Ticker
from orderwright.aws.dynamo import DynamoStorage
from orderwright.storage import Storage
from orderwright.usecases.operator.secret_names import signing_secret

EVERY: Mapping[str, float] = {"sweep": 2.0, "poll_stock": 4.0, "reconcile": 6.0}
# They run all the time, whether there is work or not: that they do is no progress.
SCHEDULED = ("dispatch_schedules", "poll_stock", "reconcile_store")
ROUTINE_ENTRIES = frozenset({"file_served"})
COMMAND_SECONDS = 900
# As many as this machine's usual cores: each is a process of its own.
CONNECT_AT_ONCE = 2
# By the rules of settings.py: a store's goods can be on sale for a moment before our price is on them.
FLOOD_TORCH, FLOOD_TORCH_PRICE = "HL-COB-350", Decimal("16.99")
# Every shop is made of this checkout, so all of them use the same builds.
PACKAGES = ROOT / ".orderwright" / "build" / "host"
SENDER = "orders@nordlight.example.com"


T = TypeVar("T")


class SetUpFailed(Exception):
    """A step of bringing the shop up failed; the text is for the person at the terminal."""


class LocalShop:
    """A context manager. `say` gets one line for each step; `sandbox` are the hands of buyers, supplier and carrier.

    `stores` are those of settings.CONNECTIONS that it sells in; `lines` are more lines of a connection, by its name; `rules` are
    more of its rules. Without `set_up` it is deployed and the vendors are there; whoever has it applies, connects and imports.
    """

    def __init__(
        self,
        *,
        work: Path | None = None,
        port: int = DEFAULT_PORT,
        settings: SandboxSettings | None = None,
        say: Callable[[str], None] = print,
        every: Mapping[str, float] = EVERY,
        auth: bool = False,
        set_up: bool = True,
        stores: Sequence[str] = STORES,
        lines: Mapping[str, Mapping[str, Any]] | None = None,
        rules: Mapping[str, Any] | None = None,
    ) -> None:
        self.work = (work or ROOT / ".orderwright").resolve()
        self.say = say
        self.stack = Stack(work=self.work, packages=PACKAGES, auth=auth)
        self.sandbox = Sandbox(settings)
        self._port = port
        self._set_up = set_up
        self._rules = rules or {}
        self.stores = tuple(stores)
        self.connections = {
            name: replace(made, lines={**made.lines, **(lines or {}).get(name, {})})
            for name, made in CONNECTIONS.items()
            if name in self.stores or name not in STORES
        }
        self._every = every
        self._webhook_secret = secrets.token_urlsafe(24)
        self._webhook_urls: dict[str, str] = {}
        self.server: SandboxServer | None = None
        self.mailbox: EmulatorMailbox | None = None
        self._ticker: Ticker | None = None
        self.run_file = free_run_file(self.work)
        self._waiter = Waiter(self.pulse, self.stack.last_words, lambda: told_by(say))

    def __enter__(self) -> LocalShop:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    # --- life ---------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Everything, in the order a merchant would do it."""
        self.say("packaging and deploying template.yaml to the local AWS (a minute, the first time) ...")
        self.stack.start(sender_address=SENDER)
        self.mailbox = EmulatorMailbox(self.stack.endpoint)
        answers = Answers(self.storage, {name: self.connections[name].played_by for name in self.stores})
        self.server = SandboxServer(self.sandbox, self._port, self.mailbox, answers=answers)
        self.server.start()
        if self._port and self._port != self.server.port:
            self.say(f"port {self._port} is taken; the shop is at {self.url} instead")
        self._write_files()
        if self._set_up:
            self._connect()
        self._ticker = Ticker(self.stack.invoke, self._every, self._schedule_failed)
        self._ticker.__enter__()
        if self._set_up:
            self.say("importing the suppliers' catalogues and publishing them to every store ...")
            for supplier in (SUPPLIER, FACTORY):
                self.command("catalogue", "import", supplier)
            self.until_stocked()

    def _connect(self) -> None:
        self.say(f"connecting {', '.join(self.connections)} ...")
        self.command("apply", str(self.config_file))
        with ThreadPoolExecutor(CONNECT_AT_ONCE) as side_by_side:
            told = dict(zip(self.connections, side_by_side.map(self._connected, self.connections), strict=True))
        self._webhook_urls = {name: answer.get("webhook_url") or "" for name, answer in told.items()}
        self._write_run_file()
        self.sandbox.store.config.privacy_url = self._webhook_urls[STORE]

    def _connected(self, name: str) -> Any:
        return json.loads(self.command("connect", name, "--json", given=self.secrets_of(name)))

    def storage(self) -> Storage:
        """What Orderwright holds, for those who only look."""
        tables = json.loads(self.run_file.read_text(encoding="utf-8"))["tables"]
        client = self.stack.client("dynamodb")
        return DynamoStorage(client, tables, lambda: datetime.now(UTC), lambda: "desk", time.sleep)

    def until_stocked(self) -> None:
        """The suppliers' goods are on sale in every store. Raises SetUpFailed."""
        self.until("the suppliers' goods are on sale in every store", self._is_stocked, self._on_sale)

    def stop(self) -> None:
        """End everything that was started, in the opposite order."""
        if self._ticker is not None:
            self._ticker.stop()
            self._ticker = None
        if self.server is not None:
            self.server.stop()
            self.server = None
        self.stack.stop()
        if owner_of(self.run_file) == os.getpid():
            self.run_file.unlink()
            if self.run_file.stem != "run":
                # Named after this process, so no later shop writes it anew.
                self.config_file.unlink(missing_ok=True)

    @property
    def url(self) -> str:
        """The sandbox's home page."""
        assert self.server is not None
        return self.server.url

    @property
    def config_file(self) -> Path:
        """The shop's orderwright.yaml."""
        return self.run_file.with_suffix(".yaml") if self.run_file.stem != "run" else self.work / "orderwright.yaml"

    # --- the command line ---------------------------------------------------------------------------------------------

    def command(self, *arguments: str, given: Mapping[str, str] | None = None, check: bool = True) -> str:
        """Run `orderwright ...` as a person would; gives what it printed. Raises SetUpFailed with its words."""
        done = subprocess.run(
            [sys.executable, "-m", "local.cli", "--run-file", str(self.run_file), *arguments],
            input=json.dumps(given) if given is not None else "",
            capture_output=True,
            text=True,
            cwd=ROOT,
            env={**os.environ, "NO_COLOR": "1", "COLUMNS": "160"},
            timeout=COMMAND_SECONDS,
            check=False,
        )
        if check and done.returncode != 0:
            raise SetUpFailed(f"orderwright {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}".rstrip())
        return done.stdout

    def json_command(self, *arguments: str) -> Any:
        """The same with --json, parsed."""
        return json.loads(self.command(*arguments, "--json"))

    # --- waiting ------------------------------------------------------------------------------------------------------

    def until(self, what: str, look: Callable[[], T], count: Callable[[], tuple[int, int]] | None = None) -> T:
        """The first true answer of `look`. Raises SetUpFailed once nothing happens any more, with the functions' last words."""
        try:
            return self._waiter.until(what, look, count)
        except Stuck as error:
            raise SetUpFailed(str(error)) from None

    def pulse(self) -> Pulse:
        """What shows that work gets on: the vendors' ledgers, and what functions write that no schedule runs."""
        with self.sandbox.locked():
            entries = self.sandbox.world.ledger.entries
            told = sum(1 for entry in entries if entry.kind not in ROUTINE_ENTRIES)
        sizes = self.stack.log_sizes()
        routine = {name: sizes.pop(name, 0) for name in SCHEDULED if self._ticker is not None}
        return Pulse((told, tuple(sizes.items())), routine)

    def _is_stocked(self) -> bool:
        there, wanted = self._on_sale()
        asked = {shelf[FLOOD_TORCH].price for shelf in self._shelves() if FLOOD_TORCH in shelf}
        return there == wanted and asked == {FLOOD_TORCH_PRICE}

    def _on_sale(self) -> tuple[int, int]:
        shelves = self._shelves()
        # A shop that is set up by hand has no maker.
        skus = (*(good.sku for good in GOODS), *[ONLY_MADE] * self._set_up)
        sold = [shelf[sku] for shelf in shelves for sku in skus if sku in shelf]
        return sum(1 for entry in sold if entry.available and entry.price > 0), len(skus) * len(shelves)

    def _shelves(self) -> list[dict[str, Variant]]:
        """What each store sells now, by SKU."""
        with self.sandbox.locked():
            vendors = [self.sandbox.vendors[self.connections[name].played_by] for name in self.stores]
            return [{entry.sku: entry for entry in vendor.shelf()} for vendor in vendors]

    # --- setting up ---------------------------------------------------------------------------------------------------

    def _write_files(self) -> None:
        self.work.mkdir(parents=True, exist_ok=True)
        text = shop_yaml(self.url, self.sandbox.vendors, self.connections, self._rules)
        self.config_file.write_text(text, encoding="utf-8")
        self._write_run_file()

    def _write_run_file(self) -> None:
        write_run_file(
            self.run_file, run_facts(self.stack, self.url, {name: self._told(name) for name in self.connections})
        )

    def _told(self, name: str) -> dict[str, str]:
        """What run.json says of a connection; addresses come with connecting."""
        made, account = self.connections[name], self._account(name)
        told = {"kind": made.kind, "webhook_url": self._webhook_urls.get(name, "")}
        if account is None:
            return told
        secret = account.webhook_secret or signing_secret(self.secrets_of(name), made.kind)
        return {**told, "base_url": account.base_url(self.url), "webhook_secret": secret}

    def secrets_of(self, name: str) -> dict[str, str]:
        """What a person types at `connect` for this connection."""
        account = self._account(name)
        return typed_secrets(self.connections[name].kind, account, self._webhook_secret) if account else {}

    def _account(self, name: str) -> Account | None:
        return account_of(self.connections[name], self.sandbox.vendors)

    def _schedule_failed(self, schedule: str, error: Exception) -> None:
        self.say(f"schedule {schedule}: {error}")
