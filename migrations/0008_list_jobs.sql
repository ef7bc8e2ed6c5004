-- The life of a list: how many of its contacts stand where, and work on many of them in the background.

-- How many contacts in use of a list stand alike, whatever their number; what changed lately stands in list_count_change.
CREATE TABLE list_count (
    dlma uuid NOT NULL,
    stage bigint NOT NULL,
    status smallint NOT NULL,
    is_answered boolean NOT NULL,
    is_blocked boolean NOT NULL,
    contacts bigint NOT NULL,
    PRIMARY KEY (dlma, stage, status, is_answered, is_blocked)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
COMMENT ON TABLE list_count IS 'Contacts of each list by tries, status, answer and block; list_count_change has to be added';

-- Only ever appended to by those who change contacts, so that none of them waits for another; a row that counts would be locked by
-- every claim and result until its commit.
CREATE TABLE list_count_change (
    dlma uuid NOT NULL,
    stage bigint NOT NULL,
    status smallint NOT NULL,
    is_answered boolean NOT NULL,
    is_blocked boolean NOT NULL,
    contacts bigint NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);
COMMENT ON TABLE list_count_change IS 'What each statement added to the counts or took from them';
CREATE INDEX list_count_change_dlma ON list_count_change (dlma);

CREATE FUNCTION count_new_contacts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO list_count_change
    SELECT n.dlma_uuid, n.stage, n.status, n.res_dial = 4, n.blocked_slots <> 0, count(*)
    FROM new_contacts n
    WHERE n.in_use
    GROUP BY 1, 2, 3, 4, 5;
    RETURN NULL;
END
$$;

CREATE FUNCTION count_gone_contacts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO list_count_change
    SELECT o.dlma_uuid, o.stage, o.status, o.res_dial = 4, o.blocked_slots <> 0, -count(*)
    FROM old_contacts o
    WHERE o.in_use
    GROUP BY 1, 2, 3, 4, 5;
    RETURN NULL;
END
$$;

CREATE FUNCTION count_changed_contacts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO list_count_change
    SELECT c.dlma_uuid, c.stage, c.status, c.res_dial = 4, c.blocked_slots <> 0, sum(c.contacts)
    FROM (
        SELECT o.dlma_uuid, o.stage, o.status, o.res_dial, o.blocked_slots, -1 FROM old_contacts o WHERE o.in_use
        UNION ALL
        SELECT n.dlma_uuid, n.stage, n.status, n.res_dial, n.blocked_slots, 1 FROM new_contacts n WHERE n.in_use
    ) AS c (dlma_uuid, stage, status, res_dial, blocked_slots, contacts)
    GROUP BY 1, 2, 3, 4, 5
    HAVING sum(c.contacts) <> 0;
    RETURN NULL;
END
$$;

-- Once a statement: claims, results and uploads change many contacts with one.
CREATE TRIGGER count_new AFTER INSERT ON dial_list_entry
    REFERENCING NEW TABLE AS new_contacts FOR EACH STATEMENT EXECUTE FUNCTION count_new_contacts();
CREATE TRIGGER count_changed AFTER UPDATE ON dial_list_entry
    REFERENCING OLD TABLE AS old_contacts NEW TABLE AS new_contacts
    FOR EACH STATEMENT EXECUTE FUNCTION count_changed_contacts();
CREATE TRIGGER count_gone AFTER DELETE ON dial_list_entry
    REFERENCING OLD TABLE AS old_contacts FOR EACH STATEMENT EXECUTE FUNCTION count_gone_contacts();

-- The triggers' lock keeps everybody else from changing contacts until this is committed.
INSERT INTO list_count (dlma, stage, status, is_answered, is_blocked, contacts)
SELECT e.dlma_uuid, e.stage, e.status, e.res_dial = 4, e.blocked_slots <> 0, count(*)
FROM dial_list_entry e
WHERE e.in_use
GROUP BY 1, 2, 3, 4, 5;

-- Adds up to p_limit changes to the counts. Whoever reads sees each change once: in one place or in the other.
--
-- Returns how many; 0 also while another does it, for two at once would wait for each other.
CREATE FUNCTION fold_list_counts(p_limit integer) RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_count integer;
    v_lists uuid[];
BEGIN
    -- "counts" in ASCII.
    IF NOT pg_try_advisory_xact_lock(109330362692723) THEN
        RETURN 0;
    END IF;
    WITH taken AS MATERIALIZED (
        DELETE FROM list_count_change c
        WHERE c.ctid = ANY (ARRAY(SELECT f.ctid FROM list_count_change f LIMIT p_limit))
        RETURNING c.*
    ), folded AS (
        INSERT INTO list_count AS k (dlma, stage, status, is_answered, is_blocked, contacts)
        SELECT t.dlma, t.stage, t.status, t.is_answered, t.is_blocked, sum(t.contacts)
        FROM taken t
        GROUP BY 1, 2, 3, 4, 5
        ON CONFLICT (dlma, stage, status, is_answered, is_blocked) DO UPDATE SET contacts = k.contacts + excluded.contacts
    )
    SELECT count(*), array_agg(DISTINCT t.dlma) INTO v_count, v_lists FROM taken t;
    DELETE FROM list_count k WHERE k.dlma = ANY (v_lists) AND k.contacts = 0;
    RETURN v_count;
END
$$;

-- How many contacts a list has, and where they stand. p_limits are the tries allowed on each number; null leaves what depends on
-- them null. A contact being dialed or reserved counts as that and nothing else. Costs the stages the list has, not its contacts.
CREATE FUNCTION list_counts(
    p_dlma uuid, p_limits smallint[], OUT o_total bigint, OUT o_untouched bigint, OUT o_dialing bigint,
    OUT o_reserved bigint, OUT o_answered bigint, OUT o_left bigint, OUT o_blocked bigint
)
LANGUAGE sql STABLE AS $$
    SELECT
        coalesce(sum(c.contacts), 0),
        coalesce(sum(c.contacts) FILTER (WHERE c.stage >> 52 = 0), 0),
        coalesce(sum(c.contacts) FILTER (WHERE c.status = 1), 0),
        coalesce(sum(c.contacts) FILTER (WHERE c.status = 2), 0),
        coalesce(sum(c.contacts) FILTER (WHERE c.status = 0 AND c.is_answered), 0),
        CASE WHEN p_limits IS NOT NULL THEN
            coalesce(sum(c.contacts) FILTER (
                WHERE c.status = 0 AND NOT c.is_answered AND stage_is_dialable(c.stage, p_limits)
            ), 0)
        END,
        coalesce(sum(c.contacts) FILTER (WHERE c.is_blocked), 0)
    FROM (
        SELECT k.stage, k.status, k.is_answered, k.is_blocked, k.contacts FROM list_count k WHERE k.dlma = p_dlma
        UNION ALL
        SELECT k.stage, k.status, k.is_answered, k.is_blocked, k.contacts FROM list_count_change k WHERE k.dlma = p_dlma
    ) AS c
$$;

-- The tries each campaign's plan allows on a list's numbers, the most of them where several campaigns have it; null when none has.
-- A stage may be dialed by these exactly when it may be dialed by one of the plans.
CREATE FUNCTION list_limits(p_dlma uuid) RETURNS smallint[] LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN count(*) > 0 THEN ARRAY[
        max(p.max_retry_cnt_1), max(p.max_retry_cnt_2), max(p.max_retry_cnt_3), max(p.max_retry_cnt_4),
        max(p.max_retry_cnt_5), max(p.max_retry_cnt_6), max(p.max_retry_cnt_7), max(p.max_retry_cnt_8)
    ] END
    FROM campaign c
    JOIN plan p ON p.uuid = c.plan
    WHERE c.dlma = p_dlma AND c.in_use AND p.in_use
$$;

CREATE TABLE list_job (
    seq bigint GENERATED ALWAYS AS IDENTITY,
    uuid uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('recycle', 'move', 'delete')),
    dlma uuid NOT NULL REFERENCES dial_list_master (uuid),
    target uuid REFERENCES dial_list_master (uuid) CHECK (target <> dlma),
    -- Whom it takes; null lets all pass.
    statuses smallint[],
    results integer[],
    takes_failed boolean NOT NULL DEFAULT false,
    is_tried boolean,
    since timestamptz,
    until timestamptz,
    is_reset_whole boolean NOT NULL DEFAULT false,
    status smallint NOT NULL DEFAULT 0 CHECK (status BETWEEN 0 AND 4),
    -- It walks over the list in the order of creation: behind the one, up to the other.
    place bigint NOT NULL DEFAULT 0,
    last_place bigint NOT NULL,
    contacts_total bigint NOT NULL,
    contacts_seen bigint NOT NULL DEFAULT 0,
    contacts_changed bigint NOT NULL DEFAULT 0,
    contacts_waiting bigint NOT NULL DEFAULT 0,
    message text,
    tm_create timestamptz NOT NULL DEFAULT clock_timestamp(),
    tm_start timestamptz,
    tm_end timestamptz,
    CHECK ((kind = 'move') = (target IS NOT NULL))
) WITH (fillfactor = 50);
COMMENT ON TABLE list_job IS 'Work on many contacts of a list, done a few thousand at a time';
COMMENT ON COLUMN list_job.status IS '0 waiting, 1 running, 2 done, 3 failed, 4 cancelled';
COMMENT ON COLUMN list_job.results IS 'Values of res_dial; with takes_failed also every other than 3, 4, 5 and 8 of a contact that was called';
COMMENT ON COLUMN list_job.is_reset_whole IS 'A recycled contact is as if it had never been called; else only its tries are forgotten';
COMMENT ON COLUMN list_job.contacts_waiting IS 'Contacts it came upon while they were in a call or locked; it comes back for them';
CREATE UNIQUE INDEX list_job_page ON list_job (seq);
CREATE UNIQUE INDEX list_job_open ON list_job (dlma) WHERE status < 2;

-- Whom a job has to come back for.
CREATE TABLE list_job_left (
    job uuid NOT NULL REFERENCES list_job (uuid) ON DELETE CASCADE,
    entry uuid NOT NULL,
    PRIMARY KEY (job, entry)
) WITH (autovacuum_vacuum_scale_factor = 0.2, autovacuum_vacuum_threshold = 1000);

-- Whether a contact is somebody else's for the moment: in a call, or shown to an agent who may call it. One that is to be deleted
-- may be shown.
CREATE FUNCTION job_has_to_wait(p_job list_job, p_contact dial_list_entry) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT p_contact.status = 1 OR p_contact.status = 2 AND p_contact.resv_until IS NOT NULL AND p_job.kind <> 'delete'
$$;

-- Whether a job takes a contact. A recycled one must have something to forget.
CREATE FUNCTION job_takes(p_job list_job, p_contact dial_list_entry) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT (p_job.statuses IS NULL OR p_contact.status = ANY (p_job.statuses))
        AND (
            p_job.results IS NULL OR p_contact.res_dial = ANY (p_job.results)
            OR p_job.takes_failed AND p_contact.res_dial NOT IN (3, 4, 5, 8)
                AND (p_contact.stage >> 52 > 0 OR p_contact.tm_last_hangup IS NOT NULL)
        )
        AND (p_job.is_tried IS NULL OR p_job.is_tried = (p_contact.stage >> 52 > 0))
        AND (p_job.since IS NULL OR p_contact.tm_last_hangup >= p_job.since)
        AND (p_job.until IS NULL OR p_contact.tm_last_hangup < p_job.until)
        AND (
            p_job.kind <> 'recycle' OR p_contact.stage >> 52 > 0 OR p_contact.res_dial = 4
            OR p_job.is_reset_whole AND (p_contact.res_dial <> 0 OR p_contact.tm_last_hangup IS NOT NULL)
        )
$$;

-- Does what a job is for to locked contacts. Returns to how many.
CREATE FUNCTION apply_list_job(p_job list_job, p_entries uuid[]) RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_count integer;
BEGIN
    CASE p_job.kind
    WHEN 'recycle' THEN
        UPDATE dial_list_entry e SET
            trycnt_1 = 0, trycnt_2 = 0, trycnt_3 = 0, trycnt_4 = 0,
            trycnt_5 = 0, trycnt_6 = 0, trycnt_7 = 0, trycnt_8 = 0,
            -- An answered contact would not be called again, whatever its tries.
            res_dial = CASE WHEN p_job.is_reset_whole OR e.res_dial = 4 THEN 0 ELSE e.res_dial END,
            res_dial_detail = CASE WHEN p_job.is_reset_whole OR e.res_dial = 4 THEN NULL ELSE e.res_dial_detail END,
            res_hangup = CASE WHEN p_job.is_reset_whole THEN 0 ELSE e.res_hangup END,
            res_hangup_detail = CASE WHEN p_job.is_reset_whole THEN NULL ELSE e.res_hangup_detail END,
            tm_last_dial = CASE WHEN p_job.is_reset_whole THEN NULL ELSE e.tm_last_dial END,
            tm_last_hangup = CASE WHEN p_job.is_reset_whole THEN NULL ELSE e.tm_last_hangup END,
            tm_update = clock_timestamp()
        WHERE e.uuid = ANY (p_entries);
    WHEN 'move' THEN
        UPDATE dial_list_entry e SET dlma_uuid = p_job.target, tm_update = clock_timestamp()
        WHERE e.uuid = ANY (p_entries);
    WHEN 'delete' THEN
        UPDATE dial_list_entry e SET in_use = false, tm_delete = clock_timestamp()
        WHERE e.uuid = ANY (p_entries);
    END CASE;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
END
$$;

-- One step of a job, a transaction of its own: the next p_count contacts of the list, or, once it was walked to its end, of those
-- who had to wait. Contacts that are locked or have to wait are passed over and remembered, so nobody waits for a step, and a step
-- for nobody. No row when the job is over or another does a step of it.
CREATE FUNCTION step_list_job(p_job uuid, p_count integer)
RETURNS TABLE (o_is_held_up boolean, o_job list_job)
LANGUAGE plpgsql VOLATILE ROWS 1
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_mergejoin = off SET jit = off
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_job list_job;
    v_entries uuid[];
    v_held uuid[];
    v_place bigint;
    v_seen integer := 0;
    v_changed integer := 0;
BEGIN
    SELECT j.* INTO v_job FROM list_job j WHERE j.uuid = p_job AND j.status < 2 FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF v_job.kind = 'move' THEN
        -- Kept from being deleted until the contacts are there: a deletion takes along all who are.
        PERFORM FROM dial_list_master l WHERE l.uuid = v_job.target AND l.in_use FOR KEY SHARE;
        IF NOT FOUND THEN
            DELETE FROM list_job_left l WHERE l.job = p_job;
            UPDATE list_job j SET
                status = 3, contacts_waiting = 0, message = 'the list the contacts were to go to was deleted',
                tm_end = clock_timestamp()
            WHERE j.uuid = p_job
            RETURNING j.* INTO v_job;
            RETURN QUERY SELECT false, v_job;
            RETURN;
        END IF;
    END IF;

    v_place := v_job.last_place;
    IF v_job.place < v_job.last_place THEN
        SELECT array_agg(w.uuid), count(*), max(w.seq) INTO v_entries, v_seen, v_place
        FROM (
            SELECT e.uuid, e.seq
            FROM dial_list_entry e
            WHERE e.dlma_uuid = v_job.dlma AND e.in_use AND e.seq > v_job.place AND e.seq <= v_job.last_place
            ORDER BY e.seq
            LIMIT p_count
        ) AS w;
        IF v_seen < p_count THEN
            v_place := v_job.last_place;
        END IF;
    ELSE
        WITH ready AS MATERIALIZED (
            SELECT l.entry
            FROM list_job_left l
            JOIN dial_list_entry e ON e.uuid = l.entry
            WHERE l.job = p_job AND NOT job_has_to_wait(v_job, e)
            LIMIT p_count
        ), taken AS (
            DELETE FROM list_job_left l USING ready r WHERE l.job = p_job AND l.entry = r.entry
        )
        SELECT array_agg(r.entry) INTO v_entries FROM ready r;
    END IF;

    IF v_entries IS NOT NULL THEN
        -- Not asked with an equals sign, which an index takes: a planner that knows nothing of the list would walk over all of it.
        SELECT coalesce(array_agg(h.uuid), '{}') INTO v_held
        FROM (
            SELECT e.uuid
            FROM dial_list_entry e
            WHERE e.uuid = ANY (v_entries) AND e.dlma_uuid IS NOT DISTINCT FROM v_job.dlma AND e.in_use
                AND NOT job_has_to_wait(v_job, e) AND job_takes(v_job, e)
            FOR NO KEY UPDATE SKIP LOCKED
        ) AS h;
        INSERT INTO list_job_left (job, entry)
        SELECT p_job, e.uuid
        FROM dial_list_entry e
        WHERE e.uuid = ANY (v_entries) AND e.dlma_uuid IS NOT DISTINCT FROM v_job.dlma AND e.in_use
            AND (job_has_to_wait(v_job, e) OR job_takes(v_job, e))
            AND NOT EXISTS (SELECT FROM unnest(v_held) AS h (uuid) WHERE h.uuid = e.uuid);
        v_changed := apply_list_job(v_job, v_held);
    END IF;

    UPDATE list_job j SET
        status = CASE WHEN v_place < j.last_place OR w.waiting > 0 THEN 1 ELSE 2 END,
        place = v_place,
        contacts_seen = j.contacts_seen + v_seen,
        contacts_changed = j.contacts_changed + v_changed,
        contacts_waiting = w.waiting,
        tm_start = coalesce(j.tm_start, clock_timestamp()),
        tm_end = CASE WHEN v_place < j.last_place OR w.waiting > 0 THEN NULL ELSE clock_timestamp() END
    FROM (SELECT count(*) AS waiting FROM list_job_left l WHERE l.job = p_job) AS w
    WHERE j.uuid = p_job
    RETURNING j.* INTO v_job;
    RETURN QUERY SELECT v_job.status = 1 AND v_seen = 0 AND v_changed = 0, v_job;
END
$$;
