"""kill -9 while a file is received, and while it is understood: it arrives once, whole."""

import base64
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from faults.stack import Stack, until
from media import samples
from media.recognition.servers import TranscriptionServer, says, serving
from pipeline.desk import WHATSAPP_NUMBER

pytestmark = pytest.mark.fault

ADA = "+14155560000"
SAID = "A table for two, please."


@pytest.fixture
async def transcriber() -> AsyncGenerator[TranscriptionServer]:
    server = TranscriptionServer()
    async with serving(server.handle) as url:
        server.url = f"{url}/v1"
        yield server
        server.ended.set()


@pytest.fixture
async def hearing(stack: Stack, transcriber: TranscriptionServer) -> Stack:
    """A stack whose workers ask the test's transcriber."""
    for worker in (stack.worker, stack.second_worker):
        worker.env["FRONTDESK_TRANSCRIBER"] = "openai:whisper-1"
        worker.env["FRONTDESK_TRANSCRIBER_URL"] = transcriber.url
    stack.worker.kill()
    stack.worker.start()
    await stack.worker.says("worker ready")
    return stack


async def send(stack: Stack, path: Path, content_type: str) -> None:
    item = {
        "content_type": content_type,
        "filename": path.name,
        "base64": base64.b64encode(path.read_bytes()).decode(),
    }
    raw = {"from": ADA, "to": f"whatsapp:{WHATSAPP_NUMBER}", "media": [item], "wait": True}
    async with stack.carrier.http.post(f"{stack.carrier.url}/phone/messages", json=raw) as answer:
        assert answer.status == 201, await answer.text()
        assert (await answer.json())["webhook"] == "accepted"


async def arrives_once(stack: Stack, path: Path, *lines: str) -> None:
    """The file is there, whole and understood, and the customer was answered once."""

    async def answered() -> bool:
        return bool((await stack.carrier.answered()).get(ADA))

    await until(answered, why=lambda: f"{stack.worker.said()}\n{stack.second_worker.said()}")
    await until(stack.is_idle)
    assert (await stack.carrier.answered())[ADA] == list(lines)
    [row] = await stack.fetch(
        "SELECT m.state, f.key, f.understood_at FROM media m LEFT JOIN files f"
        " USING (domain_id, checksum)"
    )
    assert row["state"] == "stored"
    assert row["understood_at"] is not None
    root = Path(stack.worker.env["FRONTDESK_DATA"]) / "media"
    assert (root / row["key"]).read_bytes() == path.read_bytes()
    assert len(await stack.fetch("SELECT FROM messages")) == 2
    assert await stack.fetch("SELECT FROM dead_letters") == []
    kept = [each for each in root.rglob("*") if each.is_file()]
    assert not [each for each in kept if not each.name.startswith(Path(row["key"]).name)], kept


async def test_a_worker_killed_while_it_receives_a_file_loses_nothing(
    stack: Stack, tmp_path: Path
) -> None:
    path = samples.pdf(tmp_path, ["Invoice 4711"])
    await stack.carrier.fault("media_drip", seconds=30, times=1)
    await send(stack, path, "application/pdf")

    async def under_way() -> bool:
        async with stack.carrier.http.get(f"{stack.carrier.url}/cdn") as answer:
            return bool((await answer.json())["requests"])

    await until(under_way)
    stack.worker.kill()
    assert [row["state"] for row in await stack.fetch("SELECT state FROM media")] == ["pending"]
    stack.second_worker.start()
    await arrives_once(stack, path, "[document invoice.pdf, 1 page] [page 1]", "Invoice 4711")


async def test_a_worker_killed_while_it_understands_a_file_loses_nothing(
    hearing: Stack, transcriber: TranscriptionServer, tmp_path: Path
) -> None:
    path = samples.ogg_opus(tmp_path)
    transcriber.will("hang", says(SAID))
    await send(hearing, path, "audio/ogg")

    async def asked() -> bool:
        return bool(transcriber.heard)

    await until(asked)
    hearing.worker.kill()
    hearing.second_worker.start()
    await arrives_once(hearing, path, f"[audio note.ogg, 2 s] {SAID}")
    assert len(transcriber.heard) == 2
