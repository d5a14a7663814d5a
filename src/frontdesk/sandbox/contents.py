"""The accounts' templates: kept, approved or rejected after a while; Twilio's rendered, too.

https://www.twilio.com/docs/content/content-api-resources
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

from frontdesk.kernel.clock import Clock
from frontdesk.sandbox.model import SandboxConfig, TemplateParts

PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z0-9_]+)\s*\}\}")
BROKEN = re.compile(r"[\n\r\t]| {5,}")
RICHEST = (
    "whatsapp/card", "twilio/card", "twilio/quick-reply", "twilio/call-to-action", "twilio/media",
    "twilio/text",
)  # fmt: skip
OPENED = datetime.fromisoformat("2026-01-05T09:00:00+00:00")
BUTTONS = {"QUICK_REPLY": "reply", "URL": "url", "PHONE_NUMBER": "phone"}


class BadVariables(ValueError):
    """Values that do not fit a template. The text says which."""


@dataclass
class Approval:
    """What WhatsApp is asked for. `decided` is when it will have answered."""

    name: str
    category: str
    content_type: str
    decided: datetime


@dataclass
class Content:
    """A template. `types` are Twilio's; one made at Meta has `components` in their place."""

    sid: str
    account_sid: str
    friendly_name: str
    language: str
    variables: dict[str, str]
    types: dict[str, dict[str, Any]]
    created: datetime
    updated: datetime
    approval: Approval | None = None
    forced: str | None = None
    """A status that a test gave it."""
    components: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    named: bool = False
    """Whether Meta's parameters have names, rather than places."""

    @property
    def category(self) -> str:
        return "" if self.approval is None else self.approval.category

    @property
    def shown_type(self) -> str:
        """The type that WhatsApp shows."""
        return next((name for name in RICHEST if name in self.types), "")

    def status(self, now: datetime) -> str:
        if self.forced is not None:
            return self.forced
        if self.approval is None:
            return "unsubmitted"
        if now < self.approval.decided:
            return "pending"
        return "rejected" if "reject" in self.approval.name else "approved"


@dataclass
class Contents:
    config: SandboxConfig
    clock: Clock
    _by_sid: dict[str, Content] = field(default_factory=dict[str, Content])
    _seeded: set[str] = field(default_factory=set[str])

    def open(self) -> None:
        """Reads what an earlier run kept beside the journal."""
        path = self._path
        if path is None or not path.exists():
            return
        kept = json.loads(path.read_bytes())
        self._seeded = set(kept["accounts"])
        for raw in kept["contents"]:
            approval = raw.pop("approval")
            for name in ("created", "updated"):
                raw[name] = datetime.fromisoformat(raw[name])
            if approval is not None:
                approval["decided"] = datetime.fromisoformat(approval["decided"])
            self._by_sid[raw["sid"]] = Content(
                **raw, approval=None if approval is None else Approval(**approval)
            )

    def of(self, account: str) -> list[Content]:
        """Newest first, as Twilio lists them."""
        self._seed(account)
        own = [each for each in self._by_sid.values() if each.account_sid == account]
        return sorted(own, key=lambda each: (each.created, each.sid), reverse=True)

    def get(self, account: str, sid: str) -> Content | None:
        self._seed(account)
        found = self._by_sid.get(sid)
        return found if found is not None and found.account_sid == account else None

    def find(self, account: str, name: str, language: str | None = None) -> list[Content]:
        """Meta's way to name one: by its name, in one language or in all."""
        return [
            each
            for each in self.of(account)
            if each.friendly_name == name and language in (None, each.language)
        ]

    def put(self, content: Content) -> Content:
        self._by_sid[content.sid] = content
        self._keep()
        return content

    def submit(self, content: Content, name: str, category: str) -> None:
        decided = self.clock() + timedelta(seconds=self.config.approval_seconds)
        content.approval = Approval(name, category, content.shown_type, decided)
        content.updated = self.clock()
        self._keep()

    def delete(self, content: Content) -> None:
        del self._by_sid[content.sid]
        self._keep()

    def _seed(self, account: str) -> None:
        if account in self._seeded:
            return
        self._seeded.add(account)
        for place, (name, language, category, variables, types) in enumerate(
            presets(self.config.public_url)
        ):
            digest = hashlib.md5(f"{account} {name}".encode(), usedforsecurity=False).hexdigest()
            # Twilio's ids are hexadecimal, Meta's are numbers.
            sid = f"HX{digest}" if account.startswith("AC") else str(int(digest[:13], 16))
            moment = OPENED + timedelta(minutes=place)
            content = Content(sid, account, name, language, variables, types, moment, moment)
            content.approval = Approval(name, category, content.shown_type, moment)
            self._by_sid[sid] = content

    @property
    def _path(self) -> Path | None:
        journal = self.config.journal
        return None if journal is None else journal.with_name(f"{journal.stem}-templates.json")

    def _keep(self) -> None:
        path = self._path
        if path is None:
            return
        kept = {
            "accounts": sorted(self._seeded),
            "contents": [asdict(each) for each in self._by_sid.values()],
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(path.name + ".new")
        fresh.write_text(json.dumps(kept, default=datetime.isoformat))
        fresh.replace(path)


def presets(public_url: str) -> list[tuple[str, str, str, dict[str, str], dict[str, Any]]]:
    """Name, language, category, samples and types of what every account has from the start."""
    reminder = {
        "body": "Hello {{1}}, this is a reminder of your appointment on {{2}}. Can you come?",
        "actions": [
            {"type": "QUICK_REPLY", "title": "I will be there", "id": "confirm"},
            {"type": "QUICK_REPLY", "title": "Another day", "id": "move"},
        ],
    }
    update = {"body": "Hola {{1}}, tu pedido {{2}} ha salido y llega hoy."}
    offer = {
        "body": "Hello {{1}}, spring is here: {{2}} off everything until Sunday.",
        "footer": "Answer STOP to hear no more of this",
        "media": [f"{public_url.rstrip('/')}/static/spring-offer.png"],
        "actions": [
            {"type": "URL", "title": "See the offers", "url": "https://shop.example/spring"}
        ],
    }
    return [
        (
            "appointment_reminder", "en", "UTILITY",
            {"1": "Ana", "2": "Tuesday at 10:00"}, {"twilio/quick-reply": reminder},
        ),
        ("order_update", "es", "UTILITY", {"1": "Ana", "2": "A-1042"}, {"twilio/text": update}),
        ("spring_offer", "en", "MARKETING", {"1": "Ana", "2": "20%"}, {"whatsapp/card": offer}),
    ]  # fmt: skip


def parse_variables(raw: str | None) -> dict[str, str]:
    """ContentVariables. Raises BadVariables."""
    if not raw:
        return {}
    try:
        value: object = json.loads(raw)
    except ValueError:
        raise BadVariables("it is no JSON") from None
    if not isinstance(value, dict):
        raise BadVariables("it is no object")
    given = cast("dict[str, object]", value)
    for name, each in given.items():
        if not isinstance(each, str) or not each.strip():
            raise BadVariables(f"{name} has no value")
        if BROKEN.search(each):
            raise BadVariables(f"{name} has a newline, a tab or more than four spaces in a row")
    return {name: str(each) for name, each in given.items()}


def rendered(content: Content, variables: Mapping[str, str]) -> tuple[str, str, TemplateParts]:
    """The body, the address of the header's file (or none), and what else is shown."""
    value = content.types.get(content.shown_type, {})
    values = {**content.variables, **variables}

    def filled(text: object) -> str:
        return PLACEHOLDER.sub(lambda match: values.get(match[1], ""), str(text or ""))

    card = content.shown_type == "twilio/card"
    media: object = value.get("media")
    first: object = cast("list[object]", media)[0] if isinstance(media, list) and media else ""
    actions: object = value.get("actions")
    buttons: list[dict[str, str]] = []
    for action in cast("list[dict[str, Any]]", actions) if isinstance(actions, list) else []:
        kind = BUTTONS.get(str(action.get("type") or "QUICK_REPLY"), "reply")
        button = {"kind": kind, "text": filled(action.get("title"))}
        target = "id" if kind == "reply" else kind
        buttons.append({**button, target: filled(action.get(target))})
    parts = TemplateParts(
        header=filled(value.get("header_text")),
        footer=filled(value.get("subtitle" if card else "footer")),
        buttons=buttons,
    )
    return filled(value.get("title" if card else "body")), filled(first), parts
