"""`frontdesk web` and `frontdesk worker` as processes of their own over one database."""

import socket
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from cli.command import Running, answer, frontdesk, lives
from frontdesk.sandbox.installed import ACCOUNT, NUMBER

HEALTH = b"GET /whatsapp/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
STREAM = b"GET /sandbox/phone/events?number=%2B12345678901 HTTP/1.1\r\nHost: localhost\r\n\r\n"


def call(port: int, request: bytes, size: int = 65_536) -> bytes:
    with closing(socket.create_connection(("127.0.0.1", port), timeout=10)) as connection:
        connection.sendall(request)
        return connection.recv(size)


def until_healthy(web: Running, port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        assert web.process.poll() is None, web.log.read_text()
        assert time.monotonic() < deadline, web.log.read_text()
        try:
            if b" 200 " in call(port, HEALTH)[:20]:
                return
        except OSError:
            time.sleep(0.05)


def test_nodes_that_start_at_once_on_an_empty_database_all_come_up(
    empty_dsn: str, tmp_path: Path, free_port: Callable[[], int]
) -> None:
    first, second = free_port(), free_port()
    env = {
        "FRONTDESK_DATABASE_URL": empty_dsn,
        "FRONTDESK_DATA": str(tmp_path),
        "FRONTDESK_OWNER_TOKEN": "a token of the tests",
    }
    with (
        Running("web", "--port", str(first), env=env, log=tmp_path / "web1.txt") as one,
        Running("web", "--port", str(second), env=env, log=tmp_path / "web2.txt") as two,
        Running("worker", env=env, log=tmp_path / "worker.txt") as worker,
    ):
        until_healthy(one, first)
        until_healthy(two, second)
        worker.until_logged("worker ready")
        assert [one.stop(), two.stop(), worker.stop()] == [0, 0, 0]


def test_a_web_process_that_stops_does_not_wait_for_live_streams(
    dsn: str, tmp_path: Path, free_port: Callable[[], int]
) -> None:
    port = free_port()
    env = {
        "FRONTDESK_DATABASE_URL": dsn,
        "FRONTDESK_DATA": str(tmp_path),
        "FRONTDESK_SANDBOX": "1",
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": "a token of the tests",
        "TWILIO_WHATSAPP_NUMBER": NUMBER,
    }
    with Running("web", "--port", str(port), env=env, log=tmp_path / "web.txt") as web:
        until_healthy(web, port)
        with closing(socket.create_connection(("127.0.0.1", port), timeout=10)) as stream:
            stream.sendall(STREAM)
            assert b"text/event-stream" in stream.recv(65_536)
            began = time.monotonic()
            assert web.stop() == 0
            assert time.monotonic() - began < 5


def test_a_process_that_cannot_reach_its_database_says_so_with_code_3(
    tmp_path: Path, free_port: Callable[[], int]
) -> None:
    env = {
        "FRONTDESK_DATABASE_URL": f"postgresql://nobody@127.0.0.1:{free_port()}/none",
        "FRONTDESK_DATA": str(tmp_path),
    }
    done = frontdesk("domains", "list", env=env)
    assert done.returncode == 3
    assert done.stderr.startswith("frontdesk: the database cannot be reached")
    with Running("worker", env=env, log=tmp_path / "worker.txt") as worker:
        worker.until_logged("waiting for the database")
        assert worker.stop() == 0


def test_two_commands_on_one_data_directory_share_its_server(
    data: Path, free_port: Callable[[], int]
) -> None:
    env = {"FRONTDESK_DATA": str(data)}
    port = free_port()
    with Running("web", "--port", str(port), env=env, log=data.parent / "web.txt") as web:
        until_healthy(web, port)
        assert answer("migrate", env=env) == {"ran": [], "owner_token": None}
        until_healthy(web, port)
        server = int((data / "postgres" / "cluster" / "postmaster.pid").read_text().split()[0])
        assert lives(server)
        assert web.stop() == 0
    assert not lives(server)
