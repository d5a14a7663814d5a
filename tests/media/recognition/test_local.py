"""An engine on this machine: what befalls it is told, and stays in its process."""

from collections.abc import AsyncIterator, Callable

import psutil
import pytest

from frontdesk.media.recognition.local import LocalEngine
from frontdesk.ports import RecognitionFailed
from media.recognition import engine


@pytest.fixture
async def local() -> AsyncIterator[LocalEngine]:
    made = LocalEngine("the engine", idle_seconds=60, memory=1024**3)
    yield made
    await made.close()


async def process_of(local: LocalEngine) -> psutil.Process:
    return psutil.Process((await local.ask(engine.answer, "x", seconds=30))[1])


async def test_what_an_engine_loaded_is_there_for_the_next_request(local: LocalEngine):
    word, pid, times = await local.ask(engine.answer, "one", seconds=30)
    assert (word, times) == ("one", 1)
    assert await local.ask(engine.answer, "two", seconds=30) == ("two", pid, 2)


async def test_a_refusal_is_passed_on_whole_and_the_process_stays(local: LocalEngine):
    process = await process_of(local)
    with pytest.raises(RecognitionFailed, match="no text here") as caught:
        await local.ask(engine.refuse, seconds=30)
    assert (caught.value.text, caught.value.again) == ("no text here", True)
    assert await process_of(local) == process


@pytest.mark.parametrize(
    ("fate", "said"),
    [
        (engine.crash, r"the engine made its process stop \(SIGSEGV\)"),
        (engine.swell, "the engine needs more memory than it may have"),
        (engine.fail, r"the engine failed \(KeyError\)"),
    ],
)
async def test_a_fault_costs_one_answer_and_the_process(
    local: LocalEngine, fate: Callable[[], object], said: str
):
    process = await process_of(local)
    with pytest.raises(RecognitionFailed, match=said) as caught:
        await local.ask(fate, seconds=30)
    assert not caught.value.again
    assert not process.is_running()
    assert (await process_of(local)).is_running()


async def test_an_engine_that_hangs_is_ended_in_time_and_leaves_nothing_running(
    local: LocalEngine,
):
    process = await process_of(local)
    with pytest.raises(RecognitionFailed, match=r"the engine took longer than 0\.2 s"):
        await local.ask(engine.hang, seconds=0.2)
    assert not process.is_running()


async def test_it_has_no_secrets_and_looks_for_no_models_on_the_internet(
    local: LocalEngine, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("OPENAI_API_KEY", "hidden")
    assert await local.ask(engine.variable, "OPENAI_API_KEY", seconds=30) is None
    assert await local.ask(engine.variable, "HF_HUB_OFFLINE", seconds=30) == "1"


async def test_it_may_be_asked_again_after_it_was_closed(local: LocalEngine):
    process = await process_of(local)
    await local.close()
    assert not process.is_running()
    assert (await process_of(local)).is_running()
