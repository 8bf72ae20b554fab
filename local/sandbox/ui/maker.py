"""The maker of lamps on the pages: what it was mailed, what it answered, and the link to each order's page."""

from __future__ import annotations

from typing import Any, NamedTuple

from local.sandbox.factory import AnswerSource, Factory, Known, Mailed
from local.sandbox.goods import MADE
from local.sandbox.ui.mailbox import Message
from local.sandbox.ui.timeline import Key, stamp

_OURS = {good.maker_sku: good.sku for good in MADE}
_TITLES = {"ORDER": "Order mailed to the maker", "COPY": "Maker reminded", "WITHDRAWN": "Maker told not to ship"}
_TONES = {"ORDER": "good", "COPY": "warn", "WITHDRAWN": "bad"}


class ByMail(NamedTuple):
    """One purchase order of the maker: its mails, oldest first, and what is known of it."""

    mails: tuple[Mailed, ...]
    known: Known | None


class Maker:
    """Both sources are asked before the vendors are kept still: they may be slow."""

    def __init__(self, factory: Factory, answers: AnswerSource) -> None:
        self._factory, self._answers = factory, answers

    def orders(self) -> list[ByMail]:
        """All that it was mailed, newest first."""
        found: dict[str, list[Mailed]] = {}
        for mail in self._factory.mailed():
            found.setdefault(mail.reference, []).append(mail)
        try:
            known = self._answers(found.keys())
        except OSError:
            known = {}
        return [ByMail(tuple(mails), known.get(reference)) for reference, mails in found.items()][::-1]

    def shown(self, orders: list[ByMail]) -> dict[str, Any]:
        """For the Supplier panel."""
        return {"address": self._factory.address, "orders": [self._row(one) for one in orders]}

    def told(self, orders: list[ByMail]) -> dict[Key, list[dict[str, Any]]]:
        """Lines of the orders' time lines."""
        found: dict[Key, list[dict[str, Any]]] = {}
        for mails, known in orders:
            if known is None:
                continue
            rows = found.setdefault((known.store, known.order), [])
            for mail in mails:
                message = self._factory.message(mail)
                if message is not None:
                    rows.append(_mail_row(mail, message))
            for at, what, why, tone in known.answers:
                rows.append(_line(stamp(at), "supplier", "answer", what, why, tone))
        return found

    def _row(self, one: ByMail) -> dict[str, Any]:
        mails, known = one
        last, message = mails[-1], self._factory.message(mails[0])
        units = next((mail.units for mail in mails if mail.units), {})
        return {
            "reference": last.reference,
            "store": known.store if known else None,
            "order": known.order if known else None,
            "state": known.state if known else "MAILED",
            "lines": [{"sku": _OURS.get(theirs, theirs), "quantity": count} for theirs, count in units.items()],
            "link": last.link,
            "code": last.code,
            "at": stamp(message.at) if message else "",
            "mails": [{"kind": mail.kind, "message": mail.message} for mail in mails],
            "answers": [answer.what for answer in known.answers] if known else [],
        }


def _mail_row(mail: Mailed, message: Message) -> dict[str, Any]:
    row = _line(stamp(message.at), "mailbox", "mail", _TITLES[mail.kind], message.subject, _TONES[mail.kind])
    return {**row, "message": mail.message}


def _line(at: str, source: str, kind: str, title: str, detail: str, tone: str) -> dict[str, Any]:
    return {"at": at, "source": source, "kind": kind, "title": title, "detail": detail, "tone": tone}
