"""The PostgreSQL in the data directory, real and in processes of its own: its life."""

import os
import signal
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from db.data_directory import Command, ask, copied, kill_server, processes, until
from frontdesk.db import embedded
from frontdesk.db.embedded import start, start_server
from frontdesk.kernel.errors import Unavailable


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
