"""Puts the packages and the real template into the local AWS."""

from __future__ import annotations

import io
import re
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from local.packager.artifacts import Artifact, artifacts
from local.packager.build import build_all
from local.packager.targets import host
from local.stack.errors import StackError

_BUCKET = "orderwright-packages"
_CODE = re.compile(r"^(?P<key> +(?:CodeUri|ContentUri): )(?P<source>\S+)$", re.MULTILINE)
_DEPLOY_SECONDS = 900.0


def deploy(
    client: Callable[[str], Any], root: Path, build: Path, name: str, parameters: dict[str, str]
) -> dict[str, str]:
    """Builds, uploads and creates the stack `name`. Returns the template's outputs.

    Raises PackageError when folders and template disagree or a build fails, StackError when the stack is refused.
    """
    archives = build_all(host(), build, root)
    storage = client("s3")
    storage.create_bucket(Bucket=_BUCKET)
    found = artifacts(root)
    for artifact in found:
        storage.put_object(Bucket=_BUCKET, Key=f"{artifact.logical_id}.zip", Body=_body(artifact, archives, build))
    template = point_at_packages((root / "template.yaml").read_text("utf-8"), found)
    storage.put_object(Bucket=_BUCKET, Key="template.yaml", Body=template.encode())
    # The sender is an identity that a person verifies on AWS; a template cannot.
    client("sesv2").create_email_identity(EmailIdentity=parameters["SenderAddress"])
    formation = client("cloudformation")
    formation.create_stack(
        StackName=name,
        TemplateURL=f"{storage.meta.endpoint_url}/{_BUCKET}/template.yaml",
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    return _outputs(formation, name)


def point_at_packages(template: str, found: list[Artifact]) -> str:
    """The template's text with each local folder replaced by its package's address, and nothing else changed."""
    places = {artifact.source: f"s3://{_BUCKET}/{artifact.logical_id}.zip" for artifact in found}
    return _CODE.sub(lambda match: match["key"] + places.get(match["source"], match["source"]), template)


def _body(artifact: Artifact, archives: dict[str, Path], build: Path) -> bytes:
    if artifact.kind == "function":
        return archives[artifact.logical_id].read_bytes()
    # The emulator unpacks every layer again for every process of every function, thousands of files each time. A layer of
    # one path file shows them all the one built tree: the same bytes, found the way that Lambda finds site-packages.
    link = io.BytesIO()
    with zipfile.ZipFile(link, "w") as packed:
        folder = f"python/lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"
        packed.writestr(f"{folder}/{artifact.logical_id}.pth", f"{build / artifact.logical_id / 'python'}\n")
    return link.getvalue()


def _outputs(formation: Any, name: str) -> dict[str, str]:
    deadline = time.monotonic() + _DEPLOY_SECONDS
    while time.monotonic() < deadline:
        stack = formation.describe_stacks(StackName=name)["Stacks"][0]
        if stack["StackStatus"] == "CREATE_COMPLETE":
            return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
        if not stack["StackStatus"].endswith("IN_PROGRESS") or "ROLLBACK" in stack["StackStatus"]:
            raise StackError(
                f"the local AWS refused template.yaml ({stack['StackStatus']}):\n{_reasons(formation, name)}"
            )
        time.sleep(0.05)
    raise StackError(f"the local AWS did not finish template.yaml in {_DEPLOY_SECONDS:.0f} s")


def _reasons(formation: Any, name: str) -> str:
    try:
        events = formation.describe_stack_events(StackName=name)["StackEvents"]
    except ClientError as error:
        return str(error)
    failed = [event for event in events if event["ResourceStatus"].endswith("FAILED")]
    return "\n".join(f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}" for event in failed)
