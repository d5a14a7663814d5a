"""Faults on demand: what goes wrong, for whom, how often and until when."""

import itertools
import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, get_args, get_type_hints

from frontdesk.kernel.clock import Clock, iso, utc_now
from frontdesk.kernel.errors import Invalid
from frontdesk.sandbox.model import bare

HEADER = "X-Sandbox-Fault"
"""`X-Sandbox-Fault: reset; when=after, duplicate_callbacks` asks for faults on one call."""

KINDS = {
    "rate_limit": "429 with Retry-After (`retry_after`) and Twilio's error 20429, Meta's 130429",
    "server_error": "`status` (default 503) with a body that is no JSON",
    "timeout": "the message is accepted, the answer comes after `seconds`",
    "timeout_lost": "the message is not accepted, nothing answers for `seconds`, then a reset",
    "reset": "the TCP connection is reset, `when` = before or after the message is accepted",
    "latency": "every step takes `seconds` longer",
    "error_code": "the carrier's error `code`: refused at once, or failed later with `at_once` = "
    "false; by default an unknown one, as each carrier has it",
    "duplicate_callbacks": "each status callback is posted twice",
    "out_of_order_callbacks": "the status callbacks come in reverse order",
    "callback_before_response": "the status callbacks come before the answer to the request",
    "drop_callbacks": "statuses advance, but no callback is posted",
    "no_webhook": "a customer's message is kept, but its webhook is never posted",
    "media_status": "a file answers `status`, `when` = before or after its address is told",
    "media_redirect": "a file is said to be at `url`, which may be anywhere",
    "media_slow": "the first byte of a file comes after `seconds`",
    "media_drip": "the bytes of a file come in 32 pieces over `seconds`",
    "media_type": "a file is served as `content_type`",
    "media_longer": "Content-Length is 1000 more than a file has; then the connection ends",
    "media_shorter": "Content-Length is half of what a file has, and the rest comes all the same",
    "media_broken": "the connection ends in the middle of a file",
    "media_endless": "a file is followed by zeros for as long as somebody listens",
}
OPERATIONS = ("create", "fetch", "list", "media", "account", "content", "any")
"""Of Meta's calls `create` are messages, `content` templates, `media` files, `account` the rest."""


@dataclass(slots=True)
class Fault:
    """`times` calls are left (None: no limit); `number` is a business or a customer (None: all)."""

    kind: str
    number: str | None = None
    times: int | None = None
    probability: float = 1.0
    for_seconds: float | None = None
    operation: str = "create"
    seconds: float = 30.0
    retry_after: int | None = 1
    status: int = 503
    code: int | None = None
    at_once: bool | None = None
    when: str = "before"
    url: str | None = None
    content_type: str = "application/octet-stream"
    id: int = 0
    taken: int = 0
    until: datetime | None = None

    def concerns(self, addresses: Iterable[str]) -> bool:
        if self.number is None:
            return True
        # A bare number means it on every channel, `whatsapp:+1…` on WhatsApp only.
        return any(self.number in (address, bare(address)) for address in addresses)

    def meets(self, operation: str) -> bool:
        """`receive` is a customer's message, `media` and `cdn` the two steps to a file's bytes."""
        if operation == "receive" or self.kind == "no_webhook":
            return operation == "receive" and self.kind == "no_webhook"
        if self.kind.startswith("media_"):
            early = self.kind == "media_redirect"
            early |= self.kind == "media_status" and self.when == "before"
            return operation == ("media" if early else "cdn")
        return operation != "cdn" and self.operation in (operation, "any")

    def shown(self) -> dict[str, Any]:
        return {**asdict(self), "until": iso(self.until)}


_SETTABLE = {
    name: hint
    for name, hint in get_type_hints(Fault).items()
    if name not in {"id", "taken", "until"}
}


def parse_fault(raw: object) -> Fault:
    """A fault from JSON; says which field is wrong and what is allowed."""
    if not isinstance(raw, dict):
        raise Invalid(f"a fault is a JSON object, not {type(raw).__name__}")
    values: dict[str, Any] = {str(name): value for name, value in raw.items()}
    if values.get("kind") not in KINDS:
        raise Invalid(f"fault kind {values.get('kind')!r} is unknown; it is one of {list(KINDS)}")
    for name, value in values.items():
        hint = _SETTABLE.get(name)
        if hint is None:
            raise Invalid(f"a fault has no field {name!r}; it has {list(_SETTABLE)}")
        wanted = get_args(hint) or (hint,)
        fits = isinstance(value, wanted) or (float in wanted and isinstance(value, int))
        if not fits or (isinstance(value, bool) and bool not in wanted):
            raise Invalid(f"{name} of a fault is {hint}, not {value!r}")
    fault = Fault(**values)
    if fault.operation not in OPERATIONS:
        raise Invalid(f"operation {fault.operation!r} is unknown; it is one of {OPERATIONS}")
    if fault.when not in ("before", "after"):
        raise Invalid(f"when is 'before' or 'after', not {fault.when!r}")
    if not 0 <= fault.probability <= 1:
        raise Invalid(f"probability is between 0 and 1, not {fault.probability}")
    if fault.kind == "media_redirect" and not fault.url:
        raise Invalid("media_redirect needs the url to redirect to")
    return fault


def _typed(name: str, text: str) -> Any:
    hint = _SETTABLE.get(name, str)
    wanted = get_args(hint) or (hint,)
    if bool in wanted and text in ("true", "false"):
        return text == "true"
    for number in (int, float):
        if number in wanted:
            try:
                return number(text)
            except ValueError:
                continue
    return text


def parse_header(value: str | None) -> list[Fault]:
    """`kind; name=value; …, kind…`, so that one call can ask for its own faults."""
    found: list[Fault] = []
    for item in filter(None, (part.strip() for part in (value or "").split(","))):
        kind, *settings = (part.strip() for part in item.split(";"))
        raw: dict[str, Any] = {"kind": kind}
        for setting in settings:
            name, _, text = setting.partition("=")
            raw[name.strip()] = _typed(name.strip(), text.strip())
        found.append(parse_fault(raw))
    return found


class Faults:
    """The faults now set. `take` uses one up when it concerns the call."""

    def __init__(self, clock: Clock = utc_now, chance: Callable[[], float] = random.random) -> None:
        self._clock = clock
        self._chance = chance
        self._ids = itertools.count(1)
        self._set: list[Fault] = []
        self.taken: dict[str, int] = {}

    def add(self, fault: Fault) -> Fault:
        fault.id = next(self._ids)
        if fault.for_seconds is not None:
            fault.until = self._clock() + timedelta(seconds=fault.for_seconds)
        self._set.append(fault)
        return fault

    def shown(self) -> list[dict[str, Any]]:
        self._forget_spent()
        return [fault.shown() for fault in self._set]

    def clear(self, fault_id: int | None = None) -> int:
        before = len(self._set)
        self._set = [f for f in self._set if fault_id is not None and f.id != fault_id]
        return before - len(self._set)

    def take(self, operation: str, addresses: Iterable[str], header: str | None) -> "Asked":
        """The faults of one call, by kind, the call's own header first."""
        asked = {fault.kind: fault for fault in parse_header(header)}
        numbers = tuple(addresses)
        self._forget_spent()
        for fault in self._set:
            if fault.kind in asked or not fault.concerns(numbers):
                continue
            if not fault.meets(operation):
                continue
            if self._chance() >= fault.probability:
                continue
            fault.taken += 1
            asked[fault.kind] = fault
        for kind in asked:
            self.taken[kind] = self.taken.get(kind, 0) + 1
        return asked

    def _forget_spent(self) -> None:
        if not self._set:
            return
        now = self._clock()
        self._set = [
            fault
            for fault in self._set
            if (fault.times is None or fault.taken < fault.times)
            and (fault.until is None or now < fault.until)
        ]


Asked = Mapping[str, Fault]
