"""Use cases of templates in a conversation: which there are, and sending one as a person.

WhatsApp takes them when its window is closed. A message goes the way of people's other responses.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from frontdesk.channels.templates import TemplateService
from frontdesk.channels.templates_model import Template
from frontdesk.conversations._store import manual as rows
from frontdesk.conversations.composing import Composed
from frontdesk.conversations.manual import ManualService, Response
from frontdesk.conversations.responses import check_time, check_writable, first_id
from frontdesk.conversations.template_parts import compose


@dataclass(frozen=True)
class TemplateMessageService:
    manual: ManualService
    templates: TemplateService

    async def usable(self, domain_id: UUID, channel_id: UUID) -> list[Template]:
        """The approved templates of a conversation's channel."""
        return await self.templates.listed(domain_id, channel_id, "approved")

    async def send(
        self,
        domain_id: UUID,
        conversation_id: UUID,
        template_id: UUID,
        variables: Mapping[str, str],
        *,
        person_id: UUID | None = None,
        key: str | None = None,
        send_at: datetime | None = None,
    ) -> Response:
        """Queues it, or keeps it until its time; under one key, once.

        Raises Conflict when the customer or the channel takes nothing, or the template may not be
        used; Unprocessable when the variables do not fit.
        """
        check_time(send_at, self.manual.clock())
        # A header has no line breaks: no key of another response is this one.
        message_id = first_id(conversation_id, person_id, key and f"template\n{key}")
        more: list[UUID] = []
        async with self.manual.db.tenant_tx(domain_id) as connection:
            place = await self.manual.place(connection, domain_id, conversation_id)
            if await rows.message(connection, domain_id, message_id) is None:
                check_writable(place)
                template = await self.templates.get(connection, domain_id, template_id)
                self.templates.usable(template, place["channel_id"])
                source = self.manual.capabilities(place).source
                reply = compose(template, variables, message_id, source)
                where = (connection, domain_id, conversation_id, place)
                if send_at is None:
                    more = await self.manual.queue(*where, Composed([reply]), person_id)
                else:
                    await rows.add_draft(*where, reply, person_id, send_at)
        self.manual.db.changes.tell(domain_id, conversation_id, message_id, *more)
        if send_at is not None:
            return Response([message_id], None, sent=False, scheduled=True)
        return await self.manual.outcome(domain_id, [message_id])
