"""No request goes to a private or unencrypted address: the real transport, against resolvers that lie and servers on loopback."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import requests.adapters
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from orderwright.bootstrap import Wiring
from orderwright.bootstrap_connectors import builder
from orderwright.connectors import public_connections
from orderwright.connectors.carriers.easypost.settings import EasyPostSettings
from orderwright.connectors.context import Context
from orderwright.connectors.feeds.csv.settings import CsvSettings
from orderwright.connectors.http import NoAnswer, NotSent, exchange, requests_transport
from orderwright.connectors.stores.shopify.settings import ShopifySettings
from orderwright.connectors.suppliers.cj.settings import CjSettings
from orderwright.errors import AddressRefused, Misconfigured, Rejected, Retryable
from tests.connectors.cj.cj_kit import Keys
from tests.connectors.shopify.scripted import FixedClock

HOST, PUBLIC, METADATA = "shop.example.com", "93.184.215.14", "169.254.169.254"


@dataclass
class Network:
    """A name server and the way to each address. `answers` in turn, the last one for ever; `roads` lead to loopback."""

    answers: list[tuple[str, ...]] = field(default_factory=list)
    roads: dict[str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    dialled: list[str] = field(default_factory=list)

    def resolve(self, host: str, port: int, *more: Any) -> list[Any]:
        """In place of socket.getaddrinfo, for whoever resolves a name."""
        self.asked.append(host)
        if not self.answers:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        now = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in now]

    def dial(self, address: tuple[str, int], timeout: float, **_: Any) -> socket.socket:
        """In place of urllib3's create_connection."""
        self.dialled.append(address[0])
        if address[0] not in self.roads:
            raise ConnectionRefusedError
        there = socket.socket()
        there.settimeout(timeout)
        there.connect(("127.0.0.1", self.roads[address[0]]))
        return there


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    made = Network()
    monkeypatch.setattr(socket, "getaddrinfo", made.resolve)
    monkeypatch.setattr(public_connections, "create_connection", made.dial)
    return made


@dataclass
class Served:
    """A server on loopback: requests it saw, names that TLS asked for, and what it answers with."""

    port: int = 0
    seen: list[str] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)
    answer: tuple[int, dict[str, str]] = (200, {})


def _serve(served: Served, certificate: Path | None = None) -> Iterator[Served]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            served.seen.append(self.path)
            status, headers = served.answer
            self.send_response(status)
            for name, value in {**headers, "content-length": "2"}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(b"ok")

        do_POST = do_GET

        def log_message(self, *_: Any) -> None:
            """Silent."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: Any) -> None:
            """A client that turns away during the handshake is what some tests are about."""

    server = Server(("127.0.0.1", 0), Handler)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        context.sni_callback = lambda _, name, __: served.names.append(name)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    served.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield served
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def plain() -> Iterator[Served]:
    yield from _serve(Served())


@pytest.fixture
def vendor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """An https server whose certificate is for shop.example.com alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a test")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    file = tmp_path / "vendor.pem"
    file.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(pem)
    )
    monkeypatch.setattr(requests.adapters, "DEFAULT_CA_BUNDLE_PATH", str(file))
    yield from _serve(Served(), file)


def get(url: str, profile: str = "aws") -> int:
    """The status of one GET by a transport of its own."""
    return requests_transport(profile)("GET", url, {}, None, 2.0).status


# --- names and what they resolve to -----------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", ["aws", "local"])
@pytest.mark.parametrize(
    "answer",
    [
        (METADATA,),
        ("10.1.2.3",),
        ("127.0.0.1",),
        ("0.0.0.0",),
        ("100.64.0.1",),
        ("::1",),
        ("fd00::1",),
        ("fe80::1%eth0",),
        ("::ffff:169.254.169.254",),
        ("64:ff9b::a9fe:a9fe",),
        (PUBLIC, "10.1.2.3"),
        ("10.1.2.3", PUBLIC),
    ],
)
def test_a_name_that_resolves_to_a_private_address_is_not_connected_to(
    network: Network, profile: str, answer: tuple[str, ...]
) -> None:
    network.answers = [answer]
    with pytest.raises(AddressRefused) as refused:
        get(f"https://{HOST}/feed?key=s3cret", profile)
    assert refused.value.code == "ADDRESS_NOT_PUBLIC"
    assert HOST in refused.value.message
    assert "base_url or url" in refused.value.message
    assert "s3cret" not in refused.value.message
    assert network.dialled == []


@pytest.mark.parametrize("url", ["https://2852039166/", "https://0251.0376.0251.0376/", "https://[::ffff:a9fe:a9fe]/"])
def test_unusual_forms_of_an_address_are_refused_by_a_real_transport(network: Network, url: str) -> None:
    with pytest.raises(AddressRefused):
        get(url)
    assert network.dialled == []


def test_an_unusual_form_that_nobody_recognised_is_judged_by_what_it_resolves_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("orderwright.connectors.http.fault_of_url", lambda *_: None)
    for url in ("https://2852039166/", "https://0x7f.1/", "https://[::ffff:127.0.0.1]/"):
        with pytest.raises(AddressRefused):
            get(url)


def test_the_address_that_was_judged_is_the_one_that_is_connected_to(network: Network, vendor: Served) -> None:
    """DNS rebinding: the second answer of the name server would lead to this machine."""
    network.answers = [(PUBLIC,), ("127.0.0.1",)]
    network.roads = {PUBLIC: vendor.port, "127.0.0.1": vendor.port}
    assert get(f"https://{HOST}/") == 200
    assert (network.asked, network.dialled) == ([HOST], [PUBLIC])


def test_each_new_connection_resolves_and_judges_anew(network: Network, vendor: Served) -> None:
    network.answers, network.roads = [(PUBLIC,), (METADATA,)], {PUBLIC: vendor.port}
    vendor.answer = (200, {"connection": "close"})
    transport = requests_transport("aws")
    transport("GET", f"https://{HOST}/", {}, None, 2.0)
    with pytest.raises(AddressRefused):
        transport("GET", f"https://{HOST}/", {}, None, 2.0)
    assert network.dialled == [PUBLIC]


def test_a_kept_connection_stays_with_the_address_that_was_judged(network: Network, vendor: Served) -> None:
    network.answers, network.roads = [(PUBLIC,), (METADATA,)], {PUBLIC: vendor.port}
    transport = requests_transport("aws")
    for _ in range(3):
        assert transport("GET", f"https://{HOST}/", {}, None, 2.0).status == 200
    assert (network.dialled, vendor.seen) == ([PUBLIC], ["/", "/", "/"])


def test_a_host_of_several_public_addresses_is_reached_by_the_one_that_answers(
    network: Network, vendor: Served
) -> None:
    network.answers, network.roads = [("1.1.1.1", PUBLIC)], {PUBLIC: vendor.port}
    assert get(f"https://{HOST}/") == 200
    assert network.dialled == ["1.1.1.1", PUBLIC]


def test_tls_asks_for_the_name_and_checks_the_certificate_against_it(network: Network, vendor: Served) -> None:
    network.answers, network.roads = [(PUBLIC,)], {PUBLIC: vendor.port}
    assert get(f"https://{HOST}/") == 200
    with pytest.raises(NoAnswer):
        get("https://other.example.com/")
    assert vendor.names == [HOST, "other.example.com"]
    assert vendor.seen == ["/"]


@pytest.mark.parametrize("answers", [[], [(PUBLIC,)]], ids=["unknown name", "refused connection"])
def test_what_cannot_be_reached_was_certainly_not_sent(network: Network, answers: list[tuple[str, ...]]) -> None:
    network.answers = answers
    with pytest.raises(NotSent):
        get(f"https://{HOST}/")


def test_a_name_that_cannot_be_one_was_certainly_not_sent() -> None:
    with pytest.raises((NotSent, AddressRefused)):
        get(f"https://{'a' * 70}.example.com/")


def test_a_connection_that_times_out_was_certainly_not_sent(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    def too_long(*_: Any, **__: Any) -> socket.socket:
        raise TimeoutError

    network.answers = [(PUBLIC,)]
    monkeypatch.setattr(public_connections, "create_connection", too_long)
    with pytest.raises(NotSent):
        get(f"https://{HOST}/")


# --- the sandbox of profile `local` -----------------------------------------------------------------------------------


def test_profile_local_reaches_the_sandbox_and_profile_aws_does_not(plain: Served) -> None:
    url = f"http://127.0.0.1:{plain.port}/cj"
    assert get(url, "local") == 200
    with pytest.raises(AddressRefused):
        get(url, "aws")
    assert plain.seen == ["/cj"]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.2", "127.1", "2130706433", "[::1]", "127.0.0.1.example.com"])
def test_profile_local_exempts_no_other_host(network: Network, plain: Served, host: str) -> None:
    network.answers, network.roads = [("127.0.0.1",)], {"127.0.0.1": plain.port}
    for scheme in ("http", "https"):
        with pytest.raises(AddressRefused):
            get(f"{scheme}://{host}:{plain.port}/", "local")
    assert (network.dialled, plain.seen) == ([], [])


@pytest.mark.parametrize(
    ("environ", "allowed"), [({"PROFILE": "local"}, True), ({"PROFILE": "aws"}, False), ({}, False)]
)
def test_the_profile_of_the_function_decides(plain: Served, environ: dict[str, str], allowed: bool) -> None:
    def call() -> None:
        Wiring(environ=environ).transport("GET", f"http://127.0.0.1:{plain.port}/", {}, None, 2.0)

    if allowed:
        call()
    else:
        with pytest.raises(AddressRefused):
            call()
    assert len(plain.seen) == allowed


# --- ways round -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "location", [f"http://{METADATA}/latest/meta-data/", "https://10.0.0.1/", "http://[", "/elsewhere", "https://\x00/"]
)
def test_a_redirect_is_not_followed_wherever_it_leads(plain: Served, method: str, location: str) -> None:
    plain.answer = (302, {"location": location})
    with pytest.raises(Rejected) as rejected:
        exchange(
            requests_transport("local"),
            "feed stock-file",
            "download",
            method,
            f"http://127.0.0.1:{plain.port}/",
            headers={},
            timeout=2.0,
            has_effect=method == "POST",
        )
    assert rejected.value.code == "HTTP_302"
    assert plain.seen == ["/"]


def test_a_redirect_of_a_vendor_to_the_metadata_address_is_not_followed(network: Network, vendor: Served) -> None:
    network.answers, network.roads = [(PUBLIC,)], {PUBLIC: vendor.port, METADATA: vendor.port}
    vendor.answer = (301, {"location": f"https://{METADATA}/latest/meta-data/"})
    assert get(f"https://{HOST}/") == 301
    assert network.dialled == [PUBLIC]


def test_a_proxy_of_the_environment_is_no_way_round(
    network: Network, plain: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{plain.port}")
    network.answers, network.roads = [(METADATA,)], {"127.0.0.1": plain.port}
    with pytest.raises(AddressRefused):
        get(f"https://{HOST}/")
    assert (network.dialled, plain.seen) == ([], [])


# --- what the operator hears ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "code", "words"),
    [
        ("http://shop.example.com/?k=s3cret", "ADDRESS_NOT_HTTPS", "shop.example.com is not encrypted"),
        ("https://10.1.2.3/s3cret", "ADDRESS_NOT_PUBLIC", "10.1.2.3 leads to a private or reserved network"),
        ("https://u:s3cret@shop.example.com/", "ADDRESS_HOLDS_PASSWORD", "shop.example.com holds a user name"),
        ("https://s3cret:s3cret@[", "ADDRESS_UNREADABLE", "cannot be read"),
        ("https://*.example.com/s3cret", "ADDRESS_UNREADABLE", "cannot be read"),
    ],
)
def test_a_refused_address_is_a_setting_to_mend_by_host_kind_and_fix(url: str, code: str, words: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        exchange(requests_transport("aws"), "CJ cj", "pay", "POST", url, headers={}, timeout=2.0, has_effect=True)
    assert refused.value.code == code
    assert refused.value.message.startswith("CJ cj pay: ")
    assert words in refused.value.message
    assert "base_url or url in orderwright.yaml: " in refused.value.message
    assert "s3cret" not in str(refused.value)


class NoLogin(Keys):
    """Keys whose log-in may be asked for once in five minutes, and should not be for nothing."""

    def may_renew(self, hold: timedelta, what: str = "token") -> bool:
        """The log-in would be used up."""
        assert what != "login"
        return True


SECRETS = {"client_secret": "s3cret", "api_key": "s3cret", "username": "u", "password": "s3cret"}
CALLS: list[tuple[Any, Callable[[Any], object]]] = [
    (
        ShopifySettings(kind="shopify", base_url=f"https://{HOST}", shop_domain=HOST, client_id="i", location="Main"),
        lambda store: store.find_location("Main"),
    ),
    (CjSettings(kind="cj", base_url=f"https://{HOST}"), lambda supplier: supplier.list_goods("")),
    (CsvSettings(kind="csv", url=f"https://{HOST}/stock.csv", offers_of="cj"), lambda feed: feed.open_feed("")),
    (EasyPostSettings(kind="easypost", base_url=f"https://{HOST}"), lambda carrier: carrier.read_tracker("trk_1")),
]


@pytest.mark.parametrize(("settings", "call"), CALLS, ids=lambda value: getattr(value, "kind", ""))
def test_every_connector_says_that_its_address_is_refused_and_not_that_its_secrets_are(
    network: Network, settings: Any, call: Callable[[Any], object]
) -> None:
    network.answers = [(METADATA,)]
    keys = NoLogin(extra={"refresh_token": "r", "open_id": "1"}, **SECRETS)
    context = Context("some-name", settings, keys, requests_transport("aws"), FixedClock(), timedelta(seconds=2))
    connector = builder(settings.kind)(context)
    with pytest.raises(AddressRefused) as refused:
        call(connector)
    assert refused.value.code == "ADDRESS_NOT_PUBLIC"
    assert f"{HOST} ({METADATA}) leads to a link-local network" in refused.value.message


def test_a_name_server_without_an_answer_is_an_outage_and_no_setting(network: Network) -> None:
    with pytest.raises(Retryable) as away:
        exchange(
            requests_transport("aws"), "CJ cj", "pay", "POST", f"https://{HOST}/", headers={}, timeout=2.0,
            has_effect=True,
        )  # fmt: skip
    assert away.value.code == "NO_CONNECTION"
