"""builtin:knowledge on a real PostgreSQL: what a newcomer asks, and what it must not claim."""

from uuid import UUID

import pytest

from frontdesk.assistants.model import Answer, Turn
from frontdesk.assistants.service import AssistantService
from frontdesk.domains.model import Domain
from frontdesk.kernel.errors import NotFound, TooLarge, Unprocessable


@pytest.fixture
async def demo(service: AssistantService, domain: Domain) -> UUID:
    assert await service.ensure_demo(domain.domain_id)
    return domain.domain_id


async def ask(
    service: AssistantService,
    domain_id: UUID,
    text: str,
    assistant_id: str = "default-assistant",
    language: str | None = None,
) -> Answer:
    return await service.answer(domain_id, assistant_id, Turn([text], language=language))


@pytest.mark.parametrize("greeting", ["Hello", "hi!", "Hey 👋", "Good morning", "  HELLO  "])
async def test_a_greeting_is_greeted_with_who_it_is_and_what_to_ask(
    service: AssistantService, demo: UUID, greeting: str
):
    text = (await ask(service, demo, greeting)).text
    assert text.startswith("Hello! 👋 I am Front Desk.")
    assert "- What is Frontdesk?" in text
    assert "/human" not in text


@pytest.mark.parametrize(
    ("question", "document"),
    [
        ("What is Frontdesk?", "frontdesk-what-it-is.md"),
        ("what's frontdesk", "frontdesk-what-it-is.md"),
        ("Hello, what is Frontdesk?", "frontdesk-what-it-is.md"),
        ("Who are you?", None),
        ("What can you do?", None),
        ("How do I connect my number?", "frontdesk-connect-whatsapp.md"),
        ("connect whatsapp", "frontdesk-connect-whatsapp.md"),
        ("How can I connect an LLM?", "frontdesk-connect-a-model.md"),
        ("how do i use openai", "frontdesk-connect-a-model.md"),
        ("What happens when the server is down?", "frontdesk-reliability.md"),
        ("How much does it cost?", "frontdesk-price.md"),
        ("price?", "frontdesk-price.md"),
        ("Is it free?", "frontdesk-price.md"),
        ("help me connect twilio", "frontdesk-connect-whatsapp.md"),
        ("are you a bot?", "frontdesk-what-it-is.md"),
        ("Are you open on Sunday?", "frontdesk-demo-shop.md"),
        ("can you help me?", None),
        ("What licence does it have?", "frontdesk-price.md"),
        ("When are you open? What are your opening hours?", "frontdesk-demo-shop.md"),
        ("How do I add my own documents?", "frontdesk-first-steps.md"),
        ("How do I switch to another assistant?", "frontdesk-commands.md"),
        ("which commands are there", "frontdesk-commands.md"),
        ("How do people take over a conversation?", "frontdesk-people.md"),
        ("Where is my data stored?", "frontdesk-what-it-is.md"),
    ],
)
async def test_a_newcomers_question_is_answered_from_the_right_document(
    service: AssistantService, demo: UUID, question: str, document: str | None
):
    answer = await ask(service, demo, question)
    if document is None:
        assert answer.text.startswith(("Hello!", "**Who are you?"))
        return
    assert [source.document for source in answer.sources] == [document]
    assert answer.text.endswith(f"_Source: {document}_")
    assert len(answer.text) < 1_600


async def test_among_sections_of_one_subject_the_one_that_asks_the_same_is_quoted(
    service: AssistantService, demo: UUID
):
    answer = await ask(service, demo, "What is Frontdesk?")
    assert answer.text.startswith("**What is Frontdesk?**")
    answer = await ask(service, demo, "what can frontdesk do")
    assert answer.text.startswith("**What can Frontdesk do?**")


@pytest.mark.parametrize(
    "question",
    [
        "What is the capital of France?",
        "Do you sell motorcycles?",
        "Where is my order?",
        "How do I bake a cake with my phone?",
        "asdfghjkl",
        "'); DROP TABLE passages; --",
        "\x00 & | ! <-> ( :* \\ ''",
        "🍕🍕🍕",
    ],
)
async def test_what_the_documents_do_not_hold_is_not_answered_and_a_person_is_offered(
    service: AssistantService, demo: UUID, question: str
):
    answer = await ask(service, demo, question)
    assert answer.sources == []
    assert "/human" in answer.text or answer.text.startswith("Hello!")


@pytest.mark.parametrize(
    "text",
    ["Can I talk to a human please?", "I want to speak with someone", "hablar con una persona"],
)
async def test_asking_for_a_person_hands_over(service: AssistantService, demo: UUID, text: str):
    answer = await ask(service, demo, text)
    assert answer.hand_off
    assert answer.hand_off_reason


async def test_a_photo_without_words_is_not_looked_up(service: AssistantService, demo: UUID):
    text = (await ask(service, demo, "[image photo.jpg]")).text
    assert text.startswith("I got it, but I can only read words.")
    spoken = await ask(service, demo, "[audio note.ogg, 4 s] What is Frontdesk?")
    assert spoken.sources == (await ask(service, demo, "What is Frontdesk?")).sources
    assert spoken.sources


async def test_thanks_and_goodbyes_are_answered_as_such(service: AssistantService, demo: UUID):
    assert (await ask(service, demo, "Thank you!")).text.startswith("You're welcome")
    assert (await ask(service, demo, "bye")).text.startswith("Goodbye")


async def test_the_python_expert_reads_python_documents_only(service: AssistantService, demo: UUID):
    answer = await ask(service, demo, "How do I read a file?", "python-expert")
    assert "read_text" in answer.text
    assert (await ask(service, demo, "What is Frontdesk?", "python-expert")).sources == []


async def test_echo_answers_each_waiting_text_a_line_each(service: AssistantService, demo: UUID):
    answer = await service.answer(demo, "echo", Turn(["one", "two", "three"]))
    assert answer.text == "one\ntwo\nthree"


async def test_german_words_are_found_by_their_stems_and_answered_in_german(
    service: AssistantService, demo: UUID
):
    text = (
        "# Öffnungszeiten\n\nWir haben von Montag bis Freitag geöffnet.\n\n"
        "## Häuser\n\nDie Häuser sind in der Altstadt und nicht in der Neustadt."
    )
    await service.add_document(demo, "frontdesk-haus.md", text)
    answer = await ask(service, demo, "Wo ist das Haus?", language="de")
    assert "Altstadt" in answer.text
    assert "_Quelle: frontdesk-haus.md_" in answer.text
    unknown = await ask(service, demo, "Wie ist das Wetter?", language="de")
    assert "weiß ich leider nicht" in unknown.text


async def test_text_without_spaces_is_found(service: AssistantService, demo: UUID):
    await service.add_document(
        demo, "frontdesk-ja.md", "# 営業時間\n\n平日の九時から五時まで営業しています。"
    )
    answer = await ask(service, demo, "営業時間は？")
    assert [source.document for source in answer.sources] == ["frontdesk-ja.md"]


async def test_another_domains_documents_and_assistants_are_invisible(
    service: AssistantService, demo: UUID, other_domain: Domain
):
    await service.add_document(demo, "secret.md", "# Zanzibar\n\nThe zanzibar code is 1234.")
    other = other_domain.domain_id
    await service.create(other, "kb", {"name": "KB", "model": "builtin:knowledge"})
    assert await service.documents(other) == []
    assert (await ask(service, other, "What is the zanzibar code?", "kb")).sources == []
    assert [each.assistant_id for each in await service.all_of(other)] == ["kb"]
    with pytest.raises(NotFound):
        await ask(service, other, "Hello", "python-expert")
    with pytest.raises(NotFound):
        await service.remove_document(other, "secret.md")


async def test_a_document_is_replaced_by_name_and_left_alone_when_it_did_not_change(
    service: AssistantService, domain: Domain
):
    d = domain.domain_id
    await service.create(d, "kb", {"name": "KB", "model": "builtin:knowledge"})
    assert await service.add_document(d, "a.md", "# Parking\n\nBehind the house.")
    assert not await service.add_document(d, "a.md", "# Parking\n\nBehind the house.")
    assert await service.add_document(d, "a.md", "# Parking\n\nIn the garage.")
    assert [document.name for document in await service.documents(d)] == ["a.md"]
    text = (await ask(service, d, "Where is the parking?", "kb")).text
    assert "garage" in text
    assert "Behind" not in text
    await service.remove_document(d, "a.md")
    assert await service.documents(d) == []
    assert (await ask(service, d, "Where is the parking?", "kb")).sources == []


async def test_a_document_that_is_empty_or_too_long_is_refused_with_its_size(
    service: AssistantService, domain: Domain
):
    with pytest.raises(Unprocessable, match="holds no text"):
        await service.add_document(domain.domain_id, "a.md", " \n\n ")
    with pytest.raises(TooLarge, match="2097153 bytes"):
        await service.add_document(domain.domain_id, "a.md", "x" * 2_097_153)


async def test_a_document_with_nul_bytes_and_lone_surrogates_is_kept(
    service: AssistantService, domain: Domain
):
    assert await service.add_document(domain.domain_id, "a.md", "# A\x00B\n\nbad \ud800 text \x00")


async def test_the_demo_is_given_once_and_what_people_changed_stays(
    service: AssistantService, demo: UUID
):
    assert [each.assistant_id for each in await service.all_of(demo)] == [
        "default-assistant",
        "echo",
        "python-expert",
    ]
    await service.delete(demo, "echo")
    assert not await service.ensure_demo(demo)
    assert len(await service.all_of(demo)) == 2
