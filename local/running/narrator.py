"""One readable line per event on the terminal: what the ledgers and the mailbox say, as it happens."""

from __future__ import annotations

import threading
from collections.abc import Callable

from local.running.shop import LocalShop
from local.sandbox.ui.sentences import sentence
from local.sandbox.wire import LedgerEntry

QUIET = frozenset({"webhook_delivered", "file_served", "webhook_subscribed"})


class Narrator:
    """Tells what is new, from a thread of its own, between `start` and `stop`."""

    def __init__(self, shop: LocalShop, say: Callable[[str], None] = print) -> None:
        self._shop = shop
        self._say = say
        self._told = len(shop.sandbox.world.ledger.entries)
        self._mails: set[str] = set()
        self._stores = {shop.connections[name].played_by: name for name in shop.stores}
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="narrator", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stopped.set()
        self._thread.join(5)

    def _run(self) -> None:
        while not self._stopped.wait(0.5):
            self._ledger()
            self._mailbox()

    def _ledger(self) -> None:
        entries = self._shop.sandbox.world.ledger.entries
        fresh = entries[self._told :]
        self._told += len(fresh)
        for entry in fresh:
            if entry.kind not in QUIET:
                role = self._shop.sandbox.roles.get(entry.vendor, entry.vendor)
                self._say(line_of(entry, role, self._stores.get(entry.vendor, "")))

    def _mailbox(self) -> None:
        if self._shop.mailbox is None:
            return
        try:
            messages = self._shop.mailbox()
        except (OSError, ValueError):
            return
        for message in messages:
            if message.id not in self._mails:
                self._mails.add(message.id)
                what = message.subject if message.channel == "mail" else message.text[:100]
                self._say(f"{message.at:%H:%M:%S}  {message.channel:<11} {what}")


def line_of(entry: LedgerEntry, role: str, store: str = "") -> str:
    """One ledger entry as a line: time, who (of several stores its name), about what, what happened."""
    told = sentence(entry, role)
    detail = f" ({told.detail})" if told.detail else ""
    who = store or ("stock file" if role == "feed" else role)
    return f"{entry.at:%H:%M:%S}  {who:<11} {entry.reference:<32} {told.title}{detail}"
