"""What a model called on its way to an answer is kept with it, for people who look into it."""

from uuid import UUID

from conversations.agents import hire
from frontdesk.assistants.model import Answer, ToolCall
from frontdesk.carriers.twilio.capabilities import CAPABILITIES
from frontdesk.kernel.ids import new_id
from frontdesk.pipeline.decision import MOST_TOLD, replies_of
from pipeline.desk import Desk

CALLS = [
    ToolCall("orders", {"number": 7}, {"state": "sent"}),
    ToolCall("search", {"text": "\x00" + "é" * 5_000}, "long " * 5_000),
]


def test_calls_stand_with_the_answers_first_part_and_are_cut() -> None:
    answer = Answer("word " * 1_000, tool_calls=CALLS)
    first, *others = replies_of(answer.text, "assistant", new_id(), CAPABILITIES["sms"], answer)
    assert others
    assert all(other.structured is None for other in others)
    assert first.structured is not None
    short, long = first.structured["tool_calls"]
    assert short == {"name": "orders", "arguments": {"number": 7}, "result": {"state": "sent"}}
    assert all(len(long[part].encode()) <= MOST_TOLD for part in ("arguments", "result"))
    assert "\x00" not in long["arguments"]
    assert long["arguments"].startswith('{"text":"éé')


async def test_people_see_the_calls_beside_the_message(desk: Desk) -> None:
    grace = await hire(desk, "Grace")
    await desk.write("Hello")
    await desk.replies(1)
    message_id: UUID = (await desk.messages())[1]["message_id"]
    kept = {"tool_calls": [{"name": "orders", "arguments": {}, "result": None}], "sources": []}
    await desk.db.execute(
        "UPDATE messages SET structured = $2 WHERE message_id = $1", message_id, kept
    )
    message = await grace.get(f"/messages/{message_id}")
    assert message["tool_calls"] == kept["tool_calls"]
    assert message["structured"] == {"sources": []}
