"""Orders as files: placed when the file is there under its name. An unclear one parks: its reader may have taken it away."""

from __future__ import annotations

from orderwright.connectors.context import Context
from orderwright.connectors.suppliers.desk import SORTS, DeskOrders
from orderwright.connectors.suppliers.file.settings import FileSupplierSettings, Place
from orderwright.domain.mail_address import mailed_as
from orderwright.domain.supplier_answers import LetterKind
from orderwright.errors import Misconfigured
from orderwright.papers.letter import order_mail
from orderwright.papers.purchase_order import OrderPaper, Sort, file_name, order_csv
from orderwright.ports.out import RemoteFiles
from orderwright.ports.supplier import OrderStep, PurchaseRequest, StepDone


class FileSupplier(DeskOrders[FileSupplierSettings]):
    """All ports of the kind."""

    steps: tuple[OrderStep, ...] = (OrderStep("drop", commits=True),)

    def account(self) -> str:
        """The folder: the stack's bucket has one for each connection, an SFTP server is somebody's."""
        place = self._place
        return (
            f"file:{place.server.lower()}{place.folder}" if place.server else f"file:{self.context.id}/{place.folder}"
        )

    def probe(self) -> str:
        """A look into the folder; nothing is written. Raises what reading raises."""
        place, context = self._place, self.context
        if place.server:
            remote = self._remote(place)
            try:
                remote.entries(place.folder or ".")
            finally:
                remote.close()
        elif context.files is not None:
            context.files().get(place.path("probe"))
        where = place.server or f"the folder {place.folder} of the stack's bucket"
        hours = context.settings.confirm_within_hours
        return f"orders go to {where} as CSV, to be confirmed within {hours} hours; nothing was written"

    def run_step(self, step: str, request: PurchaseRequest) -> StepDone:
        """Put the file there, once."""
        return StepDone({"file": self._put(self.paper(Sort.ORDER, request))})

    def write(self, letter: LetterKind, request: PurchaseRequest) -> str:
        """See SupplierDesk. By mail where there is a mailbox for it, else as a file beside the order's."""
        paper, to = self.paper(SORTS[letter], request), self.context.settings.orders_to.strip()
        if not to:
            return self._put(paper)
        if self.context.mail is None:
            raise Misconfigured(f"{self.name}: its kind must declare that it sends mails")
        return self.context.mail().send_email(order_mail(paper, mailed_as(to) or to, ("csv",)))

    def end_files(self, reference: str) -> None:
        """See SupplierDesk. What lies on the partner's own server is the partner's."""
        place = self._place
        if place.server or self.context.files is None:
            return
        files = self.context.files()
        for sort in Sort:
            files.delete(place.path(f"{file_name(sort, reference)}.csv"))

    @property
    def _place(self) -> Place:
        place = self.context.settings.place
        if place is None:
            raise Misconfigured(f"{self.name}: drop_to is no folder that orders can be put into")
        return place

    def _remote(self, place: Place) -> RemoteFiles:
        if self.context.sftp is None:
            raise Misconfigured(f"{self.name}: its kind must declare that it uses SFTP")
        return self.context.sftp(place.server, self.context.settings.host_key.strip())

    def _put(self, paper: OrderPaper) -> str:
        place, name, data = self._place, f"{paper.name}.csv", order_csv(paper)
        if place.server:
            remote = self._remote(place)
            try:
                remote.write(place.path(name), data, rename=self.context.settings.rename)
            finally:
                remote.close()
        elif self.context.files is None:
            raise Misconfigured(f"{self.name}: its kind must declare that it keeps files")
        else:
            self.context.files().put(place.path(name), data)
        return name


def build(context: Context[FileSupplierSettings]) -> FileSupplier:
    """The connector of one connection."""
    return FileSupplier(context)
