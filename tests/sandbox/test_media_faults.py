"""What may go wrong with a customer's file on its way to the business."""

import time

import pytest
import requests

from sandbox.servers import ACCOUNT, ADA, TOKEN, Business, Sandbox

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 40


@pytest.fixture
def url(sandbox: Sandbox, business: Business) -> str:
    """The address of a file that a customer sent."""
    sandbox.send("bill.pdf", PDF, "application/pdf")
    told = business.heard[-1].form["MediaUrl0"]
    return sandbox.url + told.removeprefix("http://sandbox.test/sandbox")


def get(url: str, timeout: float = 5, **more: bool) -> requests.Response:
    return requests.get(url, auth=(ACCOUNT, TOKEN), timeout=timeout, **more)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("status", [403, 404, 410, 500])
def test_a_status_comes_so_many_times_from_the_api_or_from_behind_its_redirect(
    sandbox: Sandbox, url: str, status: int, when: str
):
    sandbox.fault("media_status", status=status, when=when, times=2)
    answers = [get(url) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [status, status, 200]
    assert [len(answer.history) for answer in answers[:2]] == [int(when == "after")] * 2
    assert answers[2].content == PDF


def test_a_redirect_may_lead_anywhere(sandbox: Sandbox, url: str):
    sandbox.fault("media_redirect", url="http://169.254.169.254/latest")
    answer = get(url, allow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (
        307,
        "http://169.254.169.254/latest",
    )


def test_a_redirect_needs_somewhere_to_lead(sandbox: Sandbox):
    answer = requests.post(f"{sandbox.url}/faults", json={"kind": "media_redirect"}, timeout=5)
    assert (answer.status_code, "needs the url" in answer.text) == (400, True)


def test_the_first_byte_may_be_slow(sandbox: Sandbox, url: str):
    sandbox.fault("media_slow", seconds=0.2, times=1)
    started = time.monotonic()
    assert get(url).content == PDF
    assert time.monotonic() - started >= 0.2
    sandbox.fault("media_slow", seconds=20)
    with pytest.raises(requests.ReadTimeout):
        get(url, timeout=0.2)


def test_the_bytes_may_drip(sandbox: Sandbox, url: str):
    sandbox.fault("media_drip", seconds=0.3)
    started = time.monotonic()
    answer = get(url)
    assert (answer.content, int(answer.headers["content-length"])) == (PDF, len(PDF))
    assert time.monotonic() - started >= 0.25


def test_the_type_may_be_wrong(sandbox: Sandbox, url: str):
    sandbox.fault("media_type", content_type="image/jpeg")
    answer = get(url)
    assert (answer.content, answer.headers["content-type"]) == (PDF, "image/jpeg")


@pytest.mark.parametrize("kind", ["media_longer", "media_broken"])
def test_a_body_may_end_before_its_length(sandbox: Sandbox, url: str, kind: str):
    sandbox.fault(kind)
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        get(url)


def test_a_body_may_be_longer_than_its_length(sandbox: Sandbox, url: str):
    sandbox.fault("media_shorter", times=1)
    assert get(url).content == PDF[: len(PDF) // 2]
    assert get(url).content == PDF


def test_a_body_may_never_end(sandbox: Sandbox, url: str):
    sandbox.fault("media_endless")
    with get(url, stream=True) as answer:
        assert "content-length" not in answer.headers
        head = answer.raw.read(5_000_000)
    assert head[: len(PDF)] == PDF
    assert not any(head[len(PDF) :])


def test_a_fault_of_files_leaves_messages_and_other_customers_alone(sandbox: Sandbox, url: str):
    sandbox.fault("media_status", number="+14155550102")
    assert get(url).status_code == 200
    sandbox.fault("media_status", number=ADA)
    assert sandbox.twilio().messages.list()
    assert get(url).status_code == 503
    assert sandbox.get("/stats")["faults_taken"] == {"media_status": 1}


def test_general_faults_meet_files_when_asked_to(sandbox: Sandbox, url: str):
    sandbox.fault("reset", operation="media", times=1)
    with pytest.raises(requests.ConnectionError):
        get(url)
    sandbox.fault("rate_limit", operation="media", times=1)
    assert get(url).status_code == 429
    assert get(url).content == PDF
