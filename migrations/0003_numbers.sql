-- Numbers in international form, and what was written before.

ALTER TABLE dial_list_master
    ADD COLUMN default_region text CHECK (default_region ~ '^[A-Z]{2}$'),
    ADD COLUMN number_format text CHECK (number_format IN ('raw', 'e164'));
COMMENT ON COLUMN dial_list_master.number_format IS 'raw: numbers are dialed as given; e164: in international form';

ALTER TABLE dial_list_entry ADD COLUMN number_originals json;
COMMENT ON COLUMN dial_list_entry.number_originals IS 'Numbers as they were written, by slot; null when all are dialed so';
