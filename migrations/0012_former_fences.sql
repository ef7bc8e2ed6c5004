-- What the last start of an engine may still write: nobody has taken it over. Before the engine has registered anew.
--
-- Leases whose holder no engine is any more are among it: a start that registered and ended before it took anything over has replaced
-- the one its results are of.
CREATE OR REPLACE FUNCTION former_fences(p_name text) RETURNS bigint[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(l.fence), '{}')
        || CASE WHEN bool_or(l.key = '') OR NOT EXISTS (SELECT FROM engine o WHERE o.tm_until > clock_timestamp()) THEN '{0}'::bigint[]
            ELSE '{}'::bigint[] END
    FROM campaign_lease l
    LEFT JOIN engine e ON e.uuid = l.engine
    WHERE e.uuid IS NULL OR e.name = p_name
$$;
