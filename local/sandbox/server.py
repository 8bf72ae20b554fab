"""One HTTP server for all vendors and for the sandbox's own pages, on this machine only."""

from __future__ import annotations

import errno
import logging
import socket
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.wrappers import Request as HttpRequest
from werkzeug.wrappers import Response as HttpResponse

from local.sandbox.factory import AnswerSource, nobody
from local.sandbox.sandbox import Sandbox
from local.sandbox.ui.app import SandboxPages
from local.sandbox.ui.mailbox import Mailbox, MailSource
from local.sandbox.wire import Request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

HOST = "127.0.0.1"
DEFAULT_PORT = 8780
TICK_SECONDS = 0.5
HANG_SECONDS = 6.0
# How soon `stop` is noticed.
_POLL_SECONDS = 0.05
_MAX_BODY = 20 * 1024 * 1024
logger = logging.getLogger(__name__)


class _Unanswered(ConnectionError):
    """The vendor keeps silent: the connection is closed without one byte."""


class _Handler(WSGIRequestHandler):
    """Says nothing on the terminal, and closes what shall stay unanswered."""

    def log(self, type: str, message: str, *args: Any) -> None:
        logger.debug(message, *args)

    def connection_dropped(self, error: BaseException, environ: WSGIEnvironment | None = None) -> None:
        self.close_connection = True


class SandboxServer:
    """`start` returns when it answers; `url` is its address. A taken `port` is replaced by a free one.

    `hang_seconds` must be longer than the clients' time-outs: so long a vendor keeps silent before it closes the connection.
    `mail_source` lists the mails and text messages that left the merchant's side (see ui.mailbox), `answers` what the maker
    answered to its mails.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        port: int = DEFAULT_PORT,
        mail_source: MailSource | None = None,
        hang_seconds: float = HANG_SECONDS,
        answers: AnswerSource = nobody,
    ) -> None:
        self.sandbox = sandbox
        self._wanted_port = port
        self._hang_seconds = hang_seconds
        self._pages = SandboxPages(sandbox, Mailbox(mail_source), answers)
        self._server: BaseWSGIServer | None = None
        self._threads: list[threading.Thread] = []
        self._stopping = threading.Event()

    @property
    def url(self) -> str:
        """The server's address without a slash at its end. Raises RuntimeError before `start`."""
        return f"http://{HOST}:{self.port}"

    @property
    def port(self) -> int:
        """The port that it got. Raises RuntimeError before `start`."""
        if self._server is None:
            raise RuntimeError("the sandbox's server is not started")
        return int(self._server.port)

    def start(self) -> None:
        """Listen, deliver webhooks, and let time pass."""
        self._stopping.clear()
        listening = _listen(self._wanted_port)
        try:
            self._server = make_server(
                HOST, 0, self._answer, threaded=True, request_handler=_Handler, fd=listening.fileno()
            )
        finally:
            # The server has a descriptor of its own for the same socket.
            listening.close()
        self.sandbox.outbox.start()
        serve = threading.Thread(
            target=self._server.serve_forever, args=(_POLL_SECONDS,), name="sandbox-server", daemon=True
        )
        tick = threading.Thread(target=self._tick, name="sandbox-time", daemon=True)
        self._threads = [serve, tick]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End everything that `start` began. May be called twice."""
        if self._server is None:
            return
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()
        for thread in self._threads:
            thread.join()
        self._threads.clear()
        self.sandbox.outbox.stop()
        self._server = None

    def _tick(self) -> None:
        while not self._stopping.wait(TICK_SECONDS):
            try:
                self.sandbox.tick()
            except Exception:
                # One failed effect must not stop time for all other vendors.
                logger.exception("the sandbox could not carry out what was due")

    def _answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        http = HttpRequest(environ)
        http.max_content_length = _MAX_BODY
        if not self.sandbox.serves(http.path):
            return self._pages(environ, start_response)
        try:
            request = _request_of(http)
        except RequestEntityTooLarge as error:
            return error(environ, start_response)
        answer = self.sandbox.handle(request)
        if answer.hang:
            self._stopping.wait(self._hang_seconds)
            raise _Unanswered
        return HttpResponse(answer.body, answer.status, dict(answer.headers))(environ, start_response)


def _request_of(http: HttpRequest) -> Request:
    """Repeated query names are joined by commas, which is how the vendors take lists in one value."""
    query = {name: ",".join(values) for name, values in http.args.lists()}
    headers = {name.lower(): value for name, value in http.headers.items()}
    return Request(http.method, http.path, query, headers, http.get_data())


def _listen(port: int) -> socket.socket:
    """A listening socket on `port`, or on a free one where somebody else has it."""
    try:
        return socket.create_server((HOST, port), backlog=128)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        return socket.create_server((HOST, 0), backlog=128)
