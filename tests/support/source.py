"""The project's own source as syntax trees, for the tests that hold its shape."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "layers" / "orderwright" / "python"


@dataclass(frozen=True)
class Source:
    """One Python file. `module` is its dotted name, `path` relative to the checkout, `text` its lines."""

    path: str
    module: str
    tree: ast.Module
    text: tuple[str, ...]

    @property
    def area(self) -> str:
        """The first part below orderwright (aws, usecases, bootstrap ...); "functions", "local"."""
        parts = self.module.split(".")
        return parts[1] if parts[0] == "orderwright" and len(parts) > 1 else parts[0]

    def imports(self) -> Iterator[tuple[str, str]]:
        """(module, name) of every import, lazy ones too; the name is empty for `import x`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((alias.name, "") for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{self.path}:{node.lineno}: import by the full name"
                yield from ((node.module or "", alias.name) for alias in node.names)

    def at_import(self) -> Iterator[ast.AST]:
        """Everything that runs when the module is imported: bodies of functions do not, their defaults do."""
        waiting: list[ast.AST] = list(self.tree.body)
        while waiting:
            node = waiting.pop()
            yield node
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                waiting += [*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)]
            elif not isinstance(node, ast.Lambda):
                waiting += ast.iter_child_nodes(node)


def _source(file: Path, base: Path) -> Source:
    text = file.read_text("utf-8")
    module = ".".join(file.relative_to(base).with_suffix("").parts).removesuffix(".__init__")
    return Source(file.relative_to(ROOT).as_posix(), module, ast.parse(text, file.name), tuple(text.splitlines()))


@cache
def sources(folder: str) -> tuple[Source, ...]:
    """All of "layers", "functions" or "local"."""
    if folder == "layers":
        return tuple(_source(file, PACKAGE) for file in sorted(PACKAGE.rglob("*.py")))
    return tuple(_source(file, ROOT) for file in sorted((ROOT / folder).rglob("*.py")))
