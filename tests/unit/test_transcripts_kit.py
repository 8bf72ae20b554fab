"""The reader of transcripts: what varies may vary, and nothing else."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.transcripts import Step, differences, steps

PAGE = """
<!-- play: a key is refused -->
```console
$ orderwright status --check
cj failing since 17:40
(exit code 3)
$ orderwright orders list
```
"""


def test_a_document_is_read_in_its_order(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text(PAGE, "utf-8")
    assert list(steps(tmp_path / "page.md")) == [
        Step("a key is refused"),
        Step("", "orderwright status --check", ("cj failing since 17:40",), 3),
        Step("", "orderwright orders list"),
    ]


def test_times_may_differ_and_words_may_not() -> None:
    assert differences(("cj failing since 17:40",), "cj failing since 09:12\n") == []
    assert differences(("cj failing since 17:40",), "cj works\n") == [
        "expected: cj failing since TIME",
        "said:     cj works",
    ]
    assert differences(("one", "...", "three ..."), "one\ntwo\nthree and more\n") == []
    assert differences(("one",), "one\ntwo\n") == ["said more: two"]
    assert differences(("one", "two"), "one\n") == ["expected: two", "said:     (nothing more)"]
