"""Where files are kept: a directory of this machine, or a bucket at S3, Google Cloud or Azure."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from frontdesk.kernel.errors import Invalid
from frontdesk.media.objects.bucket import Bucket
from frontdesk.media.objects.directory import Directory
from frontdesk.ports import ObjectStore

SCHEMES = ("s3", "gs", "az")
ALLOWED = "file:///path, s3://bucket/prefix, gs://bucket/prefix or az://container/prefix"


def open_store(url: str) -> ObjectStore:
    """The store at an address; credentials and endpoints are in the vendors' usual variables.

    Raises Invalid naming the address and what is allowed.
    """
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise _not_a_store(url) from error
    root = unquote(parts.path)
    if parts.scheme == "file" and not parts.netloc and root.strip("/") and "\0" not in root:
        return Directory(Path(root))
    if parts.scheme not in SCHEMES or not parts.netloc or parts.query or parts.fragment:
        raise _not_a_store(url)
    try:
        return Bucket(url)
    except ValueError as error:
        raise _not_a_store(url, f" ({error})") from error


def _not_a_store(url: str, reason: str = "") -> Invalid:
    return Invalid(f"files cannot be kept at {url[:200]!r}{reason}; allowed is {ALLOWED}")
