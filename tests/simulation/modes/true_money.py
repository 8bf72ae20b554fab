"""A shop that knows what its sales leave: taxes by country, duty, fees, money that goes back, bills that surprise (promise P13).

Finland and Germany have whole rules. Austria's nobody has confirmed, Great Britain has none, and the United States add their tax
to the price. One gateway of three has no fee.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from random import Random
from typing import Any

from local.sandbox.goods import GOODS
from local.sandbox.shopify import TaxRule
from orderwright.domain.catalogue import FreightQuoteRecord, FreightTable, SkuRecord
from orderwright.domain.config import Config
from orderwright.domain.timing import AWS
from orderwright.domain.unit_cost import UnitCost
from orderwright.records import freight_key, sku_key
from orderwright.storage import Put
from orderwright.usecases.operator.applying import apply_config, current_config
from orderwright.usecases.operator.desk import Desk
from orderwright.usecases.operator.order_list import ATTENTION, list_orders
from orderwright.usecases.operator.release import GATE_CODES, releasable, release_order
from tests.simulation.faults.mix import Mix
from tests.simulation.judge.reckoned import Customs
from tests.simulation.modes import swarm
from tests.simulation.modes.additions import configured, later
from tests.simulation.modes.bench import Bench
from tests.simulation.modes.swarm import BUYING, Ending
from tests.simulation.people.operator import Operator
from tests.simulation.people.payers import plan_payers
from tests.simulation.people.scene import is_over
from tests.simulation.sim import START, Sim
from tests.support.shop import STORE, SUPPLIER

TODAY = START.date()
TOMORROW = START.replace(hour=0) + timedelta(days=1)
HEADINGS = ("851310", "851310", "850760", "9405414210")
TAXES = {
    "FI": TaxRule(Decimal("25.5")),
    "DE": TaxRule(Decimal(19)),
    "AT": TaxRule(Decimal(20)),
    "US": TaxRule(Decimal(8), included=False, title="Sales tax"),
}
KNOWN = ("FI", "DE", "US")
LIVE_IN = ("FI", "FI", "FI", "DE", "DE", "US", "AT", "GB")


def destination(to: str, rate: str, **more: Any) -> dict[str, Any]:
    """A whole rule, unless `more` says otherwise."""
    tax = {"rate": rate, "in_price": "included", "remitter": "merchant"}
    usual = {"incoterm": "DDP", "duty_in": "carrier", "valid_from": "2026-07-01", "confirmed_by": "the owner"}
    return {"name": f"parcels to {to}", "to": [to], "tax": tax, "duty": "none", **usual, **more}


def rules_of(finland_until: date | None = None) -> dict[str, Any]:
    """Of this shop: rates are dated, and euros of duty are no whole cents of a dollar."""
    union = {"per_heading": "3.00 EUR", "up_to": "150 EUR"}
    american = {"tax": {"rate": "8", "in_price": "excluded", "remitter": "merchant"},
                "duty": {"percent": "12.5", "value": "revenue"}, "handling": {"per_parcel": "2.50 USD"}}  # fmt: skip
    return {
        "base_currency": "USD",
        "fx": [{"currency": "EUR", "rate": "1.08337", "dated": TODAY}],
        "destinations": [
            destination("FI", "25.5", duty=union, above={"duty": "none"}, valid_until=finland_until),
            destination("DE", "19", duty=union, duty_in="bill"),
            destination("AT", "20", duty=union, confirmed_by="confirm"),
            destination("US", "8", **american),
        ],
        "fees": {
            "shopify_payments": {"percent": "2.9", "fixed": "0.30 USD"},
            "paypal": {"percent": "3.4", "fixed": "0.35 USD", "base": "net"},
        },
    }


def know(config: Config, rules: dict[str, Any], least: int) -> Config:
    """The same with these rules, and so many percent that each purchase must leave."""
    store = config.connections[STORE].model_copy(update={"sell_to": KNOWN})
    body = config.model_dump(mode="json", by_alias=True)
    changed = Config.model_validate({**body, "connections": {**body["connections"], STORE: store.model_dump(mode="json")},
                                     "rules": {**body["rules"], **rules}})  # fmt: skip
    limits = changed.limits.model_copy(update={"minimum_order_margin_percent": Decimal(least)})
    return changed.model_copy(update={"limits": limits})


def attributes(sim: Sim, customs: dict[str, Customs]) -> None:
    """What customs ask of the goods, and the freight to where we sell, as imports leave them."""
    sim.memory["customs"] = customs
    for good in GOODS:
        held = sim.storage.get(sku_key(good.sku), SkuRecord)
        assert held is not None
        of = customs[good.sku]
        record = held.model.model_copy(update={"hs6": of.hs6, "mpn": of.mpn, "origin": "CN"})
        quote = FreightQuoteRecord(
            price=UnitCost.parse(str(good.freight), "USD"),
            quoted_at=sim.clock.now(),
            warehouse="CN",
            carries_duty=False,
        )
        table = FreightTable(sku=good.sku, supplier=SUPPLIER, quotes=dict.fromkeys(KNOWN, quote))
        sim.storage.commit(
            [Put(sku_key(good.sku), record, held.version, state="SKU"), Put(freight_key(good.sku, SUPPLIER), table, 0)]
        )


def usual_customs() -> dict[str, Customs]:
    """Nothing is missing."""
    return {good.sku: Customs(HEADINGS[place % len(HEADINGS)], f"M-{good.sku}") for place, good in enumerate(GOODS)}


def open_books(sim: Sim, least: int, finland_until: date | None = None, before_midnight: float = 0.0) -> None:
    """Taxes in the store, rules here, and goods that customs know; perhaps so many seconds before the day ends."""
    if before_midnight:
        sim.pass_on((TOMORROW - sim.clock.at).total_seconds() - before_midnight)
    sim.store.config.taxes = dict(TAXES)
    attributes(sim, usual_customs())
    configured(sim, lambda config: know(config, rules_of(finland_until), least))


def true_money(sim: Sim) -> None:
    """Such a shop with some customers, an operator who releases, and whatever makes a margin worse than it looked."""
    dice = sim.dice("true money")
    open_books(sim, dice.choice((5, 20, 30, 35, 40, 45)))
    customs = sim.memory["customs"]
    if dice.random() < 0.3:
        sku = dice.choice(GOODS).sku
        customs[sku] = dice.choice((Customs("", "M-1"), Customs("851310", "")))
    _rewrite(sim, customs)
    if dice.random() < 0.3:
        sim.store.config.card_fee = (Decimal("2.4"), Decimal("0.25"))
    sim.store.config.gross_refunds = dice.random() < 0.5
    plan_payers(sim, 3, dice, span_seconds=BUYING, countries=LIVE_IN, until=sim.quiet_from)
    for _ in range(6):
        amount, sku = dice.choice(("0.37", "1.20", "4.00", "25.00")), dice.choice(GOODS).sku
        later(sim, dice.uniform(0, 20), partial(sim.supplier.set_payable_surcharge, sku, Decimal(amount)))
    operator = Operator(sim, AWS, sim.quiet_from)
    for number in range(5):
        later(sim, dice.uniform(1, 60), ReleaseMoney(operator, dice.getrandbits(64), number))
    if dice.random() < 0.3:
        later(sim, dice.uniform(0.1, 12), ChangeRules(operator, dice.choice(("ends", "is doubted", "is dearer"))))


def _rewrite(sim: Sim, customs: dict[str, Customs]) -> None:
    for sku, of in sorted(customs.items()):
        held = sim.storage.get(sku_key(sku), SkuRecord)
        assert held is not None
        if (held.model.hs6, held.model.mpn) != of:
            record = held.model.model_copy(update={"hs6": of.hs6, "mpn": of.mpn})
            sim.storage.commit([Put(sku_key(sku), record, held.version, state="SKU")])


@dataclass
class ReleaseMoney:
    """The operator looks at orders that money stopped, and lets about half of them pass as they are shown."""

    operator: Operator
    salt: int
    number: int

    def __call__(self) -> None:
        """Work through the list now."""
        operator = self.operator
        if is_over(operator.sim, operator.until):
            return
        for listed in list_orders(operator.sim.storage, ATTENTION):
            dice = Random(f"{self.salt}/{self.number}/{listed.pk}")
            codes = sorted(set(releasable(operator.sim.storage.load_order(listed.pk))) & GATE_CODES)
            if codes and dice.random() < 0.5:
                operator.do("money released", partial(self._release, operator.desk("worth it"), listed.pk, codes))

    @staticmethod
    def _release(desk: Desk, pk: str, codes: list[str]) -> None:
        release_order(desk, pk, AWS, codes)


@dataclass
class ChangeRules:
    """Finland's rule ends, loses its confirmation, or asks for more."""

    operator: Operator
    how: str

    def __call__(self) -> None:
        """Apply it now."""
        operator = self.operator
        if not is_over(operator.sim, operator.until):
            operator.do(f"Finland's rule {self.how}", self._apply)

    def _apply(self) -> None:
        held = current_config(self.operator.sim.storage)
        assert held.config is not None
        rules = held.config.rules
        finland, *others = rules.destinations
        if self.how == "ends":
            finland = finland.model_copy(update={"valid_until": TODAY - timedelta(days=1)})
        elif self.how == "is doubted":
            finland = finland.model_copy(update={"confirmed_by": "confirm"})
        else:
            handling = destination("FI", "25.5", handling={"per_parcel": "2.00 EUR"})
            finland = type(finland).model_validate(
                {**finland.model_dump(by_alias=True), "handling": handling["handling"]}
            )
        changed = rules.model_copy(update={"destinations": (finland, *others)})
        config = held.config.model_copy(update={"rules": changed})
        apply_config(self.operator.desk("the rule"), config, held.number)


def run(bench: Bench, seed: str, mix: Mix | None = None) -> Ending:
    """One seed of the swarm in such a shop."""
    return swarm.run(bench, seed, orders=1, mix=mix, also=true_money)


def name_of(seed: int) -> str:
    """As reports call it."""
    return f"true money, seed {seed}"
