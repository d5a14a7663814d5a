"""The inbox's services, wired together."""

from dataclasses import dataclass

from frontdesk.domains.service import DomainService
from frontdesk.inbox.canned_replies import CannedReplyService
from frontdesk.inbox.labels import LabelService
from frontdesk.inbox.teams import TeamService
from frontdesk.inbox.views import ViewService
from frontdesk.media.service import MediaService


@dataclass(frozen=True)
class InboxServices:
    labels: LabelService
    teams: TeamService
    canned_replies: CannedReplyService
    views: ViewService


def inbox_services(domains: DomainService, media: MediaService) -> InboxServices:
    return InboxServices(
        LabelService(domains),
        TeamService(domains),
        CannedReplyService(domains, media),
        ViewService(domains),
    )
