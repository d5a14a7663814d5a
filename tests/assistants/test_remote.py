"""Assistants that run elsewhere and speak the /vac contract."""

from dataclasses import replace
from typing import Any

import pytest

from assistants.servers import Scripted, garbage, reset, responds
from frontdesk.assistants.model import Assistant, AssistantFailed, HistoryItem, Options, Turn
from frontdesk.assistants.runtime import AssistantRuntime, key_context
from frontdesk.domains.model import Domain

TURN = Turn(
    ["Hello", "there"],
    history=[
        HistoryItem("user", "Hi"),
        HistoryItem("assistant", "Hello!"),
        HistoryItem("human", "Ana here."),
    ],
    session_id="whatsapp-+14155550100",
    user_email="+14155550100@whatsapp.user",
    trace_id="trace-1",
)


@pytest.fixture
def assistant(domain: Domain, web: Scripted) -> Assistant:
    return Assistant(domain.domain_id, "far", "Far", f"remote:{web.url}/vac/assistant/far")


async def test_the_contract_is_sent_to_the_letter_and_its_answer_is_the_answer(
    runtime: AssistantRuntime, assistant: Assistant, web: Scripted
):
    web.will(responds(200, {"answer": "Good day", "metadata": {"n": 1}}))
    answer = await runtime.answer(assistant, TURN)
    assert answer.text == "Good day"
    assert answer.metadata == {"remote": {"n": 1}}
    assert not answer.hand_off
    assert web.paths == ["/vac/assistant/far"]
    assert web.requests == [
        {
            "user_input": "Hello\nthere",
            "chat_history": [
                {"name": "Human", "content": "Hi"},
                {"name": "AI", "content": "Hello!"},
                {"name": "AI", "content": "Ana here."},
            ],
            "user": {"email": "+14155550100@whatsapp.user"},
            "session_id": "whatsapp-+14155550100",
            "stream": False,
        }
    ]
    assert "authorization" not in web.headers[0]


async def test_a_key_is_sent_as_bearer_token(
    runtime: AssistantRuntime, assistant: Assistant, web: Scripted
):
    web.will(responds(200, {"answer": "ok"}))
    sealed = runtime.cipher.seal("fd_far", key_context(assistant))
    await runtime.answer(replace(assistant, sealed_key=sealed), TURN)
    assert web.headers[0]["authorization"] == "Bearer fd_far"


async def test_a_remote_assistant_can_ask_for_a_person(
    runtime: AssistantRuntime, assistant: Assistant, web: Scripted
):
    metadata = {"hand_off": True, "hand_off_reason": "refund"}
    web.will(responds(200, {"answer": "One moment", "metadata": metadata}))
    answer = await runtime.answer(assistant, TURN)
    assert (answer.hand_off, answer.hand_off_reason) == (True, "refund")


async def test_thinking_in_a_remote_answer_is_kept_apart(
    runtime: AssistantRuntime, assistant: Assistant, web: Scripted
):
    web.will(responds(200, {"answer": "<think>hm</think>Yes"}))
    answer = await runtime.answer(assistant, TURN)
    assert (answer.text, answer.thinking) == ("Yes", "hm")


@pytest.mark.parametrize("failure", [responds(500), responds(429), garbage(), reset])
async def test_a_failure_that_passes_is_tried_again_under_the_same_key(
    runtime: AssistantRuntime, assistant: Assistant, web: Scripted, failure: Any
):
    web.will(failure, responds(200, {"answer": "Here"}))
    assert (await runtime.answer(assistant, TURN)).text == "Here"
    assert [headers["idempotency-key"] for headers in web.headers[:2]] == ["trace-1", "trace-1"]


@pytest.mark.parametrize(
    ("failure", "reason", "asked"),
    [
        (responds(404), "status 404", 1),
        (responds(503), "status 503.*3 times", 3),
        (responds(200, {"answer": ""}), "did not answer with", 3),
        (responds(200, {"answer": 7}), "did not answer with", 3),
        (responds(200, ["answer"]), "did not answer with", 3),
        (responds(200, {"answer": "<think>only</think>"}), "said nothing", 3),
        (garbage(b"x" * (1024 * 1024 + 1)), "more than the 1048576 bytes", 3),
        (responds(302, Location="/elsewhere"), "redirect 302", 3),
        (responds(307, Location="http://127.0.0.2:9/x"), "another host", 3),
    ],
)
async def test_a_failure_ends_with_a_reason_for_people(
    runtime: AssistantRuntime,
    assistant: Assistant,
    web: Scripted,
    failure: Any,
    reason: str,
    asked: int,
):
    web.will(failure)
    with pytest.raises(AssistantFailed, match=reason):
        await runtime.answer(assistant, TURN)
    assert len(web.requests) == asked


async def test_a_redirect_within_the_origin_keeps_the_question(
    runtime: AssistantRuntime, assistant: Assistant, web: Scripted
):
    web.will(responds(307, Location="/moved"), responds(200, {"answer": "Moved"}))
    assert (await runtime.answer(assistant, TURN)).text == "Moved"
    assert web.paths[-1] == "/moved"
    assert web.requests[0] == web.requests[1]


async def test_a_remote_assistant_that_hangs_fails_in_time(
    runtime: AssistantRuntime, assistant: Assistant, web: Scripted
):
    web.will(web.hang)
    quick = replace(assistant, options=Options(timeout_seconds=0.1, retries=1))
    with pytest.raises(AssistantFailed, match=r"did not answer within 0\.\d+ s"):
        await runtime.answer(quick, TURN)


async def test_a_private_address_is_not_called(runtime: AssistantRuntime, assistant: Assistant):
    inside = replace(assistant, model="remote:http://169.254.169.254/latest/meta-data")
    with pytest.raises(AssistantFailed, match=r"169\.254\.169\.254 is not a public address"):
        await runtime.answer(inside, TURN)
