"""A mailbox over IMAP: what is reached, refused and never waited for."""

import asyncio
import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from frontdesk.outreach.email.connection import MailboxFailed, check_destination, routes_to
from frontdesk.outreach.email.mailbox import Mailbox, opened
from frontdesk.outreach.email.model import Account
from frontdesk.web.addresses import Blocked
from frontdesk.web.trust import Trust
from outreach.email.imap_server import PASSWORD, USER, ImapServer, certificate
from outreach.email.reader import mail

TRUST = Trust.of(["127.0.0.0/8", "localhost"])


def account(imap: ImapServer, security: str = "none") -> Account:
    port = imap.tls_port if security == "tls" else imap.port
    return Account("localhost", port, security, USER, PASSWORD)  # pyright: ignore[reportArgumentType]


async def problem(account: Account) -> str:
    with pytest.raises(MailboxFailed) as told:
        async with opened(account, TRUST):
            pass
    return told.value.text


async def inbox(mailbox: Mailbox) -> list[int]:
    await mailbox.select("INBOX", read_only=True)
    return await mailbox.search("ALL", 1, None)


@pytest.mark.parametrize("security", ["tls", "starttls", "none"])
async def test_a_mailbox_is_read_with_and_without_tls(
    imap: ImapServer, monkeypatch: pytest.MonkeyPatch, security: str
) -> None:
    # How an operator names a certificate authority of their own.
    monkeypatch.setenv("SSL_CERT_FILE", str(imap.certificate))
    imap.deliver(mail(message_id="<one@x>"))
    async with opened(account(imap, security), TRUST) as mailbox:
        assert await mailbox.folders() == ["Größe", "INBOX", "Orders"]
        assert await inbox(mailbox) == [1]
        [outline] = await mailbox.outlines([1])
        assert outline.key == "<one@x>"
        content = (await mailbox.messages([1]))[1]
        assert outline.size == len(content)
        assert b"An appointment" in content
    assert imap.unseen() == {"An appointment"}, "looking at a mail marks nothing"


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_a_certificate_that_nobody_signed_is_refused(imap: ImapServer, security: str) -> None:
    assert "certificate of localhost" in await problem(account(imap, security))
    assert USER not in (imap.root / "dovecot.log").read_text(), "nothing was said before TLS"


async def test_a_certificate_of_another_host_is_refused(
    imap: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(imap.certificate))
    other = replace(account(imap, "tls"), host="127.0.0.2")
    imap_other = await problem(other)
    assert "127.0.0.2" in imap_other


async def test_a_folder_with_any_name_is_opened(imap: ImapServer) -> None:
    imap.deliver(mail(subject="In the folder"), ".Gr&APYA3w-e")
    async with opened(account(imap), TRUST) as mailbox:
        selected = await mailbox.select("Größe", read_only=False)
        assert selected.exists == 1
        assert await mailbox.search('SUBJECT "folder"', 1, None) == [1]
        with pytest.raises(MailboxFailed, match="the folder 'Nowhere' cannot be opened"):
            await mailbox.select("Nowhere", read_only=True)


async def test_a_wrong_password_is_told_as_one(imap: ImapServer) -> None:
    wrong = replace(account(imap), password="wrong")
    assert "refuses the user name or the password" in await problem(wrong)
    umlaut = replace(account(imap), password="größe")
    assert "refuses the user name or the password" in await problem(umlaut)


async def test_what_speaks_no_tls_is_told_as_such(imap: ImapServer) -> None:
    assert "does not speak TLS" in await problem(replace(account(imap, "tls"), port=imap.port))


async def test_nobody_there_is_told_as_such(free_port: Callable[[], int]) -> None:
    nowhere = Account("127.0.0.1", free_port(), "tls", USER, PASSWORD)
    assert "takes no connection" in await problem(nowhere)


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "localhost"])
async def test_the_servers_own_network_is_reached_only_when_it_is_trusted(host: str) -> None:
    inside = Account(host, 993, "tls", USER, PASSWORD)
    with pytest.raises(Blocked, match="FRONTDESK_TRUSTED_HOSTS"):
        check_destination(inside, Trust())
    with pytest.raises(Blocked):
        await routes_to(inside, Trust())


async def test_a_password_is_never_sent_in_the_clear_over_the_internet() -> None:
    outside = Account("8.8.8.8", 143, "none", USER, PASSWORD)
    with pytest.raises(MailboxFailed, match="would send the password"):
        await routes_to(outside, TRUST)


@contextmanager
def speaking(*lines: bytes, answer: Callable[[bytes], bytes] | None = None) -> Generator[int]:
    """A server that says what a test wants; its port."""
    listener = socket.create_server(("127.0.0.1", 0))
    connections: list[socket.socket] = []

    def serve() -> None:
        try:
            connection, _ = listener.accept()
            connections.append(connection)
            connection.sendall(b"".join(lines))
            while answer is not None and (said := connection.recv(4096)):
                connection.sendall(answer(said))
        except OSError:
            for each in connections:
                each.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        for each in connections:
            each.close()
        thread.join(5)
        for each in (*connections, listener):
            each.close()


def polite(tag_answers: dict[bytes, bytes]) -> Callable[[bytes], bytes]:
    """An IMAP server that answers commands by their names."""

    def answer(said: bytes) -> bytes:
        tag, _, command = said.strip().partition(b" ")
        told = tag_answers.get(command.partition(b" ")[0].upper())
        if told is None:
            raise ConnectionAbortedError
        return told.replace(b"%s", tag)

    return answer


CAPABLE = b"* CAPABILITY IMAP4rev1 STARTTLS\r\n%s OK done\r\n"


async def test_starttls_cannot_be_talked_away() -> None:
    said: list[bytes] = []
    refusing = polite({b"CAPABILITY": CAPABLE, b"STARTTLS": b"%s NO not today\r\n"})

    def answer(text: bytes) -> bytes:
        said.append(text)
        return refusing(text)

    with speaking(b"* OK hi\r\n", answer=answer) as port:
        told = await problem(Account("127.0.0.1", port, "starttls", USER, PASSWORD))
    assert "does not begin TLS" in told
    assert not any(b"LOGIN" in each or PASSWORD.encode() in each for each in said)


async def test_what_is_said_before_tls_begins_is_not_believed(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("tls")
    certificate(folder)
    monkeypatch.setenv("SSL_CERT_FILE", str(folder / "cert.pem"))
    said: list[bytes] = []
    injected = b"%s OK go\r\n* PREAUTH\r\n* OK injected\r\n"
    injecting = polite({b"CAPABILITY": CAPABLE, b"STARTTLS": injected, b"LOGIN": b"%s OK in\r\n"})

    def answer(text: bytes) -> bytes:
        said.append(text)
        return injecting(text)

    with speaking(b"* OK hi\r\n", answer=answer) as port:
        await problem(Account("127.0.0.1", port, "starttls", USER, PASSWORD))
    assert said[-1].startswith(b"\x16\x03"), "what follows STARTTLS is a handshake"


async def test_an_answer_without_end_is_cut_off() -> None:
    flood = polite({b"CAPABILITY": CAPABLE, b"LOGIN": b"* X {99999999999}\r\n"})
    with speaking(b"* OK hi\r\n", answer=flood) as port:
        told = await problem(Account("127.0.0.1", port, "none", USER, PASSWORD))
    assert "longer than any mail" in told


async def test_a_server_that_speaks_something_else_is_told_as_such() -> None:
    with speaking(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        told = await problem(Account("127.0.0.1", port, "none", USER, PASSWORD))
    assert "127.0.0.1" in told


async def test_a_silent_server_keeps_nobody_waiting_who_gives_up() -> None:
    with speaking() as port:
        silent = Account("127.0.0.1", port, "none", USER, PASSWORD)
        before = threading.active_count()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2), opened(silent, TRUST):
                pass
        async with asyncio.timeout(5):
            while threading.active_count() > before:
                await asyncio.sleep(0.01)
