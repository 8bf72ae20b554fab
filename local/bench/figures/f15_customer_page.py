"""F15: a view of the customer's page, and a withdrawal from it (R31, R49): AWS calls, bytes, processor time."""

from __future__ import annotations

import json
import time
from collections import Counter
from typing import Any
from urllib.parse import urlencode

from local.bench.cold_start import WORK, boto3_tree, start
from local.bench.figure import Figure, Settings, Value
from local.bench.order_path import OrderPath, brings_news
from local.bench.probe_inputs import page_input
from local.bench.statistics import median
from local.packager.build import build_all
from local.packager.targets import host
from local.stack.emulator import bare_python
from orderwright.customer_page import order_page
from orderwright.customer_page.words import LANGUAGES
from orderwright.domain.tracking_page import ShopFace
from orderwright.records import ORDERS, SHOP_FACE, track_pk
from orderwright.storage import Copy
from orderwright.usecases.operator.tracking_key import open_pages
from tests.support.handlers import Context, load_function
from tests.support.tracked import FACE, NOW, gallery

KEY, TITLE = "F15", "the customer's page: a view, a withdrawal"
VIEWS, QUICK_VIEWS, STARTS, QUICK_STARTS = 200, 40, 15, 5
VIEW_CALLS_GOAL, BYTES_GOAL = 1, 40 * 1024
VIEW, FORM = "show_tracking", "take_customer_request"


class Reader:
    """A customer of one order, whose parcel was delivered, with the link."""

    def __init__(self) -> None:
        self.path = OrderPath(brings_news)
        self.shop = shop = self.path.shop
        open_pages(shop.wiring.secrets, "https://api.example.com")
        shop.wiring.storage.commit([Copy(SHOP_FACE, ShopFace.of(shop._config), 1)])
        shop.workers.clear()
        self.path.play()
        file = shop.order("#1001")
        assert file.record is not None
        self.mark = file.record.model.link_mark
        self.token = shop.wiring.tracking_links().link(file.pk, self.mark).rpartition("/")[2]
        self._loaded = {name: load_function(name) for name in (VIEW, FORM)}

    def ask(self, function: str, form: dict[str, str] | None = None) -> str:
        """One request to a worker that is warm from the second on; gives the page. Raises RuntimeError for any other answer."""
        with self.shop.running(function) as wiring:
            module = self._loaded[function]
            vars(module)["wiring"] = lambda: wiring
            answer = module.handler(self.event(form), Context())
        if answer["statusCode"] != 200:
            raise RuntimeError(f"{function} answered {answer['statusCode']}")
        return str(answer["body"])

    def event(self, form: dict[str, str] | None = None) -> dict[str, Any]:
        """As API Gateway gives it."""
        method = "GET" if form is None else "POST"
        return {
            "requestContext": {"http": {"method": method}},
            "pathParameters": {"token": self.token},
            "rawQueryString": "lang=en",
            "body": urlencode(form or {}),
        }

    def items(self) -> list[dict[str, Any]]:
        """What is read for a view, as DynamoDB gives it: the page's parts, and how the shop looks."""
        client, found = self.shop.aws.client("dynamodb"), list[dict[str, Any]]()
        for pk in (track_pk(self.mark), SHOP_FACE.pk):
            asked = {"KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": {":pk": {"S": pk}}}
            found += client.query(TableName=ORDERS, **asked)["Items"]
        return found


def measure(settings: Settings) -> Figure:
    """Calls are counted; a cold view is that of the packaged function in a fresh process, as for F1."""
    reader = Reader()
    calls = reader.shop.calls
    counted: list[Counter[str]] = []
    for _ in range(2):
        before = len(calls)
        shown = reader.ask(VIEW)
        counted.append(Counter(call.operation for call in calls[before:]))
    cold, warm = counted
    views = QUICK_VIEWS if settings.quick else VIEWS
    began = time.process_time()
    for _ in range(views):
        reader.ask(VIEW)
    spent = 1000 * (time.process_time() - began) / views
    items = reader.items()
    boto3, start_of_view = _starts(settings, reader, items)
    reader.ask(FORM, {"kind": "QUESTION"})
    reader.shop.run()
    before = len(calls)
    line = next(name for name in _names(shown) if name.startswith("pieces-"))
    reader.ask(FORM, {"kind": "WITHDRAWAL", "n": "0", line: "1"})
    form = len(calls) - before
    reader.shop.run()
    sizes = [len(order_page(page, FACE, NOW, one).encode()) for page in gallery().values() for one in LANGUAGES]
    values = [
        Value("a view: AWS calls", warm.total(), "calls", at_most=VIEW_CALLS_GOAL),
        Value("the first of a process: AWS calls", cold.total(), "calls", at_most=VIEW_CALLS_GOAL + 1),
        Value("a view: bytes", len(shown.encode()), "bytes", at_most=BYTES_GOAL),
        Value("the largest of all states and languages", max(sizes), "bytes", at_most=BYTES_GOAL),
        Value("a view: bytes read", len(json.dumps(items)), "bytes"),
        Value("import boto3, processor time", 1000 * boto3, "ms"),
        Value("cold: init and first view / import boto3", start_of_view / boto3, "x"),
        Value("warm: a view / import boto3", spent / (1000 * boto3), "x"),
        Value("warm: a view, processor time", spent, "ms"),
        Value("a withdrawal: AWS calls until its receipt is shown", form, "calls"),
        Value("the same, with what follows (case, receipt by mail, alert)", len(calls) - before, "calls"),
    ]
    notes = [
        "the order's one parcel was delivered; every state and language: the pages of tests/support/tracked.py",
        "a process reads how the shop looks with its first view, and again after a minute",
        "warm views include the time of the tables in this process; cold ones read from answers that are kept",
    ]
    return Figure(KEY, TITLE, values, notes)


def _names(page: str) -> list[str]:
    return [part.partition('"')[0] for part in page.split('name="')[1:]]


def _starts(settings: Settings, reader: Reader, items: list[dict[str, Any]]) -> tuple[float, float]:
    """Seconds of processor time: `import boto3`, and the function from nothing to its first page."""
    packages, python = WORK / "build" / "host", bare_python(WORK)
    build_all(host(), packages)
    layers = [str(packages / name / "python") for name in ("OrderwrightLayer", "DependenciesLayer")]
    inputs: dict[str, dict[str, Any]] = {
        "boto3": {"what": "boto3", "path": [str(boto3_tree())], "environ": {}},
        "page": {**page_input(reader.event(), items), "path": [str(packages / "ShowTrackingFunction"), *layers]},
    }
    taken: dict[str, list[float]] = {what: [] for what in inputs}
    for number in range((QUICK_STARTS if settings.quick else STARTS) + 1):
        for what, given in inputs.items():
            one = start(python, given)
            if number:  # the first round fills the page cache
                taken[what].append(one["cpu"])
    return median(taken["boto3"]), median(taken["page"])
