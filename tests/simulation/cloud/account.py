"""One account of the in-process AWS: tables, streams, secrets, snapshots, mails, text messages. No socket, no waiting.

ministack does what AWS does; this module hands requests to its services and copies what it holds. What it would take from the
machine comes from the account: ids are counted, and time stands still, so that the same seed meets the same, however slow the
machine is and whatever the process did before.
"""

from __future__ import annotations

import contextvars
import copy
import importlib
import itertools
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from tests.simulation.cloud import quick
from tests.simulation.cloud.emulator import module_of
from tests.simulation.cloud.readings import read_once
from tests.simulation.kernel.cloning import plain

REGION = "eu-north-1"
ACCOUNTS = itertools.count(500_000_000_000)
"""Far from the accounts of all other tests in this process, which are counted as well."""
REPEATABLE = 1000
"""So many of the last transactions are known by their tokens, whatever the machine's clock says."""

_MODULES = {"dynamodb": "dynamodb", "ssm": "ssm", "sesv2": "ses_v2", "sns": "sns", "s3": "s3"}
_STORES = {
    "dynamodb": ("_tables", "_stream_records", "_stream_trimmed", "_txn_idempotency"),
    "ses": ("_sent_emails",),
    "sns": ("_sms_messages",),
    "ssm": ("_parameters", "_parameter_history"),
    "s3": ("_buckets",),
}
"""What changes while a shop runs. Identities, topics and the like are made once and are left where they are."""
_TABLE_STATE = ("_index_members",)
"""What of a table changes in place, beside its items."""
_IDS = ("account", "ids")
"""Where `take` keeps how many ids were given."""


_asked: contextvars.ContextVar[Account | None] = contextvars.ContextVar("asked", default=None)
"""The account that is being asked; None in requests of everybody else in this process."""


class _Time:
    """ministack's time, by which it forgets transactions and stream records: for our accounts it stands still."""

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)

    @staticmethod
    def time() -> float:
        """The machine's, or none."""
        return time.time() if _asked.get() is None else 0.0


def _counted(real: Callable[[], str], form: str) -> Callable[[], str]:
    """ministack's ids: for our accounts a counter."""

    def new() -> str:
        account = _asked.get()
        if account is None:
            return real()
        account.ids += 1
        return form.format(account.ids)

    return new


@cache
def _repeatable() -> None:
    """From now on, in this process."""
    for name in dict.fromkeys((*_MODULES.values(), *_STORES)):
        module = module_of(name)
        if hasattr(module, "new_uuid"):
            module.new_uuid = _counted(module.new_uuid, "00000000-0000-4000-8000-{:012d}")
        if hasattr(module, "time"):
            module.time = _Time()
    streams = module_of("dynamodb")
    streams._next_stream_seq = _counted(streams._next_stream_seq, "{:030d}")
    mails = module_of("ses_v2")
    mails._build_mime_message = _never_sent(mails._build_mime_message)
    read_once()


class Account:
    """An isolated account. `take` and `put` copy all that it holds."""

    def __init__(self) -> None:
        import tests.support.aws_in_process  # noqa: F401 - sets what ministack reads when it is imported

        self.number = f"{next(ACCOUNTS):012d}"
        responses = importlib.import_module("ministack.core.responses")
        self._context = contextvars.copy_context()
        self._context.run(responses.set_request_account_id, self.number)
        self._context.run(responses.set_request_region, REGION)
        self._handlers = {service: module_of(name).handle_request for service, name in _MODULES.items()}
        self._context.run(_asked.set, self)
        _repeatable()
        self.ids = 0
        self.asked = 0
        """How many requests came that may have changed something: while it stays the same, so does everything in here."""
        self.mailed = self.texted = 0
        """How many of them may have been a mail, or a text message."""
        self._tables: dict[str, dict[str, Any]] = {}
        self._streams: dict[str, list[dict[str, Any]]] = {}
        self._trimmed: dict[str, int] = {}
        """How many records of a table's stream are forgotten."""
        self._stores: dict[tuple[str, str], dict[Any, Any]] = {}
        for module, names in _STORES.items():
            for name in names:
                held = getattr(module_of(module), name, None)
                if held is not None:
                    self._stores[module, name] = held._data

    def ask(
        self, service: str, method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Hand one request to a service and give (status, headers, body)."""
        self.asked += 1
        self.mailed += service == "sesv2"
        self.texted += service == "sns"
        return self._context.run(self._ask, service, method, path, headers, body, query)

    def _ask(
        self, service: str, method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
    ) -> tuple[int, Mapping[str, str], bytes]:
        asking = self._handlers[service](method, path, headers, body, query)
        try:
            asking.send(None)
        except StopIteration as done:
            status, answer_headers, answer = done.value
            return status, answer_headers, answer if isinstance(answer, bytes) else str(answer).encode()
        raise RuntimeError(f"{service} waits for something outside this process")

    def ask_quickly(self, service: str, operation: str, request: dict[str, Any]) -> tuple[int, Any]:
        """The same without a wire, for the operations of `quick`: (status, answer)."""
        self.asked += operation not in quick.READS
        return self._context.run(quick.ask, service, operation, request)

    # --- everything at once -------------------------------------------------------------------------------------------

    def _own(self, store: dict[Any, Any]) -> dict[Any, Any]:
        return {key: value for key, value in store.items() if key[0] == self.number}

    def take(self) -> dict[tuple[str, str], dict[Any, Any]]:
        """A copy of everything."""
        taken: dict[tuple[str, str], dict[Any, Any]] = {}
        for name, store in self._stores.items():
            taken[name] = _copied(name[1], self._own(store))
        taken[_IDS] = {"last": self.ids}
        return taken

    def put(self, taken: Mapping[tuple[str, str], dict[Any, Any]]) -> None:
        """Everything as it was taken; `taken` stays usable."""
        self.asked += 1
        self.mailed += 1
        self.texted += 1
        self._tables.clear()
        self._streams.clear()
        self.ids = taken[_IDS].get("last", 0)
        for name, store in self._stores.items():
            for key in self._own(store):
                del store[key]
            store.update(_copied(name[1], taken[name]))
        trimmed = self._own(self._stores["dynamodb", "_stream_trimmed"])
        self._trimmed = {key[-1]: count for key, count in trimmed.items()}

    # --- letting go, in very long runs --------------------------------------------------------------------------------

    def forget_told(self) -> None:
        """All mails and text messages so far were read."""
        for mails in self._own(self._stores["ses", "_sent_emails"]).values():
            mails.clear()
        texts = self._stores["sns", "_sms_messages"]
        for key in self._own(texts):
            del texts[key]

    def forget_transactions(self) -> None:
        """Some are too old to be repeated."""
        known = self._stores["dynamodb", "_txn_idempotency"]
        for key in list(self._own(known))[:-REPEATABLE]:
            del known[key]

    def forget_stream(self, table: str, until: int) -> None:
        """The stream's records before that place were read by everybody. What ministack does with records of yesterday."""
        count = until - self._trimmed.get(table, 0)
        if count <= 0:
            return
        del self.stream(table)[:count]
        self._trimmed[table] = until
        trimmed = self._stores["dynamodb", "_stream_trimmed"]
        key = next(
            key for key in self._stores["dynamodb", "_stream_records"] if key[0] == self.number and key[-1] == table
        )
        trimmed[key] = until

    # --- looking ------------------------------------------------------------------------------------------------------

    def table(self, name: str) -> dict[str, Any]:
        """ministack's own record of a table."""
        known = self._tables.get(name)
        if known is not None:
            return known
        for key, value in self._stores["dynamodb", "_tables"].items():
            if key[0] == self.number and key[-1] == name:
                self._tables[name] = value
                return value  # type: ignore[no-any-return]
        raise KeyError(name)

    def items(self, table: str) -> list[dict[str, Any]]:
        """All items of a table, in wire form, read past every API."""
        return [item for part in self.table(table)["items"].values() for item in part.values()]

    def stream_end(self, table: str) -> int:
        """The place behind the last record of a table's stream. Places count from its first record, for ever."""
        return self._trimmed.get(table, 0) + len(self.stream(table))

    def stream_since(self, table: str, place: int, end: int | None = None) -> list[dict[str, Any]]:
        """A table's stream records from that place on. Raises LookupError when some of them are forgotten."""
        first = place - self._trimmed.get(table, 0)
        if first < 0:
            raise LookupError(f"the stream of {table} begins at {place - first} by now, not at {place}")
        return self.stream(table)[first : None if end is None else end - place + first]

    def stream(self, table: str) -> list[dict[str, Any]]:
        """The live list of those of a table's stream records that are not forgotten, oldest first."""
        known = self._streams.get(table)
        if known is not None:
            return known
        for key, value in self._stores["dynamodb", "_stream_records"].items():
            if key[0] == self.number and key[-1] == table:
                self._streams[table] = value
                return value  # type: ignore[no-any-return]
        return []

    def mails(self) -> list[dict[str, Any]]:
        """All mails that SES took, oldest first."""
        stores = list(self._own(self._stores["ses", "_sent_emails"]).values())
        # Asked for each mail: the list itself, not a copy of thousands of mails.
        return stores[0] if len(stores) == 1 else [mail for store in stores for mail in store]

    def texts(self) -> list[dict[str, Any]]:
        """All text messages that SNS took, oldest first for each number."""
        return [text for value in self._own(self._stores["sns", "_sms_messages"]).values() for text in value]


def _never_sent(real: Callable[..., Any]) -> Callable[..., Any]:
    """What a mail server would be sent, as text: for our accounts there is none."""

    def build(*given: Any, **more: Any) -> Any:
        return real(*given, **more) if _asked.get() is None else ""

    return build


def _copied(name: str, store: Mapping[Any, Any]) -> dict[Any, Any]:
    """A store that shares nothing that changes. Items, and records of their changes, are replaced and never changed."""
    if name == "_tables":
        return {key: _copied_table(table) for key, table in store.items()}
    if name == "_stream_records":
        return {key: list(records) for key, records in store.items()}
    return {key: plain(value) for key, value in store.items()}


def _copied_table(table: Mapping[str, Any]) -> dict[str, Any]:
    """What a table was created with is shared: nothing alters a table here."""
    made = {name: plain(value) if name in _TABLE_STATE else value for name, value in table.items() if name != "items"}
    items: defaultdict[str, dict[str, Any]] | dict[str, dict[str, Any]] = copy.copy(table["items"])
    for pk, part in items.items():
        items[pk] = dict(part)
    made["items"] = items
    return made
