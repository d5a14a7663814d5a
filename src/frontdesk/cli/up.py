"""`up`: everything on one machine. The parent stays small: it imports no framework, no driver."""

import fcntl
import json
import os
import shutil
import socket
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from frontdesk.cli.serve import GREETING_FILE, Data, Host, bound

if TYPE_CHECKING:
    from frontdesk.cli.supervise import Child
    from frontdesk.settings import Settings

LOOPBACK = "127.0.0.0/8,::1,localhost"


def up(
    port: Annotated[
        int | None, typer.Option(help="The port; else FRONTDESK_PORT, else 1956.", min=1, max=65535)
    ] = None,
    host: Host = "127.0.0.1",
    data: Data = None,
    sandbox: Annotated[
        bool | None,
        typer.Option(
            help="Play the carrier on this machine, with a phone on the screen. "
            "On unless TWILIO_ACCOUNT_SID is set."
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object when everything answers.")
    ] = False,
) -> None:
    """Start everything on this machine, and stop it with Ctrl-C.

    That is PostgreSQL in the data directory, the web process, the worker and, unless Twilio is
    configured, a carrier to try things out with. A process that dies is started again.

    Example: frontdesk up --port 8080 --data ~/frontdesk
    """
    from frontdesk.cli import node, supervise

    settings = node.settings_of(data, port)
    _check(settings)
    bound(host, settings.port).close()
    sandboxed = _wants_sandbox(sandbox)
    told = settings.data / f"greeting.{os.getpid()}"
    with _alone(settings), node.database(settings) as (dsn, server):
        told.unlink(missing_ok=True)
        told.touch(0o600)
        env = _environment(settings, dsn, sandboxed)
        greeting = _Greeting(settings, _reachable(host), sandboxed, told, as_json)
        try:
            code = supervise.run(
                _children(host, env, told, sandboxed),
                ready=greeting.ready,
                check=server and server.ensure_running,
            )
        finally:
            told.unlink(missing_ok=True)
    raise typer.Exit(code)


def _check(settings: "Settings") -> None:
    """Refuses here what the processes would refuse at every start."""
    from frontdesk.domains.model import check_owner_token
    from frontdesk.web.trust import Trust

    Trust.of(settings.trusted_hosts)
    check_owner_token(settings.owner_token)


@contextmanager
def _alone(settings: "Settings") -> Generator[None]:
    """One `up` a data directory: two would share the jobs, each with a sandbox of its own."""
    from frontdesk.kernel.errors import Conflict
    from frontdesk.settings import PORT_FILE

    settings.data.mkdir(parents=True, exist_ok=True)
    path = settings.data / PORT_FILE
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            running = path.read_text("ascii").strip()
            raise Conflict(
                f"frontdesk up runs on {settings.data} already, at port {running}; "
                "give this one another --data, or add processes with: frontdesk worker"
            ) from None
        file.truncate(0)
        file.write(str(settings.port))
        file.flush()
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def _wants_sandbox(told: bool | None) -> bool:
    if told is None and os.environ.get("FRONTDESK_SANDBOX"):
        return os.environ["FRONTDESK_SANDBOX"].strip().lower() in ("1", "true", "yes", "on")
    return told if told is not None else not os.environ.get("TWILIO_ACCOUNT_SID")


def _children(host: str, env: dict[str, str], told: Path, sandboxed: bool) -> "list[Child]":
    from frontdesk.cli.supervise import Child

    command = [sys.executable, "-m", "frontdesk"]
    web = Child("web", [*command, "web", "--host", host], {**env, GREETING_FILE: str(told)})
    worker = Child("worker", [*command, "worker", "--await-schema"], env)
    # The first is stopped first: what the worker has in hand needs a carrier, which in the
    # sandbox is the web process; otherwise nothing new comes in once the web process is gone.
    return [worker, web] if sandboxed else [web, worker]


def _environment(settings: "Settings", dsn: str, sandboxed: bool) -> dict[str, str]:
    metrics = settings.data / "metrics" / str(settings.port)
    shutil.rmtree(metrics, ignore_errors=True)
    metrics.mkdir(parents=True)
    env = {
        "FRONTDESK_TRUSTED_HOSTS": LOOPBACK,
        **os.environ,
        "FRONTDESK_DATABASE_URL": dsn,
        "FRONTDESK_DATA": str(settings.data),
        "FRONTDESK_PORT": str(settings.port),
        "FRONTDESK_SANDBOX": "1" if sandboxed else "0",
        "PROMETHEUS_MULTIPROC_DIR": str(metrics),
        "FRONTDESK_LOGS_FOR_PEOPLE": "1" if sys.stderr.isatty() else "0",
    }
    if sandboxed:
        from frontdesk.sandbox.installed import ACCOUNT, NUMBER, token_of

        env |= {
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": token_of(settings.secret_key),
            "TWILIO_WHATSAPP_NUMBER": NUMBER,
            "TWILIO_API_BASE_URL": f"http://127.0.0.1:{settings.port}/sandbox",
        }
    return env


def _reachable(host: str) -> str:
    """Where a listener on `host` is called from this machine."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  not a bind


class _Greeting:
    """Asks for the health without ever waiting, and tells the person once it is there."""

    def __init__(
        self, settings: "Settings", host: str, sandboxed: bool, told: Path, as_json: bool
    ) -> None:
        self._settings = settings
        self._host = host
        self._sandboxed = sandboxed
        self._told = told
        self._as_json = as_json
        self._call: socket.socket | None = None

    def ready(self) -> bool:
        if not self._healthy():
            return False
        told: dict[str, str | None] = {}
        with suppress(FileNotFoundError, ValueError):
            told = json.loads(self._told.read_text())
        self._told.unlink(missing_ok=True)
        self._say(told.get("owner_token"), told.get("sign_in"))
        return True

    def _healthy(self) -> bool:
        try:
            if self._call is None:
                address = (self._host, self._settings.port)
                self._call = socket.create_connection(address, timeout=0.2)
                self._call.sendall(b"GET /whatsapp/health HTTP/1.0\r\nHost: localhost\r\n\r\n")
                self._call.setblocking(False)
            answer = self._call.recv(64)
        except BlockingIOError:
            return False
        except OSError:
            answer = b""
        if self._call is not None:
            self._call.close()
            self._call = None
        return answer.split(b" ")[1:2] == [b"200"]

    def _say(self, token: str | None, link: str | None) -> None:
        home = f"http://localhost:{self._settings.port}"
        phone = f"{home}/sandbox/phone" if self._sandboxed else None
        if self._as_json:
            told = {
                "url": home,
                "sign_in": link,
                "phone": phone,
                "docs": f"{home}/api",
                "public_url": self._settings.public_url,
                "data": str(self._settings.data),
                "owner_token": token,
            }
            typer.echo(json.dumps(told))
        else:
            typer.echo("\n".join(self._lines(home, phone, token, link)))
        sys.stdout.flush()

    def _lines(
        self, home: str, phone: str | None, token: str | None, link: str | None
    ) -> list[str]:
        bold = _bold if sys.stdout.isatty() else str
        lines = ["", bold("Frontdesk is running."), ""]
        if phone:
            lines += [f"  Phone     {bold(phone)}", "            Write “Hello” and see the answer."]
        else:
            lines += [
                f"  Webhooks  {bold(self._settings.public_url + '/whatsapp/webhook')}",
                "            The sandbox is off, as TWILIO_ACCOUNT_SID is set or you said so.",
                "            See `frontdesk doctor` for what to set at Twilio.",
            ]
        if link:
            lines += [
                f"  Sign in   {bold(link)}",
                "            Works once, for 15 minutes; a new one: frontdesk people sign-in",
            ]
        lines += [f"  API       {home}/api", f"  Data      {self._settings.data}"]
        if token:
            lines += [
                f"  Token     {bold(token)}",
                "            The owner's, shown this once: it opens the API.",
            ]
        elif not self._settings.owner_token:
            lines += ["  Token     shown at the first start; a new one: frontdesk tokens add"]
        return [*lines, "", "Stop it with Ctrl-C.", ""]


def _bold(text: str) -> str:
    return f"\x1b[1m{text}\x1b[0m"
