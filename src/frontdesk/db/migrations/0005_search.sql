-- Search: full text over messages and files, trigrams over names. PostgreSQL's contrib modules are
-- not in every installation (the embedded one has none), so words are folded and cut here.
--
-- Row-level security keeps GIN indexes from being used: their operators are not leakproof, so the
-- policy would have to be checked on each row of the domain first. The functions at the end run as
-- the tables' owner instead and name the domain themselves, in the index and in the row. A domain's
-- id is one of the index's terms, so that one domain never reads through the postings of another.

-- Lower case without accents, punctuation as space; each character of CJK scripts, which divide no
-- words, is one. frontdesk.kernel.searching.fold does the same for what is highlighted.
CREATE FUNCTION search_fold(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN octet_length(value) = char_length(value)
    THEN translate(lower(value), '-_./@:+#''\', '          ')
    ELSE regexp_replace(
        translate(
            regexp_replace(lower(normalize(value, NFKD)), '[\u0300-\u036f]', '', 'g'),
            '-_./@:+#''\’', '           '
        ),
        '([\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff])', ' \1 ', 'g'
    )
END;

CREATE FUNCTION search_day(moment timestamptz) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN floor(extract(epoch FROM moment - '2020-01-01Z'::timestamptz) / 86400)::integer;

CREATE FUNCTION search_words(domain_id uuid, moment timestamptz, value text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN to_tsvector('simple', search_fold(left(value, 20000)))
    || array_to_tsvector(ARRAY[
        'd' || domain_id::text, 'd' || domain_id::text || 'n' || search_day(moment)::text
    ]);

-- The words of a name with a mark before each, its groups of three letters, and the domain.
CREATE FUNCTION search_grams(domain_id uuid, value text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ARRAY(
    SELECT DISTINCT gram FROM regexp_split_to_table(search_fold(left(value, 400)), '[^[:alnum:]]+') AS word
    CROSS JOIN LATERAL (
        SELECT '=' || word AS gram
        UNION ALL SELECT ' ' || left(word, 2)
        UNION ALL SELECT substr(word, place, 3) FROM generate_series(1, length(word) - 2) AS place
    ) parts
    WHERE word <> ''
) || ('d' || domain_id::text);

CREATE INDEX messages_search ON messages USING gin (search_words(domain_id, created_at, content))
    -- Whoever inserts never empties the list of what is pending: the worker does, every few seconds.
    WITH (gin_pending_list_limit = 65536);

DROP INDEX files_search;
ALTER TABLE files DROP COLUMN search;
CREATE FUNCTION search_file(transcript text, description text, content text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(transcript || ' ', '') || coalesce(description || ' ', '') || coalesce(content, '');
CREATE INDEX files_search ON files
    USING gin (search_words(domain_id, created_at, search_file(transcript, description, text)))
    WHERE understood_at IS NOT NULL;
CREATE INDEX media_search ON media USING gin (search_grams(domain_id, filename));

CREATE FUNCTION search_name(display_name text, address text, email text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(display_name || ' ', '') || address || coalesce(' ' || email, '');
CREATE INDEX contacts_search ON contacts
    USING gin (search_grams(domain_id, search_name(display_name, address, email)));

-- What somebody typed as a query: all words, "phrases" and or. With `prefix` a word may go on.
CREATE FUNCTION search_query(typed text, prefix boolean) RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN prefix
    THEN regexp_replace(
        websearch_to_tsquery('simple', search_fold(typed))::text, '''((?:[^'']|'''')+)''', '''\1'':*', 'g'
    )::tsquery
    ELSE websearch_to_tsquery('simple', search_fold(typed))
END;

-- How to look for a query: its words but for those that stand in every fourth text or more, which
-- are long to read through and leave out little; and how many texts may have all of its words, from
-- what the planner knows of them. Null: not known, or no plain list of words.
CREATE FUNCTION search_plan(query tsquery, OUT rare tsquery, OUT expected real)
LANGUAGE sql STABLE AS $$
    WITH known AS MATERIALIZED (
        SELECT element, share FROM pg_stats s CROSS JOIN LATERAL
            unnest(s.most_common_elems::text::text[], s.most_common_elem_freqs) AS k (element, share)
        WHERE s.schemaname = current_schema() AND s.tablename = 'messages_search'
        AND k.element IS NOT NULL
    ), lowest AS (
        SELECT min(share) / 2 AS share FROM known
    ), word AS (
        SELECT quoted, coalesce(
            (SELECT share FROM known WHERE element = trim(both '''' FROM quoted)),
            (SELECT share FROM lowest)
        ) AS share
        FROM regexp_split_to_table(query::text, ' & ') AS quoted
        UNION ALL
        SELECT NULL, coalesce(
            (SELECT share FROM known WHERE element = 'd' || current_setting('frontdesk.domain_id')),
            (SELECT share FROM lowest)
        )
    )
    SELECT
        CASE WHEN query::text ~ '[|!<]' THEN query ELSE coalesce(
            (SELECT string_agg(quoted, ' & ')::tsquery FROM word WHERE quoted IS NOT NULL AND share < 0.25),
            query
        ) END,
        CASE WHEN query::text !~ '[|!<]' THEN (
            SELECT exp(sum(ln(greatest(share, 1e-9)))) * (SELECT reltuples FROM pg_class WHERE oid = 'messages'::regclass)
            FROM word
        ) END
$$;

-- Newest first. What is in very many texts is looked for by days, so that it is found as fast as what
-- is in two: a step ends when enough was found. What is in few, and what the latest days do not have,
-- is looked for in all of the domain's texts at once.
CREATE FUNCTION search_messages(query tsquery, most integer)
RETURNS TABLE (
    conversation_id uuid, message_id uuid, created_at timestamptz, content text, rank real
)
LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
DECLARE
    domain uuid := current_setting('frontdesk.domain_id')::uuid;
    today integer := search_day(now());
    since integer := 0;
    upto integer := 0;
    oldest timestamptz := 'infinity';
    found_now integer;
    remaining integer := most;
    rare tsquery;
    expected real;
    step tsquery;
BEGIN
    SELECT plan.rare, plan.expected INTO rare, expected FROM search_plan(query) plan;
    WHILE remaining > 0 AND since < 15 AND coalesce(expected, 'infinity') > 10000 LOOP
        step := (
            SELECT string_agg('''d' || domain || 'n' || today - n || '''', ' | ')::tsquery
            FROM generate_series(since, upto) AS n
        );
        RETURN QUERY
            SELECT m.conversation_id, m.message_id, m.created_at, m.content,
                ts_rank_cd(words.found, query)
            FROM messages m
            CROSS JOIN LATERAL (
                SELECT to_tsvector('simple', search_fold(left(m.content, 20000))) AS found OFFSET 0
            ) words
            WHERE search_words(m.domain_id, m.created_at, m.content) @@ (rare && step)
            AND m.domain_id = domain AND m.status <> 'draft'
            AND (rare = query OR words.found @@ query)
            LIMIT remaining;
        GET DIAGNOSTICS found_now = ROW_COUNT;
        remaining := remaining - found_now;
        since := upto + 1;
        upto := upto * 2 + 1;
    END LOOP;
    IF remaining <= 0 THEN
        RETURN;
    END IF;
    IF since > 0 THEN
        oldest := '2020-01-01Z'::timestamptz + make_interval(days => today - since + 1);
    END IF;
    RETURN QUERY
        SELECT m.conversation_id, m.message_id, m.created_at, m.content,
            ts_rank_cd(words.found, query)
        FROM (
            SELECT k.* FROM (
                SELECT m.conversation_id, m.message_id, m.created_at, m.content
                FROM messages m
                WHERE search_words(m.domain_id, m.created_at, m.content)
                    @@ (rare && ('''d' || domain || '''')::tsquery)
                AND m.domain_id = domain AND m.status <> 'draft' AND m.created_at < oldest
                LIMIT 20000
            ) k ORDER BY k.created_at DESC
        ) m
        CROSS JOIN LATERAL (
            SELECT to_tsvector('simple', search_fold(left(m.content, 20000))) AS found OFFSET 0
        ) words
        WHERE rare = query OR words.found @@ query
        LIMIT remaining;
END
$$;

-- Also words that only begin so, of all days: rare ones, or the caller's time limit ends it.
CREATE FUNCTION search_messages_beginning(query tsquery, most integer)
RETURNS TABLE (
    conversation_id uuid, message_id uuid, created_at timestamptz, content text, rank real
)
LANGUAGE sql STABLE SECURITY DEFINER AS $$
    SELECT m.conversation_id, m.message_id, m.created_at, m.content,
        ts_rank_cd(to_tsvector('simple', search_fold(left(m.content, 20000))), query)
    FROM messages m
    WHERE search_words(m.domain_id, m.created_at, m.content)
        @@ (query && ('''d' || current_setting('frontdesk.domain_id') || '''')::tsquery)
    AND m.domain_id = current_setting('frontdesk.domain_id')::uuid AND m.status <> 'draft'
    LIMIT most
$$;

CREATE FUNCTION search_files(query tsquery, grams text[], most integer)
RETURNS TABLE (
    conversation_id uuid, message_id uuid, media_id uuid, created_at timestamptz, filename text,
    content text, rank real
)
LANGUAGE sql STABLE SECURITY DEFINER AS $$
    WITH hit AS (
        (
            SELECT m.media_id, f.content, ts_rank_cd(to_tsvector('simple', search_fold(f.content)), query) AS rank
            FROM (
                SELECT f.checksum, left(search_file(f.transcript, f.description, f.text), 20000) AS content
                FROM files f
                WHERE search_words(f.domain_id, f.created_at, search_file(f.transcript, f.description, f.text))
                    @@ (query && ('''d' || current_setting('frontdesk.domain_id') || '''')::tsquery)
                AND f.understood_at IS NOT NULL
                AND f.domain_id = current_setting('frontdesk.domain_id')::uuid
                LIMIT most
            ) f
            JOIN media m ON m.domain_id = current_setting('frontdesk.domain_id')::uuid
                AND m.checksum = f.checksum
            LIMIT most * 2
        )
        UNION ALL (
            SELECT m.media_id, '', 0.5::real FROM media m
            WHERE search_grams(m.domain_id, m.filename)
                @> (grams || ('d' || current_setting('frontdesk.domain_id')))
            AND m.domain_id = current_setting('frontdesk.domain_id')::uuid
            LIMIT most
        )
    )
    SELECT m.conversation_id, m.message_id, m.media_id, m.created_at, m.filename,
        max(h.content), max(h.rank)
    FROM hit h
    JOIN media m ON m.domain_id = current_setting('frontdesk.domain_id')::uuid
        AND m.media_id = h.media_id
    WHERE m.state = 'stored' AND m.conversation_id IS NOT NULL
    GROUP BY m.conversation_id, m.message_id, m.media_id, m.created_at, m.filename
$$;

-- Contacts whose names have all of the grams.
CREATE FUNCTION search_contacts(grams text[], most integer)
RETURNS TABLE (
    contact_id uuid, display_name text, address text, email text, blocked_at timestamptz,
    merged_into uuid, created_at timestamptz
)
LANGUAGE sql STABLE SECURITY DEFINER AS $$
    SELECT c.contact_id, c.display_name, c.address, c.email, c.blocked_at, c.merged_into, c.created_at
    FROM contacts c
    WHERE search_grams(c.domain_id, search_name(c.display_name, c.address, c.email))
        @> (grams || ('d' || current_setting('frontdesk.domain_id')))
    AND c.domain_id = current_setting('frontdesk.domain_id')::uuid
    LIMIT most
$$;

-- For the list: conversations in which the words stand, or whose contact is named so.
CREATE FUNCTION search_conversations(typed text, grams text[], most integer) RETURNS SETOF uuid
LANGUAGE sql STABLE AS $$
    SELECT v.conversation_id FROM search_contacts(grams, most) c
    JOIN conversations v ON v.contact_id = c.contact_id
        AND v.domain_id = current_setting('frontdesk.domain_id')::uuid
    UNION
    SELECT m.conversation_id FROM search_messages(search_query(typed, false), most) m
    UNION
    SELECT f.conversation_id FROM search_files(search_query(typed, false), grams, most) f
$$;

DO $$
DECLARE
    search_function regprocedure;
BEGIN
    FOREACH search_function IN ARRAY ARRAY[
        'search_messages(tsquery, integer)', 'search_messages_beginning(tsquery, integer)',
        'search_files(tsquery, text[], integer)', 'search_contacts(text[], integer)'
    ]::regprocedure[] LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', search_function, current_schema());
        EXECUTE format('ALTER FUNCTION %s SET enable_seqscan = off', search_function);
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', search_function);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO frontdesk_tenant', search_function);
    END LOOP;
END
$$;
