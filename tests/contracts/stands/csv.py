"""A stock file stood up in each place where it may lie, and as a workbook."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncssh
from botocore.exceptions import ClientError, EndpointConnectionError

from local.sandbox.feed import FeedConfig, StockFeed
from local.sandbox.inventory import Inventory
from orderwright.aws.files import S3Files
from orderwright.connectors import sftp
from orderwright.connectors.context import Context
from orderwright.connectors.deadline import Deadline
from tests.support.aws_in_process import InProcessAws
from tests.support.sftp_server import PASSWORD, SftpServer
from tests.support.stand import BASE, FeedStand, Keys
from tests.support.workbook import Cell, workbook

HEAD: list[Cell] = ["sku", "qty", "cost"]
KEY = asyncssh.generate_private_key("ssh-ed25519")
HOST_KEY = KEY.export_public_key().decode().strip()


class STAND(FeedStand):
    """A file behind a password, at a web address."""

    kind = "csv"
    lines = {"url": f"{BASE}/stock.csv", "offers_of": "cj"}
    secrets = {"username": "feed-reader", "password": "sandbox-pass"}
    rows = {"LAMP-1": (40, "6.40"), "LAMP-2": (0, "12.5"), "LAMP-3": (7, "3.275")}
    bad = b"sku,qty,cost\nG-1,4,1.00\nB-1,many,1.00\n"

    def __init__(self) -> None:
        super().__init__()
        self.vendor = StockFeed(
            self.world, Inventory(self.clock.now()), FeedConfig(*self.secrets.values()), self.faults
        )
        self.show(self.sample())

    def show(self, content: bytes) -> None:
        self.vendor._frozen = content


class AsWorkbook(STAND):
    """The same as a workbook, with numbers as spreadsheets keep them."""

    name = "csv-workbook"
    bad = workbook({"Stock": [HEAD, ["G-1", 4, 1.0], ["B-1", "many", 1.0]]})

    def sample(self) -> bytes:
        rows: list[list[Cell]] = [[sku, stock, float(cost)] for sku, (stock, cost) in self.rows.items()]
        return workbook({"Stock": [HEAD, *rows]})


class _InFolder(STAND):
    """A file in a folder, where nothing says how long to wait."""

    names_wait = False

    def __init__(self) -> None:
        self.shown = b""
        self.open()
        super().__init__()

    def open(self) -> None:
        """Begin to serve the folder."""

    @contextmanager
    def behaving(self, how: str) -> Iterator[None]:
        before = self.shown
        if how == "not_found":
            self.remove()
        elif how == "malformed":
            self.show(b"<html>Soon back</html>")
        else:
            self.goes(how)
        try:
            yield
        finally:
            self.goes("ok")
            self.show(before)

    def goes(self, how: str) -> None:
        """From now on every call goes as this word says."""

    def remove(self) -> None:
        """There is no file."""


class OnSftp(_InFolder):
    """A file on a supplier's SFTP server: the last one by name."""

    name = "csv-sftp"
    lines = {"url": "sftp://orderwright@127.0.0.1/stock-*.csv", "offers_of": "cj", "host_key": HOST_KEY}
    secrets = {"password": PASSWORD}

    def open(self) -> None:
        self.stack, self.at = ExitStack(), 1_700_000_000
        root = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.server = SftpServer(root)
        self.server.key = KEY
        self.stack.enter_context(self.server.running())
        self.server.put("stock-1.csv", b"older")
        self.server.put("stock-3.csv.part", b"half")

    def close(self) -> None:
        self.stack.close()

    def context(self, secrets: Mapping[str, str]) -> Context[Any]:
        keys, within = Keys(None, None, **secrets), Deadline(1)
        way = sftp.SftpWay("vendor-1", keys, "local", 0.5, lambda seconds, make: within.call("vendor-1", seconds, make))

        def sign_in(address: str, host_key: str) -> sftp.SftpFiles:
            port = 1 if self._unreachable else self.server.port
            return sftp.sign_in(way, address.replace("127.0.0.1", f"127.0.0.1:{port}"), host_key)

        return replace(super().context(secrets), sftp=sign_in)

    def goes(self, how: str) -> None:
        self._unreachable = how == "unreachable"
        self.server.fault = {"ok": "", "timeout": "read hangs"}.get(how, "open refused")

    def show(self, content: bytes) -> None:
        self.at += 1
        self.shown = content
        self.server.put("stock-2.csv", content, self.at)

    def remove(self) -> None:
        for file in self.server.root.iterdir():
            if not file.name.endswith(".part"):
                file.unlink()


class InBucket(_InFolder):
    """A file in the stack's own bucket."""

    name = "csv-bucket"
    lines = {"url": "files://in/stock-*.csv", "offers_of": "cj"}
    secrets = {}
    signs_in = False

    def open(self) -> None:
        self.aws = InProcessAws()
        s3, bucket = self.aws.client("s3"), f"files-{self.aws.account}"
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-north-1"})
        self.files = S3Files(s3, bucket, "vendor-1")
        self.files.put("in/stock-1.csv", b"older")

    def close(self) -> None:
        self.aws.close()

    def context(self, secrets: Mapping[str, str]) -> Context[Any]:
        return replace(super().context(secrets), files=lambda: self.files)

    def goes(self, how: str) -> None:
        failed = ClientError({"Error": {"Code": "X"}, "ResponseMetadata": {"HTTPStatusCode": 503}}, "GetObject")
        error = EndpointConnectionError(endpoint_url="https://s3") if how == "unreachable" else failed
        self.aws.before = (lambda _: None) if how == "ok" else lambda _: (_ for _ in ()).throw(error)

    def show(self, content: bytes) -> None:
        self.shown = content
        self.files.put("in/stock-2.csv", content)

    def remove(self) -> None:
        for name in ("in/stock-1.csv", "in/stock-2.csv"):
            self.files.delete(name)


MORE = (AsWorkbook, OnSftp, InBucket)
