"""Use cases of assistants and their documents."""

import hashlib
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from importlib import resources
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from frontdesk.assistants import _store, environment
from frontdesk.assistants.languages import configuration, detect, searchable
from frontdesk.assistants.model import (
    BASE_URL_PROVIDERS,
    MAX_DESCRIPTION,
    MAX_INSTRUCTIONS,
    MAX_NAME,
    Answer,
    Assistant,
    Document,
    Options,
    Turn,
    check_assistant_id,
    check_language,
    check_model,
    check_options,
    check_text,
)
from frontdesk.assistants.passages import split
from frontdesk.assistants.runtime import AssistantRuntime, key_context
from frontdesk.billing.model import Charge
from frontdesk.billing.usage import Tokens, UsageService, about
from frontdesk.db.pool import Connection
from frontdesk.domains.model import Caller
from frontdesk.domains.service import DomainService
from frontdesk.kernel.errors import Conflict, NotFound, TooLarge, Unprocessable
from frontdesk.kernel.ids import new_id
from frontdesk.web.egress import check_url

MAX_DOCUMENT_BYTES = 2 * 1024 * 1024
MAX_ASSISTANTS = 500
MAX_KEY = 1_000
REMEMBERED = 10_000

DEMO = (
    Assistant(
        UUID(int=0),
        "default-assistant",
        "Front Desk",
        "builtin:knowledge",
        description="I answer questions about Frontdesk from its documents.",
    ),
    Assistant(
        UUID(int=0),
        "python-expert",
        "Python Expert",
        "builtin:knowledge",
        description="I answer everyday questions about the Python language.",
        instructions="Answer questions about Python with a short example.",
        options=Options(documents=("python-*",)),
    ),
    Assistant(
        UUID(int=0),
        "echo",
        "Echo",
        "builtin:echo",
        description="I repeat what you write, to try out the line.",
    ),
)
"""The demo domain's assistants, the default first."""


DEMO_DOCUMENTS = (
    "frontdesk-what-it-is",
    "frontdesk-connect-whatsapp",
    "frontdesk-connect-a-model",
    "frontdesk-people",
    "frontdesk-reliability",
    "frontdesk-price",
    "frontdesk-commands",
    "frontdesk-first-steps",
    "frontdesk-demo-shop",
    "python-basics",
)
"""In the order in which a greeting offers their titles."""


@dataclass(frozen=True)
class AssistantService:
    """The registry. A domain is a `domain_id` that the caller was allowed into."""

    domains: DomainService
    runtime: AssistantRuntime
    usage: UsageService
    _chosen: dict[tuple[UUID, str | None, str | None], tuple[int, Assistant | None]] = field(
        default_factory=dict[tuple[UUID, str | None, str | None], tuple[int, Assistant | None]],
        repr=False,
    )

    async def all_of(self, domain_id: UUID) -> list[Assistant]:
        """The domain's assistants, the default first."""
        async with self.domains.db.tenant_tx(domain_id) as connection:
            return await _store.all_of(connection, domain_id)

    async def get(self, domain_id: UUID, assistant_id: str) -> Assistant:
        async with self.domains.db.tenant_tx(domain_id) as connection:
            return await self._one(connection, domain_id, assistant_id)

    async def default_id(self, domain_id: UUID) -> str | None:
        async with self.domains.db.tenant_tx(domain_id) as connection:
            return await _store.default_id(connection, domain_id)

    async def chosen(
        self,
        connection: Connection,
        domain_id: UUID,
        assistant_id: str | None,
        default_id: str | None,
        version: int,
    ) -> Assistant | None:
        """Who answers a conversation, remembered until the domain's `assistants_version` goes up.

        The conversation's assistant; when it has none, or that one was deleted, the domain's
        default; None in a domain without assistants.
        """
        key = (domain_id, assistant_id, default_id)
        known = self._chosen.get(key)
        if known is not None and known[0] == version:
            return known[1]
        found = await _store.chosen(connection, domain_id, assistant_id)
        if len(self._chosen) >= REMEMBERED:
            self._chosen.clear()
        self._chosen[key] = (version, found)
        return found

    async def create(
        self,
        domain_id: UUID,
        assistant_id: str,
        values: Mapping[str, Any],
        by: Caller | None = None,
    ) -> Assistant:
        """Makes an assistant; the first one of a domain becomes its default.

        `values`: name, model, description, instructions, language, base_url, api_key, options.
        """
        draft = Assistant(domain_id, check_assistant_id(assistant_id), "", "")
        draft = self._changed(draft, {"name": None, "model": None, **values})
        async with self.domains.db.tenant_tx(domain_id) as connection:
            if len(await _store.all_of(connection, domain_id)) >= MAX_ASSISTANTS:
                raise Conflict(f"the domain has {MAX_ASSISTANTS} assistants already, the most")
            made = await _store.insert(connection, draft)
            if made is None:
                raise Conflict(f"an assistant {assistant_id!r} exists already; PATCH changes it")
            await _store.set_default_if_none(connection, domain_id, assistant_id)
            await self.domains.record(connection, domain_id, by, "assistant.create", assistant_id)
        self._tell(domain_id, assistant_id)
        return made

    async def change(
        self,
        domain_id: UUID,
        assistant_id: str,
        values: Mapping[str, Any],
        by: Caller | None = None,
    ) -> Assistant:
        """Changes what is given and leaves the rest."""
        async with self.domains.db.tenant_tx(domain_id) as connection:
            before = await self._one(connection, domain_id, assistant_id, lock=True)
            changed = await _store.update(connection, self._changed(before, values))
            assert changed is not None  # its row is locked
            await self.domains.record(
                connection, domain_id, by, "assistant.change", assistant_id, fields=sorted(values)
            )
        self._tell(domain_id, assistant_id)
        return changed

    async def delete(self, domain_id: UUID, assistant_id: str, by: Caller | None = None) -> None:
        """Conversations that it answered go to the default, which therefore cannot be deleted."""
        async with self.domains.db.tenant_tx(domain_id) as connection:
            if await _store.default_id(connection, domain_id, lock=True) == assistant_id:
                raise Conflict(
                    f"{assistant_id!r} is the domain's default assistant; "
                    "set another default_assistant_id first"
                )
            if not await _store.delete(connection, domain_id, assistant_id):
                raise _unknown(assistant_id)
            await self.domains.record(connection, domain_id, by, "assistant.delete", assistant_id)
        self._tell(domain_id, assistant_id)

    async def answer(self, domain_id: UUID, assistant_id: str, turn: Turn) -> Answer:
        assistant = await self.get(domain_id, assistant_id)
        return await self.ask(assistant, turn, about(turn.trace_id))

    async def ask(self, assistant: Assistant, turn: Turn, what: Charge) -> Answer:
        """The assistant's answer, paid for where its model has a price. Raises PaymentRequired
        before the model is asked, and AssistantFailed."""
        if assistant.is_model:
            await self.usage.require(assistant.domain_id, assistant.model)
        answer = await self.runtime.answer(assistant, turn)
        await self._charge(assistant, answer, what)
        return answer

    async def _charge(self, assistant: Assistant, answer: Answer, what: Charge) -> None:
        used = answer.usage
        tokens = Tokens(assistant.model, used.input_tokens, used.output_tokens)
        await self.usage.charge(assistant.domain_id, tokens, what)

    async def stream(
        self, domain_id: UUID, assistant_id: str, turn: Turn
    ) -> AsyncGenerator[str | Answer]:
        """Chunks of text, then the whole Answer. Raises PaymentRequired before any of them."""
        assistant = await self.get(domain_id, assistant_id)
        if assistant.is_model:
            await self.usage.require(domain_id, assistant.model)
        async with aclosing(self.runtime.stream(assistant, turn)) as items:
            async for item in items:
                if isinstance(item, Answer):
                    await self._charge(assistant, item, about(turn.trace_id))
                yield item

    # --- documents ----------------------------------------------------------------------------

    async def documents(self, domain_id: UUID) -> list[Document]:
        async with self.domains.db.tenant_tx(domain_id) as connection:
            return await _store.documents(connection, domain_id)

    async def add_document(
        self, domain_id: UUID, name: str, text: str, by: Caller | None = None
    ) -> bool:
        """Adds a Markdown or plain text, or replaces the one of that name.

        False when the same text is there already and nothing was done.
        """
        async with self.domains.db.tenant_tx(domain_id) as connection:
            added = await self._add_document(connection, domain_id, name, text)
            if added:
                await self.domains.record(connection, domain_id, by, "document.add", name)
        if added:
            self.domains.db.changes.tell_settings(domain_id, "documents")
        return added

    async def remove_document(self, domain_id: UUID, name: str, by: Caller | None = None) -> None:
        async with self.domains.db.tenant_tx(domain_id) as connection:
            if not await _store.delete_document(connection, domain_id, name):
                raise NotFound(f"there is no document {name[:200]!r}")
            await self.domains.record(connection, domain_id, by, "document.remove", name)
        self.domains.db.changes.tell_settings(domain_id, "documents")

    async def ensure_demo(self, domain_id: UUID) -> bool:
        """Gives a domain that has no assistant the demo's and their documents; False otherwise."""
        async with self.domains.db.tenant_tx(domain_id) as connection:
            # The lock makes nodes that start at once take turns.
            await _store.default_id(connection, domain_id, lock=True)
            if await _store.all_of(connection, domain_id):
                return False
            for each in DEMO:
                await _store.insert(connection, replace(each, domain_id=domain_id))
            await _store.set_default_if_none(connection, domain_id, DEMO[0].assistant_id)
            for name, text in demo_documents():
                await self._add_document(connection, domain_id, name, text)
        return True

    # --- parts --------------------------------------------------------------------------------

    def _tell(self, domain_id: UUID, assistant_id: str) -> None:
        self.domains.db.changes.tell_settings(domain_id, "assistants", assistant_id)

    async def _one(
        self, connection: Connection, domain_id: UUID, assistant_id: str, *, lock: bool = False
    ) -> Assistant:
        found = await _store.one(connection, domain_id, assistant_id, lock=lock)
        if found is None:
            raise _unknown(assistant_id)
        return found

    async def _add_document(
        self, connection: Connection, domain_id: UUID, name: str, text: str
    ) -> bool:
        name = check_text("the document's name", name, 200, least=1)
        encoded = text.encode("utf-8", "replace")
        if len(encoded) > MAX_DOCUMENT_BYTES:
            raise TooLarge(
                f"{name!r} has {len(encoded)} bytes of text; the limit is {MAX_DOCUMENT_BYTES}"
            )
        text = encoded.decode().replace("\x00", " ")
        passages = split(text)
        if not passages:
            raise Unprocessable(f"{name!r} holds no text")
        checksum = hashlib.sha256(encoded).digest()
        document_id = await _store.put_document(
            connection, domain_id, new_id(), name, checksum, len(encoded)
        )
        if document_id is None:
            return False
        await _store.put_passages(
            connection,
            domain_id,
            document_id,
            configuration(detect(text)),
            [
                (
                    each.heading,
                    each.content,
                    searchable(each.title),
                    searchable(each.above),
                    searchable(each.content),
                )
                for each in passages
            ],
        )
        return True

    def _changed(self, before: Assistant, values: Mapping[str, Any]) -> Assistant:
        """The assistant with checked values. Raises Unprocessable naming the first wrong one."""
        texts: dict[str, Any] = {}
        for name, most, least in (
            ("name", MAX_NAME, 1),
            ("description", MAX_DESCRIPTION, 0),
            ("instructions", MAX_INSTRUCTIONS, 0),
        ):
            if name in values:
                texts[name] = check_text(name, values[name] or "", most, least=least)
        if "name" in texts:
            texts["name"] = " ".join(texts["name"].split())
        if "model" in values:
            texts["model"] = check_model(values["model"] or "")
        if "language" in values:
            texts["language"] = check_language(values["language"] or "en")
        if "base_url" in values:
            texts["base_url"] = (values["base_url"] or "").strip().rstrip("/") or None
        if "options" in values:
            merged = {**before.options.stored(), **(values["options"] or {})}
            texts["options"] = check_options(
                {name: value for name, value in merged.items() if value is not None}
            )
        after = replace(before, **texts)
        if "api_key" in values:
            after = replace(after, sealed_key=self._sealed(after, values["api_key"]))
        elif before.has_key and _destination(before) != _destination(after):
            raise Unprocessable(
                "the stored key would go to another server; send api_key with this change "
                "(null for none)"
            )
        self._check_runnable(after)
        return after

    def _sealed(self, assistant: Assistant, key: object) -> bytes | None:
        if key is None or key == "":
            return None
        if not isinstance(key, str) or len(key) > MAX_KEY or not key.isprintable():
            raise Unprocessable(f"api_key must be a text of at most {MAX_KEY} characters")
        return self.runtime.cipher.seal(key.strip(), key_context(assistant))

    def _check_runnable(self, assistant: Assistant) -> None:
        """Refuses what can be known to fail before anybody asks."""
        trust = self.runtime.egress.trust
        if assistant.kind == "remote":
            check_url(assistant.model_name, trust)
        if assistant.base_url:
            check_url(assistant.base_url, trust)
        if assistant.kind in ("remote", "builtin"):
            return
        if assistant.base_url and assistant.kind not in BASE_URL_PROVIDERS:
            raise Unprocessable(
                f"base_url cannot be set for {assistant.kind}; for another server that is "
                f"compatible with OpenAI's use openai:{assistant.model_name}"
            )
        if lack := environment.missing(assistant):
            raise Unprocessable(lack)


def _unknown(assistant_id: str) -> NotFound:
    return NotFound(f"there is no assistant {assistant_id[:80]!r} in this domain")


def _destination(assistant: Assistant) -> tuple[str, str | None]:
    """Where an assistant's key goes."""
    if assistant.kind == "remote":
        url = urlsplit(assistant.model_name)
        return "remote", f"{url.scheme}://{url.netloc}"
    return assistant.kind.partition("-")[0], assistant.base_url


def demo_documents() -> Sequence[tuple[str, str]]:
    """The names and texts of the knowledge base that comes along, first things first."""
    folder = resources.files("frontdesk.assistants") / "demo"
    return [(f"{name}.md", (folder / f"{name}.md").read_text("utf-8")) for name in DEMO_DOCUMENTS]
