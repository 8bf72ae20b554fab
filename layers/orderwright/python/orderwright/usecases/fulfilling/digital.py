"""Digital lines are shown as fulfilled in the store once, without a number (R9), unless the order was given up meanwhile."""

from __future__ import annotations

from orderwright.domain.order import units_of
from orderwright.domain.payment import KnownPayment, PaymentGate, payment_gate
from orderwright.domain.shipment import ShipmentLine, StoreFulfillment
from orderwright.ports.store import FulfillmentView
from orderwright.records import OrderFile
from orderwright.usecases.fulfilling.acceptance import AcceptedOrder


def still_sold(file: OrderFile, made: StoreFulfillment) -> tuple[ShipmentLine, ...]:
    """Its lines, with no more units than are sold now and not delivered; none of an order that was cancelled or refunded."""
    assert file.record is not None
    record, lines = file.record.model, file.details.model.lines if file.details else ()
    gate = payment_gate(KnownPayment(record.payment, record.total, record.refunded, lines)).gate
    if record.cancelled or gate is PaymentGate.STOP:
        return ()
    others = [held.model for held in file.fulfillments.values() if held.model.digital and held.model != made]
    done = units_of((one.line_id, one.quantity) for other in others if other.fulfillment_id for one in other.lines)
    sold = {line.line_id: line.quantity - done.get(line.line_id, 0) for line in lines}
    return tuple(
        ShipmentLine(line_id=one.line_id, sku=one.sku, title=one.title, quantity=min(one.quantity, sold[one.line_id]))
        for one in made.lines
        if sold.get(one.line_id, 0) > 0
    )


class DigitalRecord(AcceptedOrder):
    """What is delivered without a supplier. A store that shows such lines as fulfilled by itself is believed."""

    @property
    def lines(self) -> tuple[ShipmentLine, ...]:
        """What is still to be shown."""
        return still_sold(self.file, self.held)

    def _do(self) -> bool:
        return super()._do() if self.lines else self._done("", "nothing of it is to be delivered any more")

    def _looked(self, view: FulfillmentView) -> bool:
        """A store that fulfils only what is shipped waits for nothing here."""
        waits = {line.line_id for line in view.open_lines}
        lines = tuple(line for line in self.lines if line.line_id in waits)
        if found := self._found(view):
            return self._done(found, "found in the store")
        return (
            self._create(view, tuple((line.line_id, line.quantity) for line in lines), "", "", "")
            if lines
            else self._done("", "the store waits for none of its lines")
        )

    def _found(self, view: FulfillmentView) -> str:
        taken = self._taken()
        for made in view.made:
            units = units_of(made.lines)
            covers = all(units.get(line.line_id, 0) >= line.quantity for line in self.lines)
            if covers and made.fulfillment_id not in taken:
                return made.fulfillment_id
        return ""
