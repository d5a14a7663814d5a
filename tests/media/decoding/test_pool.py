"""A file that crashes, hangs or devours its decoder costs its own job and nothing else."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic
from typing import Any

import psutil
import pytest

from frontdesk.media.decoding.pool import Decoders, JobFailed
from frontdesk.media.model import FileType
from frontdesk.ports import MediaKind, MediaLimit
from media import samples
from media.decoding import faulty
from media.decoding.workbench import Workbench

OGG = FileType("audio", "audio/ogg; codecs=opus", ".ogg")


@asynccontextmanager
async def decoders_with(**options: Any) -> AsyncGenerator[Decoders]:
    options.setdefault("processes", 1)
    decoders = Decoders(**options)
    try:
        yield decoders
    finally:
        await decoders.close()


def children() -> list[psutil.Process]:
    found = list[psutil.Process]()
    for each in psutil.Process().children(recursive=True):
        try:
            if "frontdesk.media.decoding.child" in each.cmdline():
                found.append(each)
        except psutil.Error:  # it ended meanwhile
            continue
    return found


async def until(holds: Callable[[], object], seconds: float = 20) -> None:
    end = monotonic() + seconds
    while not holds():
        assert monotonic() < end, "it did not come to that"
        await asyncio.sleep(0.01)


async def still_works(decoders: Decoders, where: Path) -> bool:
    found = await decoders.inspect(samples.ogg_opus(where, 0.5), OGG, where)
    return found.error is None and found.made_as("wav") is not None


@pytest.mark.parametrize(
    ("function", "arguments", "name"),
    [
        (os.abort, (), "SIGABRT"),
        (faulty.crash, (), "SIGSEGV"),
        (signal.raise_signal, (signal.SIGKILL,), "SIGKILL"),
    ],
)
async def test_a_crash_costs_its_job_alone(
    tmp_path: Path, function: Any, arguments: tuple[Any, ...], name: str
) -> None:
    async with decoders_with() as decoders:
        with pytest.raises(JobFailed, match=name):
            await decoders.run(function, *arguments)
        assert await still_works(decoders, tmp_path)


async def test_a_crash_leaves_the_job_beside_it_alone(tmp_path: Path) -> None:
    async with decoders_with(processes=2) as decoders:
        crash, work = await asyncio.gather(
            decoders.run(os.abort), still_works(decoders, tmp_path), return_exceptions=True
        )
    assert isinstance(crash, JobFailed)
    assert work is True


async def test_an_endless_job_is_killed_at_its_limit(tmp_path: Path) -> None:
    async with decoders_with() as decoders:
        with pytest.raises(JobFailed, match=r"longer than 0\.5 s"):
            await decoders.run(faulty.hang, tmp_path / "sign", seconds=0.5)
        await until(lambda: not children())
        assert await still_works(decoders, tmp_path)


async def test_the_time_that_a_job_waits_for_its_turn_does_not_count(tmp_path: Path) -> None:
    async with decoders_with() as decoders:
        first, second = await asyncio.gather(
            decoders.run(faulty.hang, tmp_path / "sign", seconds=1.5),
            decoders.run(os.getpid, seconds=1.4),
            return_exceptions=True,
        )
    assert isinstance(first, JobFailed)
    assert isinstance(second, int)


async def test_a_cancelled_job_is_killed(tmp_path: Path) -> None:
    sign = tmp_path / "sign"
    async with decoders_with() as decoders:
        job = asyncio.create_task(decoders.run(faulty.hang, sign))
        await until(sign.exists)
        job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job
        await until(lambda: not children())
        assert await still_works(decoders, tmp_path)


async def test_a_job_that_wants_more_memory_than_it_may_have_fails_alone(tmp_path: Path) -> None:
    async with decoders_with() as decoders:
        with pytest.raises(MemoryError):
            await decoders.run(faulty.eat)
        assert await still_works(decoders, tmp_path)


async def test_a_job_cannot_fill_the_disk(tmp_path: Path) -> None:
    async with decoders_with(file_size=3 << 20) as decoders:
        with pytest.raises((JobFailed, OSError)):
            await decoders.run(faulty.fill, tmp_path / "large")
        assert (tmp_path / "large").stat().st_size <= 3 << 20
        assert await still_works(decoders, tmp_path)


async def test_no_more_jobs_run_at_once_than_there_are_processes() -> None:
    async with decoders_with(processes=2) as decoders:
        pids = await asyncio.gather(*(decoders.run(os.getpid) for _ in range(12)))
        assert len(set(pids)) <= 2
        assert len(children()) <= 2


async def test_nothing_runs_before_the_first_job_and_after_a_while_without_one() -> None:
    async with decoders_with(idle_seconds=0.1) as decoders:
        assert children() == []
        await decoders.run(os.getpid)
        await until(lambda: not children())
        assert await decoders.run(os.getpid)  # and another one is there when it is needed


async def test_a_child_that_was_killed_while_idle_is_replaced(tmp_path: Path) -> None:
    async with decoders_with() as decoders:
        pid = await decoders.run(os.getpid)
        os.kill(pid, signal.SIGKILL)
        await until(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == "zombie")
        assert await still_works(decoders, tmp_path)


async def test_a_decoder_is_nice_and_knows_none_of_the_program_s_secrets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "very secret")
    async with decoders_with() as decoders:
        assert await decoders.run(faulty.niceness) == os.nice(0) + 10
        assert "very secret" not in (await decoders.run(faulty.environment)).values()


async def test_an_answer_of_classes_that_are_not_expected_is_not_unpacked(tmp_path: Path) -> None:
    async with decoders_with() as decoders:
        with pytest.raises(JobFailed, match="answered with"):
            await decoders.run(faulty.strange)
        assert await still_works(decoders, tmp_path)


async def test_a_file_that_hangs_its_decoder_has_an_error_for_people(bench: Workbench) -> None:
    path = samples.ogg_opus(bench.files, 10)
    async with decoders_with(inspect_seconds=0.001, convert_seconds=0.001) as decoders:
        found = await decoders.inspect(path, OGG, bench.out)
    assert found.error == "It was given up: it took longer than 0.001 s."


@pytest.mark.parametrize("how", ["module", "script", "stdin"])
def test_children_end_with_a_parent_that_is_killed(tmp_path: Path, how: str) -> None:
    """However the parent was started: its main module is not run again by the children."""
    program = tmp_path / "program.py"
    mark = tmp_path / "runs"
    sign = tmp_path / "sign"
    program.write_text(
        "import asyncio, pathlib, sys\n"
        f"with open({str(mark)!r}, 'a') as file: file.write('x')\n"
        "from frontdesk.media.decoding.pool import Decoders\n"
        "from media.decoding import faulty\n"
        f"asyncio.run(Decoders().run(faulty.hang, pathlib.Path({str(sign)!r})))\n"
    )
    here = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *filter(None, sys.path)])}
    command = {
        "module": [sys.executable, "-m", "program"],
        "script": [sys.executable, str(program)],
        "stdin": [sys.executable, "-"],
    }[how]
    with program.open() as source, subprocess.Popen(command, stdin=source, env=here) as parent:
        try:
            asyncio.run(until(lambda: sign.exists() and sign.read_text()))
            child = psutil.Process(int(sign.read_text()))
        finally:
            parent.kill()
    asyncio.run(until(lambda: not child.is_running() or child.status() == "zombie"))
    assert mark.read_text() == "x"


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
