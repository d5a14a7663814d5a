"""What the web process needs so that people come in and look after one another."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from frontdesk.domains.audit import AuditLog
from frontdesk.domains.encryption import Cipher
from frontdesk.domains.limits import SignInLimits
from frontdesk.domains.oidc import OpenIdProvider
from frontdesk.domains.passwords import Passwords
from frontdesk.domains.people import PeopleService
from frontdesk.domains.service import DomainService
from frontdesk.domains.sessions import SessionService
from frontdesk.domains.sign_in import SignInService
from frontdesk.settings import Settings
from frontdesk.web.egress import Egress


@dataclass(frozen=True)
class SignInServices:
    sign_in: SignInService
    sessions: SessionService
    people: PeopleService
    audit: AuditLog
    oidc: OpenIdProvider | None

    async def close(self) -> None:
        if self.oidc is not None:
            await self.oidc.egress.close()


def sign_in_services(domains: DomainService, settings: Settings) -> SignInServices:
    passwords, limits = Passwords(), SignInLimits(domains.db, settings.secret_key)
    return SignInServices(
        SignInService(domains, passwords, limits),
        SessionService(domains, passwords, limits),
        PeopleService(domains),
        AuditLog(domains.db),
        _provider(settings, domains.cipher),
    )


def _provider(settings: Settings, cipher: Cipher) -> OpenIdProvider | None:
    """The provider's host is trusted, because the operator set it."""
    if settings.oidc is None:
        return None
    host = urlsplit(settings.oidc.issuer).hostname or ""
    egress = Egress((*settings.trusted_hosts, host))
    redirect_uri = f"{settings.public_url}/sign-in/oidc/callback"
    return OpenIdProvider(settings.oidc, redirect_uri, egress, cipher)
