-- The do-not-call list: numbers nobody dials, looked up in the statement that claims.

CREATE TABLE do_not_call (
    -- As it is dialed: what a contact's number must equal, character for character.
    number text COLLATE "C" PRIMARY KEY CHECK (number <> '' AND length(number) <= 64),
    reason text,
    tm_expire timestamptz,
    tm_create timestamptz NOT NULL DEFAULT clock_timestamp(),
    tm_update timestamptz
);
COMMENT ON TABLE do_not_call IS 'Numbers that are not dialed, whatever list they are on';
COMMENT ON COLUMN do_not_call.tm_expire IS 'From when it may be dialed again; null means never';
CREATE INDEX do_not_call_expire ON do_not_call (tm_expire) WHERE tm_expire IS NOT NULL;

-- Which contacts are held back by which number, so that they are found when it leaves the list.
CREATE TABLE blocked_number (
    number text COLLATE "C" NOT NULL,
    entry uuid NOT NULL,
    slot smallint NOT NULL CHECK (slot BETWEEN 1 AND 8),
    PRIMARY KEY (number, entry, slot)
);
COMMENT ON TABLE blocked_number IS 'Numbers of contacts a claim met on the do-not-call list';

ALTER TABLE campaign_counter ADD COLUMN blocked bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN campaign_counter.blocked IS 'Numbers not dialed for the do-not-call list; not among dialed';

-- A blocked number counts for claims as one that is not there. It has to be part of the stage: so a claim meets each blocked
-- contact once, and never walks over those that were met before.
ALTER TABLE dial_list_entry ADD COLUMN blocked_slots smallint NOT NULL DEFAULT 0 CHECK (blocked_slots BETWEEN 0 AND 255);
COMMENT ON COLUMN dial_list_entry.blocked_slots IS 'Numbers a claim met on the do-not-call list: 1 for number_1, 2, 4 … 128 for number_8';
DROP INDEX dial_list_entry_claim;
ALTER TABLE dial_list_entry DROP COLUMN stage;
ALTER TABLE dial_list_entry ADD COLUMN
    -- What a claim must know of a contact, in one number: bits 48 and up hold the tries on all numbers together, below
    -- them stand six bits for each number, number_1 first: its tries (62 means 62 or more), or 63 when there is no such number
    -- or it is blocked.
    stage bigint NOT NULL GENERATED ALWAYS AS (
        (least(trycnt_1 + trycnt_2 + trycnt_3 + trycnt_4 + trycnt_5 + trycnt_6 + trycnt_7 + trycnt_8, 32767)::bigint << 48)
        | ((CASE WHEN number_1 IS NULL OR blocked_slots & 1 <> 0 THEN 63 ELSE least(trycnt_1, 62) END)::bigint << 42)
        | ((CASE WHEN number_2 IS NULL OR blocked_slots & 2 <> 0 THEN 63 ELSE least(trycnt_2, 62) END)::bigint << 36)
        | ((CASE WHEN number_3 IS NULL OR blocked_slots & 4 <> 0 THEN 63 ELSE least(trycnt_3, 62) END)::bigint << 30)
        | ((CASE WHEN number_4 IS NULL OR blocked_slots & 8 <> 0 THEN 63 ELSE least(trycnt_4, 62) END)::bigint << 24)
        | ((CASE WHEN number_5 IS NULL OR blocked_slots & 16 <> 0 THEN 63 ELSE least(trycnt_5, 62) END)::bigint << 18)
        | ((CASE WHEN number_6 IS NULL OR blocked_slots & 32 <> 0 THEN 63 ELSE least(trycnt_6, 62) END)::bigint << 12)
        | ((CASE WHEN number_7 IS NULL OR blocked_slots & 64 <> 0 THEN 63 ELSE least(trycnt_7, 62) END)::bigint << 6)
        | ((CASE WHEN number_8 IS NULL OR blocked_slots & 128 <> 0 THEN 63 ELSE least(trycnt_8, 62) END)::bigint << 0)
    ) STORED;
CREATE INDEX dial_list_entry_claim
    ON dial_list_entry (dlma_uuid, stage, coalesce(tm_last_hangup, '-infinity'::timestamptz), seq)
    WHERE in_use AND status = 0 AND dialing_uuid IS NULL AND res_dial <> 4;

-- Another number in a slot was never met on the list.
CREATE FUNCTION unblock_changed_numbers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.blocked_slots := NEW.blocked_slots & ~(0
        | CASE WHEN NEW.number_1 IS DISTINCT FROM OLD.number_1 THEN 1 ELSE 0 END
        | CASE WHEN NEW.number_2 IS DISTINCT FROM OLD.number_2 THEN 2 ELSE 0 END
        | CASE WHEN NEW.number_3 IS DISTINCT FROM OLD.number_3 THEN 4 ELSE 0 END
        | CASE WHEN NEW.number_4 IS DISTINCT FROM OLD.number_4 THEN 8 ELSE 0 END
        | CASE WHEN NEW.number_5 IS DISTINCT FROM OLD.number_5 THEN 16 ELSE 0 END
        | CASE WHEN NEW.number_6 IS DISTINCT FROM OLD.number_6 THEN 32 ELSE 0 END
        | CASE WHEN NEW.number_7 IS DISTINCT FROM OLD.number_7 THEN 64 ELSE 0 END
        | CASE WHEN NEW.number_8 IS DISTINCT FROM OLD.number_8 THEN 128 ELSE 0 END
    );
    RETURN NEW;
END
$$;
CREATE TRIGGER unblock BEFORE UPDATE OF number_1, number_2, number_3, number_4, number_5, number_6, number_7, number_8
    ON dial_list_entry FOR EACH ROW WHEN (OLD.blocked_slots <> 0) EXECUTE FUNCTION unblock_changed_numbers();

-- The number to call: the lowest that exists, is not blocked and has tries left. Null when there is none.
CREATE OR REPLACE FUNCTION contact_number(p_contact dial_list_entry, p_limits smallint[])
RETURNS smallint LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN p_contact.number_1 IS NOT NULL AND p_contact.blocked_slots & 1 = 0 AND p_contact.trycnt_1 < p_limits[1] THEN 1::smallint
        WHEN p_contact.number_2 IS NOT NULL AND p_contact.blocked_slots & 2 = 0 AND p_contact.trycnt_2 < p_limits[2] THEN 2::smallint
        WHEN p_contact.number_3 IS NOT NULL AND p_contact.blocked_slots & 4 = 0 AND p_contact.trycnt_3 < p_limits[3] THEN 3::smallint
        WHEN p_contact.number_4 IS NOT NULL AND p_contact.blocked_slots & 8 = 0 AND p_contact.trycnt_4 < p_limits[4] THEN 4::smallint
        WHEN p_contact.number_5 IS NOT NULL AND p_contact.blocked_slots & 16 = 0 AND p_contact.trycnt_5 < p_limits[5] THEN 5::smallint
        WHEN p_contact.number_6 IS NOT NULL AND p_contact.blocked_slots & 32 = 0 AND p_contact.trycnt_6 < p_limits[6] THEN 6::smallint
        WHEN p_contact.number_7 IS NOT NULL AND p_contact.blocked_slots & 64 = 0 AND p_contact.trycnt_7 < p_limits[7] THEN 7::smallint
        WHEN p_contact.number_8 IS NOT NULL AND p_contact.blocked_slots & 128 = 0 AND p_contact.trycnt_8 < p_limits[8] THEN 8::smallint
    END
$$;

-- The number in a slot as it is dialed.
CREATE FUNCTION contact_address(p_contact dial_list_entry, p_slot smallint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT (ARRAY[p_contact.number_1, p_contact.number_2, p_contact.number_3, p_contact.number_4, p_contact.number_5, p_contact.number_6, p_contact.number_7, p_contact.number_8])[p_slot]
$$;

-- Claims hold this lock together, whoever adds a number takes it alone before the commit. So every claim that did not see the
-- number is committed before the addition is, and every later one sees it.
CREATE FUNCTION join_claims() RETURNS void LANGUAGE sql VOLATILE AS $$
    -- "dnc" in ASCII.
    SELECT pg_advisory_xact_lock_shared(6581859)
$$;
CREATE FUNCTION await_claims() RETURNS void LANGUAGE sql VOLATILE AS $$
    SELECT pg_advisory_xact_lock(6581859)
$$;

-- Locks contacts that are due, or the one reserved contact, and says of each whether the number to call is on the list: all that
-- are blocked among the first p_scan, and up to p_count that are free. Costs O(stages + p_scan) index probes. The caller's
-- settings hold for its plan: it is called by functions that fix them, and setting them twice costs every claim time.
CREATE FUNCTION pick_callable(
    p_campaign uuid, p_dlma uuid, p_limits smallint[], p_now timestamptz, p_retry_delay interval, p_count integer,
    p_scan integer, p_reserved uuid
)
RETURNS TABLE (o_place bigint, o_dialing uuid, o_number smallint, o_is_blocked boolean, o_contact dial_list_entry)
LANGUAGE plpgsql VOLATILE ROWS 50 AS $$
BEGIN
    RETURN QUERY
    WITH due AS MATERIALIZED (
        SELECT row_number() OVER () AS place, c.o_number AS number, c.o_contact AS contact
        FROM (
            SELECT * FROM pick_contacts(
                p_dlma, p_limits, p_now - p_retry_delay, CASE WHEN p_reserved IS NULL THEN least(p_scan, 10000) ELSE 0 END
            )
            UNION ALL
            SELECT * FROM pick_reserved(p_reserved, p_campaign, p_dlma, p_limits)
        ) AS c
    ), judged AS (
        SELECT d.place, d.number, d.contact, n.number IS NOT NULL AS is_blocked,
            count(*) FILTER (WHERE n.number IS NULL) OVER (ORDER BY d.place) AS free
        FROM due d
        LEFT JOIN do_not_call n
            ON n.number = contact_address(d.contact, d.number) COLLATE "C" AND (n.tm_expire IS NULL OR n.tm_expire > p_now)
    )
    SELECT row_number() OVER (ORDER BY j.place), new_dialing_uuid(p_now), j.number, j.is_blocked, j.contact
    FROM judged j
    WHERE j.is_blocked OR j.free <= greatest(p_count, 1)
    ORDER BY j.place;
END
$$;

DROP FUNCTION claim_dialings(uuid, uuid, uuid, uuid, integer, text, timestamptz, bigint, uuid);

-- Turns contacts into calls: marks them, counts the try, opens the dialing rows. p_reserved dials that reserved contact;
-- null picks up to p_count that are due, among the first p_scan. Contacts whose number is on the do-not-call list are returned
-- as they are, for block_numbers. The snapshot's resources come with the first row unless the caller knows them.
CREATE FUNCTION claim_dialings(
    p_campaign uuid, p_plan uuid, p_destination uuid, p_dlma uuid, p_count integer, p_scan integer, p_pbx text,
    p_now timestamptz, p_known_snapshot bigint, p_reserved uuid
)
RETURNS TABLE (
    o_dialing uuid, o_index smallint, o_is_blocked boolean, o_snapshot bigint,
    o_campaign json, o_plan json, o_destination json, o_dlma json, o_contact dial_list_entry
)
LANGUAGE plpgsql VOLATILE ROWS 50
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
SET plan_cache_mode = force_generic_plan SET timezone = 'UTC' AS $$
DECLARE
    v_open record;
BEGIN
    SELECT * INTO v_open FROM open_campaign(p_campaign, p_plan, p_destination, p_dlma);
    IF NOT FOUND THEN
        RETURN;
    END IF;
    -- Behind the campaign's lock, for which it may have to wait: additions, and the claims behind those, wait for this one.
    PERFORM join_claims();

    RETURN QUERY
    WITH seen AS MATERIALIZED (
        SELECT * FROM pick_callable(
            p_campaign, p_dlma, v_open.o_limits, p_now, v_open.o_retry_delay, p_count, p_scan, p_reserved
        )
    ), picked AS MATERIALIZED (
        SELECT * FROM seen s WHERE NOT s.o_is_blocked
    ), marked AS (
        UPDATE dial_list_entry e SET
            status = 1,
            dialing_uuid = p.o_dialing,
            dialing_camp_uuid = p_campaign,
            dialing_plan_uuid = p_plan,
            resv_target = NULL,
            resv_campaign_uuid = NULL,
            resv_until = NULL,
            tm_last_dial = p_now,
            tm_update = p_now,
            trycnt_1 = e.trycnt_1 + (p.o_number = 1)::integer,
            trycnt_2 = e.trycnt_2 + (p.o_number = 2)::integer,
            trycnt_3 = e.trycnt_3 + (p.o_number = 3)::integer,
            trycnt_4 = e.trycnt_4 + (p.o_number = 4)::integer,
            trycnt_5 = e.trycnt_5 + (p.o_number = 5)::integer,
            trycnt_6 = e.trycnt_6 + (p.o_number = 6)::integer,
            trycnt_7 = e.trycnt_7 + (p.o_number = 7)::integer,
            trycnt_8 = e.trycnt_8 + (p.o_number = 8)::integer
        FROM picked p
        WHERE e.uuid = (p.o_contact).uuid
    ), opened AS (
        INSERT INTO dialing (
            uuid, snapshot, campaign, plan, dlma, destination, entry, entry_snapshot, dial_index, dial_try, pbx, tm_create
        )
        SELECT p.o_dialing, v_open.o_snapshot, p_campaign, p_plan, p_dlma, p_destination, (p.o_contact).uuid,
            row_to_json(p.o_contact), p.o_number, contact_tries(p.o_contact, p.o_number) + 1, p_pbx, p_now
        FROM picked p
        ORDER BY p.o_place
    )
    SELECT s.o_dialing, s.o_number, s.o_is_blocked, v_open.o_snapshot, t.campaign, t.plan, t.destination, t.dlma, s.o_contact
    FROM seen s
    LEFT JOIN call_snapshot t
        ON s.o_place = 1 AND t.id = v_open.o_snapshot AND v_open.o_snapshot IS DISTINCT FROM p_known_snapshot
    ORDER BY s.o_place;
END
$$;

DROP FUNCTION reserve_contact(uuid, uuid, uuid, uuid, timestamptz, text, timestamptz);

-- Holds the next due contact for an agent's preview; what else claim_dialings says of blocked contacts holds here too.
CREATE FUNCTION reserve_contact(
    p_campaign uuid, p_plan uuid, p_destination uuid, p_dlma uuid, p_scan integer, p_now timestamptz,
    p_known_snapshot bigint, p_target text, p_until timestamptz
)
RETURNS TABLE (
    o_dialing uuid, o_index smallint, o_is_blocked boolean, o_snapshot bigint,
    o_campaign json, o_plan json, o_destination json, o_dlma json, o_contact dial_list_entry
)
LANGUAGE plpgsql VOLATILE ROWS 50
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
SET plan_cache_mode = force_generic_plan SET timezone = 'UTC' AS $$
DECLARE
    v_open record;
BEGIN
    SELECT * INTO v_open FROM open_campaign(p_campaign, p_plan, p_destination, p_dlma);
    IF NOT FOUND THEN
        RETURN;
    END IF;
    -- Behind the campaign's lock, for which it may have to wait: additions, and the claims behind those, wait for this one.
    PERFORM join_claims();
    RETURN QUERY
    WITH seen AS MATERIALIZED (
        SELECT * FROM pick_callable(p_campaign, p_dlma, v_open.o_limits, p_now, v_open.o_retry_delay, 1, p_scan, NULL)
    ), reserved AS (
        UPDATE dial_list_entry e SET
            status = 2,
            resv_target = p_target,
            resv_campaign_uuid = p_campaign,
            resv_until = p_until,
            tm_update = p_now
        FROM seen s
        WHERE e.uuid = (s.o_contact).uuid AND NOT s.o_is_blocked
        RETURNING e AS contact, s.o_place AS place
    )
    SELECT s.o_dialing, s.o_number, s.o_is_blocked, v_open.o_snapshot, t.campaign, t.plan, t.destination, t.dlma,
        CASE WHEN s.o_is_blocked THEN s.o_contact ELSE r.contact END
    FROM seen s
    LEFT JOIN reserved r ON r.place = s.o_place
    LEFT JOIN call_snapshot t
        ON s.o_place = 1 AND t.id = v_open.o_snapshot AND v_open.o_snapshot IS DISTINCT FROM p_known_snapshot
    ORDER BY s.o_place;
END
$$;

-- Holds numbers of contacts back that a claim met on the list, and writes the one result of each. A number that is held back
-- already, was changed, or left the list meanwhile is passed over, so that the same may be asked again, and by several at once.
-- When the contact was last called does not change: another number of it may be called at once.
CREATE FUNCTION block_numbers(
    p_campaign uuid, p_plan uuid, p_destination uuid, p_dlma uuid, p_snapshot bigint, p_now timestamptz, p_status integer,
    p_res_dial_detail text, p_dialing uuid[], p_entry uuid[], p_slot smallint[], p_number text[], p_line text[]
)
RETURNS integer
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_count integer;
BEGIN
    -- Before the contacts, as those do who take numbers off the list; until the end none of these leaves it.
    PERFORM FROM do_not_call n WHERE n.number = ANY (p_number) ORDER BY n.number FOR KEY SHARE;

    WITH input AS MATERIALIZED (
        SELECT i.*
        FROM unnest(p_dialing, p_entry, p_slot, p_number, p_line)
            WITH ORDINALITY AS i (dialing, entry, slot, number, line, place)
    ), held AS MATERIALIZED (
        SELECT i.*
        FROM input i
        JOIN dial_list_entry e ON e.uuid = i.entry
        JOIN do_not_call n ON n.number = i.number COLLATE "C" AND (n.tm_expire IS NULL OR n.tm_expire > p_now)
        WHERE contact_address(e, i.slot) = i.number AND e.blocked_slots & (1 << (i.slot - 1)) = 0
            AND e.in_use AND e.status <> 1 AND e.res_dial <> 4
        ORDER BY e.uuid
        FOR NO KEY UPDATE OF e
    ), marked AS (
        UPDATE dial_list_entry e SET
            blocked_slots = e.blocked_slots | (1 << (h.slot - 1)),
            res_dial = 0,
            res_dial_detail = p_res_dial_detail,
            res_hangup = 0,
            res_hangup_detail = NULL,
            tm_update = p_now
        FROM held h
        WHERE e.uuid = h.entry
        RETURNING e.uuid
    ), remembered AS (
        INSERT INTO blocked_number (number, entry, slot)
        SELECT h.number, h.entry, h.slot FROM held h
        ON CONFLICT DO NOTHING
        RETURNING entry
    ), counted AS (
        INSERT INTO campaign_counter AS k (campaign, blocked)
        SELECT p_campaign, count(*) FROM held HAVING count(*) > 0 AND (SELECT count(*) FROM marked) >= 0
        ON CONFLICT (campaign) DO UPDATE SET blocked = k.blocked + excluded.blocked
        RETURNING k.campaign
    ), numbers AS MATERIALIZED (
        -- Counting the others' rows makes them come first, so that the one row everybody needs is held shortly.
        SELECT take_result_numbers((SELECT count(*) FROM held)) AS first
        WHERE (SELECT count(*) FROM remembered) >= 0 AND (SELECT count(*) FROM counted) >= 0
    )
    INSERT INTO dialing_result (
        sequence, dialing, snapshot, campaign, plan, dlma, destination, entry, status, res_dial, res_hangup, is_abandoned,
        tm_claim, tm_end, line
    )
    SELECT n.first + row_number() OVER (ORDER BY h.place) - 1,
        h.dialing, p_snapshot, p_campaign, p_plan, p_dlma, p_destination, h.entry, p_status, 0, 0, false, p_now, p_now, h.line
    FROM held h
    CROSS JOIN numbers n;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
END
$$;

-- Puts a number on the list, or changes what the list says of it. Once this is committed no claim dials it.
CREATE FUNCTION add_do_not_call(p_number text, p_reason text, p_expire timestamptz, p_now timestamptz)
RETURNS SETOF do_not_call
LANGUAGE plpgsql VOLATILE ROWS 1 AS $$
BEGIN
    RETURN QUERY
    INSERT INTO do_not_call AS n (number, reason, tm_expire, tm_create) VALUES (p_number, p_reason, p_expire, p_now)
    ON CONFLICT (number) DO UPDATE SET reason = excluded.reason, tm_expire = excluded.tm_expire, tm_update = p_now
    RETURNING n.*;
    PERFORM await_claims();
END
$$;

-- Takes numbers off the list and gives the contacts they held back to the claims again, with the tries they had. p_expired_by
-- leaves those that have not expired by then.
CREATE FUNCTION remove_do_not_call(p_number text[], p_expired_by timestamptz)
RETURNS SETOF do_not_call
LANGUAGE plpgsql VOLATILE ROWS 1
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_gone text[];
BEGIN
    PERFORM FROM do_not_call n WHERE n.number = ANY (p_number) ORDER BY n.number FOR UPDATE;
    SELECT array_agg(n.number) INTO v_gone
    FROM do_not_call n
    WHERE n.number = ANY (p_number) AND (p_expired_by IS NULL OR n.tm_expire <= p_expired_by);
    IF v_gone IS NULL THEN
        RETURN;
    END IF;

    -- A statement of its own: whoever held a contact back while this waited for the number is done, and is seen now.
    WITH freed AS MATERIALIZED (
        DELETE FROM blocked_number b WHERE b.number = ANY (v_gone) RETURNING b.number, b.entry, b.slot
    ), slots AS MATERIALIZED (
        SELECT f.entry, bit_or(1 << (f.slot - 1)) AS mask
        FROM freed f
        JOIN dial_list_entry e ON e.uuid = f.entry AND contact_address(e, f.slot) = f.number
        GROUP BY f.entry
        ORDER BY f.entry
    )
    UPDATE dial_list_entry e SET blocked_slots = e.blocked_slots & ~s.mask, tm_update = clock_timestamp()
    FROM slots s
    WHERE e.uuid = s.entry;

    RETURN QUERY DELETE FROM do_not_call n WHERE n.number = ANY (v_gone) RETURNING n.*;
END
$$;
