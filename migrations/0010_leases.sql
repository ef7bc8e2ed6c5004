-- Several engines on one database: who they are, which campaigns each of them works for, and how one that lost its lease is kept out.
--
-- A lease is for everything that shares agents: the campaigns of one queue, or one campaign that waits for nobody's agents. Its fence is
-- a number that grows with every holder. What an engine writes about calls bears the fence, and is refused when another holds the lease.

CREATE SEQUENCE lease_fence;

CREATE TABLE engine (
    name text COLLATE "C" PRIMARY KEY CHECK (name <> ''),
    -- This start of it; a restarted engine is another holder.
    uuid uuid NOT NULL UNIQUE,
    -- Rows of results that bear no engine's name, from before there were several, are this one's to write to its file.
    is_first boolean NOT NULL,
    tm_start timestamptz NOT NULL,
    tm_until timestamptz NOT NULL
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
COMMENT ON TABLE engine IS 'Every engine that ever worked on this database, by its name';
COMMENT ON COLUMN engine.tm_until IS 'Until when it holds its leases unless it says that it lives';

CREATE TABLE campaign_lease (
    -- queue:NAME, campaign:UUID, or nothing: the calls no lease covers, whose fence is 0.
    key text COLLATE "C" PRIMARY KEY,
    -- The start of an engine; one that is over, or null, is nobody.
    engine uuid,
    fence bigint NOT NULL UNIQUE,
    -- To whom the holder shall hand it over.
    successor uuid
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
COMMENT ON TABLE campaign_lease IS 'Which engine works for which campaigns';
INSERT INTO campaign_lease (key, fence) VALUES ('', nextval('lease_fence'));

-- Calls claimed by nobody in particular, as every call was before, have the fence 0.
ALTER TABLE dialing ADD COLUMN fence bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN dialing.fence IS 'The lease under which it may be finished';
-- Who claims says so in the transaction (hold_lease), not in every function between.
ALTER TABLE dialing ALTER COLUMN fence
    SET DEFAULT coalesce(nullif(current_setting('outpace.fence', true), '')::bigint, 0);
ALTER TABLE dialing_result ADD COLUMN engine text COLLATE "C";
ALTER TABLE dialing_result ALTER COLUMN engine SET DEFAULT nullif(current_setting('outpace.engine', true), '');
COMMENT ON COLUMN dialing_result.engine IS 'Whose results file its line belongs to';

-- Files of the same name on several machines are different files.
ALTER TABLE result_export
    ADD COLUMN engine text COLLATE "C" NOT NULL DEFAULT '',
    DROP CONSTRAINT result_export_pkey,
    ADD PRIMARY KEY (engine, file);
COMMENT ON COLUMN result_export.engine IS 'Whose file it is; empty: from before there were names, the first engine''s';

-- Whose service takes the file in.
ALTER TABLE upload ADD COLUMN engine text COLLATE "C";

-- Which lease covers a campaign with this destination.
CREATE FUNCTION lease_key(p_campaign uuid, p_destination uuid) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        (
            SELECT 'queue:' || nullif(
                CASE
                    WHEN d.type = 0 THEN d.queue
                    WHEN lower(d.application) = 'queue' THEN split_part(d.data, ',', 1)
                END, '')
            FROM destination d
            WHERE d.uuid = p_destination
        ),
        'campaign:' || p_campaign
    )
$$;

CREATE FUNCTION engine_lives(p_engine uuid) RETURNS boolean LANGUAGE sql VOLATILE AS $$
    SELECT EXISTS (SELECT FROM engine e WHERE e.uuid = p_engine AND e.tm_until > clock_timestamp())
$$;

-- Stands in the arguments of whatever claims or reserves for a campaign: nothing of it happens unless p_fence is the campaign's lease,
-- and until it is committed the lease stays where it is. Null claims without one.
CREATE FUNCTION hold_lease(p_campaign uuid, p_destination uuid, p_fence bigint, p_engine text) RETURNS uuid
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF p_fence IS NULL THEN
        RETURN p_campaign;
    END IF;
    PERFORM FROM campaign_lease l WHERE l.fence = p_fence AND l.key = lease_key(p_campaign, p_destination) FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the lease % on the campaign % is over', p_fence, p_campaign USING ERRCODE = 'OL001';
    END IF;
    PERFORM set_config('outpace.fence', p_fence::text, true), set_config('outpace.engine', p_engine, true);
    RETURN p_campaign;
END
$$;

-- Stands in the arguments of whatever ends dialings: those that are under none of the leases p_fences become null, which ends nothing.
-- The others stay so until it is committed. Null is every dialing.
CREATE FUNCTION leased_dialings(p_dialing uuid[], p_fences bigint[], p_engine text) RETURNS uuid[]
LANGUAGE plpgsql VOLATILE SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
DECLARE
    v_held uuid[];
BEGIN
    IF p_fences IS NULL THEN
        RETURN p_dialing;
    END IF;
    PERFORM set_config('outpace.engine', p_engine, true);
    v_held := ARRAY(
        SELECT d.uuid FROM dialing d WHERE d.uuid = ANY (p_dialing) AND d.fence = ANY (p_fences) ORDER BY d.uuid FOR UPDATE
    );
    RETURN ARRAY(
        SELECT CASE WHEN i.uuid = ANY (v_held) THEN i.uuid END
        FROM unnest(p_dialing) WITH ORDINALITY AS i (uuid, place)
        ORDER BY i.place
    );
END
$$;

-- Names the engine whose file the results written by this transaction belong to.
CREATE FUNCTION write_for(p_campaign uuid, p_engine text) RETURNS uuid LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM set_config('outpace.engine', coalesce(p_engine, ''), true);
    RETURN p_campaign;
END
$$;

-- An engine starts. Whoever had the name before is over.
CREATE FUNCTION register_engine(p_name text, p_uuid uuid, p_lease interval) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_is_first boolean;
BEGIN
    -- "engi" in ASCII: two that start at once are not both the first.
    PERFORM pg_advisory_xact_lock(1701734249);
    INSERT INTO engine AS e (name, uuid, is_first, tm_start, tm_until)
    VALUES (
        p_name, p_uuid, NOT EXISTS (SELECT FROM engine), clock_timestamp(), clock_timestamp() + p_lease
    )
    ON CONFLICT (name) DO UPDATE SET
        uuid = excluded.uuid, tm_start = excluded.tm_start, tm_until = excluded.tm_until
    RETURNING e.is_first INTO v_is_first;
    PERFORM pg_notify('outpace_change', 'lease:' || p_uuid);
    RETURN v_is_first;
END
$$;

-- What the last start of an engine may still write: nobody has taken it over. Before the engine has registered anew.
CREATE FUNCTION former_fences(p_name text) RETURNS bigint[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(l.fence), '{}')
        || CASE WHEN bool_or(l.key = '') OR NOT EXISTS (SELECT FROM engine o WHERE o.tm_until > clock_timestamp()) THEN '{0}'::bigint[]
            ELSE '{}'::bigint[] END
    FROM campaign_lease l
    JOIN engine e ON e.uuid = l.engine
    WHERE e.name = p_name
$$;

-- The engine lives: all its leases are good for another while. Returns them.
CREATE FUNCTION renew_leases(p_engine uuid, p_lease interval)
RETURNS TABLE (o_key text, o_fence bigint, o_successor uuid)
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    -- One that has retired stays so, also when its last word that it lives comes late.
    UPDATE engine e SET tm_until = clock_timestamp() + p_lease WHERE e.uuid = p_engine AND e.tm_until <> '-infinity';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the engine % has retired, or another has started under its name', p_engine USING ERRCODE = 'OL002';
    END IF;
    -- A statement of its own: what was taken while this waited for the row is not returned.
    RETURN QUERY SELECT l.key, l.fence, l.successor FROM campaign_lease l WHERE l.engine = p_engine ORDER BY l.key;
END
$$;

-- Gives leases nobody holds to engines, each only if it still is as whoever decided saw it: p_fence is what it bore, null when there
-- was none yet. Calls that were open under it are open under the new fence. Leases that are locked are passed over.
CREATE FUNCTION assign_leases(p_key text[], p_fence bigint[], p_engine uuid[]) RETURNS integer
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_wish record;
    v_lease campaign_lease;
    v_count integer := 0;
BEGIN
    FOR v_wish IN
        SELECT w.* FROM unnest(p_key, p_fence, p_engine) AS w (key, fence, engine) ORDER BY w.key
    LOOP
        CONTINUE WHEN NOT engine_lives(v_wish.engine);
        IF v_wish.fence IS NULL THEN
            INSERT INTO campaign_lease (key, engine, fence) VALUES (v_wish.key, v_wish.engine, nextval('lease_fence'))
            ON CONFLICT DO NOTHING;
            IF FOUND THEN
                v_count := v_count + 1;
            END IF;
            CONTINUE;
        END IF;
        SELECT * INTO v_lease FROM campaign_lease l WHERE l.key = v_wish.key AND l.fence = v_wish.fence FOR UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND;
        -- With its row held, the holder cannot say in between that it lives.
        PERFORM FROM engine e WHERE e.uuid = v_lease.engine FOR UPDATE;
        CONTINUE WHEN engine_lives(v_lease.engine);
        PERFORM move_lease(v_lease, v_wish.engine);
        v_count := v_count + 1;
    END LOOP;
    IF v_count > 0 THEN
        PERFORM pg_notify('outpace_change', 'lease:' || e) FROM (SELECT DISTINCT unnest(p_engine) AS e) AS engines;
    END IF;
    RETURN v_count;
END
$$;

-- Another holder, another fence, for the lease and for the calls that are open under it.
CREATE FUNCTION move_lease(p_lease campaign_lease, p_engine uuid) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_fence bigint := nextval('lease_fence');
BEGIN
    UPDATE campaign_lease l SET engine = p_engine, fence = v_fence, successor = NULL WHERE l.key = p_lease.key;
    UPDATE dialing d SET fence = v_fence WHERE d.fence = p_lease.fence;
END
$$;

-- Tells the holders of leases to hand them over, unless they were told already.
CREATE FUNCTION name_successors(p_key text[], p_fence bigint[], p_engine uuid[]) RETURNS integer
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_holders uuid[];
BEGIN
    WITH named AS (
        UPDATE campaign_lease l SET successor = w.engine
        FROM unnest(p_key, p_fence, p_engine) AS w (key, fence, engine)
        WHERE l.key = w.key AND l.fence = w.fence AND l.successor IS NULL AND engine_lives(w.engine)
        RETURNING l.engine
    )
    SELECT array_agg(n.engine) INTO v_holders FROM named n;
    PERFORM pg_notify('outpace_change', 'lease:' || e) FROM (SELECT DISTINCT unnest(v_holders || p_engine) AS e) AS engines
    WHERE cardinality(v_holders) > 0;
    RETURN coalesce(cardinality(v_holders), 0);
END
$$;

-- The holder hands leases over to their successors, all at once: who gets several knows of all their calls before it dials. Returns
-- those whose successor is gone; these it keeps.
CREATE FUNCTION hand_over_leases(p_key text[], p_fence bigint[]) RETURNS text[] LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_lease campaign_lease;
    v_kept text[] := '{}';
    v_successors uuid[] := '{}';
BEGIN
    FOR v_lease IN
        SELECT l.*
        FROM campaign_lease l
        JOIN unnest(p_key, p_fence) AS h (key, fence) ON h.key = l.key AND h.fence = l.fence
        ORDER BY l.key
        FOR UPDATE OF l
    LOOP
        IF v_lease.successor IS NULL OR NOT engine_lives(v_lease.successor) THEN
            UPDATE campaign_lease l SET successor = NULL WHERE l.key = v_lease.key;
            v_kept := v_kept || v_lease.key;
        ELSE
            PERFORM move_lease(v_lease, v_lease.successor);
            v_successors := v_successors || v_lease.successor;
        END IF;
    END LOOP;
    PERFORM pg_notify('outpace_change', 'lease:' || s) FROM (SELECT DISTINCT unnest(v_successors) AS s) AS successors;
    RETURN v_kept;
END
$$;

-- Forgets leases of the engine that cover nothing: no campaign and no call.
CREATE FUNCTION drop_leases(p_engine uuid, p_key text[]) RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_count integer;
BEGIN
    PERFORM FROM campaign_lease l WHERE l.engine = p_engine AND l.key = ANY (p_key) ORDER BY l.key FOR UPDATE;
    -- A statement of its own: whoever claimed while this waited has its call seen.
    DELETE FROM campaign_lease l
    WHERE l.engine = p_engine AND l.key = ANY (p_key) AND l.key <> ''
        AND NOT EXISTS (SELECT FROM dialing d WHERE d.fence = l.fence);
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
END
$$;

-- The engine stops: its leases are free at once, its results are written.
CREATE FUNCTION retire_engine(p_engine uuid) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE engine e SET tm_until = '-infinity' WHERE e.uuid = p_engine;
    PERFORM pg_notify('outpace_change', 'lease:' || p_engine);
END
$$;

-- What there is to share out: every lease that covers something, with the number of campaigns under it that want an engine.
CREATE FUNCTION lease_needs()
RETURNS TABLE (o_key text, o_fence bigint, o_engine uuid, o_successor uuid, o_campaigns bigint, o_is_used boolean)
LANGUAGE sql STABLE SET jit = off AS $$
    WITH needed AS MATERIALIZED (
        SELECT lease_key(c.uuid, c.dest) AS key, count(*) AS campaigns
        FROM campaign c
        WHERE c.in_use AND (c.status NOT IN (0, 2) OR c.sc_mode = 1)
        GROUP BY 1
    )
    SELECT coalesce(l.key, n.key), l.fence, l.engine, l.successor, coalesce(n.campaigns, 0),
        n.key IS NOT NULL OR l.key = '' OR EXISTS (SELECT FROM dialing d WHERE d.fence = l.fence)
    FROM needed n
    FULL JOIN campaign_lease l ON l.key = n.key
$$;
