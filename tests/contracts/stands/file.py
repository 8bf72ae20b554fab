"""A supplier by file stood up: a folder on its SFTP server, and the people who look into it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from orderwright.connectors.context import Context
from orderwright.errors import Misconfigured
from orderwright.ports.out import RemoteFile
from tests.contracts.stands.email import PAGE, Desk, DeskStand

HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEVYQU1QTEVFWEFNUExFRVhBTVBMRUVYQU1QTEVF"


class Folder:
    """RemoteFiles of one server that has the folder "orders". `files`: what is in it; `opened`: sign-ins that are not out yet."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.files, self.opened, self.renamed = desk, dict[str, bytes](), 0, set[bool]()

    def entries(self, folder: str) -> list[RemoteFile]:
        if folder != "/orders":
            raise Misconfigured("SFTP: there is no such folder", code="SFTP_FOLDER")
        return [RemoteFile(name, len(data), datetime(2026, 11, 20, tzinfo=UTC)) for name, data in self.files.items()]

    def read(self, path: str, most: int) -> bytes:
        return self.files[path]

    def write(self, path: str, data: bytes, *, rename: bool = True) -> None:
        name = path.removeprefix("/orders/")
        self.renamed.add(rename)
        self.desk.take(name.removesuffix(".csv").partition("-")[0], name)
        self.files[name] = data

    def close(self) -> None:
        self.opened -= 1


class STAND(DeskStand):
    """An SFTP server."""

    kind = "file"
    lines = {"drop_to": "sftp://orders@sftp.factory.example:2222/orders", "host_key": HOST_KEY}
    secrets = {"link_secret": "s3cret-of-links", "password": "s3cret-of-sftp"}
    signs_in = True

    def __init__(self) -> None:
        super().__init__()
        self.folder = Folder(self.desk)

    def context(self, secrets: Mapping[str, str]) -> Context[Any]:
        def sign_in(address: str, host_key: str) -> Folder:
            assert (address, host_key) == (self.lines["drop_to"], HOST_KEY)
            if secrets.get("password") != self.secrets["password"]:
                raise Misconfigured("SFTP: the sign-in was refused", code="SFTP_SIGN_IN")
            self.folder.opened += 1
            return self.folder

        return replace(super().context(secrets), sftp=sign_in, page=lambda: PAGE, shop=lambda: "Trail Lights")
