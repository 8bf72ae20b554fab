"""What orderwright.yaml says of a supplier that takes orders as files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Literal, NamedTuple

from pydantic import Field, ValidationInfo
from pydantic.functional_validators import AfterValidator
from pydantic_core import PydanticCustomError

from orderwright.connectors.suppliers.desk import DeskSettings
from orderwright.declarations import First, Question
from orderwright.domain.connection_settings import ConfigFault
from orderwright.domain.mail_address import mailed_as
from orderwright.domain.sftp_address import fault_of_host_key, fault_of_sftp, sftp_parts

_SFTP = "sftp://"
_FILES = re.compile(r"files://([A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)*)/?")
_FORMS = "write sftp://user@host:22/folder, or files://folder for the stack's own bucket"


def _may_be_signed_in_to(address: str, info: ValidationInfo) -> str:
    """For who applies a file, and says the stack's profile in the context. What is in force stays readable as it is."""
    sftp = address.strip().startswith(_SFTP)
    fault = fault_of_sftp(address.strip(), info.context["profile"]) if info.context and sftp else None
    if fault is not None:
        raise PydanticCustomError(fault.code, fault.what, {"fix": fault.fix})
    return address


class Place(NamedTuple):
    """Where files are put. `server`: its address, "" for the stack's bucket. `folder` is a path there."""

    server: str
    folder: str

    def path(self, name: str) -> str:
        """A file of this folder."""
        return f"{self.folder}/{name}" if self.folder else name


class FileSupplierSettings(DeskSettings):
    """Orders as CSV files."""

    kind: Literal["file"]
    drop_to: Annotated[str, AfterValidator(_may_be_signed_in_to)] = Field(
        description="the folder for orders: sftp://user@host:22/folder, or files://folder in the stack's bucket"
    )
    host_key: str = Field(
        default="", description="the SFTP server's public key, such as ssh-ed25519 AAAA...; no other is taken"
    )
    old_algorithms: bool = Field(
        default=False, description="true: SHA-1 and CBC, for an SFTP server that has nothing better"
    )
    rename: bool = Field(
        default=True, description="off for a server that forbids to rename: a file is then seen before it is whole"
    )
    orders_to: str = Field(
        default="", description="a mailbox for reminders and withdrawals; without it they are files too"
    )

    @property
    def place(self) -> Place | None:
        """`drop_to`, taken apart; None where it has neither form."""
        text = self.drop_to.strip()
        if text.startswith(_SFTP):
            try:
                parts = sftp_parts(text)
            except ValueError:
                return None
            return Place(text, parts.path.rstrip("/"))
        found = _FILES.fullmatch(text)
        return Place("", found[1]) if found and ".." not in found[1].split("/") else None

    @property
    def keeps_order_files(self) -> bool:
        """See SupplierSettings. What lies on the partner's own server is the partner's."""
        return self.place is not None and not self.place.server

    def faults(self) -> Iterator[ConfigFault]:
        """See SupplierSettings."""
        yield from super().faults()
        place = self.place
        if place is None:
            yield ConfigFault(("drop_to",), "is no folder that orders can be put into", _FORMS)
        elif not place.server and self.host_key:
            yield ConfigFault(("host_key",), "is for SFTP servers", "take it out")
        elif place.server and (fault := fault_of_host_key(self.host_key)):
            yield ConfigFault(("host_key",), fault, "docs/connecting.md says how to get it and how to check it")
        if self.orders_to.strip() and mailed_as(self.orders_to.strip()) is None:
            yield ConfigFault(
                ("orders_to",), "is no mail address", "write one bare address, such as orders@factory.example"
            )


FIRST = First(
    "  factory:\n    kind: file\n    drop_to: {drop_to}\n    language: en   # of the files: en, de or zh-Hans\n",
    (
        Question(
            "drop_to", "The folder for orders in the stack's bucket; docs/connecting.md has SFTP", "files://orders"
        ),
    ),
)
