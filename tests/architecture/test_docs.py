"""The documents name what the code has: messages, states, schedules, functions, commands, reason codes; their links resolve."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import click
import pytest
from click.testing import CliRunner

from local.cli.main import main
from orderwright.declarations import Ability, Capability, Connector, Role
from orderwright.domain.order import OrderState
from orderwright.domain.order_state import CancelOutcome
from orderwright.domain.purchase_order import PurchaseOrderState
from orderwright.domain.timing import AWS, LOCAL
from orderwright.messages import QUEUE_OF
from orderwright.registry import declarations
from orderwright.usecases.alert_merchant import FIX as ALERT_FIXES
from orderwright.usecases.dispatch_schedules import SCHEDULES
from orderwright.usecases.operator.secret_names import secrets_in_words
from tests.support.handlers import FOLDERS
from tests.support.source import PACKAGE, ROOT, sources

DOCS = ROOT / "docs"
PAGES = (ROOT / "README.md", *sorted(DOCS.glob("*.md")))
CODE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*")
# Helpers whose first texts are a code, beside the keyword `code`.
MAKERS = frozenset(
    {
        "_problem", "_fault", "_note", "_break", "_park", "alert", "Refused", "SpendRefused", "FeedBroken", "Problem",
        "RateUnknown", "NotKnown",
    }
)  # fmt: skip


@cache
def page(name: str) -> str:
    """The text of a document in docs/."""
    return (DOCS / name).read_text("utf-8")


def words(text: str) -> frozenset[str]:
    """Whole words, so that PLACED is not found in a longer name."""
    return frozenset(re.findall(r"[A-Za-z0-9_.]+", text)) | frozenset(re.findall(r"[A-Za-z0-9_]+", text))


# --- what the code has, the documents name ------------------------------------------------------------------------------------


@pytest.mark.parametrize("message", sorted(QUEUE_OF))
def test_every_message_stands_in_the_architecture_with_its_queue(message: str) -> None:
    row = next((line for line in page("architecture.md").splitlines() if line.startswith(f"| `{message}`")), "")
    assert f"`{QUEUE_OF[message]}`" in row, (
        f"docs/architecture.md has no row for {message}, taken by {QUEUE_OF[message]}"
    )


@pytest.mark.parametrize("name", [*FOLDERS, *SCHEDULES])
def test_every_function_and_schedule_stands_in_the_architecture(name: str) -> None:
    assert f"`{name}`" in page("architecture.md")


@pytest.mark.parametrize("state", [*OrderState, *PurchaseOrderState, *CancelOutcome])
def test_every_state_of_an_order_stands_in_the_operators_book(state: str) -> None:
    assert f"`{state}`" in page("operating.md")


def test_every_key_of_the_tables_stands_in_the_architecture() -> None:
    keys = {
        match
        for source in sources("layers")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "Key"
        for argument in node.args[1:]
        for match in re.findall(r"^f?['\"]([A-Z_]{3,}#?)", ast.unparse(argument))
    }
    assert len(keys) > 10
    assert [key for key in sorted(keys) if f"`{key.rstrip('#')}" not in page("architecture.md")] == []


@pytest.mark.parametrize("name", ["lease", "lateness", "http_timeout"])
def test_the_windows_of_both_profiles_are_the_real_ones(name: str) -> None:
    row = next(line for line in page("purchase-orders.md").splitlines() if line.startswith(f"| `{name}`"))
    for profile in (AWS, LOCAL):
        seconds = int(getattr(profile.windows, name).total_seconds())
        assert f"| {seconds} s " in row, row


def test_where_to_change_what_names_files_that_are_there() -> None:
    table = page("architecture.md").partition("## Where to change what")[2].partition("\n## ")[0]
    rows = [line.split("|")[2] for line in table.splitlines() if line.startswith("| ")]
    named = {path for row in rows for path in re.findall(r"`([\w<>./]+(?:/|\.py|\.md|\.yaml))`", row)}
    assert len(named) > 20
    for path in named:
        found = re.sub(r"<\w+>", "*", path)
        assert list(ROOT.glob(found)) or list((PACKAGE / "orderwright").glob(found)), path


# --- codes --------------------------------------------------------------------------------------------------------------------


@cache
def _named() -> dict[str, str]:
    """Module-level names of texts: STALE = "FEED_STALE", STEP, REJECTED = "...", "..."."""
    found: dict[str, str] = {}
    for source in (*sources("layers"), *sources("local")):
        for node in source.tree.body:
            if isinstance(node, ast.Assign):
                target, value = node.targets[0], node.value
                names = target.elts if isinstance(target, ast.Tuple) else [target]
                texts = value.elts if isinstance(value, ast.Tuple) else [value]
                for name, text in zip(names, texts, strict=False):
                    if isinstance(name, ast.Name) and isinstance(text, ast.Constant) and isinstance(text.value, str):
                        found[name.id] = text.value
    return found


def _texts(node: ast.expr) -> Iterator[str]:
    """The codes that an expression may be: a text, either side of a condition, or the fixed beginning of a made one."""
    if isinstance(node, ast.IfExp):
        yield from (*_texts(node.body), *_texts(node.orelse))
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from _texts(value)
    elif isinstance(node, ast.Name) and node.id in _named():
        yield _named()[node.id]
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
        yield str(node.values[0].value)


def _codes(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            named = [word.value for word in node.keywords if word.arg in ("code", "topic")]
            maker = ast.unparse(node.func).rpartition(".")[2] in MAKERS
            for argument in (*named, *(node.args[:2] if maker else ())):
                yield from _texts(argument)
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "reason":
                    yield from _texts(value)
        elif isinstance(node, ast.Tuple) and ast.unparse(node).startswith("(PaymentGate."):
            yield from _texts(node.elts[1])


@cache
def codes() -> tuple[str, ...]:
    """Every reason, refusal and alert that an operator may see; a made one by its beginning, with the underscore."""
    searched = [source for source in (*sources("layers"), *sources("local")) if "sandbox" not in source.path]
    found = {*ALERT_FIXES, *(code for source in searched for code in _codes(source.tree))}
    return tuple(sorted(code for code in found if CODE.fullmatch(code.rstrip("_")) and len(code) > 2))


def test_the_search_for_codes_finds_them() -> None:
    assert {
        "OUT_OF_STOCK", "PAYMENT_PENDING", "CAP_PER_PURCHASE_ORDER", "STALE_BASE", "DATA_REQUEST", "FEED_STALE", "PRICE_STEP",
        "RATE_STALE", "STOPPED_BY_OPERATOR", "FULFILLMENT_",
    } <= {*codes()}  # fmt: skip


@pytest.mark.parametrize("code", codes())
def test_every_code_stands_in_the_operators_book(code: str) -> None:
    assert re.search(rf"`{code}" if code.endswith("_") else rf"`{code}`", page("reasons.md")), code


# --- commands and links -------------------------------------------------------------------------------------------------------


def _leaves(group: click.Command, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if isinstance(group, click.Group):
        for name, command in group.commands.items():
            yield from _leaves(command, (*before, name))
    else:
        yield before


@pytest.mark.parametrize("command", [*_leaves(main)], ids=" ".join)
def test_every_command_is_explained(command: tuple[str, ...]) -> None:
    assert f"orderwright {' '.join(command)}" in page("operating.md")


def _written() -> list[tuple[str, str]]:
    """(document, command line) of every `orderwright ...` in the documents' blocks and inline code."""
    found: dict[tuple[str, str], None] = {}
    for file in PAGES:
        text = file.read_text("utf-8")
        blocks = re.findall(r"^```[a-z]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
        inline = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))
        for line in (*(line for block in blocks for line in block.splitlines()), *inline):
            match = re.match(r"^(?:\$ )?(?:[\w./-]*/)?orderwright( .+)$", line.strip())
            if match:
                found[file.name, re.split(r"\s(?:#\s|[<>|])", match[1])[0].strip()] = None
    return list(found)


@pytest.mark.parametrize(("document", "line"), _written())
def test_a_command_in_a_document_is_one(document: str, line: str) -> None:
    arguments = shlex.split(line)
    command: click.Command = main
    path: list[str] = []
    rest = arguments
    if rest[:1] == ["--stack"]:
        rest = rest[2:]
    while isinstance(command, click.Group) and rest:
        assert rest[0] in command.commands, f"{document}: orderwright {line}"
        command, path, rest = command.commands[rest[0]], [*path, rest[0]], rest[1:]
    known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    assert {word for word in rest if word.startswith("--")} <= known, f"{document}: orderwright {line}"
    assert CliRunner().invoke(main, [*path, "--help"]).exit_code == 0


def _anchor(title: str) -> str:
    kept = re.sub(r"[^\w\- ]", "", re.sub(r"[`*]", "", title).strip().lower())
    return kept.replace(" ", "-")


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.name)
def test_links_between_documents_resolve(file: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", file.read_text("utf-8")):
        if "://" in target or target.startswith("mailto:"):
            continue
        name, _, anchor = target.partition("#")
        where = (file.parent / unquote(name)).resolve() if name else file
        assert where.exists(), f"{file.name}: {target}"
        if anchor:
            titles = re.findall(r"^#+ (.+)$", where.read_text("utf-8"), re.MULTILINE)
            assert anchor in {_anchor(title) for title in titles}, f"{file.name}: {target}"


def _row(one: Connector) -> str:
    names = "|".join(secret.name for secret in one.secrets) or "-"
    secrets = re.sub(rf"\b({names})\b", r"`\1`", secrets_in_words(one.kind)) or "none"
    can = [capability for capability in Capability if capability in one.capabilities - {Capability.WEBHOOKS}]
    by_api = "subscribed by `connect`" if Capability.WEBHOOKS in one.capabilities else "set by hand"
    webhooks = (
        f"{by_api}{'; some by hand' if one.by_hand else ''}" if one.webhook else "a queue" if one.queue else "none"
    )
    return f"| `{one.kind}` | {one.title} | {one.role} | {', '.join(can) or '-'} | {secrets} | {webhooks} |"


def test_the_table_of_connectors_is_what_they_declare() -> None:
    wanted = "\n".join(map(_row, declarations()))
    assert f"|---|---|---|---|---|---|\n{wanted}\n\n" in page("connectors.md"), f"docs/connectors.md needs:\n{wanted}"


def test_the_table_of_stores_is_what_they_declare() -> None:
    stores = declarations(Role.STORE)
    head = f"| | {' | '.join(f'`{one.kind}`' for one in stores)} |\n|---{'|---' * len(stores)}|"
    answers = {
        ability: [f"no: {why}" if why else "yes" for why in (one.abilities[ability] for one in stores)]
        for ability in Ability
    }
    rows = "\n".join(f"| {ability} | {' | '.join(said)} |" for ability, said in answers.items())
    assert f"{head}\n{rows}\n\n" in page("connectors.md"), f"docs/connectors.md needs:\n{head}\n{rows}"


def test_paths_in_the_documents_exist() -> None:
    """A page that names a file that has moved sends its reader astray."""
    shown = re.compile(
        r"`((?:docs|local|tests|layers|functions|events|requirements)/[\w./-]+\.\w+|(?:usecases|domain|aws|connectors)/[\w./-]+\.py)`"
    )
    for file in PAGES:
        for name in shown.findall(file.read_text("utf-8")):
            assert (ROOT / name).exists() or (PACKAGE / "orderwright" / name).exists(), f"{file.name}: {name}"
