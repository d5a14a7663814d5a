"""A local Whisper model's directory: what is wrong with one is told before anything is loaded."""

from pathlib import Path

import pytest

from frontdesk.media.recognition.whisper import WhisperTranscriber, check_directory, installed
from frontdesk.ports import RecognitionFailed
from media.recognition.conftest import MakeWav


@pytest.fixture
def model(tmp_path: Path) -> Path:
    directory = tmp_path / "models" / "small"
    directory.mkdir(parents=True)
    (directory / "config.json").write_text('{"alignment_heads": []}')
    (directory / "tokenizer.json").write_text("{}")
    (directory / "vocabulary.json").write_text("[]")
    (directory / "model.bin").write_bytes(b"\x06\x00\x00\x00\x0c\x00WhisperSpec\x00" + bytes(64))
    return directory


def refusal(directory: Path) -> str:
    with pytest.raises(RecognitionFailed) as caught:
        check_directory(directory)
    assert not caught.value.again
    assert "use a directory of a faster-whisper model" in caught.value.text
    return caught.value.text


def test_a_directory_with_all_of_a_models_files_is_taken(model: Path):
    check_directory(model)


def test_a_directory_that_is_not_there_is_told_without_its_whole_path(model: Path):
    text = refusal(model / "missing")
    assert "…/missing does not exist" in text
    assert str(model) not in text


@pytest.mark.parametrize("name", ["config.json", "model.bin", "tokenizer.json"])
def test_a_missing_file_is_named_also_the_one_that_would_be_downloaded(model: Path, name: str):
    (model / name).unlink()
    assert f"has no {name}" in refusal(model)


def test_either_form_of_vocabulary_will_do(model: Path):
    (model / "vocabulary.json").rename(model / "vocabulary.txt")
    check_directory(model)
    (model / "vocabulary.txt").unlink()
    assert "vocabulary.json or vocabulary.txt" in refusal(model)


@pytest.mark.parametrize("content", ["[]", "{", ""])
def test_a_config_that_is_no_object_is_told(model: Path, content: str):
    (model / "config.json").write_text(content)
    assert "config.json" in refusal(model)


def test_a_model_of_another_format_is_told(model: Path):
    (model / "model.bin").write_bytes(b"lmgg" + bytes(100))
    assert "not in CTranslate2's format" in refusal(model)


async def test_the_directory_is_checked_before_a_sound_is_looked_at(
    tmp_path: Path, make_wav: MakeWav
):
    with pytest.raises(RecognitionFailed, match="does not exist"):
        await WhisperTranscriber(tmp_path / "no").transcribe(make_wav(), None)


@pytest.mark.skipif(installed(), reason="the extra `whisper` is installed")
async def test_without_the_extra_it_says_how_to_install_it(model: Path, make_wav: MakeWav):
    with pytest.raises(RecognitionFailed, match=r"pip install 'frontdesk\[whisper\]'"):
        await WhisperTranscriber(model).transcribe(make_wav(), None)


@pytest.mark.skipif(not installed(), reason="the extra `whisper` is not installed")
async def test_a_model_that_cannot_be_loaded_costs_an_answer(model: Path, make_wav: MakeWav):
    transcriber = WhisperTranscriber(model)
    with pytest.raises(RecognitionFailed, match=r"cannot be loaded|made its process stop|memory"):
        await transcriber.transcribe(make_wav(), None)
    await transcriber.close()
