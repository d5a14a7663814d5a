"""An engine in a process of its own: what befalls it stays there."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from frontdesk.media.recognition.child import Child
from frontdesk.ports import RecognitionFailed

ENGINE = "media.recognition.engine_child"
TESTS = Path(__file__).parents[2]
ROOT = TESTS.parent


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", f"{TESTS}:{ROOT / 'src'}")


@pytest.fixture
async def child() -> AsyncIterator[Child]:
    made = Child("the engine", ENGINE, ["x"], memory=1024**3)
    yield made
    await made.close()


async def process_of(child: Child) -> psutil.Process:
    return psutil.Process((await child.ask({"do": "answer"}, 30))["pid"])


async def test_one_process_answers_many_requests_whatever_its_libraries_print(child: Child):
    first = await child.ask({"do": "answer"}, 30)
    assert first["arguments"] == ["x"]
    assert await child.ask({"do": "answer"}, 30) == first


async def test_none_of_this_processs_secrets_are_in_its_environment(
    child: Child, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("FRONTDESK_SECRET_KEY", "hidden")
    monkeypatch.setenv("OPENAI_API_KEY", "hidden")
    there = await child.ask({"do": "environment"}, 30)
    assert "hidden" not in there.values()
    assert "PATH" in there


async def test_a_refusal_is_passed_on_and_the_process_stays(child: Child):
    process = await process_of(child)
    with pytest.raises(RecognitionFailed, match="no text here"):
        await child.ask({"do": "refuse"}, 30)
    assert await process_of(child) == process


@pytest.mark.parametrize("fate", ["crash", "swell"])
async def test_a_crash_and_too_much_memory_cost_one_answer(child: Child, fate: str):
    with pytest.raises(RecognitionFailed, match="ended without an answer"):
        await child.ask({"do": fate}, 30)
    assert (await process_of(child)).is_running()


async def test_a_process_that_hangs_is_ended_in_time_and_leaves_nothing_running(child: Child):
    process = await process_of(child)
    with pytest.raises(RecognitionFailed, match=r"took longer than 0\.2 s"):
        await child.ask({"do": "hang"}, 0.2)
    assert not process.is_running()


async def test_a_caller_who_leaves_takes_the_process_along(child: Child):
    process = await process_of(child)
    asking = asyncio.create_task(child.ask({"do": "hang"}, 60))
    await asyncio.sleep(0)  # up to where it waits for the answer
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert not process.is_running()


async def test_a_process_without_work_ends_and_the_next_request_starts_another():
    idle = Child("the engine", ENGINE, idle_seconds=0.05)
    process = await process_of(idle)
    await asyncio.wait_for(asyncio.to_thread(process.wait), 30)
    assert (await process_of(idle)).pid != process.pid
    await idle.close()


async def test_closing_ends_it(child: Child):
    process = await process_of(child)
    await child.close()
    assert not process.is_running()
