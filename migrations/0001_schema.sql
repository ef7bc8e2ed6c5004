-- The first schema: resources, calls in progress, results.
--
-- Columns that clients see carry their names on the wire, so that a row's JSON can be read back as the resource itself.
-- Resources are never removed, only taken out of use (in_use); seq is the order of creation, and pages follow it.

-- Every change of a plan, destination, list or campaign gets a number of its own. Four of them name a snapshot.
CREATE SEQUENCE resource_revision;

CREATE TABLE plan (
    seq bigint GENERATED ALWAYS AS IDENTITY,
    revision bigint NOT NULL DEFAULT nextval('resource_revision'),
    uuid uuid PRIMARY KEY,
    name text,
    detail text,
    in_use boolean NOT NULL DEFAULT true,
    variables json CHECK (json_typeof(variables) = 'object'),
    dial_mode smallint NOT NULL DEFAULT 1 CHECK (dial_mode BETWEEN 0 AND 5),
    dial_timeout integer NOT NULL DEFAULT 30000 CHECK (dial_timeout >= 0),
    caller_id text,
    dl_end_handle smallint NOT NULL DEFAULT 1 CHECK (dl_end_handle BETWEEN 0 AND 1),
    retry_delay integer NOT NULL DEFAULT 60 CHECK (retry_delay >= 0),
    trunk_name text,
    tech_name text,
    service_level integer NOT NULL DEFAULT 0 CHECK (service_level >= 0),
    early_media text,
    codecs text,
    max_retry_cnt_1 smallint NOT NULL DEFAULT 5 CHECK (max_retry_cnt_1 >= 0),
    max_retry_cnt_2 smallint NOT NULL DEFAULT 5 CHECK (max_retry_cnt_2 >= 0),
    max_retry_cnt_3 smallint NOT NULL DEFAULT 5 CHECK (max_retry_cnt_3 >= 0),
    max_retry_cnt_4 smallint NOT NULL DEFAULT 5 CHECK (max_retry_cnt_4 >= 0),
    max_retry_cnt_5 smallint NOT NULL DEFAULT 5 CHECK (max_retry_cnt_5 >= 0),
    max_retry_cnt_6 smallint NOT NULL DEFAULT 5 CHECK (max_retry_cnt_6 >= 0),
    max_retry_cnt_7 smallint NOT NULL DEFAULT 5 CHECK (max_retry_cnt_7 >= 0),
    max_retry_cnt_8 smallint NOT NULL DEFAULT 5 CHECK (max_retry_cnt_8 >= 0),
    pacing_ratio double precision NOT NULL DEFAULT 1 CHECK (pacing_ratio > 0 AND pacing_ratio < 'Infinity'),
    tm_create timestamptz NOT NULL DEFAULT clock_timestamp(),
    tm_delete timestamptz,
    tm_update timestamptz
);
COMMENT ON TABLE plan IS 'How and when calls are made';
COMMENT ON COLUMN plan.max_retry_cnt_1 IS 'Attempts allowed on number_1 in all; 0 means it is never dialed';
CREATE UNIQUE INDEX plan_page ON plan (seq) WHERE in_use;

CREATE TABLE destination (
    seq bigint GENERATED ALWAYS AS IDENTITY,
    revision bigint NOT NULL DEFAULT nextval('resource_revision'),
    uuid uuid PRIMARY KEY,
    name text,
    detail text,
    in_use boolean NOT NULL DEFAULT true,
    type smallint NOT NULL DEFAULT 0 CHECK (type BETWEEN 0 AND 1),
    context text,
    exten text,
    priority text,
    application text,
    data text,
    variables json CHECK (json_typeof(variables) = 'object'),
    tm_create timestamptz NOT NULL DEFAULT clock_timestamp(),
    tm_delete timestamptz,
    tm_update timestamptz
);
COMMENT ON TABLE destination IS 'Who takes the call after the customer answers';
CREATE UNIQUE INDEX destination_page ON destination (seq) WHERE in_use;

CREATE TABLE dial_list_master (
    seq bigint GENERATED ALWAYS AS IDENTITY,
    revision bigint NOT NULL DEFAULT nextval('resource_revision'),
    uuid uuid PRIMARY KEY,
    name text,
    detail text,
    variables json CHECK (json_typeof(variables) = 'object'),
    in_use boolean NOT NULL DEFAULT true,
    tm_create timestamptz NOT NULL DEFAULT clock_timestamp(),
    tm_delete timestamptz,
    tm_update timestamptz
);
COMMENT ON TABLE dial_list_master IS 'A named list of contacts';
CREATE UNIQUE INDEX dial_list_master_page ON dial_list_master (seq) WHERE in_use;

CREATE TABLE dial_list_entry (
    seq bigint GENERATED ALWAYS AS IDENTITY,
    uuid uuid PRIMARY KEY,
    dlma_uuid uuid NOT NULL REFERENCES dial_list_master (uuid),
    in_use boolean NOT NULL DEFAULT true,
    name text,
    detail text,
    status smallint NOT NULL DEFAULT 0 CHECK (status BETWEEN 0 AND 2),
    resv_target text,
    resv_campaign_uuid uuid,
    resv_until timestamptz,
    ukey text,
    variables json CHECK (json_typeof(variables) = 'object'),
    dialing_uuid uuid,
    dialing_camp_uuid uuid,
    dialing_plan_uuid uuid,
    number_1 text CHECK (number_1 <> ''),
    number_2 text CHECK (number_2 <> ''),
    number_3 text CHECK (number_3 <> ''),
    number_4 text CHECK (number_4 <> ''),
    number_5 text CHECK (number_5 <> ''),
    number_6 text CHECK (number_6 <> ''),
    number_7 text CHECK (number_7 <> ''),
    number_8 text CHECK (number_8 <> ''),
    email text,
    trycnt_1 smallint NOT NULL DEFAULT 0 CHECK (trycnt_1 >= 0),
    trycnt_2 smallint NOT NULL DEFAULT 0 CHECK (trycnt_2 >= 0),
    trycnt_3 smallint NOT NULL DEFAULT 0 CHECK (trycnt_3 >= 0),
    trycnt_4 smallint NOT NULL DEFAULT 0 CHECK (trycnt_4 >= 0),
    trycnt_5 smallint NOT NULL DEFAULT 0 CHECK (trycnt_5 >= 0),
    trycnt_6 smallint NOT NULL DEFAULT 0 CHECK (trycnt_6 >= 0),
    trycnt_7 smallint NOT NULL DEFAULT 0 CHECK (trycnt_7 >= 0),
    trycnt_8 smallint NOT NULL DEFAULT 0 CHECK (trycnt_8 >= 0),
    res_dial integer NOT NULL DEFAULT 0,
    res_dial_detail text,
    res_hangup integer NOT NULL DEFAULT 0,
    res_hangup_detail text,
    tm_create timestamptz NOT NULL DEFAULT clock_timestamp(),
    tm_delete timestamptz,
    tm_update timestamptz,
    tm_last_dial timestamptz,
    tm_last_hangup timestamptz,
    -- What a claim must know of a contact, in one number: bits 48 and up hold the tries on all numbers together, below
    -- them stand six bits for each number, number_1 first: its tries (62 means 62 or more), or 63 when there is no such number.
    stage bigint NOT NULL GENERATED ALWAYS AS (
        (least(trycnt_1 + trycnt_2 + trycnt_3 + trycnt_4 + trycnt_5 + trycnt_6 + trycnt_7 + trycnt_8, 32767)::bigint << 48)
        | ((CASE WHEN number_1 IS NULL THEN 63 ELSE least(trycnt_1, 62) END)::bigint << 42)
        | ((CASE WHEN number_2 IS NULL THEN 63 ELSE least(trycnt_2, 62) END)::bigint << 36)
        | ((CASE WHEN number_3 IS NULL THEN 63 ELSE least(trycnt_3, 62) END)::bigint << 30)
        | ((CASE WHEN number_4 IS NULL THEN 63 ELSE least(trycnt_4, 62) END)::bigint << 24)
        | ((CASE WHEN number_5 IS NULL THEN 63 ELSE least(trycnt_5, 62) END)::bigint << 18)
        | ((CASE WHEN number_6 IS NULL THEN 63 ELSE least(trycnt_6, 62) END)::bigint << 12)
        | ((CASE WHEN number_7 IS NULL THEN 63 ELSE least(trycnt_7, 62) END)::bigint << 6)
        | ((CASE WHEN number_8 IS NULL THEN 63 ELSE least(trycnt_8, 62) END)::bigint << 0)
    ) STORED,
    CHECK (dialing_uuid IS NULL OR status = 1)
) WITH (
    fillfactor = 85,
    autovacuum_vacuum_scale_factor = 0.01,
    autovacuum_vacuum_insert_scale_factor = 0.05,
    autovacuum_analyze_scale_factor = 0.05,
    autovacuum_vacuum_cost_delay = 0
);
COMMENT ON TABLE dial_list_entry IS 'One person to call: up to eight numbers, the tries made on each, the last results';
COMMENT ON COLUMN dial_list_entry.status IS '0 idle, 1 being dialed, 2 reserved for an agent''s preview';
COMMENT ON COLUMN dial_list_entry.resv_until IS 'When a reservation made by the engine ends by itself; null for one made by hand';
COMMENT ON COLUMN dial_list_entry.res_dial IS 'The last call''s result; 4 means answered, and the contact is not called again';

CREATE INDEX dial_list_entry_page ON dial_list_entry (dlma_uuid, seq) WHERE in_use;

-- Claims walk this index. All contacts of one stage have the same numbers and the same tries, so whether a plan's limits
-- allow another call is decided once a stage, not once a contact; a list has a handful of stages, whatever its length.
-- Within a stage those who have waited longest come first, and among the never called the order of creation decides.
CREATE INDEX dial_list_entry_claim
    ON dial_list_entry (dlma_uuid, stage, coalesce(tm_last_hangup, '-infinity'::timestamptz), seq)
    WHERE in_use AND status = 0 AND dialing_uuid IS NULL AND res_dial <> 4;

CREATE INDEX dial_list_entry_busy ON dial_list_entry (dlma_uuid, status) WHERE status <> 0;

CREATE TABLE campaign (
    seq bigint GENERATED ALWAYS AS IDENTITY,
    revision bigint NOT NULL DEFAULT nextval('resource_revision'),
    uuid uuid PRIMARY KEY,
    detail text,
    name text,
    status smallint NOT NULL DEFAULT 0 CHECK (status IN (0, 1, 2, 10, 11, 12, 30)),
    in_use boolean NOT NULL DEFAULT true,
    variables json CHECK (json_typeof(variables) = 'object'),
    next_campaign uuid REFERENCES campaign (uuid) CHECK (next_campaign <> uuid),
    plan uuid REFERENCES plan (uuid),
    dlma uuid REFERENCES dial_list_master (uuid),
    dest uuid REFERENCES destination (uuid),
    sc_mode smallint NOT NULL DEFAULT 0 CHECK (sc_mode BETWEEN 0 AND 1),
    sc_date_start text,
    sc_date_end text,
    sc_date_list text,
    sc_date_list_except text,
    sc_time_start text,
    sc_time_end text,
    sc_day_list text,
    tm_create timestamptz NOT NULL DEFAULT clock_timestamp(),
    tm_delete timestamptz,
    tm_update timestamptz,
    sc_time_zone text,
    end_reason smallint CHECK (end_reason BETWEEN 1 AND 2),
    end_window text
) WITH (fillfactor = 70);
COMMENT ON TABLE campaign IS 'Why calls are made: ties a plan, a destination and a list together';
COMMENT ON COLUMN campaign.end_reason IS 'Why it last ended: 1 its list was used up, 2 a person stopped it; null once it is started again';
COMMENT ON COLUMN campaign.end_window IS 'The window of the schedule in which it ended; the schedule does not start it again before the next one';
CREATE UNIQUE INDEX campaign_page ON campaign (seq) WHERE in_use;
CREATE INDEX campaign_plan ON campaign (plan);
CREATE INDEX campaign_dlma ON campaign (dlma);
CREATE INDEX campaign_dest ON campaign (dest);
CREATE INDEX campaign_next ON campaign (next_campaign);

-- The resources behind a call as they were when it was claimed, kept once for each state they were ever dialed in.
CREATE TABLE call_snapshot (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_revision bigint NOT NULL,
    plan_revision bigint NOT NULL,
    destination_revision bigint NOT NULL,
    dlma_revision bigint NOT NULL,
    campaign json NOT NULL,
    plan json NOT NULL,
    destination json NOT NULL,
    dlma json NOT NULL,
    tm_create timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (campaign_revision, plan_revision, destination_revision, dlma_revision)
);

-- Calls in progress, from claim to result. No foreign keys: the row is written with the contact locked, nothing it names
-- is ever removed, and a key share lock on the same few rows for every call would only cost.
CREATE TABLE dialing (
    seq bigint GENERATED ALWAYS AS IDENTITY,
    uuid uuid PRIMARY KEY,
    snapshot bigint NOT NULL,
    campaign uuid NOT NULL,
    plan uuid NOT NULL,
    dlma uuid NOT NULL,
    destination uuid NOT NULL,
    entry uuid NOT NULL,
    entry_snapshot json NOT NULL,
    dial_index smallint NOT NULL CHECK (dial_index BETWEEN 1 AND 8),
    dial_try smallint NOT NULL CHECK (dial_try >= 1),
    pbx text,
    tm_create timestamptz NOT NULL,
    -- When the customer answered, so that a call that ends unseen while no engine runs is still an answered one.
    tm_answer timestamptz
) WITH (autovacuum_vacuum_scale_factor = 0.2, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);
COMMENT ON TABLE dialing IS 'Calls in progress; a row goes when its result is written';
CREATE UNIQUE INDEX dialing_page ON dialing (seq);
-- The last line of defence: one contact is never in two calls.
CREATE UNIQUE INDEX dialing_entry ON dialing (entry);
CREATE INDEX dialing_campaign ON dialing (campaign);

-- The outbox: one row for each finished dialing. line is what the results file gets.
CREATE TABLE dialing_result (
    sequence bigint PRIMARY KEY,
    dialing uuid NOT NULL UNIQUE,
    snapshot bigint NOT NULL,
    campaign uuid NOT NULL,
    plan uuid NOT NULL,
    dlma uuid NOT NULL,
    destination uuid NOT NULL,
    entry uuid NOT NULL,
    status smallint NOT NULL,
    res_dial integer NOT NULL,
    res_hangup integer NOT NULL,
    is_abandoned boolean NOT NULL,
    wait_seconds double precision,
    talk_seconds double precision,
    agent text,
    queue text,
    tm_claim timestamptz NOT NULL,
    tm_end timestamptz NOT NULL,
    line text NOT NULL
);
COMMENT ON COLUMN dialing_result.sequence IS 'From 1 without a gap, in the order of commits';

-- Taken from inside the transaction that finishes calls, so that numbers appear in order and none is lost.
CREATE TABLE result_sequence (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    last bigint NOT NULL
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
INSERT INTO result_sequence (last) VALUES (0);

CREATE TABLE result_export (
    file text PRIMARY KEY,
    sequence bigint NOT NULL CHECK (sequence >= 0),
    bytes bigint NOT NULL CHECK (bytes >= 0),
    tm_update timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
COMMENT ON TABLE result_export IS 'How far each results file is written';

CREATE TABLE campaign_counter (
    campaign uuid PRIMARY KEY,
    dialed bigint NOT NULL DEFAULT 0,
    answered bigint NOT NULL DEFAULT 0,
    connected bigint NOT NULL DEFAULT 0,
    abandoned bigint NOT NULL DEFAULT 0,
    busy bigint NOT NULL DEFAULT 0,
    no_answer bigint NOT NULL DEFAULT 0,
    congested bigint NOT NULL DEFAULT 0,
    failed bigint NOT NULL DEFAULT 0,
    talk_seconds double precision NOT NULL DEFAULT 0,
    wait_seconds double precision NOT NULL DEFAULT 0
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
COMMENT ON TABLE campaign_counter IS 'What became of the finished calls of each campaign';

-- Changes of configuration are announced to every engine; the announcement goes out with the commit.
CREATE FUNCTION announce_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('outpace_change', TG_ARGV[0] || ':' || NEW.uuid);
    RETURN NULL;
END
$$;

CREATE FUNCTION count_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.revision := nextval('resource_revision');
    RETURN NEW;
END
$$;

CREATE TRIGGER revision BEFORE UPDATE ON plan FOR EACH ROW EXECUTE FUNCTION count_revision();
CREATE TRIGGER revision BEFORE UPDATE ON destination FOR EACH ROW EXECUTE FUNCTION count_revision();
CREATE TRIGGER revision BEFORE UPDATE ON dial_list_master FOR EACH ROW EXECUTE FUNCTION count_revision();
CREATE TRIGGER revision BEFORE UPDATE ON campaign FOR EACH ROW EXECUTE FUNCTION count_revision();
CREATE TRIGGER announce AFTER INSERT OR UPDATE ON plan FOR EACH ROW EXECUTE FUNCTION announce_change('plan');
CREATE TRIGGER announce AFTER INSERT OR UPDATE ON destination
    FOR EACH ROW EXECUTE FUNCTION announce_change('destination');
CREATE TRIGGER announce AFTER INSERT OR UPDATE ON dial_list_master
    FOR EACH ROW EXECUTE FUNCTION announce_change('dlma');
CREATE TRIGGER announce AFTER INSERT OR UPDATE ON campaign FOR EACH ROW EXECUTE FUNCTION announce_change('campaign');

-- A uuid whose order is that of time (RFC 9562, version 7), so that indexes of calls grow at one end.
CREATE FUNCTION new_dialing_uuid(p_now timestamptz) RETURNS uuid LANGUAGE sql VOLATILE AS $$
    SELECT encode(
        set_bit(set_bit(
            overlay(uuid_send(gen_random_uuid())
                PLACING substring(int8send((extract(epoch FROM p_now) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
            52, 1), 53, 1),
        'hex')::uuid
$$;

-- Whether any number of a stage may still be called; a number with 62 tries or more is left to contact_number.
CREATE FUNCTION stage_is_dialable(p_stage bigint, p_limits smallint[]) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT ((p_stage >> 42) & 63) <> 63 AND ((p_stage >> 42) & 63) < p_limits[1] OR
        ((p_stage >> 36) & 63) <> 63 AND ((p_stage >> 36) & 63) < p_limits[2] OR
        ((p_stage >> 30) & 63) <> 63 AND ((p_stage >> 30) & 63) < p_limits[3] OR
        ((p_stage >> 24) & 63) <> 63 AND ((p_stage >> 24) & 63) < p_limits[4] OR
        ((p_stage >> 18) & 63) <> 63 AND ((p_stage >> 18) & 63) < p_limits[5] OR
        ((p_stage >> 12) & 63) <> 63 AND ((p_stage >> 12) & 63) < p_limits[6] OR
        ((p_stage >> 6) & 63) <> 63 AND ((p_stage >> 6) & 63) < p_limits[7] OR
        ((p_stage >> 0) & 63) <> 63 AND ((p_stage >> 0) & 63) < p_limits[8]
$$;

-- The number to call: the lowest that exists and has tries left. Null when there is none.
CREATE FUNCTION contact_number(p_contact dial_list_entry, p_limits smallint[]) RETURNS smallint LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN p_contact.number_1 IS NOT NULL AND p_contact.trycnt_1 < p_limits[1] THEN 1::smallint
        WHEN p_contact.number_2 IS NOT NULL AND p_contact.trycnt_2 < p_limits[2] THEN 2::smallint
        WHEN p_contact.number_3 IS NOT NULL AND p_contact.trycnt_3 < p_limits[3] THEN 3::smallint
        WHEN p_contact.number_4 IS NOT NULL AND p_contact.trycnt_4 < p_limits[4] THEN 4::smallint
        WHEN p_contact.number_5 IS NOT NULL AND p_contact.trycnt_5 < p_limits[5] THEN 5::smallint
        WHEN p_contact.number_6 IS NOT NULL AND p_contact.trycnt_6 < p_limits[6] THEN 6::smallint
        WHEN p_contact.number_7 IS NOT NULL AND p_contact.trycnt_7 < p_limits[7] THEN 7::smallint
        WHEN p_contact.number_8 IS NOT NULL AND p_contact.trycnt_8 < p_limits[8] THEN 8::smallint
    END
$$;

CREATE FUNCTION contact_tries(p_contact dial_list_entry, p_index smallint) RETURNS smallint LANGUAGE sql IMMUTABLE AS $$
    SELECT (ARRAY[p_contact.trycnt_1, p_contact.trycnt_2, p_contact.trycnt_3, p_contact.trycnt_4, p_contact.trycnt_5, p_contact.trycnt_6, p_contact.trycnt_7, p_contact.trycnt_8])[p_index]
$$;

CREATE FUNCTION plan_limits(p_plan plan) RETURNS smallint[] LANGUAGE sql IMMUTABLE AS $$
    SELECT ARRAY[p_plan.max_retry_cnt_1, p_plan.max_retry_cnt_2, p_plan.max_retry_cnt_3, p_plan.max_retry_cnt_4, p_plan.max_retry_cnt_5, p_plan.max_retry_cnt_6, p_plan.max_retry_cnt_7, p_plan.max_retry_cnt_8]
$$;

-- Locks and returns up to p_count contacts that may be called now: fewest tries first, then the longest wait, then the order
-- of creation. Contacts another transaction holds are passed over. Costs O(stages + p_count) index probes.
--
-- The planner's choices are fixed because its statistics lag behind a list that is being worked through, and a sequential
-- scan or a compiled plan chosen on a bad guess would stop the dialing.
CREATE FUNCTION pick_contacts(p_dlma uuid, p_limits smallint[], p_cutoff timestamptz, p_count integer)
RETURNS TABLE (o_number smallint, o_contact dial_list_entry)
LANGUAGE plpgsql VOLATILE ROWS 50
SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_stage bigint := -1;
    v_next bigint;
    v_level bigint := -1;
    v_stages bigint[] := '{}';
    v_remaining integer := p_count;
    v_taken integer;
BEGIN
    IF p_count <= 0 THEN
        RETURN;
    END IF;
    LOOP
        SELECT e.stage INTO v_next
        FROM dial_list_entry e
        WHERE e.dlma_uuid = p_dlma AND e.stage > v_stage
            AND e.in_use AND e.status = 0 AND e.dialing_uuid IS NULL AND e.res_dial <> 4
        ORDER BY e.stage
        LIMIT 1;

        -- A level, the contacts with the same tries in all, is complete: take what is due in it.
        IF (v_next IS NULL OR v_next >> 48 <> v_level) AND cardinality(v_stages) > 0 THEN
            RETURN QUERY
            SELECT c.number, c.contact
            FROM unnest(v_stages) AS s (stage)
            CROSS JOIN LATERAL (
                SELECT contact_number(e, p_limits) AS number, e AS contact,
                    coalesce(e.tm_last_hangup, '-infinity'::timestamptz) AS waiting_since, e.seq
                FROM dial_list_entry e
                WHERE e.dlma_uuid = p_dlma AND e.stage = s.stage
                    AND e.in_use AND e.status = 0 AND e.dialing_uuid IS NULL AND e.res_dial <> 4
                    AND coalesce(e.tm_last_hangup, '-infinity'::timestamptz) < p_cutoff
                    AND contact_number(e, p_limits) IS NOT NULL
                ORDER BY coalesce(e.tm_last_hangup, '-infinity'::timestamptz), e.seq
                LIMIT v_remaining
                FOR NO KEY UPDATE SKIP LOCKED
            ) AS c
            ORDER BY c.waiting_since, c.seq
            LIMIT v_remaining;
            GET DIAGNOSTICS v_taken = ROW_COUNT;
            v_remaining := v_remaining - v_taken;
            EXIT WHEN v_remaining <= 0;
            v_stages := '{}';
        END IF;

        EXIT WHEN v_next IS NULL;
        v_stage := v_next;
        v_level := v_next >> 48;
        IF stage_is_dialable(v_next, p_limits) THEN
            v_stages := v_stages || v_next;
        END IF;
    END LOOP;
END
$$;

-- The plan's limits and delay and the snapshot's id for a campaign that is started and still has these parts; no row when
-- it is not. The campaign stays locked against a change of its status until the claim is committed.
CREATE FUNCTION open_campaign(p_campaign uuid, p_plan uuid, p_destination uuid, p_dlma uuid)
RETURNS TABLE (o_snapshot bigint, o_limits smallint[], o_retry_delay interval)
LANGUAGE plpgsql VOLATILE ROWS 1 SET jit = off AS $$
DECLARE
    v_revision record;
BEGIN
    PERFORM FROM campaign c
    WHERE c.uuid = p_campaign AND c.in_use AND c.status = 1
        AND c.plan = p_plan AND c.dest = p_destination AND c.dlma = p_dlma
    FOR SHARE;
    IF NOT FOUND THEN
        RETURN;
    END IF;

    LOOP
        SELECT c.revision AS campaign, p.revision AS plan, d.revision AS destination, l.revision AS dlma,
            plan_limits(p) AS limits, make_interval(secs => p.retry_delay) AS retry_delay
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
            o_limits := v_revision.limits;
            o_retry_delay := v_revision.retry_delay;
            RETURN NEXT;
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

-- The reserved contact, locked, if it may still be dialed for the campaign.
CREATE FUNCTION pick_reserved(p_entry uuid, p_campaign uuid, p_dlma uuid, p_limits smallint[])
RETURNS TABLE (o_number smallint, o_contact dial_list_entry)
LANGUAGE plpgsql VOLATILE ROWS 1
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    RETURN QUERY
    SELECT contact_number(e, p_limits), e
    FROM dial_list_entry e
    WHERE e.uuid = p_entry AND e.dlma_uuid = p_dlma AND e.in_use AND e.status = 2 AND e.res_dial <> 4
        AND (e.resv_campaign_uuid IS NULL OR e.resv_campaign_uuid = p_campaign)
        AND contact_number(e, p_limits) IS NOT NULL
    FOR NO KEY UPDATE;
END
$$;

-- Turns contacts into calls: marks them, counts the try, opens the dialing rows. p_reserved dials that reserved contact;
-- null picks up to p_count that are due. The snapshot's resources come with the first row unless the caller knows them.
CREATE FUNCTION claim_dialings(
    p_campaign uuid, p_plan uuid, p_destination uuid, p_dlma uuid, p_count integer, p_pbx text, p_now timestamptz,
    p_known_snapshot bigint, p_reserved uuid
)
RETURNS TABLE (
    o_dialing uuid, o_index smallint, o_try smallint, o_snapshot bigint,
    o_campaign json, o_plan json, o_destination json, o_dlma json, o_contact dial_list_entry
)
LANGUAGE plpgsql VOLATILE ROWS 50
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off SET timezone = 'UTC' AS $$
DECLARE
    v_open record;
BEGIN
    SELECT * INTO v_open FROM open_campaign(p_campaign, p_plan, p_destination, p_dlma);
    IF NOT FOUND THEN
        RETURN;
    END IF;

    RETURN QUERY
    WITH picked AS MATERIALIZED (
        SELECT row_number() OVER () AS place, new_dialing_uuid(p_now) AS dialing, c.o_number AS number,
            (contact_tries(c.o_contact, c.o_number) + 1)::smallint AS try, c.o_contact AS contact
        FROM (
            SELECT * FROM pick_contacts(
                p_dlma, v_open.o_limits, p_now - v_open.o_retry_delay,
                CASE WHEN p_reserved IS NULL THEN least(p_count, 10000) ELSE 0 END
            )
            UNION ALL
            SELECT * FROM pick_reserved(p_reserved, p_campaign, p_dlma, v_open.o_limits)
        ) AS c
    ), marked AS (
        UPDATE dial_list_entry e SET
            status = 1,
            dialing_uuid = p.dialing,
            dialing_camp_uuid = p_campaign,
            dialing_plan_uuid = p_plan,
            resv_target = NULL,
            resv_campaign_uuid = NULL,
            resv_until = NULL,
            tm_last_dial = p_now,
            tm_update = p_now,
            trycnt_1 = e.trycnt_1 + (p.number = 1)::integer,
            trycnt_2 = e.trycnt_2 + (p.number = 2)::integer,
            trycnt_3 = e.trycnt_3 + (p.number = 3)::integer,
            trycnt_4 = e.trycnt_4 + (p.number = 4)::integer,
            trycnt_5 = e.trycnt_5 + (p.number = 5)::integer,
            trycnt_6 = e.trycnt_6 + (p.number = 6)::integer,
            trycnt_7 = e.trycnt_7 + (p.number = 7)::integer,
            trycnt_8 = e.trycnt_8 + (p.number = 8)::integer
        FROM picked p
        WHERE e.uuid = (p.contact).uuid
    ), opened AS (
        INSERT INTO dialing (
            uuid, snapshot, campaign, plan, dlma, destination, entry, entry_snapshot, dial_index, dial_try, pbx, tm_create
        )
        SELECT p.dialing, v_open.o_snapshot, p_campaign, p_plan, p_dlma, p_destination, (p.contact).uuid,
            row_to_json(p.contact), p.number, p.try, p_pbx, p_now
        FROM picked p
        ORDER BY p.place
    )
    SELECT p.dialing, p.number, p.try, v_open.o_snapshot, s.campaign, s.plan, s.destination, s.dlma, p.contact
    FROM picked p
    LEFT JOIN call_snapshot s
        ON p.place = 1 AND s.id = v_open.o_snapshot AND v_open.o_snapshot IS DISTINCT FROM p_known_snapshot
    ORDER BY p.place;
END
$$;

-- Holds the next due contact for an agent's preview.
CREATE FUNCTION reserve_contact(
    p_campaign uuid, p_plan uuid, p_destination uuid, p_dlma uuid, p_now timestamptz, p_target text, p_until timestamptz
)
RETURNS SETOF dial_list_entry
LANGUAGE plpgsql VOLATILE ROWS 1
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
DECLARE
    v_open record;
BEGIN
    SELECT * INTO v_open FROM open_campaign(p_campaign, p_plan, p_destination, p_dlma);
    IF NOT FOUND THEN
        RETURN;
    END IF;
    RETURN QUERY
    UPDATE dial_list_entry e SET
        status = 2,
        resv_target = p_target,
        resv_campaign_uuid = p_campaign,
        resv_until = p_until,
        tm_update = p_now
    FROM pick_contacts(p_dlma, v_open.o_limits, p_now - v_open.o_retry_delay, 1) AS c
    WHERE e.uuid = (c.o_contact).uuid
    RETURNING e.*;
END
$$;

-- Whether a list still has work for a plan, and when the next of its contacts is due; -infinity: somebody never called
-- waits. Costs O(stages) index probes.
CREATE FUNCTION list_outlook(p_plan uuid, p_dlma uuid, OUT o_open boolean, OUT o_next_due timestamptz)
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
        ORDER BY coalesce(e.tm_last_hangup, '-infinity'::timestamptz), e.seq
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

-- The first of p_count numbers; whoever finishes next waits until this transaction is over.
CREATE FUNCTION take_result_numbers(p_count bigint) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_last bigint;
BEGIN
    IF p_count = 0 THEN
        RETURN NULL;
    END IF;
    UPDATE result_sequence SET last = last + p_count RETURNING last INTO v_last;
    RETURN v_last - p_count + 1;
END
$$;

-- Ends calls: whoever removes the open dialing row writes its one result, so that doing it again does nothing.
CREATE FUNCTION finish_dialings(
    p_dialing uuid[], p_status integer[], p_res_dial integer[], p_res_dial_detail text[], p_res_hangup integer[],
    p_res_hangup_detail text[], p_ended bigint[], p_abandoned boolean[], p_connected boolean[], p_wait double precision[],
    p_talk double precision[], p_agent text[], p_queue text[], p_line text[]
)
RETURNS integer
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
DECLARE
    v_count integer;
BEGIN
    WITH input AS MATERIALIZED (
        SELECT DISTINCT ON (i.dialing) i.*, timestamptz 'epoch' + i.ended * interval '1 microsecond' AS tm_end
        FROM unnest(
            p_dialing, p_status, p_res_dial, p_res_dial_detail, p_res_hangup, p_res_hangup_detail, p_ended, p_abandoned,
            p_connected, p_wait, p_talk, p_agent, p_queue, p_line
        ) WITH ORDINALITY AS i (
            dialing, status, res_dial, res_dial_detail, res_hangup, res_hangup_detail, ended, abandoned,
            connected, wait, talk, agent, queue, line, place
        )
        ORDER BY i.dialing, i.place
    ), closed AS (
        DELETE FROM dialing d USING input i
        WHERE d.uuid = i.dialing
        RETURNING d.uuid, d.snapshot, d.campaign, d.plan, d.dlma, d.destination, d.entry, d.tm_create, i.*
    ), contact AS (
        UPDATE dial_list_entry e SET
            status = 0,
            dialing_uuid = NULL,
            dialing_camp_uuid = NULL,
            dialing_plan_uuid = NULL,
            res_dial = c.res_dial,
            res_dial_detail = c.res_dial_detail,
            res_hangup = c.res_hangup,
            res_hangup_detail = c.res_hangup_detail,
            tm_last_hangup = c.tm_end,
            tm_update = c.tm_end
        FROM closed c
        WHERE e.uuid = c.entry AND e.dialing_uuid = c.uuid
        RETURNING e.dialing_uuid
    ), counted AS (
        INSERT INTO campaign_counter AS k (
            campaign, dialed, answered, connected, abandoned, busy, no_answer, congested, failed, talk_seconds, wait_seconds
        )
        SELECT c.campaign,
            count(*),
            count(*) FILTER (WHERE c.res_dial = 4),
            count(*) FILTER (WHERE c.connected),
            count(*) FILTER (WHERE c.abandoned),
            count(*) FILTER (WHERE c.res_dial = 5),
            count(*) FILTER (WHERE c.res_dial = 3),
            count(*) FILTER (WHERE c.res_dial = 8),
            count(*) FILTER (WHERE c.res_dial NOT IN (3, 4, 5, 8)),
            coalesce(sum(c.talk), 0),
            coalesce(sum(c.wait), 0)
        FROM closed c
        GROUP BY c.campaign
        ORDER BY c.campaign
        ON CONFLICT (campaign) DO UPDATE SET
            dialed = k.dialed + excluded.dialed,
            answered = k.answered + excluded.answered,
            connected = k.connected + excluded.connected,
            abandoned = k.abandoned + excluded.abandoned,
            busy = k.busy + excluded.busy,
            no_answer = k.no_answer + excluded.no_answer,
            congested = k.congested + excluded.congested,
            failed = k.failed + excluded.failed,
            talk_seconds = k.talk_seconds + excluded.talk_seconds,
            wait_seconds = k.wait_seconds + excluded.wait_seconds
        RETURNING k.campaign
    ), numbers AS MATERIALIZED (
        -- Counting the others' rows makes them come first, so that the one row everybody needs is held shortly.
        SELECT take_result_numbers((SELECT count(*) FROM closed)) AS first
        WHERE (SELECT count(*) FROM contact) >= 0 AND (SELECT count(*) FROM counted) >= 0
    )
    INSERT INTO dialing_result (
        sequence, dialing, snapshot, campaign, plan, dlma, destination, entry, status, res_dial, res_hangup, is_abandoned,
        wait_seconds, talk_seconds, agent, queue, tm_claim, tm_end, line
    )
    SELECT n.first + row_number() OVER (ORDER BY c.place) - 1,
        c.uuid, c.snapshot, c.campaign, c.plan, c.dlma, c.destination, c.entry, c.status, c.res_dial, c.res_hangup, c.abandoned,
        c.wait, c.talk, c.agent, c.queue, c.tm_create, c.tm_end, c.line
    FROM closed c
    CROSS JOIN numbers n;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
END
$$;
