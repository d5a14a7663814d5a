"""Sounds made by the test, a guarded client that may call loopback, servers with the real wire."""

import math
import wave
from array import array
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from frontdesk.web.egress import Egress
from media.recognition.servers import Aws, TranscriptionServer, serving

MakeWav = Callable[..., Path]


@pytest.fixture(autouse=True)
def nothing_of_the_machines_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "AWS_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
async def egress() -> AsyncIterator[Egress]:
    client = Egress(("127.0.0.0/8",))
    yield client
    await client.close()


@pytest.fixture
def make_wav(tmp_path: Path) -> MakeWav:
    def make(seconds: float = 1.0, pauses: tuple[float, ...] = (), name: str = "in.wav") -> Path:
        """A tone of 16 kHz, with a half second of silence from each of `pauses` on."""
        samples = array(
            "h",
            (
                0
                if any(start <= index / 16_000 < start + 0.5 for start in pauses)
                else int(9_000 * math.sin(index / 6))
                for index in range(int(seconds * 16_000))
            ),
        )
        path = tmp_path / name
        with wave.open(str(path), "wb") as written:
            written.setparams((1, 2, 16_000, 0, "NONE", ""))
            written.writeframes(samples.tobytes())
        return path

    return make


@pytest.fixture
async def server() -> AsyncIterator[TranscriptionServer]:
    speaking = TranscriptionServer()
    async with serving(speaking.handle) as url:
        speaking.url = f"{url}/v1"
        yield speaking
        speaking.ended.set()


@pytest.fixture
async def aws(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Aws]:
    pytest.importorskip("aiobotocore", reason="the extra `aws` is not installed")
    cloud = Aws()
    async with serving(cloud.handle) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI")
        monkeypatch.setenv("AWS_REGION", "eu-west-1")
        yield cloud
