"""How samples are made: written once in a run, and from memory after that."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Concatenate, ParamSpec

P = ParamSpec("P")


def sample(
    name: str,
) -> Callable[[Callable[Concatenate[Path, P], None]], Callable[Concatenate[Path, P], Path]]:
    """Makes a writer of a file into a sample: named, and written anew from memory."""

    def decorated(
        write: Callable[Concatenate[Path, P], None],
    ) -> Callable[Concatenate[Path, P], Path]:
        made: dict[str, bytes] = {}

        @wraps(write)
        def named(where: Path, /, *args: P.args, **kwargs: P.kwargs) -> Path:
            path, key = where / name, repr((args, sorted(kwargs.items())))
            if (known := made.get(key)) is not None:
                path.write_bytes(known)
                return path
            write(path, *args, **kwargs)
            made[key] = path.read_bytes()
            return path

        return named

    return decorated
