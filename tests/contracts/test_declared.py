"""Every kind is what it declares, has a stand and samples; and each fault of one is found and named."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from orderwright import registry
from orderwright.declarations import Capability, First, Role, Secret
from orderwright.ports.freight import SupplierFreight
from orderwright.ports.supplier import SupplierTracking
from orderwright.registry import CONNECTORS, declaration
from tests.contracts import declared
from tests.contracts.kinds import stand_of
from tests.contracts.stands.cj import STAND as CJ
from tests.support.stand import Stand


def test_a_kind_is_what_it_declares(stand: Stand) -> None:
    package = stand.package or CONNECTORS[stand.kind]
    assert list(declared.faults(declaration(stand.kind), package, type(stand))) == []


def test_a_kind_without_a_stand_fails_with_the_file_to_write() -> None:
    with pytest.raises(LookupError, match=r"the kind magento has no stand: write tests/contracts/stands/magento"):
        stand_of("magento")


class Elsewhere(CJ):
    """CJ without samples."""

    @classmethod
    def samples(cls) -> Path:
        return Path(__file__).parent / "none"


class Silent(CJ):
    """CJ whose connector inherits what it declares instead of doing it."""

    def connector(self, secrets: Any = None) -> Any:
        own = {"points_per_quote": 1, "read_parcels": lambda self, order: None}
        return type("Half", (SupplierTracking, SupplierFreight), own)()


@pytest.mark.parametrize(
    ("change", "its_stand", "found"),
    [
        ({}, Elsewhere, "cj has no samples: put what its vendor sends into events/vendors/cj"),
        ({}, Silent, "cj declares freight: SupplierFreight.quote_freight is missing"),
        ({}, Silent, "cj declares tracking: SupplierTracking.read_parcels takes (order) and not (reference, vendor_ids)"),
        ({}, Silent, "cj declares stock: SupplierStock.points_per_read is missing"),
        ({"role": Role.FEED}, CJ, "cj is a feed: its settings must be a subclass of FeedSettings"),
        ({"role": Role.FEED}, CJ, f"{CONNECTORS['cj']} declares the feed cj, and its stand is a supplier cj"),
        ({"webhook": ""}, CJ, "cj subscribes to webhooks that nobody reads: `webhook` is missing"),
        ({"first": f"{__name__}:NO_KEY"}, CJ, "cj: its `first` lines are no connection of orderwright.yaml: KeyError: 'nobody'"),
        ({"first": f"{__name__}:FAULTY"}, CJ, "cj: its `first` lines make a cj with faults in: from_country"),
    ],
)  # fmt: skip
def test_a_kind_that_is_not_what_it_declares_is_named(
    change: dict[str, Any], its_stand: type[Stand], found: str
) -> None:
    assert found in list(declared.faults(declaration("cj")._replace(**change), CONNECTORS["cj"], its_stand))


NO_KEY = First("  cj:\n    kind: cj\n    base_url: {nobody}\n")
FAULTY = First("  cj:\n    kind: cj\n    from_country: XX\n")


def test_a_package_that_imports_another_kind_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = ModuleType("leaky")
    package.__file__ = str(tmp_path / "__init__.py")
    (tmp_path / "parts.py").write_text(f"from {CONNECTORS['easypost']} import client\n")
    monkeypatch.setattr(declared, "import_module", lambda _: package)
    (told,) = declared.imports_of_others(declaration("cj"), CONNECTORS["cj"])
    assert told == f"cj: parts.py imports {CONNECTORS['easypost']}.client, which is another kind's"


def test_a_secret_is_needed_with_another_one_that_there_is(stand: Stand) -> None:
    secrets: dict[str, Secret] = {one.name: one for one in declaration(stand.kind).secrets}
    assert all(not one.together or one.together in secrets for one in secrets.values())
    assert set(stand.secrets) <= set(secrets)
    assert registry.declaration(stand.kind).webhook == "" or any(one.signs for one in secrets.values())


def test_every_role_and_every_capability_has_its_protocols() -> None:
    assert set(declared.PORTS) == {*Role, *Capability}
