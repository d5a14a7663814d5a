"""`media_url`: files of this domain and of the open internet, and of nobody's network."""

import asyncio
import socket
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from frontdesk.web.trust import Trust
from media import samples
from media.uploading import JPEG, chat_of, objects, upload
from pipeline.desk import Desk, another_domain


@dataclass
class Trap:
    """A server on loopback that nobody may connect to."""

    port: int = 0
    connections: list[Any] = field(default_factory=list[Any])


@asynccontextmanager
async def trap() -> AsyncGenerator[Trap]:
    set_up = Trap()

    async def caught(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        set_up.connections.append(writer.get_extra_info("peername"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n" + JPEG)
        writer.close()

    server = await asyncio.start_server(caught, "127.0.0.1", 0)
    set_up.port = server.sockets[0].getsockname()[1]
    async with server:
        yield set_up


async def respond(desk: Desk, chat: str, url: str, **more: Any) -> Any:
    body = {"content": "Look", "media_url": url, **more}
    return await desk.call("POST", f"/chat/{chat}/manual-response", json=body)


HOSTS = [
    "127.0.0.1",
    "localhost",
    "localhost.",
    "127.1",
    "0",
    "0.0.0.0",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[64:ff9b::127.0.0.1]",
    "[2002:7f00:1::]",
    "user:password@127.0.0.1",
]
NETWORKS = [
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "[fe80::1]",
    "[fd00::1]",
    "224.0.0.1",
    "metadata.google.internal",
]
OTHERS = [
    "file:///etc/passwd",
    "ftp://example.com/a.jpg",
    "gopher://127.0.0.1/",
    "data:image/jpeg;base64,AAAA",
    "//127.0.0.1/a.jpg",
    "https://",
    "https:///a.jpg",
    "https://exa mple.com/",
    "http://example.com/a.jpg",
    "nonsense",
    "https://[::1",
    "https://example.com:99999/",
    "\\\\127.0.0.1\\a",
]


async def test_nothing_of_a_private_network_is_fetched_though_the_host_is_trusted(
    web: Desk,
) -> None:
    chat = await chat_of(web)
    assert "127.0.0.0/8" in str(web.app.settings.trusted_hosts)
    async with trap() as caught:
        urls = [f"{s}://{host}:{caught.port}/a.jpg" for host in HOSTS for s in ("https", "http")]
        urls += [f"https://{host}/a.jpg" for host in NETWORKS] + OTHERS
        for url in urls:
            for more in ({}, {"send_immediately": False}):
                answer = await respond(web, chat, url, **more)
                assert answer.status == 422, f"{url}: {answer.status} {answer.text}"
                assert set(answer.json) == {"detail"}
        assert caught.connections == []
    assert await web.count("media") == 0
    assert len(await web.messages()) == 1, "no message of it is left"


async def test_a_name_that_leads_home_is_refused_when_it_is_resolved(
    web: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check is where the connection is made: a second look-up cannot answer otherwise."""
    chat = await chat_of(web)
    async with trap() as caught:
        for address in ("127.0.0.1", "10.0.0.7", "169.254.169.254"):

            async def leads(*_: Any, at: str = address, **__: Any) -> list[dict[str, Any]]:
                return [
                    {
                        "hostname": "cdn.example",
                        "host": at,
                        "port": caught.port,
                        "family": 2,
                        "proto": 0,
                        "flags": 0,
                    }
                ]

            monkeypatch.setattr("aiohttp.ThreadedResolver.resolve", leads)
            answer = await respond(web, chat, f"https://cdn.example:{caught.port}/a.jpg")
            assert answer.status == 422, answer.text
            assert "not a public address" in answer.detail
        assert caught.connections == []


async def test_an_own_address_of_another_domain_is_no_file(web: Desk) -> None:
    chat = await chat_of(web)
    stored = (await upload(web, chat, JPEG)).json
    domain_id, _ = await another_domain(web)
    await web.db.execute("ALTER TABLE media DROP CONSTRAINT media_domain_id_checksum_fkey")
    await web.db.execute("UPDATE media SET domain_id = $1", domain_id)
    path = urlsplit(stored["url"]).path
    signed = web.app.files.media.signer.url(f"/media/{stored['media_id']}", 60)
    for url in (stored["url"], path, f"/media/{stored['media_id']}", signed):
        answer = await respond(web, chat, url)
        assert answer.status == 422, f"{url}: {answer.text}"
        assert "no file of this domain" in answer.detail


async def test_own_addresses_that_lead_to_no_file_are_refused(web: Desk) -> None:
    chat = await chat_of(web)
    for path in (
        "/",
        "/media/",
        "/media/nonsense",
        "/api/v1/domains",
        "/conversation-media/../../secret.key",
        "/conversation-media/a\x00b",
        "/conversation-media/\ud800",
        "/whatsapp/webhook",
    ):
        for url in (path, web.url + path):
            answer = await respond(web, chat, url)
            assert answer.status == 422, f"{url!r}: {answer.status} {answer.text}"
    assert not objects(web)


# What is public


def certificate(folder: Path, host: str) -> Path:
    """A key and a certificate of its own making for the host, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "host.pem"
    path.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + made.public_bytes(Encoding.PEM)
    )
    return path


@dataclass
class Cdn:
    """A host that stands for one of the open internet; its name is trusted to be public."""

    url: str
    answers: dict[str, bytes]
    asked: list[str] = field(default_factory=list[str])

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        assert b"authorization" not in head.lower()
        path = head.split()[1].decode()
        self.asked.append(path)
        writer.write(self.answers[path])
        await writer.drain()
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


class AtHome(AbstractResolver):
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host="127.0.0.1",
                port=port,
                family=socket.AF_INET,
                proto=0,
                flags=0,
            )
        ]

    async def close(self) -> None:
        return None


def body(content: bytes, *, length: int | None = None, kind: str = "image/jpeg") -> bytes:
    size = len(content) if length is None else length
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {size}\r\n\r\n"
    return head.encode() + content


@pytest.fixture
async def cdn(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Cdn]:
    host = "cdn.example"
    pem = certificate(tmp_path, host)
    monkeypatch.setattr(
        "aiohttp.connector._SSL_CONTEXT_VERIFIED", ssl.create_default_context(cafile=str(pem))
    )
    desk.app.public_egress.trust = Trust.of([host])
    desk.app.public_egress.resolver = AtHome()
    secure = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    secure.load_cert_chain(pem)
    made = Cdn("", {})
    server = await asyncio.start_server(made.answer, "127.0.0.1", 0, ssl=secure)
    made.url = f"https://{host}:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield made


async def test_a_public_file_is_fetched_once_and_sent(desk: Desk, cdn: Cdn, tmp_path: Path) -> None:
    chat = await chat_of(desk)
    await desk.replies(1)
    photo = samples.jpeg(tmp_path).read_bytes()
    cdn.answers["/tea%20pot.jpg?size=2"] = body(photo, kind="text/plain")
    url = f"{cdn.url}/tea%20pot.jpg?size=2"
    answer = await respond(desk, chat, url)
    assert answer.status == 200, answer.text
    assert answer.json["sent"] is True
    assert (await desk.sent())[-1]["body"] == "Look"
    gallery = f"/api/v1/conversations/{chat}/media"
    [item] = (await desk.call("GET", gallery)).json["items"]
    assert (item["content_type"], item["size"]) == ("image/jpeg", len(photo))
    assert item["filename"].endswith(".jpg")
    key = {"Idempotency-Key": "k"}
    path = f"/chat/{chat}/manual-response"
    both = list(
        await asyncio.gather(
            *(desk.call("POST", path, json={"media_url": url}, headers=key) for _ in range(2))
        )
    )
    # Two that cross may have one of them told to come again, which it does under the same key.
    if crossed := [place for place, each in enumerate(both) if each.status == 503]:
        both[crossed[0]] = await desk.call("POST", path, json={"media_url": url}, headers=key)
    assert [each.status for each in both] == [200, 200]
    assert both[0].json == both[1].json
    asked = len(cdn.asked)
    again = await desk.call("POST", path, json={"media_url": url}, headers=key)
    assert again.json == both[0].json
    assert len(cdn.asked) == asked, "what was sent before is not fetched again"
    assert len((await desk.call("GET", gallery)).json["items"]) == 2
    draft = await respond(desk, chat, url, send_immediately=False)
    assert draft.status == 200
    assert len((await desk.call("GET", gallery)).json["items"]) == 3


async def test_a_public_host_leads_nowhere_else_and_what_is_wrong_leaves_nothing(
    desk: Desk, cdn: Cdn
) -> None:
    chat = await chat_of(desk)
    await desk.replies(1)

    def moved(to: str) -> bytes:
        return f"HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n".encode()

    async with trap() as caught:
        cdn.answers = {
            "/to-loopback": moved(f"https://127.0.0.1:{caught.port}/a.jpg"),
            "/to-http": moved(f"http://cdn.example:{caught.port}/a.jpg"),
            "/to-mapped": moved(f"https://[::ffff:127.0.0.1]:{caught.port}/a.jpg"),
            "/to-decimal": moved(f"https://2130706433:{caught.port}/a.jpg"),
            "/to-us": moved(f"{desk.url}/api/v1/domains"),
            "/to-file": moved("file:///etc/passwd"),
            "/round": moved("/round"),
            "/missing": b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
            "/error": b"HTTP/1.1 503 Away\r\nContent-Length: 0\r\n\r\n",
            "/page.jpg": body(b"<!doctype html><title>Sign in</title>"),
            "/empty.jpg": body(b""),
            "/broken.jpg": body(JPEG + bytes(200_000), length=300_000),
            "/large.jpg": body(JPEG + bytes(6_000_000)),
        }
        for path in cdn.answers:
            answer = await respond(desk, chat, cdn.url + path)
            assert answer.status == 422, f"{path}: {answer.status} {answer.text}"
            assert answer.detail.startswith("media_url: ")
        assert caught.connections == []
    assert len(cdn.asked) >= len(cdn.answers)
    assert await desk.count("media") == 0
    assert not objects(desk)
    assert len(await desk.sent()) == 1


async def test_a_file_that_was_fetched_for_nothing_goes_again(desk: Desk, cdn: Cdn) -> None:
    chat = await chat_of(desk)
    await desk.replies(1)
    cdn.answers["/a.jpg"] = body(JPEG + b"a")
    answer = await respond(desk, chat, f"{cdn.url}/a.jpg", media_ids=[str(uuid4())])
    assert answer.status == 422
    assert cdn.asked == ["/a.jpg"]
    assert (await desk.call("GET", f"/api/v1/conversations/{chat}/media")).json["items"] == []
    assert not objects(desk)
