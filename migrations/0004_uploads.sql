-- Lists that come as files: uploads, what they refused, and finding the contacts a file names.

CREATE TABLE upload (
    seq bigint GENERATED ALWAYS AS IDENTITY,
    uuid uuid PRIMARY KEY,
    dlma uuid NOT NULL REFERENCES dial_list_master (uuid),
    name text,
    status smallint NOT NULL DEFAULT 0 CHECK (status BETWEEN 0 AND 5),
    is_dry_run boolean NOT NULL,
    is_all_or_nothing boolean NOT NULL,
    duplicate_scope text CHECK (duplicate_scope IN ('file', 'list', 'all')),
    duplicate_key text CHECK (duplicate_key IN ('ukey', 'number')),
    duplicate_action text CHECK (duplicate_action IN ('skip', 'update', 'error')),
    bytes_total bigint,
    bytes_read bigint NOT NULL DEFAULT 0,
    rows_read bigint NOT NULL DEFAULT 0,
    rows_rejected bigint NOT NULL DEFAULT 0,
    rows_duplicate bigint NOT NULL DEFAULT 0,
    rows_staged bigint NOT NULL DEFAULT 0,
    rows_moved bigint NOT NULL DEFAULT 0,
    rows_loaded bigint NOT NULL DEFAULT 0,
    rows_updated bigint NOT NULL DEFAULT 0,
    is_cancelled boolean NOT NULL DEFAULT false,
    message text,
    tm_create timestamptz NOT NULL DEFAULT clock_timestamp(),
    tm_received timestamptz,
    tm_end timestamptz
) WITH (fillfactor = 50);
COMMENT ON TABLE upload IS 'One file of contacts: where it stands, and what became of its rows';
COMMENT ON COLUMN upload.status IS '0 receiving, 1 waiting, 2 loading, 3 done, 4 failed, 5 cancelled';
COMMENT ON COLUMN upload.rows_moved IS 'Rows that left the staging table, while the load is not committed yet';
CREATE UNIQUE INDEX upload_page ON upload (seq);
CREATE INDEX upload_open ON upload (seq) WHERE status < 3;

CREATE TABLE upload_reject (
    id bigint GENERATED ALWAYS AS IDENTITY,
    upload uuid NOT NULL REFERENCES upload (uuid) ON DELETE CASCADE,
    line bigint NOT NULL,
    field text,
    reason text NOT NULL,
    excerpt text NOT NULL
);
COMMENT ON TABLE upload_reject IS 'Rows that were refused, up to a limit for each upload';
CREATE UNIQUE INDEX upload_reject_page ON upload_reject (upload, line, id);

-- A hash: a key may be longer than an index takes.
CREATE INDEX dial_list_entry_ukey ON dial_list_entry (hashtextextended(ukey, 0), dlma_uuid)
    WHERE in_use AND ukey IS NOT NULL;

-- The number that is dialed first.
CREATE INDEX dial_list_entry_number ON dial_list_entry (
    (coalesce(number_1, number_2, number_3, number_4, number_5, number_6, number_7, number_8) COLLATE "C"), dlma_uuid
) WHERE in_use;
