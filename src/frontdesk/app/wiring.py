"""Builds an `App` from settings and closes it."""

import os
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit
from uuid import UUID

import structlog

from frontdesk.assistants.runtime import AssistantRuntime
from frontdesk.assistants.service import AssistantService
from frontdesk.assistants.vision import choose_describer
from frontdesk.billing.ledger import LedgerService
from frontdesk.billing.usage import UsageService
from frontdesk.carriers.meta import Meta
from frontdesk.carriers.twilio import Twilio
from frontdesk.channels.model import Credentials
from frontdesk.channels.service import ChannelService
from frontdesk.channels.templates import TemplateService
from frontdesk.conversations.delivery import DeliveryService
from frontdesk.conversations.desk import DeskService
from frontdesk.conversations.manual import ManualService
from frontdesk.conversations.notes import NoteService
from frontdesk.conversations.reading import ReadingService
from frontdesk.conversations.service import ConversationService
from frontdesk.conversations.template_messages import TemplateMessageService
from frontdesk.db.migrate import migrate
from frontdesk.db.pool import connect
from frontdesk.db.tenancy import Database
from frontdesk.domains.encryption import Cipher
from frontdesk.domains.model import DEFAULT_DOMAIN
from frontdesk.domains.service import DomainService
from frontdesk.kernel.media_settings import RecognitionEnvironment
from frontdesk.kernel.phone import parse_address
from frontdesk.media.decoding.pool import Decoders
from frontdesk.media.extracting import TextExtractor
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
from frontdesk.outreach.context import ContextService
from frontdesk.outreach.dispatch import Dispatcher
from frontdesk.outreach.email.configs import EmailPullService
from frontdesk.outreach.email.pulling import Puller
from frontdesk.outreach.following import Following
from frontdesk.outreach.keeping import CampaignFiles
from frontdesk.outreach.services import CampaignServices, campaign_services
from frontdesk.outreach.telling import Telling
from frontdesk.outreach.writing import Writing
from frontdesk.pipeline.catch_up import CatchUp
from frontdesk.pipeline.credit import TurnCredit
from frontdesk.pipeline.deliver import Deliver
from frontdesk.pipeline.email import EmailLane
from frontdesk.pipeline.imports import ImportLane
from frontdesk.pipeline.ingest import Ingestor
from frontdesk.pipeline.media import MediaLane
from frontdesk.pipeline.outreach import OutreachLane
from frontdesk.pipeline.turn import TurnLane
from frontdesk.pipeline.worker import Worker
from frontdesk.ports import Carrier
from frontdesk.sandbox.installed import SMS_NUMBER as SANDBOX_SMS_NUMBER
from frontdesk.search.service import SearchService
from frontdesk.settings import Settings
from frontdesk.web.egress import Egress

log = structlog.get_logger()


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
    reading: ReadingService
    desk: DeskService
    notes: NoteService
    search: SearchService
    assistants: AssistantService
    files: MediaServices
    manual: ManualService
    ledger: LedgerService
    templates: TemplateService
    template_messages: TemplateMessageService
    email_pulls: EmailPullService
    dispatcher: Dispatcher
    campaigns: CampaignServices
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
        database = Database(pool)
        stack.push_async_callback(database.changes.close)
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
        app = _wire(settings, dsn, database, resources)
        stack.push_async_callback(app.assistants.runtime.close)
        stack.push_async_callback(app.campaigns.progress.close)
        yield app


def _wire(settings: Settings, dsn: str, database: Database, resources: Resources) -> App:
    cipher, egress = Cipher(settings.secret_key), resources.egress
    domains = DomainService(database, cipher)
    channels = ChannelService(
        database, domains, _environment(settings), egress.trust, settings.meta_graph_base_url
    )
    conversations, ledger = ConversationService(database), LedgerService(domains)
    usage = UsageService(ledger)
    assistants = AssistantService(domains, AssistantRuntime(database, cipher, egress), usage)
    carriers = _carriers(settings, egress)
    files, ingestor = _media(settings, database, domains, resources), Ingestor(conversations)
    catch_up = CatchUp(channels, conversations, carriers, ingestor)
    desk, manual = DeskService(database), ManualService(database, files.media, carriers, ledger)
    templates = TemplateService(channels, carriers)
    dispatcher = Dispatcher(database, carriers, templates, ledger)
    campaigns = campaign_services(domains, ledger, templates, files.media.store, carriers)
    turns = TurnLane(
        conversations,
        assistants,
        carriers,
        settings.answer_max_age,
        ContextService(database),
        TurnCredit(usage),
        templates,
    )
    worker = Worker(
        dsn,
        conversations,
        desk,
        manual,
        SearchService(database),
        turns,
        Deliver(DeliveryService(database), channels, carriers, files.outgoing),
        MediaLane(conversations, channels, carriers, files),
        catch_up,
        templates,
        EmailLane(Puller(domains, assistants, egress.trust, files.incoming, carriers)),
        _outreach(dispatcher, assistants, campaigns.campaigns.telling),
        ImportLane(campaigns.imports, campaigns.campaigns, campaigns.repeats),
        ledger=ledger,
    )
    return App(
        settings,
        dsn,
        database,
        domains,
        channels,
        conversations,
        ReadingService(database),
        desk,
        NoteService(database, carriers),
        worker.search,
        assistants,
        files,
        manual,
        ledger,
        templates,
        TemplateMessageService(manual, templates),
        EmailPullService(domains, egress.trust),
        dispatcher,
        campaigns,
        resources.public,
        carriers,
        ingestor,
        catch_up,
        worker,
    )


def _outreach(
    dispatcher: Dispatcher, assistants: AssistantService, telling: Telling
) -> OutreachLane:
    return OutreachLane(
        dispatcher,
        Writing(dispatcher),
        Following(dispatcher),
        assistants,
        telling,
    )


def _carriers(settings: Settings, egress: Egress) -> Mapping[str, Carrier]:
    twilio = Twilio(egress.session(), settings.public_url)
    meta = Meta(egress.session())
    return {twilio.name: twilio, meta.name: meta}


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
        Retention(database, domains, media, (CampaignFiles(),)),
        TextExtractor(resources.converters),
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


def _environment(settings: Settings) -> Credentials:
    return Credentials(
        settings.twilio_account_sid, settings.twilio_auth_token, settings.twilio_api_base_url
    )


def _trusted(settings: Settings) -> tuple[str, ...]:
    """What the operator set in the environment is trusted, because the operator set it."""
    set_there = (settings.twilio_api_base_url, settings.meta_graph_base_url)
    hosts = (urlsplit(url).hostname for url in set_there)
    return (*settings.trusted_hosts, *(host for host in hosts if host))
