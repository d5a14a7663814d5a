"""A domain's people and workers around one mailbox."""

from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import make_msgid
from typing import Any

import asyncpg

from outreach.email.imap_server import PASSWORD, USER, ImapServer
from pipeline.desk import Answer, Desk

ANA = "+34600111222"


def mail(
    subject: str = "An appointment",
    text: str = f"Please call me.\nPhone: {ANA}\n",
    sender: str = "Ana <ana@example.com>",
    **headers: str,
) -> bytes:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = USER
    message["Subject"] = subject
    message["Date"] = "Fri, 20 Nov 2026 10:00:00 +0100"
    message["Message-ID"] = headers.pop("message_id", None) or make_msgid(domain="example.com")
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()


@dataclass
class Reader:
    """`set_up` the mailbox, then `pull` it as a worker does."""

    desk: Desk
    imap: ImapServer
    config_id: str = ""

    def settings(self, **more: Any) -> dict[str, Any]:
        return {
            "name": "Enquiries",
            "host": "127.0.0.1",
            "port": self.imap.port,
            "security": "none",
            "username": USER,
            "password": PASSWORD,
            "default_channel": "wmsg",
            **more,
        }

    async def set_up(self, **more: Any) -> str:
        made = await self.call("POST", "", json=self.settings(**more))
        assert made.status == 201, made.text
        self.config_id = made.json["config_id"]
        return self.config_id

    async def call(self, method: str, path: str, **more: Any) -> Answer:
        return await self.desk.call(method, f"/api/v1/email-pulls{path}", **more)

    async def pull(self) -> dict[str, Any]:
        """Reads the mailbox, whatever its time; the settings page afterwards."""
        await self.desk.db.execute("UPDATE email_pull_configs SET next_at = now()")
        puller = self.desk.app.worker.emails.puller
        config = await puller.claim()
        assert config is not None, "no mailbox is due"
        await puller.pull(config)
        return await self.shown()

    async def shown(self) -> dict[str, Any]:
        return (await self.call("GET", "")).json["items"][0]

    async def emails(self, **query: Any) -> list[dict[str, Any]]:
        listed = await self.call("GET", f"/{self.config_id}/emails", params=query)
        assert listed.status == 200, listed.text
        return listed.json["items"]

    async def outreach(self) -> list[asyncpg.Record]:
        return await self.desk.db.fetch("SELECT * FROM outreach ORDER BY outreach_id")
