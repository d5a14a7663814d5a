"""A parent process for the tests: runs the children given as JSON until it is told to stop."""

import ctypes
import json
import signal
import sys
from pathlib import Path
from typing import Any

from frontdesk.cli.supervise import Child, Restarts, run
from frontdesk.kernel.errors import Unavailable

_PR_SET_CHILD_SUBREAPER = 36


def main(given: dict[str, Any]) -> int:
    notes = Path(given["notes"])
    asked = 0
    if given.get("like_process_1"):
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

    def ready() -> bool:
        nonlocal asked
        asked += 1
        if asked == 3:
            (notes / "ready").touch()
        return asked == 3

    def check() -> None:
        (notes / "checked").touch()
        raise Unavailable("the database is being looked after")

    # Whoever keeps pressing Ctrl-C meets the interpreter's end in some presses.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    code = run(
        [Child(name, argv) for name, argv in given["children"].items()],
        ready=ready,
        check=check,
        stop_timeout=given.get("stop_timeout", 10),
        restarts=Restarts(**given.get("restarts", {})),
    )
    (notes / "asked").write_text(str(asked))
    return code


if __name__ == "__main__":
    raise SystemExit(main(json.loads(sys.argv[1])))
