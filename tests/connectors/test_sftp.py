"""A partner's SFTP server: asyncssh's own on loopback with every fault, and a real sshd where one is installed."""

from __future__ import annotations

import getpass
import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from orderwright.connectors import sftp
from orderwright.connectors.deadline import Deadline
from orderwright.errors import AddressRefused, Misconfigured, NotFound, OutcomeUnknown, Rejected, Retryable, VendorError
from tests.support.sftp_server import PASSWORD, USER, SftpServer
from tests.support.stand import Keys

SSHD = Path("/usr/sbin/sshd")
SHORT = 0.15


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SftpServer]:
    root = tmp_path / "root"
    root.mkdir()
    with SftpServer(root).running() as running:
        yield running


def way(
    secrets: Mapping[str, str] | None = None, profile: str = "local", timeout: float = 5.0, *, old: bool = False
) -> sftp.SftpWay:
    within = partial(Deadline(1).call, "makers")
    return sftp.SftpWay(
        "makers", Keys(None, None, **(secrets or {"password": PASSWORD})), profile, timeout, within, old
    )


@contextmanager
def signed_in(server: SftpServer, by: sftp.SftpWay | None = None, host_key: str = "") -> Iterator[sftp.SftpFiles]:
    how = by or way()
    files = sftp.sign_in(how._replace(timeout=5.0), server.address, host_key or server.host_key)
    files._way = how
    try:
        yield files
    finally:
        files.close()


def refusal(code: str, error: type[VendorError], what: Callable[[], Any]) -> str:
    for _ in range(50):
        with pytest.raises(VendorError) as raised:
            what()
        # Who refuses a handshake may close the line before what it said is read: then nobody knows why.
        if raised.value.code == code or "ConnectionLost" not in raised.value.message:
            break
    assert isinstance(raised.value, error)
    assert raised.value.code == code
    assert PASSWORD not in raised.value.message
    assert "hush-hush" not in raised.value.message
    return raised.value.message


def test_files_are_listed_read_and_written(server: SftpServer) -> None:
    server.put("stock.csv", b"sku\nA\n")
    (server.root / "folder").mkdir()
    (server.root / "link").symlink_to("/etc/passwd")
    big = bytes(range(256)) * 20_000
    with signed_in(server) as files:
        (only,) = files.entries("/")
        assert (only.name, only.size, only.modified.timestamp()) == ("stock.csv", 6, 1_700_000_000)
        assert files.read("/stock.csv", 100) == b"sku\nA\n"
        for content in (big, b"again"):
            files.write("/folder/po.csv", content)
            assert files.read("/folder/po.csv", len(big)) == content
        files.write("once.csv", b"once", rename=False)
        assert [one.name for one in files.entries("/folder")] == ["po.csv"]
    assert (server.root / "once.csv").read_bytes() == b"once"
    files.close()


def test_a_file_is_read_up_to_its_limit_and_one_that_is_not_there_is_not_found(server: SftpServer) -> None:
    server.put("stock.csv", b"12345")
    with signed_in(server) as files:
        refusal("FEED_TOO_LARGE", Rejected, lambda: files.read("/stock.csv", 4))
        assert files.read("/stock.csv", 5) == b"12345"
        refusal("SFTP_NO_FILE", NotFound, lambda: files.read("/other.csv", 5))
        refusal("SFTP_FOLDER", Misconfigured, lambda: files.entries("/nowhere"))
        refusal("SFTP_FOLDER", Misconfigured, lambda: files.write("/nowhere/po.csv", b"1"))


def test_a_folder_with_far_too_many_entries_is_refused(server: SftpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sftp, "MOST_ENTRIES", 3)
    for number in range(4):
        server.put(f"{number}.csv", b"")
    with signed_in(server) as files:
        refusal("SFTP_FOLDER", Misconfigured, lambda: files.entries("/"))


def test_a_changed_host_key_stops_before_any_secret_is_sent(server: SftpServer) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    told = refusal("HOST_KEY_CHANGED", Misconfigured, lambda: sftp.sign_in(way(), server.address, other))
    assert server.key.get_fingerprint() in told
    kind = asyncssh.generate_private_key("ecdsa-sha2-nistp256").export_public_key().decode()
    refusal("HOST_KEY_CHANGED", Misconfigured, lambda: sftp.sign_in(way(), server.address, kind))
    cut = server.host_key.split()[1][:60]
    for text in (
        "", "ssh-ed25519", "ssh-ed25519 AAAA", "ssh-rsa " + server.host_key.split()[1], f"ssh-ed25519 {cut}",
    ):  # fmt: skip
        refusal("HOST_KEY_UNREADABLE", Misconfigured, lambda text=text: sftp.sign_in(way(), server.address, text))  # type: ignore[misc]


def test_signing_in_by_private_key_and_every_secret_that_does_not_do(server: SftpServer) -> None:
    with signed_in(server, way({"private_key": server.private_key})) as files:
        assert files.entries("/") == []
    locked = server.users_key.export_private_key("pkcs8-pem", "hush-hush").decode()
    stranger = asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()
    for secrets in (
        {"password": "hush-hush"}, {"private_key": stranger}, {"private_key": locked}, {"private_key": "hush-hush"},
        {"username": "u"},
    ):  # fmt: skip
        by = way(secrets)
        refusal("SFTP_SIGN_IN", Misconfigured, lambda by=by: sftp.sign_in(by, server.address, server.host_key))  # type: ignore[misc]


@pytest.mark.parametrize(
    ("profile", "address", "code"),
    [
        ("aws", f"sftp://{USER}@127.0.0.1:1", "ADDRESS_NOT_PUBLIC"),
        ("local", "sftp://u@localhost/x", "ADDRESS_NOT_PUBLIC"),
        ("aws", "sftp://u@10.0.0.1/x", "ADDRESS_NOT_PUBLIC"),
        ("local", "sftp://127.0.0.1/x", "ADDRESS_UNREADABLE"),
        ("local", "sftp://u@h:port/x", "ADDRESS_UNREADABLE"),
        ("local", "https://u@h/x", "ADDRESS_UNREADABLE"),
        ("local", "sftp://u@h/x?y", "ADDRESS_UNREADABLE"),
        ("local", "sftp://u@h/x%00", "ADDRESS_UNREADABLE"),
        ("local", "sftp://u:hush-hush@h/x", "ADDRESS_HOLDS_PASSWORD"),
    ],
)
def test_only_public_addresses_are_connected_to(profile: str, address: str, code: str) -> None:
    refusal(code, AddressRefused, lambda: sftp.sign_in(way(profile=profile), address, ""))


def test_a_name_that_leads_to_a_private_network_is_not_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda *_: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.1", 22))]
    )
    key = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    refusal("ADDRESS_NOT_PUBLIC", AddressRefused, lambda: sftp.sign_in(way(), "sftp://u@sftp.example.com/x", key))


def test_a_server_that_is_not_there_or_hangs_is_asked_again_later(server: SftpServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        address = f"sftp://{USER}@127.0.0.1:{port}"
        began = time.monotonic()
        refusal("UNAVAILABLE", Retryable, lambda: sftp.sign_in(way(timeout=SHORT), address, server.host_key))
        assert time.monotonic() - began < 4 * SHORT
    refusal("NO_CONNECTION", Retryable, lambda: sftp.sign_in(way(timeout=SHORT), address, server.host_key))
    server.fault = "sign-in hangs"
    refusal("UNAVAILABLE", Retryable, lambda: sftp.sign_in(way(timeout=SHORT), server.address, server.host_key))


def test_a_name_with_many_addresses_that_hang_costs_one_time_out(
    server: SftpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hangs(address: object, timeout: float) -> socket.socket:
        time.sleep(timeout)
        raise TimeoutError

    monkeypatch.setattr(sftp, "judged", lambda *_: [f"192.0.2.{number}" for number in range(20)])
    monkeypatch.setattr(socket, "create_connection", hangs)
    began = time.monotonic()
    refusal("NO_CONNECTION", Retryable, lambda: sftp.sign_in(way(timeout=0.1), server.address, server.host_key))
    assert time.monotonic() - began < 0.3


def test_a_line_that_breaks_while_sftp_begins_is_tried_again(server: SftpServer) -> None:
    server.fault = "session lost"
    refusal("UNAVAILABLE", Retryable, lambda: sftp.sign_in(way(), server.address, server.host_key))


def test_names_of_other_files_that_cannot_be_read_or_are_far_too_long_are_passed(server: SftpServer) -> None:
    server.put("stock.csv", b"sku")
    for name in (b"preis-\xe9.csv", b"line\nbreak.csv"):
        Path(os.fsdecode(os.fsencode(server.root) + b"/" + name)).write_bytes(b"")
    with signed_in(server) as files:
        assert [one.name for one in files.entries("/")] == ["stock.csv"]


@pytest.mark.parametrize("fault", ["read hangs", "read lost", "open hangs"])
def test_a_server_that_hangs_or_breaks_off_in_a_file_costs_one_time_out(server: SftpServer, fault: str) -> None:
    server.put("stock.csv", b"sku\n" * 1000)
    with signed_in(server, way(timeout=SHORT)) as files:
        server.fault = fault
        refusal("UNAVAILABLE", Retryable, lambda: files.read("/stock.csv", 100_000))
        began = time.monotonic()
        refusal("UNAVAILABLE", Retryable, lambda: files.entries("/"))
        assert time.monotonic() - began < SHORT


@pytest.mark.parametrize(
    ("fault", "rename", "error", "code", "left"),
    [
        ("open forbidden", True, Misconfigured, "SFTP_FOLDER", b"old"),
        ("open forbidden", False, Misconfigured, "SFTP_FOLDER", b"old"),
        ("open hangs", True, Retryable, "UNAVAILABLE", b"old"),
        ("open hangs", False, OutcomeUnknown, "OUTCOME_UNKNOWN", b"old"),
        ("quota", True, Retryable, "SFTP_REFUSED", b"old"),
        ("quota", False, Retryable, "SFTP_REFUSED", None),
        ("write lost", True, Retryable, "UNAVAILABLE", b"old"),
        ("write lost", False, OutcomeUnknown, "OUTCOME_UNKNOWN", b"new"),
        ("rename refused", True, Misconfigured, "SFTP_RENAME", b"old"),
        ("rename hangs", True, OutcomeUnknown, "OUTCOME_UNKNOWN", b"old"),
        ("rename lost", True, OutcomeUnknown, "OUTCOME_UNKNOWN", b"new"),
    ],
)
def test_only_what_is_certainly_not_there_may_be_written_again(
    server: SftpServer, fault: str, rename: bool, error: type[VendorError], code: str, left: bytes | None
) -> None:
    server.put("po.csv", b"old")
    with signed_in(server, way(timeout=SHORT)) as files:
        server.fault = fault
        refusal(code, error, lambda: files.write("/po.csv", b"new", rename=rename))
    kept = server.root / "po.csv"
    assert (kept.read_bytes() if kept.exists() else None) == left


def test_a_part_that_cannot_be_removed_again_may_be_there(server: SftpServer) -> None:
    with signed_in(server) as files:
        server.fault = "quota"
        files._removed = lambda path: False  # type: ignore[method-assign]
        refusal("SFTP_REFUSED", OutcomeUnknown, lambda: files.write("/po.csv", b"12345678", rename=False))


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
@pytest.mark.parametrize(
    "options",
    [{"kex_algs": ["diffie-hellman-group14-sha1"]}, {"mac_algs": ["hmac-sha1"], "encryption_algs": ["aes128-cbc"]}],
)
def test_old_algorithms_only_where_the_settings_allow_them(tmp_path: Path, options: dict[str, Any]) -> None:
    with SftpServer(tmp_path, **options).running() as server:
        told = refusal("SFTP_OLD", Misconfigured, lambda: sftp.sign_in(way(), server.address, server.host_key))
        assert "old_algorithms: true" in told
        with signed_in(server, way(old=True)) as files:
            assert files.entries("/") == []


def test_nothing_is_begun_that_the_workers_time_does_not_last_for(server: SftpServer) -> None:
    class Lambda:
        @staticmethod
        def get_remaining_time_in_millis() -> int:
            return 4000

    deadline = Deadline(1)
    deadline.begin(Lambda)
    late = way()._replace(within=partial(deadline.call, "makers"))
    refusal("OUT_OF_TIME", Retryable, lambda: sftp.sign_in(late, server.address, server.host_key))
    assert server.sign_ins == 0


@pytest.mark.skipif(not SSHD.exists(), reason="Debian's openssh-server is not installed")
def test_a_real_sshd_with_a_key_is_read_and_written(tmp_path: Path) -> None:
    host, user = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    host.write_private_key(tmp_path / "host")
    (tmp_path / "host").chmod(0o600)
    user.write_public_key(tmp_path / "users")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    lines = [
        f"Port {port}", "ListenAddress 127.0.0.1", f"HostKey {tmp_path}/host", f"AuthorizedKeysFile {tmp_path}/users",
        "StrictModes no", "UsePAM no", "PermitRootLogin yes", "PasswordAuthentication no", "PidFile none",
        "Subsystem sftp internal-sftp",
    ]  # fmt: skip
    (tmp_path / "config").write_text("\n".join(lines) + "\n")
    Path("/run/sshd").mkdir(exist_ok=True)
    running = subprocess.Popen([SSHD, "-D", "-e", "-f", tmp_path / "config"], stderr=subprocess.DEVNULL)
    try:
        address, by = (
            f"sftp://{getpass.getuser()}@127.0.0.1:{port}",
            way({"private_key": user.export_private_key().decode()}),
        )
        ends = time.monotonic() + 10
        while True:
            try:
                files = sftp.sign_in(by, address, host.export_public_key().decode())
                break
            except Retryable:
                assert time.monotonic() < ends
                time.sleep(0.1)
        for content in (b"one", b"two"):
            files.write(f"{tmp_path}/po.csv", content)
            assert files.read(f"{tmp_path}/po.csv", 10) == content
        assert "po.csv" in [one.name for one in files.entries(str(tmp_path))]
        files.close()
        other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
        refusal("HOST_KEY_CHANGED", Misconfigured, lambda: sftp.sign_in(by, address, other))
    finally:
        running.terminate()
        running.wait(10)
