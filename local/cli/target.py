"""Which Orderwright is meant: the one that `make run` started here, or a stack on AWS by its name."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config as ClientConfig
from botocore.exceptions import ProfileNotFound

from local.packager.artifacts import logical_prefix
from orderwright.bootstrap import Wiring
from orderwright.messages import QUEUE_NAMES
from orderwright.usecases.operator.desk import Refused

RUN_FILE = Path(".orderwright/run.json")
ROOT = Path(__file__).resolve().parents[2]
_READ_TIMEOUT = 20.0


@dataclass(frozen=True)
class Target:
    """A stack's addresses. `endpoint_url` is empty on AWS; queues by the folder name of their function."""

    stack: str
    region: str
    api_url: str
    tables: Mapping[str, str]
    queues: Mapping[str, str]
    dead_letter_queues: Mapping[str, str]
    secrets_prefix: str
    profile: str = "aws"
    endpoint_url: str = ""
    aws_profile: str = ""
    snapshots_bucket: str = ""
    files_bucket: str = ""
    sender: str = ""
    configuration_set: str = ""
    operator_topic: str = ""
    version: str = ""

    def client(self, service: str) -> Any:
        """An AWS client. On AWS with the caller's own credentials, found as every AWS tool finds them."""
        # Here, and not where a stack is looked up: two commands that mean the same name must mean the same region.
        region = self.region or os.environ.get("AWS_REGION", "") or os.environ.get("AWS_DEFAULT_REGION", "")
        session = _session(self.aws_profile, region)
        settings = ClientConfig(
            retries={"mode": "standard", "total_max_attempts": 3}, connect_timeout=3, read_timeout=_READ_TIMEOUT
        )
        local = {"endpoint_url": self.endpoint_url, "aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return session.client(service, config=settings, **(local if self.endpoint_url else {}))

    def environ(self) -> dict[str, str]:
        """The settings that a function of this stack would have."""
        return {
            "ORDERS_TABLE": self.tables["orders"],
            "CATALOGUE_TABLE": self.tables["catalogue"],
            "CONTROL_TABLE": self.tables["control"],
            "SECRETS_PREFIX": self.secrets_prefix,
            "PROFILE": self.profile,
            "SNAPSHOTS_BUCKET": self.snapshots_bucket,
            "FILES_BUCKET": self.files_bucket,
            "SENDER_ADDRESS": self.sender,
            "MAIL_CONFIGURATION_SET": self.configuration_set,
            **{f"{name.upper()}_QUEUE_URL": url for name, url in self.queues.items()},
        }

    def wiring(self) -> Wiring:
        """The same wiring that the functions have, with this target's clients."""
        clients: dict[str, Any] = {}

        def client_of(service: str) -> Any:
            if service not in clients:
                clients[service] = self.client(service)
            return clients[service]

        return Wiring(client_of=client_of, environ=self.environ())


@cache
def _session(aws_profile: str, region: str) -> boto3.Session:
    """AWS as boto3 finds it: a profile may log in by SSO, assume a role or run a program. Raises Refused for an unknown one."""
    try:
        return boto3.Session(profile_name=aws_profile or None, region_name=region or None)
    except ProfileNotFound:
        known = ", ".join(boto3.Session().available_profiles) or "none"
        raise Refused(
            "NO_PROFILE",
            f"there is no AWS profile {aws_profile!r} on this machine",
            f"known are: {known}; `aws configure sso` makes one",
        ) from None


def own_version() -> str:
    """This checkout's version, such as 0.1.0. The template's output Version says the same of what is deployed."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"])


def find_target(stack: str, run_file: str, aws_profile: str = "", region: str = "") -> Target:
    """The stack by name, else what runs here. Raises Refused saying how to get either."""
    if stack:
        return target_of_stack(stack, aws_profile, region)
    if aws_profile or region:
        raise Refused(
            "NO_STACK", "--profile and --region are for a stack on AWS, and none was named", "name it with --stack NAME"
        )
    if run_file and not Path(run_file).is_file():
        raise Refused(
            "RUN_FILE", f"{run_file} is not there", "leave --run-file out, or name the run.json of a running shop"
        )
    for path in [Path(run_file)] if run_file else [RUN_FILE, ROOT / RUN_FILE]:
        if path.is_file():
            return target_of_run(path)
    raise Refused(
        "NO_STACK",
        "nothing runs on this machine, and no stack was named",
        "start it here with `make run`, or name one on AWS with --stack NAME",
    )


def target_of_run(path: Path) -> Target:
    """What `make run` wrote. Raises Refused when it cannot be read."""
    try:
        data = json.loads(path.read_text("utf-8"))
        needed = ["endpoint_url", *(one.name for one in fields(Target) if one.default is MISSING)]
        given = [one.name for one in fields(Target) if one.name in data]
        return Target(**{"profile": "local", **{name: data[name] for name in (*needed, *given)}})
    except (OSError, ValueError, KeyError, TypeError) as error:
        what = f"{error} is missing" if isinstance(error, KeyError) else "it is not readable JSON"
        raise Refused(
            "RUN_FILE", f"{path} cannot be used: {what}", "start `make run` again; it writes the file"
        ) from None


def target_of_stack(name: str, aws_profile: str = "", region: str = "") -> Target:
    """A stack on AWS by the outputs of its template. Raises Refused when there is none of that name or it is another.

    Without a region it is AWS_REGION, AWS_DEFAULT_REGION, else the profile's, as for the AWS CLI.
    """
    asking = Target(name, region, "", {}, {}, {}, "", aws_profile=aws_profile)
    formation = asking.client("cloudformation")
    try:
        stack = formation.describe_stacks(StackName=name)["Stacks"][0]
    except formation.exceptions.ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code != "ValidationError":
            raise
        raise Refused(
            "NO_STACK",
            f"there is no stack {name!r} in {formation.meta.region_name}",
            "check the name, --region and --profile; `make deploy` creates one",
        ) from None
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
    parameters = {entry["ParameterKey"]: entry["ParameterValue"] for entry in stack.get("Parameters", [])}
    found = from_outputs(name, formation.meta.region_name, outputs, parameters.get("Profile", "aws"))
    return replace(found, aws_profile=aws_profile)


def from_outputs(name: str, region: str, outputs: Mapping[str, str], profile: str) -> Target:
    """A target from template.yaml's outputs. Raises Refused when they are another template's."""
    try:
        return Target(
            stack=name,
            region=region,
            api_url=outputs["ApiUrl"],
            tables={role: outputs[f"{role.title()}TableName"] for role in ("orders", "catalogue", "control")},
            queues={name: outputs[f"{logical_prefix(name)}QueueUrl"] for name in QUEUE_NAMES},
            dead_letter_queues={
                name: outputs[f"{logical_prefix(name)}DeadLetterQueueUrl"] for name in (*QUEUE_NAMES, "relay_facts")
            },
            secrets_prefix=outputs["SecretsPrefix"],
            profile=profile,
            snapshots_bucket=outputs.get("SnapshotsBucketName", ""),
            files_bucket=outputs.get("FilesBucketName", ""),
            sender=outputs.get("SenderAddress", ""),
            configuration_set=outputs.get("MailConfigurationSet", ""),
            operator_topic=outputs.get("OperatorTopicArn", ""),
            version=outputs.get("Version", ""),
        )
    except KeyError as missing:
        raise Refused(
            "NOT_ORDERWRIGHT",
            f"stack {name!r} has no output {missing}: it is no Orderwright, or an older one",
            "check the name, or deploy this version with `make deploy`",
        ) from None
