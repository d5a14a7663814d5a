"""From a customer's message to the delivered answer, through the real carrier and queue."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from assistants.servers import Scripted, garbage, responds, scripted
from frontdesk.domains.model import DEFAULT_FALLBACK
from pipeline.brains import give_brain
from pipeline.desk import ADA, PATIENCE, SMS_NUMBER, Desk, until

HELP = """\
🤖 WhatsApp Aitana Commands:
/list - show the available assistants
/switch <id> - talk to another assistant
/current - show who is answering
/human - talk to a person
/reset - start afresh
/language <code> - choose the language, for example /language es
/help - show these commands"""


@pytest.fixture
async def brain() -> AsyncGenerator[Scripted]:
    """A remote assistant that answers as the test told it to."""
    async with scripted() as server:
        yield server


async def test_a_message_is_answered_and_its_answer_delivered(desk: Desk) -> None:
    await desk.write("Hello", profile_name="Ada")
    assert await desk.replies(1) == ["Hello"]

    async def delivered() -> bool:
        return (await desk.messages())[-1]["status"] == "delivered"

    await until(delivered)
    question, answer = await desk.messages()
    assert (question["sender"], question["source"], question["content"]) == (
        "user",
        "whatsapp",
        "Hello",
    )
    assert (answer["sender"], answer["source"]) == ("assistant", "whatsapp")
    assert answer["carrier_id"] == (await desk.sent())[0]["sid"]
    assert answer["trace_id"] == question["trace_id"]
    assert (await desk.conversation())["address"] == ADA


async def test_an_sms_is_answered_from_the_sms_number_in_plain_text(desk: Desk) -> None:
    await desk.write("**Hello**", to=SMS_NUMBER)
    assert await desk.replies(1) == ["Hello"]
    assert (await desk.sent())[0]["from"] == SMS_NUMBER


@pytest.mark.parametrize("written", ["/list", "  /LIST  ", "/List"])
async def test_list_names_every_assistant(desk: Desk, written: str) -> None:
    await desk.app.assistants.create(
        desk.domain.domain_id,
        "pirate",
        {"name": "Pirate", "model": "builtin:echo"},
    )
    await desk.write(written)
    [text] = await desk.replies(1)
    first, *lines = text.split("\n")
    assert first == "📋 Available Assistants:"
    assert "• Pirate (pirate)" in lines
    assert len(lines) == len(await desk.app.assistants.all_of(desk.domain.domain_id))


async def test_switch_changes_who_answers_from_then_on(desk: Desk, brain: Scripted) -> None:
    brain.will(responds(json={"answer": "Arr!"}))
    await desk.app.assistants.create(
        desk.domain.domain_id,
        "pirate",
        {"name": "Pirate", "model": f"remote:{brain.url}", "options": {"pause_seconds": 0}},
    )
    await desk.write("/switch pirate")
    await desk.replies(1)
    await desk.write("Hello")
    await desk.replies(2)
    await desk.write("/current")
    replies = await desk.replies(3)
    assert replies[0] == "✅ Switched to assistant: Pirate (pirate)"
    assert replies[1] == "Arr!"
    assert "Pirate (pirate)" in replies[2]


async def test_a_switch_between_two_texts_of_one_turn_holds_for_the_second(
    desk: Desk, brain: Scripted
) -> None:
    brain.will(responds(json={"answer": "Arr!"}))
    await desk.app.assistants.create(
        desk.domain.domain_id, "pirate", {"name": "Pirate", "model": f"remote:{brain.url}"}
    )
    await desk.stop_worker()
    for text in ("one", "/switch pirate", "two"):
        await desk.write(text)
    await desk.start_worker()
    replies = await desk.replies(3)
    assert replies == ["one", "✅ Switched to assistant: Pirate (pirate)", "Arr!"]
    assert [request["user_input"] for request in brain.requests] == ["two"]


async def test_an_unknown_assistant_gets_an_error_line_and_the_list(desk: Desk) -> None:
    await desk.write("/switch nobody")
    await desk.replies(1)
    await desk.write("/switch")
    unknown, usage = await desk.replies(2)
    assert unknown.startswith("❌ Assistant not found: nobody\n📋 Available Assistants:\n• ")
    assert usage.startswith("Usage: /switch")


@pytest.mark.parametrize("written", ["/help", "/nonsense", "/", "HELP", "info"])
async def test_help_names_the_domain_and_lists_the_commands(desk: Desk, written: str) -> None:
    await desk.app.domains.update(desk.domain.domain_id, display_name="Aitana")
    await desk.write(written)
    assert await desk.replies(1) == [HELP]


async def test_texts_that_wait_together_get_one_answer_in_their_order(desk: Desk) -> None:
    await desk.stop_worker()
    for text in ("one", "two", "three"):
        await desk.write(text)
    await desk.start_worker()
    assert await desk.replies(1) == ["one\ntwo\nthree"]


async def test_texts_written_while_a_model_pauses_get_one_answer(
    desk: Desk, brain: Scripted
) -> None:
    brain.will(responds(json={"answer": "All three."}))
    await give_brain(desk, brain, pause_seconds=0.6)
    for text in ("one", "two", "three"):
        await desk.write(text)
    assert await desk.replies(1) == ["All three."]
    assert [request["user_input"] for request in brain.requests] == ["one\ntwo\nthree"]


async def test_what_is_written_during_an_answer_gets_the_next_answer(
    desk: Desk, brain: Scripted
) -> None:
    brain.will(brain.hang, responds(json={"answer": "Second."}))
    await give_brain(desk, brain)
    await desk.write("first")

    async def asked() -> bool:
        return len(brain.requests) == 1

    await until(asked)
    await desk.write("second")
    # The first answer's server is let go: it answers with nothing, which is a failure.
    brain.ended.set()
    replies = await desk.replies(2)
    assert replies == [DEFAULT_FALLBACK, "Second."]


async def test_human_hands_over_and_silences_the_assistant(desk: Desk) -> None:
    await desk.write("/human")
    assert len(await desk.replies(1)) == 1
    await desk.write("Is anybody there?")
    await desk.write("/list")
    replies = await desk.replies(2)
    await desk.settled()
    row = await desk.conversation()
    assert row["mode"] == "manual"
    assert row["needs_people"]
    assert row["needs_people_reason"] == "the customer asked for a person (/human)"
    assert row["inbound_count"] == 3
    assert len(await desk.sent()) == 2
    assert replies[1].startswith("📋 Available Assistants:"), "a command is answered all the same"


async def test_a_person_who_takes_over_in_mid_answer_is_not_talked_over(
    desk: Desk, brain: Scripted
) -> None:
    brain.will(brain.hang)
    await give_brain(desk, brain)
    await desk.write("Hello")

    async def asked() -> bool:
        return len(brain.requests) == 1

    await until(asked)
    await desk.db.execute("UPDATE conversations SET mode = 'manual'")
    brain.steps = [responds(json={"answer": "Too late."})]
    brain.ended.set()
    await desk.settled()
    assert await desk.sent() == []


async def test_an_answer_that_comes_after_a_take_over_is_dropped(
    desk: Desk, brain: Scripted
) -> None:
    arrived, go = asyncio.Event(), asyncio.Event()

    async def slow(request: object, body: object) -> object:
        del request, body
        arrived.set()
        await go.wait()
        from aiohttp import web

        return web.json_response({"answer": "Too late."})

    brain.will(slow)  # pyright: ignore[reportArgumentType]  # imported late
    await give_brain(desk, brain)
    await desk.write("Hello")
    await asyncio.wait_for(arrived.wait(), PATIENCE)
    await desk.db.execute("UPDATE conversations SET mode = 'manual'")
    go.set()
    await desk.settled()
    assert await desk.sent() == []
    assert [message["sender"] for message in await desk.messages()] == ["user"]


async def test_reset_hides_what_came_before_from_the_assistant(desk: Desk, brain: Scripted) -> None:
    brain.will(responds(json={"answer": "Noted."}))
    await give_brain(desk, brain)
    await desk.write("My secret is 42")
    await desk.replies(1)
    await desk.write("Do you remember?")
    await desk.replies(2)
    await desk.write("/reset")
    await desk.replies(3)
    await desk.write("And now?")
    await desk.replies(4)
    histories = [request["chat_history"] for request in brain.requests]
    assert histories == [
        [],
        [{"name": "Human", "content": "My secret is 42"}, {"name": "AI", "content": "Noted."}],
        [],
    ]


async def test_language_is_kept_with_the_conversation(desk: Desk) -> None:
    await desk.write("/language es")
    assert await desk.replies(1) == ["✅ Language: Spanish (es)"]
    assert (await desk.conversation())["language"] == "es"


@pytest.mark.parametrize(
    "word", ["STOP", "stopall", "Unsubscribe", "cancel", "END", "quit", "revoke", "OptOut"]
)
async def test_after_a_stop_word_nothing_is_sent(desk: Desk, word: str) -> None:
    await desk.write(word)
    await desk.settled()
    await desk.write("Hello?")
    await desk.write("/list")
    await desk.settled()
    assert await desk.count("opt_outs") == 1
    # The confirmation is the last thing that may go, if the carrier lets it.
    texts = [message["content"] for message in await desk.messages() if message["sender"] != "user"]
    assert len(texts) == 1
    assert texts[0].startswith("You will get no more messages here.")


@pytest.mark.parametrize("word", ["START", "yes", "unstop"])
async def test_a_start_word_resumes(desk: Desk, word: str) -> None:
    await desk.write("STOP")
    await desk.settled()
    before = len(await desk.sent())
    await desk.write(word)
    await desk.replies(before + 1)
    await desk.write("Hello")
    replies = await desk.replies(before + 2)
    assert replies[-1] == "Hello"
    assert await desk.count("opt_outs") == 0


async def test_yes_is_a_word_like_others_to_somebody_who_did_not_opt_out(desk: Desk) -> None:
    await desk.write("yes")
    assert await desk.replies(1) == ["yes"]


async def test_a_reply_to_somebody_who_opted_out_meanwhile_is_not_sent(desk: Desk) -> None:
    await desk.fault("rate_limit", times=1, retry_after=1)
    await desk.write("Hello")

    async def limited() -> bool:
        return desk.exchange.calls.get("create 429", 0) == 1

    await until(limited)
    row = await desk.conversation()
    await desk.db.execute(
        "INSERT INTO opt_outs (domain_id, channel_id, contact_id, reason)"
        " VALUES ($1, $2, $3, 'test')",
        row["domain_id"],
        row["channel_id"],
        row["contact_id"],
    )
    await desk.settled()
    assert await desk.sent() == []
    [_, reply] = await desk.messages()
    assert (reply["status"], reply["error_code"]) == ("failed", "opted_out")


async def test_a_failing_assistant_is_covered_by_the_fallback_text(
    desk: Desk, brain: Scripted
) -> None:
    brain.will(garbage())
    await give_brain(desk, brain)
    await desk.app.domains.update(
        desk.domain.domain_id, settings={"fallback_text": "We call you back."}
    )
    await desk.write("Hello")
    assert await desk.replies(1) == ["We call you back."]
    row = await desk.conversation()
    assert row["needs_people"]
    assert row["needs_people_reason"].startswith("the assistant failed:")
    [letter] = await desk.app.conversations.dead_letters(desk.domain.domain_id, 10)
    assert letter["stage"] == "turn"
    assert letter["message_id"] == (await desk.messages())[0]["message_id"]


async def test_a_stop_beside_a_failing_answer_still_stops(desk: Desk, brain: Scripted) -> None:
    brain.will(garbage())
    await give_brain(desk, brain)
    await desk.stop_worker()
    for text in ("Hello", "STOP"):
        await desk.write(text)
    await desk.start_worker()
    await desk.settled()
    assert await desk.db.fetchval("SELECT reason FROM opt_outs") == "STOP"


async def test_a_command_beside_a_failing_answer_still_works(desk: Desk, brain: Scripted) -> None:
    brain.will(garbage())
    await give_brain(desk, brain)
    await desk.stop_worker()
    for text in ("Hello", "/switch echo", "Hi again"):
        await desk.write(text)
    await desk.start_worker()
    replies = await desk.replies(3)
    assert replies == [DEFAULT_FALLBACK, "✅ Switched to assistant: Echo (echo)", "Hi again"]


async def test_an_answer_that_cannot_be_stored_as_it_is_does_not_loop(
    desk: Desk, brain: Scripted
) -> None:
    answer = "<think>a\x00b</think>One\x00two"
    metadata = {"hand_off": True, "hand_off_reason": "be\x00cause"}
    brain.will(responds(json={"answer": answer, "metadata": metadata}))
    await give_brain(desk, brain)
    await desk.write("Hello", to=SMS_NUMBER)
    assert await desk.replies(1) == ["One\ufffdtwo"]
    assert len(brain.requests) == 1
    assert (await desk.messages())[1]["thinking"] == "ab"
    assert (await desk.conversation())["needs_people_reason"] == "because"


async def test_people_read_no_programmers_text_of_what_nobody_foresaw(web: Desk) -> None:
    await web.db.execute(
        "ALTER TABLE messages ADD CONSTRAINT odd CHECK (content <> 'boom' OR sender = 'user')"
    )
    await web.write("boom")
    await web.db.execute("UPDATE conversations SET turn_attempts = 4")
    await web.start_worker()
    await web.replies(1)
    row = await web.conversation()
    [letter] = await web.app.conversations.dead_letters(web.domain.domain_id, 10)
    for text in (row["needs_people_reason"], letter["reason"]):
        assert text.endswith("an error that Frontdesk did not expect; what happened is in its log")


async def test_what_could_not_be_taken_in_is_told_in_words(web: Desk) -> None:
    await web.db.execute("ALTER TABLE messages ADD CONSTRAINT odd CHECK (content <> 'boom')")
    await web.write("boom")
    [letter] = await web.app.conversations.dead_letters(web.domain.domain_id, 10)
    assert letter["stage"] == "ingest"
    assert letter["reason"].startswith("could not be stored: an error that Frontdesk did not")


async def test_a_dead_letter_is_replayed_once(desk: Desk, brain: Scripted) -> None:
    brain.will(garbage(), responds(json={"answer": "Here I am."}))
    await give_brain(desk, brain)
    await desk.write("Hello")
    await desk.replies(1)
    domain_id = desk.domain.domain_id
    [letter] = await desk.app.conversations.dead_letters(domain_id, 10)
    taken = await desk.app.conversations.take_letter(domain_id, letter["letter_id"])
    await desk.app.conversations.answer_again(domain_id, taken["message_id"])
    assert (await desk.replies(2))[-1] == "Here I am."
    assert await desk.app.conversations.dead_letters(domain_id, 10) == []
    with pytest.raises(Exception, match="replayed already"):
        await desk.app.conversations.take_letter(domain_id, letter["letter_id"])


async def test_a_failed_send_is_replayed(desk: Desk) -> None:
    await desk.fault("error_code", code=30003, at_once=True, times=1)
    await desk.write("Hello")

    async def failed() -> bool:
        messages = await desk.messages()
        return len(messages) == 2 and messages[1]["status"] == "failed"

    await until(failed)
    [letter] = await desk.app.conversations.dead_letters(desk.domain.domain_id, 10)
    assert letter["stage"] == "deliver"
    await desk.app.conversations.resend(desk.domain.domain_id, letter["message_id"])
    assert await desk.replies(1) == ["Hello"]


async def test_a_long_reply_arrives_in_parts_in_order(desk: Desk, brain: Scripted) -> None:
    paragraphs = [f"{number} " + "word " * 200 for number in range(5)]
    brain.will(responds(json={"answer": "\n\n".join(paragraphs)}))
    await give_brain(desk, brain)
    await desk.write("Tell me everything")
    parts = await desk.replies(4)
    assert all(len(part) <= 1600 for part in parts)
    assert " ".join(" ".join(parts).split()) == " ".join(" ".join(paragraphs).split())


async def test_a_failed_part_of_a_long_reply_is_retried_alone(desk: Desk, brain: Scripted) -> None:
    brain.will(responds(json={"answer": "\n\n".join("x" * 1500 + str(n) for n in range(4))}))
    await give_brain(desk, brain)
    await desk.fault("server_error", times=1, status=503)
    await desk.write("Go")
    parts = await desk.replies(4)
    assert [part[-1] for part in parts] == ["0", "1", "2", "3"]


async def test_a_message_that_came_twice_is_answered_once(desk: Desk) -> None:
    sid = await desk.write("Hello")
    message = desk.exchange.get(sid)
    assert message is not None
    await desk.replies(1)
    form = {
        "MessageSid": sid,
        "From": message.from_,
        "To": message.to,
        "Body": "Hello",
        "AccountSid": message.account_sid,
    }
    again = await desk.post("/whatsapp/webhook", form)
    await desk.settled()
    assert again.status == 200
    assert len(await desk.sent()) == 1


async def test_a_conversation_of_many_is_answered_in_each_ones_order(desk: Desk) -> None:
    people = [f"+1415555020{number}" for number in range(8)]

    async def talk(person: str) -> None:
        for number in range(5):
            await desk.write(f"{number}", from_=person)

    await asyncio.gather(*(talk(person) for person in people))
    await desk.settled()
    for person in people:
        said = "\n".join(message["body"] for message in await desk.sent(person))
        assert said.split("\n") == ["0", "1", "2", "3", "4"]
