"""The sandbox that comes with an installation: its accounts, its numbers, its tokens."""

import hashlib

from frontdesk.sandbox.model import WHATSAPP, BusinessNumber, GraphAccount

ACCOUNT = "AC" + hashlib.md5(b"frontdesk sandbox", usedforsecurity=False).hexdigest()
NUMBER = "+14155238886"
SMS_NUMBER = "+15005550006"


def token_of(secret_key: bytes) -> str:
    """The account's token: the installation's own, so that nobody else can sign."""
    return hashlib.sha256(b"sandbox " + secret_key).hexdigest()[:32]


META_ACCOUNT = "102290129340398"
META_NUMBER = "+16505551111"
META_PHONE_NUMBER_ID = 106540352242922


def graph_account(secret: str) -> GraphAccount:
    """A business account at Meta, with tokens made from a secret that nobody else has."""

    def made(what: str) -> str:
        return hashlib.sha256(f"{what} {secret}".encode()).hexdigest()

    return GraphAccount(META_ACCOUNT, made("access token"), made("app secret")[:32])


def graph_numbers(numbers: list[str], name: str = "") -> tuple[BusinessNumber, ...]:
    """Numbers at Meta, each with an id of its own."""
    return tuple(
        BusinessNumber(
            f"{WHATSAPP}{number.removeprefix(WHATSAPP)}",
            name,
            META_ACCOUNT,
            phone_number_id=str(META_PHONE_NUMBER_ID + place),
        )
        for place, number in enumerate(numbers)
    )


def graph_metadata(account: GraphAccount, number: BusinessNumber, base_url: str) -> dict[str, str]:
    """What a domain's metadata says of such a number."""
    return {
        "meta_whatsapp_number": number.address.removeprefix(WHATSAPP),
        "meta_whatsapp_phone_number_id": number.phone_number_id or "",
        "meta_whatsapp_business_account_id": account.id,
        "meta_access_token": account.access_token,
        "meta_app_secret": account.app_secret,
        "meta_graph_base_url": base_url,
    }
