"""What every kind keeps, whatever its role: errors in our words, no secret told, webhooks that only its vendor can send."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from local.sandbox.wire import Delivery
from orderwright.declarations import Capability, Role, Way, named
from orderwright.errors import Misconfigured, Rejected, Retryable
from orderwright.messages import QUEUE_OF
from orderwright.registry import declaration
from orderwright.webhooks import Answer, News, NotUnderstood, Reader, Request, Unauthentic
from tests.support.stand import CALLBACK, PRIVATE, Stand

_IDS = re.compile(r"[\w.,:#/+-]*")


def test_p15_an_account_that_no_other_vendor_can_have_and_a_probe_are_answered(stand: Stand) -> None:
    connector = stand.connector()
    account: str = connector.account()
    assert account == connector.account()
    assert not account.isdecimal(), "two vendors may count alike: the kind stands before a number"
    assert connector.probe()
    stand.tells_nothing(f"{account} {connector.probe()}")


def test_p8_a_wrong_secret_is_a_matter_of_settings_and_is_not_told(stand: Stand) -> None:
    if not stand.signs_in:
        pytest.skip("its vendor asks for no secret")
    with stand.refuses(Misconfigured):
        stand.connector(dict.fromkeys(stand.secrets, "a-wrong-one")).probe()
    needed = [one.name for one in declaration(stand.kind).secrets if one.required and not one.signs]
    for name in needed:
        with stand.refuses(Misconfigured):
            stand.connector({key: value for key, value in stand.secrets.items() if key != name}).probe()


def _over_http(stand: Stand) -> None:
    if Way.HTTP not in declaration(stand.kind).ways:
        pytest.skip("its vendor is not asked by HTTP")


@pytest.mark.parametrize("how", ["unreachable", "timeout", "error_500", "error_502_html"])
def test_a_read_without_an_answer_may_be_tried_again(stand: Stand, how: str) -> None:
    _over_http(stand)
    connector = stand.connector()
    stand.read(connector)
    with stand.behaving(how), stand.refuses(Retryable):
        stand.read(connector)
    stand.read(connector)


@pytest.mark.parametrize("how", ["rate_limited", "unavailable"])
def test_a_vendor_that_is_busy_is_asked_later_and_at_the_earliest_when_it_says(stand: Stand, how: str) -> None:
    _over_http(stand)
    connector = stand.connector()
    stand.read(connector)
    with stand.behaving(how), stand.refuses(Retryable) as caught:
        stand.read(connector)
    assert isinstance(caught.value, Retryable)
    assert (caught.value.after is not None) == stand.names_wait


def test_an_answer_that_cannot_be_read_is_not_believed(stand: Stand) -> None:
    _over_http(stand)
    connector = stand.connector()
    file = stand.role in (Role.FEED, Role.SIGNAL)
    if not file:
        stand.happen(connector)
    with stand.behaving("malformed"), stand.refuses(Rejected if file else Retryable):
        stand.read(connector)


# --- webhooks ---------------------------------------------------------------------------------------------------------


def _reader(stand: Stand) -> Reader:
    path = declaration(stand.kind).webhook
    if not path:
        pytest.skip("it sends no webhooks")
    reader: Reader = named(path)
    return reader


def _of(delivery: Delivery) -> Request:
    """As it comes to our door. One without a body is a challenge."""
    parts = urlsplit(delivery.url)
    headers = {name.lower(): value for name, value in delivery.headers.items()}
    method = "POST" if delivery.body else "GET"
    return Request(method, parts.path, dict(parse_qsl(parts.query)), headers, delivery.body)


def _read(reader: Reader, request: Request, *secrets: str) -> list[News]:
    found = reader(request, secrets)
    return found if isinstance(found, list) else list(getattr(found, "news", ()))


def _subscribe(stand: Stand, connector: Any, *before: str, url: str = CALLBACK) -> Any:
    """Subscribe, and answer each challenge as our door does."""
    if Capability.WEBHOOKS not in declaration(stand.kind).capabilities:
        pytest.skip("its webhooks are not subscribed by API")
    made = connector.ensure_webhooks(stand.subscription()._replace(url=url, old_urls=before))
    for challenge in [one for one in stand.sent if not one.body]:
        assert isinstance(_reader(stand)(_of(challenge), [stand.signing]), Answer)
        stand.answered(challenge)
    stand.sent.clear()
    return made


def _told(stand: Stand) -> list[Request]:
    """What the vendor sends of two things that happen, after it was asked to; its samples where nobody can ask it by API."""
    if Capability.WEBHOOKS not in declaration(stand.kind).capabilities:
        return [
            stand.webhook(file.stem, file.read_bytes(), stand.signing) for file in sorted(stand.samples().iterdir())
        ]
    connector = stand.connector()
    _subscribe(stand, connector)
    stand.happen(connector)
    assert len(stand.sent) > 1
    assert {delivery.url for delivery in stand.sent} == {CALLBACK}
    return [_of(delivery) for delivery in stand.sent]


def _ids_only(news: News) -> None:
    assert news.type in QUEUE_OF
    assert news.delivery_id
    for value in (news.resource, news.topic, news.delivery_id, *news.detail, *news.detail.values()):
        assert _IDS.fullmatch(value), f"{news.topic}: a news holds ids, and no text"
        assert not [one for one in PRIVATE if one in value]


def test_p7_a_delivery_counts_with_its_own_signature_on_its_very_bytes_only(stand: Stand) -> None:
    reader, right = _reader(stand), stand.signing
    for request in _told(stand):
        body, query = request.body, request.query
        assert _read(reader, request, right) == _read(reader, request, "777", right), "two are valid in a rotation"
        forgeries = [stand.webhook("x", body, "777")]
        if request.method == "GET":  # a link: what it says stands in its address
            forgeries += [request._replace(query={**query, name: said}) for name in query for said in ("", "é", "QUJD")]
        else:
            forgeries += [request._replace(body=body + b" "), request._replace(body=body.replace(b":", b": ", 1))]
            forgeries += [request._replace(headers=dict.fromkeys(request.headers, said)) for said in ("", "é", "QUJD")]
            forgeries += [request._replace(headers={})]
        for forged, secrets in [
            *((one, [right]) for one in forgeries),
            (request, ["777"]),
            (request, []),
            (request, [""]),
            (stand.webhook("x", body, ""), [""]),
        ]:
            with pytest.raises(Unauthentic) as refused:
                reader(forged, secrets)
            stand.tells_nothing(str(refused.value))


def test_p8_what_is_told_holds_ids_only_and_each_event_has_its_own_id_whenever_it_comes(stand: Stand) -> None:
    reader = _reader(stand)
    seen: dict[tuple[str, str, str], bytes] = {}
    for request in _told(stand):
        found = _read(reader, request, stand.signing)
        assert found == _read(reader, request, stand.signing), "a repeat has the same id"
        for news in found:
            _ids_only(news)
            assert seen.setdefault((news.delivery_id, news.type, news.resource), request.body) == request.body
    assert seen


def test_p2_every_sample_is_understood_or_parked_with_a_reason(stand: Stand) -> None:
    reader, reasons, understood = _reader(stand), list[str](), 0
    for file in sorted(stand.samples().iterdir()):
        raw = json.dumps(json.loads(file.read_bytes()), ensure_ascii=False).encode()
        try:
            found = _read(reader, stand.webhook(file.stem, raw, stand.signing), stand.signing)
        except NotUnderstood as parked:
            reasons.append(str(parked))
            continue
        for news in found:
            _ids_only(news)
            understood += 1
    assert understood
    assert all(len(reason) > 20 for reason in reasons)
    stand.tells_nothing(" ".join(reasons))


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"null", b"[" * 200_000, b"\xff\xfe", b'{"id":'])
def test_p2_an_authentic_body_that_says_nothing_is_parked(stand: Stand, body: bytes) -> None:
    reader = _reader(stand)
    sample = min(file.stem for file in stand.samples().iterdir())
    with pytest.raises(NotUnderstood):
        reader(stand.webhook(sample, body, stand.signing), [stand.signing])


def test_subscribing_again_changes_nothing_and_our_address_is_no_strangers(stand: Stand) -> None:
    connector = stand.connector()
    assert _subscribe(stand, connector)
    made = stand.subscriptions()
    _subscribe(stand, connector)
    for _ in range(2):
        assert CALLBACK not in connector.foreign_webhooks(CALLBACK)
    assert stand.subscriptions() == made


def test_p7_a_subscription_of_before_is_moved_to_the_new_address(stand: Stand) -> None:
    connector, old = stand.connector(), CALLBACK.replace("0123abcd", "old")
    _subscribe(stand, connector, url=old)
    _subscribe(stand, connector, old)
    stand.happen(connector)
    assert {delivery.url for delivery in stand.sent} == {CALLBACK}
