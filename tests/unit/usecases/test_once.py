"""The engine of "once outside" alone: which answer leads where, and what others' writes change (promises P1, P5)."""

from __future__ import annotations

import pytest

from orderwright.errors import (
    Conflict,
    Misconfigured,
    NotFound,
    OutcomeUnknown,
    Rejected,
    Retryable,
    VendorError,
)
from orderwright.usecases.once import Once


class Letter(Once):
    """Something to be sent once, whose answers and conflicts a test chooses."""

    what = "sending the letter"

    def __init__(self, *answers: VendorError | str, conflicts: int = 0, ours: bool = True, reads: int = 100) -> None:
        self.answers, self.conflicts, self.ours, self.reads = list(answers), conflicts, ours, reads
        self.said: list[str] = []

    def _read(self) -> bool:
        self.said.append("read")
        self.reads -= 1
        return self.reads >= 0

    def _act(self) -> bool:
        return self._call(
            self._send, lambda answer: self._keep(lambda: self._write(answer), lambda: self.ours), sent=True
        )

    def _send(self) -> str:
        self.said.append("send")
        answer = self.answers.pop(0)
        if isinstance(answer, VendorError):
            raise answer
        return answer

    def _write(self, what: str) -> bool:
        if self.conflicts:
            self.conflicts -= 1
            raise Conflict("somebody else was faster")
        self.said.append(what)
        return bool(self.answers)

    def _unclear(self, error: OutcomeUnknown, *, sent: bool) -> bool:
        return self._write("unclear")

    def _later(self, error: VendorError, *, sent: bool) -> bool:
        return self._write("later")

    def _refused(self, error: VendorError, *, sent: bool) -> bool:
        return self._write("refused")


@pytest.mark.parametrize(
    ("answer", "end"),
    [
        ("sent", "sent"),
        (OutcomeUnknown("silence"), "unclear"),
        (Retryable("try later"), "later"),
        (Misconfigured("wrong key"), "later"),
        (Rejected("no"), "refused"),
        (NotFound("who?"), "refused"),
    ],
)
def test_each_answer_has_one_end_and_is_asked_for_once(answer: VendorError | str, end: str) -> None:
    letter = Letter(answer)
    letter.run()
    assert letter.said == ["read", "send", end]


def test_a_step_that_leaves_more_to_do_is_followed_by_a_fresh_read() -> None:
    letter = Letter("first", "second")
    letter.run()
    assert letter.said == ["read", "send", "first", "read", "send", "second"]


def test_an_answer_is_written_down_though_others_write_and_nothing_is_sent_again() -> None:
    letter = Letter("sent", conflicts=3)
    letter.run()
    assert letter.said == ["read", "send", "read", "read", "read", "sent"]


def test_what_another_worker_has_taken_over_is_left_to_it() -> None:
    letter = Letter("sent", conflicts=1, ours=False, reads=2)
    letter.run()
    assert letter.said == ["read", "send", "read", "read"]


def test_what_is_gone_needs_nothing() -> None:
    letter = Letter(reads=0)
    letter.run()
    assert letter.said == ["read"]


def test_where_others_write_all_the_time_it_says_what_and_after_how_many_reads() -> None:
    letter = Letter(*[Retryable("try later")] * 20, conflicts=100)
    with pytest.raises(Conflict, match="sending the letter: gave up after 8 reads"):
        letter.run()
