"""A file that crashes, hangs or devours its decoder costs its own job and nothing else."""

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from frontdesk.media.decoding.pool import Decoders, JobFailed
from frontdesk.media.model import FileType, Unconvertible
from frontdesk.ports import MediaKind, MediaLimit
from media import samples
from media.decoding import faulty
from media.decoding.workbench import Workbench

OGG = FileType("audio", "audio/ogg; codecs=opus", ".ogg")
MP3 = MediaLimit(1_000_000, ("audio/mpeg",))


@asynccontextmanager
async def decoders_with(**options: Any) -> AsyncGenerator[Decoders]:
    options.setdefault("processes", 1)
    decoders = Decoders(**options)
    try:
        yield decoders
    finally:
        await decoders.close()


async def still_works(decoders: Decoders, where: Path) -> bool:
    found = await decoders.inspect(samples.ogg_opus(where, 0.5), OGG, where)
    return found.error is None and found.made_as("wav") is not None


async def test_a_crash_leaves_the_file_beside_it_alone(tmp_path: Path) -> None:
    async with decoders_with(processes=2) as decoders:
        crash, work = await asyncio.gather(
            decoders.run(os.abort), still_works(decoders, tmp_path), return_exceptions=True
        )
    assert isinstance(crash, JobFailed)
    assert work is True


@pytest.mark.parametrize(
    "fault", [faulty.eat, faulty.crash, faulty.strange, faulty.hang, faulty.fill]
)
async def test_decoders_work_on_after_what_a_file_did(tmp_path: Path, fault: Any) -> None:
    arguments = [tmp_path / "made"] if fault in (faulty.hang, faulty.fill) else []
    seconds = 0.5 if fault is faulty.hang else None
    async with decoders_with(file_size=3 << 20) as decoders:
        with pytest.raises((JobFailed, MemoryError, OSError)):
            await decoders.run(fault, *arguments, seconds=seconds)
        assert await still_works(decoders, tmp_path)


async def test_decoders_have_limits_unless_told_otherwise() -> None:
    async with decoders_with() as decoders:
        found = await decoders.run(faulty.limits)
    assert all(0 < each < 8 << 30 for each in found), found


async def test_a_file_that_hangs_its_decoder_has_an_error_for_people(bench: Workbench) -> None:
    path = samples.ogg_opus(bench.files, 10)
    async with decoders_with(inspect_seconds=0.001, convert_seconds=0.001) as decoders:
        found = await decoders.inspect(path, OGG, bench.out)
        with pytest.raises(Unconvertible) as caught:
            await decoders.convert(path, OGG, MP3, bench.out)
    assert found.error == "It was given up: it took longer than 0.001 s."
    assert caught.value.text == found.error


@pytest.mark.parametrize(
    ("kind", "content_type", "suffix"),
    [("document", "application/pdf", ".pdf"), ("image", "image/jpeg", ".jpg")],
)
async def test_a_file_without_a_duration_has_less_time(
    tmp_path: Path, kind: MediaKind, content_type: str, suffix: str
) -> None:
    path = (samples.pdf if kind == "document" else samples.jpeg)(tmp_path)
    file = FileType(kind, content_type, suffix)
    async with decoders_with(still_seconds=0.001) as decoders:
        found = await decoders.inspect(path, file, tmp_path)
        assert await still_works(decoders, tmp_path)
    async with decoders_with(inspect_seconds=0.002) as decoders:
        at_most = await decoders.inspect(path, file, tmp_path)
    assert found.error == "It was given up: it took longer than 0.001 s."
    assert at_most.error == "It was given up: it took longer than 0.002 s."


class Wordless(type(Path())):
    """A path that cannot even be sent to a child, for a reason without text."""

    def __reduce__(self) -> Any:
        raise MemoryError


async def test_a_fault_without_text_is_called_by_its_name(tmp_path: Path) -> None:
    path = Wordless(tmp_path / "voice.ogg")
    async with decoders_with() as decoders:
        found = await decoders.inspect(path, OGG, tmp_path)
        with pytest.raises(Unconvertible) as caught:
            await decoders.convert(path, OGG, MP3, tmp_path)
    assert found.error == "It could not be looked into: MemoryError."
    assert caught.value.text == "it could not be converted: MemoryError"


@pytest.mark.parametrize(
    ("kind", "content_type", "to", "size", "may"),
    [
        ("image", "image/gif", ("image/jpeg",), 0, True),
        ("image", "image/png", ("image/gif",), 0, False),
        ("audio", "audio/wav", ("audio/ogg; codecs=opus",), 0, True),
        ("audio", "audio/wav", ("audio/3gpp",), 0, False),
        ("video", "video/mpeg", ("video/mp4",), 5_000_000, True),
        ("video", "video/mpeg", ("video/mp4",), 5_000_000_000, False),
        ("video", "video/mpeg", ("video/webm",), 0, False),
        ("document", "application/pdf", ("application/pdf",), 0, False),
    ],
)
def test_whether_a_file_may_be_converted_is_known_at_once(
    kind: MediaKind, content_type: str, to: tuple[str, ...], size: int, may: bool
) -> None:
    limit = MediaLimit(1_000_000, to)
    assert Decoders().is_convertible(FileType(kind, content_type, ""), limit, size) is may
