-- Takes back: the receipts of counted events.
-- Data: WARNING: all go, so an event that is sent again counts again.

DROP TABLE IF EXISTS event_receipt;

UPDATE gamify_version SET version_num = '26_11_20_i' WHERE version_num = '26_11_20_j';
