"""A store says that something about an order changed: fetch it, decide, and commit everything at once (R5 to R13).

read our version -> fetch from the store -> plan (pure) -> commit if nobody wrote meanwhile, else from the start
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from orderwright.domain.config import Config
from orderwright.domain.order import Address, OrderRecord, Reason, StoreOrder
from orderwright.domain.timing import Timing
from orderwright.errors import Conflict, NotFound, Rejected
from orderwright.messages import Message
from orderwright.ports.connection import Clock
from orderwright.ports.out import Files
from orderwright.ports.store import StoreOrders
from orderwright.ports.supplier import PurchaseLine, SupplierOrders
from orderwright.records import OrderFile, SkuFile, control_part_key, order_key, order_part_key, order_pk
from orderwright.storage import Change, Put, Storage, retry_on_conflict
from orderwright.usecases import reservations
from orderwright.usecases.bill_uploads import read_upload
from orderwright.usecases.bills import BILL, carry_on
from orderwright.usecases.fulfilling.opening import really_unshipped
from orderwright.usecases.intake.approvals import asks_for_earlier
from orderwright.usecases.intake.deleted import deleted_order
from orderwright.usecases.intake.erasure import ERASE, close_connection, erase_orders
from orderwright.usecases.intake.linking import linked_now
from orderwright.usecases.intake.needs import outdated
from orderwright.usecases.intake.parked import park_unreadable, park_webhook
from orderwright.usecases.intake.plan import details_of, plan, wants_goods
from orderwright.usecases.intake.shop_erasure import erase_shop
from orderwright.usecases.intake.stock import Offers, stale
from orderwright.usecases.intake.waiting import Waiting
from orderwright.usecases.intake.work import FUNCTION, Lacks, Setting, Work
from orderwright.usecases.order_commit import OrderCommit
from orderwright.usecases.order_summary import quiet_put
from orderwright.usecases.routing.lately import Lately
from orderwright.usecases.store_orders import read_order, with_new_bundles


def ingest_order(
    message: Message,
    *,
    storage: Storage,
    config: Config,
    store_for: Callable[[str], StoreOrders],
    supplier_for: Callable[[str], SupplierOrders],
    timing: Timing,
    clock: Clock,
    bills: Callable[[str], Files],
    lately: Lately,
    link_mark: Callable[[str], str] = lambda pk: "",
) -> None:
    """One message about orders. While the store cannot be asked, it waits by a due time of its own (intake/waiting.py)."""

    def lacks(supplier: str, destination: Address, lines: Sequence[PurchaseLine]) -> Sequence[Reason]:
        return supplier_for(supplier).lacks(destination, lines) if supplier in config.connections else ()

    def take_in(one: Message) -> None:
        _take_in(
            one, lately, link_mark, storage=storage, config=config, store_for=store_for, lacks=lacks, timing=timing,
            clock=clock,
        )  # fmt: skip

    def work(one: Message) -> None:
        if one.type == "customer.request_due":
            from orderwright.usecases.intake.customer_requests import take_request  # rare, and it loads much

            take_request(one, storage=storage, clock=clock)
            return
        if one.type == BILL:
            _bill_due(one, storage, config, bills, clock)
            return
        _work(one, bills, take_in, storage=storage, store_for=store_for, timing=timing, clock=clock)

    Waiting(storage, timing, clock).run(message, work)


def _bill_due(message: Message, storage: Storage, config: Config, bills: Callable[[str], Files], clock: Clock) -> None:
    """A bill (Control), or one that a supplier sends on its page (Orders)."""
    if message.pk.startswith("BILL#"):
        carry_on(storage, config, control_part_key(message.pk, message.sk), clock.now(), FUNCTION)
    else:
        key = order_part_key(message.pk, message.sk)
        read_upload(storage, config, key, bills, clock.now(), message.correlation or message.id)


def _work(
    message: Message,
    bills: Callable[[str], Files],
    take_in: Callable[[Message], None],
    *,
    storage: Storage,
    store_for: Callable[[str], StoreOrders],
    timing: Timing,
    clock: Clock,
) -> None:
    """Raises what the store raises when it cannot be asked now."""
    if message.type == "order.webhook_parked":
        park_webhook(message, storage=storage, clock=clock)
    elif message.type == "order.erasure_asked":
        erase_orders(message, storage=storage, clock=clock, files=bills)
    elif message.type == "connection.closed":
        close_connection(message, storage=storage, store_for=store_for, clock=clock)
    elif message.type == ERASE:
        erase_shop(message, storage=storage, timing=timing, clock=clock, files=bills)
    else:
        take_in(message)


def _take_in(
    message: Message,
    lately: Lately,
    link_mark: Callable[[str], str],
    *,
    storage: Storage,
    config: Config,
    store_for: Callable[[str], StoreOrders],
    lacks: Lacks,
    timing: Timing,
    clock: Clock,
) -> None:
    connection, _, order_id = message.pk.partition("#") if message.pk else (message.connection, "", message.resource)
    pk = order_pk(connection, order_id)
    correlation = message.correlation or message.id

    def part_is_in() -> bool:
        """True: there is more of it, or something went back first. Then the order is read again."""
        file = storage.load_order(pk)
        if _give_back_next(file, storage, clock, message.topic or message.type, correlation):
            return True
        if linked_now(file, link_mark, storage, clock.now(), correlation):
            return True
        try:
            order = read_order(store_for(connection), order_id, file)
        except NotFound:
            gone = deleted_order(file, clock.now())
            if gone is None:
                _look_no_more(file, storage, clock)
                return False
            order = gone
        except Rejected as error:
            park_unreadable(pk, connection, order_id, f"{error.code}: {error.message}", storage=storage, clock=clock)
            return False
        order = really_unshipped(order, file).remembered(file.details.model.lines if file.details else ())
        if asks_for_earlier(config, file.record.model if file.record else None) and wants_goods(order):
            with suppress(NotFound, Rejected):  # then nobody knows it
                order = order.ordered_after(store_for(connection).earlier_orders(order))
        setting = Setting(config, timing, clock.now(), message.topic or message.type, correlation, lacks)
        setting = replace(setting, link_mark=link_mark)
        files = storage.load_skus([line.sku for line in order.lines if line.sku and line.requires_shipping])
        order, files = _in_our_spelling(order, files, storage)
        order, files = with_new_bundles(order, file, files, storage, config.rules, setting.now.date())
        setting = replace(setting, skus=files, switched_off=lately.switched_off, scores=lately.scores)
        offers = {sku: [held.model for held in found.offers.values()] for sku, found in files.items()}
        offers = {sku: held for sku, held in offers.items() if held}
        if wants_goods(order) and _take_outdated_back(order, file, offers, setting, storage):
            return True
        goods = {sku: found.record.model for sku, found in files.items() if found.record}
        changes = plan(order, file, offers, goods, setting)
        if changes:
            storage.commit(changes, correlation=correlation)
        return _another_part(pk, changes)

    while retry_on_conflict(part_is_in, f"order {order_id}"):
        pass  # that is progress: the tries count from the start


def _another_part(pk: str, changes: Sequence[Change]) -> bool:
    """Is there more to reserve or to give back than fitted into this commit?"""
    records = [change.model for change in changes if isinstance(change, Put) and change.key == order_key(pk)]
    return any(isinstance(record, OrderRecord) and (record.reserving or record.giving_back) for record in records)


def _give_back_next(file: OrderFile, storage: Storage, clock: Clock, why: str, correlation: str) -> bool:
    """The next part of what was too much for one commit, without asking the store. True: read the order again."""
    if file.record is None or not file.record.model.giving_back:
        return False
    record, back = reservations.next_part(file.pk, file.record.model, clock.now())
    what = f"{len(back)} reservations given back, {len(record.giving_back)} left: {why}"
    commit = OrderCommit(file, FUNCTION, clock.now(), correlation)
    commit.order(what, record)
    commit.beside(*back).write(storage)
    return True


def _in_our_spelling(
    order: StoreOrder, files: dict[str, SkuFile], storage: Storage
) -> tuple[StoreOrder, dict[str, SkuFile]]:
    """What the import matched though the store spells it otherwise goes on under our SKU. An exact one needs no match."""
    listings = {sku: file.listings.get(order.connection) for sku, file in files.items() if not file.offers}
    same = {sku: held.model.same_as for sku, held in listings.items() if held is not None and held.model.same_as}
    if not same:
        return order, files
    return order.sold_as(same), {**files, **storage.load_skus(list(same.values()))}


def _look_no_more(file: OrderFile, storage: Storage, clock: Clock) -> None:
    """An order that the store does not show any more cannot be looked at again: it keeps its state and its reasons."""
    at = file.record.model.recheck_at if file.record else None
    if file.record is None or at is None or at > clock.now():
        return
    with suppress(Conflict):  # another worker wrote meanwhile, and has decided again
        put = quiet_put(file.pk, file.record.model.rechecked_at(None), file.record.version)
        OrderCommit(file, FUNCTION, clock.now()).beside(put).write(storage)


def _take_outdated_back(order: StoreOrder, file: OrderFile, offers: Offers, setting: Setting, storage: Storage) -> bool:
    """What the store has edited since goes back first, as a commit of its own: DynamoDB writes an item once per transaction.

    True: something went back, read again. A purchase order ends in the same commit as the reservation that it used.
    """
    if file.record is None:
        return False
    before = file.record.model
    orders = {sk: held.model for sk, held in file.purchase_orders.items()}
    ended = outdated(order.lines, orders, setting.config.rules.routing)
    back = stale(Work(file.pk, before, details_of(order, file), orders), offers, setting)
    if not back and not ended:
        return False
    record, given = reservations.give_back(file.pk, before.stock_freed(back.keys()), back, setting.now)
    commit = OrderCommit(file, FUNCTION, setting.now, setting.correlation)
    for sk in ended:
        commit.handed_over(sk, orders[sk].nothing_ordered("EDITED", *orders[sk].reasons), setting.why)
    commit.order("lines edited: what was reserved for them goes back first", record)
    commit.beside(*given).write(storage)
    return True
