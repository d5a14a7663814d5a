"""The SQL of teams and their members."""

from collections.abc import Sequence
from uuid import UUID

from frontdesk.db.pool import Connection
from frontdesk.inbox.model import Member, Team

TEAM = """
SELECT t.team_id, t.name, (
    SELECT json_agg(m ORDER BY lower(m.name), m.email) FROM (
        SELECT p.person_id, p.name, p.email FROM team_members k JOIN people p
        ON p.domain_id = k.domain_id AND p.person_id = k.person_id
        WHERE k.domain_id = t.domain_id AND k.team_id = t.team_id
    ) m
) AS members
FROM teams t
"""


async def all_of(connection: Connection, domain_id: UUID) -> list[Team]:
    rows = await connection.fetch(
        TEAM + " WHERE t.domain_id = $1 ORDER BY lower(t.name), t.team_id", domain_id
    )
    return [_team(row["team_id"], row["name"], row["members"]) for row in rows]


async def one(connection: Connection, domain_id: UUID, team_id: UUID) -> Team | None:
    row = await connection.fetchrow(
        TEAM + " WHERE t.domain_id = $1 AND t.team_id = $2 FOR UPDATE OF t", domain_id, team_id
    )
    return row and _team(row["team_id"], row["name"], row["members"])


def _team(team_id: UUID, name: str, members: list[dict[str, str]] | None) -> Team:
    found = [Member(UUID(each["person_id"]), each["name"], each["email"]) for each in members or ()]
    return Team(team_id, name, found)


async def insert(connection: Connection, domain_id: UUID, team_id: UUID, name: str) -> None:
    await connection.execute(
        "INSERT INTO teams (domain_id, team_id, name) VALUES ($1, $2, $3)",
        domain_id,
        team_id,
        name,
    )


async def rename(connection: Connection, domain_id: UUID, team_id: UUID, name: str) -> None:
    await connection.execute(
        "UPDATE teams SET name = $3 WHERE domain_id = $1 AND team_id = $2",
        domain_id,
        team_id,
        name,
    )


async def set_members(
    connection: Connection, domain_id: UUID, team_id: UUID, person_ids: Sequence[UUID]
) -> list[UUID]:
    """Makes these the members; returns those of them that are people of the domain."""
    await connection.execute(
        "DELETE FROM team_members WHERE domain_id = $1 AND team_id = $2"
        " AND person_id <> ALL($3::uuid[])",
        domain_id,
        team_id,
        person_ids,
    )
    rows = await connection.fetch(
        "SELECT person_id FROM people WHERE domain_id = $1 AND person_id = ANY($2::uuid[])"
        " ORDER BY person_id FOR SHARE",
        domain_id,
        person_ids,
    )
    known = [row["person_id"] for row in rows]
    await connection.execute(
        "INSERT INTO team_members (domain_id, team_id, person_id)"
        " SELECT $1, $2, unnest($3::uuid[]) ON CONFLICT DO NOTHING",
        domain_id,
        team_id,
        known,
    )
    return known


async def delete(connection: Connection, domain_id: UUID, team_id: UUID) -> None:
    """Its conversations are nobody's team's then, by a trigger."""
    await connection.execute(
        "DELETE FROM teams WHERE domain_id = $1 AND team_id = $2", domain_id, team_id
    )
