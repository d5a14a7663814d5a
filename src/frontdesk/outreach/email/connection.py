"""A connection to an IMAP server that was checked first, and that cannot flood or outwait us.

`imaplib` would resolve the host's name again, keep on after a refused STARTTLS if told to, and read
whatever length a server announces; here the address is the one that was checked, TLS comes before
the first secret or not at all, and what one command may answer is limited.
"""

import asyncio
import imaplib
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import IO, Any

from frontdesk.outreach.email.model import LONGEST_MAIL, Account
from frontdesk.web.addresses import blocked, check_url, embedded, is_public, literal
from frontdesk.web.trust import Trust

CONNECT_SECONDS = 10.0
SILENCE_SECONDS = 60.0
LONGEST_LINE = 2 * 1024 * 1024
"""Bytes: the answer to a search of 200 000 messages is one line."""
LONGEST_ANSWER = LONGEST_MAIL + 4 * 1024 * 1024


class MailboxFailed(Exception):
    """The mailbox cannot be read now. `text` is for people and holds no secret."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


@dataclass(frozen=True)
class Route:
    """Where a server is, as it was when it was allowed."""

    family: int
    address: tuple[Any, ...]


def check_destination(account: Account, trust: Trust) -> None:
    """Refuses what can be seen to be wrong without asking the network. Raises Unprocessable."""
    host = f"[{account.host}]" if ":" in account.host else account.host
    check_url(f"https://{host}:{account.port}/", trust)


async def routes_to(account: Account, trust: Trust) -> list[Route]:
    """The server's addresses that may be connected to. Raises Blocked, MailboxFailed."""
    check_destination(account, trust)
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            found = await loop.getaddrinfo(account.host, account.port, type=socket.SOCK_STREAM)
    except TimeoutError:
        raise MailboxFailed(f"the host {account.host} could not be looked up in time") from None
    except (OSError, UnicodeError):
        raise MailboxFailed(f"the host {account.host} is not known") from None
    by_name = trust.names(account.host)
    reached = [(family, address, literal(str(address[0]))) for family, *_, address in found]
    private = [trust.covers(embedded(each)) for *_, each in reached if each is not None]
    if account.security == "none" and not (by_name or (private and all(private))):
        raise MailboxFailed(
            f"security 'none' would send the password to {account.host} for everybody to read; "
            "use tls or starttls (or add the host to FRONTDESK_TRUSTED_HOSTS)"
        )
    allowed = [
        Route(family, address)
        for family, address, each in reached
        if by_name or (each is not None and _allows(each, trust))
    ]
    if not allowed:
        raise blocked(account.host)
    return allowed


def _allows(address: IPv4Address | IPv6Address, trust: Trust) -> bool:
    return is_public(address) or trust.covers(embedded(address))


@dataclass
class Line:
    """The socket of a connection, however far it has come, for whoever must not wait for it."""

    sock: socket.socket | None = None
    given_up: bool = False

    def give_up(self) -> None:
        """Ends whatever another thread waits for."""
        self.given_up = True
        if self.sock is not None:
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)


class Connection(imaplib.IMAP4):
    """Blocking: for a thread. Its `line` ends it from another one."""

    sock: socket.socket

    def __init__(self, account: Account, routes: list[Route], line: Line) -> None:
        self._account = account
        self._line = line
        self._routes = routes
        self._context = ssl.create_default_context()
        self._stream: IO[bytes] | None = None
        self._answered = 0
        super().__init__(account.host, account.port)
        if account.security == "starttls":
            try:
                self._upgrade()
            except BaseException:
                self.shutdown()
                raise

    def open(self, host: str = "", port: int = 0, timeout: float | None = None) -> None:
        del timeout
        self.host, self.port = host, port
        failure: OSError | None = None
        for route in self._routes:
            plain = socket.socket(route.family, socket.SOCK_STREAM)
            plain.settimeout(CONNECT_SECONDS)
            self.sock = self._line.sock = plain
            try:
                plain.connect(route.address)
                self._secure(plain, self._account.security == "tls")
            except OSError as error:
                plain.close()
                failure = failure or error
                continue
            return
        raise failure or OSError("no address")

    def _secure(self, plain: socket.socket, tls: bool) -> None:
        """What follows is read from the new stream only: nothing said before TLS is believed."""
        if self._line.given_up:
            raise OSError("the connection was given up")
        sock = plain
        sock.settimeout(CONNECT_SECONDS)
        if tls:
            sock = self._context.wrap_socket(plain, server_hostname=self._account.host)
        sock.settimeout(SILENCE_SECONDS)
        self.sock = self._line.sock = sock
        self._stream = sock.makefile("rb")

    def _upgrade(self) -> None:
        status, answer = self._simple_command("STARTTLS")
        if status != "OK":
            told = b" ".join(each for each in answer if isinstance(each, bytes))
            raise MailboxFailed(
                f"{self._account.host} does not begin TLS on port {self._account.port}"
                f"{said(told)}; use security tls, usually on port 993"
            )
        self._secure(self.sock, True)
        self.untagged_responses: dict[str, list[Any]] = {}
        self._tls_established = True
        self._get_capabilities()

    def send(self, data: Any) -> None:
        self._answered = 0
        self.sock.sendall(data)

    def read(self, size: int) -> bytes:
        self._count(size)
        assert self._stream is not None
        return self._stream.read(size)

    def readline(self) -> bytes:
        assert self._stream is not None
        line = self._stream.readline(LONGEST_LINE + 1)
        self._count(len(line) if len(line) <= LONGEST_LINE else LONGEST_ANSWER)
        return line

    def _count(self, size: int) -> None:
        self._answered += size
        if self._answered >= LONGEST_ANSWER:
            raise self.abort("the answer is longer than any mail")

    def shutdown(self) -> None:
        if self._stream is not None:
            self._stream.close()
        self.sock.close()


def said(answer: bytes) -> str:
    """What a server said, short and harmless, in brackets."""
    text = answer.decode("utf-8", "replace")
    shown = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return f" ({shown[:160]})" if shown else ""


def explained(error: BaseException, account: Account) -> str:
    """A failure of the network in words for people."""
    where = f"{account.host} on port {account.port}"
    match error:
        case ssl.SSLCertVerificationError():
            return f"the certificate of {where} is not trusted: {error.verify_message}"
        case ssl.SSLError():
            return f"{where} does not speak TLS ({error.reason or 'no handshake'})"
        case TimeoutError():
            return f"{where} did not answer in time"
        case ConnectionRefusedError():
            return f"{where} takes no connection"
        case imaplib.IMAP4.error():
            first = error.args[0] if error.args else b""
            told = first if isinstance(first, bytes) else str(first).encode(errors="replace")
            return f"{where} ended the conversation{said(told)}"
        case _:
            return f"{where} cannot be reached ({type(error).__name__})"
