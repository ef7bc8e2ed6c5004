-- Whoever locks several calls at once locks them in the order of their uuids, as results do (leased_dialings). In another order the
-- two may wait for each other, and no result is written until the server finds that out, a second later.
CREATE OR REPLACE FUNCTION move_lease(p_lease campaign_lease, p_engine uuid) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_fence bigint := nextval('lease_fence');
BEGIN
    UPDATE campaign_lease l SET engine = p_engine, fence = v_fence, successor = NULL WHERE l.key = p_lease.key;
    PERFORM FROM dialing d WHERE d.fence = p_lease.fence ORDER BY d.uuid FOR UPDATE;
    UPDATE dialing d SET fence = v_fence WHERE d.fence = p_lease.fence;
END
$$;
