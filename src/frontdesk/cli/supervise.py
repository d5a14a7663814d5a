"""The parent of the processes of `frontdesk up`: starts them, restarts them, stops them in order.

It does nothing else and imports little, as it stays in memory all the time. It is also fit to be
process 1 of a container: it reaps whatever is left to it.

On Linux the kernel kills the children when the parent dies, even by kill -9. Elsewhere there is no
such call: children of a killed parent live on, and hold their ports, until they are stopped.
"""

import ctypes
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import FrameType

from frontdesk.kernel.errors import FrontdeskError

CHECK_EVERY = 2.0
"""Seconds between two calls of `check`."""
_LAST_LINES = 20
_STOPPED_BY_OTHERS = (-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT)
_ONE_STOP = 0.5  # seconds
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if os.uname().sysname == "Linux" else None


@dataclass(frozen=True, slots=True)
class Child:
    name: str
    argv: Sequence[str]
    env: Mapping[str, str] | None = None
    """The whole environment; None is the parent's."""


@dataclass(frozen=True, slots=True)
class Restarts:
    """When a dead child comes back, and when there is no use in it. Times in seconds."""

    first_pause: float = 0.5
    longest_pause: float = 10.0
    healthy_after: float = 30.0
    """Who lived that long begins anew with an immediate restart."""
    at_once: float = 5.0
    """Who exits by itself before that counts as unable to start."""
    attempts: int = 5
    """Starts in a row that end at once with the same exit code, until everything ends."""

    def pause(self, failures: int) -> float:
        """Before the next start, after so many deaths since it was last healthy (1 or more)."""
        if failures <= 1:
            return 0.0
        return min(self.longest_pause, self.first_pause * 2 ** min(failures - 2, 30))


def run(
    children: Sequence[Child],
    *,
    ready: Callable[[], bool | None] | None = None,
    check: Callable[[], object] | None = None,
    stop_timeout: float = 20.0,
    restarts: Restarts | None = None,
) -> int:
    """Run the children until SIGTERM, SIGINT or SIGHUP; call it from the main thread.

    `ready` is asked, once all are started, until it answers something else than False; it must not
    wait. `check` is called every two seconds; its FrontdeskErrors are shown, and nothing else.
    On a stop each child in turn, in the order given, gets SIGTERM and `stop_timeout` seconds; a
    second signal kills what is left.

    Returns 0 after a clean stop, 1 when a child had to be killed or failed while stopping, 130
    when a second signal hurried it, and the child's own exit code when it could not be started.
    """
    with _woken_by_signals() as (wake, stops):
        supervisor = _Supervisor(
            [_Running(child) for child in children], restarts or Restarts(), wake, stops
        )
        try:
            failed = supervisor.serve(ready, check)
            stopped = supervisor.stop(stop_timeout)
        finally:
            supervisor.kill_all()
    return failed or stopped


@dataclass(slots=True)
class _Running:
    """A child and the process that is it now, if there is one."""

    child: Child
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    start_at: float = 0.0
    failures: int = 0
    """Deaths since it was last healthy."""
    codes: tuple[int, ...] = ()
    """Exit codes, all the same, of the latest starts in a row that ended at once."""
    said: bytes = b""
    """The end of what it wrote to standard error."""


class _Supervisor:
    def __init__(
        self, every: Sequence[_Running], restarts: Restarts, wake: int, stops: list[float]
    ) -> None:
        self._every = every
        self._restarts = restarts
        self._wake = wake
        self._stops = stops
        self._selector = selectors.DefaultSelector()
        self._selector.register(wake, selectors.EVENT_READ)

    def serve(
        self, ready: Callable[[], bool | None] | None, check: Callable[[], object] | None
    ) -> int:
        """Until a stop is asked for (0), or a child cannot be started (an exit code)."""
        next_check = time.monotonic() + CHECK_EVERY
        while not self._stops:
            died = self._start_due() + self._reap()
            for one, code in died:
                if not self._shall_return(one, code):
                    return 128 - code if code < 0 else code or 1
            if ready is not None and ready() is not False:
                ready = None
            if check is not None and time.monotonic() >= next_check:
                _call(check)
                next_check = time.monotonic() + CHECK_EVERY
            due = [one.start_at for one in self._every if one.process is None]
            due += [next_check] if check is not None else []
            due += [time.monotonic() + 0.05] if ready is not None else []
            self._wait(min(due) if due else None)
        return 0

    def stop(self, timeout: float) -> int:
        result = 0
        for one in self._every:
            if one.process is None:
                continue
            with suppress(ProcessLookupError):
                os.kill(one.process.pid, signal.SIGTERM)
            clean, hurried = self._await_end(one, timeout)
            if hurried:
                return 130
            result = result if clean else 1
        return result

    def _await_end(self, one: _Running, timeout: float) -> tuple[bool, bool]:
        """Until it ended, by itself or by force: (all that ended did so cleanly, hurried)."""
        clean = True
        deadline: float | None = time.monotonic() + timeout
        while one.process is not None:
            if len(self._stops) > 1:
                return clean, True
            if deadline is not None and time.monotonic() >= deadline:
                _say(f"{one.child.name} did not stop within {timeout:g} s and is killed")
                _kill(one.process.pid)
                clean, deadline = False, None
            self._wait(deadline)
            for ended, code in self._reap():
                if code not in (0, *_STOPPED_BY_OTHERS):
                    _say(f"{ended.child.name} {_ending(code)} while stopping")
                    clean = False
        return clean, False

    def kill_all(self) -> None:
        for one in self._every:
            if one.process is not None:
                _kill(one.process.pid)
        while any(one.process is not None for one in self._every):
            self._wait(None)
            self._reap()
        self._selector.close()

    def _start_due(self) -> list[tuple[_Running, int]]:
        """Start whose time has come; returns those whose program cannot be run, with a code."""
        failed: list[tuple[_Running, int]] = []
        for one in self._every:
            if one.process is None and one.start_at <= time.monotonic():
                try:
                    self._start(one)
                except OSError as error:
                    one.said = f"cannot run {one.child.argv[0]}: {error.strerror}".encode()
                    failed.append((one, 127))
        return failed

    def _start(self, one: _Running) -> None:
        one.started = time.monotonic()
        one.said = b""
        one.process = subprocess.Popen(  # noqa: S603  the commands of our own command line
            one.child.argv,
            env=one.child.env,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            # Out of reach of the terminal's Ctrl-C, which would stop all of them at once.
            process_group=0,
            preexec_fn=_dying_with_parent(),
        )
        assert one.process.stderr is not None
        os.set_blocking(one.process.stderr.fileno(), False)
        self._selector.register(one.process.stderr, selectors.EVENT_READ, one)

    def _shall_return(self, one: _Running, code: int) -> bool:
        """Plan the next start of a child that died, or say why there will be none."""
        now = time.monotonic()
        lived = now - one.started
        if lived >= self._restarts.healthy_after:
            one.failures = 0
        one.failures += 1
        if lived >= self._restarts.at_once or code in _STOPPED_BY_OTHERS:
            one.codes = ()
        else:
            one.codes = (*(one.codes if code in one.codes else ()), code)
        if len(one.codes) >= self._restarts.attempts:
            _say(f"{one.child.name} {_ending(code)} {len(one.codes)} times in a row:")
            for line in one.said.decode(errors="replace").splitlines()[-_LAST_LINES:]:
                _say(f"  {line}", prefix="")
            return False
        pause = self._restarts.pause(one.failures)
        one.start_at = now + pause
        again = f"in {pause:g} s" if pause else "now"
        _say(f"{one.child.name} {_ending(code)} after {lived:.1f} s; it is started again {again}")
        return True

    def _wait(self, until: float | None) -> None:
        """For a signal, for something to pass on, or for the time."""
        timeout = None if until is None else max(0.0, until - time.monotonic())
        for key, _ in self._selector.select(timeout):
            if key.fileobj == self._wake:
                os.read(self._wake, 4096)
            else:
                self._pass_on(key.data)

    def _pass_on(self, one: _Running) -> None:
        """Write to our standard error what came from the child's, and remember its end."""
        stream = one.process.stderr if one.process is not None else None
        if stream is None or stream.closed:
            return
        while True:
            try:
                text = os.read(stream.fileno(), 65536)
            except BlockingIOError:
                return
            if not text:
                self._selector.unregister(stream)
                stream.close()
                return
            one.said = (one.said + text)[-16384:]
            _write(text)

    def _reap(self) -> list[tuple[_Running, int]]:
        """Take leave of all dead processes, also of strangers if we are process 1."""
        ended: list[tuple[_Running, int]] = []
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return ended
            if pid == 0:
                return ended
            for one in self._every:
                if one.process is not None and one.process.pid == pid:
                    one.process.returncode = os.waitstatus_to_exitcode(status)
                    ended.append((one, one.process.returncode))
                    self._bury(one)

    def _bury(self, one: _Running) -> None:
        assert one.process is not None
        assert one.process.stderr is not None
        self._pass_on(one)
        _kill(one.process.pid)  # what it started and left behind
        if not one.process.stderr.closed:
            self._selector.unregister(one.process.stderr)
            one.process.stderr.close()
        one.process = None


@contextmanager
def _woken_by_signals() -> Generator[tuple[int, list[float]]]:
    """A descriptor that is readable when a signal came, and the times a stop was asked for."""
    stops: list[float] = []

    def stop(_number: int, _frame: FrameType | None) -> None:
        # One Ctrl-C may come twice: from the terminal, and from the program that started us.
        if not stops or time.monotonic() - stops[-1] > _ONE_STOP:
            stops.append(time.monotonic())

    def wake_only(_number: int, _frame: FrameType | None) -> None:
        """Without a handler a child's death would not wake anybody."""

    wake, woken = os.pipe()
    os.set_blocking(wake, False)
    os.set_blocking(woken, False)
    handlers = dict.fromkeys((signal.SIGTERM, signal.SIGINT, signal.SIGHUP), stop)
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, wake_only)
    earlier = signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
    try:
        yield wake, stops
    finally:
        signal.set_wakeup_fd(earlier)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(wake)
        os.close(woken)


def _dying_with_parent() -> Callable[[], None] | None:
    """What a child does before it becomes its program: ask to be killed when this thread ends."""
    if _libc is None:
        return None
    prctl, parent = _libc.prctl, os.getpid()

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)

    return ask


def _kill(group: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def _call(check: Callable[[], object]) -> None:
    try:
        check()
    except FrontdeskError as error:
        _say(error.detail)


def _ending(code: int) -> str:
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"


def _say(text: str, prefix: str = "frontdesk: ") -> None:
    _write(f"{prefix}{text}\n".encode())


def _write(text: bytes) -> None:
    with suppress(OSError):  # nobody listens any more
        while text:
            text = text[os.write(2, text) :]
