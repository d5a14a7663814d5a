"""Where the PostgreSQL in the data directory runs, and what is said when it cannot run there."""

import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from db.data_directory import Command, ask, kill_server, processes
from frontdesk.db import embedded_cluster
from frontdesk.db.embedded import start_server
from frontdesk.kernel.errors import Invalid, Unavailable

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")

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
    monkeypatch.setattr(embedded_cluster, "ROOM_FOR_NEW", 0)

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
