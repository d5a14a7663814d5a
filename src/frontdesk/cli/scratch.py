"""Scratch: where a process keeps files while it works on them, gone with it.

A process that is killed leaves customers' files behind in its folder. Its lock says that it is
gone, and the next process that starts on this data directory takes the folder away.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

LOCK = "lock"


@contextmanager
def scratch(data: Path) -> Generator[Path]:
    """A folder of the process's own, in which everything temporary is made from now on."""
    root = data / "work"
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    sweep(root)
    folder = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=root))
    known = os.environ.get("TMPDIR")
    with (folder / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # Both: children of this process read the variable, this one may have read it already.
        os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
        try:
            yield folder
        finally:
            tempfile.tempdir = None
            os.environ.pop("TMPDIR")
            if known is not None:
                os.environ["TMPDIR"] = known
            shutil.rmtree(folder, ignore_errors=True)


def sweep(root: Path) -> int:
    """Deletes the folders of processes that are gone; how many."""
    swept = 0
    for folder in root.iterdir():
        try:
            with (folder / LOCK).open("r+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
                swept += 1
        except BlockingIOError:
            continue
        except OSError:
            # Being made at this moment, or being deleted by another process.
            continue
    return swept
