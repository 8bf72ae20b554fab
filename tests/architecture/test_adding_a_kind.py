"""A kind of connection is added by its package and one line of the registry: nothing else names it, and all see it."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from importlib import import_module

import pytest

from local.cli.schema import config_schema
from orderwright.bootstrap_connectors import builder
from orderwright.declarations import Role, named
from orderwright.registry import CONNECTORS, declaration, kinds_of
from orderwright.usecases.operator.secret_names import required_secrets, signing_secret
from orderwright.webhooks import reader_for
from tests.architecture import test_docs
from tests.scripted.stores.market.sandbox import KIND
from tests.scripted.stores.market.shop import SECRETS, SETTINGS, registered, two_store_config
from tests.support.source import ROOT

PACKAGE = "tests/scripted/stores/market/"
KNOW_IT = {
    "docs/adding-a-connector.md",
    "tests/architecture/test_adding_a_kind.py",
    "tests/architecture/test_imports.py",
    "tests/integration/test_second_store.py",
    "tests/unit/cli/test_cli_kinds.py",
}
"""The guide, which sends its readers there; tests that use the scripted store, or have a kind of their own that is called so."""


@pytest.fixture
def line() -> Iterator[None]:
    """The kind's line in the registry."""
    with registered():
        yield


def test_nothing_but_its_package_and_tests_of_it_names_the_kind() -> None:
    told = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    names = re.compile(rf"(?<![a-z]){KIND}(?![a-z])|{KIND.title()}[A-Z]|{KIND}[_/]")
    found = {
        name
        for name in told.stdout.decode().split("\0")
        if name and not name.startswith(PACKAGE) and (ROOT / name).is_file()
        if names.search(name) or names.search((ROOT / name).read_text("utf-8", errors="replace"))
    }
    assert found - KNOW_IT == set()


def test_without_its_line_nobody_knows_it() -> None:
    assert KIND not in CONNECTORS
    assert reader_for(KIND, "POST") is None
    with pytest.raises(ValueError, match=f"kind must be one of {', '.join(CONNECTORS)}"):
        two_store_config()


@pytest.mark.usefixtures("line")
def test_with_its_line_all_who_must_know_kinds_see_it() -> None:
    declared = declaration(KIND)
    settings = two_store_config().stores["market-shop"]
    assert isinstance(settings, named(declared.settings))
    assert kinds_of(Role.STORE)[-1] == KIND
    assert builder(KIND) == named(declared.build)
    assert required_secrets(KIND) == tuple(SECRETS)
    assert signing_secret(SECRETS, KIND) == SECRETS["webhook_secret"]
    assert [reader_for(KIND, method) for method in ("GET", "POST", "PUT")] == [*[named(declared.webhook)] * 2, None]
    schema = config_schema()
    assert KIND in json.dumps(schema)
    assert set(SETTINGS) <= set(schema["$defs"][type(settings).__name__]["properties"])
    with pytest.raises(AssertionError, match=KIND):
        test_docs.test_the_table_of_connectors_is_what_they_declare()


def test_its_stand_in_is_small() -> None:
    """A store of this shape costs at most 600 lines of sandbox, all else is the kit."""
    files = sorted((ROOT / PACKAGE).glob("sandbox*.py"))
    assert sum(len(file.read_text("utf-8").splitlines()) for file in files) <= 600
    imported = import_module("tests.scripted.stores.market.sandbox").__dict__.values()
    assert not [one for one in imported if getattr(one, "__module__", "").startswith("orderwright")]
