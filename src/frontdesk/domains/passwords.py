"""Passwords: which ones are allowed, and how they are kept."""

import asyncio
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from prometheus_client import Counter
from pwdlib import PasswordHash

from frontdesk.kernel.errors import Unprocessable

T = TypeVar("T")

LEAST = 12
MOST = 200
AT_ONCE = 2
"""Argon2 takes 64 MiB each time: so many at once in a process, and the others wait."""
REMAINS = 8
"""So many characters of a password must be something else than its owner's name and e-mail."""

COMMON = (
    "password", "passwort", "passwd", "contrasena", "contrasenya", "motdepasse", "senha", "letmein",
    "welcome", "welkom", "willkommen", "bienvenido", "bienvenue", "bemvindo", "admin",
    "administrator", "administrador", "root", "superuser", "qwerty", "qwertz", "azerty",
    "qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl", "zxcvbnm", "yxcvbnm", "asdf", "qazwsx",
    "zaqwsx", "iloveyou", "teamo", "tequiero", "jetaime", "ichliebedich", "monkey", "dragon",
    "football", "futbol", "fussball", "baseball", "basketball", "princess", "princesa", "sunshine",
    "shadow", "superman", "batman", "pokemon", "michael", "jennifer", "charlie", "master",
    "trustno", "changeme", "secret", "secreto", "geheim", "hallo", "hello", "hola", "default",
    "frontdesk", "whatsapp", "inbox", "support", "company", "business", "login", "guest", "test",
    "temp", "temporal", "summer", "winter", "spring", "autumn", "january", "december", "correct",
    "horse", "battery", "staple", "starwars", "liverpool", "barcelona", "realmadrid", "chocolate",
)  # fmt: skip
"""What guessing begins with, also doubled, spelt with figures, or with a year behind it."""
RUNS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm")
LOOK_ALIKES = str.maketrans("013457$@!|", "oieastsail")

computed = Counter(
    "frontdesk_password_hashes_total", "Passwords hashed, to keep one or to compare with one"
)


def check_password(password: str, *, email: str, name: str) -> None:
    """Raises Unprocessable saying what would be allowed."""
    if len(password) < LEAST:
        raise Unprocessable(
            f"the password has {len(password)} characters; use at least {LEAST}, "
            "such as four words that do not belong together"
        )
    if len(password) > MOST:
        raise Unprocessable(f"the password has {len(password)} characters; use up to {MOST}")
    folded = _normal(password).casefold()
    if len(_without(folded, _own_words(email, name))) < REMAINS:
        raise Unprocessable(
            "the password is little more than your name or e-mail address; use something that "
            "has nothing to do with you"
        )
    if _is_common(folded):
        raise Unprocessable(
            "the password is among those that are guessed first; use something else, such as four "
            "words that do not belong together"
        )


def _own_words(email: str, name: str) -> list[str]:
    address = email.casefold()
    local, _, host = address.partition("@")
    words = [address, local, host, name.casefold(), *re.split(r"\W+", f"{local} {host} {name}")]
    return [word.casefold() for word in words]


def _without(text: str, words: Sequence[str]) -> str:
    for word in sorted(words, key=len, reverse=True):
        if len(word) >= 3:
            text = text.replace(word, "")
    return text


def _is_common(folded: str) -> bool:
    if len(set(folded)) < 5:
        return True
    for spelling in (folded, folded.translate(LOOK_ALIKES)):
        left = _without(spelling, COMMON)
        for run in RUNS:
            left = _without_run(_without_run(left, run), run[::-1])
        # What is left of a word with a year and a sign behind it is the year and the sign.
        letters = re.sub(r"[\W\d_]+", "", left)
        if len(letters) < 3 and len(left) < LEAST:
            return True
        if _repeats(left):
            return True
    return False


def _without_run(text: str, run: str) -> str:
    """Takes out pieces of four and more that lie beside one another on a keyboard or in order."""
    for length in range(len(run), 3, -1):
        for start in range(len(run) - length + 1):
            text = text.replace(run[start : start + length], "")
    return text


def _repeats(text: str) -> bool:
    """Whether a text is one short piece again and again."""
    return any(
        len(text) > size and text == (text[:size] * len(text))[: len(text)] for size in range(1, 7)
    )


def _normal(password: str) -> str:
    """Keyboards write the same character in several ways (NIST SP 800-63B, 5.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


@dataclass
class Passwords:
    """Hashes and compares in threads: Argon2 takes its time on purpose."""

    hasher: PasswordHash = field(default_factory=PasswordHash.recommended)
    _slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def hash(self, password: str) -> str:
        return await self._run(self._hash, password)

    async def matching(self, password: str, hashes: Sequence[str | None]) -> list[bool]:
        """Which of the hashes are of this password.

        At least one is computed, so that an e-mail that nobody has takes as long as one that
        somebody has.
        """
        known = [each for each in dict.fromkeys(hashes) if each is not None]
        if not known:
            await self._run(self._hash, password)
        found = {each: await self._run(self._verify, password, each) for each in known}
        return [each is not None and found[each] for each in hashes]

    async def _run(self, work: Callable[..., T], *arguments: str) -> T:
        async with self._slots:
            return await asyncio.to_thread(work, *arguments)

    def _hash(self, password: str) -> str:
        computed.inc()
        return self.hasher.hash(_bytes(password))

    def _verify(self, password: str, hashed: str) -> bool:
        computed.inc()
        return self.hasher.verify(_bytes(password), hashed)


def _bytes(password: str) -> bytes:
    return _normal(password).encode("utf-8", "surrogatepass")
