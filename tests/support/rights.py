"""What each function's role allows, read from template.yaml, and what a call to AWS asks for. Names are plain: table/orders."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import parseaddr
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from local.packager.artifacts import load_template

FUNCTION = "AWS::Serverless::Function"
STACK, SENDER = "orderwright", "shop@example.com"
_AT = "eu-north-1:000000000000"
_PLAIN = {
    "AWS::Partition": "aws",
    "AWS::Region": "eu-north-1",
    "AWS::AccountId": "000000000000",
    "AWS::StackName": STACK,
    "SenderAddress": SENDER,
}
_ARNS = {
    "AWS::DynamoDB::Table": f"arn:aws:dynamodb:{_AT}:table/",
    "AWS::SQS::Queue": f"arn:aws:sqs:{_AT}:",
    "AWS::SNS::Topic": f"arn:aws:sns:{_AT}:",
    "AWS::S3::Bucket": "arn:aws:s3:::",
    "AWS::Logs::LogGroup": f"arn:aws:logs:{_AT}:log-group:",
}
_TAKE = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
_STREAM = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams")
_LOGS = ("logs:CreateLogStream", "logs:PutLogEvents")
LEADING = "dynamodb:LeadingKeys"
_EQUALS, _ALL_LIKE = "StringEquals", "ForAllValues:StringLike"
_PARTITION = re.compile(r"\w+ = (:\w+)")
_PARTS = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}


class Need(NamedTuple):
    """One action on one resource, with what a condition of a policy may ask about."""

    action: str
    resource: str
    context: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Right:
    """One action on one resource pattern, as a statement of a role gives it or (`allows` false) takes it.

    `leading`: patterns, one of which each partition must be like that the call is about; none: any partition.
    """

    action: str
    resource: str
    allows: bool = True
    context: tuple[tuple[str, str], ...] = field(default=(), compare=False)
    leading: tuple[str, ...] = ()

    def covers(self, need: Need) -> bool:
        """True where this right is about that call."""
        asked = dict(need.context)
        return (
            self.action == need.action
            and fnmatchcase(need.resource, self.resource)
            and all(asked.get(name) == value for name, value in self.context)
            and (not self.leading or all(map(self._is_like, (key for name, key in need.context if name == LEADING))))
        )

    def _is_like(self, key: str) -> bool:
        return any(fnmatchcase(key, pattern) for pattern in self.leading)


class Roles:
    """The functions' roles. `of` and `by_lambda` take a function's folder name."""

    def __init__(self, template: Mapping[str, Any] | None = None) -> None:
        self._resources: dict[str, dict[str, Any]] = dict(template or load_template())["Resources"]
        self._function_of = {
            resource["Properties"]["CodeUri"].removeprefix("functions/"): name
            for name, resource in self._resources.items()
            if resource["Type"] == FUNCTION
        }
        self.functions = sorted(self._function_of)

    def of(self, function: str) -> list[Right]:
        """All rights of a function: of the policies that it shares, and of its own."""
        role = self._resources[self._properties(function)["Role"]["Fn::GetAtt"][0]]["Properties"]
        documents = [
            self._resources[attached["Ref"]]["Properties"]["PolicyDocument"]
            for attached in role.get("ManagedPolicyArns", ())
        ]
        documents += [own["PolicyDocument"] for own in role["Policies"]]
        return [
            right for document in documents for statement in document["Statement"] for right in self._rights(statement)
        ]

    def by_lambda(self, function: str) -> set[Need]:
        """What Lambda itself does with the role: write logs, take messages, read streams, put away what failed."""
        own = self._properties(function)
        found = {
            Need(action, self.resolve({"Fn::GetAtt": [own["LoggingConfig"]["LogGroup"]["Ref"], "Arn"]}))
            for action in _LOGS
        }
        for mapping in self._resources.values():
            properties = mapping.get("Properties", {})
            if mapping["Type"] != "AWS::Lambda::EventSourceMapping":
                continue
            if properties["FunctionName"]["Ref"] != self._function_of[function]:
                continue
            source = self.resolve(properties["EventSourceArn"])
            found |= {Need(action, source) for action in (_TAKE if ":sqs:" in source else _STREAM)}
            if "DestinationConfig" in properties:
                failed = properties["DestinationConfig"]["OnFailure"]["Destination"]
                found.add(Need("sqs:SendMessage", self.resolve(failed)))
        return found

    def environment(self, function: str) -> dict[str, Any]:
        """The variables that the template gives to a function, as they stand there."""
        variables: dict[str, Any] = self._properties(function)["Environment"]["Variables"]
        return variables

    def resolve(self, value: Any) -> str:
        """A value of the template as AWS would see it."""
        if isinstance(value, str):
            return value
        ((intrinsic, argument),) = value.items()
        if intrinsic == "Ref":
            return self._name(argument)
        if intrinsic == "Fn::GetAtt":
            return self._name(".".join(argument))
        if intrinsic == "Fn::Sub":
            text, own = argument if isinstance(argument, list) else (argument, {})
            return re.sub(
                r"\$\{([^}]+)\}",
                lambda found: self.resolve(own[found[1]]) if found[1] in own else self._name(found[1]),
                text,
            )
        if intrinsic == "Fn::Select":
            place, parts = argument
            separator, whole = parts["Fn::Split"]
            return self.resolve(whole).split(separator)[int(place)]
        raise ValueError(f"{intrinsic} is not understood here")

    def _name(self, reference: str) -> str:
        if reference in _PLAIN:
            return _PLAIN[reference]
        logical_id, _, attribute = reference.partition(".")
        kind = self._resources[logical_id]["Type"]
        if kind == "AWS::Logs::LogGroup":
            name = self.resolve(self._resources[logical_id]["Properties"]["LogGroupName"])
        else:
            name = re.sub(r"(?<!^)(?=[A-Z])", "_", logical_id.removesuffix(kind.rpartition(":")[2])).lower()
        if attribute == "" and kind == "AWS::SES::ConfigurationSet":
            return logical_id
        if attribute == "Arn" or kind == "AWS::SNS::Topic":
            return _ARNS[kind] + name
        if attribute == "StreamArn":
            return f"{_ARNS[kind]}{name}/stream/now"
        raise ValueError(f"a reference to {reference} is not understood here")

    def _properties(self, function: str) -> dict[str, Any]:
        properties: dict[str, Any] = self._resources[self._function_of[function]]["Properties"]
        return properties

    def _rights(self, statement: Mapping[str, Any]) -> Iterator[Right]:
        condition = statement.get("Condition", {})
        asked, like = condition.get(_EQUALS, {}), condition.get(_ALL_LIKE, {})
        if condition.keys() - {_EQUALS, _ALL_LIKE} or like.keys() - {LEADING}:
            raise ValueError(f"{statement['Sid']}: the condition is not understood here")
        leading = tuple(_listed(like.get(LEADING, [])))
        context = tuple((name, self.resolve(value)) for name, value in asked.items())
        for action in _listed(statement["Action"]):
            for resource in _listed(statement["Resource"]):
                yield Right(action, self.resolve(resource), statement["Effect"] == "Allow", context, leading)


def allowed(rights: list[Right], need: Need) -> bool:
    """As IAM decides: some right allows it, and none denies it."""
    about = [right for right in rights if right.covers(need)]
    return any(right.allows for right in about) and all(right.allows for right in about)


def needs_of(service: str, operation: str, request: Mapping[str, Any]) -> list[Need]:
    """The rights that one call needs. Transactions and batches need those of their parts."""
    if operation == "TransactWriteItems":
        return [_item(_PARTS[kind], part) for entry in request["TransactItems"] for kind, part in entry.items()]
    if operation == "BatchGetItem":
        tables = request["RequestItems"].items()
        return [_item(operation, {"TableName": table, "Key": key}) for table, asked in tables for key in asked["Keys"]]
    if service == "dynamodb":
        return [_item(operation, request)]
    if service == "sqs":
        return [Need(f"sqs:{operation.removesuffix('Batch')}", _ARNS["AWS::SQS::Queue"] + request["QueueUrl"])]
    if service == "ssm":
        name = request["Path"].rstrip("/") if operation == "GetParametersByPath" else request["Name"]
        return [Need(f"ssm:{operation}", f"arn:aws:ssm:{_AT}:parameter{name}")]
    if service == "s3":
        # The simulation's buckets have their account's number behind the name.
        name = f"{_ARNS['AWS::S3::Bucket']}{request['Bucket'].partition('-')[0]}/{request['Key']}"
        return [Need(f"s3:{one}", name) for one in (operation, *["PutObjectTagging"] * ("Tagging" in request))]
    if service == "sns":
        topic = request.get("TopicArn", "").rpartition(":")[2]
        return [Need("sns:Publish", _ARNS["AWS::SNS::Topic"] + topic if topic else "*")]
    if service == "sesv2" and operation == "SendEmail":
        sender = parseaddr(request["FromEmailAddress"])[1]
        used = [f"identity/{sender}"]
        used += [f"configuration-set/{request['ConfigurationSetName']}"] if "ConfigurationSetName" in request else []
        context = (("ses:FromAddress", sender),)
        files = "Attachments" in request.get("Content", {}).get("Simple", {})
        actions = ["ses:SendEmail", *["ses:SendRawEmail"] * files]
        return [Need(one, f"arn:aws:ses:{_AT}:{resource}", context) for one in actions for resource in used]
    if service == "sesv2":
        return [Need(f"ses:{operation}", "*")]
    raise ValueError(f"which right {service}:{operation} needs is not written down here")


def _item(operation: str, part: Mapping[str, Any]) -> Need:
    index = f"/index/{part['IndexName']}" if "IndexName" in part else ""
    key = _partition(part).partition("#")
    context = ((LEADING, key[0] + key[1]),) if key[0] else ()
    return Need(f"dynamodb:{operation}", f"{_ARNS['AWS::DynamoDB::Table']}{part['TableName']}{index}", context)


def _partition(part: Mapping[str, Any]) -> str:
    """What a call is about, by the table's or an index's partition key; "" where the call does not say."""
    for place in ("Key", "Item"):
        if "pk" in part.get(place, {}):
            return str(part[place]["pk"]["S"])
    found = _PARTITION.match(part.get("KeyConditionExpression", ""))
    return str(part["ExpressionAttributeValues"][found[1]].get("S", "")) if found else ""


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
