"""AWS Transcribe, over S3's REST and Transcribe's JSON 1.1, on a local server."""

import pytest

from frontdesk.media.recognition.transcribe import AwsTranscriber
from frontdesk.ports import RecognitionFailed, Transcript
from media.recognition.conftest import MakeWav
from media.recognition.servers import Aws


async def no_pause(seconds: float) -> None:
    assert 1 <= seconds <= 5


@pytest.fixture
def transcriber(aws: Aws) -> AwsTranscriber:
    del aws
    return AwsTranscriber("notes/frontdesk", sleep=no_pause)


async def test_a_sound_goes_through_the_bucket_and_a_job_and_nothing_of_it_stays(
    transcriber: AwsTranscriber, aws: Aws, make_wav: MakeWav
):
    wav = make_wav(2)
    found = await transcriber.transcribe(wav, None)
    assert found == Transcript("Hola, ¿tienen mesa?", "es", 2.0)
    assert aws.uploaded == [wav.read_bytes()]
    [job] = aws.started
    assert job["IdentifyLanguage"] is True
    assert job["MediaFormat"] == "wav"
    assert job["Media"]["MediaFileUri"].startswith("s3://notes/frontdesk/")
    assert job["OutputKey"].startswith("frontdesk/")
    assert (aws.objects, aws.jobs) == ({}, {})


async def test_every_call_is_signed_for_its_service_and_region(
    transcriber: AwsTranscriber, aws: Aws, make_wav: MakeWav
):
    await transcriber.transcribe(make_wav(), None)
    scopes = {header.split("/", 2)[2].split(",")[0] for header in aws.authorizations}
    assert scopes == {"eu-west-1/s3/aws4_request", "eu-west-1/transcribe/aws4_request"}
    for header in aws.authorizations:
        assert header.startswith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")
        assert len(header.rpartition("Signature=")[2]) == 64


@pytest.mark.parametrize(("hint", "tag"), [("en", "en-US"), ("de", "de-DE")])
async def test_a_hint_is_sent_as_the_dialect_that_aws_knows(
    transcriber: AwsTranscriber, aws: Aws, make_wav: MakeWav, hint: str, tag: str
):
    assert (await transcriber.transcribe(make_wav(), hint)).language == hint
    assert aws.started[0]["LanguageCode"] == tag
    assert "IdentifyLanguage" not in aws.started[0]


async def test_a_hint_that_aws_does_not_know_leaves_the_language_to_be_identified(
    transcriber: AwsTranscriber, aws: Aws, make_wav: MakeWav
):
    await transcriber.transcribe(make_wav(), "la")
    assert aws.started[0]["IdentifyLanguage"] is True


async def test_a_job_that_fails_is_told_and_cleaned_up(
    transcriber: AwsTranscriber, aws: Aws, make_wav: MakeWav
):
    aws.failure = "The media is too quiet."
    with pytest.raises(RecognitionFailed, match="too quiet") as caught:
        await transcriber.transcribe(make_wav(), None)
    assert not caught.value.again
    assert (aws.objects, aws.jobs) == ({}, {})


@pytest.mark.parametrize(
    ("operation", "status", "code", "again", "said"),
    [
        ("PutObject", 403, "AccessDenied", False, "s3:PutObject"),
        ("PutObject", 404, "NoSuchBucket", False, "no bucket 'notes'"),
        ("PutObject", 503, "SlowDown", True, "for now"),
        ("StartTranscriptionJob", 400, "AccessDeniedException", False, "policy"),
        ("StartTranscriptionJob", 400, "BadRequestException", False, "BadRequestException"),
        ("StartTranscriptionJob", 400, "LimitExceededException", True, "for now"),
        ("GetTranscriptionJob", 500, "InternalFailureException", True, "for now"),
    ],
)
async def test_what_aws_refuses_is_told_and_the_sound_does_not_stay(
    transcriber: AwsTranscriber,
    aws: Aws,
    make_wav: MakeWav,
    operation: str,
    status: int,
    code: str,
    again: bool,
    said: str,
):
    aws.refuse[operation] = (status, code)
    with pytest.raises(RecognitionFailed) as caught:
        await transcriber.transcribe(make_wav(), None)
    assert said in caught.value.text
    assert caught.value.again is again
    assert (aws.objects, aws.jobs) == ({}, {})


async def test_a_job_that_takes_too_long_is_given_up_and_deleted(aws: Aws, make_wav: MakeWav):
    aws.polls = 10**9
    late = AwsTranscriber("notes", sleep=no_pause, least_seconds=0.0)
    with pytest.raises(RecognitionFailed, match="not done within 1 s") as caught:
        await late.transcribe(make_wav(0.6), None)
    assert caught.value.again
    assert (aws.objects, aws.jobs) == ({}, {})


async def test_missing_credentials_are_told(
    transcriber: AwsTranscriber, make_wav: MakeWav, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(RecognitionFailed, match="AWS_ACCESS_KEY_ID") as caught:
        await transcriber.transcribe(make_wav(), None)
    assert not caught.value.again
