"""A command that uses the embedded server, for the tests: says so, and stops when told.

Usage: server_user.py DATA_DIR [UID]. Prints one line of JSON; stops when its input ends.
"""

import json
import os
import sys
from pathlib import Path

from frontdesk.db.embedded import start_server
from frontdesk.kernel.errors import FrontdeskError


def main(data_dir: Path, uid: int | None) -> None:
    if uid is not None:  # after the imports: the interpreter's files may be closed to that user
        os.setgroups([])
        os.setgid(uid)
        os.setuid(uid)
    try:
        server = start_server(data_dir)
    except FrontdeskError as error:
        print(json.dumps({"error": type(error).__name__, "detail": error.detail}))
        return
    print(json.dumps({"dsn": server.dsn, "owned": server.owned}), flush=True)
    sys.stdin.read()
    server.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else None)
