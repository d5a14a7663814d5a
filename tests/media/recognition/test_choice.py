"""Which recogniser a domain gets, and whose key goes where."""

from collections.abc import Mapping
from typing import Any

import pytest

from frontdesk.assistants.model import KEY_VARIABLES
from frontdesk.kernel.errors import Invalid, Unprocessable
from frontdesk.kernel.media_settings import (
    VISION_PROVIDERS,
    MediaSettings,
    RecognitionEnvironment,
    check_media_settings,
    read_media_settings,
)
from frontdesk.media.recognition import ocr
from frontdesk.media.recognition.choice import Engines, choose_reader, choose_transcriber
from frontdesk.media.recognition.languages import iso_639_1
from frontdesk.media.recognition.openai_audio import OPENAI_URL, OpenAiTranscriber
from frontdesk.media.recognition.transcribe import AwsTranscriber
from frontdesk.media.recognition.whisper import WhisperTranscriber
from frontdesk.ports import RecognitionFailed, Transcriber
from frontdesk.web.egress import Egress

THEIRS = "https://speech.example.com/v1"
OURS = "http://10.0.0.7:8000/v1"


def chosen(
    egress: Egress,
    media: dict[str, Any] | None = None,
    key: str | None = None,
    engines: Engines | None = None,
    env: Mapping[str, str] | None = None,
) -> Transcriber | None:
    return choose_transcriber(
        {"media": media} if media is not None else {},
        {"transcriber_api_key": key} if key else {},
        RecognitionEnvironment.of(env or {}),
        egress,
        engines or Engines(),
    )


def where(transcriber: Transcriber | None) -> tuple[str, str, str | None]:
    assert isinstance(transcriber, OpenAiTranscriber)
    return transcriber.model, transcriber.base_url, transcriber.api_key


async def test_nothing_set_is_no_transcriber(egress: Egress):
    assert chosen(egress) is None
    assert chosen(egress, env={"OPENAI_API_KEY": "sk-env"}) is None
    assert (
        chosen(egress, {"transcriber": "none"}, env={"FRONTDESK_TRANSCRIBER": "openai:w"}) is None
    )


async def test_the_environment_serves_domains_that_name_none(egress: Egress):
    env = {"FRONTDESK_TRANSCRIBER": "openai:whisper-1", "OPENAI_API_KEY": "sk-env"}
    assert where(chosen(egress, env=env)) == ("whisper-1", OPENAI_URL, "sk-env")
    env |= {"FRONTDESK_TRANSCRIBER_URL": OURS + "/", "FRONTDESK_TRANSCRIBER_KEY": "ours"}
    assert where(chosen(egress, env=env)) == ("whisper-1", OURS, "ours")


async def test_openais_key_does_not_go_to_another_address_of_the_environment(egress: Egress):
    env = {"FRONTDESK_TRANSCRIBER": "openai:w", "OPENAI_API_KEY": "sk-env"}
    assert where(chosen(egress, env={**env, "FRONTDESK_TRANSCRIBER_URL": OURS})) == (
        "w",
        OURS,
        None,
    )
    assert where(chosen(egress, env={**env, "OPENAI_BASE_URL": OURS})) == ("w", OURS, "sk-env")


async def test_no_key_of_the_environment_goes_to_an_address_that_a_domain_named(egress: Egress):
    env = {
        "FRONTDESK_TRANSCRIBER": "openai:whisper-1",
        "FRONTDESK_TRANSCRIBER_URL": OURS,
        "FRONTDESK_TRANSCRIBER_KEY": "ours",
        "OPENAI_API_KEY": "sk-env",
    }
    media = {"transcriber": "openai:m", "transcriber_base_url": THEIRS}
    assert where(chosen(egress, media, env=env)) == ("m", THEIRS, None)
    assert where(chosen(egress, media, "theirs", env=env)) == ("m", THEIRS, "theirs")
    for official in (OPENAI_URL, OURS):
        media["transcriber_base_url"] = official
        assert where(chosen(egress, media, env=env)) == ("m", official, None)


async def test_a_domains_own_model_without_an_address_goes_to_the_environments(egress: Egress):
    env, media = {"OPENAI_API_KEY": "sk-env"}, {"transcriber": "openai:m"}
    assert where(chosen(egress, media, env=env)) == ("m", OPENAI_URL, "sk-env")
    assert where(chosen(egress, media, "own", env=env)) == ("m", OPENAI_URL, "own")


async def test_the_operators_own_engines_are_made_once(egress: Egress):
    engines = Engines()
    for name, kind in (
        ("whisper:/models/small", WhisperTranscriber),
        ("aws:b-1/p", AwsTranscriber),
    ):
        first = chosen(egress, engines=engines, env={"FRONTDESK_TRANSCRIBER": name})
        assert isinstance(first, kind)
        assert chosen(egress, engines=engines, env={"FRONTDESK_TRANSCRIBER": name}) is first
    await engines.close()


@pytest.mark.parametrize("name", ["whisper:/etc", "whisper:models/small", "aws:bucket/prefix"])
async def test_a_domain_may_not_name_this_machines_files_or_account(egress: Egress, name: str):
    with pytest.raises(Unprocessable, match="only whoever runs Frontdesk"):
        check_media_settings({"transcriber": name})
    # Nor where it was stored by other means.
    with pytest.raises(RecognitionFailed, match="only whoever runs Frontdesk"):
        chosen(egress, {"transcriber": name}, env={"FRONTDESK_TRANSCRIBER": "openai:whisper-1"})


async def test_text_in_pictures_is_read_where_it_can_be_unless_the_domain_refuses():
    engines = Engines()
    assert (choose_reader({}, engines) is not None) is ocr.installed()
    assert choose_reader({"media": {"ocr": False}}, engines) is None
    asked_for = choose_reader({"media": {"ocr": True}}, engines)
    assert asked_for is not None
    assert choose_reader({"media": {"ocr": True}}, engines) is asked_for
    await engines.close()


def test_settings_are_read_with_their_defaults():
    assert read_media_settings(None) == read_media_settings({}) == MediaSettings()
    assert MediaSettings().stickers == "keep"
    assert read_media_settings(
        {
            "transcriber": "openai:whisper-1",
            "transcriber_base_url": THEIRS + "/",
            "vision": "anthropic:claude-sonnet-5",
            "ocr": False,
            "stickers": "describe",
            "keep_media_days": 30,
            "keep_transcripts_days": None,
        }
    ) == MediaSettings(
        "openai:whisper-1", THEIRS, "anthropic:claude-sonnet-5", None, False, "describe", 30, None
    )


@pytest.mark.parametrize(
    ("media", "said"),
    [
        ([], "settings.media is []"),
        ({"transcribers": "x"}, "has 'transcribers'; use transcriber, "),
        ({"transcriber": "whisper-1"}, "settings.media.transcriber is 'whisper-1'; use openai:"),
        ({"transcriber": "openai:"}, "use openai:<model>"),
        ({"transcriber": 7}, "settings.media.transcriber is 7"),
        ({"vision": "builtin:echo"}, "settings.media.vision is 'builtin:echo'; use <provider>"),
        ({"vision_base_url": THEIRS}, "needs settings.media.vision"),
        ({"transcriber": "none", "transcriber_base_url": THEIRS}, "needs settings.media.trans"),
        ({"ocr": "yes"}, "settings.media.ocr is 'yes'; use true or false"),
        ({"stickers": "drop"}, "settings.media.stickers is 'drop'; use describe or keep"),
        ({"keep_media_days": 0}, "from 1 to 36500"),
        ({"keep_media_days": True}, "from 1 to 36500"),
        ({"keep_transcripts_days": 1.5}, "from 1 to 36500"),
        ({"transcriber_api_key": "sk-secret"}, "technical_json"),
    ],
)
def test_a_wrong_setting_is_named_with_its_value_and_what_is_allowed(media: object, said: str):
    with pytest.raises(Unprocessable) as caught:
        check_media_settings(media)
    assert said in caught.value.detail
    assert "sk-secret" not in caught.value.detail


@pytest.mark.parametrize(
    "url",
    [
        "speech.example.com",
        "file:///etc/passwd",
        "https://user:pass-word@speech.example.com/v1",
        "https://speech.example.com/v1?x=1",
        "https://speech.example.com:99999/",
        "https://",
        "https://a b",
        7,
    ],
)
def test_an_address_that_cannot_be_called_is_refused_without_repeating_it(url: object):
    with pytest.raises(Unprocessable, match="transcriber_base_url is not an address") as caught:
        check_media_settings({"transcriber": "openai:m", "transcriber_base_url": url})
    assert "pass-word" not in caught.value.detail


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FRONTDESK_TRANSCRIBER", "whisper"),
        ("FRONTDESK_TRANSCRIBER", "whisper:"),
        ("FRONTDESK_TRANSCRIBER", "aws:Not A Bucket"),
        ("FRONTDESK_TRANSCRIBER", "google:x"),
        ("FRONTDESK_TRANSCRIBER_URL", "speech.example.com"),
        ("FRONTDESK_VISION", "gpt"),
        ("FRONTDESK_VISION_URL", "ftp://x"),
    ],
)
def test_a_wrong_variable_is_named_at_the_start(name: str, value: str):
    with pytest.raises(Invalid, match=name):
        RecognitionEnvironment.of({name: value})


def test_keys_are_not_in_what_is_printed_of_the_environment():
    env = {f"FRONTDESK_{name}_KEY": "hidden" for name in ("TRANSCRIBER", "VISION")}
    assert "hidden" not in repr(RecognitionEnvironment.of({**env, "OPENAI_API_KEY": "hidden"}))


def test_vision_models_come_from_the_providers_of_assistants():
    assert set(KEY_VARIABLES) == VISION_PROVIDERS


@pytest.mark.parametrize(
    ("named", "code"),
    [
        ("english", "en"),
        ("Haitian Creole", "ht"),
        ("en-US", "en"),
        ("zh_CN", "zh"),
        ("jw", "jv"),
        ("de", "de"),
        ("klingon", None),
        ("", None),
        (None, None),
    ],
)
def test_languages_names_and_tags_become_codes(named: str | None, code: str | None):
    assert iso_639_1(named) == code
