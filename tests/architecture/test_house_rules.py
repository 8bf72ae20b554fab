"""What no linter knows: money is never a float, no error is swallowed, files stay small, and no machine is named."""

from __future__ import annotations

import ast
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

from tests.support.source import ROOT, Source, sources

LAYERS, FUNCTIONS, LOCAL = sources("layers"), sources("functions"), sources("local")

FLOATS = {
    "aws/clients.py": "seconds of a time-out",
    "aws/dynamo.py": "seconds of a pause",
    "aws/mail_events.py": "seconds of a pause",
    "aws/batch_reads.py": "seconds of a pause",
    "aws/secrets.py": "seconds since a parameter was read",
    "bootstrap_parts.py": "seconds",
    "connectors/deadline.py": "seconds of a time-out",
    "connectors/http.py": "seconds of a time-out",
    "connectors/reading.py": "names the kind to refuse it",
    "connectors/carriers/easypost/": "seconds of a time-out",
    "connectors/stores/shopify/": "points of the throttle and seconds",
    "connectors/suppliers/cj/": "seconds of a time-out; numbers of its JSON are read as Decimal or text",
    "connectors/feeds/csv/workbook.py": "a workbook's numbers, made exact at once",
    "connectors/public_connections.py": "seconds of a call",
    "connectors/sftp.py": "seconds of a call",
}
"""Where `float` may be written in layers/, and for what. Nowhere in the domain, the use cases, the mails."""

MOST_LINES = 450
LONG = {
    "template.yaml": "every role, mapping and alarm is written out",
    "docs/orderwright.schema.json": "made from domain/config.py",
    "local/sandbox/shopify/schema.graphql": "the store's own schema",
    "layers/dependencies/requirements.txt": "a lock",
    "requirements/local.txt": "a lock",
    "requirements/dev.txt": "a lock",
}
"""Longer files, and why."""

LOCKS = sorted(name for name, why in LONG.items() if why == "a lock")


@pytest.mark.parametrize("source", LAYERS, ids=lambda source: source.path)
def test_money_is_never_a_float(source: Source) -> None:
    below = source.path.partition("orderwright/python/orderwright/")[2]
    if any(below.startswith(place) for place in FLOATS):
        assert source.area not in ("domain", "usecases", "mails")
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Name) and node.id == "float":
            pytest.fail(f"{source.path}:{node.lineno}: Decimal or integer minor units")
        if isinstance(node, ast.Constant) and isinstance(node.value, float) and source.area == "domain":
            pytest.fail(f'{source.path}:{node.lineno}: write Decimal("{node.value}")')


def test_floats_are_named_in_no_money_module_of_a_connector() -> None:
    for source in LAYERS:
        if "money" in source.module.rpartition(".")[2]:
            assert "float" not in {n.id for n in ast.walk(source.tree) if isinstance(n, ast.Name)}, source.path


@pytest.mark.parametrize("source", [*LAYERS, *FUNCTIONS, *LOCAL], ids=lambda source: source.path)
def test_times_have_a_zone_and_no_error_is_swallowed(source: Source) -> None:
    for node in ast.walk(source.tree):
        where = f"{source.path}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            called = ast.unparse(node.func)
            assert called != "datetime.utcnow", where
            assert called != "datetime.now" or node.args or node.keywords, f"{where}: datetime.now() has no zone"
            if called == "datetime.fromtimestamp":
                assert len(node.args) + len(node.keywords) > 1, f"{where}: fromtimestamp without a zone"
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, f"{where}: name what is caught"
            if all(isinstance(line, ast.Pass) for line in node.body):
                assert "Exception" not in ast.unparse(node.type), f"{where}: a swallowed error"
                said = source.text[node.lineno - 1 : node.body[-1].lineno]
                assert any("#" in line for line in said), f"{where}: say why nothing is to be done"


def test_only_the_webhook_function_prints() -> None:
    """It logs one line of its own, since a logger would cost its cold start."""
    for source in (*LAYERS, *FUNCTIONS):
        printing = [n for n in ast.walk(source.tree) if isinstance(n, ast.Name) and n.id == "print"]
        assert not printing or source.path == "functions/receive_webhook/app.py", source.path


@cache
def files() -> tuple[Path, ...]:
    """Every file that belongs to the project: known to git or about to be."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    return tuple(ROOT / name for name in sorted(set(listed)) if (ROOT / name).is_file())


@cache
def text_of(file: Path) -> str:
    """The text of a file; what is no text has none."""
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError:
        return ""


def test_files_are_short_and_the_longer_ones_have_a_reason() -> None:
    long = {
        name: text_of(file).count("\n")
        for file in files()
        if text_of(file).count("\n") > MOST_LINES and (name := file.relative_to(ROOT).as_posix()) not in LONG
    }
    assert long == {}
    for name in LONG:
        assert text_of(ROOT / name).count("\n") > MOST_LINES, f"{name} no longer needs its exception"


_HOSTS = (
    "pypi" + ".org",
    "python" + "hosted",
    "npm" + "js.",
    "proxy.golang" + ".org",
    "artifact" + "ory",
    "ghcr" + ".io",
)
_PLACES = re.compile(r"(?<![\w.:/-])/(?:root|home|work|Users|opt/[a-z]+|private/var)/[\w.-]+")


def test_no_file_names_a_registry_or_a_place_on_somebodys_machine() -> None:
    for file in files():
        text = text_of(file)
        assert not [host for host in _HOSTS if host in text], file
        assert not _PLACES.search(text), f"{file}: {_PLACES.search(text)}"


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_its_version_and_hashes_and_no_address(name: str) -> None:
    text = text_of(ROOT / name)
    assert "://" not in text
    assert not re.search(r"^--(?!hash)", text, re.MULTILINE)
    assert " @ " not in text
    lines = [line for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
    requirements = [number for number, line in enumerate(lines) if not line.startswith(" ")]
    assert requirements
    for number in requirements:
        assert re.match(r"[a-z0-9._-]+(\[[a-z,-]+\])?==\S+.* \\$", lines[number]), lines[number]
        assert re.match(r"    --hash=sha256:[0-9a-f]{64}", lines[number + 1]), lines[number]


def test_what_runs_on_aws_is_what_is_tested_here() -> None:
    def pins(name: str) -> dict[str, str]:
        return dict(re.findall(r"^([a-z0-9._-]+)==([^\s;]+)", text_of(ROOT / name), re.MULTILINE))

    runtime, local, dev = map(pins, LOCKS)
    for package, version in runtime.items():
        assert local.get(package, version) == version, package
        assert dev.get(package, version) == version, package
    assert runtime.keys() <= local.keys() | dev.keys()


def test_decisions_are_written_down_with_their_dates() -> None:
    text = (ROOT / "docs" / "decisions.md").read_text("utf-8")
    assert len(re.findall(r"\b20\d\d-\d\d-\d\d\b", text)) >= 1


def test_the_top_level_holds_what_people_and_tools_need_and_nothing_else() -> None:
    known = {
        "template.yaml", "functions", "layers", "events", "tests", "samconfig.toml", "README.md", "Makefile",
        "pyproject.toml", "LICENSE", ".ci", "docs", "local", "requirements", ".gitignore", ".gitattributes", ".editorconfig",
    }  # fmt: skip
    found = {file.relative_to(ROOT).parts[0] for file in files()}
    assert found <= known
