"""What a mail becomes: the instruction for the assistant's first message, and its variables."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from frontdesk.domains.service import DomainService
from frontdesk.kernel.phone import country_of
from frontdesk.outreach.email import _store
from frontdesk.outreach.email.model import LONGEST_TEXT, Opening, PullConfig, variables_of
from frontdesk.outreach.email.reading import Mail
from frontdesk.outreach.judging import spelled


@dataclass(frozen=True)
class Desk:
    """What of the domain matters to reading numbers."""

    country: str | None
    """Where numbers without a country code are dialled."""
    own: Collection[str]
    """The business's own numbers: nobody writes to themselves."""


async def desk_of(domains: DomainService, config: PullConfig) -> Desk:
    """The domain's `default_country`, else the country of its first number."""
    domain = await domains.get(config.domain_id)
    async with domains.db.tenant_tx(config.domain_id) as connection:
        own = await _store.own_addresses(connection, config.domain_id)
    country = domain.settings.get("default_country")
    if not (isinstance(country, str) and len(country) == 2 and country.isalpha()):
        country = next(filter(None, map(country_of, own)), None)
    return Desk(country.upper() if country else None, spelled(own))


def composed(config: PullConfig, mail: Mail, number: str, filenames: Sequence[str] = ()) -> Opening:
    """`filenames` are those of the mail's files that go along with the first message."""
    # The words of a stranger are marked as such: they are what to answer, not orders.
    sender = f"{mail.name} <{mail.address}>".strip() if mail.address else mail.name or "unknown"
    told = (
        f"E-mail from {sender}, subject: {mail.subject or '(none)'}\n"
        f"---\n{mail.text[:LONGEST_TEXT]}\n---"
    )
    if filenames:
        told += f"\nIts files go to the customer with your message: {', '.join(filenames)}"
    columns = {
        "subject": mail.subject,
        "name": mail.name,
        "email": mail.address,
        "phone_number": number,
    }
    extra = {"subject": mail.subject[:1_024], "sender": sender[:1_024]}
    return Opening(
        f"{config.instruction}\n\n{told}" if config.instruction else told,
        {**extra, **variables_of(config, columns)},
        mail.name or None,
        mail.address or None,
    )
