"""The HTTP face of an App: carriers' webhooks in front, the rest behind them.

A module of its own, so that a worker or a command that serves no HTTP does without FastAPI.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from urllib.parse import urlsplit

from fastapi import FastAPI

from frontdesk import __version__
from frontdesk.app.sandbox_numbers import numbers_at_meta
from frontdesk.app.wiring import App
from frontdesk.assistants import api as assistants_api
from frontdesk.assistants import documents_api
from frontdesk.assistants.documents import DocumentService
from frontdesk.billing import api as billing_api
from frontdesk.billing.prices import PriceService
from frontdesk.carriers.meta.capabilities import WEBHOOK_BYTES
from frontdesk.channels import api as channels_api
from frontdesk.channels import templates_api
from frontdesk.channels.setup import SetupService
from frontdesk.contacts.cards import ContactService
from frontdesk.contacts.opt_outs import OptOutService
from frontdesk.contacts.segments import SegmentService
from frontdesk.conversations import api as conversations_api
from frontdesk.conversations import desk_api, manual_api, threads_api
from frontdesk.conversations import templates_api as template_messages_api
from frontdesk.domains import api as domains_api
from frontdesk.domains import oidc_api, people_api, session_api
from frontdesk.domains.services import sign_in_services
from frontdesk.inbox import (
    canned_replies_api,
    contacts_api,
    contacts_export_api,
    events_api,
    labels_api,
    library_api,
    opt_outs_api,
    segments_api,
    teams_api,
    views_api,
)
from frontdesk.inbox.live import Hub
from frontdesk.inbox.live_source import InboxSource
from frontdesk.inbox.services import inbox_services
from frontdesk.kernel.errors import FrontdeskError
from frontdesk.kernel.phone import parse_address
from frontdesk.media import api as media_api
from frontdesk.outreach import (
    bulk_api,
    call_logs_api,
    campaigns_api,
    contact_import_api,
    follow_ups_api,
    repeats_api,
    start_api,
)
from frontdesk.outreach.call_logs import CallLogService
from frontdesk.outreach.contact_import import ContactImport
from frontdesk.outreach.email import api as email_api
from frontdesk.outreach.follow_ups import FollowUpService
from frontdesk.outreach.start import StartService
from frontdesk.pipeline import health
from frontdesk.pipeline.webhooks import Door, Webhooks
from frontdesk.sandbox import app as sandbox
from frontdesk.sandbox.app import exchange_of
from frontdesk.sandbox.installed import SMS_NUMBER as SANDBOX_SMS_NUMBER
from frontdesk.sandbox.model import BusinessNumber, SandboxConfig
from frontdesk.search import api as search_api
from frontdesk.settings import Settings
from frontdesk.web import dashboard, errors, pages
from frontdesk.web.bodies import BodyLimit
from frontdesk.web.local import LocalOnly

DOORS = {
    "/whatsapp/webhook": Door("twilio", "wmsg"),
    "/whatsapp/status": Door("twilio", "wmsg"),
    "/sms/webhook": Door("twilio", "sms"),
    "/sms/status": Door("twilio", "sms"),
    "/meta/webhook": Door("meta", "wmsg", most_bytes=WEBHOOK_BYTES),
}
FIRST_CATCH_UP_SECONDS = 3.0


def web_app(app: App) -> Webhooks:
    """The HTTP face, an ASGI application: carriers' webhooks in front, the rest behind them."""
    phone = sandbox.build(sandbox_config(app.settings)) if app.settings.sandbox else None
    if phone is not None:
        exchange_of(phone).owned = partial(numbers_at_meta, app)
    people = sign_in_services(app.domains, app.settings)
    source = InboxSource(app.reading, app.carriers, app.settings.public_url)
    live = Hub(app.dsn, source, app.database.changes)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(people.close)
            await stack.enter_async_context(live.running())
            if phone is not None:
                await stack.enter_async_context(sandbox.running(phone))
            else:
                await _first_catch_up(app)
            yield

    api = FastAPI(
        title="Frontdesk",
        version=__version__,
        description="The self-hosted front desk of a business.",
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        # FastAPI's own pages load scripts from elsewhere; ours is at /api.
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    errors.install(api)
    # The phone takes files inside JSON.
    api.add_middleware(BodyLimit, besides=("/sandbox",))
    api.state.settings = app.settings
    api.state.database = app.database
    api.state.domains = app.domains
    api.state.channels = app.channels
    api.state.conversations = app.conversations
    api.state.reading = app.reading
    api.state.setups = SetupService(app.channels, app.carriers, app.settings.public_url)
    api.state.contacts = ContactService(app.domains)
    api.state.opt_outs = OptOutService(api.state.contacts)
    api.state.segments = SegmentService(app.domains)
    api.state.contact_import = ContactImport(api.state.segments)
    api.state.documents = DocumentService(app.assistants, app.files.extractor)
    api.state.inbox = inbox_services(app.domains, app.files.media)
    api.state.desk = app.desk
    api.state.notes = app.notes
    api.state.search = app.search
    api.state.assistants = app.assistants
    api.state.media = app.files.media
    api.state.incoming = app.files.incoming
    api.state.retention = app.files.retention
    api.state.manual = app.manual
    api.state.starts = StartService(app.assistants, app.dispatcher)
    api.state.follow_ups = FollowUpService(app.dispatcher)
    api.state.campaigns = app.campaigns
    api.state.call_logs = CallLogService(app.database)
    api.state.templates = app.templates
    api.state.template_messages = app.template_messages
    api.state.email_pulls = app.email_pulls
    api.state.ledger = app.ledger
    api.state.prices = PriceService(app.domains)
    api.state.carriers = app.carriers
    api.state.public_egress = app.public_egress
    api.state.sandbox = phone
    api.state.people = people
    api.state.live = live
    for router in (
        health.router,
        domains_api.router,
        billing_api.router,
        channels_api.router,
        assistants_api.router,
        documents_api.router,
        labels_api.router,
        teams_api.router,
        canned_replies_api.router,
        library_api.router,
        views_api.router,
        contact_import_api.router,
        contacts_api.router,
        contacts_export_api.router,
        opt_outs_api.router,
        segments_api.router,
        conversations_api.router,
        threads_api.router,
        desk_api.router,
        manual_api.router,
        templates_api.router,
        template_messages_api.router,
        email_api.router,
        start_api.router,
        follow_ups_api.router,
        call_logs_api.router,
        campaigns_api.router,
        bulk_api.router,
        repeats_api.router,
        events_api.router,
        search_api.router,
        media_api.router,
        session_api.router,
        people_api.router,
        oidc_api.router,
        pages.router,
    ):
        api.include_router(router)
    dashboard.install(api)
    api.mount("/static", pages.Assets(directory=pages.STATIC))
    if phone is not None:
        api.mount("/sandbox", LocalOnly(phone, "the sandbox"))
    return Webhooks(
        doors=DOORS,
        carriers=app.carriers,
        channels=app.channels,
        ingestor=app.ingestor,
        public_url=app.settings.public_url,
        allow_unsigned=app.settings.allow_unsigned,
        inner=api,
    )


def end_streams(web: Webhooks) -> None:
    """Ends live streams, for which a server that stops would wait."""
    web.inner.state.live.end()
    if web.inner.state.sandbox is not None:
        exchange_of(web.inner.state.sandbox).end_streams()


def sandbox_config(settings: Settings) -> SandboxConfig:
    """The carrier that runs inside the web process under `frontdesk up`."""
    own = f"http://127.0.0.1:{settings.port}"
    return SandboxConfig(
        public_url=f"{own}/sandbox",
        accounts={settings.twilio_account_sid: settings.twilio_auth_token},
        webhooks=settings.public_url if _is_own(settings) else own,
        numbers=(
            BusinessNumber(
                f"whatsapp:{parse_address(settings.twilio_whatsapp_number)}", "Front desk"
            ),
            BusinessNumber(SANDBOX_SMS_NUMBER, "Front desk"),
        ),
        journal=settings.data / "sandbox.jsonl",
        strangers_may_be_written_to=True,
        business_urls=(settings.public_url,),
    )


def _is_own(settings: Settings) -> bool:
    return urlsplit(settings.public_url).hostname in ("localhost", "127.0.0.1")


async def _first_catch_up(app: App) -> None:
    """Takes in what was missed before new messages come, if the carrier answers soon enough.

    Not for a sandbox, which answers only once this process does. The worker catches up again
    within a minute, whatever happens here.
    """
    with suppress(TimeoutError, FrontdeskError):
        async with asyncio.timeout(FIRST_CATCH_UP_SECONDS):
            await app.catch_up.run()
