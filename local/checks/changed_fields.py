"""A plugin of mypy: names and types given to `domain.base.changed` are checked, as those of `dataclasses.replace` are."""

from __future__ import annotations

from collections.abc import Callable

from mypy.nodes import ARG_NAMED_OPT, TypeInfo, Var
from mypy.plugin import FunctionSigContext, Plugin
from mypy.types import FunctionLike, Instance, Type, TypeVarType, get_proper_type

BASE = "orderwright.domain.base"


def _fields(model: TypeInfo) -> dict[str, Type]:
    found: dict[str, Type] = {}
    for info in reversed(model.mro):
        if info.has_base(f"{BASE}.Model") and info.fullname != f"{BASE}.Model":
            for name, symbol in info.names.items():
                if isinstance(symbol.node, Var) and symbol.node.type is not None and not symbol.node.is_classvar:
                    found[name] = symbol.node.type
    return found


def _typed(context: FunctionSigContext) -> FunctionLike:
    signature = context.default_signature
    given = get_proper_type(context.api.get_expression_type(context.args[0][0]))
    if isinstance(given, TypeVarType):
        given = get_proper_type(given.upper_bound)
    if not isinstance(given, Instance):
        return signature
    fields = _fields(given.type)
    return signature.copy_modified(
        arg_types=[signature.arg_types[0], *fields.values()],
        arg_kinds=[signature.arg_kinds[0], *[ARG_NAMED_OPT] * len(fields)],
        arg_names=[signature.arg_names[0], *fields],
    )


class ChangedFields(Plugin):
    """The only thing that it looks at is calls of `changed`."""

    def get_function_signature_hook(self, fullname: str) -> Callable[[FunctionSigContext], FunctionLike] | None:
        """Mypy asks this for each function that is called."""
        return _typed if fullname == f"{BASE}.changed" else None


def plugin(version: str) -> type[Plugin]:
    """What mypy looks for in this file."""
    return ChangedFields
