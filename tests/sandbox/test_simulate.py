"""A person at a terminal sends files and places as a customer."""

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from frontdesk.kernel.errors import Invalid
from frontdesk.sandbox.client import Location, converse, parse_location
from media import samples
from sandbox.graph import META, Graph
from sandbox.servers import ADA, SMS, Business, Sandbox, until


def sent(sandbox: Sandbox, *media: Path, text: str = "", **more: Any) -> list[dict[str, Any]]:
    """What reached the business, in order."""

    async def hear() -> None:
        talk = converse(sandbox.url, ADA, text, media=media, patience=0.2, quiet=0.1, **more)
        async for _ in talk:
            pass

    asyncio.run(hear())
    return [message for message in sandbox.messages() if message["direction"] == "in"]


def told(messages: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(m["body"], m["media"][0]["kind"] if m["media"] else "") for m in messages]


def test_each_file_is_a_message_and_the_text_goes_with_the_first_photo(
    sandbox: Sandbox, tmp_path: Path
):
    pdf, photo = samples.pdf(tmp_path), samples.jpeg(tmp_path)
    messages = sent(sandbox, pdf, photo, text="Both of them")
    assert told(messages) == [("", "document"), ("Both of them", "image")]
    assert sandbox.bytes_of(messages[0]) == pdf.read_bytes()


def test_a_text_that_no_file_can_carry_is_a_message_of_its_own(sandbox: Sandbox, tmp_path: Path):
    messages = sent(sandbox, samples.ogg_opus(tmp_path), text="Listen")
    assert told(messages) == [("", "voice"), ("Listen", "")]


def test_an_mms_has_all_files_and_the_text(sandbox: Sandbox, tmp_path: Path):
    pdf, photo = samples.pdf(tmp_path), samples.png(tmp_path)
    (message,) = sent(sandbox, pdf, photo, text="Both", to=SMS, channel="sms")
    assert (message["body"], len(message["media"])) == ("Both", 2)


def test_a_place_is_sent_as_whatsapp_sends_it(sandbox: Sandbox, business: Business):
    (message,) = sent(sandbox, location=Location(52.52, -13.405, "Home"))
    assert message["location"] == {
        "latitude": "52.52",
        "longitude": "-13.405",
        "label": "Home",
        "address": "",
    }
    form = business.heard[-1].form
    assert (form["Latitude"], form["Label"], form["MessageType"]) == ("52.52", "Home", "location")


def test_a_place_is_written_as_degrees_and_perhaps_a_label():
    assert parse_location("52.5,13.4") == Location(52.5, 13.4)
    assert parse_location(" 52.5, -13.4 , Home, sweet ") == Location(52.5, -13.4, "Home, sweet")
    for wrong in ("", "52.5", "north,13", "91,0", "0,181", "nan,0"):
        with pytest.raises(Invalid, match=r"LATITUDE,LONGITUDE\[,LABEL\]"):
            parse_location(wrong)


def test_a_file_that_is_not_there_or_empty_is_named(sandbox: Sandbox, tmp_path: Path):
    empty = tmp_path / "empty.pdf"
    empty.touch()
    for path, says in ((tmp_path / "no.pdf", "name one that exists"), (empty, "has 0 bytes")):
        with pytest.raises(Invalid, match=says):
            sent(sandbox, path)
    assert sandbox.messages() == []


def simulate(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "frontdesk", "simulate", "--from", ADA, *arguments]
    return subprocess.run(
        command, env=os.environ.copy(), capture_output=True, text=True, timeout=180
    )


def test_the_command_sends_a_file_with_its_text(sandbox: Sandbox, tmp_path: Path):
    photo = samples.jpeg(tmp_path)
    done = simulate("--url", sandbox.url, "--media", str(photo), "--wait", "0.2", "Mend this?")
    assert (done.returncode, "no reply came" in done.stderr) == (1, True)
    (message,) = sandbox.messages()
    assert (message["body"], message["media"][0]["content_type"]) == ("Mend this?", "image/jpeg")
    assert "give a text, --media FILE or --location" in simulate().stderr


def test_a_customer_writes_to_a_number_at_meta(meta: Graph):
    sent(meta.sandbox, text="Hello", to=META)
    assert meta.told()["text"] == {"body": "Hello"}


def test_the_sandbox_alone_tells_the_metadata_of_its_number_at_meta(free_port: Callable[[], int]):
    port = free_port()
    arguments = ["sandbox", "--port", str(port), "--meta-number", "+16505551111", "--json"]
    command = [sys.executable, "-m", "frontdesk", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            [metadata] = json.loads(process.stdout.readline())["meta"]
            until(lambda: answers(port), seconds=20)
            url = metadata["meta_graph_base_url"]
            token = {"Authorization": f"Bearer {metadata['meta_access_token']}"}
            number = metadata["meta_whatsapp_phone_number_id"]
            shown = requests.get(f"{url}/v23.0/{number}", headers=token, timeout=5).json()
            assert "+" + shown["display_phone_number"] == metadata["meta_whatsapp_number"]
        finally:
            process.terminate()
            process.wait(20)


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
