-- Takes back: the scores on boards.
-- Data: none is lost for good; `flask gamify boards rebuild` makes them from ledger_entry.

DROP TABLE IF EXISTS board_score;

UPDATE gamify_version SET version_num = '26_11_20_x' WHERE version_num = '26_11_20_y';
