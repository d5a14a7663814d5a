"""`frontdesk up` on a data directory of its own, used from other terminals."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from typing import Any

import psutil
import pytest

from cli.command import PATIENCE, Running, answer, frontdesk, lives

CUSTOMER = "+12345678901"


@dataclass(frozen=True)
class Up:
    told: dict[str, Any]
    env: dict[str, str]
    process: Running

    def get(self, path: str) -> str:
        headers = {"Authorization": f"Bearer {self.told['owner_token']}"}
        request = urllib.request.Request(self.told["url"] + path, headers=headers)
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.read().decode()


def port() -> int:
    with closing(socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def up(data: Path) -> Generator[Up]:
    env = {"FRONTDESK_DATA": str(data), "FRONTDESK_PORT": str(port())}
    with Running("up", "--json", env=env, log=data.parent / "up.log") as process:
        yield Up(json.loads(process.line()), env, process)
        process.stop()


def test_the_first_start_prints_a_token_that_opens_the_api(up: Up) -> None:
    assert json.loads(up.get("/api/v1/domains"))["items"][0]["name"] == "default"
    with pytest.raises(urllib.error.HTTPError, match="401"):
        Up({**up.told, "owner_token": "fd_other"}, up.env, up.process).get("/api/v1/domains")


def test_a_customer_who_writes_is_answered(up: Up) -> None:
    said = frontdesk("simulate", "--from", CUSTOMER, "What is Frontdesk?", env=up.env)
    assert said.returncode == 0, said.stderr
    assert "self-hosted front desk" in said.stdout


def test_what_a_person_sends_reaches_the_customer_formatted(up: Up) -> None:
    answer("simulate", "--from", CUSTOMER, "Hello", env=up.env)
    sent = answer("send", "--to", CUSTOMER, "Your **order** is ready.", env=up.env)
    message = _delivered(up, sent["message_ids"][0])
    assert message["content"] == "Your *order* is ready."
    assert (message["sender"], message["source"]) == ("human", "whatsapp_manual")


def _delivered(up: Up, message_id: str) -> dict[str, Any]:
    sessions = json.loads(up.get(f"/api/v1/sessions?phone_number=%2B{CUSTOMER[1:]}"))["items"]
    chat = next(each["chat_id"] for each in sessions if each["session_id"].startswith("whatsapp"))
    deadline = time.monotonic() + PATIENCE
    while True:
        listed = json.loads(up.get(f"/api/v1/conversations/{chat}/messages"))["items"]
        message = next(each for each in listed if each["message_id"] == message_id)
        if message["status"] in ("delivered", "read"):
            return message
        assert time.monotonic() < deadline, message
        time.sleep(0.05)


def test_nobody_is_written_to_who_never_wrote(up: Up) -> None:
    refused = frontdesk("send", "--to", "+12345670000", "Hello?", env=up.env)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "+12345670000 has no wmsg conversation" in refused.stderr


def test_a_document_is_answered_from_as_soon_as_it_is_added(up: Up, tmp_path: Path) -> None:
    document = tmp_path / "frontdesk-parking.md"
    document.write_text("# Where can I park?\n\nBehind the bakery, on the gravel.\n")
    assert answer("knowledge", "add", str(tmp_path), env=up.env)["added"] == [document.name]
    assert answer("knowledge", "add", str(document), env=up.env)["unchanged"] == [document.name]
    said = answer("simulate", "--from", "+12345678902", "Where can I park?", env=up.env)
    assert "on the gravel" in said["replies"][0]["body"]


def test_the_metrics_are_those_of_all_processes(up: Up) -> None:
    answer("simulate", "--from", "+12345678903", "Hello", env=up.env)
    metrics = up.get("/metrics")
    assert 'frontdesk_messages_in_total{channel="wmsg"}' in metrics
    assert 'frontdesk_messages_out_total{channel="wmsg",outcome="sent"}' in metrics


def test_the_doctor_finds_all_well(up: Up) -> None:
    found = answer("doctor", env=up.env)
    assert found["ok"]
    states = {check["name"]: check["state"] for check in found["checks"]}
    assert states["workers"] == states["channel"] == states["queue"] == states["web"] == "ok"
    assert any(check["text"].endswith("/sms/webhook#rc=5&rp=all") for check in found["checks"])


def test_a_taken_port_is_said_before_anything_starts(up: Up, tmp_path: Path) -> None:
    refused = frontdesk("up", "--data", str(tmp_path), env=up.env)
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"frontdesk: port {up.env['FRONTDESK_PORT']} is taken")
    assert not (tmp_path / "postgres").exists()


def test_sigterm_ends_everything_and_the_next_start_has_it_all(up: Up, data: Path) -> None:
    family = [up.process.process.pid, *_descendants(up.process.process.pid), *_postgres(data)]
    assert len(family) >= 4  # up, web, worker, postgres
    assert up.process.stop() == 0
    assert not [pid for pid in family if lives(pid)]
    with Running("up", "--json", env=up.env, log=data.parent / "up.log") as again:
        told = json.loads(again.line())
        assert told["owner_token"] is None
        listed = Up({**up.told, **told, "owner_token": up.told["owner_token"]}, up.env, again)
        assert len(json.loads(listed.get("/api/v1/conversations"))["items"]) >= 1
        assert again.stop() == 0
    assert "Traceback" not in again.log.read_text()


def _descendants(pid: int) -> list[int]:
    return [child.pid for child in psutil.Process(pid).children(recursive=True)]


def _postgres(data: Path) -> list[int]:
    pid_file = data / "postgres" / "cluster" / "postmaster.pid"
    return [int(pid_file.read_text().splitlines()[0])]
