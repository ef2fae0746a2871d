"""A job done meanwhile returns what it would return when done here."""

import os
import subprocess
import sys
import textwrap
import threading

import pytest

from reliefperf.scenarios import side_by_side
from reliefperf.scenarios.side_by_side import aside, can_copy, meanwhile


def _alone(program: str) -> str:
    """What a program prints in a process with nothing but its own thread."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], check=True, capture_output=True, text=True
    )
    assert done.stderr == ""
    return done.stdout.strip()


needs_copies = pytest.mark.skipif(
    sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2, reason="no copies on this machine"
)


@needs_copies
def test_the_job_is_done_by_a_copy() -> None:
    program = """
        import os
        from reliefperf.scenarios.side_by_side import meanwhile
        with meanwhile(lambda: (os.getpid(), list(range(100_000)))) as job:
            aside = job.result(lambda: (0, []))
        print(aside[0] in (0, os.getpid()), len(aside[1]))
    """
    assert _alone(program) == "False 100000"


@needs_copies
def test_a_second_copy_is_made_while_the_first_is_at_work() -> None:
    program = """
        import os, time
        from reliefperf.scenarios.side_by_side import meanwhile
        with meanwhile(lambda: (time.sleep(0.2), os.getpid())) as one:
            with meanwhile(os.getpid) as other:
                found = {one.result(lambda: (0, 0))[1], other.result(lambda: 0), os.getpid()}
        print(len(found), 0 in found)
    """
    assert _alone(program) == "3 False"


@needs_copies
@pytest.mark.parametrize("fault", ["os._exit(1)", "1 / 0", "return lambda: 3"])
def test_what_a_copy_cannot_do_is_done_here(fault: str) -> None:
    program = f"""
        import os
        from reliefperf.scenarios.side_by_side import meanwhile
        own = os.getpid()
        def job():
            if os.getpid() != own:
                {fault}
            return "done here"
        with meanwhile(job) as aside:
            print(aside.result(job))
    """
    assert _alone(program) == "done here"


@needs_copies
def test_a_copy_that_ends_while_it_answers_is_no_error() -> None:
    program = """
        import os, threading, time
        from reliefperf.scenarios import side_by_side
        own = os.getpid()
        def job():
            if os.getpid() != own:
                threading.Timer(0.3, os._exit, [1]).start()  # the answer is larger than a pipe
                return "x" * 10_000_000
            return "done here"
        with side_by_side.meanwhile(job) as aside:
            time.sleep(1.0)
            print(aside.result(job))
    """
    assert _alone(program) == "done here"


@needs_copies
def test_without_room_for_another_process_the_job_is_done_here() -> None:
    program = """
        import os
        from reliefperf.scenarios.side_by_side import meanwhile
        def refuse():
            raise BlockingIOError(11, "Resource temporarily unavailable")
        os.fork = refuse
        with meanwhile(lambda: "done here") as aside:
            print(aside.started, aside.result(lambda: "done here"))
    """
    assert _alone(program) == "False done here"


@needs_copies
def test_a_copy_ends_where_this_process_fails() -> None:
    program = """
        import multiprocessing, time
        from reliefperf.scenarios.side_by_side import meanwhile
        try:
            with meanwhile(lambda: time.sleep(60)):
                1 / 0
        except ZeroDivisionError:
            print(multiprocessing.active_children())
    """
    assert _alone(program) == "[]"


@pytest.mark.parametrize("wanted", [True, False])
def test_without_a_copy_the_job_is_done_here(
    monkeypatch: pytest.MonkeyPatch, *, wanted: bool
) -> None:
    monkeypatch.setattr(side_by_side, "can_copy", lambda: not wanted)
    with meanwhile(lambda: 1 / 0, wanted=wanted) as job, pytest.raises(ZeroDivisionError):
        job.result(lambda: 1 / 0)
    with meanwhile(lambda: 1, wanted=wanted) as other:
        assert other.result(lambda: 2) == 2


def test_no_copy_is_made_while_other_threads_run() -> None:
    ended = threading.Event()
    other = threading.Thread(target=ended.wait)
    other.start()
    try:
        assert not can_copy()
    finally:
        ended.set()
        other.join()


def test_a_job_in_a_thread_is_waited_for_and_leaves_none() -> None:
    begun = threading.Event()
    before = threading.active_count()
    result = aside(begun.wait)
    begun.set()
    assert result() is True
    assert threading.active_count() == before


def test_what_fails_in_a_thread_is_raised_where_its_result_is_asked_for() -> None:
    result = aside(lambda: int("one"))
    with pytest.raises(ValueError, match="one"):
        result()


@needs_copies
def test_after_a_thread_copies_are_made_as_before() -> None:
    program = """
        from reliefperf.scenarios.side_by_side import aside, can_copy
        result = aside(lambda: 3)
        print(result(), can_copy())
    """
    assert _alone(program) == "3 True"
