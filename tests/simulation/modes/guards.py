"""Every guard that a promise rests on, each with the way to take it out and the place where that shows."""

from __future__ import annotations

from tests.simulation.modes.guards_arrivals import ARRIVALS
from tests.simulation.modes.guards_desk import DESK
from tests.simulation.modes.guards_goods import GOODS_ON_SALE
from tests.simulation.modes.guards_margin import MARGIN
from tests.simulation.modes.guards_money import MONEY
from tests.simulation.modes.guards_ordering import ORDERING
from tests.simulation.modes.guards_parcels import PARCELS
from tests.simulation.modes.guards_privacy import PRIVACY
from tests.simulation.modes.guards_repricing import REPRICING
from tests.simulation.modes.guards_routing import ROUTING
from tests.simulation.modes.guards_scripted import SCRIPTED
from tests.simulation.modes.guards_silence import SILENCE
from tests.simulation.modes.guards_stores import STORES
from tests.simulation.modes.guards_telling import TELLING
from tests.simulation.modes.guards_withdrawals import WITHDRAWALS
from tests.simulation.modes.hunting import Guard

GUARDS: tuple[Guard, ...] = (
    *ORDERING, *MONEY, *MARGIN, *GOODS_ON_SALE, *TELLING, *ARRIVALS, *PARCELS, *PRIVACY, *SILENCE, *SCRIPTED,
    *STORES, *DESK, *ROUTING, *REPRICING, *WITHDRAWALS,
)  # fmt: skip
