"""What orderwright.yaml says of any file of what prices follow: where it lies and how it is written."""

from __future__ import annotations

from typing import ClassVar

from orderwright.connectors.feeds.csv.catalogue import Column
from orderwright.connectors.feeds.csv.settings import TableForm
from orderwright.domain.connection_settings import SignalSettings

__all__ = ["Column", "SignalFile"]


class SignalFile(TableForm, SignalSettings):
    """Settings of every kind of such a file."""

    TAKES_JSON: ClassVar[bool] = True
