"""The scripted suppliers stood up: each shape of an order over HTTP, and the one by mail."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from local.sandbox.goods import GOODS
from local.sandbox.scripted import Forms, LateEffects, play
from local.sandbox.wire import Request, Response, json_response
from orderwright.connectors.context import Context
from orderwright.errors import OutcomeUnknown, Rejected
from orderwright.ports.people import Email
from orderwright.webhooks import Request as WebhookRequest
from tests.scripted.registering import SUPPLIERS
from tests.scripted.suppliers.mail.link import token_of
from tests.scripted.suppliers.vendor import PREFIX, Book, MailDesk, ScriptedVendor
from tests.support.stand import BASE, SupplierStand


class Scripted(SupplierStand):
    """Both kinds: their books are alike."""

    sku = GOODS[0].sku
    supplier_ref = PREFIX + sku
    book: Book

    @classmethod
    def samples(cls) -> Path:
        return Path(__file__).parent / "samples" / cls.kind

    def made(self) -> Sequence[str]:
        return [one.reference for one in self.book.orders]

    def ordered(self) -> Sequence[str]:
        return [one.reference for one in self.book.commitments()]

    def ship(self) -> str:
        return self.book.ship(self.reference)

    def cancel(self) -> None:
        self.book.cancel(self.reference)


class Steps(Scripted):
    """Over HTTP, by one call."""

    kind, package, name = "scripted", SUPPLIERS["scripted"], "scripted-one"
    lines: ClassVar[Mapping[str, Any]] = {"base_url": BASE, "shape": "one"}
    secrets = {"api_key": "scripted-key"}

    def __init__(self) -> None:
        super().__init__()
        self.book = self.vendor = ScriptedVendor(self.world)
        self.vendor.faults = self.faults

    def handle(self, request: Request) -> Response:
        return self.vendor.handle(request)

    def refuse(self) -> None:
        self.vendor.inventory.set_stock(self.sku, 0, self.clock.now())


class TwoSteps(Steps):
    name, lines = "scripted-two", {"base_url": BASE, "shape": "two"}


class ThreeSteps(Steps):
    name, lines = "scripted-three", {"base_url": BASE, "shape": "three"}


class Blind(Steps):
    name, lines = "scripted-blind", {"base_url": BASE, "shape": "two", "looks_up": False}


class ByMail(Scripted):
    """By mail, with a desk that shows parcels."""

    kind, package = "scripted-mail", SUPPLIERS["scripted-mail"]
    lines: ClassVar[Mapping[str, Any]] = {"desk": BASE}
    secrets = {"link_secret": "s3cret"}
    signing = "s3cret"
    signs_in = False
    refused = False

    def __init__(self) -> None:
        super().__init__()
        self.book = self.desk = MailDesk(self.world)

    def handle(self, request: Request) -> Response:
        failed, busy, away, no = (json_response({}, status, {"retry-after": "20"}) for status in (500, 429, 503, 404))
        forms = Forms(failed, busy, busy, away, no, no)
        return play(self.faults, "desk", lambda: self.desk.handle(request), lambda: forms, LateEffects(self.world))

    def read(self, connector: Any) -> Any:
        return connector.read_parcels(self.reference, {})

    def context(self, secrets: Mapping[str, str]) -> Context[Any]:
        return replace(super().context(secrets), mail=lambda: self)

    def send_email(self, email: Email) -> str:
        how = self.faults.always
        if self.refused:
            raise Rejected("the address takes no mail", code="MAIL_REFUSED")
        if how != "timeout":
            self.desk.take(email.to, email.text)
        if how != "ok":
            raise OutcomeUnknown("no answer")
        return "mail-1"

    def refuse(self) -> None:
        self.refused = True

    def knows(self, how: str) -> bool:
        return how in ("accept_then_timeout", "timeout")

    def webhook(self, sample: str, body: bytes, secret: str) -> WebhookRequest:
        try:
            named = str(json.loads(body)["reference"])
        except (ValueError, LookupError, TypeError, RecursionError):
            named = ""
        return WebhookRequest("GET", "/webhooks/x", {"reference": named, "token": token_of(named, secret)}, {}, b"")


STANDS = (Steps, TwoSteps, ThreeSteps, Blind, ByMail)
