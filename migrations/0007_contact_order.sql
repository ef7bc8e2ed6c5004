-- The order in which the contacts of a list are called.

ALTER TABLE dial_list_master
    ADD COLUMN dial_order text NOT NULL DEFAULT 'least_tried'
        CHECK (dial_order IN ('least_tried', 'upload', 'newest', 'priority', 'random')),
    ADD COLUMN order_seed integer NOT NULL DEFAULT 0 CHECK (order_seed >= 0);
COMMENT ON COLUMN dial_list_master.order_seed IS 'Which of the random orders it is; another one shuffles the list anew';

DROP INDEX dial_list_entry_claim;
ALTER TABLE dial_list_entry DROP COLUMN stage;
ALTER TABLE dial_list_entry
    ADD COLUMN priority smallint NOT NULL DEFAULT 0 CHECK (priority BETWEEN 0 AND 9),
    -- Whether the list is dialed by priority. Priorities would only scatter the contacts of all others over more stages.
    ADD COLUMN uses_priority boolean NOT NULL DEFAULT false,
    -- Takes the place of seq in a list of random order; null in all others.
    ADD COLUMN rank bigint,
    -- What a claim must know of a contact, in one number: bits 52 and up hold the tries on all numbers together (2047 means 2047
    -- or more), the four below them 9 less the priority, where that counts; then stand six bits for each number, number_1 first:
    -- its tries (62 means 62 or more), or 63 when there is no such number or it is blocked.
    ADD COLUMN stage bigint NOT NULL GENERATED ALWAYS AS (
        (least(trycnt_1 + trycnt_2 + trycnt_3 + trycnt_4 + trycnt_5 + trycnt_6 + trycnt_7 + trycnt_8, 2047)::bigint << 52)
        | ((CASE WHEN uses_priority THEN 9 - priority ELSE 9 END)::bigint << 48)
        | ((CASE WHEN number_1 IS NULL OR blocked_slots & 1 <> 0 THEN 63 ELSE least(trycnt_1, 62) END)::bigint << 42)
        | ((CASE WHEN number_2 IS NULL OR blocked_slots & 2 <> 0 THEN 63 ELSE least(trycnt_2, 62) END)::bigint << 36)
        | ((CASE WHEN number_3 IS NULL OR blocked_slots & 4 <> 0 THEN 63 ELSE least(trycnt_3, 62) END)::bigint << 30)
        | ((CASE WHEN number_4 IS NULL OR blocked_slots & 8 <> 0 THEN 63 ELSE least(trycnt_4, 62) END)::bigint << 24)
        | ((CASE WHEN number_5 IS NULL OR blocked_slots & 16 <> 0 THEN 63 ELSE least(trycnt_5, 62) END)::bigint << 18)
        | ((CASE WHEN number_6 IS NULL OR blocked_slots & 32 <> 0 THEN 63 ELSE least(trycnt_6, 62) END)::bigint << 12)
        | ((CASE WHEN number_7 IS NULL OR blocked_slots & 64 <> 0 THEN 63 ELSE least(trycnt_7, 62) END)::bigint << 6)
        | ((CASE WHEN number_8 IS NULL OR blocked_slots & 128 <> 0 THEN 63 ELSE least(trycnt_8, 62) END)::bigint << 0)
    ) STORED;
COMMENT ON COLUMN dial_list_entry.priority IS 'Counts in lists that are dialed by priority; higher is sooner';
CREATE INDEX dial_list_entry_claim
    ON dial_list_entry (dlma_uuid, stage, coalesce(tm_last_hangup, '-infinity'::timestamptz), coalesce(rank, seq))
    WHERE in_use AND status = 0 AND dialing_uuid IS NULL AND res_dial <> 4;

-- Where a contact stands in a list of random order: the first eight bytes of the MD5 sum of seed, colon and uuid, so that the
-- same seed gives the same order wherever it is worked out. Null for all other orders.
CREATE FUNCTION contact_rank(p_order text, p_seed integer, p_uuid uuid) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN p_order = 'random' THEN ('x' || left(md5(p_seed::text || ':' || p_uuid::text), 16))::bit(64)::bigint END
$$;

-- A contact that moves takes the place the other list's order gives it. The list is held, so that a change of its order either is
-- seen here or finds the contact.
CREATE FUNCTION place_moved_contact() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT l.dial_order = 'priority', contact_rank(l.dial_order, l.order_seed, NEW.uuid) INTO NEW.uses_priority, NEW.rank
    FROM dial_list_master l
    WHERE l.uuid = NEW.dlma_uuid
    FOR SHARE;
    RETURN NEW;
END
$$;
CREATE TRIGGER place BEFORE UPDATE OF dlma_uuid ON dial_list_entry
    FOR EACH ROW WHEN (OLD.dlma_uuid <> NEW.dlma_uuid) EXECUTE FUNCTION place_moved_contact();

-- Lists whose contacts do not all stand yet where the order puts them.
CREATE TABLE list_rearrangement (
    dlma uuid PRIMARY KEY REFERENCES dial_list_master (uuid),
    -- The contacts up to this one do.
    after_seq bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
COMMENT ON TABLE list_rearrangement IS 'How far lists are rearranged whose order changed';

CREATE FUNCTION request_rearrangement(p_dlma uuid) RETURNS void LANGUAGE sql VOLATILE AS $$
    INSERT INTO list_rearrangement AS r (dlma) VALUES (p_dlma) ON CONFLICT (dlma) DO UPDATE SET after_seq = 0
$$;

-- Puts the next p_count contacts of one list where its order has them. Contacts others hold are passed over and come next time.
-- False when there is nothing to do, or nothing that is not held.
CREATE FUNCTION rearrange_contacts(p_count integer) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_dlma uuid;
    v_after bigint;
    v_order text;
    v_seed integer;
    v_size bigint;
    v_last bigint;
    v_held bigint;
BEGIN
    SELECT r.dlma, r.after_seq INTO v_dlma, v_after FROM list_rearrangement r ORDER BY r.dlma LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    -- A statement of its own: it sees the change of the order that asked for this. Whoever changes it once more waits for the
    -- row above, and then begins anew.
    SELECT l.dial_order, l.order_seed INTO v_order, v_seed FROM dial_list_master l WHERE l.uuid = v_dlma;

    WITH piece AS MATERIALIZED (
        SELECT e.uuid, e.seq, e.uses_priority, e.rank
        FROM dial_list_entry e
        WHERE e.dlma_uuid = v_dlma AND e.in_use AND e.seq > v_after
        ORDER BY e.seq
        LIMIT p_count
    ), misplaced AS MATERIALIZED (
        SELECT p.uuid, p.seq
        FROM piece p
        WHERE p.uses_priority <> (v_order = 'priority') OR p.rank IS DISTINCT FROM contact_rank(v_order, v_seed, p.uuid)
    ), free AS MATERIALIZED (
        SELECT e.uuid
        FROM dial_list_entry e
        -- Found by their uuids: an equation would let the planner walk the list for want of statistics.
        WHERE e.uuid = ANY (ARRAY(SELECT m.uuid FROM misplaced m)) AND e.dlma_uuid IS NOT DISTINCT FROM v_dlma
        FOR NO KEY UPDATE SKIP LOCKED
    ), placed AS (
        UPDATE dial_list_entry e SET uses_priority = v_order = 'priority', rank = contact_rank(v_order, v_seed, e.uuid)
        FROM free f
        WHERE e.uuid = f.uuid
    )
    SELECT (SELECT count(*) FROM piece), (SELECT max(p.seq) FROM piece p),
        (SELECT min(m.seq) FROM misplaced m LEFT JOIN free f ON f.uuid = m.uuid WHERE f.uuid IS NULL)
    INTO v_size, v_last, v_held;

    IF v_held IS NULL AND v_size < p_count THEN
        DELETE FROM list_rearrangement r WHERE r.dlma = v_dlma;
        RETURN true;
    END IF;
    v_last := coalesce(v_held - 1, v_last);
    UPDATE list_rearrangement r SET after_seq = v_last WHERE r.dlma = v_dlma AND v_last > r.after_seq;
    RETURN FOUND;
END
$$;

-- The stages of a list with a number that may be called. Costs a probe of the index for each stage.
CREATE FUNCTION dialable_stages(p_dlma uuid, p_limits smallint[]) RETURNS SETOF bigint
LANGUAGE plpgsql VOLATILE ROWS 20 AS $$
DECLARE
    v_stage bigint := -1;
BEGIN
    LOOP
        SELECT e.stage INTO v_stage
        FROM dial_list_entry e
        WHERE e.dlma_uuid = p_dlma AND e.stage > v_stage
            AND e.in_use AND e.status = 0 AND e.dialing_uuid IS NULL AND e.res_dial <> 4
        ORDER BY e.stage
        LIMIT 1;
        EXIT WHEN NOT FOUND;
        IF stage_is_dialable(v_stage, p_limits) THEN
            RETURN NEXT v_stage;
        END IF;
    END LOOP;
END
$$;

-- Which stages are dialed together, and before which others, where that is not the order of their numbers.
CREATE FUNCTION stage_turn(p_order text, p_stage bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE p_order
        -- Whoever was called stands above those the file brings later.
        WHEN 'upload' THEN (p_stage >> 52 = 0)::integer::bigint
        -- By priority, then by tries.
        WHEN 'priority' THEN ((p_stage >> 48) & 15) << 11 | (p_stage >> 52)
    END
$$;

-- Locks and returns up to p_count contacts of some stages that may be called now, and whose last call ended at p_from or later:
-- the longest wait first, then by their places.
CREATE FUNCTION take_waiting(
    p_dlma uuid, p_limits smallint[], p_from timestamptz, p_cutoff timestamptz, p_stages bigint[], p_count integer
)
RETURNS TABLE (o_number smallint, o_contact dial_list_entry)
LANGUAGE plpgsql VOLATILE ROWS 50 AS $$
BEGIN
    RETURN QUERY
    SELECT c.number, c.contact
    FROM unnest(p_stages) AS s (stage)
    CROSS JOIN LATERAL (
        SELECT contact_number(e, p_limits) AS number, e AS contact,
            coalesce(e.tm_last_hangup, '-infinity'::timestamptz) AS waiting_since, coalesce(e.rank, e.seq) AS place
        FROM dial_list_entry e
        WHERE e.dlma_uuid = p_dlma AND e.stage = s.stage
            AND e.in_use AND e.status = 0 AND e.dialing_uuid IS NULL AND e.res_dial <> 4
            AND coalesce(e.tm_last_hangup, '-infinity'::timestamptz) >= p_from
            AND coalesce(e.tm_last_hangup, '-infinity'::timestamptz) < p_cutoff
            AND contact_number(e, p_limits) IS NOT NULL
        ORDER BY coalesce(e.tm_last_hangup, '-infinity'::timestamptz), coalesce(e.rank, e.seq)
        LIMIT p_count
        FOR NO KEY UPDATE SKIP LOCKED
    ) AS c
    ORDER BY c.waiting_since, c.place
    LIMIT p_count;
END
$$;

-- The same of those that wait for no retry: the last created first.
CREATE FUNCTION take_newest(p_dlma uuid, p_limits smallint[], p_stages bigint[], p_count integer)
RETURNS TABLE (o_number smallint, o_contact dial_list_entry)
LANGUAGE plpgsql VOLATILE ROWS 50 AS $$
BEGIN
    RETURN QUERY
    SELECT c.number, c.contact
    FROM unnest(p_stages) AS s (stage)
    CROSS JOIN LATERAL (
        SELECT contact_number(e, p_limits) AS number, e AS contact, coalesce(e.rank, e.seq) AS place
        FROM dial_list_entry e
        WHERE e.dlma_uuid = p_dlma AND e.stage = s.stage
            AND e.in_use AND e.status = 0 AND e.dialing_uuid IS NULL AND e.res_dial <> 4
            AND coalesce(e.tm_last_hangup, '-infinity'::timestamptz) = '-infinity'
            AND contact_number(e, p_limits) IS NOT NULL
        ORDER BY coalesce(e.rank, e.seq) DESC
        LIMIT p_count
        FOR NO KEY UPDATE SKIP LOCKED
    ) AS c
    ORDER BY c.place DESC
    LIMIT p_count;
END
$$;

-- Locks and returns up to p_count contacts that may be called now, in the order of their list. Contacts another transaction holds
-- are passed over. Costs O(stages + p_count) index probes.
--
-- The planner's choices are fixed because its statistics lag behind a list that is being worked through, and a sequential
-- scan or a compiled plan chosen on a bad guess would stop the dialing. The settings hold for the functions it calls.
CREATE OR REPLACE FUNCTION pick_contacts(p_dlma uuid, p_limits smallint[], p_cutoff timestamptz, p_count integer)
RETURNS TABLE (o_number smallint, o_contact dial_list_entry)
LANGUAGE plpgsql VOLATILE ROWS 50
SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_order text;
    v_stage bigint := -1;
    v_next bigint;
    v_level bigint := -1;
    v_stages bigint[] := '{}';
    v_from timestamptz := '-infinity';
    v_remaining integer := p_count;
    v_taken integer;
BEGIN
    IF p_count <= 0 THEN
        RETURN;
    END IF;
    SELECT l.dial_order INTO v_order FROM dial_list_master l WHERE l.uuid = p_dlma;

    -- All stages have to be known before the first of these can be told.
    IF v_order IN ('upload', 'priority') THEN
        FOR v_stages IN
            SELECT array_agg(s.stage)
            FROM dialable_stages(p_dlma, p_limits) AS s (stage)
            GROUP BY stage_turn(v_order, s.stage)
            ORDER BY stage_turn(v_order, s.stage)
        LOOP
            RETURN QUERY SELECT * FROM take_waiting(p_dlma, p_limits, v_from, p_cutoff, v_stages, v_remaining);
            GET DIAGNOSTICS v_taken = ROW_COUNT;
            v_remaining := v_remaining - v_taken;
            EXIT WHEN v_remaining <= 0;
        END LOOP;
        RETURN;
    END IF;

    -- Those without a last call are taken by themselves.
    IF v_order = 'newest' THEN
        v_from := '4713-01-01 00:00:00+00 BC';
    END IF;
    LOOP
        SELECT e.stage INTO v_next
        FROM dial_list_entry e
        WHERE e.dlma_uuid = p_dlma AND e.stage > v_stage
            AND e.in_use AND e.status = 0 AND e.dialing_uuid IS NULL AND e.res_dial <> 4
        ORDER BY e.stage
        LIMIT 1;

        -- A level, the contacts with the same tries in all, is complete: take what is due in it.
        IF (v_next IS NULL OR v_next >> 52 <> v_level) AND cardinality(v_stages) > 0 THEN
            IF v_order = 'newest' THEN
                RETURN QUERY SELECT * FROM take_newest(p_dlma, p_limits, v_stages, v_remaining);
                GET DIAGNOSTICS v_taken = ROW_COUNT;
                v_remaining := v_remaining - v_taken;
                EXIT WHEN v_remaining <= 0;
            END IF;
            RETURN QUERY SELECT * FROM take_waiting(p_dlma, p_limits, v_from, p_cutoff, v_stages, v_remaining);
            GET DIAGNOSTICS v_taken = ROW_COUNT;
            v_remaining := v_remaining - v_taken;
            EXIT WHEN v_remaining <= 0;
            v_stages := '{}';
        END IF;

        EXIT WHEN v_next IS NULL;
        v_stage := v_next;
        v_level := v_next >> 52;
        IF stage_is_dialable(v_next, p_limits) THEN
            v_stages := v_stages || v_next;
        END IF;
    END LOOP;
END
$$;

-- Whether a list still has work for a plan, and when the next of its contacts is due; -infinity: somebody never called
-- waits. Costs O(stages) index probes.
CREATE OR REPLACE FUNCTION list_outlook(p_plan uuid, p_dlma uuid, OUT o_open boolean, OUT o_next_due timestamptz)
LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_limits smallint[];
    v_delay interval;
    v_stage bigint := -1;
    v_since timestamptz;
    v_first timestamptz;
BEGIN
    o_open := EXISTS (SELECT FROM dial_list_entry e WHERE e.dlma_uuid = p_dlma AND e.status = 1 AND e.in_use);
    SELECT plan_limits(p), make_interval(secs => p.retry_delay) INTO v_limits, v_delay
    FROM plan p
    WHERE p.uuid = p_plan;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    o_open := o_open OR EXISTS (
        SELECT FROM dial_list_entry e
        WHERE e.dlma_uuid = p_dlma AND e.status = 2 AND e.in_use AND e.res_dial <> 4 AND contact_number(e, v_limits) IS NOT NULL
    );
    LOOP
        SELECT e.stage INTO v_stage
        FROM dial_list_entry e
        WHERE e.dlma_uuid = p_dlma AND e.stage > v_stage
            AND e.in_use AND e.status = 0 AND e.dialing_uuid IS NULL AND e.res_dial <> 4
        ORDER BY e.stage
        LIMIT 1;
        EXIT WHEN NOT FOUND;
        CONTINUE WHEN NOT stage_is_dialable(v_stage, v_limits);
        SELECT coalesce(e.tm_last_hangup, '-infinity'::timestamptz) INTO v_since
        FROM dial_list_entry e
        WHERE e.dlma_uuid = p_dlma AND e.stage = v_stage
            AND e.in_use AND e.status = 0 AND e.dialing_uuid IS NULL AND e.res_dial <> 4
            AND contact_number(e, v_limits) IS NOT NULL
        ORDER BY coalesce(e.tm_last_hangup, '-infinity'::timestamptz), coalesce(e.rank, e.seq)
        LIMIT 1;
        CONTINUE WHEN NOT FOUND;
        o_open := true;
        v_first := least(v_first, v_since);
        EXIT WHEN v_first = '-infinity'::timestamptz;
    END LOOP;
    -- A contact is due when more than the delay has passed.
    o_next_due := v_first + v_delay + interval '1 microsecond';
END
$$;
