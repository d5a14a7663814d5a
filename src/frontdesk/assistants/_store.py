"""The SQL of assistants, documents and passages."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg

from frontdesk.assistants.model import Assistant, Document, check_options
from frontdesk.db.pool import Connection

ASSISTANT = (
    "domain_id, assistant_id, name, model, description, instructions, language, base_url,"
    " api_key, options, created_at, updated_at"
)
CANDIDATES = 20


def _assistant(row: asyncpg.Record) -> Assistant:
    values: dict[str, Any] = dict(row)
    values["sealed_key"] = values.pop("api_key")
    values["options"] = check_options(values["options"])
    return Assistant(**values)


async def insert(connection: Connection, assistant: Assistant) -> Assistant | None:
    """None when the id is taken."""
    row = await connection.fetchrow(
        "INSERT INTO assistants (domain_id, assistant_id, name, model, description, instructions,"
        " language, base_url, api_key, options) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        f" ON CONFLICT DO NOTHING RETURNING {ASSISTANT}",
        *_values(assistant),
    )
    return row and _assistant(row)


async def update(connection: Connection, assistant: Assistant) -> Assistant | None:
    """None when there is none."""
    row = await connection.fetchrow(
        "UPDATE assistants SET name = $3, model = $4, description = $5, instructions = $6,"
        " language = $7, base_url = $8, api_key = $9, options = $10, updated_at = now()"
        f" WHERE domain_id = $1 AND assistant_id = $2 RETURNING {ASSISTANT}",
        *_values(assistant),
    )
    return row and _assistant(row)


def _values(assistant: Assistant) -> tuple[Any, ...]:
    return (
        assistant.domain_id,
        assistant.assistant_id,
        assistant.name,
        assistant.model,
        assistant.description,
        assistant.instructions,
        assistant.language,
        assistant.base_url,
        assistant.sealed_key,
        assistant.options.stored(),
    )


async def delete(connection: Connection, domain_id: UUID, assistant_id: str) -> bool:
    """False when there is none."""
    row = await connection.fetchrow(
        "DELETE FROM assistants WHERE domain_id = $1 AND assistant_id = $2 RETURNING 1",
        domain_id,
        assistant_id,
    )
    return row is not None


async def all_of(connection: Connection, domain_id: UUID) -> list[Assistant]:
    """The domain's assistants, the default first."""
    rows = await connection.fetch(
        f"SELECT {ASSISTANT} FROM assistants WHERE domain_id = $1"
        " ORDER BY assistant_id IS DISTINCT FROM"
        " (SELECT default_assistant_id FROM domains WHERE domain_id = $1), name, assistant_id",
        domain_id,
    )
    return [_assistant(row) for row in rows]


async def one(
    connection: Connection, domain_id: UUID, assistant_id: str, *, lock: bool = False
) -> Assistant | None:
    row = await connection.fetchrow(
        f"SELECT {ASSISTANT} FROM assistants WHERE domain_id = $1 AND assistant_id = $2"
        + (" FOR UPDATE" if lock else ""),
        domain_id,
        assistant_id,
    )
    return row and _assistant(row)


async def chosen(
    connection: Connection, domain_id: UUID, assistant_id: str | None
) -> Assistant | None:
    """The named assistant, else the domain's default, else its oldest."""
    row = await connection.fetchrow(
        f"SELECT {ASSISTANT} FROM assistants WHERE domain_id = $1"
        " ORDER BY (assistant_id = $2) IS TRUE DESC, (assistant_id ="
        " (SELECT default_assistant_id FROM domains WHERE domain_id = $1)) IS TRUE DESC,"
        " created_at, assistant_id LIMIT 1",
        domain_id,
        assistant_id,
    )
    return row and _assistant(row)


async def default_id(connection: Connection, domain_id: UUID, *, lock: bool = False) -> str | None:
    return await connection.fetchval(
        "SELECT default_assistant_id FROM domains WHERE domain_id = $1"
        + (" FOR UPDATE" if lock else ""),
        domain_id,
    )


async def set_default_if_none(connection: Connection, domain_id: UUID, assistant_id: str) -> None:
    await connection.execute(
        "UPDATE domains SET default_assistant_id = $2"
        " WHERE domain_id = $1 AND default_assistant_id IS NULL",
        domain_id,
        assistant_id,
    )


async def documents(connection: Connection, domain_id: UUID) -> list[Document]:
    rows = await connection.fetch(
        "SELECT d.document_id, d.name, d.size, d.created_at, count(p.number) AS passages"
        " FROM documents d LEFT JOIN passages p"
        " ON p.domain_id = d.domain_id AND p.document_id = d.document_id"
        " WHERE d.domain_id = $1 GROUP BY d.domain_id, d.document_id ORDER BY d.name",
        domain_id,
    )
    return [Document(**row) for row in rows]


async def document(connection: Connection, domain_id: UUID, document_id: UUID) -> Document | None:
    row = await connection.fetchrow(
        "SELECT d.document_id, d.name, d.size, d.created_at, ("
        " SELECT count(*) FROM passages p"
        " WHERE p.domain_id = d.domain_id AND p.document_id = d.document_id"
        ") AS passages FROM documents d WHERE d.domain_id = $1 AND d.document_id = $2",
        domain_id,
        document_id,
    )
    return row and Document(**row)


async def document_named(connection: Connection, domain_id: UUID, name: str) -> UUID | None:
    return await connection.fetchval(
        "SELECT document_id FROM documents WHERE domain_id = $1 AND name = $2", domain_id, name
    )


async def put_document(
    connection: Connection,
    domain_id: UUID,
    document_id: UUID,
    name: str,
    checksum: bytes,
    size: int,
) -> UUID | None:
    """Inserts or replaces a document's row; returns its id, or None when it is the same already."""
    return await connection.fetchval(
        "INSERT INTO documents (domain_id, document_id, name, checksum, size)"
        " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (domain_id, name) DO UPDATE"
        " SET checksum = EXCLUDED.checksum, size = EXCLUDED.size, created_at = now()"
        " WHERE documents.checksum <> EXCLUDED.checksum RETURNING document_id",
        domain_id,
        document_id,
        name,
        checksum,
        size,
    )


async def put_passages(
    connection: Connection,
    domain_id: UUID,
    document_id: UUID,
    configuration: str,
    passages: Sequence[tuple[str, str, str, str, str]],
) -> None:
    """Replaces a document's passages.

    Each is its heading and content as they are shown, then as they are searched: its own heading
    (weight A), the headings above it (B), the content (C).
    """
    await connection.execute(
        "DELETE FROM passages WHERE domain_id = $1 AND document_id = $2", domain_id, document_id
    )
    columns: list[list[str]] = [list(column) for column in zip(*passages, strict=True)]
    await connection.execute(
        "INSERT INTO passages"
        " (domain_id, document_id, number, heading, content, language, search)"
        " SELECT $1, $2, number, heading, content, $3::text::regconfig,"
        " setweight(to_tsvector($3::text::regconfig, own), 'A')"
        " || setweight(to_tsvector($3::text::regconfig, above), 'B')"
        " || setweight(to_tsvector($3::text::regconfig, searched), 'C')"
        " FROM unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[]) WITH ORDINALITY"
        " AS given (heading, content, own, above, searched, number)",
        domain_id,
        document_id,
        configuration,
        *columns,
    )


async def delete_document(connection: Connection, domain_id: UUID, name: str) -> bool:
    """False when there is none of that name."""
    row = await connection.fetchrow(
        "DELETE FROM documents WHERE domain_id = $1 AND name = $2 RETURNING 1", domain_id, name
    )
    return row is not None


async def titles(
    connection: Connection, domain_id: UUID, patterns: Sequence[str], most: int
) -> list[str]:
    """The titles of the domain's documents, oldest first."""
    rows = await connection.fetch(
        "SELECT split_part(p.heading, ' › ', 1) AS title FROM documents d JOIN passages p"
        " ON p.domain_id = d.domain_id AND p.document_id = d.document_id AND p.number = 1"
        " WHERE d.domain_id = $1 AND p.heading <> ''"
        " AND (cardinality($2::text[]) = 0 OR d.name LIKE ANY ($2))"
        " ORDER BY d.document_id LIMIT $3",
        domain_id,
        patterns,
        most,
    )
    return [row["title"] for row in rows]


async def terms(
    connection: Connection, domain_id: UUID, configuration: str, question: str
) -> list[asyncpg.Record]:
    """The question's words as they are indexed, each with the number of passages that hold it."""
    return await connection.fetch(
        "SELECT lexeme, (SELECT count(*) FROM passages p WHERE p.domain_id = $1"
        " AND p.search @@ to_tsquery('simple', quote_literal(lexeme))) AS passages"
        " FROM unnest(to_tsvector($2::text::regconfig, $3))",
        domain_id,
        configuration,
        question,
    )


async def candidates(
    connection: Connection,
    domain_id: UUID,
    configuration: str,
    question: str,
    patterns: Sequence[str],
) -> list[asyncpg.Record]:
    """The passages that best match any word of the question, best first.

    `whole` says that the passage matches the question as a search phrase, with its quotes and
    exclusions; `held` are the question's words that it holds, `mentions` how often in all,
    `heading_words` the words of its own heading.
    """
    return await connection.fetch(
        "WITH asked AS (SELECT websearch_to_tsquery($2::text::regconfig, $3) AS every,"
        "  replace(plainto_tsquery($2::text::regconfig, $3)::text, ' & ', ' | ')::tsquery AS any),"
        " best AS (SELECT d.document_id, p.number, d.name, p.heading, p.content, p.language,"
        "  p.search,"
        "  ts_rank_cd(p.search, asked.any, 1) AS rank, p.search @@ asked.every AS whole"
        "  FROM asked, passages p JOIN documents d"
        "  ON d.domain_id = p.domain_id AND d.document_id = p.document_id"
        "  WHERE p.domain_id = $1 AND p.search @@ asked.any"
        "  AND (cardinality($4::text[]) = 0 OR d.name LIKE ANY ($4))"
        "  ORDER BY whole DESC, rank DESC, d.name, p.number LIMIT $5)"
        " SELECT document_id, number, name, heading, content, rank, whole,"
        " ARRAY(SELECT s.lexeme FROM unnest(search) s"
        "  JOIN unnest(to_tsvector($2::text::regconfig, $3)) q ON q.lexeme = s.lexeme) AS held,"
        " (SELECT coalesce(sum(cardinality(s.positions)), 0) FROM unnest(search) s"
        "  JOIN unnest(to_tsvector($2::text::regconfig, $3)) q ON q.lexeme = s.lexeme) AS mentions,"
        " ARRAY(SELECT s.lexeme FROM unnest(search) s WHERE 'A' = ANY (s.weights))"
        "  AS heading_words FROM best",
        domain_id,
        configuration,
        question,
        patterns,
        CANDIDATES,
    )
