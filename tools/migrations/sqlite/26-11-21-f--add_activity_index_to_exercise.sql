-- The host's own tables are left alone here: it has no online way to add an index.

UPDATE gamify_version SET version_num = '26_11_21_f' WHERE version_num = '26_11_21_e';
