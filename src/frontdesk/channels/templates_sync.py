"""What a carrier lists against what is stored: what is new, what changed, what is gone. No I/O."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar
from uuid import UUID

from frontdesk.channels.templates_model import Template
from frontdesk.kernel.templates import CarrierTemplate

RANK = {"approved": 0, "paused": 1, "pending": 2}


@dataclass(frozen=True)
class Outcome:
    """What comparing did to a channel's templates, or what kept it from that."""

    channel_id: UUID
    added: int = 0
    changed: int = 0
    removed: int = 0
    error: str | None = None


@dataclass
class Comparison:
    added: list[CarrierTemplate] = field(default_factory=list[CarrierTemplate])
    changed: list[tuple[UUID, CarrierTemplate]] = field(
        default_factory=list[tuple[UUID, CarrierTemplate]]
    )
    vanished: list[UUID] = field(default_factory=list[UUID])
    """Kept, as disabled: campaigns and messages name them."""

    GONE: ClassVar[str] = "It is not at the carrier any more"

    def outcome(self, channel_id: UUID) -> Outcome:
        return Outcome(channel_id, len(self.added), len(self.changed), len(self.vanished))


def compare(known: Sequence[Template], listed: Sequence[CarrierTemplate]) -> Comparison:
    """A stored template is found by the carrier's id, else by its name and language.

    Carriers may list a name twice in one language: who has it keeps it, else an approved one gets
    it; others get their id behind it.
    """
    found = Comparison()
    by_id = {each.carrier_id: each for each in known if each.carrier_id}
    once = {each.carrier_id: each for each in listed}
    free = {(t.name, t.language): t for t in known if t.carrier_id not in once}
    taken: set[tuple[str, str]] = set()
    names = {(each.carrier_id, each.name, each.language) for each in known}

    def place(one: CarrierTemplate) -> tuple[bool, int, str]:
        has_it = (one.carrier_id, one.name, one.language) in names
        return not has_it, RANK.get(one.status, 3), one.carrier_id

    for each in sorted(once.values(), key=place):
        stored = by_id.get(each.carrier_id)
        key = (each.name, each.language)
        if stored is None and key in free and key not in taken:
            stored = free.pop(key)
        elif key in taken or key in free:
            each = replace(each, name=f"{each.name} ({each.carrier_id[-8:]})")
        taken.add((each.name, each.language))
        if stored is None:
            found.added.append(each)
        elif not _same(stored, each):
            found.changed.append((stored.template_id, each))
    found.vanished = [each.template_id for each in free.values() if each.status != "disabled"]
    return found


def _same(stored: Template, listed: CarrierTemplate) -> bool:
    plain = ("carrier_id", "name", "language", "category", "status", "status_reason", "body")
    if any(getattr(stored, name) != getattr(listed, name) for name in (*plain, "footer")):
        return False
    header = None if listed.header is None else dict(listed.header)
    lists = ([dict(each) for each in listed.buttons], [dict(each) for each in listed.variables])
    return header == stored.header and lists == (stored.buttons, stored.variables)
