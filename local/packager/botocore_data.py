"""botocore's descriptions of AWS, cut down to what the functions call: parsing them is most of a client's cold start.

The full descriptions are 2 to 5 megabytes of JSON that botocore reads at every start. A call that is not in `OPERATIONS`
does not exist in the package: the local stack would show it at once, and a test holds the list against the code.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

OPERATIONS: dict[str, tuple[str, ...]] = {
    "dynamodb": ("BatchGetItem", "GetItem", "PutItem", "Query", "TransactWriteItems"),
    "sqs": ("GetQueueAttributes", "SendMessage", "SendMessageBatch"),
    "ssm": ("GetParameter", "GetParametersByPath", "PutParameter"),
    "s3": ("CreateBucket", "DeleteObject", "GetObject", "ListObjectsV2", "PutObject"),
    "sesv2": ("GetSuppressedDestination", "ListSuppressedDestinations", "SendEmail"),
    "sns": ("Publish",),
}
"""Service -> the operations that layers/orderwright calls. botocore signs a form for a file by the model of CreateBucket."""


def trim_botocore(data: Path) -> None:
    """Cut the folder botocore/data of an installed tree down, in place."""
    for folder in data.iterdir():
        if folder.is_dir() and folder.name in OPERATIONS:
            for description in folder.glob("*/service-2.json*"):
                _rewrite(description, lambda model, name=folder.name: _only(model, OPERATIONS[name]))
    _rewrite(data / "endpoints.json", _only_our_endpoints)


def _rewrite(path: Path, change: Any) -> None:
    packed = path.suffix == ".gz"
    raw = gzip.decompress(path.read_bytes()) if packed else path.read_bytes()
    text = json.dumps(change(json.loads(raw)), separators=(",", ":")).encode()
    path.unlink()
    # Plain text: unpacking costs a start more than reading a few kilobytes.
    (path.with_suffix("") if packed else path).write_bytes(text)


def _only(model: dict[str, Any], operations: tuple[str, ...]) -> dict[str, Any]:
    kept = {name: model["operations"][name] for name in operations if name in model["operations"]}
    if not kept:
        return model  # an older version of the service's API, which nobody loads
    shapes: dict[str, Any] = {}
    waiting = [ref for operation in kept.values() for ref in _shapes_in(operation)]
    while waiting:
        name = waiting.pop()
        if name not in shapes:
            shapes[name] = model["shapes"][name]
            waiting += _shapes_in(shapes[name])
    # An error that no kept operation names may still arrive (throttling, validation): clients look it up by name.
    for name, shape in model["shapes"].items():
        if shape.get("exception") and name not in shapes and not set(_shapes_in(shape)) - set(shapes) - _scalars(model):
            shapes[name] = shape
            shapes.update({ref: model["shapes"][ref] for ref in _shapes_in(shape)})
    return {**model, "operations": _without_words(kept), "shapes": _without_words(shapes)}


def _scalars(model: dict[str, Any]) -> set[str]:
    return {name for name, shape in model["shapes"].items() if shape["type"] not in ("structure", "list", "map")}


def _shapes_in(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["shape"]] if isinstance(value.get("shape"), str) else []
        return own + [name for part in value.values() for name in _shapes_in(part)]
    if isinstance(value, list):
        return [name for part in value for name in _shapes_in(part)]
    return []


def _without_words(value: Any) -> Any:
    """Documentation texts go; a member that is called "documentation" is a dict and stays."""
    if isinstance(value, dict):
        return {
            name: _without_words(part)
            for name, part in value.items()
            if not (name in ("documentation", "documentationUrl") and isinstance(part, str))
        }
    return [_without_words(part) for part in value] if isinstance(value, list) else value


def _only_our_endpoints(document: dict[str, Any]) -> dict[str, Any]:
    partitions = []
    for partition in document["partitions"]:
        names = {"sqs", "dynamodb", "ssm", "s3", "email", "sns", "sts"}
        services = {name: found for name, found in partition["services"].items() if name in names}
        partitions.append({**partition, "services": services})
    return {**document, "partitions": partitions}
