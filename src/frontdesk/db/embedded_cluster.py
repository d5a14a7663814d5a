"""What the embedded PostgreSQL is started from: a cluster, settings, a place for its socket."""

import contextlib
import os
import shutil
import stat

from frontdesk.db.embedded_files import (
    DATABASE,
    MAJOR,
    ROLE,
    SOCKET_NAME,
    SUPERUSER,
    Files,
    binary,
)
from frontdesk.db.system_user import Account
from frontdesk.kernel.errors import Invalid, Unavailable

ROOM_FOR_NEW = 150 << 20
"""Bytes: a new cluster takes 48 MB, the first working day as much again in write-ahead log."""
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


def make(files: Files, account: Account, lock: int) -> None:
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
    initdb = [str(binary("initdb")), *options, f"--pgdata={draft}"]
    made = account.run(initdb, keep_open=(lock,))
    if made.returncode == 0:
        # In single-user mode a line is a statement, and their errors leave the exit code alone.
        single = [str(binary("postgres")), "--single", "-D", str(draft), "-c", "io_method=sync"]
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


def check_version(files: Files) -> None:
    found = (files.cluster / "PG_VERSION").read_text().strip()
    if found != str(MAJOR):
        raise Invalid(
            f"The database in {files.cluster} was made by PostgreSQL {found}, and this Frontdesk "
            f"brings PostgreSQL {MAJOR}, which cannot read it. Start the Frontdesk that made it, "
            "dump the database with pg_dump, and load it into a new data directory."
        )


def clear_leftovers(files: Files) -> None:
    """Make what a killed server left behind refer to no process, now that none of it lives.

    The number it notes may by now be another program's, or a zombie's, and PostgreSQL would refuse
    to start because of either. The rest of postmaster.pid stays: it names shared memory, by which
    PostgreSQL notices processes that this module does not know of.
    """
    for name in (SOCKET_NAME, f"{SOCKET_NAME}.lock"):
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


def write_config(files: Files) -> None:
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


def make_socket_dir(files: Files, account: Account) -> None:
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
