-- Abandonment as the law counts it: what a plan says about it, and what each campaign has done hour by hour.

ALTER TABLE plan
    ADD COLUMN pacing text NOT NULL DEFAULT 'predictive' CHECK (pacing IN ('predictive', 'progressive', 'ratio', 'jade')),
    ADD COLUMN abandon_target double precision NOT NULL DEFAULT 0.03 CHECK (abandon_target BETWEEN 0 AND 1),
    ADD COLUMN abandon_grace double precision NOT NULL DEFAULT 2 CHECK (abandon_grace BETWEEN 0.1 AND 60),
    ADD COLUMN abandon_dest uuid REFERENCES destination (uuid),
    ADD COLUMN machine_handle text NOT NULL DEFAULT 'connect' CHECK (machine_handle IN ('connect', 'hangup', 'divert')),
    ADD COLUMN machine_dest uuid REFERENCES destination (uuid);
ALTER TABLE plan
    ADD CONSTRAINT plan_machine_dest_check CHECK (machine_handle <> 'divert' OR machine_dest IS NOT NULL);
COMMENT ON COLUMN plan.abandon_target IS 'The share of live answers that may be abandoned';
COMMENT ON COLUMN plan.abandon_grace IS 'Seconds from the answer after which a call without an agent is abandoned';
CREATE INDEX plan_abandon_dest ON plan (abandon_dest) WHERE abandon_dest IS NOT NULL;
CREATE INDEX plan_machine_dest ON plan (machine_dest) WHERE machine_dest IS NOT NULL;

ALTER TABLE destination ADD COLUMN queue text;
COMMENT ON COLUMN destination.queue IS 'The queue an extension ends in';

-- One row an hour in which people answered, by the hour of the answer; at most 744 of them (31 days) a campaign.
CREATE TABLE campaign_hour (
    campaign uuid NOT NULL,
    -- Hours since 1970-01-01 00:00 UTC.
    hour bigint NOT NULL,
    live bigint NOT NULL DEFAULT 0 CHECK (live >= 0),
    abandoned bigint NOT NULL DEFAULT 0 CHECK (abandoned BETWEEN 0 AND live),
    PRIMARY KEY (campaign, hour)
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
COMMENT ON TABLE campaign_hour IS 'Calls people answered, and of these the abandoned ones, hour by hour';

-- Lets go of what is older than the newest 744 hours. Called when a campaign's row of a new hour is made, so it costs a walk
-- over one campaign's hours once an hour.
CREATE FUNCTION prune_campaign_hours(p_campaign uuid) RETURNS void LANGUAGE sql VOLATILE AS $$
    DELETE FROM campaign_hour
    WHERE campaign = p_campaign
        AND hour < (SELECT hour FROM campaign_hour WHERE campaign = p_campaign ORDER BY hour DESC OFFSET 743 LIMIT 1)
$$;

DROP FUNCTION finish_dialings(
    uuid[], integer[], integer[], text[], integer[], text[], bigint[], boolean[], boolean[], double precision[],
    double precision[], text[], text[], text[]
);

-- Ends calls: whoever removes the open dialing row writes its one result, so that doing it again does nothing.
-- p_answered is when a person answered, in microseconds since 1970; null for every other call.
CREATE FUNCTION finish_dialings(
    p_dialing uuid[], p_status integer[], p_res_dial integer[], p_res_dial_detail text[], p_res_hangup integer[],
    p_res_hangup_detail text[], p_ended bigint[], p_abandoned boolean[], p_connected boolean[], p_wait double precision[],
    p_talk double precision[], p_agent text[], p_queue text[], p_answered bigint[], p_line text[]
)
RETURNS integer
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
DECLARE
    v_count integer;
    v_new_hours uuid[];
BEGIN
    WITH input AS MATERIALIZED (
        SELECT DISTINCT ON (i.dialing) i.*, timestamptz 'epoch' + i.ended * interval '1 microsecond' AS tm_end
        FROM unnest(
            p_dialing, p_status, p_res_dial, p_res_dial_detail, p_res_hangup, p_res_hangup_detail, p_ended, p_abandoned,
            p_connected, p_wait, p_talk, p_agent, p_queue, p_answered, p_line
        ) WITH ORDINALITY AS i (
            dialing, status, res_dial, res_dial_detail, res_hangup, res_hangup_detail, ended, abandoned,
            connected, wait, talk, agent, queue, answered, line, place
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
    ), hours AS (
        INSERT INTO campaign_hour AS h (campaign, hour, live, abandoned)
        SELECT c.campaign, floor(c.answered / 3600000000.0)::bigint AS hour,
            count(*), count(*) FILTER (WHERE c.abandoned)
        FROM closed c
        -- Whoever counts the same campaigns does so in the same order, after the counters' rows.
        WHERE c.answered IS NOT NULL AND (SELECT count(*) FROM counted) >= 0
        GROUP BY 1, 2
        ORDER BY 1, 2
        ON CONFLICT (campaign, hour) DO UPDATE SET
            live = h.live + excluded.live,
            abandoned = h.abandoned + excluded.abandoned
        -- A row that was only updated has the number of this transaction there.
        RETURNING h.campaign, h.xmax = 0 AS is_new
    ), numbers AS MATERIALIZED (
        -- Counting the others' rows makes them come first, so that the one row everybody needs is held shortly.
        SELECT take_result_numbers((SELECT count(*) FROM closed)) AS first
        WHERE (SELECT count(*) FROM contact) >= 0 AND (SELECT count(*) FROM counted) >= 0 AND (SELECT count(*) FROM hours) >= 0
    ), written AS (
        INSERT INTO dialing_result (
            sequence, dialing, snapshot, campaign, plan, dlma, destination, entry, status, res_dial, res_hangup, is_abandoned,
            wait_seconds, talk_seconds, agent, queue, tm_claim, tm_end, line
        )
        SELECT n.first + row_number() OVER (ORDER BY c.place) - 1,
            c.uuid, c.snapshot, c.campaign, c.plan, c.dlma, c.destination, c.entry, c.status, c.res_dial, c.res_hangup,
            c.abandoned, c.wait, c.talk, c.agent, c.queue, c.tm_create, c.tm_end, c.line
        FROM closed c
        CROSS JOIN numbers n
        RETURNING sequence
    )
    SELECT (SELECT count(*) FROM written), (SELECT array_agg(DISTINCT h.campaign) FROM hours h WHERE h.is_new)
    INTO v_count, v_new_hours;
    IF v_new_hours IS NOT NULL THEN
        PERFORM prune_campaign_hours(c.campaign) FROM unnest(v_new_hours) AS c (campaign);
    END IF;
    RETURN v_count;
END
$$;
