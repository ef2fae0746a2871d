"""Two jobs at once return what they would return one after the other."""

import os
import subprocess
import sys
import textwrap
import threading

import pytest

from reliefperf.scenarios import side_by_side
from reliefperf.scenarios.side_by_side import both, can_copy


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
def test_the_second_job_is_done_by_a_copy() -> None:
    program = """
        import os
        from reliefperf.scenarios.side_by_side import both
        here, aside = both(os.getpid, lambda: (os.getpid(), list(range(100_000))))
        print(here == os.getpid(), aside[0] == os.getpid(), len(aside[1]))
    """
    assert _alone(program) == "True False 100000"


@needs_copies
@pytest.mark.parametrize("fault", ["os._exit(1)", "1 / 0", "return lambda: 3"])
def test_what_a_copy_cannot_do_is_done_here(fault: str) -> None:
    program = f"""
        import os
        from reliefperf.scenarios.side_by_side import both
        own = os.getpid()
        def aside():
            if os.getpid() != own:
                {fault}
            return "done here"
        print(*both(lambda: "first", aside))
    """
    assert _alone(program) == "first done here"


@needs_copies
def test_a_copy_ends_where_the_first_job_fails() -> None:
    program = """
        import multiprocessing, time
        from reliefperf.scenarios.side_by_side import both
        try:
            both(lambda: 1 / 0, lambda: time.sleep(60))
        except ZeroDivisionError:
            print(multiprocessing.active_children())
    """
    assert _alone(program) == "[]"


def test_errors_of_the_second_job_are_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side_by_side, "can_copy", lambda: False)
    with pytest.raises(ZeroDivisionError):
        both(lambda: 1, lambda: 1 / 0)
    assert both(lambda: 1, lambda: 2) == (1, 2)


def test_no_copy_is_made_while_other_threads_run() -> None:
    ended = threading.Event()
    other = threading.Thread(target=ended.wait)
    other.start()
    try:
        assert not can_copy()
    finally:
        ended.set()
        other.join()
