"""Where a file lies, as orderwright.yaml says: at a web address, on an SFTP server, or in the stack's bucket."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, ClassVar

from pydantic import Field, ValidationInfo
from pydantic.functional_validators import AfterValidator
from pydantic_core import PydanticCustomError

from orderwright.domain.connection_settings import ConfigFault, ConnectionSettings
from orderwright.domain.sftp_address import fault_of_host_key, fault_of_sftp
from orderwright.domain.web_address import fault_of_url
from orderwright.errors import NotFound

IN_BUCKET = "files://"
MOST_BYTES = 64 * 1024 * 1024
"""Of a file that is read in one piece, by SFTP or from the bucket."""
_NAME = re.compile(r"files://(?:[A-Za-z0-9][A-Za-z0-9._-]*/)*[A-Za-z0-9*][A-Za-z0-9._*-]*")


def _may_be_read(url: str, info: ValidationInfo) -> str:
    """For who applies a file, and says the stack's profile in the context. What is in force stays readable as it is."""
    if not info.context or url.startswith(IN_BUCKET):
        return url
    fault = (fault_of_sftp if url.startswith("sftp://") else fault_of_url)(url, info.context["profile"])
    if fault is not None:
        raise PydanticCustomError(fault.code, fault.what, {"fix": fault.fix})
    return url


FileUrl = Annotated[str, Field(pattern=r"^(https?|sftp|files)://[^\s]+$"), AfterValidator(_may_be_read)]


class FilePlace(ConnectionSettings):
    """Where a file lies: beside its role's settings."""

    TAKES_JSON: ClassVar[bool] = False
    """May it be JSON as well?"""

    url: FileUrl = Field(
        description="https://..., sftp://user@host/folder/file.csv, or files://file.csv in the stack's bucket; * in the last"
        " two stands for any signs of the file's name, and the last finished file by name counts"
    )
    host_key: str = Field(
        default="",
        description="of an SFTP server: ssh-ed25519 AAAA..., as ssh-keyscan prints it; checked, never taken over",
    )
    old_algorithms: bool = Field(
        default=False, description="true: an SFTP server may use SHA-1 and CBC, which are not safe any more"
    )
    done_marker: str = Field(
        default="",
        pattern=r"^(\.[A-Za-z0-9]+)?$",
        description="a file is finished when one with this behind its name lies beside it, such as .done; by SFTP without it:"
        " when its size and time are the same in two polls",
    )
    sheet: str | int = Field(
        default="", description="of a workbook: the sheet's name, or its number from 1; empty: the first"
    )

    @property
    def urls(self) -> dict[str, str]:
        """Its addresses, by setting."""
        return {"url": self.url}

    def faults(self) -> Iterator[ConfigFault]:
        """See ConnectionSettings."""
        urls = self.urls
        on_sftp = any(url.startswith("sftp://") for url in urls.values())
        for name, url in urls.items():
            last = url.rpartition("/")[2]
            if url.startswith(IN_BUCKET) and not _NAME.fullmatch(url):
                fix = "write files://stock.csv or files://in/*.csv"
                yield ConfigFault((name,), "is no name of a file in the bucket", fix)
            elif (
                url
                and not url.startswith("http")
                and ("*" in url.removesuffix(last) or not last or url == f"sftp://{last}")
            ):
                yield ConfigFault((name,), "names no file", "write * in the file's name only, such as /out/stock-*.csv")
        wrong = fault_of_host_key(self.host_key)
        if on_sftp and wrong:
            yield ConfigFault(
                ("host_key",), wrong, "run ssh-keyscan, compare the key, and write it: docs/connecting.md"
            )
        for name in ("host_key", "old_algorithms") if not on_sftp else ():
            if getattr(self, name):
                yield ConfigFault((name,), "is for sftp:// addresses", "take it out")
        if self.done_marker and self.url.startswith("http"):
            yield ConfigFault(("done_marker",), "is for files in folders: sftp:// or files://", "take it out")


def no_file(who: str, *, behind: bool = False) -> NotFound:
    """There is none of this name. `behind`: only such as come before the one that was read last."""
    if behind:
        why = "the file that was read last is gone, and the names of all others come before its name in the alphabet"
        return NotFound(f"{who}: {why}: put a file with a later name there, or change url", code="FEED_NO_FILE")
    return NotFound(f"{who}: no finished file of this name is there", code="FEED_NO_FILE")
