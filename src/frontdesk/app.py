"""The composition root: the only place that knows everything.

`running(settings)` builds an `App` and closes it; `web_app(app)` is its HTTP face.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from urllib.parse import urlsplit
from uuid import UUID

import structlog

from frontdesk import __version__
from frontdesk.assistants.runtime import AssistantRuntime
from frontdesk.assistants.service import AssistantService
from frontdesk.assistants.vision import choose_describer
from frontdesk.carriers.twilio import Twilio
from frontdesk.channels.model import Credentials
from frontdesk.channels.service import ChannelService
from frontdesk.conversations.delivery import DeliveryService
from frontdesk.conversations.manual import ManualService
from frontdesk.conversations.service import ConversationService
from frontdesk.db.migrate import migrate
from frontdesk.db.pool import connect
from frontdesk.db.tenancy import Database
from frontdesk.domains.encryption import Cipher
from frontdesk.domains.model import DEFAULT_DOMAIN
from frontdesk.domains.service import DomainService
from frontdesk.kernel.errors import FrontdeskError
from frontdesk.kernel.media_settings import RecognitionEnvironment
from frontdesk.kernel.phone import parse_address
from frontdesk.media.decoding.pool import Decoders
from frontdesk.media.incoming import Incoming
from frontdesk.media.objects import open_store
from frontdesk.media.outgoing import Outgoing
from frontdesk.media.recognition.choice import (
    Engines,
    Recognisers,
    choose_reader,
    choose_transcriber,
    read,
)
from frontdesk.media.retention import Retention
from frontdesk.media.service import MediaService
from frontdesk.media.services import MediaServices
from frontdesk.media.signing import UrlSigner
from frontdesk.media.understanding import Understanding
from frontdesk.pipeline.catch_up import CatchUp
from frontdesk.pipeline.deliver import Deliver
from frontdesk.pipeline.ingest import Ingestor
from frontdesk.pipeline.media import MediaLane
from frontdesk.pipeline.turn import TurnLane
from frontdesk.pipeline.webhooks import Door, Webhooks
from frontdesk.pipeline.worker import Worker
from frontdesk.ports import Carrier
from frontdesk.sandbox.installed import SMS_NUMBER as SANDBOX_SMS_NUMBER
from frontdesk.sandbox.model import BusinessNumber, SandboxConfig
from frontdesk.settings import Settings
from frontdesk.web.egress import Egress

log = structlog.get_logger()

DOORS = {
    "/whatsapp/webhook": Door("twilio", "wmsg"),
    "/whatsapp/status": Door("twilio", "wmsg"),
    "/sms/webhook": Door("twilio", "sms"),
    "/sms/status": Door("twilio", "sms"),
}
FIRST_CATCH_UP_SECONDS = 3.0


@dataclass(frozen=True)
class Resources:
    """What an App uses and closes at its end."""

    egress: Egress
    public: Egress
    engines: Engines
    decoders: Decoders
    converters: Decoders
    """For what people wait for: no customer's file is before it in the queue."""


@dataclass(frozen=True)
class App:
    """Everything that runs in one process, wired together."""

    settings: Settings
    dsn: str
    database: Database
    domains: DomainService
    channels: ChannelService
    conversations: ConversationService
    assistants: AssistantService
    files: MediaServices
    manual: ManualService
    public_egress: Egress
    """For addresses that come in requests: no operator's trust helps them."""
    carriers: Mapping[str, Carrier]
    ingestor: Ingestor
    catch_up: CatchUp
    worker: Worker


@asynccontextmanager
async def running(
    settings: Settings, dsn: str, *, pool_size: int = 10, application: str = "frontdesk"
) -> AsyncGenerator[App]:
    """Opens what an App needs and closes it at the end. The schema must be there already."""
    async with AsyncExitStack() as stack:
        pool = await connect(
            dsn,
            size=pool_size,
            ready=min(pool_size, 4),
            application=application,
            durable=not application.endswith("worker"),
        )
        stack.push_async_callback(pool.close)
        resources = Resources(
            Egress(_trusted(settings)),
            Egress(),
            Engines(),
            Decoders(processes=max(2, (os.cpu_count() or 1) - 1)),
            Decoders(processes=1),
        )
        for each in (
            resources.egress,
            resources.public,
            resources.engines,
            resources.decoders,
            resources.converters,
        ):
            stack.push_async_callback(each.close)
        app = _wire(settings, dsn, Database(pool), resources)
        stack.push_async_callback(app.assistants.runtime.close)
        yield app


def _wire(settings: Settings, dsn: str, database: Database, resources: Resources) -> App:
    cipher, egress = Cipher(settings.secret_key), resources.egress
    domains = DomainService(database, cipher)
    channels = ChannelService(database, domains, _environment(settings), egress.trust)
    conversations = ConversationService(database)
    assistants = AssistantService(domains, AssistantRuntime(database, cipher, egress))
    twilio = Twilio(egress.session(), settings.public_url)
    carriers: dict[str, Carrier] = {twilio.name: twilio}
    files = _media(settings, database, domains, resources)
    ingestor = Ingestor(conversations)
    catch_up = CatchUp(channels, conversations, carriers, ingestor)
    max_age = timedelta(hours=settings.answer_max_age_hours)
    worker = Worker(
        dsn,
        conversations,
        TurnLane(conversations, assistants, carriers, max_age),
        Deliver(DeliveryService(database), channels, carriers, files.outgoing),
        MediaLane(conversations, channels, carriers, files),
        catch_up,
    )
    return App(
        settings,
        dsn,
        database,
        domains,
        channels,
        conversations,
        assistants,
        files,
        ManualService(database, files.media, carriers),
        resources.public,
        carriers,
        ingestor,
        catch_up,
        worker,
    )


def _media(
    settings: Settings, database: Database, domains: DomainService, resources: Resources
) -> MediaServices:
    store, decoders = open_store(settings.media_url), resources.decoders
    signer = UrlSigner(settings.public_url, settings.secret_key)
    media = MediaService(database, store, signer)
    recognisers = partial(_recognisers, domains, settings.recognition, resources)
    understanding = Understanding(database, store, decoders, recognisers)
    return MediaServices(
        media,
        Incoming(database, store, resources.converters),
        understanding,
        Outgoing(database, store, resources.converters, media, understanding, signer),
        Retention(database, domains, media),
    )


async def _recognisers(
    domains: DomainService,
    environment: RecognitionEnvironment,
    resources: Resources,
    domain_id: UUID,
) -> Recognisers:
    """A domain's recognisers, as its settings are now."""
    domain = await domains.get(domain_id)
    async with domains.db.tenant_tx(domain_id) as connection:
        secrets = await domains.technical(connection, domain_id)
    chosen = (domain.settings, secrets, environment, resources.egress)
    return Recognisers(
        transcriber=choose_transcriber(*chosen, resources.engines),
        describer=choose_describer(*chosen),
        reader=choose_reader(domain.settings, resources.engines),
        stickers=read(domain.settings).stickers == "describe",
    )


async def prepare(settings: Settings, dsn: str) -> str | None:
    """Brings the database to where this version needs it; returns a new owner's token, once.

    Safe with several nodes at once, and quick when there is nothing to do.
    """
    await migrate(dsn)
    async with running(settings, dsn, pool_size=2) as app:
        token = await app.domains.ensure_owner(settings.owner_token)
        default = await app.domains.by_name(DEFAULT_DOMAIN)
        await app.assistants.ensure_demo(default.domain_id)
        if settings.twilio_whatsapp_number:
            number = parse_address(settings.twilio_whatsapp_number)
            await app.channels.ensure(default.domain_id, "wmsg", number)
        if settings.sandbox:
            await app.channels.ensure(default.domain_id, "sms", SANDBOX_SMS_NUMBER)
    return token


def web_app(app: App) -> Webhooks:
    """The HTTP face, an ASGI application: carriers' webhooks in front, the rest behind them.

    Its imports are its own: a worker or a command that serves no HTTP does without FastAPI.
    """
    from fastapi import FastAPI

    from frontdesk.assistants import api as assistants_api
    from frontdesk.channels import api as channels_api
    from frontdesk.conversations import api as conversations_api
    from frontdesk.conversations import manual_api
    from frontdesk.domains import api as domains_api
    from frontdesk.domains import pages as domains_pages
    from frontdesk.media import api as media_api
    from frontdesk.pipeline import health
    from frontdesk.sandbox import app as sandbox
    from frontdesk.web import errors, pages
    from frontdesk.web.attempts import Attempts
    from frontdesk.web.local import LocalOnly

    phone = sandbox.build(sandbox_config(app.settings)) if app.settings.sandbox else None

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        async with AsyncExitStack() as stack:
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
    api.state.settings = app.settings
    api.state.database = app.database
    api.state.domains = app.domains
    api.state.channels = app.channels
    api.state.conversations = app.conversations
    api.state.assistants = app.assistants
    api.state.media = app.files.media
    api.state.incoming = app.files.incoming
    api.state.retention = app.files.retention
    api.state.manual = app.manual
    api.state.carriers = app.carriers
    api.state.public_egress = app.public_egress
    api.state.sandbox = phone
    api.state.sign_in_attempts = Attempts()
    for router in (
        health.router,
        domains_api.router,
        channels_api.router,
        assistants_api.router,
        conversations_api.router,
        manual_api.router,
        media_api.router,
        domains_pages.router,
        pages.router,
    ):
        api.include_router(router)
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
    from frontdesk.sandbox.app import exchange_of

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


def _environment(settings: Settings) -> Credentials:
    return Credentials(
        settings.twilio_account_sid, settings.twilio_auth_token, settings.twilio_api_base_url
    )


def _trusted(settings: Settings) -> tuple[str, ...]:
    """What the operator set in the environment is trusted, because the operator set it."""
    host = urlsplit(settings.twilio_api_base_url).hostname
    return (*settings.trusted_hosts, *([host] if host else []))
