"""Two jobs at once: one in this process, one in a copy of it, where the system can make one.

A copy has all that this process has computed and gives back only what its job returns, so nothing
has to be sent to it; that is what other processes of Python's own pools cannot offer.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection


def both[A, B](here: Callable[[], A], aside: Callable[[], B]) -> tuple[A, B]:
    """What two jobs return, the second done in a copy of this process.

    What `aside` returns must pickle; what else it changes is lost. Where no copy can be made, or it
    fails, `aside` is done here after the other, so that its errors are raised here too.
    """
    if not can_copy():
        return here(), aside()
    context = get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(sender, aside), daemon=True)
    process.start()
    sender.close()
    try:
        first = here()
        try:
            return first, receiver.recv()
        except EOFError:
            return first, aside()
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


def _answer[B](sender: Connection, aside: Callable[[], B]) -> None:
    with suppress(Exception):  # done again by the other, where it can be raised
        sender.send(aside())
    sender.close()
