"""Digital lines are shown as fulfilled in the store once, without a number (R9), unless the order was given up meanwhile."""

from __future__ import annotations

from orderwright.domain.order import units_of
from orderwright.domain.payment import KnownPayment, PaymentGate, payment_gate
from orderwright.ports.store import FulfillmentView
from orderwright.records import OrderFile
from orderwright.usecases.fulfilling.acceptance import AcceptedOrder


def given_up(file: OrderFile) -> bool:
    """Was the order cancelled or refunded? Then nothing digital is sent any more."""
    assert file.record is not None
    record = file.record.model
    lines = file.details.model.lines if file.details else ()
    gate = payment_gate(KnownPayment(record.payment, record.total, record.refunded, lines)).gate
    return record.cancelled or gate is PaymentGate.STOP


class DigitalRecord(AcceptedOrder):
    """What is delivered without a supplier. A store that shows such lines as fulfilled by itself is believed."""

    def _do(self) -> bool:
        if given_up(self.file):
            self._rest()
            return False
        return super()._do()

    def _found(self, view: FulfillmentView) -> str:
        taken = self._taken()
        for made in view.made:
            units = units_of(made.lines)
            covers = all(units.get(line.line_id, 0) >= line.quantity for line in self.held.lines)
            if covers and made.fulfillment_id not in taken:
                return made.fulfillment_id
        return ""
