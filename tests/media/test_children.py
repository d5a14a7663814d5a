"""A job that crashes, hangs or devours its process costs itself and nothing else."""

import asyncio
import os
import pickle
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

from frontdesk.media.children import CHILD, LONGEST_ANSWER, Children, JobFailed
from media.decoding import faulty

MEMORY = 1 << 30
SECONDS = 60.0


@asynccontextmanager
async def children_with(*classes: type, **options: Any) -> AsyncGenerator[Children]:
    children = Children(classes, **options)
    try:
        yield children
    finally:
        await children.close()


def running() -> list[psutil.Process]:
    found = list[psutil.Process]()
    for each in psutil.Process().children(recursive=True):
        try:
            if CHILD in each.cmdline():
                found.append(each)
        except psutil.Error:  # it ended meanwhile
            continue
    return found


async def until(holds: Callable[[], object], seconds: float = 20) -> None:
    end = monotonic() + seconds
    while not holds():
        assert monotonic() < end, "it did not come to that"
        await asyncio.sleep(0.01)


async def pid_of(children: Children) -> int:
    return await children.run(os.getpid, seconds=SECONDS)


@pytest.mark.parametrize(
    ("function", "arguments", "name"),
    [
        (os.abort, (), "SIGABRT"),
        (faulty.crash, (), "SIGSEGV"),
        (signal.raise_signal, (signal.SIGKILL,), "SIGKILL"),
        (os._exit, (3,), "code 3"),
    ],
)
async def test_a_crash_costs_its_job_alone(
    function: Any, arguments: tuple[Any, ...], name: str
) -> None:
    async with children_with() as children:
        with pytest.raises(JobFailed, match=rf"made its process stop \({name}\)"):
            await children.run(function, *arguments, seconds=SECONDS)
        assert running() == []
        assert await pid_of(children)


async def test_a_crash_leaves_the_job_beside_it_alone() -> None:
    async with children_with(processes=2) as children:
        crash, work = await asyncio.gather(
            children.run(os.abort, seconds=SECONDS), pid_of(children), return_exceptions=True
        )
    assert isinstance(crash, JobFailed)
    assert isinstance(work, int)


async def test_one_process_does_many_jobs_whatever_its_libraries_print() -> None:
    async with children_with() as children:
        pids = {await children.run(faulty.chatter, seconds=SECONDS) for _ in range(3)}
    assert len(pids) == 1


async def test_an_endless_job_is_gone_when_its_limit_is_told(tmp_path: Path) -> None:
    async with children_with() as children:
        with pytest.raises(JobFailed, match=r"took longer than 0\.5 s"):
            await children.run(faulty.hang, tmp_path / "sign", seconds=0.5)
        assert running() == []
        assert await pid_of(children)


async def test_a_job_may_keep_so_many_processors_busy_and_no_more(tmp_path: Path) -> None:
    async with children_with(processors=0.01) as children:
        with pytest.raises(JobFailed, match="too much processor time"):
            await children.run(faulty.hang, tmp_path / "sign", seconds=SECONDS)
        assert await pid_of(children)


async def test_the_time_that_a_job_waits_for_its_turn_does_not_count(tmp_path: Path) -> None:
    async with children_with() as children:
        first, second = await asyncio.gather(
            children.run(faulty.hang, tmp_path / "sign", seconds=1.5),
            children.run(os.getpid, seconds=1.4),
            return_exceptions=True,
        )
    assert isinstance(first, JobFailed)
    assert isinstance(second, int)


async def test_a_cancelled_job_is_gone_when_its_caller_is(tmp_path: Path) -> None:
    sign = tmp_path / "sign"
    async with children_with() as children:
        job = asyncio.create_task(children.run(faulty.hang, sign, seconds=SECONDS))
        await until(sign.exists)
        job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job
        assert running() == []
        assert await pid_of(children)


async def test_a_job_that_wants_more_memory_than_it_may_have_fails_alone() -> None:
    async with children_with(memory=MEMORY) as children:
        with pytest.raises(MemoryError):
            await children.run(faulty.eat, seconds=SECONDS)
        assert running() == []
        assert await pid_of(children)


async def test_a_job_cannot_fill_the_disk(tmp_path: Path) -> None:
    async with children_with(file_size=3 << 20) as children:
        with pytest.raises((JobFailed, OSError)):
            await children.run(faulty.fill, tmp_path / "large", seconds=SECONDS)
        assert (tmp_path / "large").stat().st_size <= 3 << 20
        assert await pid_of(children)


async def test_a_child_stays_after_an_error_that_is_expected_and_goes_after_another() -> None:
    async with children_with(faulty.Refused) as children:
        first = await pid_of(children)
        with pytest.raises(faulty.Refused, match="no"):
            await children.run(faulty.refuse, seconds=SECONDS)
        assert await pid_of(children) == first
        with pytest.raises(IndexError, match="out of range"):
            await children.run(faulty.stumble, seconds=SECONDS)
        assert await pid_of(children) != first


async def test_no_more_jobs_run_at_once_than_there_are_processes() -> None:
    async with children_with(processes=2) as children:
        pids = await asyncio.gather(*(pid_of(children) for _ in range(12)))
        assert len(set(pids)) <= 2
        assert len(running()) <= 2


async def test_nothing_runs_before_the_first_job_and_after_a_while_without_one() -> None:
    async with children_with(idle_seconds=0.1) as children:
        assert running() == []
        await pid_of(children)
        await until(lambda: not running())
        assert await pid_of(children)  # and another one is there when it is needed


async def test_a_child_that_was_killed_while_idle_is_replaced() -> None:
    async with children_with() as children:
        pid = await pid_of(children)
        os.kill(pid, signal.SIGKILL)
        await until(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == "zombie")
        assert await pid_of(children) != pid


async def test_closing_ends_what_is_idle_and_what_works_and_a_later_job_starts_anew(
    tmp_path: Path,
) -> None:
    sign = tmp_path / "sign"
    async with children_with(processes=2) as children:
        job = asyncio.create_task(children.run(faulty.rest, sign, seconds=SECONDS))
        await until(sign.exists)
        await pid_of(children)
        assert len(running()) == 2
        await children.close()
        assert running() == []
        with pytest.raises(JobFailed, match="was stopped"):
            await job
        assert await pid_of(children)


async def test_a_child_is_nice_and_knows_none_of_the_program_s_secrets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "very secret")
    async with children_with(environment={"MODELS": "here"}) as children:
        assert await children.run(faulty.niceness, seconds=SECONDS) == os.nice(0) + 10
        there = await children.run(faulty.environment, seconds=SECONDS)
    assert "very secret" not in there.values()
    assert there["MODELS"] == "here"
    assert there["PATH"] == os.environ["PATH"]


async def test_an_answer_of_classes_that_are_not_expected_is_not_unpacked() -> None:
    async with children_with(faulty.Refused) as children:
        with pytest.raises(JobFailed, match=r"answer with a media\.decoding\.faulty\.Strange"):
            await children.run(faulty.strange, seconds=SECONDS)
        assert await pid_of(children)


@pytest.mark.parametrize(
    "answer", [b"", b"no pickle", pickle.dumps(7), pickle.dumps((False, "no exception"))]
)
async def test_an_answer_that_makes_no_sense_is_told(answer: bytes) -> None:
    async with children_with() as children:
        with pytest.raises(JobFailed, match="process answer with"):
            await children.run(faulty.scribble, answer, seconds=SECONDS)
        assert running() == []


async def test_an_answer_that_is_too_long_is_not_read() -> None:
    async with children_with() as children:
        with pytest.raises(JobFailed, match=f"at most {LONGEST_ANSWER} are read"):
            await children.run(faulty.lengthy, seconds=SECONDS)
        assert await pid_of(children)


@pytest.mark.parametrize("how", ["module", "script", "stdin"])
def test_children_end_with_a_parent_that_is_killed(tmp_path: Path, how: str) -> None:
    """However the parent was started: its main module is not run again by the children."""
    program = tmp_path / "program.py"
    mark = tmp_path / "runs"
    sign = tmp_path / "sign"
    program.write_text(
        "import asyncio, pathlib, sys\n"
        f"with open({str(mark)!r}, 'a') as file: file.write('x')\n"
        "from frontdesk.media.children import Children\n"
        "from media.decoding import faulty\n"
        f"asyncio.run(Children().run(faulty.hang, pathlib.Path({str(sign)!r}), seconds=60))\n"
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
