"""Signed addresses: for one file, for a while, and for nothing else."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest

from frontdesk.kernel.errors import Forbidden
from frontdesk.media.signing import UrlSigner

BASE = "https://desk.example"
NOW = datetime(2026, 2, 3, 12, tzinfo=UTC)
PATH = f"/media/{uuid4()}"


def signer(at: datetime = NOW, key: bytes = b"k" * 32) -> UrlSigner:
    return UrlSigner(BASE, key, lambda: at)


def parts(url: str) -> tuple[str, str, str]:
    split = urlsplit(url)
    query = parse_qs(split.query)
    assert set(query) == {"expires", "signature"}
    return split.path, query["expires"][0], query["signature"][0]


def test_an_address_opens_its_own_path_until_it_ends() -> None:
    url = signer().url(PATH, 60)
    assert url.startswith(f"{BASE}{PATH}?")
    signer().check(*parts(url))
    signer(NOW + timedelta(seconds=60)).check(*parts(url))
    with pytest.raises(Forbidden, match="expired"):
        signer(NOW + timedelta(seconds=61)).check(*parts(url))


def test_an_address_opens_nothing_else() -> None:
    path, expires, signature = parts(signer().url(PATH, 60))
    for other in (f"/media/{uuid4()}", f"{path}/shown", f"{path}/", path.upper(), ""):
        with pytest.raises(Forbidden, match="not signed"):
            signer().check(other, expires, signature)
    rendition, expires, signature = parts(signer().url(f"{PATH}/sent-1", 60))
    for other in (PATH, f"{PATH}/sent-2", f"{rendition}0"):
        with pytest.raises(Forbidden, match="not signed"):
            signer().check(other, expires, signature)


@pytest.mark.parametrize(
    "change",
    ["", "0", "-1", "9" * 20, "1e12", " 1", "١٢٣", "nan", "\ud800", "+1"],
)
def test_another_end_is_not_signed(change: str) -> None:
    path, _, signature = parts(signer().url(PATH, 60))
    with pytest.raises(Forbidden, match="not signed"):
        signer().check(path, change, signature)


@pytest.mark.parametrize("signature", ["", "0" * 64, "é", "\ud800", "a\x00b"])
def test_another_signature_is_refused(signature: str) -> None:
    path, expires, own = parts(signer().url(PATH, 60))
    for forged in (signature, own[:-1], own.upper(), f"{own} "):
        with pytest.raises(Forbidden, match="not signed"):
            signer().check(path, expires, forged)


def test_another_servers_key_signs_nothing_here() -> None:
    url = signer(key=b"x" * 32).url(PATH, 60)
    with pytest.raises(Forbidden, match="not signed"):
        signer().check(*parts(url))


def test_the_key_is_not_shown() -> None:
    assert "kkkk" not in repr(signer())
