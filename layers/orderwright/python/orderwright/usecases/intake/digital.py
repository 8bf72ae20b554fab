"""Lines that nobody ships are delivered by rule, once nothing stops their order (R9): a mail with a link, or only marked. Pure.

One fulfillment of the store (DIGITAL-1, and others where lines were added later) is recorded by the same engine as an accepted
purchase order, without a number. The mail is a milestone of its own, once for each of these fulfillments.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from orderwright.domain.order import OrderLine, Reason, StoreOrder, units_of
from orderwright.domain.rules import DigitalLink
from orderwright.domain.shipment import DIGITAL, Milestone, ShipmentLine, StoreFulfillment
from orderwright.records import OrderFile, fulfillment_key
from orderwright.storage import Due, Fact
from orderwright.usecases.intake.approvals import buys_from
from orderwright.usecases.intake.work import Setting, Work
from orderwright.usecases.order_commit import FULFILL, OrderCommit

Left = Sequence[tuple[OrderLine, int]]
"""Lines, with the units that are still to be delivered."""


def left(work: Work, order: StoreOrder, file: OrderFile, setting: Setting) -> Left:
    """Digital lines with a rule, less what was delivered.

    Stores may show such lines as fulfilled once they are paid. Then they count with an order that is new here, and not with one
    that was known before there was a rule: its buyer has got them in another way.
    """
    held = file.record.model if file.record else None
    since = buys_from(order.connection, setting.config)
    new = held.digital_left if held else since is None or order.created_at >= since
    if work.record.erased_at is not None:
        return ()
    given = units_of((one.line_id, one.quantity) for made in _made(file) for one in made.lines)
    wanted = [line for line in order.lines if not (line.requires_shipping or line.gift_card)]
    counted = ((line, line.quantity - given.get(line.line_id, 0)) for line in wanted if new or line.unfulfilled)
    return [(line, units) for line, units in counted if units > 0 and line.sku in setting.config.rules.digital]


def problems(work: Work, lines: Left, setting: Setting) -> Sequence[Reason]:
    """A link that nobody can be sent."""
    rules = setting.config.rules.digital
    linked = [line.sku for line, _ in lines if isinstance(rules[line.sku], DigitalLink)]
    if not linked or work.details.email:
        return ()
    message = f"{', '.join(linked)}: the link is sent by mail, and the order has no e-mail address"
    fix = "write the address into the order in the store; or send the link yourself, and release the order"
    return (Reason(code="DIGITAL_NO_EMAIL", message=message, fix=fix, field="email"),)


def opened(work: Work, order: StoreOrder, file: OrderFile, setting: Setting) -> Work:
    """Nothing stops the order: what is left is to be delivered now."""
    lines = left(work, order, file, setting)
    if not lines:
        return work
    made = StoreFulfillment(
        supplier="",
        reference=f"{DIGITAL}{len(_made(file)) + 1}",
        lines=tuple(
            ShipmentLine(line_id=line.line_id, sku=line.sku, title=line.title, quantity=units) for line, units in lines
        ),
        created_at=setting.now,
    )
    return replace(work, record=work.record.digital_waits(left=False), digital=made)


def deliver(commit: OrderCommit, made: StoreFulfillment, connection: str, setting: Setting) -> None:
    """To be committed with the order: the store is to show it, and the customer gets the links, where there are any."""
    key = fulfillment_key(commit.file.pk, made.reference)
    facts = [Fact(FULFILL, connection=connection, pk=key.pk, sk=key.sk)]
    if any(isinstance(setting.config.rules.digital[line.sku], DigitalLink) for line in made.lines):
        detail = {"milestone": Milestone.DIGITAL.value}
        facts.append(Fact("notice.due", connection=connection, pk=key.pk, sk=key.sk, detail=detail))
    commit.fulfillment(key.sk, made, f"{made.reference}: delivered by rule", facts=facts, due=Due(commit.now, FULFILL))


def _made(file: OrderFile) -> list[StoreFulfillment]:
    return [held.model for held in file.fulfillments.values() if held.model.digital]
