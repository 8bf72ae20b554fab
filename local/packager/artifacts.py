"""What there is to package: read from template.yaml and held against the folders."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from local.packager.errors import PackageError

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "template.yaml"


# Written in C where PyYAML has it: six times as fast.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _TemplateLoader(_Loader):  # type: ignore[misc]
    """YAML with CloudFormation's short tags; `!Ref x` becomes {"Ref": "x"}, `!Sub x` {"Fn::Sub": "x"}."""


def _tag(loader: Any, suffix: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    elif isinstance(node, yaml.MappingNode):
        value = loader.construct_mapping(node, deep=True)
    else:
        raise PackageError(f"template.yaml: !{suffix} stands before something that is no value")
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_TemplateLoader.add_multi_constructor("!", _tag)


def load_template(path: Path = TEMPLATE) -> dict[str, Any]:
    """The template as plain data. Raises PackageError when it is no YAML mapping."""
    loaded = yaml.load(path.read_text("utf-8"), _TemplateLoader)
    if not isinstance(loaded, dict):
        raise PackageError(f"{path.name} is not a template")
    return loaded


def logical_prefix(folder: str) -> str:
    """`poll_stock` -> `PollStock`, the start of every logical id of that function."""
    return "".join(part.capitalize() for part in folder.split("_"))


@dataclass(frozen=True)
class Artifact:
    """One thing to package. `source` is relative to the root, `logical_id` as in the template."""

    logical_id: str
    kind: Literal["function", "dependencies", "layer"]
    source: str

    @property
    def mount(self) -> str:
        """Where Lambda puts it, so that traces name a real path."""
        return "/var/task" if self.kind == "function" else "/opt"


def artifacts(root: Path = ROOT) -> list[Artifact]:
    """Every layer and function of the template, layers first.

    Raises PackageError when a folder of functions/ has no function in the template, or the other way round.
    """
    layers, functions = [], []
    for logical_id, resource in load_template(root / "template.yaml")["Resources"].items():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::Serverless::LayerVersion":
            source = properties["ContentUri"]
            kind: Literal["dependencies", "layer"] = "dependencies" if source == "layers/dependencies" else "layer"
            layers.append(Artifact(logical_id, kind, source))
        elif resource["Type"] == "AWS::Serverless::Function":
            functions.append(Artifact(logical_id, "function", properties["CodeUri"]))
    _check_folders({f.source: f.logical_id for f in functions}, root)
    return layers + functions


def _check_folders(declared: dict[str, str], root: Path) -> None:
    found = {f"functions/{path.parent.name}" for path in (root / "functions").glob("*/app.py")}
    for source in sorted(found - set(declared)):
        expected = f"{logical_prefix(source.split('/')[1])}Function"
        raise PackageError(f"{source} has no function in template.yaml: add {expected} with CodeUri: {source}")
    for source in sorted(set(declared) - found):
        raise PackageError(f"{declared[source]} in template.yaml has no code: add {source}/app.py or take it out")
    for source, logical_id in declared.items():
        expected = f"{logical_prefix(source.split('/')[1])}Function"
        if logical_id != expected:
            raise PackageError(f"template.yaml calls the function of {source} {logical_id}; the rule is {expected}")
