"""The operator corrects where an order goes. Their address wins over the store's from then on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from orderwright.domain.order import Address, OrderDetails, OrderRecord, Reason
from orderwright.domain.purchase_order import PurchaseOrderState
from orderwright.domain.rules import Rules
from orderwright.domain.validation import address_problems
from orderwright.usecases.operator.desk import Desk, Refused, decided
from orderwright.usecases.operator.order_edit import Edit, commit, load
from orderwright.usecases.people.fixes import address_command, fixes_of, is_of_address

FIELDS = tuple(Address.model_fields)


class AddressFaulty(Refused):
    """The corrected address still has faults; `problems` name field, fault and fix, never a value."""

    def __init__(self, name: str, problems: list[Reason]) -> None:
        fix = address_command(name, problems)
        super().__init__("ADDRESS_FAULTY", "nothing was changed: the corrected address still has faults", fix)
        self.problems = problems


class Fixed(NamedTuple):
    """The fields that were changed, references that went to the old address, and the order as it is now.

    `still` says what else it waits for, with a command each; empty where it goes on automatically.
    """

    fields: tuple[str, ...]
    already_sent: tuple[str, ...]
    record: OrderRecord
    still: tuple[str, ...] = ()


def fix_address(desk: Desk, pk: str, given: Mapping[str, str], rules: Rules) -> Fixed:
    """Replace the given fields of the destination; the others stay. Raises Refused or AddressFaulty."""
    unknown = sorted(set(given) - set(FIELDS))
    if unknown:
        raise Refused("FIELD_UNKNOWN", f"an address has no field {', '.join(unknown)}", f"fields: {', '.join(FIELDS)}")
    if not given:
        raise Refused("NOTHING_GIVEN", "no field of the address was given", f"fields: {', '.join(FIELDS)}")
    return decided(lambda: _fix(desk, pk, given, rules))


def _fix(desk: Desk, pk: str, given: Mapping[str, str], rules: Rules) -> Fixed:
    file, stored = load(desk, pk)
    record = stored.model
    if record.erased_at is not None:
        raise Refused("ERASED", f"the personal data of {record.name} was erased", "a new order in the store is needed")
    old = file.details.model if file.details else OrderDetails(lines=())
    address = (old.destination or Address()).corrected(given)
    problems = address_problems(address, rules)
    if problems:
        raise AddressFaulty(record.name, problems)
    sent = tuple(
        held.model.reference
        for _, held in sorted(file.purchase_orders.items())
        if held.model.state is PurchaseOrderState.PLACED or held.model.sends or held.model.vendor_ids
    )
    fields = tuple(sorted(given))
    edit = Edit(f"address corrected: {', '.join(fields)}", details=old.corrected(address), replan=True)
    done = commit(desk, file, edit)
    # The order's own faults of the address are checked again; a parked purchase order moves only when it is retried.
    waits = [reason for reason in done.reasons if reason not in done.problems or not is_of_address(reason)]
    fixes = fixes_of(done.name, waits, [held.model for held in file.purchase_orders.values()])
    still = (" ".join((f"{why.code}:", fix.text, *fix.commands[-1:])) for why, fix in zip(waits, fixes, strict=True))
    return Fixed(fields, sent, done, tuple(still))
