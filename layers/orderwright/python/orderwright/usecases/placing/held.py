"""One worker's hold on one purchase order: as it was read last, or written by us since."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.usecases.once import Once
from orderwright.usecases.order_commit import OrderCommit
from orderwright.usecases.placing.job import Job


@dataclass
class Held(Once):
    """`job` is the last read; no call is begun after `stop_at`."""

    job: Job
    stop_at: datetime

    tries = 40

    @property
    def po(self) -> PurchaseOrder:
        """As it was read, or written by us since."""
        return self.job.po

    def _read(self) -> bool:
        file = self.job.storage.load_order(self.job.pk)
        self.job = replace(self.job, file=file)
        return self.job.sk in file.purchase_orders and file.record is not None

    def _write(self, commit: OrderCommit) -> bool:
        """The one place that commits. False: nothing more to do here."""
        self.job = replace(self.job, file=commit.write(self.job.storage))
        return False
