-- One campaign over several lists, one after the other or mixed.

-- The lists a campaign dials, in their order; null when it has none.
CREATE FUNCTION campaign_dlmas(p_lists json, p_dlma uuid) RETURNS uuid[] LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN p_lists IS NOT NULL THEN (
            SELECT array_agg((l.value ->> 'dlma')::uuid ORDER BY l.place)
            FROM json_array_elements(p_lists) WITH ORDINALITY AS l (value, place)
        )
        WHEN p_dlma IS NOT NULL THEN ARRAY[p_dlma]
    END
$$;

CREATE FUNCTION campaign_weights(p_lists json) RETURNS smallint[] LANGUAGE sql IMMUTABLE AS $$
    SELECT array_agg(coalesce((l.value ->> 'weight')::smallint, 1::smallint) ORDER BY l.place)
    FROM json_array_elements(p_lists) WITH ORDINALITY AS l (value, place)
$$;

ALTER TABLE campaign
    ADD COLUMN lists json CHECK (json_array_length(lists) BETWEEN 1 AND 64),
    ADD COLUMN list_mode text NOT NULL DEFAULT 'sequence' CHECK (list_mode IN ('sequence', 'mixed')),
    -- What claims and deletions go by, whichever way the lists are named.
    ADD COLUMN dlmas uuid[] GENERATED ALWAYS AS (campaign_dlmas(lists, dlma)) STORED,
    ADD COLUMN dlma_weights smallint[] GENERATED ALWAYS AS (campaign_weights(lists)) STORED;
ALTER TABLE campaign
    ADD CONSTRAINT campaign_dlma_check CHECK (dlma = ANY (dlmas)),
    ADD CONSTRAINT campaign_dlma_weights_check CHECK (1 <= ALL (dlma_weights) AND 100 >= ALL (dlma_weights));
COMMENT ON COLUMN campaign.lists IS 'Several lists and their weights; null when dlma is the only one';
CREATE INDEX campaign_dlmas ON campaign USING gin (dlmas);

-- Takes a list out of all campaigns that have it.
CREATE FUNCTION release_list(p_dlma uuid) RETURNS void LANGUAGE sql VOLATILE AS $$
    UPDATE campaign c SET
        dlma = nullif(c.dlma, p_dlma),
        lists = (
            SELECT json_agg(l.value ORDER BY l.place)
            FROM json_array_elements(c.lists) WITH ORDINALITY AS l (value, place)
            WHERE (l.value ->> 'dlma')::uuid <> p_dlma
        ),
        tm_update = clock_timestamp()
    WHERE c.dlmas @> ARRAY[p_dlma]
$$;

CREATE OR REPLACE FUNCTION list_limits(p_dlma uuid) RETURNS smallint[] LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN count(*) > 0 THEN ARRAY[
        max(p.max_retry_cnt_1), max(p.max_retry_cnt_2), max(p.max_retry_cnt_3), max(p.max_retry_cnt_4),
        max(p.max_retry_cnt_5), max(p.max_retry_cnt_6), max(p.max_retry_cnt_7), max(p.max_retry_cnt_8)
    ] END
    FROM campaign c
    JOIN plan p ON p.uuid = c.plan
    WHERE c.dlmas @> ARRAY[p_dlma] AND c.in_use AND p.in_use
$$;

-- Whose turn it is where a campaign mixes lists.
CREATE TABLE campaign_turn (
    campaign uuid PRIMARY KEY,
    lists uuid[] NOT NULL,
    -- When each of them has its next turn, on a clock of the campaign's own: turns come in the order of these, and the clock
    -- stands at 0.
    turns bigint[] NOT NULL
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
COMMENT ON TABLE campaign_turn IS 'How far mixed lists have come with their shares';

-- From one turn of a list to its next: the heavier, the sooner. Can be divided by every weight up to 36, so that these are exact.
CREATE FUNCTION turn_length(p_weight smallint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT 144403552893600 / p_weight
$$;

-- The next turns of a campaign's lists. Nobody else takes turns for it until the transaction ends. A list that is new begins in
-- the middle of its first turn, so that lists of one weight do not all come at once.
CREATE FUNCTION hold_turns(p_campaign uuid, p_lists uuid[], p_weights smallint[]) RETURNS bigint[]
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_lists uuid[];
    v_turns bigint[];
BEGIN
    LOOP
        SELECT t.lists, t.turns INTO v_lists, v_turns FROM campaign_turn t WHERE t.campaign = p_campaign FOR NO KEY UPDATE;
        EXIT WHEN FOUND;
        INSERT INTO campaign_turn (campaign, lists, turns) VALUES (p_campaign, '{}', '{}') ON CONFLICT DO NOTHING;
    END LOOP;
    RETURN (
        SELECT array_agg(least(coalesce(h.turn, turn_length(l.weight) / 2), turn_length(l.weight)) ORDER BY l.place)
        FROM unnest(p_lists, p_weights) WITH ORDINALITY AS l (dlma, weight, place)
        LEFT JOIN unnest(v_lists, v_turns) AS h (dlma, turn) ON h.dlma = l.dlma
    );
END
$$;

-- How many of the next p_count turns each list has. p_found is how many contacts a list has that cannot fill its turns; null where
-- that is not known.
CREATE FUNCTION list_shares(p_turns bigint[], p_weights smallint[], p_found integer[], p_count integer) RETURNS integer[]
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN (
        WITH list AS (
            SELECT l.place, l.turn, turn_length(l.weight) AS length,
                -- No list begins later than its length, so by then each had more than its share less one.
                coalesce(
                    l.found,
                    (p_count + cardinality(p_turns)) * l.weight / sum(l.weight) FILTER (WHERE l.found IS NULL) OVER () + 2
                )::integer AS most
            FROM unnest(p_turns, p_weights, p_found) WITH ORDINALITY AS l (turn, weight, found, place)
        ), taken AS (
            SELECT l.place
            FROM list l
            CROSS JOIN LATERAL generate_series(0, l.most - 1) AS n
            ORDER BY l.turn + n * l.length, l.place
            LIMIT p_count
        )
        SELECT array_agg((SELECT count(*) FROM taken t WHERE t.place = l.place)::integer ORDER BY l.place) FROM list l
    );
END
$$;

-- Locks and returns up to p_count contacts that may be called now: of a list only when those before it have nobody more.
CREATE FUNCTION pick_in_sequence(p_lists uuid[], p_limits smallint[], p_cutoff timestamptz, p_count integer)
RETURNS TABLE (o_number smallint, o_contact dial_list_entry)
LANGUAGE plpgsql VOLATILE ROWS 50 AS $$
DECLARE
    v_dlma uuid;
    v_remaining integer := p_count;
    v_taken integer;
BEGIN
    FOREACH v_dlma IN ARRAY p_lists LOOP
        EXIT WHEN v_remaining <= 0;
        RETURN QUERY SELECT * FROM pick_contacts(v_dlma, p_limits, p_cutoff, v_remaining);
        GET DIAGNOSTICS v_taken = ROW_COUNT;
        v_remaining := v_remaining - v_taken;
    END LOOP;
END
$$;

-- Locks and returns up to p_scan contacts that may be called now, of each list by its weight: always of the one whose turn comes
-- first. A list that has nobody for its turn is left out, and takes up again beside the others when it has. Turns are counted for
-- those up to the one with whom p_count have a number that is not on the do-not-call list.
--
-- Asks each list for its share, and those that have more once more where others have less.
CREATE FUNCTION pick_mixed(
    p_campaign uuid, p_lists uuid[], p_weights smallint[], p_limits smallint[], p_now timestamptz, p_cutoff timestamptz,
    p_count integer, p_scan integer
)
RETURNS TABLE (o_number smallint, o_contact dial_list_entry)
LANGUAGE plpgsql VOLATILE ROWS 50 AS $$
DECLARE
    v_turns bigint[];
    v_shares integer[];
    -- How many contacts a list has, once it is known to have fewer than its share.
    v_found integer[] := array_fill(NULL::integer, ARRAY[cardinality(p_lists)]);
    -- What each list was asked for last, and behind which place in the arrays below it stands.
    v_asked integer[] := array_fill(0, ARRAY[cardinality(p_lists)]);
    v_behind integer[] := array_fill(0, ARRAY[cardinality(p_lists)]);
    v_numbers smallint[] := '{}';
    v_contacts dial_list_entry[] := '{}';
    v_more_numbers smallint[];
    v_more_contacts dial_list_entry[];
    v_list integer;
    v_is_short boolean;
    v_order integer[];
    v_from integer[];
    v_taken integer[];
BEGIN
    IF p_scan <= 0 THEN
        RETURN;
    END IF;
    v_turns := hold_turns(p_campaign, p_lists, p_weights);
    LOOP
        v_shares := list_shares(v_turns, p_weights, v_found, p_scan);
        v_is_short := false;
        FOR v_list IN 1 .. cardinality(p_lists) LOOP
            CONTINUE WHEN v_shares[v_list] <= v_asked[v_list];
            SELECT coalesce(array_agg(c.o_number ORDER BY c.place), '{}'), coalesce(array_agg(c.o_contact ORDER BY c.place), '{}')
            INTO v_more_numbers, v_more_contacts
            FROM (
                SELECT p.o_number, p.o_contact, row_number() OVER () AS place
                FROM pick_contacts(p_lists[v_list], p_limits, p_cutoff, v_shares[v_list]) AS p
            ) AS c;
            v_asked[v_list] := v_shares[v_list];
            -- Those it gave before are among them.
            v_behind[v_list] := cardinality(v_numbers);
            v_numbers := v_numbers || v_more_numbers;
            v_contacts := v_contacts || v_more_contacts;
            IF cardinality(v_more_numbers) < v_shares[v_list] THEN
                v_found[v_list] := cardinality(v_more_numbers);
                v_is_short := true;
            END IF;
        END LOOP;
        EXIT WHEN NOT v_is_short;
    END LOOP;

    SELECT array_agg(v_behind[s.list] + n ORDER BY v_turns[s.list] + (n - 1) * turn_length(p_weights[s.list]), s.list),
        array_agg(s.list ORDER BY v_turns[s.list] + (n - 1) * turn_length(p_weights[s.list]), s.list)
    INTO v_order, v_from
    FROM unnest(v_shares) WITH ORDINALITY AS s (share, list)
    CROSS JOIN LATERAL generate_series(1, s.share) AS n;

    v_taken := v_shares;
    IF p_scan > p_count THEN
        SELECT array_agg((
            SELECT count(*)
            FROM (
                SELECT f.list, f.is_free, count(*) FILTER (WHERE f.is_free) OVER (ORDER BY f.place) AS free
                FROM (
                    SELECT o.place, v_from[o.place] AS list, NOT EXISTS (
                        SELECT FROM do_not_call n
                        WHERE n.number = contact_address(v_contacts[o.index], v_numbers[o.index]) COLLATE "C"
                            AND (n.tm_expire IS NULL OR n.tm_expire > p_now)
                    ) AS is_free
                    FROM unnest(v_order) WITH ORDINALITY AS o (index, place)
                ) AS f
            ) AS t
            WHERE t.list = l.list AND t.free - t.is_free::integer < p_count
        )::integer ORDER BY l.list)
        INTO v_taken
        FROM generate_subscripts(p_lists, 1) AS l (list);
    END IF;
    PERFORM count_turns(p_campaign, p_lists, p_weights, v_turns, v_found, v_taken);

    RETURN QUERY
    SELECT v_numbers[o.index], v_contacts[o.index]
    FROM unnest(v_order) WITH ORDINALITY AS o (index, place)
    ORDER BY o.place;
END
$$;

-- Notes that lists had so many turns. A list that had nobody more makes up for no turn it missed: its next one is not before those
-- of the others.
CREATE FUNCTION count_turns(
    p_campaign uuid, p_lists uuid[], p_weights smallint[], p_turns bigint[], p_found integer[], p_taken integer[]
)
RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE campaign_turn t SET lists = p_lists, turns = n.turns
    FROM (
        SELECT array_agg(least(greatest(l.turn - l.clock, 0), l.length) ORDER BY l.place) AS turns
        FROM (
            SELECT a.place, a.turn, a.length,
                coalesce(min(a.turn) FILTER (WHERE NOT a.is_used_up) OVER (), min(a.turn) OVER ()) AS clock
            FROM (
                SELECT s.place, s.turn + s.taken * turn_length(s.weight) AS turn, turn_length(s.weight) AS length,
                    s.found IS NOT NULL AND s.taken >= s.found AS is_used_up
                FROM unnest(p_turns, p_weights, p_found, p_taken) WITH ORDINALITY AS s (turn, weight, found, taken, place)
            ) AS a
        ) AS l
    ) AS n
    WHERE t.campaign = p_campaign;
END
$$;

DROP FUNCTION pick_reserved(uuid, uuid, uuid, smallint[]);

-- The reserved contact, locked, if it may still be dialed for the campaign.
CREATE FUNCTION pick_reserved(p_entry uuid, p_campaign uuid, p_lists uuid[], p_limits smallint[])
RETURNS TABLE (o_number smallint, o_contact dial_list_entry)
LANGUAGE plpgsql VOLATILE ROWS 1
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    RETURN QUERY
    SELECT contact_number(e, p_limits), e
    FROM dial_list_entry e
    WHERE e.uuid = p_entry AND e.dlma_uuid = ANY (p_lists) AND e.in_use AND e.status = 2 AND e.res_dial <> 4
        AND (e.resv_campaign_uuid IS NULL OR e.resv_campaign_uuid = p_campaign)
        AND contact_number(e, p_limits) IS NOT NULL
    FOR NO KEY UPDATE;
END
$$;

DROP FUNCTION pick_callable(uuid, uuid, smallint[], timestamptz, interval, integer, integer, uuid);

-- Locks contacts that are due, or the one reserved contact, and says of each whether the number to call is on the list: all that
-- are blocked among the first p_scan, and up to p_count that are free. With weights the lists are mixed, without they come one after
-- the other. Costs O(stages + p_scan) index probes for each list that is asked. The caller's settings hold for its plan: it is called
-- by functions that fix them, and setting them twice costs every claim time.
CREATE FUNCTION pick_callable(
    p_campaign uuid, p_lists uuid[], p_weights smallint[], p_limits smallint[], p_now timestamptz, p_retry_delay interval,
    p_count integer, p_scan integer, p_reserved uuid
)
RETURNS TABLE (o_place bigint, o_dialing uuid, o_number smallint, o_is_blocked boolean, o_contact dial_list_entry)
LANGUAGE plpgsql VOLATILE ROWS 50 AS $$
DECLARE
    v_scan integer := CASE WHEN p_reserved IS NULL THEN least(p_scan, 10000) ELSE 0 END;
    v_is_one boolean := cardinality(p_lists) = 1;
BEGIN
    RETURN QUERY
    WITH due AS MATERIALIZED (
        SELECT row_number() OVER () AS place, c.o_number AS number, c.o_contact AS contact
        FROM (
            SELECT * FROM pick_contacts(p_lists[1], p_limits, p_now - p_retry_delay, CASE WHEN v_is_one THEN v_scan ELSE 0 END)
            UNION ALL
            SELECT * FROM pick_in_sequence(
                p_lists, p_limits, p_now - p_retry_delay, CASE WHEN v_is_one OR p_weights IS NOT NULL THEN 0 ELSE v_scan END
            )
            UNION ALL
            SELECT * FROM pick_mixed(
                p_campaign, p_lists, p_weights, p_limits, p_now, p_now - p_retry_delay, greatest(p_count, 1),
                CASE WHEN v_is_one OR p_weights IS NULL THEN 0 ELSE v_scan END
            )
            UNION ALL
            SELECT * FROM pick_reserved(p_reserved, p_campaign, p_lists, p_limits)
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

DROP FUNCTION open_campaign(uuid, uuid, uuid, uuid);

-- The lists of a campaign, their weights where they are mixed, and the plan's limits and delay; no row when the campaign is not
-- started, or its parts are others by now. The campaign stays locked against a change of its status until the claim is committed.
CREATE FUNCTION open_campaign(p_campaign uuid, p_plan uuid, p_destination uuid, p_lists uuid[])
RETURNS TABLE (o_lists uuid[], o_weights smallint[], o_limits smallint[], o_retry_delay interval)
LANGUAGE plpgsql VOLATILE ROWS 1 SET jit = off AS $$
BEGIN
    SELECT c.dlmas, CASE WHEN c.list_mode = 'mixed' THEN c.dlma_weights END INTO o_lists, o_weights
    FROM campaign c
    WHERE c.uuid = p_campaign AND c.in_use AND c.status = 1
        AND c.plan = p_plan AND c.dest = p_destination AND c.dlmas = p_lists
    FOR SHARE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF cardinality(o_lists) > 1 THEN
        -- The others go on without one that is gone.
        SELECT array_agg(l.uuid ORDER BY g.place),
            CASE WHEN o_weights IS NOT NULL THEN array_agg(g.weight ORDER BY g.place) END
        INTO o_lists, o_weights
        FROM unnest(o_lists, o_weights) WITH ORDINALITY AS g (dlma, weight, place)
        JOIN dial_list_master l ON l.uuid = g.dlma AND l.in_use;
    END IF;
    SELECT plan_limits(p), make_interval(secs => p.retry_delay) INTO o_limits, o_retry_delay
    FROM plan p
    WHERE p.uuid = p_plan AND p.in_use;
    IF FOUND AND o_lists IS NOT NULL THEN
        RETURN NEXT;
    END IF;
END
$$;

-- The snapshot for calls of a campaign to contacts of one of its lists; no row when one of these parts is gone. The resources come
-- with it unless the caller knows them.
CREATE FUNCTION call_parts(p_campaign uuid, p_plan uuid, p_destination uuid, p_dlma uuid, p_known bigint[])
RETURNS TABLE (o_snapshot bigint, o_campaign json, o_plan json, o_destination json, o_dlma json)
LANGUAGE plpgsql VOLATILE ROWS 1 AS $$
DECLARE
    v_revision record;
BEGIN
    LOOP
        SELECT c.revision AS campaign, p.revision AS plan, d.revision AS destination, l.revision AS dlma
        INTO v_revision
        FROM campaign c, plan p, destination d, dial_list_master l
        WHERE c.uuid = p_campaign
            AND p.uuid = p_plan AND p.in_use
            AND d.uuid = p_destination AND d.in_use
            AND l.uuid = p_dlma AND l.in_use;
        IF NOT FOUND THEN
            RETURN;
        END IF;

        SELECT s.id INTO o_snapshot
        FROM call_snapshot s
        WHERE s.campaign_revision = v_revision.campaign AND s.plan_revision = v_revision.plan
            AND s.destination_revision = v_revision.destination AND s.dlma_revision = v_revision.dlma;
        IF FOUND THEN
            IF o_snapshot = ANY (p_known) THEN
                RETURN NEXT;
            ELSE
                RETURN QUERY
                SELECT s.id, s.campaign, s.plan, s.destination, s.dlma FROM call_snapshot s WHERE s.id = o_snapshot;
            END IF;
            RETURN;
        END IF;

        -- Nothing is written when a part changed since it was read; the next turn reads again, and finds what another
        -- transaction may have written meanwhile.
        INSERT INTO call_snapshot (
            campaign_revision, plan_revision, destination_revision, dlma_revision, campaign, plan, destination, dlma
        )
        SELECT c.revision, p.revision, d.revision, l.revision, row_to_json(c), row_to_json(p), row_to_json(d), row_to_json(l)
        FROM campaign c, plan p, destination d, dial_list_master l
        WHERE c.uuid = p_campaign AND c.revision = v_revision.campaign
            AND p.uuid = p_plan AND p.revision = v_revision.plan
            AND d.uuid = p_destination AND d.revision = v_revision.destination
            AND l.uuid = p_dlma AND l.revision = v_revision.dlma
        ON CONFLICT DO NOTHING;
    END LOOP;
END
$$;

DROP FUNCTION claim_dialings(uuid, uuid, uuid, uuid, integer, integer, text, timestamptz, bigint, uuid);

-- Turns contacts into calls: marks them, counts the try, opens the dialing rows. p_reserved dials that reserved contact;
-- null picks up to p_count that are due, among the first p_scan. Contacts whose number is on the do-not-call list are returned
-- as they are, for block_numbers. A snapshot's resources come with its first row unless the caller knows them.
CREATE FUNCTION claim_dialings(
    p_campaign uuid, p_plan uuid, p_destination uuid, p_lists uuid[], p_count integer, p_scan integer, p_pbx text,
    p_now timestamptz, p_known_snapshots bigint[], p_reserved uuid
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
    SELECT * INTO v_open FROM open_campaign(p_campaign, p_plan, p_destination, p_lists);
    IF NOT FOUND THEN
        RETURN;
    END IF;
    -- Behind the campaign's lock, for which it may have to wait: additions, and the claims behind those, wait for this one.
    PERFORM join_claims();

    RETURN QUERY
    WITH seen AS MATERIALIZED (
        SELECT c.*, (c.o_contact).dlma_uuid AS dlma
        FROM pick_callable(
            p_campaign, v_open.o_lists, v_open.o_weights, v_open.o_limits, p_now, v_open.o_retry_delay, p_count, p_scan, p_reserved
        ) AS c
    ), parts AS MATERIALIZED (
        SELECT l.dlma, l.place, s.*
        FROM (SELECT c.dlma, min(c.o_place) AS place FROM seen c GROUP BY c.dlma) AS l
        CROSS JOIN LATERAL call_parts(p_campaign, p_plan, p_destination, l.dlma, p_known_snapshots) AS s
    ), picked AS MATERIALIZED (
        SELECT c.*, s.o_snapshot AS snapshot FROM seen c JOIN parts s ON s.dlma = c.dlma WHERE NOT c.o_is_blocked
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
        SELECT p.o_dialing, p.snapshot, p_campaign, p_plan, p.dlma, p_destination, (p.o_contact).uuid,
            row_to_json(p.o_contact), p.o_number, contact_tries(p.o_contact, p.o_number) + 1, p_pbx, p_now
        FROM picked p
        ORDER BY p.o_place
    )
    SELECT c.o_dialing, c.o_number, c.o_is_blocked, s.o_snapshot,
        CASE WHEN c.o_place = s.place THEN s.o_campaign END, CASE WHEN c.o_place = s.place THEN s.o_plan END,
        CASE WHEN c.o_place = s.place THEN s.o_destination END, CASE WHEN c.o_place = s.place THEN s.o_dlma END, c.o_contact
    FROM seen c
    JOIN parts s ON s.dlma = c.dlma
    ORDER BY c.o_place;
END
$$;

DROP FUNCTION reserve_contact(uuid, uuid, uuid, uuid, integer, timestamptz, bigint, text, timestamptz);

-- Holds the next due contact for an agent's preview; what else claim_dialings says of blocked contacts holds here too.
CREATE FUNCTION reserve_contact(
    p_campaign uuid, p_plan uuid, p_destination uuid, p_lists uuid[], p_scan integer, p_now timestamptz,
    p_known_snapshots bigint[], p_target text, p_until timestamptz
)
RETURNS TABLE (
    o_dialing uuid, o_index smallint, o_is_blocked boolean, o_snapshot bigint,
    o_campaign json, o_plan json, o_destination json, o_dlma json, o_contact dial_list_entry
)
LANGUAGE plpgsql VOLATILE ROWS 50
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_open record;
BEGIN
    SELECT * INTO v_open FROM open_campaign(p_campaign, p_plan, p_destination, p_lists);
    IF NOT FOUND THEN
        RETURN;
    END IF;
    -- Behind the campaign's lock, for which it may have to wait: additions, and the claims behind those, wait for this one.
    PERFORM join_claims();
    RETURN QUERY
    WITH seen AS MATERIALIZED (
        SELECT c.*, (c.o_contact).dlma_uuid AS dlma
        FROM pick_callable(
            p_campaign, v_open.o_lists, v_open.o_weights, v_open.o_limits, p_now, v_open.o_retry_delay, 1, p_scan, NULL
        ) AS c
    ), parts AS MATERIALIZED (
        SELECT l.dlma, l.place, s.*
        FROM (SELECT c.dlma, min(c.o_place) AS place FROM seen c GROUP BY c.dlma) AS l
        CROSS JOIN LATERAL call_parts(p_campaign, p_plan, p_destination, l.dlma, p_known_snapshots) AS s
    ), reserved AS (
        UPDATE dial_list_entry e SET
            status = 2,
            resv_target = p_target,
            resv_campaign_uuid = p_campaign,
            resv_until = p_until,
            tm_update = p_now
        FROM seen c
        JOIN parts s ON s.dlma = c.dlma
        WHERE e.uuid = (c.o_contact).uuid AND NOT c.o_is_blocked
        RETURNING e AS contact, c.o_place AS place
    )
    SELECT c.o_dialing, c.o_number, c.o_is_blocked, s.o_snapshot,
        CASE WHEN c.o_place = s.place THEN s.o_campaign END, CASE WHEN c.o_place = s.place THEN s.o_plan END,
        CASE WHEN c.o_place = s.place THEN s.o_destination END, CASE WHEN c.o_place = s.place THEN s.o_dlma END,
        CASE WHEN c.o_is_blocked THEN c.o_contact ELSE r.contact END
    FROM seen c
    JOIN parts s ON s.dlma = c.dlma
    LEFT JOIN reserved r ON r.place = c.o_place
    ORDER BY c.o_place;
END
$$;

DROP FUNCTION block_numbers(
    uuid, uuid, uuid, uuid, bigint, timestamptz, integer, text, uuid[], uuid[], smallint[], text[], text[]
);

-- Holds numbers of contacts back that a claim met on the list, and writes the one result of each. A number that is held back
-- already, was changed, or left the list meanwhile is passed over, so that the same may be asked again, and by several at once.
-- When the contact was last called does not change: another number of it may be called at once.
CREATE FUNCTION block_numbers(
    p_campaign uuid, p_plan uuid, p_destination uuid, p_now timestamptz, p_status integer, p_res_dial_detail text,
    p_dlma uuid[], p_snapshot bigint[], p_dialing uuid[], p_entry uuid[], p_slot smallint[], p_number text[], p_line text[]
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
        FROM unnest(p_dlma, p_snapshot, p_dialing, p_entry, p_slot, p_number, p_line)
            WITH ORDINALITY AS i (dlma, snapshot, dialing, entry, slot, number, line, place)
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
        h.dialing, h.snapshot, p_campaign, p_plan, h.dlma, p_destination, h.entry, p_status, 0, 0, false, p_now, p_now, h.line
    FROM held h
    CROSS JOIN numbers n;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
END
$$;
