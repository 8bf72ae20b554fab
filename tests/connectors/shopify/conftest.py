"""Fixtures of the Shopify connector's tests."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from graphql import GraphQLSchema

from orderwright.connectors.context import Context
from orderwright.connectors.stores.shopify.connector import ShopifyConnector, build
from tests.connectors.shopify.bench import Bench
from tests.connectors.shopify.guard import Guard, load_schema
from tests.connectors.shopify.scripted import FixedClock, MemoryCredentials, ScriptedStore, settings

REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def contracts() -> Path:
    folder = Path(os.environ.get("ORDERWRIGHT_CONTRACTS", REPOSITORY.parent / "shared" / "contracts"))
    if not (folder / "shopify").is_dir():
        pytest.skip("the vendors' contracts are not on this machine: set ORDERWRIGHT_CONTRACTS")
    return folder


@pytest.fixture(scope="session")
def schema(contracts: Path) -> GraphQLSchema:
    return load_schema(contracts)


@pytest.fixture
def store(schema: GraphQLSchema) -> ScriptedStore:
    return ScriptedStore(Guard(schema))


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def credentials(clock: FixedClock) -> MemoryCredentials:
    return MemoryCredentials(clock)


@pytest.fixture
def shopify(store: ScriptedStore, credentials: MemoryCredentials, clock: FixedClock) -> ShopifyConnector:
    return build(Context("shop", settings(), credentials, store, clock, timedelta(seconds=3)))


@pytest.fixture
def bench(schema: GraphQLSchema) -> Bench:
    return Bench(schema)
