"""Contacts out of a CSV file: each row becomes a contact, or fills in one that is known."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from frontdesk.contacts.importing import Given, bring_in
from frontdesk.contacts.model import LONGEST_NAME, check_attributes, check_language, check_line
from frontdesk.contacts.segments import SegmentService
from frontdesk.domains.model import Caller, check_email
from frontdesk.kernel.errors import FrontdeskError, TooLarge, Unprocessable
from frontdesk.kernel.phone import variants
from frontdesk.outreach.columns import guess
from frontdesk.outreach.csv_reading import CsvFile, Record, Records, open_csv
from frontdesk.outreach.imports import country_of
from frontdesk.outreach.numbers import number_of

MOST_ROWS = 100_000
MOST_BYTES = 64 * 1024 * 1024
MOST_PROBLEMS = 1_000
BATCH = 1_000
LANGUAGES = ("language", "lang", "locale", "idioma", "sprache", "langue")


@dataclass(frozen=True, slots=True)
class Problem:
    line: int
    reason: str


@dataclass(slots=True)
class ImportResult:
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list[Problem])
    more_problems: int = 0
    """Those beyond the first MOST_PROBLEMS."""

    def wrong(self, line: int, reason: str) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(line, reason))
        else:
            self.more_problems += 1


class Layout:
    """Which column is what. Those that are nothing else are attributes.

    Raises Unprocessable when there are no numbers, or a column has no name for an attribute.
    """

    def __init__(self, columns: Sequence[str], country: str | None) -> None:
        self.country = country
        places = {column: place for place, column in enumerate(columns)}
        found = {
            name: column
            for name, column in guess(columns).items()
            if name in ("phone_number", "name", "email")
        }
        if "phone_number" not in found:
            named = ", ".join(columns)[:300]
            raise Unprocessable(
                f"no column has phone numbers; name one phone_number. The columns are {named}"
            )
        language = next((each for each in columns if each.strip().lower() in LANGUAGES), None)
        if language is not None:
            found["language"] = language
        self.at = {name: places[column] for name, column in found.items()}
        rest = [column for column in columns if column not in found.values()]
        check_attributes(dict.fromkeys(rest, "x"))
        self.attributes = {column: places[column] for column in rest}

    def read(self, record: Record) -> Given:
        """Raises FrontdeskError that says what is wrong with the row."""
        if record.problem is not None:
            raise Unprocessable(record.problem)
        cells = [cell.strip() for cell in record.cells]

        def cell(place: int | None) -> str:
            return cells[place] if place is not None and place < len(cells) else ""

        name, email = cell(self.at.get("name")), cell(self.at.get("email"))
        language = cell(self.at.get("language"))
        return Given(
            number_of(cell(self.at["phone_number"]), self.country),
            check_line("name", name, LONGEST_NAME) if name else None,
            check_email(email) if email else None,
            check_language(language) if language else None,
            check_attributes({key: cell(place) for key, place in self.attributes.items()}),
        )


@dataclass(frozen=True)
class ContactImport:
    segments: SegmentService

    async def run(
        self,
        domain_id: UUID,
        chunks: AsyncIterator[bytes],
        by: Caller,
        *,
        segment_id: UUID | None = None,
        dry_run: bool = False,
    ) -> ImportResult:
        """Writes row by row what can be used, and names the line of what cannot.

        Raises Unprocessable for a file that is no table of contacts, before anything is written.
        """
        if segment_id is not None:
            await self.segments.require_list(domain_id, segment_id)
        domain = await self.segments.domains.get(domain_id)
        async with _kept(chunks) as path:
            result = await self._run(
                domain_id, path, country_of(domain.settings), segment_id, dry_run=dry_run
            )
        if not dry_run:
            await self._tell(domain_id, segment_id, result, by)
        return result

    async def _run(
        self,
        domain_id: UUID,
        path: Path,
        country: str | None,
        segment_id: UUID | None,
        *,
        dry_run: bool,
    ) -> ImportResult:
        result, seen = ImportResult(), dict[str, int]()
        async with _opened(path) as file:
            layout = Layout(file.columns, country)
            await asyncio.to_thread(_count, file)
            records = file.records()
            while (batch := await asyncio.to_thread(records.batch, BATCH)) is not None:
                given = await asyncio.to_thread(_read, layout, batch, seen, result)
                if not given:
                    continue
                async with self.segments.db.tenant_tx(domain_id) as connection:
                    done = await bring_in(connection, domain_id, given, dry_run=dry_run)
                    if segment_id is not None and done.contact_ids:
                        await self.segments.add_members(
                            connection, domain_id, segment_id, done.contact_ids
                        )
                result.added += done.added
                result.changed += done.changed
                result.unchanged += done.unchanged
        return result

    async def _tell(
        self, domain_id: UUID, segment_id: UUID | None, result: ImportResult, by: Caller
    ) -> None:
        db = self.segments.db
        async with db.tenant_tx(domain_id) as connection:
            await self.segments.domains.record(
                connection,
                domain_id,
                by,
                "contacts.import",
                str(segment_id or ""),
                added=result.added,
                changed=result.changed,
            )
        db.changes.tell_settings(domain_id, "contacts")
        if segment_id is not None:
            db.changes.tell_settings(domain_id, "segments", segment_id)


def _read(
    layout: Layout, batch: Sequence[Record], seen: dict[str, int], result: ImportResult
) -> list[Given]:
    """The rows that can be used; the others become problems. A number counts once in a file."""
    given: list[Given] = []
    for record in batch:
        if record.problem is None and not any(map(str.strip, record.cells)):
            continue
        try:
            row = layout.read(record)
        except FrontdeskError as error:
            result.wrong(record.line, error.detail)
            continue
        if (before := seen.get(row.address)) is not None:
            result.wrong(record.line, f"{row.address} is in line {before} already")
            continue
        for spelling in (row.address, *variants(row.address)):
            seen[spelling] = record.line
        given.append(row)
    return given


def _count(file: CsvFile) -> None:
    """Raises Unprocessable for a file of too many rows, before any of it is written."""
    records: Records = file.records()
    rows = 0
    while (batch := records.batch(BATCH)) is not None:
        rows += len(batch)
        if rows > MOST_ROWS:
            raise Unprocessable(
                f"the file has more than {MOST_ROWS} rows; import it in several files"
            )


@asynccontextmanager
async def _kept(chunks: AsyncIterator[bytes]) -> AsyncGenerator[Path]:
    """The upload as a file, for as long as it is read. Raises TooLarge."""
    with TemporaryDirectory(prefix="frontdesk-import-") as folder:
        path, size = Path(folder) / "contacts.csv", 0
        with path.open("wb") as file:
            async for chunk in chunks:
                size += len(chunk)
                if size > MOST_BYTES:
                    raise TooLarge(f"the file has more than the {MOST_BYTES} bytes allowed")
                await asyncio.to_thread(file.write, chunk)
        yield path


@asynccontextmanager
async def _opened(path: Path) -> AsyncGenerator[CsvFile]:
    """`open_csv`, whose look at the whole file blocks, in a thread."""
    with ExitStack() as stack:
        yield await asyncio.to_thread(stack.enter_context, open_csv(path))
