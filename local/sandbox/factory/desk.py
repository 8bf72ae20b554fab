"""What the clerk reads: orders, copies of them, and withdrawals, each with the link and the code to answer with."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field

from local.sandbox.ui.mailbox import Mailbox, Message

ADDRESS = "orders@factory.example"
_LINK = re.compile(r"https?://\S+/purchase-orders/([A-Z0-9]+)-\d{8}-[A-Z2-7]+")
_CODE = re.compile(r"(?<![\w-])\d{3}-\d{3}(?![\w-])")
_SKU, _UNITS = 4, 7
"""Columns of the order's CSV. Their headings are in the clerk's language."""


@dataclass(frozen=True)
class Mailed:
    """One mail about a purchase order. `kind`: ORDER, COPY or WITHDRAWN, as the CSV says; `units` by the factory's SKU."""

    kind: str
    reference: str
    link: str
    code: str
    message: str
    units: dict[str, int] = field(default_factory=dict)


class Factory:
    """The clerk's view of the mailbox."""

    def __init__(self, mailbox: Mailbox, address: str = ADDRESS) -> None:
        self._mailbox, self.address = mailbox, address

    def mailed(self, reference: str = "") -> list[Mailed]:
        """Everything that it was mailed, or what is about one purchase order; oldest first."""
        mails = [mail for mail in self._mailbox.messages() if mail.to == self.address]
        found = [one for mail in reversed(mails) if (one := _read(mail)) is not None]
        return [one for one in found if reference in ("", one.reference)]

    def message(self, mail: Mailed) -> Message | None:
        """The mail itself."""
        return self._mailbox.find(mail.message)

    def orders(self) -> list[Mailed]:
        """The ledger: what it would ship, a copy being none. An order that it was mailed twice is there twice."""
        withdrawn = {one.reference for one in self.mailed() if one.kind == "WITHDRAWN"}
        return [one for one in self.mailed() if one.kind == "ORDER" and one.reference not in withdrawn]


def _read(mail: Message) -> Mailed | None:
    link, code = _LINK.search(mail.text), _CODE.search(mail.text)
    if link is None or code is None:
        return None
    table = next((file.data.decode("utf-8-sig") for file in mail.files if file.name.endswith(".csv")), "")
    rows = list(csv.reader(io.StringIO(table)))[1:]
    units: dict[str, int] = {}
    for row in rows:
        units[row[_SKU]] = units.get(row[_SKU], 0) + int(row[_UNITS])
    return Mailed(rows[0][0] if rows else "WITHDRAWN", link[1], link[0], code[0], mail.id, units)
