"""A real IMAP server for one test: Dovecot, unprivileged, on loopback, with its own mailbox."""

import datetime
import ipaddress
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import imap_tools
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER = "enquiries@example.com"
PASSWORD = 'a "quoted" \\ pass'
ABSENT = (
    "Dovecot 2.3 is not on this machine (Debian: apt-get install dovecot-imapd); "
    "mailboxes are tested against it"
)
CONFIG = """
base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{root}/cert.pem
ssl_key = <{root}/key.pem
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
first_valid_gid = 1
disable_plaintext_auth = no
auth_failure_delay = 0
mail_location = maildir:{root}/Maildir
maildir_broken_filename_sizes = yes
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
passdb {{
  driver = passwd-file
  args = {root}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={root}
}}
"""


@dataclass
class ImapServer:
    """A mailbox that tests fill by files, as its server would, or by IMAP."""

    root: Path
    port: int
    tls_port: int
    uid: int
    gid: int
    delivered: int = 0

    @property
    def certificate(self) -> Path:
        return self.root / "cert.pem"

    def deliver(self, raw: bytes, folder: str = "") -> None:
        """Puts a message into the mailbox, unread."""
        self.delivered += 1
        home = self.root / "Maildir" / folder
        path = home / "new" / f"{self.delivered:09}.M1P1.test"
        path.write_bytes(raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
        os.chown(path, self.uid, self.gid)

    @contextmanager
    def client(self) -> Generator[imap_tools.MailBoxUnencrypted]:
        """The mailbox as another program sees it."""
        mailbox = imap_tools.MailBoxUnencrypted("127.0.0.1", self.port, timeout=10)
        with mailbox.login(USER, PASSWORD) as signed_in:
            assert isinstance(signed_in, imap_tools.MailBoxUnencrypted)
            yield signed_in

    def seen(self) -> set[str]:
        """The subjects of what is marked as read."""
        with self.client() as mailbox:
            found = mailbox.fetch("SEEN", mark_seen=False, headers_only=True, bulk=True)
            return {message.subject for message in found}

    def unseen(self) -> set[str]:
        with self.client() as mailbox:
            found = mailbox.fetch("UNSEEN", mark_seen=False, headers_only=True, bulk=True)
            return {message.subject for message in found}


def is_here() -> bool:
    command = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin")
    if command is None:
        return False
    told = subprocess.run([command, "--version"], capture_output=True, text=True, check=False)
    return told.stdout.startswith("2.3.")


@contextmanager
def imap_server() -> Generator[ImapServer]:
    # Not below pytest's own directory, which is closed to the account that the server runs as.
    root = Path(tempfile.mkdtemp(prefix="frontdesk-imap-"))
    account = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    try:
        server = ImapServer(root, *_ports(), account.pw_uid, account.pw_gid)
        _write(server, account)
        with _running(server):
            yield server
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


def _write(server: ImapServer, account: pwd.struct_passwd) -> None:
    import grp

    root = server.root
    for folder in ("Maildir", "Maildir/.Orders", "Maildir/.Gr&APYA3w-e"):
        for part in ("new", "cur", "tmp"):
            (root / folder / part).mkdir(parents=True, exist_ok=True)
    certificate(root)
    (root / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n")
    text = CONFIG.format(
        root=root,
        user=account.pw_name,
        group=grp.getgrgid(account.pw_gid).gr_name,
        uid=account.pw_uid,
        gid=account.pw_gid,
        port=server.port,
        tls_port=server.tls_port,
    )
    (root / "dovecot.conf").write_text(text)
    for path in (root, *root.rglob("*")):
        os.chown(path, account.pw_uid, account.pw_gid)


def certificate(folder: Path) -> None:
    """A certificate for localhost that is signed by nobody but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=7))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


@contextmanager
def _running(server: ImapServer) -> Generator[None]:
    command = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin")
    assert command is not None
    options: dict[str, Any] = {"user": server.uid, "group": server.gid, "extra_groups": []}
    process = subprocess.Popen(
        [command, "-F", "-c", str(server.root / "dovecot.conf")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        **(options if os.geteuid() == 0 else {}),
    )
    try:
        deadline = time.monotonic() + 15
        while not _answers(server.port):
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.02)
            if process.returncode is not None or time.monotonic() > deadline:
                told = server.root / "dovecot.log"
                raise AssertionError(told.read_text() if told.exists() else "no log")
        yield
    finally:
        process.terminate()
        process.communicate(timeout=15)


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as probe:
            return probe.recv(10).startswith(b"* OK")
    except OSError:
        return False
