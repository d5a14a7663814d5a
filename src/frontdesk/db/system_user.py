"""The account PostgreSQL runs as when root starts it, and its way to the files it needs.

PostgreSQL refuses to run as root. A newcomer is often root, with a checkout below /root (mode
0700), where no other account can reach either the binaries or the data.
"""

import contextlib
import errno
import logging
import os
import pwd
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

from frontdesk.kernel.errors import Unavailable

SYSTEM_USER = "pgserver"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Account:
    """Ourselves (`uid` None), or for root another account to become."""

    uid: int | None = None
    gid: int | None = None

    @classmethod
    def owning(cls, cluster: Path) -> "Account":
        """The owner of `cluster`; for a new one ourselves, or the system user if we are root."""
        us = os.geteuid()
        found = cluster.stat() if cluster.exists() else None
        if found is not None and us not in (0, found.st_uid):
            raise Unavailable(
                f"The database in {cluster} belongs to {_named(found.st_uid)}, and this is "
                f"{_named(us)}: run as {_named(found.st_uid)} or as root, or name another data "
                "directory (--data, FRONTDESK_DATA)."
            )
        if us != 0:
            return cls()
        if found is not None and found.st_uid != 0:
            return cls(found.st_uid, found.st_gid)
        entry = _system_user()
        return cls(entry.pw_uid, entry.pw_gid)

    @property
    def name(self) -> str:
        return _named(os.geteuid() if self.uid is None else self.uid)

    def run(
        self,
        argv: list[str],
        *,
        stdin: str = "",
        output: int = subprocess.PIPE,
        keep_open: tuple[int, ...] = (),
    ) -> subprocess.CompletedProcess[str]:
        """Run to the end as this account, away from our terminal; both output streams are one."""
        # PGDATA, PGPORT and the like are meant for somebody's other PostgreSQL.
        kept = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
        return subprocess.run(  # noqa: S603  PostgreSQL's and the system's programs, no shell text
            argv,
            input=stdin,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**kept, "LC_ALL": "C"},
            cwd="/",  # the present directory may be closed to this account
            pass_fds=keep_open,
            user=self.uid,
            group=self.gid,
            extra_groups=None if self.uid is None else [],
            start_new_session=True,
            umask=0o077,
            text=True,
            errors="replace",
            check=False,
        )

    def own(self, path: Path) -> None:
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def may_pass(self, path: Path) -> bool:
        """It may enter this directory, or execute this file."""
        return self.uid is None or self.run(["test", "-x", str(path)]).returncode == 0

    def make_way(self, target: Path) -> None:
        """Let it through the directories above `target`, those only that are closed to it.

        It gets the right to pass (not to list) by an access-control entry for it alone.
        """
        if self.uid is None or self.may_pass(target):
            return
        for directory in reversed(target.parents):
            if self.may_pass(directory):
                continue
            try:
                _grant_passage(directory, self.uid)
            except OSError as error:
                raise Unavailable(
                    f"PostgreSQL runs as {self.name}, which {directory} keeps away from {target}; "
                    f"letting it pass failed ({error.strerror}). Run `chmod o+x '{directory}'`, or "
                    "keep Frontdesk and its data in another place."
                ) from error
            _log.warning("%s may now pass through %s to reach %s", self.name, directory, target)
        if not self.may_pass(target):
            raise Unavailable(
                f"PostgreSQL runs as {self.name}, which may not use {target}. "
                f"Run `chmod -R o+rX '{target.parents[1]}'`."
            )


def _named(uid: int) -> str:
    try:
        return f"user {pwd.getpwuid(uid).pw_name!r}"
    except KeyError:
        return f"user {uid}"


def _system_user() -> pwd.struct_passwd:
    """Made if it is missing."""
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(SYSTEM_USER)
    # Its exit code says nothing: another start may have made the user in this moment.
    options = ["--system", "--user-group", "--no-create-home", "--shell", "/bin/false"]
    with contextlib.suppress(FileNotFoundError):
        Account().run(["useradd", *options, SYSTEM_USER])
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        raise Unavailable(
            f"PostgreSQL does not run as root, and the system user {SYSTEM_USER!r} for it could "
            f"not be made. Make it (`useradd --system {SYSTEM_USER}`), run Frontdesk as another "
            "user, or give it a server (FRONTDESK_DATABASE_URL)."
        ) from None


_ACL = "system.posix_acl_access"
_NO_ID = 0xFFFFFFFF
_USER_OBJ, _USER, _GROUP_OBJ, _MASK, _OTHER = 0x01, 0x02, 0x04, 0x10, 0x20


def _grant_passage(directory: Path, uid: int) -> None:
    """Add `user:<uid>:--x` to its POSIX ACL: the version, then (tag, permissions, id) in order."""
    if not hasattr(os, "setxattr"):  # not Linux
        raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))
    mode = directory.stat().st_mode
    group = mode >> 3 & 7
    entries = {
        (_USER_OBJ, _NO_ID): mode >> 6 & 7,
        (_GROUP_OBJ, _NO_ID): group,
        (_OTHER, _NO_ID): mode & 7,
    }
    with contextlib.suppress(OSError):  # there is none yet: the mode says it all
        present = os.getxattr(directory, _ACL)
        entries = {(tag, who): bits for tag, bits, who in struct.iter_unpack("<HHI", present[4:])}
    entries[_USER, uid] = 1
    # The mask bounds what the entries for named users and groups give.
    entries[_MASK, _NO_ID] = entries.get((_MASK, _NO_ID), group) | 1
    packed = [struct.pack("<HHI", tag, bits, who) for (tag, who), bits in sorted(entries.items())]
    os.setxattr(directory, _ACL, struct.pack("<I", 2) + b"".join(packed))
