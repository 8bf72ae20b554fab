"""The packager: what it builds is complete, current, equal each time, and refused when folders and template disagree."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from local.packager import bytecode
from local.packager.artifacts import ROOT, Artifact, artifacts, load_template
from local.packager.build import build_zip, check, fingerprint
from local.packager.errors import PackageError
from local.packager.targets import aws_lambda, by_name, host

FUNCTION = Artifact("PollStockFunction", "function", "functions/poll_stock")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with the real template and the smallest function in each of its folders."""
    made = tmp_path / "project"
    made.mkdir()
    shutil.copy(ROOT / "template.yaml", made)
    for resource in load_template()["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            folder = made / resource["Properties"]["CodeUri"]
            folder.mkdir(parents=True)
            (folder / "app.py").write_text("def handler(event, context):\n    return event\n", "utf-8")
    return made


def test_a_folder_without_a_function_in_the_template_is_refused(root: Path) -> None:
    (root / "functions" / "count_parcels").mkdir()
    (root / "functions" / "count_parcels" / "app.py").write_text("", "utf-8")
    with pytest.raises(PackageError, match=r"functions/count_parcels .* add CountParcelsFunction"):
        artifacts(root)


def test_a_function_without_a_folder_is_refused(root: Path) -> None:
    shutil.rmtree(root / "functions" / "poll_stock")
    with pytest.raises(
        PackageError, match=r"PollStockFunction in template.yaml has no code: add functions/poll_stock/app.py"
    ):
        artifacts(root)


def test_a_function_that_breaks_the_naming_rule_is_refused(root: Path) -> None:
    template = (root / "template.yaml").read_text("utf-8").replace("  PollStockFunction:\n", "  StockPollFunction:\n")
    (root / "template.yaml").write_text(template, "utf-8")
    with pytest.raises(PackageError, match="the rule is PollStockFunction"):
        artifacts(root)


def test_no_module_of_a_built_package_is_compiled_again(root: Path, tmp_path: Path) -> None:
    build_zip(FUNCTION, host(), tmp_path / "out", root)
    check(FUNCTION, host(), tmp_path / "out")


def test_a_module_with_bytecode_by_time_stamp_is_found(root: Path, tmp_path: Path) -> None:
    build_zip(FUNCTION, host(), tmp_path / "out", root)
    tree = tmp_path / "out" / "PollStockFunction"
    shutil.rmtree(tree / "__pycache__")
    subprocess.run([sys.executable, "-m", "py_compile", str(tree / "app.py")], check=True)
    assert bytecode.stale_sources(tree) == ["app.py"]
    with pytest.raises(PackageError, match=r"app\.py"):
        check(FUNCTION, host(), tmp_path / "out")


def test_bytecode_of_an_older_text_is_found(root: Path, tmp_path: Path) -> None:
    build_zip(FUNCTION, host(), tmp_path / "out", root)
    tree = tmp_path / "out" / "PollStockFunction"
    (tree / "app.py").write_text("def handler(event, context):\n    return None\n", "utf-8")
    assert bytecode.stale_sources(tree) == ["app.py"]


def test_a_package_names_the_files_as_lambda_will_find_them(root: Path, tmp_path: Path) -> None:
    archive = build_zip(FUNCTION, host(), tmp_path / "out", root)
    with zipfile.ZipFile(archive) as packed:
        (compiled,) = (packed.read(name) for name in packed.namelist() if name.endswith(".pyc"))
    assert b"/var/task/app.py" in compiled
    assert str(tmp_path).encode() not in compiled


def test_equal_sources_give_equal_bytes_and_are_built_once(root: Path, tmp_path: Path) -> None:
    first = build_zip(FUNCTION, host(), tmp_path / "one", root)
    second = build_zip(FUNCTION, host(), tmp_path / "two", root)
    assert first.read_bytes() == second.read_bytes()
    built_at = first.stat().st_mtime_ns
    assert build_zip(FUNCTION, host(), tmp_path / "one", root).stat().st_mtime_ns == built_at


def test_a_changed_source_is_built_again(root: Path, tmp_path: Path) -> None:
    before = fingerprint(FUNCTION, host(), root)
    archive = build_zip(FUNCTION, host(), tmp_path / "out", root)
    (root / "functions" / "poll_stock" / "app.py").write_text("def handler(event, context):\n    return 1\n", "utf-8")
    assert fingerprint(FUNCTION, host(), root) != before
    with zipfile.ZipFile(build_zip(FUNCTION, host(), tmp_path / "out", root)) as packed:
        assert b"return 1" in packed.read("app.py")
    assert archive.exists()


def test_a_module_that_is_no_python_is_refused_by_name(root: Path, tmp_path: Path) -> None:
    (root / "functions" / "poll_stock" / "app.py").write_text("def handler(:\n", "utf-8")
    with pytest.raises(PackageError, match=r"app\.py"):
        build_zip(FUNCTION, host(), tmp_path / "out", root)
    assert not (tmp_path / "out" / "PollStockFunction.zip").exists()


def test_a_missing_interpreter_of_the_template_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PackageError, match=r"python3\.13 is not on PATH"):
        aws_lambda()


def test_an_unknown_target_is_refused() -> None:
    with pytest.raises(PackageError, match="host or lambda"):
        by_name("moon")


def test_the_layer_has_the_font_of_the_papers_and_its_licence_beside_it(tmp_path: Path) -> None:
    (layer,) = [one for one in artifacts() if one.kind == "layer"]
    names = set(zipfile.ZipFile(build_zip(layer, host(), tmp_path)).namelist())
    fonts = "python/orderwright/papers/fonts"
    assert {f"{fonts}/NotoSans-subset.ttf", f"{fonts}/OFL.txt", "python/orderwright/papers/words/zh-Hans.json"} <= names
