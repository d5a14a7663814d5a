"""What a file's columns mean: our fields, by name or as a person maps them; the rest is variables.

Header names that are understood, in any case, with spaces, dashes or underscores:
phone_number: phone, mobile, cell, tel, telephone, number, whatsapp, msisdn, telefono, movil,
celular, telefone, telefon, handy. name: full_name, nombre, nome, nom. email: e_mail, mail, correo.
instruction: instructions, instruccion. call_type: type, tipo. channel: canal, kanal.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, get_args

import orjson

from frontdesk.kernel.errors import FrontdeskError, Unprocessable
from frontdesk.outreach.csv_reading import Record
from frontdesk.outreach.judging import unreachable
from frontdesk.outreach.model import LONGEST_INSTRUCTION, LONGEST_NAME, LONGEST_VARIABLE
from frontdesk.outreach.numbers import number_of
from frontdesk.ports import CHANNEL_KINDS, ChannelKind

Field: TypeAlias = Literal["phone_number", "name", "email", "instruction", "call_type", "channel"]
FIELDS: tuple[Field, ...] = get_args(Field)
SYNONYMS: dict[Field, tuple[str, ...]] = {
    "phone_number": (
        "phone_number", "phonenumber", "phone", "mobile", "mobile_number", "mobile_phone", "cell",
        "tel", "telephone", "number", "whatsapp", "whatsapp_number", "msisdn", "telefono", "movil",
        "celular", "telefone", "telefon", "handy",
    ),
    "name": ("name", "full_name", "nombre", "nome", "nom"),
    "email": ("email", "e_mail", "mail", "correo", "email_address"),
    "instruction": ("instruction", "instructions", "instruccion"),
    "call_type": ("call_type", "type", "tipo"),
    "channel": ("channel", "canal", "kanal"),
}  # fmt: skip
CHANNEL_NAMES: dict[str, ChannelKind] = {
    "wmsg": "wmsg",
    "whatsapp": "wmsg",
    "sms": "sms",
    "phone": "phone",
    "wvoice": "wvoice",
}
SENDABLE: tuple[ChannelKind, ...] = ("wmsg", "sms")
UNMAPPED = ("phone_number", "instruction", "call_type", "channel")
"""Fields whose columns are no variables."""
MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")

ReasonCode: TypeAlias = Literal["bad_number", "unknown_channel", "bad_row"]


@dataclass(slots=True)
class Recipient:
    """A row of a file as it goes into the outreach; with a reason, it never will be sent."""

    line: int
    address: str
    channel: str
    name: str | None = None
    email: str | None = None
    call_type: str = ""
    instruction: str | None = None
    variables: str = "{}"
    """JSON: the column's name → its cell."""
    reason_code: ReasonCode | None = None
    reason: str | None = None


def guess(columns: Sequence[str]) -> dict[str, str]:
    """Our field → the file's column, where a name says so; the better name goes first."""
    plain: dict[str, str] = {}
    for column in columns:
        plain.setdefault(_plain(column), column)
    found: dict[str, str] = {}
    for name, synonyms in SYNONYMS.items():
        column = next((plain[each] for each in synonyms if each in plain), None)
        if column is not None:
            found[name] = column
    return found


def check_mapping(mapping: Mapping[str, str | None], columns: Sequence[str]) -> dict[str, str]:
    """The mapping without what is null. Raises Unprocessable naming what is unknown."""
    checked: dict[str, str] = {}
    for name, column in mapping.items():
        if name not in FIELDS:
            raise Unprocessable(f"mapping.{name[:40]!r} is no field; use {', '.join(FIELDS)}")
        if column is None:
            continue
        if column not in columns:
            known = ", ".join(columns)[:500]
            raise Unprocessable(
                f"mapping.{name} is {column[:80]!r}, which is no column; they are {known}"
            )
        checked[name] = column
    twice = [each for each in checked.values() if list(checked.values()).count(each) > 1]
    if twice:
        raise Unprocessable(f"column {twice[0]!r} is mapped twice")
    return checked


@dataclass(frozen=True)
class Plan:
    """How the records of one file become recipients."""

    columns: Sequence[str]
    mapping: Mapping[str, str]
    channel: str
    call_type: str
    call_types: Collection[str]
    country: str | None
    own: Collection[str] = ()
    """The business's own numbers."""
    _at: dict[str, int] = field(init=False, repr=False)
    _variables: list[tuple[str, int]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        places = {column: place for place, column in enumerate(self.columns)}
        at = {name: places[column] for name, column in self.mapping.items()}
        fixed = {at[name] for name in UNMAPPED if name in at}
        rest = [(column, place) for column, place in places.items() if place not in fixed]
        object.__setattr__(self, "_at", at)
        object.__setattr__(self, "_variables", rest)

    def recipient(self, record: Record) -> Recipient | None:
        """None for a row of nothing but empty cells."""
        if record.problem is not None:
            return self._bad(record.line, "", "bad_row", record.problem)
        cells = record.cells
        if not any(map(str.strip, cells)):
            return None
        width = len(self.columns)
        if len(cells) > width and any(map(str.strip, cells[width:])):
            why = f"the row has {len(cells)} cells, and the header {width}"
            given = self._cell(cells, "phone_number")
            return self._bad(record.line, given, "bad_row", why, cells)
        return self._read(record.line, cells)

    def _read(self, line: int, cells: list[str]) -> Recipient:
        given = self._cell(cells, "phone_number")
        try:
            address = number_of(given, self.country)
        except FrontdeskError as error:
            return self._bad(line, given, "bad_number", error.detail, cells)
        told = self._cell(cells, "channel")
        channel = CHANNEL_NAMES.get(told.lower()) if told else self.channel
        if channel is None or channel not in SENDABLE:
            why = _channel_reason(told, channel)
            return self._bad(line, address, "unknown_channel", why, cells)
        if (why := unreachable(address, channel, self.own)) is not None:
            return self._bad(line, address, "bad_number", why, cells)
        made = Recipient(
            line,
            address,
            channel,
            self._cell(cells, "name")[:LONGEST_NAME] or None,
            self._mail(cells),
            self._cell(cells, "call_type") or self.call_type,
            self._cell(cells, "instruction") or None,
            self._json(cells),
        )
        if (why := self._wrong(made)) is not None:
            made.reason_code, made.reason = "bad_row", why
            made.instruction, made.call_type = None, self.call_type
        return made

    def _wrong(self, made: Recipient) -> str | None:
        if made.call_type not in self.call_types:
            allowed = ", ".join(self.call_types)
            return f"call_type is {made.call_type[:40]!r}; use one of {allowed}"
        if made.instruction is not None and len(made.instruction) > LONGEST_INSTRUCTION:
            long = len(made.instruction)
            return f"the instruction has {long} characters; use {LONGEST_INSTRUCTION} at most"
        return None

    def _bad(
        self, line: int, given: str, code: ReasonCode, why: str, cells: Sequence[str] = ()
    ) -> Recipient:
        return Recipient(
            line,
            given[:80],
            self.channel,
            self._cell(cells, "name")[:LONGEST_NAME] or None,
            call_type=self.call_type,
            reason_code=code,
            reason=why,
        )

    def _cell(self, cells: Sequence[str], name: Field) -> str:
        place = self._at.get(name)
        return cells[place].strip() if place is not None and place < len(cells) else ""

    def _mail(self, cells: list[str]) -> str | None:
        mail = self._cell(cells, "email")
        return mail if len(mail) <= 254 and MAIL.fullmatch(mail) else None

    def _json(self, cells: list[str]) -> str:
        """What is too long for a template's variable is kept a little longer: it is refused by
        its length when it is used, and costs nothing when it is not."""
        kept = {
            column: cells[place].strip()[: LONGEST_VARIABLE + 1]
            for column, place in self._variables
            if place < len(cells) and cells[place]
        }
        return orjson.dumps(kept).decode() if kept else "{}"


def problems(recipient: Recipient | None) -> list[str]:
    """What a preview shows of a row."""
    if recipient is None:
        return ["the row is empty"]
    return [recipient.reason] if recipient.reason else []


def _channel_reason(told: str, channel: str | None) -> str:
    if channel is None:
        allowed = ", ".join(CHANNEL_KINDS)
        return f"channel is {told[:40]!r}; use one of {allowed}"
    return f"channel is {channel!r}, and calls are not placed by campaigns; use wmsg or sms"


def _plain(name: str) -> str:
    """`Número de Teléfono` → `numero_de_telefono`."""
    folded = unicodedata.normalize("NFKD", name.casefold())
    bare = "".join(char for char in folded if not unicodedata.combining(char))
    return re.sub(r"[\W_]+", "_", bare).strip("_")
