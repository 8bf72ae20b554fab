"""Orders as files: whole or not there, under names that tell nobody anything, on SFTP and in the stack's bucket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from orderwright.connectors.suppliers.file.connector import FileSupplier
from orderwright.domain.connection_settings import settings_of
from orderwright.domain.supplier_answers import LetterKind
from orderwright.errors import OutcomeUnknown
from tests.contracts.kinds import stand_of
from tests.contracts.stands.file import HOST_KEY
from tests.support.sftp_server import PASSWORD, SftpServer

REFERENCE = "OW2K7QX4M1"


@pytest.fixture
def stand() -> Any:
    return stand_of("file")()


def supplier(stand: Any, lines: Mapping[str, Any], **ways: Any) -> FileSupplier:
    """The connector with other lines in the file, and other ways out."""
    settings = settings_of("file").model_validate({"kind": "file", **lines})
    return FileSupplier(replace(stand.context(stand.secrets), settings=settings, **ways))


def test_the_order_is_one_file_with_the_samples_bytes_and_the_server_is_left_again(stand: Any) -> None:
    done = stand.connector().run_step("drop", stand.request())
    assert done.vendor_ids == {"file": f"{REFERENCE}.csv"}
    assert stand.folder.files == {f"{REFERENCE}.csv": (stand.samples() / "order.csv").read_bytes()}
    assert (stand.folder.opened, stand.folder.renamed) == (0, {True})


def test_letters_are_files_of_their_own_beside_the_order(stand: Any) -> None:
    connector = stand.connector()
    connector.run_step("drop", stand.request())
    for letter in LetterKind:
        connector.write(letter, stand.request())
    assert list(stand.folder.files) == [f"{REFERENCE}{end}.csv" for end in ("", "-reminder", "-withdrawn")]
    first, copy, withdrawn = (data.decode("utf-8-sig").splitlines()[1] for data in stand.folder.files.values())
    assert [one.partition(",")[0] for one in (first, copy, withdrawn)] == ['"ORDER"', '"COPY"', '"WITHDRAWN"']
    assert "Tampere" not in withdrawn
    assert list(stand.made()) == [REFERENCE]


def test_letters_go_by_mail_where_there_is_a_mailbox_for_them(stand: Any) -> None:
    mails: list[Any] = []

    class Post:
        def send_email(self, email: Any) -> str:
            mails.append(email)
            return "m-1"

    one = supplier(stand, {**stand.lines, "orders_to": "desk@factory.example"}, mail=Post)
    assert one.write(LetterKind.WITHDRAWAL, stand.request()) == "m-1"
    assert mails[0].to == "desk@factory.example"
    assert stand.folder.files == {}


def test_p1_a_file_that_may_be_there_is_unclear_and_the_server_is_left_all_the_same(stand: Any) -> None:
    with stand.behaving("accept_then_timeout"), stand.refuses(OutcomeUnknown):
        stand.connector().run_step("drop", stand.request())
    assert stand.folder.opened == 0


@pytest.mark.parametrize("rename", [True, False])
def test_a_real_server_gets_the_whole_file_under_its_name(stand: Any, tmp_path: Any, rename: bool) -> None:
    from functools import partial

    from orderwright.connectors.deadline import Deadline
    from orderwright.connectors.sftp import SftpWay, sign_in
    from tests.support.stand import Keys

    (tmp_path / "in").mkdir()
    with SftpServer(tmp_path).running() as server:
        within = partial(Deadline(1.0).call, "file")
        way = SftpWay("file", Keys(password=PASSWORD), "local", 3.0, within)
        lines = {"drop_to": f"{server.address}/in", "host_key": server.host_key, "rename": rename}
        one = supplier(stand, lines, sftp=partial(sign_in, way))
        assert "orders go to sftp://" in one.probe()
        one.run_step("drop", stand.request())
    assert [file.name for file in (tmp_path / "in").iterdir()] == [f"{REFERENCE}.csv"]
    assert (tmp_path / "in" / f"{REFERENCE}.csv").read_bytes() == (stand.samples() / "order.csv").read_bytes()


@pytest.mark.parametrize(
    ("lines", "field"),
    [
        ({"drop_to": "ftp://x@sftp.example.com/orders"}, "drop_to"),
        ({"drop_to": "sftp://sftp.example.com/orders", "host_key": HOST_KEY}, "drop_to"),
        ({"drop_to": "files://../other"}, "drop_to"),
        ({"drop_to": "files://"}, "drop_to"),
        ({"drop_to": "sftp://x@sftp.example.com/orders"}, "host_key"),
        ({"drop_to": "sftp://x@sftp.example.com/orders", "host_key": "SHA256:abc"}, "host_key"),
        ({"drop_to": "files://orders", "host_key": HOST_KEY}, "host_key"),
        ({"drop_to": "files://orders", "orders_to": "nobody"}, "orders_to"),
    ],
)
def test_a_place_that_orders_cannot_go_to_is_refused_by_its_field(lines: dict[str, str], field: str) -> None:
    settings = settings_of("file").model_validate({"kind": "file", **lines})
    assert [fault.path for fault in settings.faults()] == [(field,)]


def test_an_address_that_is_not_public_is_refused_when_it_is_applied() -> None:
    lines = {"kind": "file", "drop_to": "sftp://x@10.0.0.1/orders", "host_key": HOST_KEY}
    with pytest.raises(ValueError, match="public"):
        settings_of("file").model_validate(lines, context={"profile": "aws"})
