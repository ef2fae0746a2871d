"""A job done meanwhile: in a thread, or in a copy of this process where the system can make one.

A thread helps where the job leaves Python alone. A copy has all that this process has computed and gives back only what its job returns, so nothing
has to be sent to it; that is what other processes of Python's own pools cannot offer.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection


def aside[A](job: Callable[[], A]) -> Callable[[], A]:
    """Begin a job in a thread; the function given waits for its end and returns what it returned."""
    threads = ThreadPoolExecutor(1)
    begun = threads.submit(job)

    def result() -> A:
        threads.shutdown()
        return begun.result()

    return result


class Meanwhile[A]:
    """A job that a copy of this process does, or nobody yet."""

    def __init__(self, receiver: Connection | None) -> None:
        self._receiver = receiver

    @property
    def started(self) -> bool:
        """Whether a copy does it."""
        return self._receiver is not None

    def result(self, otherwise: Callable[[], A]) -> A:
        """What the job of the copy returned; where there is none, or it failed, `otherwise`'s result.

        So `otherwise` should be the same job: its errors are then raised here.
        """
        if self._receiver is not None:
            try:
                answer: A = self._receiver.recv()
            except (EOFError, OSError):  # it ended before or while it answered
                pass
            else:
                return answer
        return otherwise()


@contextmanager
def meanwhile[A](job: Callable[[], A], *, wanted: bool = True) -> Iterator[Meanwhile[A]]:
    """Have a job done in a copy of this process, if `wanted` and one can be made; it ends with this.

    What the job returns must pickle; what else it changes is lost.
    """
    if not wanted or not can_copy():
        yield Meanwhile(None)
        return
    context = get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(sender, job), daemon=True)
    try:
        process.start()
    except OSError:  # no more processes or memory
        receiver.close()
        sender.close()
        yield Meanwhile(None)
        return
    sender.close()
    try:
        yield Meanwhile(receiver)
    finally:
        receiver.close()
        process.kill()
        process.join()


def can_copy() -> bool:
    """Whether this process may be copied and a core is free for the copy.

    Threads of Python are not copied, but the locks that they hold are: with others running, no copy
    is safe. Other systems than Linux have no copy, or one that their own libraries do not survive.
    """
    return (
        sys.platform == "linux"
        and threading.active_count() == 1
        and len(os.sched_getaffinity(0)) > 1
    )


def _answer[A](sender: Connection, job: Callable[[], A]) -> None:
    with suppress(Exception):  # done again by the other, where it can be raised
        sender.send(job())
    sender.close()
