"""What campaigns offer, in one value."""

from collections.abc import Mapping
from dataclasses import dataclass

from frontdesk.billing.ledger import LedgerService
from frontdesk.channels.templates import TemplateService
from frontdesk.contacts.segments import SegmentService
from frontdesk.domains.service import DomainService
from frontdesk.outreach.campaigns import CampaignService
from frontdesk.outreach.checking import CheckService
from frontdesk.outreach.counting import Counting
from frontdesk.outreach.imports import ImportService
from frontdesk.outreach.progress import Progress
from frontdesk.outreach.recipients import RecipientService
from frontdesk.outreach.repeats import RepeatService
from frontdesk.outreach.telling import Telling
from frontdesk.outreach.uploads import UploadService
from frontdesk.ports import Carrier, ObjectStore


@dataclass(frozen=True)
class CampaignServices:
    campaigns: CampaignService
    uploads: UploadService
    imports: ImportService
    checks: CheckService
    counting: Counting
    recipients: RecipientService
    repeats: RepeatService
    progress: Progress


def campaign_services(
    domains: DomainService,
    ledger: LedgerService,
    templates: TemplateService,
    store: ObjectStore,
    carriers: Mapping[str, Carrier],
) -> CampaignServices:
    db, segments = domains.db, SegmentService(domains)
    telling = Telling(db.changes)
    progress = Progress(db, telling)
    db.changes.watch(progress.note)
    campaigns = CampaignService(domains, ledger, templates, store, telling)
    return CampaignServices(
        campaigns,
        UploadService(campaigns, store),
        ImportService(domains, store, segments, telling),
        CheckService(db, ledger, templates, segments, carriers),
        Counting(db),
        RecipientService(db),
        RepeatService(campaigns, segments),
        progress,
    )
