"""XML of strangers: read piece by piece, and never a document type, which could define entities."""

from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO
from xml.parsers import expat

from frontdesk.media.decoding.limits import Unreadable

CHUNK = 64 * 1024
LONGEST_TOKEN = 1024 * 1024
"""Bytes. The parser begins an unfinished tag or comment anew with each piece."""
Event = tuple[str, str, Mapping[str, str]]
"""`("<", name, attributes)`, `(">", name, {})`, `("", text, {})`; names without their namespace,
attributes that have one with `r:`: it is that of relations where it matters."""


def events(stream: BinaryIO) -> Iterator[Event]:
    parser = expat.ParserCreate(namespace_separator=" ")
    waiting = list[Event]()
    parser.buffer_text = True
    parser.StartElementHandler = _opening(waiting.append)
    parser.EndElementHandler = lambda name: waiting.append((">", _local(name), {}))
    parser.CharacterDataHandler = lambda text: waiting.append(("", text, {}))
    parser.StartDoctypeDeclHandler = _refuse
    fed = 0
    while chunk := stream.read(CHUNK):
        _parse(parser, chunk)
        fed += len(chunk)
        if fed - parser.CurrentByteIndex > LONGEST_TOKEN:
            raise Unreadable("The document cannot be read: one tag of it is too long.")
        yield from waiting
        waiting.clear()
    _parse(parser, b"", True)
    yield from waiting


def _parse(parser: expat.XMLParserType, chunk: bytes, is_final: bool = False) -> None:
    try:
        parser.Parse(chunk, is_final)
    except expat.ExpatError:
        raise Unreadable("The document cannot be read: a part of it is damaged.") from None


def _opening(add: Callable[[Event], None]) -> Callable[[str, dict[str, str]], None]:
    def opened(name: str, attributes: dict[str, str]) -> None:
        add(("<", _local(name), {_key(key): value for key, value in attributes.items()}))

    return opened


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _key(name: str) -> str:
    namespace, _, local = name.rpartition(" ")
    return f"r:{local}" if namespace else local


def _refuse(*_: object) -> None:
    raise Unreadable("The document defines entities of its own, which no office program writes.")
