"""The world of the operator's book: a deployed stack, vendors, a merchant's folder, and what happens between the commands."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from local.demo.people import buy
from local.packager.artifacts import ROOT
from local.running.settings import CARRIER, STORE, SUPPLIER, variant_skus
from local.running.shop import LocalShop
from local.stack.emulator import REGION
from tests.e2e.outsider import Outsider

COMMAND_SECONDS = 900
LAMP, TORCH = "HL-COB-350", "HL-MS-400"
ANSWERS = {
    "shop_name": "Nordlight",
    "support_email": "help@nordlight.example.com",
    "store": STORE,
    "shop_domain": "nordlight-demo.myshopify.com",
    "client_id": "replaced-below",
    "location": "Orderwright dropship",
    "currency": "USD",
    "feed_url": "none",
    "carrier_kind": "easypost",
    "price_factor": "2.4",
    "spend_per_day": "1000.00",
    "spend_per_order": "150.00",
}


class Said(NamedTuple):
    """What a command printed on both streams, and its exit code."""

    text: str
    code: int


class Book:
    """A merchant with a terminal in a folder of their own."""

    def __init__(self, shop: LocalShop, folder: Path) -> None:
        self.shop = shop
        self.folder = folder
        self.file = folder / "orderwright.yaml"
        (folder / ".orderwright").mkdir()
        (folder / ".orderwright" / "run.json").symlink_to(shop.run_file)
        script = folder / "bin" / "orderwright"
        script.parent.mkdir()
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m local.cli "$@"\n', "utf-8")
        script.chmod(0o755)
        for name in (STORE, SUPPLIER, CARRIER):
            (folder / f"{name}.json").write_text(json.dumps(shop.secrets_of(name)), "utf-8")

    def run(self, command: str) -> Said:
        """Run a command line as a person would, in a terminal of 80 columns."""
        done = subprocess.run(
            ["bash", "-c", command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=self.folder,
            env={
                **os.environ,
                "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
                "PYTHONPATH": f"{ROOT}:{ROOT / 'layers/orderwright/python'}",
                "COLUMNS": "80",
                "NO_COLOR": "1",
                "ORDERWRIGHT_OPERATOR": "mika",
                "AWS_ENDPOINT_URL": self.shop.stack.endpoint,
                "AWS_ACCESS_KEY_ID": "test",
                "AWS_SECRET_ACCESS_KEY": "test",
                "AWS_REGION": REGION,
            },
            timeout=COMMAND_SECONDS,
            check=False,
        )
        return Said(done.stdout, done.returncode)

    def play(self, what: str) -> None:
        """Let the world do what a stage direction of the document says."""
        PLAYS[what](self)

    # --- what happens -------------------------------------------------------------------------------------------------

    def write_answers(self) -> None:
        """The merchant writes down what `init` asks."""
        store = next(account for account in self.shop.sandbox.accounts if account.kind == "shopify")
        told = {**ANSWERS, **{name: str(store.secrets[name]) for name in ("shop_domain", "client_id")}}
        (self.folder / "answers.json").write_text(json.dumps(told), "utf-8")

    def name_the_sandbox(self) -> None:
        """A file for real vendors names the sandbox's addresses instead, and which goods of the supplier are sold."""
        url, text = self.shop.url, self.file.read_text("utf-8")
        text = re.sub(r'base_url: "https://[^"]+"', f"base_url: {url}/shopify", text, count=1)
        goods = "\n".join(f"      {theirs}: {ours}" for theirs, ours in variant_skus().items())
        text = text.replace("    kind: cj\n", f"    kind: cj\n    base_url: {url}/cj\n    goods:\n{goods}\n")
        text = text.replace("    kind: easypost\n", f"    kind: easypost\n    base_url: {url}/easypost\n")
        self.file.write_text(text, "utf-8")

    def buys(self, who: str, *lines: tuple[str, int], **how: Any) -> str:
        """A customer buys, and the order is known here."""
        name = buy(self.shop.sandbox, who, *lines, **how)
        self.shop.until(f"{name} is known", lambda: self.state(name))
        return name

    def state(self, name: str) -> str:
        """An order's state; "" while it is unknown."""
        rows = {row["name"]: row["state"] for row in self.shop.json_command("orders", "list", "--all")}
        return str(rows.get(name, ""))

    def comes_to(self, name: str, state: str) -> None:
        """An order comes to a state."""
        self.shop.until(f"{name} is {state}", lambda: self.state(name) == state)

    def five_minutes_pass(self) -> None:
        """CJ gives a token once in five minutes: they have passed."""
        with self.shop.sandbox.locked():
            self.shop.sandbox.supplier.access._last_login = None

    def key_is_changed(self) -> None:
        """Somebody made a new key at the supplier: the old one and its tokens end, and an order shows it."""
        with self.shop.sandbox.locked():
            supplier = self.shop.sandbox.supplier
            supplier.config.api_key = "CJ0000001@api@new-key"
            supplier.access.expire_all()
        self.five_minutes_pass()
        buy(self.shop.sandbox, "portland", (LAMP, 1))
        self.shop.until("the supplier refuses the key", self._is_refused)
        (self.folder / "cj-new.json").write_text(json.dumps(self.shop.secrets_of(SUPPLIER)), "utf-8")
        self.five_minutes_pass()

    def _is_refused(self) -> bool:
        told = {row["connection"]: row for row in self.shop.json_command("connections")}
        return bool(told[SUPPLIER]["last_failure"])

    def cost_rises(self) -> None:
        """The supplier's bill for the next order is higher than what the store's price leaves."""
        with self.shop.sandbox.locked():
            self.shop.sandbox.supplier.set_cost(TORCH, Decimal("47.00"))
        name = self.buys("portland", (TORCH, 1))
        self.shop.until(f"{name} waits", lambda: self.state(name) == "NEEDS_ATTENTION")

    def ships(self, name: str) -> None:
        """The supplier hands an order to the carrier, and it is known here."""
        (bought,) = self.shop.json_command("orders", "show", name)["purchase_orders"]
        Outsider(self.shop.run_file).act("ship", reference=bought["reference"])
        self.comes_to(name, "SHIPPED")


def _placed(name: str) -> Callable[[Book], None]:
    return lambda book: book.comes_to(name, "PLACED")


PLAYS: dict[str, Callable[[Book], None]] = {
    "the answers stand in a file": Book.write_answers,
    "the file names the sandbox": Book.name_the_sandbox,
    "the goods are on sale": lambda book: book.shop.until_stocked(),
    "a customer buys, and the supplier is paid": lambda book: book.comes_to(book.buys("portland", (LAMP, 1)), "PLACED"),
    "five minutes pass": Book.five_minutes_pass,
    "somebody makes a new key at the supplier, and a customer buys": Book.key_is_changed,
    "the supplier is paid": _placed("#1002"),
    "a customer forgets the postcode": lambda book: book.comes_to(
        book.buys("tampere", (LAMP, 1), postcode=""), "NEEDS_ATTENTION"
    ),
    "the supplier is paid again": _placed("#1003"),
    "the supplier asks more than the price leaves": Book.cost_rises,
    "the first parcel leaves": lambda book: book.ships("#1001"),
}
"""Stage direction -> what it does."""
