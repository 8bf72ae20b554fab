"""The package carries exactly the AWS calls that the functions make; aws/operator has those of the command line alone."""

from __future__ import annotations

import re
from pathlib import Path

from local.packager.botocore_data import OPERATIONS

AWS = Path(__file__).parents[2] / "layers/orderwright/python/orderwright/aws"


def _called() -> set[str]:
    text = "\n".join(path.read_text(encoding="utf-8") for path in AWS.glob("*.py"))
    text += (AWS.parent / "bootstrap_parts.py").read_text(encoding="utf-8")
    names = re.findall(r"(?:_client|_ssm|_sesv2|_sns|\bsqs|client\(\"\w+\"\))\.([a-z0-9_]+)\b", text)
    names = ["create_bucket" if name == "generate_presigned_post" else name for name in names]
    calls = ("".join(part.title() for part in name.split("_")) for name in names)
    return {call for call in calls if call not in ("Close", "Exceptions", "Meta")}


def test_every_aws_call_of_the_code_is_in_the_package_and_no_other() -> None:
    packaged = {operation for operations in OPERATIONS.values() for operation in operations}
    assert _called() == packaged
