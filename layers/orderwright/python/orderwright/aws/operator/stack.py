"""A stack of ours in CloudFormation: what it has, how its deletion goes, and what outlives it.

Retained are its tables and its buckets (DeletionPolicy). Not in the stack at all are the SSM parameters that `connect` wrote, and
a log group that a function made again while it was being deleted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

_ALWAYS = {"OrdersTable": "table", "CatalogueTable": "table", "ControlTable": "table", "SnapshotsBucket": "bucket"}
"""A stack without them is no Orderwright."""
RETAINED = {**_ALWAYS, "FilesBucket": "bucket"}
"""What template.yaml keeps (a test holds it to that) -> what people call it. Older versions have no bucket of files."""
_GONE = ("ResourceNotFoundException", "NoSuchBucket", "ParameterNotFound", "404")


class Kept(NamedTuple):
    """One thing that stays: table, bucket, secret (its name, never its value) or log group."""

    kind: str
    name: str


def names_below(ssm: Any, prefix: str) -> list[str]:
    """The names of the SSM parameters below a path; never their values."""
    below = [{"Key": "Path", "Option": "Recursive", "Values": [prefix]}]
    pages = ssm.get_paginator("describe_parameters").paginate(ParameterFilters=below)
    return sorted(one["Name"] for page in pages for one in page["Parameters"])


class DeployedStack:
    """A stack by name, or the last deleted one of that name (AWS shows those for 90 days). `id` "": there is none."""

    def __init__(self, client_of: Callable[[str], Any], name: str) -> None:
        self.name = name
        self._client_of = client_of
        self._formation = client_of("cloudformation")
        self.id, self.status = self._living() or self._deleted() or ("", "")

    def _living(self) -> tuple[str, str] | None:
        try:
            found = self._formation.describe_stacks(StackName=self.name)["Stacks"][0]
        except ClientError as error:
            if error.response["Error"]["Code"] != "ValidationError":
                raise
            return None
        return found["StackId"], found["StackStatus"]

    def _deleted(self) -> tuple[str, str] | None:
        pages = self._formation.get_paginator("list_stacks").paginate(StackStatusFilter=["DELETE_COMPLETE"])
        found = [one for page in pages for one in page["StackSummaries"] if one["StackName"] == self.name]
        newest = max(found, key=lambda one: one["CreationTime"], default=None)
        return (newest["StackId"], newest["StackStatus"]) if newest else None

    @cached_property
    def resources(self) -> dict[str, tuple[str, str]]:
        """Logical id -> (type, name at AWS) of all that is in it; of a deleted one, what its deletion left out."""
        if not self.id:
            return {}
        if self.status == "DELETE_COMPLETE":
            pages = self._formation.get_paginator("describe_stack_events").paginate(StackName=self.id)
            rows = [one for page in pages for one in page["StackEvents"] if one["ResourceStatus"] == "DELETE_SKIPPED"]
        else:
            pages = self._formation.get_paginator("list_stack_resources").paginate(StackName=self.id)
            rows = [one for page in pages for one in page["StackResourceSummaries"]]
        return {one["LogicalResourceId"]: (one["ResourceType"], one.get("PhysicalResourceId", "")) for one in rows}

    def is_ours(self) -> bool:
        """It is there, or was, and it is an Orderwright: every version of it kept these."""
        return set(_ALWAYS) <= set(self.resources)

    @property
    def place(self) -> str:
        """Where it is, as its id says."""
        _, _, _, region, account, *_ = self.id.split(":")
        return f"{region}, account {account}"

    @property
    def tables(self) -> dict[str, str]:
        """Its tables by role, whatever its outputs say: a stack that was never complete has none."""
        kinds = {name: kind for name, kind in RETAINED.items() if kind == "table"}
        return {name.removesuffix("Table").lower(): self.resources[name][1] for name in kinds}

    def goes(self) -> dict[str, int]:
        """Type -> how many are deleted with the stack."""
        kinds = Counter(kind for name, (kind, _) in self.resources.items() if name not in RETAINED)
        return dict(sorted(kinds.items()))

    def kept(self, prefix: str, functions: Iterable[str]) -> list[Kept]:
        """What is there and stays. `prefix`: the path of its secrets; `functions`: whose log groups."""
        logs = self._client_of("logs")
        ours = [Kept(kind, self.resources.get(name, ("", ""))[1]) for name, kind in RETAINED.items()]
        there = [one for one in ours if one.name and self._exists(one)]
        there += [Kept("secret", name) for name in names_below(self._client_of("ssm"), prefix)]
        for group in (f"/aws/lambda/{self.name}-{function}" for function in functions):
            found = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
            there += [Kept("log group", group)] if any(one["logGroupName"] == group for one in found) else []
        return there

    def _exists(self, one: Kept) -> bool:
        try:
            if one.kind == "table":
                self._client_of("dynamodb").describe_table(TableName=one.name)
            else:
                self._client_of("s3").head_bucket(Bucket=one.name)
        except ClientError as error:
            if error.response["Error"]["Code"] not in _GONE:
                raise
            return False
        return True

    def delete(self) -> None:
        """Ask for its deletion; once more is harmless. Raises ClientError, for example for a protected stack."""
        self._formation.delete_stack(StackName=self.id)

    def look(self, seen: set[str]) -> Iterator[tuple[str, str, str]]:
        """New events as (resource, state, reason), oldest first; `status` is read again. `seen` grows by their ids."""
        self.status = self._formation.describe_stacks(StackName=self.id)["Stacks"][0]["StackStatus"]
        events = self._formation.describe_stack_events(StackName=self.id)["StackEvents"]
        for event in reversed([one for one in events if one["EventId"] not in seen]):
            seen.add(event["EventId"])
            yield event["LogicalResourceId"], event["ResourceStatus"], event.get("ResourceStatusReason", "")

    def remove(self, one: Kept) -> None:
        """End one thing for good, with all that it holds. What is gone already is no error."""
        try:
            if one.kind == "table":
                self._client_of("dynamodb").delete_table(TableName=one.name)
            elif one.kind == "secret":
                self._client_of("ssm").delete_parameter(Name=one.name)
            elif one.kind == "log group":
                self._client_of("logs").delete_log_group(logGroupName=one.name)
            else:
                self._remove_bucket(one.name)
        except ClientError as error:
            if error.response["Error"]["Code"] not in _GONE:
                raise

    def _remove_bucket(self, name: str) -> None:
        s3 = self._client_of("s3")
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=name):
            found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
            names = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in found]
            if names:
                s3.delete_objects(Bucket=name, Delete={"Objects": names, "Quiet": True})
        s3.delete_bucket(Bucket=name)
