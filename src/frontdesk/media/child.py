"""A process that runs jobs: one at a time, within limits, for as long as its parent lives.

Called as `python -m frontdesk.media.child SOCKET PARENT MEMORY FILE_SIZE`, where 0 is no
limit. A job is a pickled `(CPU seconds or None, function, arguments)` behind its length; so is the
answer, `(True, result)` or `(False, exception)`.
"""

import ctypes
import os
import pickle
import resource
import signal
import socket
import sys
from contextlib import suppress
from io import BufferedRWPair

NICENESS = 10
"""Jobs wait for whoever answers a webhook."""
PR_SET_PDEATHSIG = 1
OOM_FILE = "/proc/self/oom_score_adj"
OOM_SCORE = "500"
"""Where memory runs out on the machine, this process goes first."""
LENGTH = 8


def main() -> None:
    descriptor, parent, memory, file_size = (int(each) for each in sys.argv[1:])
    _bind_to(parent)
    if memory:
        _limit(resource.RLIMIT_AS, memory)
    if file_size:
        _limit(resource.RLIMIT_FSIZE, file_size)
    _limit(resource.RLIMIT_CORE, 0)
    with suppress(OSError):
        os.nice(NICENESS)
    with socket.socket(fileno=descriptor) as channel, channel.makefile("rwb") as stream:
        while job := read(stream):
            stream.write(_answer(job))
            stream.flush()


def read(stream: BufferedRWPair) -> bytes:
    """Nothing at the end: the parent has no more jobs, or is gone."""
    length = stream.read(LENGTH)
    return stream.read(int.from_bytes(length)) if len(length) == LENGTH else b""


def framed(message: object) -> bytes:
    body = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return len(body).to_bytes(LENGTH) + body


def _answer(job: bytes) -> bytes:
    try:
        seconds, function, arguments = pickle.loads(job)  # noqa: S301 - it comes from our parent
        if seconds is not None:
            _limit(resource.RLIMIT_CPU, int(_cpu_time() + seconds) + 1)
        return framed((True, function(*arguments)))
    except Exception as error:
        return _failure(error)


def _failure(error: Exception) -> bytes:
    try:
        return framed((False, error))
    except Exception:  # an exception of a library's own that cannot be pickled
        return framed((False, RuntimeError(f"{type(error).__name__}: {error}")))


def _bind_to(parent: int) -> None:
    """Ends this process with its parent, also in the middle of a job."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        with suppress(OSError), open(OOM_FILE, "w") as score:  # noqa: PTH123 - a device
            score.write(OOM_SCORE)
    if os.getppid() != parent:
        sys.exit(0)


def _limit(what: int, most: int) -> None:
    # macOS knows some of these and keeps none; a stricter limit of the operator's stands.
    with suppress(OSError, ValueError):
        _, hard = resource.getrlimit(what)
        resource.setrlimit(
            what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard)
        )


def _cpu_time() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
