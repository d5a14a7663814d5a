"""Pictures in words, by a vision model on a local server over the OpenAI wire."""

import base64
from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from assistants.servers import Scripted, completes, garbage, reset, responds
from frontdesk.assistants.vision import MOST_BYTES, ModelDescriber, choose_describer
from frontdesk.kernel.media_settings import RecognitionEnvironment
from frontdesk.ports import RecognitionFailed
from frontdesk.web.egress import Egress

KEY = "sk-very-secret-key"


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "a.png"
    Image.new("RGB", (32, 32), "red").save(path)
    return path


@pytest.fixture
def describer(egress: Egress, web: Scripted) -> ModelDescriber:
    return ModelDescriber(egress, "openai:eyes", f"{web.url}/v1", KEY)


async def failure(describer: ModelDescriber, picture: Path) -> RecognitionFailed:
    with pytest.raises(RecognitionFailed) as caught:
        await describer.describe(picture, "image/png", None)
    assert KEY not in caught.value.text
    assert "127.0.0.1" not in caught.value.text
    return caught.value


async def test_the_picture_the_instruction_and_the_key_arrive(
    describer: ModelDescriber, web: Scripted, picture: Path
):
    web.will(completes("Ein rotes Quadrat."))
    assert await describer.describe(picture, "image/png", "de") == "Ein rotes Quadrat."
    [asked] = web.requests
    assert web.paths == ["/v1/chat/completions"]
    assert web.headers[0]["authorization"] == f"Bearer {KEY}"
    assert asked["model"] == "eyes"
    [system] = [m["content"] for m in asked["messages"] if m["role"] == "system"]
    assert "one to three" in system
    assert "description in German" in system
    assert "write that text out" in system
    parts: list[dict[str, Any]] = asked["messages"][-1]["content"]
    [image] = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
    kind, _, encoded = image.partition(";base64,")
    assert kind == "data:image/png"
    assert base64.b64decode(encoded) == picture.read_bytes()


async def test_without_a_language_it_describes_in_english_and_thinking_is_left_out(
    describer: ModelDescriber, web: Scripted, picture: Path
):
    web.will(completes("<think>hm, red</think>A red\x00 square."))
    assert await describer.describe(picture, "image/png", None) == "A red square."
    assert "description in English" in web.requests[0]["messages"][0]["content"]


@pytest.mark.parametrize(
    ("status", "again", "said"),
    [
        (400, False, "refused the picture (status 400)"),
        (401, False, "refused the API key"),
        (404, False, "does not know the model"),
        (429, True, "limiting requests"),
        (503, True, "failed (status 503)"),
    ],
)
async def test_a_refusal_is_told_once_and_whether_it_may_work_later(
    describer: ModelDescriber,
    web: Scripted,
    picture: Path,
    status: int,
    again: bool,
    said: str,
):
    web.will(responds(status, {"error": {"message": f"no {KEY} at http://10.0.0.7/"}}))
    failed = await failure(describer, picture)
    assert failed.again is again
    assert said in failed.text
    assert "10.0.0.7" not in failed.text
    assert len(web.requests) == 1


async def test_a_filtered_picture_is_a_refusal(
    describer: ModelDescriber, web: Scripted, picture: Path
):
    web.will(completes(None, finish="content_filter"))
    failed = await failure(describer, picture)
    assert "refused to describe" in failed.text
    assert not failed.again


async def test_a_server_that_hangs_breaks_off_or_talks_nonsense_is_told(
    describer: ModelDescriber, web: Scripted, picture: Path
):
    web.will(web.hang)
    hung = await failure(replace(describer, seconds=0.3), picture)
    assert (hung.again, "did not answer within 0.3 s" in hung.text) == (True, True)
    web.will(reset)
    assert (await failure(describer, picture)).again
    web.will(garbage())
    await failure(describer, picture)
    web.will(completes(""))
    await failure(describer, picture)


async def test_a_private_server_is_not_called_unless_the_operator_trusts_it(
    web: Scripted, picture: Path
):
    web.will(completes("never"))
    guarded = Egress()
    failed = await failure(ModelDescriber(guarded, "openai:eyes", f"{web.url}/v1", KEY), picture)
    await guarded.close()
    assert "FRONTDESK_TRUSTED_HOSTS" in failed.text
    assert web.requests == []


async def test_what_models_do_not_take_is_not_sent(
    describer: ModelDescriber, web: Scripted, picture: Path
):
    with pytest.raises(RecognitionFailed, match="do not take image/tiff"):
        await describer.describe(picture, "image/tiff", None)
    picture.write_bytes(BytesIO(bytes(MOST_BYTES + 1)).getvalue())
    assert f"up to {MOST_BYTES}" in (await failure(describer, picture)).text
    assert web.requests == []


THEIRS = "https://eyes.example.com/v1"
OURS = "http://10.0.0.7:8000/v1"


def chosen(
    egress: Egress,
    media: dict[str, Any],
    key: str | None = None,
    env: Mapping[str, str] | None = None,
) -> tuple[str, str | None, str | None] | None:
    found = choose_describer(
        {"media": media},
        {"vision_api_key": key} if key else {},
        RecognitionEnvironment.of(env or {}),
        egress,
    )
    return found and (found.model, found.base_url, found.api_key)


async def test_a_domains_model_goes_before_the_environments_and_keys_stay_with_their_servers(
    egress: Egress,
):
    env = {
        "FRONTDESK_VISION": "openai:eyes",
        "FRONTDESK_VISION_URL": OURS,
        "FRONTDESK_VISION_KEY": "ours",
    }
    assert chosen(egress, {}) is None
    assert chosen(egress, {}, env=env) == ("openai:eyes", OURS, "ours")
    assert chosen(egress, {"vision": "none"}, env=env) is None
    named = {"vision": "openai:other", "vision_base_url": THEIRS}
    assert chosen(egress, named, env=env) == ("openai:other", THEIRS, None)
    assert chosen(egress, named, "own", env=env) == ("openai:other", THEIRS, "own")
    # Another provider's model gets neither the environment's server nor its key.
    other = {"vision": "anthropic:claude"}
    assert chosen(egress, other, env=env) == ("anthropic:claude", None, None)
    assert chosen(egress, {"vision": "openai:big"}, env=env) == ("openai:big", OURS, "ours")


async def test_a_model_of_ones_own_needs_its_servers_address(egress: Egress):
    with pytest.raises(RecognitionFailed, match="needs vision_base_url"):
        chosen(egress, {"vision": "ollama:llava"})
