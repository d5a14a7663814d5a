"""The parent of `frontdesk up`, as a real process with real children."""

import contextlib
import fcntl
import json
import os
import pty
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import psutil
import pytest

from frontdesk.cli.supervise import Restarts

PARENT = Path(__file__).with_name("supervised.py")
LINUX_ONLY = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux tells the kernel what to do with orphans"
)
QUICK = {"first_pause": 0.01, "longest_pause": 0.05}
T = TypeVar("T")


def until(found: Callable[[], T], what: str, seconds: float = 15) -> T:
    deadline = time.monotonic() + seconds
    while not (result := found()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.01)
    return result


def lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


class Parent:
    """One run of the parent, with what its children noted."""

    def __init__(self, notes: Path) -> None:
        self.notes = notes
        self.process: subprocess.Popen[bytes] | None = None

    def start(
        self, children: dict[str, list[str]], terminal: int | None = None, **more: object
    ) -> None:
        given = {"notes": str(self.notes), "children": children, **more}
        with (self.notes / "stderr").open("wb") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, str(PARENT), json.dumps(given)],
                stdin=terminal,
                stderr=stderr,
                start_new_session=True,
                preexec_fn=None
                if terminal is None
                else lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0) and None,
            )

    def sh(self, script: str) -> list[str]:
        """A child that notes its process number and runs the script."""
        return ["sh", "-c", f'cd "{self.notes}"; echo $$ >> pids; {script}']

    def steady(self, name: str) -> list[str]:
        """A child that notes when it was told to stop and when it ended, a little later."""
        on_term = f"echo {name} told >> order; sleep 0.1; echo {name} ended >> order; exit 0"
        return self.sh(f"trap '{on_term}' TERM; echo {name} >> up; sleep 600 & wait")

    def read(self, name: str) -> list[str]:
        path = self.notes / name
        return path.read_text().splitlines() if path.exists() else []

    def pids(self) -> list[int]:
        return [int(line) for line in self.read("pids")]

    def await_up(self, count: int) -> None:
        until(lambda: len(self.read("up")) >= count, f"{count} children started")

    def send(self, number: int) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def code(self) -> int:
        assert self.process is not None
        return self.process.wait(timeout=30)

    def said(self) -> str:
        return "\n".join(self.read("stderr"))


@pytest.fixture
def parent(tmp_path: Path) -> Iterator[Parent]:
    parent = Parent(tmp_path)
    yield parent
    assert parent.process is not None
    parent.process.kill()
    parent.process.wait()
    until(lambda: not any(map(lives, parent.pids())), "no child outlives the parent")
    for group in parent.pids():  # what the children had started
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_stop_reaches_the_children_one_after_the_other_and_ends_with_0(
    parent: Parent, number: int
) -> None:
    parent.start({"web": parent.steady("web"), "worker": parent.steady("worker")})
    parent.await_up(2)

    parent.send(number)

    assert parent.code() == 0
    assert parent.read("order") == ["web told", "web ended", "worker told", "worker ended"]


def test_ctrl_c_in_the_terminal_keeps_the_order(parent: Parent) -> None:
    keyboard, terminal = pty.openpty()
    children = {"web": parent.steady("web"), "worker": parent.steady("worker")}
    try:
        parent.start(children, terminal=terminal)
        parent.await_up(2)

        os.write(keyboard, b"\x03")

        assert parent.code() == 0
        assert parent.read("order") == ["web told", "web ended", "worker told", "worker ended"]
    finally:
        os.close(keyboard)
        os.close(terminal)


def test_a_child_that_does_not_stop_in_its_time_is_killed_and_the_exit_code_says_so(
    parent: Parent,
) -> None:
    deaf = parent.sh("trap '' TERM; echo deaf >> up; sleep 600")
    parent.start({"web": deaf, "worker": parent.steady("worker")}, stop_timeout=0.2)
    parent.await_up(2)

    parent.send(signal.SIGTERM)

    assert parent.code() == 1
    assert "web did not stop within 0.2 s" in parent.said()
    assert parent.read("order") == ["worker told", "worker ended"]


def test_a_second_ctrl_c_hurries(parent: Parent) -> None:
    deaf = parent.sh("trap '' TERM; echo deaf >> up; sleep 600")
    parent.start({"web": deaf}, stop_timeout=600)
    parent.await_up(1)
    assert parent.process is not None

    def insist() -> bool:
        assert parent.process is not None
        parent.send(signal.SIGINT)
        return parent.process.poll() is not None

    until(insist, "it ends")
    assert parent.code() == 130


@pytest.mark.fault
def test_a_child_that_was_killed_is_started_again_at_once_and_then_with_a_pause(
    parent: Parent,
) -> None:
    parent.start({"web": parent.steady("web")})
    parent.await_up(1)

    os.kill(parent.pids()[0], signal.SIGKILL)
    parent.await_up(2)
    assert "web was killed by SIGKILL" in parent.said()
    assert "it is started again now" in parent.said()

    os.kill(parent.pids()[1], signal.SIGKILL)
    parent.await_up(3)
    assert "it is started again in 0.5 s" in parent.said()


@pytest.mark.fault
def test_a_child_that_was_healthy_before_it_died_begins_anew(parent: Parent) -> None:
    parent.start({"web": parent.steady("web")}, restarts={"healthy_after": 0})
    for deaths in range(3):
        parent.await_up(deaths + 1)
        os.kill(parent.pids()[deaths], signal.SIGKILL)
    parent.await_up(4)

    assert parent.said().count("it is started again now") == 3


@pytest.mark.fault
def test_being_killed_from_outside_again_and_again_is_no_reason_to_give_up(parent: Parent) -> None:
    parent.start({"web": parent.steady("web")}, restarts=QUICK)
    for deaths in range(7):
        parent.await_up(deaths + 1)
        os.kill(parent.pids()[deaths], signal.SIGKILL)
    parent.await_up(8)

    parent.send(signal.SIGTERM)
    assert parent.code() == 0


def test_the_pause_before_a_restart_grows_to_ten_seconds() -> None:
    pauses = [Restarts().pause(failures) for failures in range(1, 9)]

    assert pauses == [0, 0.5, 1, 2, 4, 8, 10, 10]


def test_a_child_that_cannot_start_ends_everything_and_its_last_words_are_shown(
    parent: Parent,
) -> None:
    failing = parent.sh("echo 'port 1956 is in use' >&2; exit 3")
    parent.start({"web": failing, "worker": parent.steady("worker")}, restarts=QUICK)

    assert parent.code() == 3
    assert len(parent.pids()) == 6  # five of web, one of worker
    _, summary = parent.said().split("web ended with code 3 5 times in a row:\n")
    assert summary.splitlines()[0] == "  port 1956 is in use"
    assert parent.read("order") == ["worker told", "worker ended"]


def test_different_exit_codes_are_not_one_failure(parent: Parent) -> None:
    # Even starts end with 1, odd ones with 2; the twelfth stays.
    changing = parent.sh(
        "n=$(wc -l < pids); [ $n -lt 12 ] && exit $((n % 2 + 1)); echo up >> up; exec sleep 600"
    )
    parent.start({"web": changing}, restarts=QUICK)
    parent.await_up(1)

    parent.send(signal.SIGTERM)
    assert parent.code() == 0


def test_a_child_that_ends_with_0_by_itself_is_not_a_success(parent: Parent) -> None:
    parent.start({"web": parent.sh("exit 0")}, restarts=QUICK)

    assert parent.code() == 1


def test_a_program_that_does_not_exist_is_named(parent: Parent) -> None:
    parent.start({"web": ["/nonexistent/frontdesk-web"]}, restarts=QUICK)

    assert parent.code() == 127
    assert "cannot run /nonexistent/frontdesk-web: No such file or directory" in parent.said()


@LINUX_ONLY
@pytest.mark.fault
def test_children_die_with_a_parent_that_was_killed(parent: Parent) -> None:
    parent.start({"web": parent.sh("trap '' TERM; echo web >> up; exec sleep 600")})
    parent.await_up(1)
    child = parent.pids()[0]
    assert lives(child)

    parent.send(signal.SIGKILL)

    until(lambda: not lives(child), "the child is gone")


@pytest.mark.fault
def test_what_a_killed_child_had_started_dies_too(parent: Parent) -> None:
    parent.start({"worker": parent.sh("sleep 600 & echo $! >> pool; echo up >> up; wait")})
    parent.await_up(1)
    pool = int(parent.read("pool")[0])

    os.kill(parent.pids()[0], signal.SIGKILL)

    until(lambda: not lives(pool), "the pool's process is gone")


@LINUX_ONLY
def test_as_process_1_it_reaps_what_is_left_to_it(parent: Parent) -> None:
    script = "(setsid sh -c 'echo $$ >> orphan' &); echo up >> up; exec sleep 600"
    parent.start({"web": parent.sh(script)}, like_process_1=True)
    parent.await_up(1)
    orphan = int(until(lambda: parent.read("orphan"), "the orphan ran")[0])

    until(lambda: not psutil.pid_exists(orphan), "not even a zombie is left")


def test_it_asks_whether_all_is_ready_until_it_is_and_checks_what_it_is_told_to(
    parent: Parent,
) -> None:
    parent.start({"web": parent.steady("web")})
    parent.await_up(1)
    until(lambda: (parent.notes / "ready").exists(), "ready was asked")
    until(lambda: "the database is being looked after" in parent.said(), "check was called")

    parent.send(signal.SIGTERM)
    assert parent.code() == 0
    assert parent.read("asked") == ["3"]


@LINUX_ONLY
def test_it_stays_under_30_mb(parent: Parent) -> None:
    parent.start({"web": parent.steady("web")})
    parent.await_up(1)
    assert parent.process is not None

    assert psutil.Process(parent.process.pid).memory_info().rss < 30_000_000
