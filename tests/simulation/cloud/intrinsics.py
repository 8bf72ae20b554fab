"""The template's references and look-ups as plain names, and its maps read key by key so that nothing is overlooked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from local.packager.artifacts import load_template, logical_prefix
from local.packager.errors import PackageError

FUNCTION = "AWS::Serverless::Function"
QUEUE = "AWS::SQS::Queue"
MAPPING = "AWS::Lambda::EventSourceMapping"
TABLE = "AWS::DynamoDB::Table"
BUCKET = "AWS::S3::Bucket"
TOPIC = "AWS::SNS::Topic"
SCHEDULE = "AWS::Scheduler::Schedule"
API = "AWS::ApiGatewayV2::Api"
STAGE = "AWS::ApiGatewayV2::Stage"
ROUTE = "AWS::ApiGatewayV2::Route"
INTEGRATION = "AWS::ApiGatewayV2::Integration"
MAIL_SET = "AWS::SES::ConfigurationSet"

_READ = {FUNCTION, QUEUE, MAPPING, TABLE, BUCKET, TOPIC, SCHEDULE, API, STAGE, ROUTE, INTEGRATION}
_CARRIES_NO_WORK = {
    "AWS::Serverless::LayerVersion",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Role",
    "AWS::Lambda::Permission",
    "AWS::Logs::LogGroup",
    "AWS::Logs::MetricFilter",
    "AWS::CloudWatch::Alarm",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::TopicPolicy",
    "AWS::SNS::Subscription",
    "AWS::SES::ConfigurationSetEventDestination",
    MAIL_SET,
}
_NAMED = {QUEUE: "Queue", TABLE: "Table", BUCKET: "Bucket", TOPIC: "Topic", SCHEDULE: "Schedule"}
_REGION = "eu-north-1"


class NotUnderstood(ValueError):
    """The template says something that the simulation has no model for. The text names the resource and the property."""


class Template:
    """One template with its parameters filled in."""

    def __init__(self, path: Path, parameters: Mapping[str, str], account: str, stack: str) -> None:
        self.root = path.resolve().parent
        try:
            self._whole = load_template(path)
        except PackageError as error:
            raise NotUnderstood(str(error)) from error
        self._given = parameters
        self._pseudo = {
            "AWS::AccountId": account,
            "AWS::Partition": "aws",
            "AWS::Region": _REGION,
            "AWS::StackName": stack,
        }
        if not isinstance(self._whole.get("Resources"), dict):
            raise NotUnderstood("Resources are missing")
        self._resources: dict[str, dict[str, Any]] = self._whole["Resources"]
        for logical_id, resource in self._resources.items():
            _check_resource(logical_id, resource)

    def of_type(self, kind: str) -> Iterator[tuple[str, Section]]:
        """Logical id and properties of every resource of one type, in the template's order."""
        for logical_id, resource in self._resources.items():
            if resource["Type"] == kind:
                yield logical_id, self.properties(logical_id)

    def properties(self, logical_id: str) -> Section:
        """The properties of one resource."""
        return Section(self, logical_id, self._resources[logical_id].get("Properties", {}))

    def function_globals(self) -> dict[str, Any]:
        """What SAM gives to every function."""
        shared = self._whole.get("Globals", {})
        unknown = sorted(shared.keys() - {"Function"})
        if unknown:
            raise NotUnderstood(f"Globals.{unknown[0]}: the simulation has no model for it")
        return dict(shared.get("Function", {}))

    def is_a(self, logical_id: str, kind: str) -> bool:
        """True where a resource of that name and type is declared."""
        return logical_id in self._resources and bool(self._resources[logical_id]["Type"] == kind)

    def plain_name(self, logical_id: str) -> str:
        """PollStockQueue -> poll_stock, OrdersTable -> orders: the logical id without its kind."""
        kind = _NAMED[self._resources[logical_id]["Type"]]
        stem = logical_id.removesuffix(kind)
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", stem).lower()
        if stem in ("", logical_id) or logical_prefix(name) != stem:
            raise NotUnderstood(
                f"{logical_id}: a name of this type ends in {kind} and has words in CamelCase before it"
            )
        return name

    def resolve(self, value: Any, where: str) -> str | int | float | bool:
        """A value with its reference or look-up followed."""
        if isinstance(value, str | int | float):
            return value
        if not isinstance(value, dict) or len(value) != 1:
            raise NotUnderstood(f"{where}: expected one value, found {value!r}")
        ((intrinsic, argument),) = value.items()
        if intrinsic == "Ref":
            return self._ref(argument, where)
        if intrinsic == "Fn::FindInMap":
            return self._looked_up(argument, where)
        if intrinsic == "Fn::Sub":
            return self._filled(argument, where)
        raise NotUnderstood(f"{where}: {intrinsic} is not understood here")

    def _ref(self, name: str, where: str) -> str:
        if name in self._pseudo:
            return self._pseudo[name]
        if name in self._whole.get("Parameters", {}):
            return self._parameter(name, where)
        kind = self._resources.get(name, {}).get("Type")
        if kind == TOPIC:
            return f"arn:aws:sns:{_REGION}:{self._pseudo['AWS::AccountId']}:{self.plain_name(name)}"
        if kind in (QUEUE, TABLE, BUCKET):
            return self.plain_name(name)
        if kind in (INTEGRATION, MAIL_SET):
            return name
        raise NotUnderstood(f"{where}: a reference to {name} stands for no name that is known here")

    def _parameter(self, name: str, where: str) -> str:
        declared = self._whole["Parameters"][name]
        if declared.get("Type") not in ("String", "Number"):
            raise NotUnderstood(f"{where}: parameter {name} has type {declared.get('Type')}")
        value = self._given.get(name, declared.get("Default"))
        if value is None:
            raise NotUnderstood(f"{where}: parameter {name} has no value")
        if str(value) not in map(str, declared.get("AllowedValues", [value])):
            raise NotUnderstood(f"{where}: parameter {name} cannot be {value}")
        return str(value)

    def _looked_up(self, argument: Any, where: str) -> str | int | float | bool:
        keys = [str(self.resolve(key, where)) for key in argument]
        found: Any = self._whole.get("Mappings", {})
        for key in keys:
            if not isinstance(found, dict) or key not in found:
                raise NotUnderstood(f"{where}: Mappings have no {'.'.join(keys)}")
            found = found[key]
        return self.resolve(found, where)

    def _filled(self, argument: Any, where: str) -> str:
        text, own = argument if isinstance(argument, list) else (argument, {})

        def value_of(match: re.Match[str]) -> str:
            name = match.group(1)
            if name.startswith("!"):
                return f"${{{name[1:]}}}"
            return str(self.resolve(own[name], where)) if name in own else self._ref(name, where)

        return re.sub(r"\$\{([^}]+)\}", value_of, text)


def _check_resource(logical_id: str, resource: Any) -> None:
    if not isinstance(resource, dict) or "Type" not in resource:
        raise NotUnderstood(f"{logical_id}: a resource has a Type")
    if resource["Type"] in _CARRIES_NO_WORK:
        return
    if resource["Type"] not in _READ:
        raise NotUnderstood(f"{logical_id}.Type: the simulation has no model for {resource['Type']}")
    if "Condition" in resource:
        raise NotUnderstood(f"{logical_id}.Condition: conditions are not understood here")


class Section:
    """One map of the template. Keys are read one by one; `only` refuses what nobody read, in the maps below it too."""

    def __init__(self, template: Template, where: str, values: Any) -> None:
        if not isinstance(values, dict):
            raise NotUnderstood(f"{where}: expected a map, found {values!r}")
        self.where = where
        self.values: dict[str, Any] = values
        self._template = template
        self._read: set[str] = set()
        self._below: list[Section] = []

    def raw(self, key: str, default: Any = None) -> Any:
        """A value as it stands. Raises where it is missing and there is no default."""
        self._read.add(key)
        value = self.values.get(key, default)
        if value is None:
            raise NotUnderstood(f"{self.where}.{key} is missing")
        return value

    def has(self, key: str) -> bool:
        """True where the key is there at all."""
        return key in self.values

    def text(self, key: str, default: str | None = None) -> str:
        """A text, with references followed."""
        value = self._template.resolve(self.raw(key, default), f"{self.where}.{key}")
        return str(value).lower() if isinstance(value, bool) else str(value)

    def number(self, key: str, default: int | None = None) -> int:
        """A whole number, with references followed."""
        text = self.text(key, None if default is None else str(default))
        if not re.fullmatch(r"-?\d+", text):
            raise NotUnderstood(f"{self.where}.{key}: expected a whole number, found {text!r}")
        return int(text)

    def flag(self, key: str, default: bool) -> bool:
        """true or false."""
        text = self.text(key, str(default).lower())
        if text not in ("true", "false"):
            raise NotUnderstood(f"{self.where}.{key}: expected true or false, found {text!r}")
        return text == "true"

    def texts(self, key: str) -> list[str]:
        """A list of texts; empty where the key is missing."""
        listed = self.raw(key, [])
        if not isinstance(listed, list):
            raise NotUnderstood(f"{self.where}.{key}: expected a list, found {listed!r}")
        return [str(self._template.resolve(value, f"{self.where}.{key}")) for value in listed]

    def json(self, key: str) -> dict[str, Any]:
        """A text that holds a JSON object."""
        text = self.text(key)
        try:
            value = json.loads(text)
        except json.JSONDecodeError as error:
            raise NotUnderstood(f"{self.where}.{key}: no JSON: {error}") from error
        if not isinstance(value, dict):
            raise NotUnderstood(f"{self.where}.{key}: expected a JSON object, found {text}")
        return value

    def section(self, key: str) -> Section:
        """A map below; an empty one where the key is missing."""
        below = Section(self._template, f"{self.where}.{key}", self.raw(key, {}))
        self._below.append(below)
        return below

    def sections(self, key: str) -> list[Section]:
        """A list of maps; empty where the key is missing."""
        listed = self.raw(key, [])
        if not isinstance(listed, list):
            raise NotUnderstood(f"{self.where}.{key}: expected a list, found {listed!r}")
        found = [Section(self._template, f"{self.where}.{key}[{number}]", one) for number, one in enumerate(listed)]
        self._below += found
        return found

    def link(self, key: str, *targets: tuple[str, str]) -> str:
        """The logical id of the resource meant. `targets` are the accepted forms: ("Ref" or an attribute, type)."""
        value = self.raw(key)
        form, logical_id = _pointed_at(value)
        for attribute, kind in targets:
            if form == attribute and self._template.is_a(logical_id, kind):
                return logical_id
        accepted = " or ".join(f"{attribute} of {kind}" for attribute, kind in targets)
        raise NotUnderstood(f"{self.where}.{key}: expected {accepted} in this template, found {value!r}")

    def expect(self, key: str, wanted: str) -> None:
        """Raise where a value is another than the only one that there is a model for."""
        found = self.text(key)
        if found != wanted:
            raise NotUnderstood(f"{self.where}.{key}: only {wanted} is understood, found {found}")

    def only(self, *beside: str) -> None:
        """Raise for any key that was not read and is not in `beside`, which names what changes nothing here."""
        for key in self.values:
            if key not in self._read and key not in beside:
                raise NotUnderstood(f"{self.where}.{key}: the simulation has no model for it")
        for below in self._below:
            below.only()


def _pointed_at(value: Any) -> tuple[str, str]:
    """("Ref", "X") for !Ref X, ("Arn", "X") for !GetAtt X.Arn, empty texts for everything else."""
    if isinstance(value, dict) and len(value) == 1:
        ((intrinsic, argument),) = value.items()
        if intrinsic == "Ref":
            return "Ref", str(argument)
        if intrinsic == "Fn::GetAtt" and isinstance(argument, list) and len(argument) == 2:
            return str(argument[1]), str(argument[0])
    return "", ""
