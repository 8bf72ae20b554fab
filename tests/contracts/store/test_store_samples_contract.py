"""Every store's samples: what others recorded of its vendor is read or refused with a reason, and so is what is unseen."""

from __future__ import annotations

import base64
import copy
import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest

from local.sandbox.wire import Request, Response, json_response
from orderwright.declarations import named
from orderwright.domain.order import StoreOrder
from orderwright.errors import VendorError
from orderwright.registry import declaration
from orderwright.webhooks import NotUnderstood, Reader, Unauthentic
from orderwright.webhooks import Request as WebhookRequest
from tests.contracts.store.kit import LAMP, OTHER, selling
from tests.support import spec_guard
from tests.support.stand import StoreStand

LONGEST = 60
"""Calls after which a worker that asks for more pages is told that there are none."""

NEWS: dict[str, frozenset[str]] = {
    "(order|refund|fulfillment|shipment)": frozenset({"order.changed", "order.erasure_asked"}),
    "(product|variant|sku|inventory|coupon|information)": frozenset(),
    "customers?_": frozenset({"order.erasure_asked", "order.webhook_parked"}),
    "(app|shop)_": frozenset({"connection.closed"}),
}
"""What a topic may lead to, by the beginning of its sample's name."""


def _reader(store: StoreStand) -> Reader:
    found: Reader = named(declaration(store.kind).webhook)
    return found


def _files(store: StoreStand) -> list[Path]:
    folder = spec_guard.FOLDER / store.kind
    if store.package:
        pytest.skip("nobody runs it")
    if not folder.is_dir():
        pytest.skip(spec_guard.ABSENT)
    return sorted(folder.rglob("*.json"))


def _said(file: Path) -> Iterator[Any]:
    """What a vendor may have sent: the sample itself, and what is inside a record of a call."""
    try:
        content = json.loads(file.read_bytes())
    except ValueError:  # a broken one, which test_every_kind has too
        return
    yield content
    if not isinstance(content, dict):
        return
    for part in (content, content.get("request"), content.get("response")):
        if not isinstance(part, dict):
            continue
        if isinstance(part.get("body_b64"), str):
            with suppress(ValueError):  # a ping is a form, and no JSON
                yield json.loads(base64.b64decode(part["body_b64"]))
        for name in ("body", "data"):
            if isinstance(part.get(name), (dict, list)):
                yield part[name]


# --- webhooks ---------------------------------------------------------------------------------------------------------


def test_p7_a_vendors_own_signature_counts_and_no_other(store: StoreStand) -> None:
    _files(store)
    vector = json.loads((spec_guard.FOLDER / "signature_vectors.json").read_bytes())[store.kind]
    headers = {name.lower(): value for name, value in vector["headers"].items()}
    secret, body = vector.get("secret") or vector["client_secret"], vector["body"].encode()
    read = _reader(store)

    def authentic(request: WebhookRequest, *secrets: str) -> bool:
        try:
            read(request, secrets)
        except Unauthentic:
            return False
        except NotUnderstood:
            pass
        return True

    right = WebhookRequest("POST", "/webhooks/0123abcd", {}, headers, body)
    assert authentic(right, secret)
    assert authentic(right, "another", secret)
    for forged, one in (
        (right, "another"),
        (right, ""),
        (right._replace(body=body + b" "), secret),
        (right._replace(body=body.replace(b"1", b"2", 1)), secret),
        (right._replace(headers={}), secret),
    ):
        assert not authentic(forged, one)


def test_p2_each_topic_leads_to_its_own_news(store: StoreStand) -> None:
    read = _reader(store)
    for file in sorted(store.samples().iterdir()):
        body = json.loads(file.read_bytes())
        try:
            found = read(store.webhook(file.stem, json.dumps(body).encode(), store.signing), [store.signing])
        except NotUnderstood:
            continue
        (allowed,) = [types for words, types in NEWS.items() if re.match(words, file.stem)]
        assert isinstance(found, list)
        assert {one.type for one in found} <= allowed, file.name
        for news in found:
            if news.type == "order.changed":
                assert news.resource in {*map(str, _plain(body))}, f"{file.name}: the order is none of the body's ids"


def _plain(content: Any) -> Iterator[str | int]:
    """All plain values in a body, and the numbers in its texts."""
    if isinstance(content, dict | list):
        for inner in content.values() if isinstance(content, dict) else content:
            yield from _plain(inner)
    elif isinstance(content, str | int):
        yield content
        yield from re.findall(r"\d+", str(content))


def test_p2_each_sample_of_the_vendor_is_understood_as_a_webhook_or_parked(store: StoreStand) -> None:
    read, topics, understood = _reader(store), sorted(one.stem for one in store.samples().iterdir()), 0
    parked: dict[str, str] = {}
    for file in _files(store):
        for content in _said(file):
            raw = json.dumps(content, ensure_ascii=False).encode()
            for topic in topics:
                try:
                    understood += bool(read(store.webhook(topic, raw, store.signing), [store.signing]))
                except NotUnderstood as reason:
                    parked[file.name] = str(reason)
    assert understood
    assert [name for name, reason in parked.items() if len(reason) < 20] == []


# --- answers ----------------------------------------------------------------------------------------------------------


def _calls(store: StoreStand, connector: Any) -> list[Callable[[], Any]]:
    """Every read, of things that are there."""
    order_id = store.buy({LAMP: 1})
    (lamp,) = connector.find_variants([LAMP])
    place = connector.find_location(store.location)
    return [
        lambda: connector.fetch_order(order_id),
        lambda: connector.list_changed_orders(store.clock.now(), ""),
        lambda: connector.read_fulfillment(order_id),
        lambda: connector.list_variants(""),
        lambda: connector.find_variants([LAMP]),
        lambda: connector.read_listings([lamp.variant_id], place),
    ]


def _outcome(store: StoreStand, call: Callable[[], Any]) -> Any:
    """What a call gives, the VendorError that refuses it, or a text for a fault."""
    store.clock.forward(minutes=1)
    try:
        return call()
    except VendorError as refused:
        store.tells_nothing(str(refused))
        return refused if refused.code and len(refused.message) > 15 else f"no clear reason: {refused}"
    except Exception as error:  # noqa: BLE001 - that is what is looked for
        return f"{type(error).__name__}: {error}"[:200]


def test_each_sample_of_the_vendor_is_read_as_an_answer_or_refused(
    store: StoreStand, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls, faults = _calls(store, selling(store)), list[str]()
    monkeypatch.setattr(store, "guard", lambda _: None)  # the same requests again and again
    for file in _files(store):
        for content in _said(file):
            for number, call in enumerate(calls):
                found = _outcome_of(store, monkeypatch, call, itertools.repeat(content, LONGEST))
                if isinstance(found, str):
                    faults.append(f"{file.name}: call {number}: {found}")
    assert faults == [], "\n".join(faults)


def _outcome_of(
    store: StoreStand, monkeypatch: pytest.MonkeyPatch, call: Callable[[], Any], answers: Iterable[Any]
) -> Any:
    """The outcome of a call that is answered with these; after them nothing is there."""
    left = iter(answers)

    def answer(_: Request) -> Response:
        given = next(left, None)
        return json_response({}, 404) if given is None else json_response(given)

    with monkeypatch.context() as patch:
        patch.setattr(store, "handle", answer)
        return _outcome(store, call)


def _places(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something stands in an answer."""
    rows = value.items() if isinstance(value, dict) else enumerate(value[:1]) if isinstance(value, list) else ()
    for key, inner in rows:
        yield (*above, key)
        yield from _places(inner, (*above, key))


def _at(content: Any, place: tuple[Any, ...]) -> Any:
    for key in place:
        content = content[key]
    return content


def _with(content: Any, place: tuple[Any, ...], value: Any) -> Any:
    made = copy.deepcopy(content)
    _at(made, place[:-1])[place[-1]] = value
    return made


@pytest.mark.parametrize("seed", range(3))
def test_an_order_with_anything_in_any_field_is_read_or_refused(
    store: StoreStand, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    connector, dice, faults = selling(store), Random(seed), list[str]()
    store.tax(25, included=True)
    order_id = store.buy({LAMP: 3, OTHER: 1})
    store.refund(order_id, LAMP, 1)
    connector.fetch_order(order_id)
    real = list(_answers(store, monkeypatch, lambda: connector.fetch_order(order_id)))
    whole = connector.fetch_order(order_id)
    monkeypatch.setattr(store, "guard", lambda _: None)
    for number, content in enumerate(real):
        for place in _places(content):
            if store.typed and (
                isinstance(_at(content, place), (dict, list)) or place[-1] == "id" or "pageInfo" in place
            ):
                continue
            changed = _with(content, place, dice.choice([None, "", -1, [], {"a": 1}, "x", 0.5]))
            answers = [*real[:number], changed, *real[number + 1 :]]
            found = _outcome_of(store, monkeypatch, lambda: connector.fetch_order(order_id), answers)
            if isinstance(found, str):
                faults.append(f"answer {number}, {place}: {found}")
            elif isinstance(found, StoreOrder) and found.money is not None and not found.money.unclear:
                faults += [f"{place}: more money"] if found.money.net > whole.total + whole.refunded else []
    assert faults == [], "\n".join(faults)


def _answers(store: StoreStand, monkeypatch: pytest.MonkeyPatch, call: Callable[[], Any]) -> list[Any]:
    """What the vendor answers to the requests of a call."""
    answers, handle = list[Any](), store.handle

    def recorded(request: Request) -> Response:
        given = handle(request)
        answers.append(json.loads(given.body))
        return given

    with monkeypatch.context() as patch:
        patch.setattr(store, "handle", recorded)
        call()
    return answers
