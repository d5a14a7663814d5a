"""The PostgreSQL in the data directory, real and in processes of its own."""

import json
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import asyncpg
import psutil
import pytest

from frontdesk.db import embedded
from frontdesk.db.embedded import start, start_server
from frontdesk.kernel.errors import Invalid, Unavailable

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
T = TypeVar("T")


def until(found: Callable[[], T], what: str, seconds: float = 20) -> T:
    deadline = time.monotonic() + seconds
    while not (result := found()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.01)
    return result


def processes(below: Path) -> list[psutil.Process]:
    """PostgreSQL's processes that work below this directory, the oldest first."""
    prefix = f"{below.resolve()}/"
    found: list[psutil.Process] = []
    for process in psutil.process_iter():
        try:
            if process.name() == "postgres" and process.cwd().startswith(prefix):
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return sorted(found, key=lambda process: (process.create_time(), process.pid))


def kill_server(below: Path) -> None:
    for process in processes(below):
        process.kill()
    until(lambda: not processes(below), "the killed server is gone")


async def ask(dsn: str, *statements: str) -> Any:
    """The single value of the last statement."""
    connection = await asyncpg.connect(dsn)
    try:
        for statement in statements[:-1]:
            await connection.execute(statement)
        return await connection.fetchval(statements[-1])
    finally:
        await connection.close()


class Command:
    """Another process that uses the server."""

    def __init__(self, data: Path, uid: int | None = None) -> None:
        script = str(Path(__file__).with_name("server_user.py"))
        self.process = subprocess.Popen(
            [sys.executable, script, str(data), *([] if uid is None else [str(uid)])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())

    def refusal(self) -> str:
        """The error, for a command that cannot use the server."""
        said, _ = self.process.communicate(timeout=60)
        return "{error}: {detail}".format(**json.loads(said))

    def stop(self) -> None:
        self.process.communicate(timeout=60)
        assert self.process.returncode == 0

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


def directory_of_our_own() -> tempfile.TemporaryDirectory[str]:
    """Mode 0700, and in memory if there is room: many clusters are copied here.

    Not pytest's, which keeps resetting the permissions of its directories.
    """
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 2 << 30
    return tempfile.TemporaryDirectory(prefix="frontdesk-test-", dir=memory if roomy else None)


@pytest.fixture(scope="session")
def fresh() -> Iterator[Path]:
    """A data directory with an empty database, made once; see `data`."""
    with directory_of_our_own() as directory:
        fresh = Path(directory) / "fresh"
        start_server(fresh).stop()
        yield fresh


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory that is ours alone (mode 0700); whatever runs below it at the end is killed."""
    with directory_of_our_own() as directory:
        yield Path(directory)
        kill_server(Path(directory))


@contextmanager
def copied(fresh: Path) -> Generator[Path]:
    with directory_of_our_own() as directory:
        data = Path(directory) / "data"
        subprocess.run(["cp", "-a", fresh, data], check=True)
        yield data
        kill_server(data)


@pytest.fixture
def data(fresh: Path) -> Iterator[Path]:
    """A data directory whose database is made, and does not run."""
    with copied(fresh) as data:
        yield data


@pytest.fixture(scope="module")
def running(fresh: Path) -> Iterator[embedded.Server]:
    with copied(fresh) as data, start_server(data) as server:
        yield server


# --- what it is ---------------------------------------------------------------------------------


async def test_the_application_is_no_superuser_and_may_make_roles_and_databases(data: Path) -> None:
    server = await start(data)
    try:
        assert await ask(server.dsn, "SELECT current_user || ' in ' || current_database()") == (
            "frontdesk in frontdesk"
        )
        assert await ask(server.dsn, "SHOW is_superuser") == "off"
        assert await ask(server.admin_dsn, "SHOW is_superuser") == "on"
        owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'frontdesk'"
        assert await ask(server.dsn, owner) == "frontdesk"
        made = await ask(
            server.dsn,
            "CREATE ROLE tenant",
            "GRANT tenant TO frontdesk WITH SET TRUE",
            "CREATE DATABASE copy TEMPLATE frontdesk",
            "SET ROLE tenant",
            "SELECT current_user",
        )
        assert made == "tenant"
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("listen_addresses", ""),
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("TimeZone", "UTC"),
        ("server_encoding", "UTF8"),
        ("jit", "off"),
        ("max_connections", "100"),
    ],
)
async def test_it_is_set_up_for_a_small_machine(
    running: embedded.Server, setting: str, value: str
) -> None:
    assert await ask(running.dsn, f"SELECT current_setting('{setting}')") == value


async def test_letters_of_all_languages_have_two_cases_and_a_fixed_order(
    running: embedded.Server,
) -> None:
    assert await ask(running.dsn, "SELECT lower('ÄÉΩЖ')") == "äéωж"
    assert await ask(running.dsn, "SELECT 'Z' < 'a' AND 'z' < 'ä'") is True
    assert await ask(running.dsn, "SELECT to_tsvector('simple', 'GRÖSSE')::text") == "'grösse':1"


async def test_data_outlives_a_stop(data: Path) -> None:
    with start_server(data) as server:
        await ask(server.dsn, "CREATE TABLE kept AS SELECT 42 AS n", "SELECT 1")
    assert not processes(data)

    with start_server(data) as server:
        assert await ask(server.dsn, "SELECT n FROM kept") == 42


def test_it_leaves_no_child_behind(data: Path) -> None:
    before = psutil.Process().children()
    server = start_server(data)
    assert psutil.Process().children() == before
    server.stop()
    server.stop()  # again is harmless
    assert psutil.Process().children() == before


def test_only_its_own_account_reaches_the_socket(data: Path) -> None:
    with start_server(data):
        cluster = data / "postgres" / "cluster"
        assert stat.S_IMODE(cluster.stat().st_mode) == 0o700
        assert stat.S_IMODE((cluster / ".s.PGSQL.5432").stat().st_mode) == 0o700


async def test_settings_in_custom_conf_win(data: Path) -> None:
    (data / "postgres" / "custom.conf").write_text("work_mem = '5MB'\n")
    with start_server(data) as server:
        assert await ask(server.dsn, "SHOW work_mem") == "5MB"


# --- shared by several commands -----------------------------------------------------------------


async def test_two_commands_share_it_and_the_last_one_stops_it(data: Path) -> None:
    first = Command(data)
    assert first.answer()["owned"] is True
    second = start_server(data)
    assert second.owned is False

    first.stop()
    assert await ask(second.dsn, "SELECT 1") == 1

    second.stop()
    assert not processes(data)


def test_commands_that_start_at_once_on_an_empty_directory_start_one_server(place: Path) -> None:
    commands = [Command(place / "data") for _ in range(3)]

    assert sorted(command.answer()["owned"] for command in commands) == [False, False, True]
    for command in commands:
        command.stop()
    assert not processes(place)


@pytest.mark.fault
async def test_it_survives_its_owner_and_stops_with_the_last_user(data: Path) -> None:
    owner = Command(data)
    owner.answer()
    postmaster = processes(data)[0]
    owner.kill()

    with start_server(data) as joined:
        assert joined.owned is False
        assert processes(data)[0] == postmaster
        assert await ask(joined.dsn, "SELECT 1") == 1
    assert not processes(data)


@pytest.mark.fault
async def test_after_everything_was_killed_the_next_start_has_what_was_committed(
    data: Path,
) -> None:
    owner = Command(data)
    dsn = owner.answer()["dsn"]
    many = "INSERT INTO kept SELECT generate_series(1, 20000)"
    await ask(dsn, "CREATE TABLE kept (n int)", many, "SELECT 1")
    owner.kill()
    kill_server(data)
    assert (data / "postgres" / "cluster" / "postmaster.pid").exists()

    with start_server(data) as server:
        assert server.owned is True
        assert await ask(server.dsn, "SELECT count(*) FROM kept") == 20000
    assert not processes(data)


@pytest.mark.fault
@pytest.mark.parametrize("leftover", ["postmaster.pid", ".s.PGSQL.5432.lock"])
async def test_a_leftover_that_names_another_living_program_does_not_stop_it(
    data: Path, leftover: str
) -> None:
    start_server(data)
    kill_server(data)
    # The number must be one of PostgreSQL's own account: others it knows to be strangers.
    owner = (data / "postgres" / "cluster").stat()
    stranger = subprocess.Popen(["sleep", "600"], user=owner.st_uid if not os.geteuid() else None)
    try:
        path = data / "postgres" / "cluster" / leftover
        _, *rest = path.read_text().splitlines()
        path.write_text("\n".join([str(stranger.pid), *rest]) + "\n")

        with start_server(data) as server:
            assert await ask(server.dsn, "SELECT 1") == 1
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.fault
@pytest.mark.parametrize("content", ["", "4711\n"])
async def test_a_torn_postmaster_pid_does_not_stop_it(data: Path, content: str) -> None:
    start_server(data)
    kill_server(data)
    (data / "postgres" / "cluster" / "postmaster.pid").write_text(content)

    with start_server(data) as server:
        assert await ask(server.dsn, "SELECT 1") == 1


@pytest.mark.fault
async def test_a_user_can_bring_a_killed_server_back(data: Path) -> None:
    with start_server(data) as server:
        assert server.ensure_running() is False
        kill_server(data)

        assert server.ensure_running() is True

        assert await ask(server.dsn, "SELECT 1") == 1
    assert not processes(data)


@pytest.mark.fault
def test_a_start_that_was_killed_half_way_is_begun_anew(place: Path) -> None:
    half = Command(place / "data")
    draft = place / "data" / "postgres" / "cluster.new"
    until(lambda: (draft / "PG_VERSION").exists(), "the cluster is being made")
    half.kill()
    assert not (place / "data" / "postgres" / "cluster").exists()

    with start_server(place / "data") as server:
        assert server.owned is True
    assert not draft.exists()


@pytest.mark.fault
def test_a_server_started_by_hand_is_left_alone(data: Path) -> None:
    cluster = data / "postgres" / "cluster"
    owner = cluster.stat().st_uid if os.geteuid() == 0 else None
    with start_server(data):
        program = processes(data)[0].exe()
    by_hand = subprocess.Popen(
        [program, "-D", cluster, "-c", "listen_addresses=", "-k", cluster],
        user=owner,
        cwd="/",
        stderr=subprocess.DEVNULL,
    )
    try:
        pid_file = cluster / "postmaster.pid"
        until(lambda: pid_file.exists() and "ready" in pid_file.read_text(), "it is ready")

        with pytest.raises(Unavailable, match="that Frontdesk did not start runs in"):
            start_server(data)

        assert by_hand.poll() is None
        assert pid_file.read_text().startswith(f"{by_hand.pid}\n")
    finally:
        by_hand.send_signal(signal.SIGINT)
        by_hand.wait(timeout=30)


@pytest.mark.fault
async def test_a_copy_of_a_running_one_is_a_server_of_its_own(data: Path, place: Path) -> None:
    with start_server(data) as original:
        subprocess.run(["cp", "-a", data, place / "copy"], check=True)
        with start_server(place / "copy") as copy:
            assert copy.owned is True
            await ask(copy.dsn, "CREATE TABLE only_here AS SELECT 1", "SELECT 1")
        assert await ask(original.dsn, "SELECT to_regclass('only_here') IS NULL") is True


# --- where it is --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["with space", "Empfang-Zürich-前台", 'it\'s $HOME, "quoted"; `x`', "long-" + "x" * 120],
)
async def test_any_path_will_do(fresh: Path, place: Path, name: str) -> None:
    subprocess.run(["cp", "-a", fresh, place / name], check=True)

    with start_server(place / name) as server, start_server(place / name) as joined:
        assert await ask(server.dsn, "SELECT 1") == 1
        assert joined.owned is False
        assert joined.dsn == server.dsn
        directory = Path(parse_qs(urlsplit(server.dsn).query)["host"][0])
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert directory.is_relative_to(place) or not directory.exists()
    assert not processes(place)


@pytest.mark.fault
def test_a_socket_directory_that_another_user_made_is_refused(fresh: Path, place: Path) -> None:
    data = place / ("long-" + "x" * 120)
    subprocess.run(["cp", "-a", fresh, data], check=True)
    with start_server(data) as server:
        directory = Path(parse_qs(urlsplit(server.dsn).query)["host"][0])
    directory.mkdir(mode=0o777)
    try:
        directory.chmod(0o777)
        with pytest.raises(Unavailable, match=f"{directory}, .* is not a directory of user"):
            start_server(data)
    finally:
        directory.rmdir()


@AS_ROOT
async def test_a_directory_closed_to_others_stays_closed_to_them(fresh: Path, place: Path) -> None:
    closed = place / "root"
    closed.mkdir(mode=0o700)
    subprocess.run(["cp", "-a", fresh, closed / "data"], check=True)

    with start_server(closed / "data") as server:
        assert await ask(server.dsn, "SELECT 1") == 1
        assert closed.stat().st_mode & 0o007 == 0
        nobody = pwd.getpwnam("nobody")
        entered = subprocess.run(["test", "-x", closed], user=nobody.pw_uid, group=nobody.pw_gid)
        assert entered.returncode != 0


@pytest.fixture
def mounted(place: Path) -> Iterator[Callable[[str, str], Path]]:
    mounts: list[Path] = []

    def mount(kind: str, options: str) -> Path:
        where = place / kind
        where.mkdir()
        done = subprocess.run(["mount", "-t", kind, "-o", options, kind, where], check=False)
        if done.returncode != 0:
            pytest.skip(f"cannot mount a {kind} here")
        mounts.append(where)
        return where

    yield mount
    for where in mounts:
        kill_server(where)
        subprocess.run(["umount", where], check=True)


@AS_ROOT
def test_a_closed_directory_that_cannot_be_opened_for_it_is_named_with_what_to_do(
    mounted: Callable[[str, str], Path],
) -> None:
    closed = mounted("ramfs", "mode=0700")  # knows no access-control lists

    with pytest.raises(Unavailable) as raised:
        start_server(closed / "data")

    assert f"chmod o+x '{closed}'" in raised.value.detail


@AS_ROOT
def test_not_as_root_it_runs_as_oneself(place: Path) -> None:
    place.chmod(0o711)
    nobody = pwd.getpwnam("nobody")
    own = place / "own"
    own.mkdir()
    os.chown(own, nobody.pw_uid, nobody.pw_uid)
    command = Command(own / "data", uid=nobody.pw_uid)
    assert command.answer()["owned"] is True
    assert {process.username() for process in processes(place)} == {"nobody"}

    # Root joins, and runs it as the same user when it comes back to it.
    joined = start_server(own / "data")
    assert joined.owned is False
    command.stop()
    joined.stop()
    assert not processes(place)
    with start_server(own / "data"):
        assert {process.username() for process in processes(place)} == {"nobody"}
    again = Command(own / "data", uid=nobody.pw_uid)
    assert again.answer()["owned"] is True
    again.stop()


# --- what can be wrong --------------------------------------------------------------------------


@AS_ROOT
def test_another_users_database_is_refused_by_name(data: Path) -> None:
    data.parent.chmod(0o711)

    refusal = Command(data, uid=pwd.getpwnam("nobody").pw_uid).refusal()

    assert refusal.startswith("Unavailable: ")
    assert "belongs to user 'pgserver', and this is user 'nobody'" in refusal


@AS_ROOT
def test_a_directory_one_may_not_write_to_is_named(place: Path) -> None:
    place.chmod(0o711)

    refusal = Command(place / "data", uid=pwd.getpwnam("nobody").pw_uid).refusal()

    assert refusal.startswith("Unavailable: ")
    assert f"{place}/data: Permission denied" in refusal


@pytest.mark.parametrize("path", ["file", "file/data"])
def test_a_data_directory_that_is_a_file_is_invalid(place: Path, path: str) -> None:
    (place / "file").touch()

    with pytest.raises(Invalid, match="is a file, not a directory"):
        start_server(place / path)


def test_another_major_version_is_refused_naming_both(data: Path) -> None:
    (data / "postgres" / "cluster" / "PG_VERSION").write_text("16\n")

    with pytest.raises(Invalid, match=r"made by PostgreSQL 16, and .* brings PostgreSQL 18"):
        start_server(data)


def test_files_without_a_database_are_not_overwritten(data: Path) -> None:
    (data / "postgres" / "cluster" / "PG_VERSION").unlink()

    with pytest.raises(Invalid, match="PG_VERSION is missing"):
        start_server(data)


def test_a_server_that_does_not_start_shows_the_end_of_its_log(data: Path) -> None:
    (data / "postgres" / "custom.conf").write_text("no_such_setting = 1\n")

    with pytest.raises(Unavailable, match='unrecognized configuration parameter "no_such_setting"'):
        start_server(data)


def test_a_server_that_fails_after_its_log_opened_shows_the_end_of_that_too(data: Path) -> None:
    shutil.rmtree(data / "postgres" / "cluster" / "pg_xact")

    with pytest.raises(Unavailable, match="pg_xact"):
        start_server(data)


@AS_ROOT
def test_too_little_room_for_a_new_database_is_said_beforehand(
    mounted: Callable[[str, str], Path],
) -> None:
    with pytest.raises(Unavailable, match="needs 150 MB"):
        start_server(mounted("tmpfs", "size=20m") / "data")


@AS_ROOT
def test_a_disk_that_fills_up_is_named_and_the_next_start_begins_anew(
    mounted: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = mounted("tmpfs", "size=20m")
    monkeypatch.setattr(embedded, "ROOM_FOR_NEW", 0)

    with pytest.raises(Unavailable, match="No space left on device"):
        start_server(disk / "data")

    subprocess.run(["mount", "-o", "remount,size=200m", disk], check=True)
    with start_server(disk / "data") as server:
        assert server.owned is True


@AS_ROOT
def test_a_full_disk_is_named_at_a_later_start(
    fresh: Path, mounted: Callable[[str, str], Path]
) -> None:
    disk = mounted("tmpfs", "size=120m")
    subprocess.run(["cp", "-a", fresh, disk / "data"], check=True)
    subprocess.run(["sh", "-c", f"cat /dev/zero > '{disk}/filler' 2> /dev/null"], check=False)

    with pytest.raises(Unavailable, match="No space left on device"):
        start_server(disk / "data")

    (disk / "filler").unlink()
    with start_server(disk / "data") as server:
        assert server.owned is True
