"""Speech to text over OpenAI's wire, on a local server."""

import wave
from io import BytesIO
from pathlib import Path

import pytest

from frontdesk.media.recognition.openai_audio import OpenAiTranscriber
from frontdesk.ports import RecognitionFailed, Transcript
from frontdesk.web.egress import Egress
from media.recognition.conftest import MakeWav
from media.recognition.servers import TranscriptionServer, answers, refuses, says

KEY = "sk-very-secret-key"


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def transcriber(
    egress: Egress, server: TranscriptionServer, pauses: list[float]
) -> OpenAiTranscriber:
    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    return OpenAiTranscriber(egress, "whisper-1", server.url, KEY, sleep=sleep)


def samples(wav: bytes) -> bytes:
    with wave.open(BytesIO(wav), "rb") as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, 16_000)
        return sound.readframes(sound.getnframes())


async def failure(transcriber: OpenAiTranscriber, wav: Path) -> RecognitionFailed:
    with pytest.raises(RecognitionFailed) as caught:
        await transcriber.transcribe(wav, None)
    return caught.value


async def test_the_sound_its_model_its_language_and_the_key_arrive_as_the_wire_wants_them(
    transcriber: OpenAiTranscriber, server: TranscriptionServer, make_wav: MakeWav
):
    server.will(says(" A table for two,\x00 please. "))
    wav = make_wav(1.5)
    assert await transcriber.transcribe(wav, "en") == Transcript(
        "A table for two, please.", "en", 1.5
    )
    [heard] = server.heard
    assert heard.path == "/v1/audio/transcriptions"
    assert heard.fields == {
        "model": "whisper-1",
        "response_format": "verbose_json",
        "language": "en",
    }
    assert heard.file == wav.read_bytes()
    assert heard.file_headers["content-type"] == "audio/wav"
    assert 'filename="voice.wav"' in heard.file_headers["content-disposition"]
    assert heard.headers["authorization"] == f"Bearer {KEY}"
    assert int(heard.headers["content-length"]) > len(heard.file)


async def test_without_a_hint_or_key_neither_is_sent_and_a_languages_name_becomes_its_code(
    egress: Egress, server: TranscriptionServer, make_wav: MakeWav
):
    server.will(says("Guten Tag", "german"))
    found = await OpenAiTranscriber(egress, "m", server.url).transcribe(make_wav(), None)
    assert found.language == "de"
    assert "language" not in server.heard[0].fields
    assert "authorization" not in server.heard[0].headers


async def test_a_model_that_refuses_verbose_json_is_asked_for_json_from_then_on(
    transcriber: OpenAiTranscriber, server: TranscriptionServer, make_wav: MakeWav
):
    refusal = "response_format 'verbose_json' is not compatible with model 'gpt-4o-transcribe'"
    server.will(refuses(400, refusal, "unsupported_value"), says("One"), says("Two"))
    assert await transcriber.transcribe(make_wav(), "es") == Transcript("One", "es", 1.0)
    assert (await transcriber.transcribe(make_wav(), None)).text == "Two"
    asked = [heard.fields["response_format"] for heard in server.heard]
    assert asked == ["verbose_json", "json", "json"]


async def test_a_long_sound_goes_in_pieces_that_end_in_pauses_and_nothing_of_it_is_lost(
    transcriber: OpenAiTranscriber, server: TranscriptionServer, make_wav: MakeWav
):
    wav = make_wav(20, pauses=(6.0, 11.0))
    transcriber.most_bytes = 44 + 8 * 32_000
    server.will(says("One.", "spanish"), says("Two."), says(""), says("Four."))
    assert await transcriber.transcribe(wav, None) == Transcript("One. Two. Four.", "es", 20.0)
    sent = [heard.file for heard in server.heard]
    assert all(len(piece) <= transcriber.most_bytes for piece in sent)
    assert b"".join(map(samples, sent)) == samples(wav.read_bytes())
    first = len(samples(sent[0])) / 32_000
    second = first + len(samples(sent[1])) / 32_000
    assert 6.0 < first < 6.5
    assert 11.0 < second < 11.5
    # The language found in the first piece is the hint for the others.
    assert [heard.fields.get("language") for heard in server.heard] == [
        None,
        "es",
        "es",
        "es",
    ]


async def test_a_sound_of_no_length_is_not_sent(
    transcriber: OpenAiTranscriber, server: TranscriptionServer, make_wav: MakeWav
):
    assert await transcriber.transcribe(make_wav(0), None) == Transcript("", None, 0.0)
    assert server.heard == []


@pytest.mark.parametrize(
    ("status", "again", "said"),
    [
        (400, False, "refused the sound (status 400: bad sound)"),
        (401, False, "refused the API key"),
        (403, False, "refused the API key"),
        (404, False, "knows no model 'whisper-1'"),
        (413, False, "refused the sound (status 413"),
        (408, True, "failed (status 408)"),
        (429, True, "is limiting requests"),
        (500, True, "failed (status 500)"),
        (503, True, "failed (status 503)"),
    ],
)
async def test_a_refusal_is_told_and_whether_it_may_work_later(
    transcriber: OpenAiTranscriber,
    server: TranscriptionServer,
    make_wav: MakeWav,
    status: int,
    again: bool,
    said: str,
):
    server.will(refuses(status, "bad sound"))
    failed = await failure(transcriber, make_wav())
    assert failed.again is again
    assert said in failed.text
    assert len(server.heard) == 1


async def test_an_account_without_credit_is_not_asked_again(
    transcriber: OpenAiTranscriber, server: TranscriptionServer, make_wav: MakeWav
):
    server.will(refuses(429, "You exceeded your quota", "insufficient_quota"))
    failed = await failure(transcriber, make_wav())
    assert (failed.again, "no credit" in failed.text) == (False, True)


async def test_a_short_wait_that_the_server_asks_for_is_waited_once_and_a_long_one_is_told(
    transcriber: OpenAiTranscriber,
    server: TranscriptionServer,
    make_wav: MakeWav,
    pauses: list[float],
):
    server.will(refuses(429, "slow down", Retry_After="2"), says("Hello"))
    assert (await transcriber.transcribe(make_wav(), None)).text == "Hello"
    assert pauses == [2.0]
    server.will(refuses(503, "later", Retry_After="600"))
    failed = await failure(transcriber, make_wav())
    assert failed.again
    assert "asked to wait 600 s" in failed.text
    assert pauses == [2.0]


async def test_neither_the_key_nor_an_inner_address_is_in_what_people_read(
    transcriber: OpenAiTranscriber, server: TranscriptionServer, make_wav: MakeWav
):
    server.will(
        refuses(
            400,
            f"{KEY} at http://10.0.0.7:8000/v1 via gpu.internal and [fd00::1]:80, 10.1.2.3:99 "
            "and worker:8000 is not a valid sound",
        )
    )
    text = (await failure(transcriber, make_wav())).text
    for secret in (KEY, "10.0.0.7", "10.1.2.3", "gpu.internal", "fd00", "worker:8000", "127.0.0.1"):
        assert secret not in text
    assert "is not a valid sound" in text


@pytest.mark.parametrize("body", [b"<html>not JSON", b"[]", b'{"text": 7}', b'{"words": "x"}'])
async def test_an_answer_that_is_no_transcript_is_told(
    transcriber: OpenAiTranscriber, server: TranscriptionServer, make_wav: MakeWav, body: bytes
):
    server.will(answers(200, body))
    assert "no transcript" in (await failure(transcriber, make_wav())).text


async def test_an_endless_answer_is_cut_off(
    transcriber: OpenAiTranscriber, server: TranscriptionServer, make_wav: MakeWav
):
    server.will(answers(200, b" " * (5 * 1024 * 1024)))
    assert "bytes allowed" in (await failure(transcriber, make_wav())).text


async def test_a_server_that_hangs_breaks_off_or_is_not_there_may_be_asked_again(
    transcriber: OpenAiTranscriber, server: TranscriptionServer, make_wav: MakeWav
):
    transcriber.seconds = 0.3
    server.will("hang")
    hung = await failure(transcriber, make_wav())
    assert (hung.again, "did not answer within" in hung.text) == (True, True)
    server.will("reset")
    broke = await failure(transcriber, make_wav())
    transcriber.base_url = "http://127.0.0.1:1/v1"
    gone = await failure(transcriber, make_wav())
    for failed in (broke, gone):
        assert failed.again
        assert failed.text == "the transcription server cannot be reached"


async def test_a_redirect_is_not_followed_as_the_key_would_go_along(
    transcriber: OpenAiTranscriber, server: TranscriptionServer, make_wav: MakeWav
):
    server.will(answers(307, {}, Location="/elsewhere"))
    failed = await failure(transcriber, make_wav())
    assert "redirected" in failed.text
    assert len(server.heard) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"])
async def test_a_private_address_is_not_called_unless_the_operator_trusts_it(
    server: TranscriptionServer, make_wav: MakeWav, host: str
):
    server.will(says("never"))
    guarded = Egress()
    url = server.url.replace("127.0.0.1", host)
    failed = await failure(OpenAiTranscriber(guarded, "m", url, KEY), make_wav())
    await guarded.close()
    assert "FRONTDESK_TRUSTED_HOSTS" in failed.text
    assert host.strip("[]") not in failed.text
    assert server.heard == []


async def test_a_file_that_is_no_sound_is_told(transcriber: OpenAiTranscriber, tmp_path: Path):
    path = tmp_path / "in.wav"
    path.write_bytes(b"not a sound")
    assert "cannot be read as WAV" in (await failure(transcriber, path)).text
