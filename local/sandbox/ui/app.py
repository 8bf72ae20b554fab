"""The sandbox's pages and the JSON behind them, as one WSGI application."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from local.sandbox.factory import AnswerSource, Factory, nobody
from local.sandbox.sandbox import Sandbox
from local.sandbox.ui.actions import Action, ActionRefused, BadArguments, described
from local.sandbox.ui.buyers import PRESETS
from local.sandbox.ui.carrier_actions import CARRIER_ACTIONS
from local.sandbox.ui.mailbox import Mailbox
from local.sandbox.ui.maker import Maker
from local.sandbox.ui.pictures import picture
from local.sandbox.ui.shop_actions import SHOP_ACTIONS
from local.sandbox.ui.state import snapshot
from local.sandbox.ui.supplier_actions import SUPPLIER_ACTIONS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_FOLDER = Path(__file__).parent
_KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_PAGE_POLICY = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
# A mail is somebody's HTML: no scripts, nothing from elsewhere, and links open beside the page.
_MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
)
ACTIONS: dict[str, Action[Any]] = {
    action.name: action for action in (*SHOP_ACTIONS, *SUPPLIER_ACTIONS, *CARRIER_ACTIONS)
}


class SandboxPages:
    """`/`, `/api`, `/api/state`, `/api/actions/<name>`, and what the pages need."""

    def __init__(self, sandbox: Sandbox, mailbox: Mailbox, answers: AnswerSource = nobody) -> None:
        self._sandbox = sandbox
        self._mailbox = mailbox
        self._maker = Maker(Factory(mailbox), answers)
        self._templates = Environment(
            loader=FileSystemLoader(_FOLDER / "templates"), autoescape=True, undefined=StrictUndefined
        )
        self._statics = {path.name: path for path in (_FOLDER / "static").iterdir() if path.suffix in _KINDS}
        self._rules = Map(
            [
                Rule("/", endpoint=self._home, methods=["GET"]),
                Rule("/api", endpoint=self._about, methods=["GET"]),
                Rule("/api/state", endpoint=self._state, methods=["GET"]),
                Rule("/api/actions/<name>", endpoint=self._act, methods=["POST"]),
                Rule("/mail/<path:message_id>", endpoint=self._mail, methods=["GET"]),
                Rule("/mail-files/<int:number>/<path:message_id>", endpoint=self._mail_file, methods=["GET"]),
                Rule("/pictures/<sku>.svg", endpoint=self._picture, methods=["GET"]),
                Rule("/static/<name>", endpoint=self._static, methods=["GET"]),
            ]
        )

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        try:
            endpoint, values = self._rules.bind_to_environ(environ).match()
            response: Any = endpoint(request, **values)
        except HTTPException as error:
            response = error
        answer: Iterable[bytes] = response(environ, start_response)
        return answer

    def _home(self, _: Request) -> Response:
        return self._page("home.html", presets=PRESETS.values(), shop=self._sandbox.store.config.shop_domain)

    def _about(self, request: Request) -> Response:
        groups: dict[str, list[dict[str, Any]]] = {}
        for action in ACTIONS.values():
            groups.setdefault(action.group, []).append(described(action))
        return self._page("api.html", groups=groups, address=request.host_url.rstrip("/"))

    def _page(self, template: str, **values: Any) -> Response:
        text = self._templates.get_template(template).render(**values)
        return Response(text, mimetype="text/html", headers={"Content-Security-Policy": _PAGE_POLICY})

    def _state(self, request: Request) -> Response:
        body = json.dumps(
            snapshot(self._sandbox, self._mailbox, self._maker), ensure_ascii=False, separators=(",", ":")
        ).encode()
        response = Response(body, mimetype="application/json", headers={"Cache-Control": "no-cache"})
        response.set_etag(hashlib.sha256(body).hexdigest()[:24])
        return response.make_conditional(request)

    def _act(self, request: Request, name: str) -> Response:
        action = ACTIONS.get(name)
        if action is None:
            return _failed(404, "name", f"there is no action {name}; GET /api lists all of them")
        if request.mimetype != "application/json":
            # Also keeps a page of another site from acting: a browser asks first before it sends this type elsewhere.
            return _failed(415, "content-type", "send the arguments as application/json")
        try:
            given = json.loads(request.get_data() or b"{}")
        except ValueError:
            return _failed(400, "body", "the arguments are not valid JSON")
        if not isinstance(given, dict):
            return _failed(422, "arguments", f"send one JSON object with the arguments, not a {type(given).__name__}")
        try:
            result = action.perform(self._sandbox, given)
        except BadArguments as error:
            return _json({"ok": False, "errors": error.errors}, 422)
        except ActionRefused as error:
            return _failed(409, error.field, str(error))
        return _json({"ok": True, "result": result})

    def _mail(self, _: Request, message_id: str) -> Response:
        message = self._mailbox.find(message_id)
        if message is None:
            raise NotFound
        if message.html:
            text, kind = f'<!doctype html><meta charset="utf-8"><base target="_blank">{message.html}', "text/html"
        else:
            text, kind = message.text, "text/plain"
        return Response(text, mimetype=kind, headers={"Content-Security-Policy": _MAIL_POLICY})

    def _mail_file(self, _: Request, number: int, message_id: str) -> Response:
        message = self._mailbox.find(message_id)
        if message is None or number >= len(message.files):
            raise NotFound
        file = message.files[number]
        # A PDF opens in the browser's own reader; everything else is shown as the text that it is, and never runs.
        kind = file.content_type if file.content_type == "application/pdf" else "text/plain"
        response = Response(file.data, mimetype=kind, headers={"X-Content-Type-Options": "nosniff"})
        response.headers.set("Content-Disposition", "inline", filename=file.name)
        return response

    def _picture(self, _: Request, sku: str) -> Response:
        return Response(picture(sku), mimetype="image/svg+xml", headers={"Cache-Control": "max-age=3600"})

    def _static(self, _: Request, name: str) -> Response:
        path = self._statics.get(name)
        if path is None:
            raise NotFound
        return Response(path.read_bytes(), mimetype=_KINDS[path.suffix], headers={"Cache-Control": "no-cache"})


def _json(content: dict[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(content, ensure_ascii=False), status, mimetype="application/json")


def _failed(status: int, field: str, message: str) -> Response:
    return _json({"ok": False, "errors": [{"field": field, "message": message}]}, status)
