"""Commands in the chat: the exact texts, and that nothing typed breaks them."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.assistants.commands import (
    NAMES,
    Command,
    HandOff,
    Reply,
    Reset,
    SetLanguage,
    Switch,
    parse,
    respond,
)
from frontdesk.assistants.languages import LANGUAGES
from frontdesk.assistants.model import Assistant

DOMAIN = UUID(int=1)
FRONT = Assistant(DOMAIN, "default-assistant", "Front Desk", "builtin:knowledge")
PYTHON = Assistant(
    DOMAIN, "python-expert", "Python Expert", "builtin:echo", description="Knows Python."
)


def reply(text: str, current: Assistant = FRONT) -> Reply:
    command = parse(text)
    assert command is not None
    return respond(command, display_name="Aitana", assistants=[FRONT, PYTHON], current=current)


def test_list_names_each_assistant_with_its_id():
    assert reply("/list").text == (
        "📋 Available Assistants:\n"
        "• Front Desk (default-assistant)\n"
        "• Python Expert (python-expert)"
    )


@pytest.mark.parametrize(
    "text", ["/switch python-expert", "  /SWITCH   Python-Expert \n", "/switch Python Expert"]
)
def test_switch_goes_to_the_assistant(text: str):
    assert reply(text) == Reply(
        "✅ Switched to assistant: Python Expert (python-expert)", Switch("python-expert")
    )


def test_switch_to_an_unknown_id_says_so_and_lists_them():
    answer = reply("/switch nobody")
    first, rest = answer.text.split("\n", 1)
    assert "nobody" in first
    assert rest == reply("/list").text
    assert answer.effect is None


def test_switch_without_an_id_tells_the_usage():
    assert reply("/switch").text.startswith("Usage: /switch")
    assert reply("/switch").effect is None


def test_current_tells_name_id_and_description():
    text = reply("/current", PYTHON).text
    assert all(part in text for part in ("Python Expert", "python-expert", "Knows Python."))


def test_help_has_the_domains_name_and_a_line_for_every_command():
    first, *lines = reply("/help").text.split("\n")
    assert first == "🤖 WhatsApp Aitana Commands:"
    assert sorted(line[1:].split()[0] for line in lines) == sorted(NAMES)


@pytest.mark.parametrize(
    "text", ["/", "/ list", "/nonsense", "//", "/listing", "/🍕", "/switchx y"]
)
def test_a_slash_and_no_command_gets_the_help(text: str):
    assert reply(text) == reply("/help")


def test_human_hands_over_and_reset_starts_afresh():
    assert isinstance(reply("/Human").effect, HandOff)
    assert reply("/reset").effect == Reset()


@pytest.mark.parametrize(("asked", "code"), [("es", "es"), ("PT-br", "pt"), ("German", "de")])
def test_language_takes_codes_and_names(asked: str, code: str):
    assert reply(f"/language {asked}").effect == SetLanguage(code)


@pytest.mark.parametrize("asked", ["", "xx", "klingon"])
def test_language_refuses_what_is_no_language(asked: str):
    answer = reply(f"/language {asked}")
    assert answer.effect is None
    assert "Usage: /language" in answer.text


@given(st.text())
def test_only_text_that_begins_with_a_slash_is_a_command(text: str):
    assert (parse(text) is not None) == text.strip().startswith("/")


@given(
    st.sampled_from(NAMES),
    st.text(alphabet=st.characters(exclude_categories=["Cs"])),
    st.sampled_from(["", " ", "\n\t"]),
)
def test_letter_case_and_space_around_do_not_matter(name: str, argument: str, space: str):
    expected = Command(name, argument.strip())  # pyright: ignore[reportArgumentType] - sampled
    assert parse(f"{space}/{name} {argument}{space}") == expected
    assert parse(f"{space}/{name.upper()} {argument}{space}") == expected


@given(st.text())
def test_whatever_follows_the_slash_is_answered_and_no_unknown_assistant_is_chosen(text: str):
    answer = reply("/" + text)
    assert answer.text
    if isinstance(answer.effect, Switch):
        assert answer.effect.assistant_id in ("default-assistant", "python-expert")
    if isinstance(answer.effect, SetLanguage):
        assert answer.effect.code in LANGUAGES
    assert len(answer.text) < 1_600
