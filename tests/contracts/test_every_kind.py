"""What every kind keeps, whatever its role: errors in our words, no secret told, webhooks that only its vendor can send."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

import pytest

from local.sandbox.wire import Delivery
from orderwright.declarations import Capability, Role, Way
from orderwright.errors import Misconfigured, Rejected, Retryable
from orderwright.messages import QUEUE_OF
from orderwright.registry import declaration
from orderwright.webhooks import News, NotUnderstood, Reader, Unauthentic, reader_for
from tests.support.hooks import posted
from tests.support.stand import CALLBACK, PRIVATE, Stand

_IDS = re.compile(r"[\w.,:#/+-]*")


def test_an_account_and_a_probe_are_answered(stand: Stand) -> None:
    connector = stand.connector()
    account = connector.account()
    assert isinstance(account, str)
    assert account == connector.account()
    assert connector.probe()
    stand.tells_nothing(f"{account} {connector.probe()}")


def test_p8_a_wrong_secret_is_a_matter_of_settings_and_is_not_told(stand: Stand) -> None:
    if not stand.secrets:
        pytest.skip("it has no secrets")
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
    stand.read(connector)
    whole = (Rejected,) if stand.role == Role.FEED else (Retryable,)
    with stand.behaving("malformed"), stand.refuses(*whole):
        stand.read(connector)


# --- webhooks ---------------------------------------------------------------------------------------------------------


def _reader(stand: Stand) -> Reader:
    reader = reader_for(stand.kind)
    if reader is None:
        pytest.skip("it sends no webhooks")
    return reader


def _subscribes(stand: Stand) -> None:
    if Capability.WEBHOOKS not in declaration(stand.kind).capabilities:
        pytest.skip("its webhooks are not subscribed by API")


def _lower(delivery: Delivery) -> Mapping[str, str]:
    return {name.lower(): value for name, value in delivery.headers.items()}


def _told(stand: Stand) -> list[Delivery]:
    """What the vendor sends of two things that happen, after it was asked to."""
    _subscribes(stand)
    connector = stand.connector()
    connector.ensure_webhooks(stand.subscription())
    stand.happen(connector)
    assert len(stand.sent) > 1
    assert {delivery.url for delivery in stand.sent} == {CALLBACK}
    return stand.sent


def _ids_only(stand: Stand, news: News) -> None:
    assert news.type in QUEUE_OF
    assert news.delivery_id
    for value in (news.resource, news.topic, news.delivery_id, *news.detail, *news.detail.values()):
        assert isinstance(value, str)
        assert _IDS.fullmatch(value), f"{stand.kind}: {news.topic}: a news holds ids, and no text"
        assert not [one for one in PRIVATE if one in value]


def test_p7_a_delivery_counts_with_its_own_signature_on_its_very_bytes_only(stand: Stand) -> None:
    reader, right = _reader(stand), stand.signing
    for delivery in _told(stand):
        headers, body = _lower(delivery), delivery.body
        assert reader(posted(headers, body), [right]) == reader(posted(headers, body), ["777", right])
        forgeries = [(headers, body + b" ", [right]), (headers, body.replace(b":", b": ", 1), [right])]
        forgeries += [({}, body, [right]), (headers, body, ["777"]), (headers, body, []), (headers, body, [""])]
        forgeries += [({**headers, **stand.headers("x", body, "777")}, body, [right])]
        for forged, content, secrets in forgeries:
            with pytest.raises(Unauthentic) as refused:
                reader(posted(forged, content), secrets)
            stand.tells_nothing(str(refused.value))


def test_p8_what_is_told_holds_ids_only_and_each_event_has_its_own_id_whenever_it_comes(stand: Stand) -> None:
    reader = _reader(stand)
    seen: dict[tuple[str, str, str], bytes] = {}
    for delivery in _told(stand):
        request = posted(_lower(delivery), delivery.body)
        found = reader(request, [stand.signing])
        assert isinstance(found, list)
        assert found == reader(request, [stand.signing]), "a repeat has the same id"
        for news in found:
            _ids_only(stand, news)
            assert seen.setdefault((news.delivery_id, news.type, news.resource), delivery.body) == delivery.body
    assert seen


def test_p2_every_sample_is_understood_or_parked_with_a_reason(stand: Stand) -> None:
    reader, reasons, understood = _reader(stand), list[str](), 0
    for file in sorted(stand.samples().iterdir()):
        raw = json.dumps(json.loads(file.read_bytes()), ensure_ascii=False).encode()
        try:
            news = reader(posted(stand.headers(file.stem, raw, stand.signing), raw), [stand.signing])
        except NotUnderstood as parked:
            reasons.append(str(parked))
            continue
        assert isinstance(news, list)
        for one in news:
            _ids_only(stand, one)
            understood += 1
    assert understood
    assert all(len(reason) > 20 for reason in reasons)
    stand.tells_nothing(" ".join(reasons))


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"null", b"[" * 200_000, b"\xff\xfe", b'{"id":'])
def test_p2_an_authentic_body_that_says_nothing_is_parked(stand: Stand, body: bytes) -> None:
    reader = _reader(stand)
    sample = min(file.stem for file in stand.samples().iterdir())
    with pytest.raises(NotUnderstood):
        reader(posted(stand.headers(sample, body, stand.signing), body), [stand.signing])


def test_subscribing_again_changes_nothing_and_our_address_is_no_strangers(stand: Stand) -> None:
    _subscribes(stand)
    connector = stand.connector()
    assert connector.ensure_webhooks(stand.subscription())
    made = stand.subscriptions()
    connector.ensure_webhooks(stand.subscription())
    for _ in range(2):
        assert CALLBACK not in connector.foreign_webhooks(CALLBACK)
    assert stand.subscriptions() == made


def test_p7_a_subscription_of_before_is_moved_to_the_new_address(stand: Stand) -> None:
    _subscribes(stand)
    connector = stand.connector()
    old = CALLBACK.replace("0123abcd", "old")
    connector.ensure_webhooks(stand.subscription()._replace(url=old))
    connector.ensure_webhooks(stand.subscription()._replace(old_urls=(old,)))
    stand.happen(connector)
    assert {delivery.url for delivery in stand.sent} == {CALLBACK}
