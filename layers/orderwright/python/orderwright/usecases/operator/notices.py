"""Messages to customers that wait, failed, are unclear or came back: listed with their cause, and sent again on request."""

from __future__ import annotations

from typing import NamedTuple

from orderwright.domain.notice import Notice, Trouble
from orderwright.domain.order import OrderRecord
from orderwright.records import ORDERS, Stored, notice_key, notice_state, order_key
from orderwright.storage import Fact, Put, Storage
from orderwright.usecases.notices.feedback import mails_ended
from orderwright.usecases.notices.notice_put import WAKE, notice_put
from orderwright.usecases.operator.desk import Desk, Refused, decided
from orderwright.usecases.operator.order_edit import load
from orderwright.usecases.people.fixes import command

MOST = 1000


class ListedNotice(NamedTuple):
    """One notice in trouble, with its order's partition and the store's name of it."""

    pk: str
    order: str
    trouble: Trouble
    notice: Notice


def count_notices(storage: Storage) -> dict[str, int]:
    """How many notices there are of each kind of trouble, where there are any; by the index, which may lag."""
    found = {kind.value: storage.count_in_state(ORDERS, notice_state(kind.value), MOST) for kind in Trouble}
    return {kind: count for kind, count in found.items() if count}


def list_notices(storage: Storage, limit: int = MOST) -> list[ListedNotice]:
    """All of them, what has stood longest first within a kind. The index may lag, so each is read."""
    found: list[ListedNotice] = []
    for kind in Trouble:
        keys = storage.in_state(ORDERS, notice_state(kind.value), limit)
        records = storage.get_many([order_key(key.pk) for key in keys], OrderRecord)
        for key, held in storage.get_many(keys, Notice).items():
            record = records.get(order_key(key.pk))
            if held.model.trouble is not None and record is not None:
                found.append(ListedNotice(key.pk, record.model.name, held.model.trouble, held.model))
    return found


def retry_notices(desk: Desk, pk: str, *, may_double: bool = False, same_address: bool = False) -> tuple[str, ...]:
    """Send again what is in trouble at one order; one line for each notice.

    `may_double`: also what perhaps was sent. `same_address`: mails may go to the address again from which one came back.
    Raises Refused when nothing waits for it, or when one of the two is needed and not given.
    """
    return decided(lambda: _retry(desk, pk, may_double=may_double, same_address=same_address))


def _retry(desk: Desk, pk: str, *, may_double: bool, same_address: bool) -> tuple[str, ...]:
    file, record = load(desk, pk)
    troubled = [held for _, held in sorted(file.notices.items()) if held.model.trouble is not None]
    if not troubled:
        fix = "orderwright notices list"
        raise Refused("NOTHING_TO_RETRY", f"no message of {record.model.name} waits, failed or came back", fix)
    chosen = [held for held in troubled if may_double or held.model.trouble is not Trouble.UNCLEAR]
    if not chosen:
        raise Refused(
            "MAY_DOUBLE",
            f"a message of {record.model.name} was perhaps sent: sent again, the customer may get it twice",
            command("notices", "retry", record.model.name, "--may-double"),
        )
    ended = mails_ended(file)
    stopped = [held for held in chosen if ended and not same_address and held.model.channel == "email"]
    chosen = [held for held in chosen if held not in stopped]
    if not chosen:
        raise Refused(
            ended,
            f"a mail to the address of {record.model.name} came back permanently, or its owner complained",
            "correct the address in the store and retry; or, if you know that it is right: "
            f"{command('notices', 'retry', record.model.name, '--same-address')}",
        )
    # What stops the address may stand at a notice that needs nobody: its later mail went out before the bounce came.
    kept = [held for held in file.notices.values() if same_address and held not in chosen and held.model.feedback]
    freed = [notice_put(pk, held.model.address_cleared(), held.version, desk.now()) for held in kept]
    desk.storage.commit([*(_again(desk, pk, held) for held in chosen), *freed], correlation=desk.correlation)
    said = [(held, "sent again") for held in chosen] + [(held, f"left as it is: {ended}") for held in stopped]
    return tuple(
        f"{held.model.channel} {held.model.milestone.value.lower().replace('_', ' ')}: {what}" for held, what in said
    )


def _again(desk: Desk, pk: str, held: Stored[Notice]) -> Put:
    """Due at once, with all its tries."""
    notice = held.model
    again = notice.sent_again(desk.now()).noted(desk.entry(f"retry {notice.channel} {notice.milestone.value.lower()}"))
    fact = Fact(WAKE, pk=pk, sk=notice_key(pk, notice.subject, notice.channel).sk)
    return notice_put(pk, again, held.version, desk.now(), (fact,))
