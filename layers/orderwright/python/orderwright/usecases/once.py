"""Once outside, whatever dies in between (promises P1 and P5): claim, look, create, settle, park.

    read     what we hold, fresh; each write is refused where somebody else was faster, and then it is read again
    claim    committed before the call: who makes it, and until when it may still come through
    call     done | unclear: nobody repeats it before it has settled | certainly not done: again later | refused
    look     what an unclear call did is read outside, not guessed
    park     where nothing outside can tell, or the tries are used up: a person decides

A purchase order, the store's record of a parcel or of an accepted order, and a message to a customer are each a subclass:
it says what is read, whom to ask, and how each end is written down.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from typing import ClassVar, TypeVar

from orderwright.errors import Conflict, Misconfigured, NotFound, OutcomeUnknown, Rejected, Retryable, VendorError

T = TypeVar("T")


class Once(ABC):
    """One worker on one thing that is to happen once. Safe to run any number of times, by several workers at once."""

    tries: ClassVar[int] = 8
    what: ClassVar[str]

    def run(self) -> None:
        """Read, decide, act, until there is nothing to do now. Raises Conflict where others write all the time."""
        for _ in range(self.tries):
            if not self._read():
                return
            with suppress(Conflict):  # read again
                if not self._act():
                    return
        raise Conflict(f"{self.what}: gave up after {self.tries} reads, others write all the time")

    @abstractmethod
    def _read(self) -> bool:
        """What we hold of it, fresh. False: there is nothing to do."""

    @abstractmethod
    def _act(self) -> bool:
        """One decision on a fresh read. True: read again, there is more to do. Raises Conflict."""

    @abstractmethod
    def _unclear(self, error: OutcomeUnknown, *, sent: bool) -> bool:
        """Nobody can say whether a call came through; `sent`: it was one that creates or changes something."""

    @abstractmethod
    def _later(self, error: VendorError, *, sent: bool) -> bool:
        """Certainly not done: the same again later."""

    @abstractmethod
    def _refused(self, error: VendorError, *, sent: bool) -> bool:
        """The answer was no."""

    def _call(self, ask: Callable[[], T], then: Callable[[T], bool], *, sent: bool) -> bool:
        """Ask outside and write down what it came to; `then` takes an answer. Raises Conflict."""
        try:
            answer = ask()
        except OutcomeUnknown as error:
            return self._unclear(error, sent=sent)
        except (Retryable, Misconfigured) as error:
            return self._later(error, sent=sent)
        except (Rejected, NotFound) as error:
            return self._refused(error, sent=sent)
        return then(answer)

    def _keep(self, write: Callable[[], bool], is_ours: Callable[[], bool]) -> bool:
        """Write down what a call came to, also while others write: `write` runs again on a fresh read that `is_ours`."""
        for _ in range(self.tries):
            try:
                return write()
            except Conflict:
                if not (self._read() and is_ours()):
                    return True
        raise Conflict(f"{self.what}: what came of it could not be written, others write all the time")
