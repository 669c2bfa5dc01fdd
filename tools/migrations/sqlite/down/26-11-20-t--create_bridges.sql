DROP TABLE streak_bridge;

DROP TABLE amnesty;

UPDATE gamify_version SET version_num = '26_11_20_s' WHERE version_num = '26_11_20_t';
